"""The few fields of somebody the desk does not know yet, where a known caller's card would stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from deskterm.widgets.line import LineInput
from deskterm.widgets.picker import Picker

FIELDS: Final = {"contact": "Name", "company": "Company", "phone": "Phone", "email": "E-mail"}


class NewCaller(Vertical):
    """Name, company, phone, e-mail. Enter goes to the next empty field; after the last the owner hears `Entered`."""

    @dataclass
    class Typed(Message):
        """A field changed, letter by letter."""

        name: str
        text: str

    class Entered(Message):
        """All that is known was entered."""

    def compose(self) -> ComposeResult:
        """A title and the fields."""
        yield Static(Content.styled("New caller", "bold"), classes="title")
        for name, label in FIELDS.items():
            yield Static(Content(label), classes="label")
            yield Picker(id="new-company", most=4) if name == "company" else LineInput(id=f"new-{name}")

    def put(self, **values: str) -> None:
        """Fill the fields."""
        for name, value in values.items():
            if name == "company":
                self.query_one("#new-company", Picker).put(value)
            else:
                self.query_one(f"#new-{name}", LineInput).value = value

    def value(self, name: str) -> str:
        """What stands in a field."""
        if name == "company":
            return self.query_one("#new-company", Picker).text
        return self.query_one(f"#new-{name}", LineInput).value

    def start(self) -> None:
        """Go to the first empty field."""
        self._after("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell of every letter."""
        event.stop()
        self.post_message(self.Typed((event.input.id or "").removeprefix("new-"), event.value))

    def on_picker_typed(self, event: Picker.Typed) -> None:
        """Tell of every letter; who owns this looks companies up."""
        self.post_message(self.Typed("company", event.text))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on."""
        event.stop()
        self._after((event.input.id or "").removeprefix("new-"))

    def on_picker_picked(self, event: Picker.Picked) -> None:
        """Go on once the owner has taken note."""
        self.call_after_refresh(self._after, "company")

    def on_key(self, event: events.Key) -> None:
        """Tab out of the last field ends it, as Enter does."""
        last = self.query_one("#new-email", LineInput)
        if event.key == "tab" and self.screen.focused is last:
            event.stop()
            event.prevent_default()
            self.post_message(self.Entered())

    def _after(self, name: str) -> None:
        names = list(FIELDS)
        rest = names[names.index(name) + 1 :] if name else names
        empty = next((n for n in rest if not self.value(n)), None)
        if empty:
            self.query_one(f"#new-{empty}").focus()
        else:
            self.post_message(self.Entered())
