"""The fields still to ask, one below the other, where the caller's card would stand (R008-R016)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from deskterm.desk.records.ticket import NOT_GIVEN
from deskterm.text import safe
from deskterm.widgets.caller_card import label_of
from deskterm.widgets.picker import Offer, Picker

if TYPE_CHECKING:
    from deskterm.desk.deskfile import IntakeField

Suggest = Callable[[str], tuple[Offer, ...]]
"""Offers for an intake key: what may be answered, or what the customer is known to have."""


class AskRow(Vertical):
    """One thing to ask: its label above, the answer below."""

    def __init__(self, field: IntakeField, value: str) -> None:
        super().__init__(id=f"ask-{field.key}")
        self.field = field
        self._value = value

    def compose(self) -> ComposeResult:
        """Label and answer."""
        required = (" required", "$text-warning") if self.field.need == "required" else ""
        yield Static(Content.assemble((safe(label_of(self.field)), "$text-muted"), required), classes="ask-label")
        yield Picker(value=self._value, placeholder=self.field.hint, most=4)

    @property
    def picker(self) -> Picker:
        """Where the answer is typed."""
        return self.query_one(Picker)


class AskPanel(VerticalScroll, can_focus=False):
    """The rows. Its owner gives fields and answers, and hears of every letter."""

    @dataclass
    class Answered(Message):
        """An answer changed, letter by letter."""

        key: str
        text: str

    @dataclass
    class Doubtful(Message):
        """An answer was kept that does not look like what was asked for."""

        sentence: str

    class Left(Message):
        """The last answer was entered."""

    def __init__(self, suggest: Suggest, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._suggest = suggest

    def compose(self) -> ComposeResult:
        """The title and the keys; rows come with `ask`."""
        yield Static(Content.styled("Still to ask", "bold"))
        keys = Content.assemble(("^n", "bold $text-accent"), " not given  ", ("Esc", "bold $text-accent"), " back")
        yield Static(keys, id="ask-keys")

    @property
    def rows(self) -> list[AskRow]:
        """The rows, from top to bottom."""
        return list(self.query(AskRow))

    async def ask(self, fields: tuple[IntakeField, ...], value_of: Callable[[str], str]) -> None:
        """Show these fields. Rows that are there already stay as they are; those no longer asked go if empty."""
        here = {row.field.key: row for row in self.rows}
        wanted = {field.key for field in fields}
        for key, row in here.items():
            if key not in wanted and not row.picker.text and not row.has_focus_within:
                await row.remove()
        before: Widget = self.query_one("#ask-keys")
        for field in fields:
            row = here.get(field.key) or AskRow(field, value_of(field.key))
            if field.key not in here:
                await self.mount(row, after=before)
            before = row

    def start(self) -> bool:
        """Go to the first field without an answer; whether there is a field at all."""
        rows = self.rows
        first = next((row for row in rows if not row.picker.text), rows[0] if rows else None)
        if first:
            first.picker.focus()
            first.picker.ask()
        return first is not None

    def not_given(self) -> bool:
        """Answer the field in hand with "not given" and go on; whether one is in hand (R016)."""
        row = next((row for row in self.rows if row.has_focus_within), None)
        if row is None:
            return False
        row.picker.put(NOT_GIVEN)
        self.post_message(self.Answered(row.field.key, NOT_GIVEN))
        self._after(row)
        return True

    def on_picker_typed(self, event: Picker.Typed) -> None:
        """Tell of the letters, and offer what fits them."""
        event.stop()
        row = self._row_of(event.picker)
        self.post_message(self.Answered(row.field.key, event.text))
        wanted = event.text.casefold()
        fitting = (o for o in self._suggest(row.field.key) if wanted in f"{o.key} {o.title}".casefold())
        event.picker.offer(tuple(fitting), event.request)

    def on_picker_picked(self, event: Picker.Picked) -> None:
        """Take the answer and go on."""
        event.stop()
        row = self._row_of(event.picker)
        if event.offer and (event.text or row.field.kind in ("choice", "yes_no")):
            row.picker.put(event.offer.key)
            self.post_message(self.Answered(row.field.key, event.offer.key))
        if row.field.kind == "ip" and event.text and not _is_address(event.text):
            self.post_message(self.Doubtful("That is no IP address; it is kept as you typed it."))
        self._after(row)

    def _row_of(self, picker: Picker) -> AskRow:
        return next(row for row in self.rows if row.picker is picker)

    def _after(self, row: AskRow) -> None:
        rows = self.rows
        following = next((r for r in rows[rows.index(row) + 1 :] if not r.picker.text), None)
        if following:
            following.picker.focus()
            following.picker.ask()
        else:
            self.post_message(self.Left())


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return text.strip() == NOT_GIVEN
    return True
