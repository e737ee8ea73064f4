"""What was written while the line was down: what waits, what the desk refused and why, and what to do with it.

The author's words stand beside what others did meanwhile, and stay until the author decides.
"""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import NAMESPACE_OID, uuid5

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from deskterm.actions import Action, bindings
from deskterm.desk.commands import AnyCommand
from deskterm.desk.wording import when
from deskterm.screens.ask import AskScreen
from deskterm.screens.base import DeskScreen
from deskterm.store.base import Outgoing
from deskterm.store.waiting import as_note, words_of
from deskterm.text import shown
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.frame import Hints
from deskterm.widgets.labelled import Labelled, Row
from deskterm.widgets.table import Column, RowTable, TableRow

_STATES: Final = {
    "saved": ("· saved here", "plain"),
    "sent": ("… sent", "plain"),
    "confirmed": ("✓ confirmed", "muted"),
    "stuck": ("✗ refused", "risk"),
    "aside": ("– set aside", "muted"),
}
_INDENT: Final = 7
_DECIDES: Final = frozenset({"note", "send-again", "throw-away"})


class OutgoingScreen(DeskScreen):
    """The outbox: refused ones first, then what waits, then what was sent lately."""

    place = "outbox"
    CSS_PATH = "outgoing.tcss"
    BINDINGS: ClassVar = [*bindings("outbox")]

    def body(self) -> ComposeResult:
        """The list; under it what was written, beside what came of it."""
        columns: tuple[Column[Outgoing], ...] = (
            Column("State", 13, lambda each: _STATES[each.state]),
            Column("Ticket", 12, lambda each: (each.ref, "accent")),
            Column("What", 16, lambda each: (words_of(each.command)[0], "plain"), gives_way=1),
            Column("Words", 0, lambda each: (words_of(each.command)[1], "plain")),
            Column("Written", 18, lambda each: (self._when(each), "muted"), gives_way=2, right=True),
        )
        with Vertical(id="list"):
            yield Static(id="head")
            yield RowTable(columns, id="table")
        with Horizontal(id="sides"):
            with VerticalScroll(id="mine", can_focus=False):
                yield Labelled(indent=_INDENT, id="written")
            with VerticalScroll(id="theirs", can_focus=False):
                yield Labelled(indent=_INDENT, id="came")

    @property
    def table(self) -> RowTable[Outgoing]:
        """The list."""
        return self.query_one("#table", RowTable)

    def on_mount(self) -> None:
        """Show what there is."""
        self.heading("Outbox", calls_open(len(self.host.calls)))
        self.table.focus()
        self.call_after_refresh(self._read)

    def standing_told(self) -> None:
        """Something was sent or answered: show it."""
        super().standing_told()
        self._read()

    def _read(self) -> None:
        self.begin(self._fill(), group="outbox", only=True)

    async def _fill(self) -> None:
        entries = sorted(await self.host.store.outbox(), key=_by_need)
        self.table.replace(TableRow(uuid5(NAMESPACE_OID, str(each.number)), each) for each in entries)
        self.query_one("#head", Static).update(Content.styled(self.table.head(), "$text-muted"))
        self._show()

    def on_row_table_moved(self) -> None:
        """Another one: show it whole."""
        self._show()

    def _show(self) -> None:
        row = self.table.current
        nothing: Row = (Content.styled("Nothing was written while the line was down.", "$text-muted"), Content(""))
        self.query_one("#written", Labelled).show(_written(row.value) if row else (nothing,))
        self.query_one("#came", Labelled).show(self._came(row.value) if row else ())
        self.query_one(Hints).refresh()

    def _came(self, each: Outgoing) -> tuple[Row, ...]:
        air: Row = (Content(""), Content(""))
        rows: list[Row] = [(Content.styled("What came of it", "bold"), Content(""))]
        match each.state:
            case "saved" | "sent":
                said = "It is saved here and goes as soon as the line is back."
                if any(other.state == "stuck" for other in self._on_ticket(each)):
                    said = "It is saved here. It goes once you have decided on the one before it on this ticket."
            case "confirmed":
                said = f"The desk has it, as {each.ref}. {each.because}".strip()
            case "aside":
                said = f"You set it aside; it was not sent. {each.because}".strip()
            case _:
                said = each.because
        rows.append((shown(said, "$text-warning" if each.state == "stuck" else ""), Content("")))
        if each.given and each.given != each.ref:
            rows.append((shown(f"The caller was given {each.given}; that finds it too.", "$text-muted"), Content("")))
        zone = self.host.desk.desk.zone if self.host.desk else "UTC"
        for entry in each.changed:
            label = shown(f"{when(entry.at, self.host.now(), zone).rpartition(' ')[2]}", "$text-muted")
            words = Content.assemble(
                shown(f"{entry.actor}: {entry.title}"), "\n" if entry.text else "", shown(entry.text, lines=True)
            )
            rows += [air, (label, words)]
        return tuple(rows)

    def _on_ticket(self, each: Outgoing) -> list[Outgoing]:
        ticket = getattr(each.command, "ticket", None)
        return [row.value for row in self.table.rows if getattr(row.value.command, "ticket", None) == ticket]

    def _when(self, each: Outgoing) -> str:
        zone = self.host.desk.desk.zone if self.host.desk else "UTC"
        return when(each.at, self.host.now(), zone)

    # -- deciding

    def why_not(self, action: Action) -> str | None:
        """Only what was refused waits for a decision."""
        if action.id in _DECIDES and self.is_mounted:
            row = self.table.current
            if row is None or row.value.state != "stuck":
                return "Only what the desk refused waits for you to decide."
            if action.id == "note" and as_note(row.value.command) is None:
                return "It has no words that a note could hold, or no ticket to hold one."
        return super().why_not(action)

    def act_note(self, argument: str) -> None:
        """Send its words as a note instead."""
        if row := self.table.current:
            self.begin(self._settle(row.value, as_note(row.value.command), "Sent as a note."))

    def act_send_again(self, argument: str) -> None:
        """Send it as it is: it goes by what there is now."""
        if row := self.table.current:
            self.begin(self._settle(row.value, row.value.command, "Sent again."))

    def act_throw_away(self, argument: str) -> None:
        """Set it aside, after asking."""
        if row := self.table.current:
            each, (title, _) = row.value, words_of(row.value.command)
            question = f"Do not send this? {title}, {each.ref}. The words can be read here for a week."
            self.app.push_screen(
                AskScreen(question, "Do not send", "Keep"),
                lambda yes: self.begin(self._settle(each, None, "Set aside.")) if yes else None,
            )

    def act_open(self, argument: str) -> None:
        """Open its ticket, to write it anew there."""
        if row := self.table.current:
            self.host.open_ticket(getattr(row.value.command, "ticket", row.value.ref))

    async def _settle(self, each: Outgoing, instead: AnyCommand | None, said: str) -> None:
        await self.host.store.settle(each.number, instead)
        standing = await self.host.store.send()
        await self._fill()
        waits = instead is not None and standing.state != "live"
        self.say("It goes as soon as the line is back." if waits else said, "done")


def _by_need(each: Outgoing) -> tuple[int, int]:
    order = {"stuck": 0, "saved": 1, "sent": 1}.get(each.state, 2)
    return order, each.number if order < 2 else -each.number


def _written(each: Outgoing) -> tuple[Row, ...]:
    title, words = words_of(each.command)
    rows: list[Row] = [(shown(f"You wrote: {title}", "bold"), Content(""))]
    rows += [(shown(line), Content("")) for line in (words or "(no words of its own)").splitlines()]
    return tuple(rows)
