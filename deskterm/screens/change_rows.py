"""What one does with the rows of a change's form, a key each: edit, add, move, split, tick, take out (C1, C4-C6)."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID

from deskterm.desk.changes.rights import ChangeAct
from deskterm.desk.record import new_id
from deskterm.desk.records.change import Row, Section
from deskterm.screens.change_acts import begin_act, show_form
from deskterm.screens.change_filling import ROWS, ChangeFilling
from deskterm.screens.change_forms import FORMS, ActForm, read_moment
from deskterm.screens.change_header import HEAD, head_form
from deskterm.screens.form import Field, Form, Values
from deskterm.store.base import StoreError
from deskterm.widgets.change_rows import RowsPage

_FAILED: Final = "failed"


class ChangeRows(ChangeFilling):
    """A screen with the sections of a change's form, one in front."""

    TICKED: ClassVar[dict[Section, ChangeAct]] = {
        Section.PREREQUISITES: ChangeAct.PREPARE,
        Section.IMPLEMENTATION: ChangeAct.STEP,
        Section.TESTING: ChangeAct.RESULT,
        Section.ROLLBACK: ChangeAct.UNDO_STEP,
    }
    """The act that doing a row of a section is."""

    def __init__(self) -> None:
        super().__init__()
        self._cursors: dict[Section, UUID] = {}
        self._removed: list[tuple[Row, UUID | None]] = []

    @property
    def can_undo(self) -> bool:
        """Whether a row was taken out here that can be brought back."""
        view = self.view_in_front()
        return any(view.change.row(row.id) is None for row, _ in self._removed) if view else False

    # -- the cursor

    def _rows(self) -> tuple[Row, ...]:
        section, view = self.section_in_front(), self.view_in_front()
        return view.change.rows_of(section) if section and view else ()

    def cursor_row(self) -> Row | None:
        """The row under the cursor: the one it was put on, else the first that is not done, else the first."""
        rows, section = self._rows(), self.section_in_front()
        if not rows or section is None:
            return None
        put = next((row for row in rows if row.id == self._cursors.get(section)), None)
        undone = next((row for row in rows if section in self.TICKED and row.done_at is None), None)
        return put or undone or rows[0]

    def put_cursor(self, row: UUID | None) -> None:
        """Put the cursor on a row of whatever section."""
        view = self.view_in_front()
        found = view.change.row(row) if view and row else None
        if found is not None:
            self._cursors[found.section] = found.id
        elif row and (section := self.section_in_front()):
            self._cursors[section] = row  # it is on its way
        self.call_after_refresh(self._to_the_list)

    def _to_the_list(self) -> None:
        if self.editing is None and self.section_in_front() is not None and self.is_attached:
            self.query_one(RowsPage).focus()

    def on_rows_page_went(self, event: RowsPage.Went) -> None:
        """Go from row to row."""
        rows, here = self._rows(), self.cursor_row()
        if here is not None:
            place = max(0, min(rows.index(here) + event.by, len(rows) - 1))
            self._cursors[here.section] = rows[place].id
            self.draw_rows()

    # -- filling in

    def fill_in(self) -> None:
        """Lead through the form: first what the head still wants, then the first section without a row."""
        view = self.view_in_front()
        if view is None:
            return
        sections = {section.value for section in Section}
        if any(lack.field and lack.field.partition(".")[0] not in (*sections, "row") for lack in view.standing):
            show_form(self, view, head_form(self.host, view), self._fill_rows)
        else:
            self._fill_rows()

    def _fill_rows(self) -> None:
        self.host.hold_keys()
        self.begin(self._fetch_then_fill())

    async def _fetch_then_fill(self) -> None:
        try:
            await self.fetch()
            view = self.view_in_front()
            empty = next((each.section for each in view.sections if not each.rows), None) if view else None
            if empty is not None:
                self.show_section(empty, adds=True)
        finally:
            self.host.release_keys()

    def act_amend(self, argument: str) -> None:
        """Fill in the head of the form."""
        if view := self.view_in_front():
            self.leave_row()
            is_new = not any(section.rows for section in view.sections)
            show_form(self, view, head_form(self.host, view), self._fill_rows if is_new else self.acted)

    def act_open(self, argument: str) -> None:
        """Enter: the head as fields, or the row under the cursor."""
        view = self.view_in_front()
        fill = next((found for found in view.may if found.act is ChangeAct.FILL), None) if view else None
        if fill is None or not fill.allowed:
            self.say(fill.reason if fill else "There is no change here to act on.", "refused")
        elif (section := self.section_in_front()) is None:
            self.act_amend("")
        elif row := self.cursor_row():
            self.begin_row(section, row)
        else:
            self.begin_row(section)

    def act_add_row(self, argument: str) -> None:
        """Add rows below the cursor."""
        section, here, rows = self.section_in_front(), self.cursor_row(), self._rows()
        if section is None:
            self._fill_rows()
        else:
            is_last = here is None or here.id == rows[-1].id or section not in self._cursors
            self.begin_row(section, after=None if is_last else here.id if here else None)

    def act_split(self, argument: str) -> None:
        """Two rows of one, where the cursor of the line stands; from the list the line is opened first."""
        if self.editing is None:
            self.act_open("")
            if self.editor.display:
                self.editor.input("text").cursor_position = 0
                self.editor.tell("Go to where the second row begins, then ^t.", "$text-muted")
        elif self.editing.before is not None:
            self.host.hold_keys()
            self.begin(self._split(self.editor.input("text").cursor_position))
        else:
            self.editor.tell("It is not saved yet: Enter saves it and begins the next.")

    async def _split(self, at: int) -> None:
        from deskterm.desk.commands.changes import SplitRow

        now, view = self.editing, self.view_in_front()
        assert now is not None
        assert view is not None
        try:
            if self.editor.is_changed:
                await self._save_and_release("list")
                if self.editing is not None:
                    return
            new = new_id()
            await self.host.store.submit(SplitRow(change=view.change.id, row=now.row, at=at, new_row=new))
            self.leave_row()
            await self.fetch()
            self.put_cursor(new)
            self.draw_rows()
            self.say("Split in two.", "done")
        finally:
            self.host.release_keys()

    # -- keys on a row

    def _submit(self, command: Any, said: str = "") -> None:
        self.begin(self._submit_and_fetch(command, said))

    async def _submit_and_fetch(self, command: Any, said: str) -> None:
        await self.host.store.submit(command)
        await self.fetch()
        if said:
            self.say(said, "done")

    def act_move_up(self, argument: str) -> None:
        """Move the row up."""
        self._move(-1)

    def act_move_down(self, argument: str) -> None:
        """Move the row down."""
        self._move(1)

    def _move(self, by: int) -> None:
        from deskterm.desk.commands.changes import MoveRow

        here, view, rows = self.cursor_row(), self.view_in_front(), self._rows()
        if here is None or view is None or self.editing is not None:
            return
        place = rows.index(here) + by
        if not 0 <= place < len(rows):
            return
        self._cursors[here.section] = here.id
        others = [row for row in rows if row.id != here.id]
        after = others[place - 1].id if place else None
        self._submit(MoveRow(change=view.change.id, seen=view.change.version, row=here.id, after=after))

    def act_remove_row(self, argument: str) -> None:
        """Take the row out; u brings it back."""
        from deskterm.desk.commands.changes import RemoveRow

        here, view, rows = self.cursor_row(), self.view_in_front(), self._rows()
        if here is None or view is None:
            self.say("There is no row here.", "refused")
            return
        place = rows.index(here)
        neighbour = rows[place + 1] if place + 1 < len(rows) else rows[place - 1]
        self._removed.append((here, rows[place - 1].id if place else None))
        self._cursors[here.section] = neighbour.id
        command = RemoveRow(change=view.change.id, seen=view.change.version, row=here.id)
        self._submit(command, "Taken out. u brings it back.")

    def act_undo(self, argument: str) -> None:
        """Bring back the row that was taken out last."""
        view = self.view_in_front()
        gone = [(row, after) for row, after in self._removed if view and view.change.row(row.id) is None]
        if view is None or not gone:
            self.say("Nothing was taken out here.", "refused")
            return
        row, after = gone[-1]
        self._removed.remove((row, after))
        self.begin(self._bring_back(row, after))

    async def _bring_back(self, row: Row, after: UUID | None) -> None:
        from deskterm.desk.commands.changes import AddRow, MoveRow

        view = self.view_in_front()
        assert view is not None
        behind = after if after and view.change.row(after) else None
        id_, change = new_id(), view.change.id
        facts = {"text": row.text, "owner": row.owner, "starts": row.starts, "ends": row.ends}
        await self.host.store.submit(
            AddRow.model_validate({"change": change, "row": id_, "section": row.section, "after": behind, **facts})
        )
        if after is None:  # behind nothing is the end for a new row, and the beginning for one that moves
            await self.host.store.submit(MoveRow(change=change, row=id_, after=None))
        await self.fetch()
        self.put_cursor(id_)
        self.draw_rows()
        self.say("It is back.", "done")

    def act_tick(self, argument: str) -> None:
        """Space: done, at this moment or one that was given; or after all not. A test passes."""
        from deskterm.desk.commands.changes import RecordTest, TickRow

        here, view = self.cursor_row(), self.view_in_front()
        if here is None or view is None or here.section not in self.TICKED:
            self.say("There is nothing to tick here.", "refused")
            return
        change = view.change
        try:
            at = read_moment(self.host, change, argument, "at")
        except StoreError as error:
            self.say(error.message, "refused")
            return
        asked: dict[str, Any] = {"change": change.id, "seen": change.version, "row": here.id, "at": at}
        if here.section is Section.TESTING:
            command: Any = RecordTest(**asked, passed=None if here.passed else True)
            goes_on = not here.passed
        else:
            goes_on = here.done_at is None
            command = TickRow(**asked, done=goes_on)
        if goes_on:
            # The cursor goes on to what is to be done next.
            rows = self._rows()
            following = [*rows[rows.index(here) + 1 :], *rows[: rows.index(here)]]
            undone = next((row for row in following if row.done_at is None), here)
            self._cursors[here.section] = undone.id
        self._submit(command)

    def act_failed(self, argument: str) -> None:
        """Record that the test under the cursor failed."""
        here, view = self.cursor_row(), self.view_in_front()
        if here is None or view is None or here.section is not Section.TESTING:
            self.say("Only a test fails: 6 goes to the tests.", "refused")
            return
        row, change = here, view.change
        remark = Field("remark", "What was seen", value=argument, hint="an error, a figure, nothing at all", adds=True)
        form = Form(_FAILED, f"The test failed: {row.text}", "Record it", (remark,), change.ref)

        def make(values: Values) -> Any:
            from deskterm.desk.commands.changes import RecordTest

            return RecordTest(change=change.id, seen=change.version, row=row.id, passed=False, remark=values["remark"])

        show_form(self, view, ActForm(form, make, "{ref}: the test failed. F6 rolls back."), self.acted)

    # -- words kept from before

    def take_up(self, kind: str) -> None:
        """Take up unsaved words of a kind: a row, the head, or the form of an act."""
        view = self.view_in_front()
        assert view is not None
        if kind == HEAD:
            show_form(self, view, head_form(self.host, view), self.acted)
        elif kind in FORMS:
            begin_act(self, view, kind, "", self.acted)
        elif kind == _FAILED:
            self.show_section(Section.TESTING)
            self.say("Go to the test that failed: ! brings the words back.")
        elif kind == ROWS and (kept := next(iter(self.kept_words()), None)):
            section = next((each for each in Section if each.value == kept.fields.get("section")), Section.MOTIVATION)
            row = next((each for each in view.change.rows if str(each.id) == kept.fields.get("row_id")), None)
            self.show_section(section)
            self.begin_row(section, row)
