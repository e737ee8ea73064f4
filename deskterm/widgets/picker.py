"""A field that finds something in a few letters: type, see the best few, Enter takes the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from deskterm.text import cell, safe
from deskterm.typeahead import TypeAheadApp
from deskterm.widgets.line import LineInput


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to pick: its key, what to show, a detail at the right, and whatever it stands for."""

    key: str
    title: str
    detail: str = ""
    value: Any = None


class Offers(Widget):
    """The lines below a picker's field."""

    DEFAULT_CSS = "Offers { height: auto; color: $text; }"

    def __init__(self) -> None:
        super().__init__()
        self.offers: tuple[Offer, ...] = ()
        self.cursor = 0

    def render(self) -> Content:
        """One line an offer, the one that Enter takes marked."""
        width = self.content_size.width
        lines = []
        for index, offer in enumerate(self.offers):
            here = index == self.cursor
            detail = safe(offer.detail)[: width // 2]
            title = cell(offer.title, max(8, width - len(detail) - 4))
            mark = ("▸ ", "$text-accent") if here else ("  ", "")
            lines.append(Content.assemble(mark, (title, "bold" if here else ""), " ", (detail, "$text-muted")))
        return Content("\n").join(lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line an offer, and none for none: an empty line would hide what is below."""
        return len(self.offers)


class Picker(Widget):
    """One line to type in and a few offers below. Its owner listens to `Typed` and answers with `offer`."""

    DEFAULT_CSS = """
    Picker { height: auto; }
    Picker Offers { display: none; }
    Picker.-open Offers { display: block; }
    """

    @dataclass
    class Typed(Message):
        """The text changed; `request` numbers the change, so that a late answer can be told from the newest."""

        picker: Picker
        text: str
        request: int

        @property
        def control(self) -> Picker:
            """The picker it came from."""
            return self.picker

    @dataclass
    class Picked(Message):
        """An offer was taken; None stands for the text as it was typed."""

        picker: Picker
        offer: Offer | None
        text: str
        was_sought: bool = True
        """Letters or an arrow led to the offer; otherwise it is only what was offered first."""

        @property
        def control(self) -> Picker:
            """The picker it came from."""
            return self.picker

    def __init__(self, *, placeholder: str = "", value: str = "", id: str | None = None, most: int = 5) -> None:
        super().__init__(id=id)
        self._field = LineInput(value, placeholder=placeholder)
        self._offers = Offers()
        self._most = most
        self._request = 0
        self._answered = 0
        self._takes_answer = False
        self._has_moved = False
        self._quiet = False
        self.is_settled = not value
        """Whether what stands in the field was picked or put there, and is not just letters."""

    def compose(self) -> ComposeResult:
        """The field and its offers."""
        yield self._field
        yield self._offers

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self._field.value

    @property
    def chosen(self) -> Offer | None:
        """The offer that Enter would take now."""
        offers = self._offers.offers
        return offers[self._offers.cursor] if offers else None

    def put(self, text: str) -> None:
        """Put text into the field without asking for offers."""
        if text != self._field.value:
            self._quiet = True
            self._field.value = text
        # An answer still on its way is to a question nobody asks any more.
        if self._takes_answer and isinstance(self.app, TypeAheadApp):
            self.app.release_keys()
        self._takes_answer = False
        self._request += 1
        self._answered = self._request
        self.is_settled = True
        self._show(())

    def retype(self, text: str) -> None:
        """Put text into the field as if it were typed: offers for it are asked for."""
        self._field.value = text

    def offer(self, offers: tuple[Offer, ...], request: int | None = None) -> None:
        """Show offers; an answer to an older request than the newest is dropped."""
        if request is None or request == self._request:
            self._answered = self._request
            self._show(offers[: self._most])
            if self._takes_answer:
                self._take()

    def focus(self, scroll_visible: bool = True, **_: Any) -> Picker:
        """Focus the field."""
        self._field.focus(scroll_visible)
        return self

    def ask(self) -> None:
        """Ask the owner for offers for what stands in the field now."""
        self._request += 1
        self.post_message(self.Typed(self, self._field.value, self._request))

    def on_descendant_focus(self) -> None:
        """Show the offers."""
        # Not `:focus-within`: Textual forgets it on a parent whose own look does not depend on it.
        self.add_class("-open")

    def on_descendant_blur(self) -> None:
        """Hide the offers."""
        self.remove_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Ask for offers, unless the text was put there by the owner."""
        event.stop()
        if self._quiet:
            self._quiet = False
            return
        self.is_settled = False
        self.ask()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes."""
        event.stop()
        self.take()

    def take(self) -> None:
        """Take the marked offer, or the text as it stands; offers on their way for what was typed come first."""
        if self._answered == self._request:
            self._take()
        elif not self._takes_answer:
            self._takes_answer = True
            if isinstance(self.app, TypeAheadApp):
                self.app.hold_keys()

    def _take(self) -> None:
        sought = bool(self._field.value) or self._has_moved
        self.post_message(self.Picked(self, self.chosen, self._field.value, sought))
        if self._takes_answer and isinstance(self.app, TypeAheadApp):
            self.app.release_keys_after(self)  # only its owner knows where the next letter belongs
        self._takes_answer = False

    def on_key(self, event: events.Key) -> None:
        """Move among the offers."""
        if event.key in ("up", "down") and self._offers.offers:
            step = 1 if event.key == "down" else -1
            self._offers.cursor = (self._offers.cursor + step) % len(self._offers.offers)
            self._has_moved = True
            self._offers.refresh()
            event.stop()
            event.prevent_default()

    def _show(self, offers: tuple[Offer, ...]) -> None:
        before = self._offers.offers
        self._offers.offers = offers
        self._offers.cursor = 0
        self._has_moved = False
        self._offers.refresh(layout=len(before) != len(offers))
