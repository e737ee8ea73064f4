"""What one does to a change as a whole: one key or word, a small form where something is to be said, a command.

Any screen that shows changes opens the same forms: `begin_act`. Nothing here knows a rule; a refusal comes from the
desk and is shown with its reason, and what was typed stays.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskterm.desk.changes.rights import ChangeAct
from deskterm.desk.changes.window import as_it_is
from deskterm.desk.records.change import ChangeState
from deskterm.screens.acts import once
from deskterm.screens.base import DeskScreen
from deskterm.store.base import Conflict

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView
    from deskterm.screens.change_forms import ActForm
    from deskterm.screens.form import FormScreen, Outcome, Values

Then = Callable[[], None]
"""Called once something was done."""


def begin_act(
    screen: DeskScreen, view: ChangeView, act: ChangeAct | str, argument: str = "", then: Then | None = None
) -> None:
    """Do an act to a change, as somebody sees it: at once, or by the form that asks for what it needs.

    `act` is an act of the change table, or "contact" for a talk with the customer. Refusals are said on the screen.
    """
    from deskterm.screens.change_forms import AT_ONCE

    allowed = next((each for each in view.may if each.act == (ChangeAct.NOTE if act == "contact" else act)), None)
    if allowed is not None and not allowed.allowed:
        screen.say(allowed.reason, "refused")
        return
    # What is typed right after the key is meant for the form, or for what the act leads to.
    screen.host.hold_keys()
    is_default = act is ChangeAct.ROLL_BACK and as_it_is(view.change, screen.host.now()).state is ChangeState.OVERRUN
    if act in AT_ONCE or is_default:
        screen.begin(_at_once(screen, view, ChangeAct(act), then))
    else:
        screen.begin(_by_form(screen, view, act, argument, then))


async def _at_once(screen: DeskScreen, view: ChangeView, act: ChangeAct, then: Then | None) -> None:
    from deskterm.desk.commands import changes as commands
    from deskterm.screens.change_forms import AT_ONCE

    name, said = AT_ONCE.get(act, ("RollBack", "{ref}: rolling back. Tick the steps as they are done."))
    command: Any = getattr(commands, name)
    try:
        await screen.host.store.submit(command(change=view.change.id, seen=view.change.version))
        screen.say(said.format(ref=view.change.ref), "done")
        if then is not None:
            then()
    finally:
        screen.host.release_keys()


async def _by_form(
    screen: DeskScreen, view: ChangeView, act: ChangeAct | str, argument: str, then: Then | None
) -> None:
    from deskterm.screens.change_forms import FORMS

    try:
        show_form(screen, view, FORMS[act](screen.host, view, argument), then)
    finally:
        screen.host.release_keys()


def show_form(screen: DeskScreen, view: ChangeView, made: ActForm, then: Then | None = None) -> None:
    """Open a form about a change; what it makes is submitted once, and a conflict is said before it is decided."""
    told: list[int] = []

    async def submit(values: Values, draft: str) -> Outcome:
        from deskterm.screens.form import Outcome

        command: Any = made.make(values)
        if path := values.get("file", ""):
            from deskterm.store.attaching import attach

            command = command.model_copy(update={"file": await attach(screen.host.store, Path(path))})
        if told and command.seen is not None:
            # They have been told: the next Enter decides with what happened meanwhile in view.
            command = command.model_copy(update={"seen": told[-1]})
        try:
            await screen.host.store.submit(once(command, draft))
        except Conflict as error:
            told.append(error.version)
            raise
        return Outcome(made.said.format(ref=view.change.ref))

    def done(outcome: Outcome | None) -> None:
        if outcome is not None:
            screen.say(outcome.said, outcome.tone)
            if then is not None:
                then()

    screen.app.push_screen(_screen_of(screen, view, made, submit), done)


def _screen_of(screen: DeskScreen, view: ChangeView, made: ActForm, submit: Any) -> FormScreen:
    from deskterm.screens.form import FormScreen
    from deskterm.screens.window_form import WindowForm

    if any(field.key in ("starts", "ends") for field in made.form.fields):
        wanted = frozenset(lack.field for lack in view.standing)
        return WindowForm(made.form, submit, view.change, wanted)
    return FormScreen(made.form, submit)


class ChangeActs(DeskScreen):
    """A screen with a change in front, to act on."""

    def view_in_front(self) -> ChangeView | None:
        """The change to act on, as it is shown."""
        return None

    def acted(self) -> None:
        """Something was done to it."""

    def do(self, act: ChangeAct | str, argument: str = "") -> None:
        """Do an act to the change in front."""
        if (view := self.view_in_front()) is None:
            self.say("There is no change here to act on.", "refused")
        else:
            begin_act(self, view, act, argument, self.acted)

    def act_submit(self, argument: str) -> None:
        """Give the form in (C1)."""
        self.do(ChangeAct.SUBMIT)

    def act_assess(self, argument: str) -> None:
        """Begin to assess it (C2)."""
        self.do(ChangeAct.ASSESS)

    def act_send(self, argument: str) -> None:
        """Record that the form was sent (C2)."""
        self.do(ChangeAct.SEND, argument)

    def act_approve(self, argument: str) -> None:
        """Record the customer's agreement (C3)."""
        self.do(ChangeAct.APPROVE, argument)

    def act_reject(self, argument: str) -> None:
        """Record that the customer does not agree (C3)."""
        self.do(ChangeAct.REJECT, argument)

    def act_spoken(self, argument: str) -> None:
        """Record the spoken word in an emergency (C10)."""
        self.do(ChangeAct.SPOKEN, argument)

    def act_schedule(self, argument: str) -> None:
        """Put it into its window (C4)."""
        self.do(ChangeAct.SCHEDULE)

    def act_start(self, argument: str) -> None:
        """Begin the work (C4)."""
        self.do(ChangeAct.START)

    def act_test(self, argument: str) -> None:
        """Begin the tests (C5)."""
        self.do(ChangeAct.TEST)

    def act_finish(self, argument: str) -> None:
        """Say that it is made (C5)."""
        self.do(ChangeAct.FINISH)

    def act_roll_back(self, argument: str) -> None:
        """Begin to roll back (C6, C9)."""
        self.do(ChangeAct.ROLL_BACK, argument)

    def act_extend(self, argument: str) -> None:
        """Record the customer's return message (C8)."""
        self.do(ChangeAct.EXTEND, argument)

    def act_rolled_back(self, argument: str) -> None:
        """Say that all is as before (C9)."""
        self.do(ChangeAct.ROLLED_BACK)

    def act_reschedule(self, argument: str) -> None:
        """Give it another window (C9)."""
        self.do(ChangeAct.RESCHEDULE, argument)

    def act_return(self, argument: str) -> None:
        """Put it into its new window (C9)."""
        self.do(ChangeAct.RETURN)

    def act_resend(self, argument: str) -> None:
        """Send the changed form (C9)."""
        self.do(ChangeAct.RESEND, argument)

    def act_complete_form(self, argument: str) -> None:
        """Say that the form was completed afterwards (C11)."""
        self.do(ChangeAct.COMPLETE_FORM)

    def act_review(self, argument: str) -> None:
        """Take it to review (C12)."""
        self.do(ChangeAct.REVIEW)

    def act_close(self, argument: str) -> None:
        """Close it (C12)."""
        self.do(ChangeAct.CLOSE, argument)

    def act_cancel(self, argument: str) -> None:
        """Call it off (C13)."""
        self.do(ChangeAct.CANCEL, argument)

    def act_note(self, argument: str) -> None:
        """Write a note (T7)."""
        self.do(ChangeAct.NOTE, argument)

    def act_contact(self, argument: str) -> None:
        """Record a talk with the customer (T7)."""
        self.do("contact", argument)
