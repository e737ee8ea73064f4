"""The way on of a change: what its keys come to as it stands, what they are called, and the next step by one key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deskterm.actions import BY_ID, Action, at
from deskterm.desk.changes.rights import CHANGE_BY_ACT, ChangeAct
from deskterm.desk.records.change import ChangeState, Section
from deskterm.screens.change_rows import ChangeRows
from deskterm.widgets.change_face import is_to_be_said

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView

_ACTS = frozenset(ChangeAct)


class ChangeSteps(ChangeRows):
    """A screen with a change in front, which goes from state to state."""

    def show_page(self, page: int) -> None:
        """Bring a page to the front: 1 is the head of the form, 2 to 7 its sections, 8 the thread."""
        raise NotImplementedError

    def why_not(self, action: Action) -> str | None:
        """What the desk would refuse on this change now, and why."""
        view = self.view_in_front()
        if view is None:
            return None if not action.act else "There is no change here to act on."
        act = self.act_of(action, view)
        if action.id == "onward" and act is None:
            return f"It has ended: {view.change.state}."
        if act is None:
            return super().why_not(action)
        return next((found.reason for found in view.may if found.act is act and not found.allowed), None)

    def act_of(self, action: Action, view: ChangeView) -> ChangeAct | None:
        """The row of the change table that an action comes to, as the change stands."""
        if action.id == "onward":
            return view.next_act
        if action.id == "amend":
            return ChangeAct.FILL
        if action.id == "tick":
            section = self.section_in_front()
            return self.TICKED.get(section) if section else None
        return ChangeAct(action.act) if "change" in action.places and action.act in _ACTS else None

    def act_onward(self, argument: str) -> None:
        """F8: the next step; what stands in the line is saved first."""
        view = self.view_in_front()
        if self.editing is not None and self.editor.is_changed:
            self.host.hold_keys()
            self.begin(self._save_then_on())
        elif view and view.next_act:
            self.leave_row()
            wanting = [lack for lack in view.standing if lack.field and not is_to_be_said(lack)]
            if wanting and view.next_act is not ChangeAct.SPOKEN:
                self.show_lack(view, wanting[0].field)
            self.do(view.next_act, argument)

    async def _save_then_on(self) -> None:
        try:
            self.host.hold_keys()
            await self._save_and_release("list")
            if self.editing is None:
                self.act_onward("")
        finally:
            self.host.release_keys()

    def show_lack(self, view: ChangeView, field: str) -> None:
        """Go to where something is wanting."""
        row = next((each for each in view.change.rows if f"row.{each.id}" == field), None)
        section = row.section if row else next((each for each in Section if each.value == field), None)
        if row is not None:
            self.put_cursor(row.id)
        self.show_page(section.number if section else 1)

    # -- what its keys are called

    def hinted(self, view: ChangeView) -> list[Action]:
        """The keys of the place: only what belongs to the page, and the way on by its name."""
        section = self.section_in_front()
        names = {"onward": CHANGE_BY_ACT[view.next_act].title if view.next_act else "Ended"}
        if self.editing is not None:
            return self._typing(names["onward"])
        hidden = {"new-call"} | (set() if section else {"add-row", "remove-row"})
        if view.next_act is not ChangeAct.START:
            hidden |= {"start"}
        if not self.can_undo:
            hidden |= {"undo"}
        if section not in self.TICKED:
            hidden |= {"tick"}
        if section is not Section.TESTING:
            hidden |= {"failed"}
        if not view.change.state.is_work and view.change.state is not ChangeState.OVERRUN:
            hidden |= {"roll-back", "extend"}
        if view.next_act is ChangeAct.ROLL_BACK:
            hidden |= {"roll-back"}
        if self.why_not(BY_ID["add-row"]):
            hidden |= {"add-row", "remove-row", "open"}
        names["tick"] = "Passed" if section is Section.TESTING else "Tick"
        names["open"] = "Edit" if section else "Fill in"
        places = {"open": 7, "add-row": 8 if view.change.state.is_work else BY_ID["add-row"].hint}
        return [
            replace(a, name=names.get(a.id, a.name), hint=0 if a.id in hidden else places.get(a.id, a.hint))
            for a in at("change")
        ]

    def _typing(self, onward: str) -> list[Action]:
        """The keys of the line that is typed in."""
        assert self.editing is not None
        is_new = self.editing.before is None
        names = {
            "open": "Next row" if is_new else "Save",
            "next-view": "Owner, next section",
            "split": "" if is_new else "Split",
            "onward": onward,
            "back": "Leave",
        }
        places = {name: number for number, name in enumerate(names, 1)} | {"back": 50}
        return [replace(a, name=names[a.id], hint=places[a.id]) for a in at("change") if names.get(a.id)]
