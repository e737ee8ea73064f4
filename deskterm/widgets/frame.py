"""The frame of every screen: one line of heading above, one line of hints or an answer below."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from rich.cells import cell_len
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from deskterm.actions import Action
from deskterm.keymap import Keymap, first_key
from deskterm.text import safe

Tone = Literal["done", "refused", "note", "alarm"]
_TONES: dict[Tone, tuple[str, str]] = {
    "done": ("✓", "$text-success"),
    "refused": ("✗", "$text-warning"),
    "note": ("·", "$text"),
    "alarm": ("▲", "bold $text-warning"),
}
SAID_SECONDS = 8.0
_APART = 3
"""Cells between the parts of a heading."""
_LAST_ACT = 10
"""Hints up to this place are acts; those after it help."""


def key_line(*keys: tuple[str, str]) -> Content:
    """Word a few keys and what they do, for pages that have a line of keys of their own."""
    return Content("  ").join(Content.assemble((key, "bold $text-accent"), f" {does}") for key, does in keys)


class Heading(Widget):
    """One line: where you are at the left, the state of the desk at the right."""

    DEFAULT_CSS = "Heading { height: 1; dock: top; padding: 0 1; background: $panel; color: $text; }"

    def __init__(self, plate: Content | None = None) -> None:
        """`plate` stands before all else and never gives way: the name of the desk, where desks have names."""
        super().__init__()
        self._plate = Content.assemble(plate, "  ") if plate else Content("")
        self._left: Content = Content("")
        self._right: Content = Content("")
        self._between: tuple[str, ...] = ()
        self._watch: Content = Content("")
        self._standing: Content = Content("")

    def stand(self, words: Content) -> None:
        """Set how the desk stands, at the right end; nothing is drawn when nothing changed."""
        if words != self._standing:
            self._standing = words
            self.refresh()

    def keep_watch(self, words: Content | None) -> None:
        """Set the watch on an open window, which stands before the right side and gives way to nothing else."""
        if (words := words or Content("")) != self._watch:
            self._watch = words
            self.refresh()

    def stand_between(self, words: tuple[str, ...]) -> None:
        """Set what stands before the right side as far as there is room, the most telling words first."""
        if words != self._between:
            self._between = words
            self.refresh()

    def tell(self, left: Content | None = None, right: Content | None = None) -> None:
        """Change either side; nothing is drawn when nothing changed."""
        before = (self._left, self._right)
        self._left = left if left is not None else self._left
        self._right = right if right is not None else self._right
        if (self._left, self._right) != before:
            self.refresh()

    def render(self) -> Content:
        """Left and right, with what space there is between them; the right side gives way last."""
        width = self.content_size.width - self._plate.cell_length
        right = _side_by_side(self._watch, self._right.rstrip(), self._standing)
        if right.cell_length > width:
            right = _side_by_side(self._watch, self._standing)
        space = width - right.cell_length
        left = self._left.truncate(max(0, space - 1), ellipsis=True) if self._left.cell_length >= space else self._left
        gap = max(0, space - left.cell_length)
        between = self._fitting(gap - 2 * _APART)
        if between:
            gap -= cell_len(between) + _APART
            return Content.assemble(self._plate, left, " " * gap, (between, "$text-muted"), " " * _APART, right)
        return Content.assemble(self._plate, left, " " * gap, right)

    def _fitting(self, room: int) -> str:
        said = ""
        for words in map(safe, self._between):
            longer = f"{said} · {words}" if said else words
            said = longer if cell_len(longer) <= room else said
        return said


def _side_by_side(*parts: Content) -> Content:
    return Content(" " * _APART).join(part for part in parts if part.cell_length)


def _by_hint(actions: Iterable[Action]) -> list[Action]:
    return sorted((a for a in actions if a.hint), key=lambda a: a.hint)


class Hints(Widget):
    """The line at the foot: the next keys, or for a while the answer to the last one.

    A key that would be refused now is dimmed; pressing it says why.
    """

    DEFAULT_CSS = "Hints { height: 1; dock: bottom; padding: 0 1; background: $panel; color: $text; }"

    def __init__(
        self, actions: Iterable[Action], why_not: Callable[[Action], str | None], keymap: Keymap | None = None
    ) -> None:
        super().__init__()
        self._actions = _by_hint(actions)
        self._why_not = why_not
        self._keymap = keymap or {}
        self._said: Content | None = None
        self._timer: Timer | None = None
        self._typing = False

    def follow(self, focused: Widget | None) -> None:
        """Show keys that type nothing while the focus is where words are typed."""
        typing = focused is not None and focused.check_consume_key("a", "a")
        if typing != self._typing:
            self._typing = typing
            self.refresh()

    def offer(self, actions: Iterable[Action]) -> None:
        """Show the keys of another place."""
        self._actions = _by_hint(actions)
        self.refresh()

    @property
    def said(self) -> str:
        """What the line says now besides keys; empty while it shows keys."""
        return self._said.plain if self._said else ""

    def say(self, message: str, tone: Tone = "note") -> None:
        """Show one sentence instead of the keys, until the next one or for a few seconds."""
        mark, colour = _TONES[tone]
        self._said = Content.assemble((f"{mark} ", colour), (safe(message), colour))
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SAID_SECONDS, self.unsay)
        self._fit()
        self.refresh()

    def _fit(self) -> None:
        """A long sentence takes a second line rather than lose its end."""
        width = max(1, self.content_size.width)
        length = self._said.cell_length if self._said else 0
        self.styles.height = min(3, 1 + (length - 1) // width) if length > width else 1

    def unsay(self) -> None:
        """Show the keys again."""
        if self._said is not None:
            self._said = None
            self._fit()
            self.refresh()

    def render(self) -> Content:
        """The sentence, or as many keys as fit, with Back and Help always there."""
        width = self.content_size.width
        if self._said is not None:
            return self._said
        shown: dict[str, Content] = {}
        used = 0
        offered = [a for a in self._actions if first_key(a, self._keymap, typing=self._typing)]
        last = [a for a in offered if a.hint >= 40]
        others = [a for a in offered if a not in last]
        for action in (*last, *sorted(others, key=self._comes_late)):
            hint = self._hint(action)
            if used + hint.cell_length + 2 > width:
                continue
            shown[action.id] = hint
            used += hint.cell_length + 2
        return Content("  ").join([shown[a.id] for a in (*others, *last) if a.id in shown])

    def _comes_late(self, action: Action) -> tuple[bool, bool]:
        """Where room is short, acts go before helps, and what may be done now before what may not."""
        return action.hint > _LAST_ACT, bool(self._why_not(action))

    def _hint(self, action: Action) -> Content:
        key = first_key(action, self._keymap, typing=self._typing)
        if self._why_not(action):
            return Content.styled(f"{key} {action.name}", "$text-disabled")
        return Content.assemble((key, "bold $text-accent"), (f" {action.name}", "$text"))
