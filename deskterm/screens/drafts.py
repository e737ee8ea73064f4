"""Unsaved words: what was typed and neither saved nor thrown away, to be taken up again (R017)."""

from __future__ import annotations

from typing import ClassVar
from uuid import NAMESPACE_OID, UUID, uuid5

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from deskterm.actions import BY_ID, bindings
from deskterm.screens.acts_forms import FORMS
from deskterm.screens.ask import AskScreen
from deskterm.screens.base import DeskScreen
from deskterm.store.drafts import DraftError, SavedDraft
from deskterm.text import capped, shown
from deskterm.widgets.desk_state import desk_state
from deskterm.widgets.table import Column, RowTable, TableRow

_NAMES = {"call": "Call", "editor": "Note"}


def name_of(draft: SavedDraft) -> str:
    """What kind of words a draft holds, for people."""
    action = BY_ID.get(draft.kind)
    return _NAMES.get(draft.kind) or (action.name if action else draft.kind or "Unknown")


def first_words(draft: SavedDraft) -> str:
    """What to recognise a draft by: its summary, else its longest text."""
    if summary := draft.fields.get("summary"):
        return summary
    return max(draft.fields.values(), key=len, default="")


def size_of(draft: SavedDraft) -> str:
    """How many words it holds."""
    words = sum(len(text.split()) for text in draft.fields.values())
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
            Column("Changed", 12, lambda d: (self._when(d), "muted"), right=True),
        )
        with Vertical(id="list"):
            yield Static(id="head")
            yield RowTable(columns, id="table")
        yield Static(id="words")

    @property
    def table(self) -> RowTable[SavedDraft]:
        """The list."""
        return self.query_one("#table", RowTable)

    def on_mount(self) -> None:
        """Show what there is."""
        self.heading("Unsaved words", desk_state(True, 0))
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
        self.query_one("#words", Static).update(
            _preview(row.value) if row else Content.styled("Nothing is unsaved.", "$text-muted")
        )

    def _when(self, draft: SavedDraft) -> str:
        return f"{draft.changed_at.astimezone():%d %b %H:%M}"

    def act_open(self, argument: str) -> None:
        """Take up the words again, where they were typed."""
        if row := self.table.current:
            self.begin(self._take_up(row.value))

    async def _take_up(self, draft: SavedDraft) -> None:
        if draft.kind == "call":
            self.dismiss(None)
            self.host.resume_call(draft.id)
        elif draft.kind in FORMS or draft.kind == "editor":
            view = await self.host.store.ticket(draft.about)
            self.dismiss(None)
            self.host.take_up(draft.kind, view.ticket.id)
        else:
            self.say("What these words were for cannot be read. They are shown below.", "refused")

    def act_throw_away(self, argument: str) -> None:
        """Throw the words away, after asking."""
        if row := self.table.current:
            draft = row.value
            question = f"Throw away {name_of(draft).lower()}, {size_of(draft)}? They cannot be brought back."
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


def _preview(draft: SavedDraft) -> Content:
    parts = [shown(f"⚠ {draft.damage}\n", "$text-warning", lines=True)] if draft.damage else []
    for name, text in draft.fields.items():
        if text:
            words, cut = capped(text, 4000, 40)
            label = name.replace("_", " ").capitalize()
            parts.append(
                Content.assemble(
                    shown(label[:11].ljust(12), "$text-muted"), shown(words, lines=True), " …" if cut else "", "\n"
                )
            )
    return Content("").join(parts)
