"""Unsaved words: what was typed and neither saved nor thrown away, to be taken up again (R017)."""

from __future__ import annotations

from typing import ClassVar
from uuid import NAMESPACE_OID, UUID, uuid5

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from deskterm.actions import BY_ID, bindings
from deskterm.desk.reference import looks_like_change
from deskterm.desk.wording import when
from deskterm.screens.acts import forms
from deskterm.screens.ask import AskScreen
from deskterm.screens.base import DeskScreen
from deskterm.store.drafts import DraftError, SavedDraft
from deskterm.text import capped, shown
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.labelled import Labelled, Row
from deskterm.widgets.table import Column, RowTable, TableRow

_INDENT = 14
_OWN = frozenset({"command", "ticket", "opened"})
"""Fields in which a call keeps its own ids and its beginning."""
_MAIN = ("summary", "text", "resolution", "reason", "description")
"""Fields that tell best what the words are."""
_MOST_BYTES, _MOST_LINES = 4000, 40
"""How much of one field the preview shows; the form has all of it."""


def name_of(draft: SavedDraft) -> str:
    """What kind of words a draft holds, for people."""
    if draft.kind == "call":
        return "Call"
    action = BY_ID.get(draft.kind)
    return action.name if action else draft.kind.capitalize() or "Unknown"


def words_of(draft: SavedDraft) -> dict[str, str]:
    """What was typed, by the name of its field; without what a form keeps for itself."""
    return {
        name.removeprefix("field."): text
        for name, text in draft.fields.items()
        if text.strip() and name not in _OWN and not name.endswith("_id")
    }


def first_words(draft: SavedDraft) -> str:
    """What to recognise a draft by: its main words, else its longest."""
    words = words_of(draft)
    return next((words[name] for name in _MAIN if name in words), max(words.values(), key=len, default=""))


def size_of(draft: SavedDraft) -> str:
    """How many words it holds."""
    words = sum(len(text.split()) for text in words_of(draft).values())
    return "1 word" if words == 1 else f"{words} words"


class DraftsScreen(DeskScreen):
    """The list of drafts that nobody has open. Nothing here is ever submitted by itself."""

    place = "drafts"
    CSS_PATH = "drafts.tcss"
    BINDINGS: ClassVar = [*bindings("drafts")]

    def body(self) -> ComposeResult:
        """The list, and the words of the one under the cursor."""
        columns: tuple[Column[SavedDraft], ...] = (
            Column("Kind", 10, lambda d: (name_of(d), "risk" if d.damage else "accent")),
            Column("About", 9, lambda d: (d.about, "plain"), gives_way=1),
            Column("Words", 0, lambda d: (first_words(d), "plain")),
            Column("Size", 9, lambda d: (size_of(d), "muted"), gives_way=2, right=True),
            Column("Changed", 18, lambda d: (self._when(d), "muted"), right=True),
        )
        with Vertical(id="list"):
            yield Static(id="head")
            yield RowTable(columns, id="table")
        with VerticalScroll(id="words", can_focus=False):
            yield Labelled(indent=_INDENT, id="lines")

    @property
    def table(self) -> RowTable[SavedDraft]:
        """The list."""
        return self.query_one("#table", RowTable)

    def on_mount(self) -> None:
        """Show what there is."""
        self.heading("Unsaved words", calls_open(len(self.host.calls)))
        self.table.focus()
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        saved = [draft for draft in self.host.journal.drafts() if not draft.in_use]
        self.table.replace(TableRow(_row_id(draft), draft) for draft in saved)
        self.query_one("#head", Static).update(Content.styled(self.table.head(), "$text-muted"))
        self._show()

    def on_row_table_moved(self) -> None:
        """Another draft: show its words."""
        self._show()

    def _show(self) -> None:
        row = self.table.current
        nothing: Row = (Content.styled("Nothing is unsaved.", "$text-muted"), Content(""))
        self.query_one("#lines", Labelled).show(_rows(row.value) if row else (nothing,))
        self.query_one("#words").scroll_home(animate=False)

    def _when(self, draft: SavedDraft) -> str:
        zone = self.host.desk.desk.zone if self.host.desk else "UTC"
        return when(draft.changed_at, self.host.now(), zone)

    def act_open(self, argument: str) -> None:
        """Take up the words again, where they were typed."""
        if row := self.table.current:
            self.begin(self._take_up(row.value))

    async def _take_up(self, draft: SavedDraft) -> None:
        if draft.kind == "call":
            self.dismiss(None)
            self.app.call_later(self.host.resume_call, draft.id)
        elif looks_like_change(draft.about):
            change = (await self.host.store.change(draft.about)).change.id
            self.dismiss(None)
            self.app.call_later(self.host.open_change, change, draft.kind)
        elif draft.kind in {*forms(), BY_ID["triage"].id, BY_ID["change"].id}:
            view = await self.host.store.ticket(draft.about)
            self.dismiss(None)
            self.app.call_later(self.host.take_up, draft.kind, view.ticket.id)
        else:
            self.say("What these words were for is not known here. They stay as they are.", "refused")

    def act_throw_away(self, argument: str) -> None:
        """Throw the words away, after asking."""
        if row := self.table.current:
            draft = row.value
            what = " ".join(filter(None, (name_of(draft), draft.about)))
            question = f"Throw these words away? {what}, {size_of(draft)}. They cannot be brought back."
            self.app.push_screen(
                AskScreen(question, "Throw away", "Keep"), lambda yes: self._throw(draft) if yes else None
            )

    def _throw(self, draft: SavedDraft) -> None:
        try:
            self.host.journal.resume(draft.id).discard()
        except (DraftError, OSError) as error:
            self.say(str(error), "refused")
        else:
            self.say("Thrown away.", "done")
        self._fill()


def _row_id(draft: SavedDraft) -> UUID:
    try:
        return UUID(draft.id)
    except ValueError:
        return uuid5(NAMESPACE_OID, draft.id)


def _rows(draft: SavedDraft) -> tuple[Row, ...]:
    rows: list[Row] = []
    if draft.damage:
        rows.append((shown(f"Damaged: {draft.damage}", "$text-warning"), Content("")))
    for name, text in words_of(draft).items():
        words, is_cut = capped(text, _MOST_BYTES, _MOST_LINES)
        label = shown(name.replace("_", " ").capitalize()[: _INDENT - 1], "$text-muted")
        rows.append((label, Content.assemble(shown(words, lines=True), " …" if is_cut else "")))
    return tuple(rows)
