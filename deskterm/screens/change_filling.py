"""Filling in the rows of a change's form: typed at their place, kept as they are typed, saved row by row.

Each row is a fact of its own, so people who work on different rows never meet. Who works on the same row is told what
the other made of it, and keeps what they typed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from deskterm.desk.changes.rights import why_row_stands
from deskterm.desk.record import new_id
from deskterm.desk.records.change import Row, Section
from deskterm.screens.acts import once
from deskterm.screens.change_acts import ChangeActs
from deskterm.screens.change_forms import read_moment
from deskterm.store.base import Conflict, StoreError
from deskterm.widgets.line import LongWords
from deskterm.widgets.row_editor import RowEditor

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView
    from deskterm.desk.records.change import Change
    from deskterm.store.drafts import Draft, SavedDraft

ROWS: Final = "row"
"""The kind under which unsaved words of a row are kept; they are about the reference of the change."""
Next = Literal["row", "section", "section before", "list", "split"]
"""Where to go once a row is saved."""


@dataclass(frozen=True, slots=True)
class Editing:
    """The row that is being typed: which, where, and by which version of the change its author decided."""

    section: Section
    row: UUID
    draft: Draft
    seen: int
    before: Row | None = None
    """The row as it was when its author began; None for a new one."""
    after: UUID | None = None
    """A new row comes behind this one; None is the end."""


class ChangeFilling(ChangeActs):
    """A screen with sections whose rows are typed in place."""

    editing: Editing | None = None
    kept_rows: frozenset[str] = frozenset()
    """The rows, by id, for which words are kept that were not saved."""

    @property
    def editor(self) -> RowEditor:
        """The line that is typed in."""
        return self.query_one(RowEditor)

    # -- what the screen itself knows

    def section_in_front(self) -> Section | None:
        """The section whose rows are shown."""
        raise NotImplementedError

    def draw_rows(self) -> None:
        """Draw the rows around the line that is typed in."""
        raise NotImplementedError

    def show_section(self, section: Section, *, adds: bool = False) -> None:
        """Show a section, with a new row to type where it `adds`."""
        raise NotImplementedError

    def put_cursor(self, row: UUID | None) -> None:
        """Put the cursor on a row."""
        raise NotImplementedError

    async def fetch(self) -> None:
        """Read the change again."""
        raise NotImplementedError

    def _view_open(self) -> ChangeView:
        view = self.view_in_front()
        assert view is not None, "rows are only typed once their change is shown"
        return view

    # -- words kept

    def kept_words(self) -> tuple[SavedDraft, ...]:
        """Rows of this change that were typed and not saved."""
        view = self.view_in_front()
        if view is None:
            return ()
        drafts = (d for d in self.host.journal.drafts() if (d.kind, d.about) == (ROWS, view.change.ref))
        found = tuple(draft for draft in drafts if not draft.in_use)
        self.kept_rows = frozenset(draft.fields.get("row_id", "") for draft in found)
        return found

    def _draft_of(self, section: Section, row: UUID | None) -> tuple[Draft, UUID]:
        """The draft of a row, or of a new one of a section; the id of the row is kept with its words."""
        view = self._view_open()
        for kept in self.kept_words():
            fields = kept.fields
            is_it = fields.get("row_id") == str(row) if row else bool(fields.get("new_id"))
            if is_it and fields.get("section") == section and (id_ := _uuid(fields.get("row_id", ""))):
                return self.host.journal.resume(kept.id), id_
        return self.host.journal.open(ROWS, about=view.change.ref), row or new_id()

    # -- beginning

    def begin_row(self, section: Section, row: Row | None = None, after: UUID | None = None) -> None:
        """Open the line for a row, or for a new one."""
        view = self._view_open()
        self.leave_row()
        if row is not None and LongWords.wanted(row.text):
            self.say("This row is too long to be typed in here; `deskterm change row` changes it.", "refused")
            return
        if row is not None and str(row.id) not in self.kept_rows and (reason := why_row_stands(row, view.change)):
            self.say(reason, "refused")
            return
        draft, id_ = self._draft_of(section, row.id if row else None)
        self.editing = Editing(section, id_, draft, view.change.version, row, after)
        rows = view.change.rows_of(section)
        number = next((n for n, each in enumerate(rows, 1) if each.id == (row.id if row else after)), len(rows))
        # A new row is the engineer's unless another owner is typed; Tab goes there.
        owner = row.owner if row else view.change.engineer
        at_first = {"text": row.text if row else "", "owner": owner} | _times(row, view.change)
        self.editor.begin(section, number + (row is None), at_first, draft.fields, self._owners(view))
        self.draw_rows()

    def _owners(self, view: ChangeView) -> tuple[str, ...]:
        """Who may own a row: whoever does so already, the engineer, the customer, groups and people of the desk."""
        desk, change = self.host.desk, view.change
        people = [change.engineer, "customer", change.contact, *(row.owner for row in change.rows)]
        if desk is not None:
            people += [group.name for group in desk.group] + [o.name for o in desk.operator if o.level in (1, 2, 3)]
        return tuple(dict.fromkeys(name for name in people if name.strip()))

    def leave_row(self) -> None:
        """Close the line; words that were typed stay in the journal."""
        if self.editing is None:
            return
        if self.editor.is_changed:
            self.editing.draft.close()
            self.kept_words()
        else:
            self.editing.draft.discard()
        self.editing = None
        self.editor.end()

    # -- keys of the line

    def on_row_editor_typed(self, event: RowEditor.Typed) -> None:
        """Keep every letter, and where it belongs."""
        if (now := self.editing) is None:
            return
        if not now.draft.fields.get("row_id"):
            now.draft.write("section", now.section)
            now.draft.write("row_id", str(now.row))
            now.draft.write("new_id", "yes" if now.before is None else "")
        now.draft.write(event.field, event.words)

    def on_row_editor_entered(self) -> None:
        """Enter: save, and the next row; on a row that says nothing, the next section."""
        is_empty = not self.editor.input("text").value.strip() and self.editing and self.editing.before is None
        self.save_row("section" if is_empty else "row")

    def on_row_editor_forward(self) -> None:
        """Tab: save, and the next section."""
        self.save_row("section")

    def on_row_editor_backward(self) -> None:
        """Back: save, and the section before."""
        self.save_row("section before")

    def on_row_editor_left(self, event: RowEditor.Left) -> None:
        """Esc, or an arrow: nothing is saved, nothing is lost."""
        was_changed, row = self.editor.is_changed, self.editing.row if self.editing else None
        self.leave_row()
        self.put_cursor(row)
        self.draw_rows()
        if was_changed:
            self.say("Not saved. What you typed is kept: Enter, or + for a new row, brings it back.")

    def on_row_editor_lines_pasted(self, event: RowEditor.LinesPasted) -> None:
        """Several lines: each is a row, the last stays to be typed on. In a row that is there they are its words."""
        line = self.editor.input("text")
        if self.editing is None or self.editing.before is not None:
            line.insert_text_at_cursor(" ".join(event.lines))
            return
        begun = line.value.strip()
        lines = [*event.lines]
        lines[0] = f"{begun} {lines[0]}".strip()
        self.host.hold_keys()
        self.begin(self._save_lines(lines))

    async def _save_lines(self, lines: list[str]) -> None:
        line, left = self.editor.input("text"), [*lines]
        try:
            while len(left) > 1 and self.editing is not None:
                line.value = left[0]
                # What is not saved yet stands in the journal, whatever happens.
                self.editing.draft.write("text", "\n".join(left))
                await self._save("row")
                left.pop(0)
        except StoreError as error:
            self.editor.tell(error.message)
        finally:
            line.value = "\n".join(left)
            line.cursor_position = len(line.value)
            self.host.release_keys()

    # -- saving

    def save_row(self, then: Next) -> None:
        """Save what stands in the line and go on. A refusal is said beneath it, and the words stay."""
        self.host.hold_keys()
        self.begin(self._save_and_release(then))

    async def _save_and_release(self, then: Next) -> None:
        try:
            await self._save(then)
        except Conflict as error:
            if self.editing is not None:
                # They have been told now: the next Enter decides with what happened meanwhile in view.
                self.editing = replace(self.editing, seen=error.version)
            await self.fetch()
            self.editor.tell(f"{error.message} Enter saves yours all the same.")
        except StoreError as error:
            self.editor.tell(error.message)
        finally:
            self.host.release_keys()

    async def _save(self, then: Next) -> None:
        now, view = self.editing, self.view_in_front()
        if now is None or view is None:
            return
        values = {field: words.strip() for field, words in self.editor.values.items()}
        says_something = bool(values["text"]) if now.before is None else self.editor.is_changed
        if says_something:
            command = self._command(now, values, view.change)
            await self.host.store.submit(once(command, now.draft.id))
            now.draft.finish(view.change.ref)
            self.editing = None
            self.put_cursor(now.row)
            await self.fetch()
        else:
            self.leave_row()
        self._go_on(now, then, was_saved=says_something)

    def _command(self, now: Editing, values: dict[str, str], change: Change) -> Any:
        """Add the row, or change what differs of it. A row that somebody took out meanwhile is added again."""
        from deskterm.desk.commands.changes import AddRow, EditRow

        # An outage may begin with the window: the next 22:00, seen from 22:00, would be tomorrow's.
        base = change.starts - timedelta(minutes=1) if change.starts else None
        times = {
            field: read_moment(self.host, change, values[field], field, ahead=True, base=base)
            for field in ("starts", "ends")
            if now.section is Section.OUTAGES
        }
        if now.before is None:
            return AddRow(
                change=change.id, row=now.row, section=now.section, text=values["text"], owner=values["owner"],
                after=now.after if now.after and change.row(now.after) else None, **times,
            )  # fmt: skip
        old = {"text": now.before.text, "owner": now.before.owner} | _times(now.before, change)
        typed = {field: words for field, words in values.items() if words != old.get(field, "")}
        changes: dict[str, Any] = {field: typed[field] for field in ("text", "owner") if field in typed}
        changes |= {field: at.isoformat() if at else None for field, at in times.items() if field in typed}
        return EditRow(change=change.id, seen=now.seen, row=now.row, changes=changes)

    def _go_on(self, now: Editing, then: Next, *, was_saved: bool) -> None:
        """To the next row, or the next section; a row that was only corrected leads back to the list."""
        sections = list(Section)
        place = sections.index(now.section)
        self.editor.end()
        if then == "section" and now.section is not sections[-1]:
            self.show_section(sections[place + 1], adds=now.before is None)
        elif then == "section before" and place:
            self.show_section(sections[place - 1], adds=now.before is None)
        elif then == "row" and now.before is None and was_saved:
            self.begin_row(now.section, after=now.row if now.after else None)
        else:
            self.put_cursor(now.row if was_saved or now.before else None)
            self.draw_rows()

    # -- what others do meanwhile

    def tell_of_others(self, before: ChangeView, after: ChangeView) -> None:
        """Say beneath the line what somebody else made of the very row that is being typed."""
        now = self.editing
        if now is None or now.before is None:
            return
        theirs = after.change.row(now.row)
        if theirs is None:
            self.editing = replace(now, before=None, row=new_id(), after=None)
            now.draft.write("row_id", str(self.editing.row))
            now.draft.write("new_id", "yes")
            self.editor.tell("Somebody took this row out meanwhile. Enter adds yours as a new row.")
        elif (theirs.text, theirs.owner) != (now.before.text, now.before.owner):
            who = after.change.updated_by
            self.editor.tell(f"{who} made it: “{theirs.text}” ({theirs.owner}). Yours is kept as you type it.")


def _times(row: Row | None, change: Change) -> dict[str, str]:
    """The times of an outage as they are typed: by the engineer's clock."""
    zone = ZoneInfo(change.engineer_zone or "UTC")
    known = {"starts": row.starts, "ends": row.ends} if row else {}
    return {field: f"{at.astimezone(zone):%H:%M}" if at else "" for field, at in known.items()}


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
