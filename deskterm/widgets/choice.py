"""A choice among a few named steps, on one line where it fits: a digit picks one, and the form moves on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from deskterm.text import safe

if TYPE_CHECKING:
    from deskterm.desk.deskfile import Step


@dataclass(frozen=True, slots=True)
class Option:
    """One step: its key, its name, and its definition, shown while it is the chosen one."""

    key: str
    name: str
    definition: str = ""


def options_of(steps: Iterable[Step]) -> tuple[Option, ...]:
    """The steps of a desk's scale, to choose from."""
    return tuple(Option(step.key, step.name, step.definition) for step in steps)


class Choice(Widget, can_focus=True):
    """`1 High   2 Medium   3 Low`: digits, arrows or the first letter choose; nothing is chosen at first."""

    BINDINGS: ClassVar = [
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
        Binding("backspace", "clear", show=False),
    ]
    DEFAULT_CSS = """
    Choice { height: auto; color: $text; }
    Choice:focus { background: $field; }
    """

    @dataclass
    class Chosen(Message):
        """Somebody chose a step with a digit or a letter (`moves_on`), or is looking around with the arrows."""

        choice: Choice
        key: str
        moves_on: bool

        @property
        def control(self) -> Choice:
            """The choice it came from."""
            return self.choice

    def __init__(self, options: tuple[Option, ...], *, value: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self.options = options
        self._value = value if any(o.key == value for o in options) else ""

    @property
    def value(self) -> str:
        """Key of the chosen step; empty while none is."""
        return self._value

    @value.setter
    def value(self, key: str) -> None:
        if key != self._value:
            self._value = key if any(o.key == key for o in self.options) else ""
            self.refresh()

    def offer(self, options: tuple[Option, ...]) -> None:
        """Offer other steps, keeping what was chosen if it is still among them."""
        self.options = options
        self.value = self._value
        self.refresh(layout=True)

    def on_key(self, event: events.Key) -> None:
        """Choose by digit, or by a letter that begins the name of only one step."""
        if not event.character or not event.is_printable or event.character == " ":
            return
        picked = [o for n, o in enumerate(self.options, 1) if event.character == str(n)]
        # A capital is left to the screen, which may have an act for it.
        begun = [o for o in self.options if o.name.casefold().startswith(event.character)]
        picked = picked or (begun if len(begun) == 1 else [])
        if picked:
            event.stop()
            self._choose(picked[0].key, moves_on=True)

    def action_step(self, by: int) -> None:
        """Choose the neighbour."""
        keys = [o.key for o in self.options]
        if not keys:
            return
        index = keys.index(self._value) + by if self._value in keys else (0 if by > 0 else len(keys) - 1)
        self._choose(keys[max(0, min(index, len(keys) - 1))], moves_on=False)

    def action_clear(self) -> None:
        """Choose nothing."""
        self._choose("", moves_on=False)

    def _choose(self, key: str, *, moves_on: bool) -> None:
        self.value = key
        self.post_message(self.Chosen(self, key, moves_on))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the steps need; a step is never broken over two."""
        return len(self._lines(width))

    def render(self) -> Content:
        """The steps with their digits; the chosen one marked by a sign as well as by weight."""
        return Content("\n").join([Content("  ").join(line) for line in self._lines(self.content_size.width)])

    def _lines(self, width: int) -> list[list[Content]]:
        lines: list[list[Content]] = [[]]
        for part in self._steps():
            used = sum(p.cell_length + 2 for p in lines[-1])
            if lines[-1] and used + part.cell_length > width:
                lines.append([])
            lines[-1].append(part)
        return lines

    def _steps(self) -> list[Content]:
        parts = []
        for number, option in enumerate(self.options, 1):
            chosen = option.key == self._value
            digit = ("▸" if chosen else " ", "$text-accent"), (f"{number} ", "bold $text-accent")
            name = (safe(option.name), "bold underline $text" if chosen else "$text-muted")
            parts.append(Content.assemble(*digit, name))
        return parts
