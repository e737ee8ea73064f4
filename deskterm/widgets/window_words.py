"""The watch on an open window, as every heading shows it: time left, sign and colour, each enough by itself (C7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from textual.content import Content

from deskterm.text import safe

if TYPE_CHECKING:
    from deskterm.desk.changes.views import Alarm, WindowGuard

_LOOKS: Final[dict[Alarm, tuple[str, str]]] = {
    "": ("", "$text-muted"),
    "15": ("▲ ", "$text-warning"),
    "5": ("▲ ", "bold $background on $warning"),
    "over": ("‼ ", "bold $background on $error"),
}
LOUDNESS: Final[tuple[Alarm, ...]] = tuple(_LOOKS)
"""The alarms, the quietest first."""


def heading_words(guards: Sequence[WindowGuard], key: str) -> Content | None:
    """The window that ends first, how many others are watched, and the key that goes there once it presses."""
    if not guards:
        return None
    from deskterm.desk.changes.views import clock_words

    first, more = guards[0], len(guards) - 1
    sign, style = _LOOKS[first.alarm]
    over = f"{first.ref} over by {clock_words(-first.left)}"
    words = f"{sign}{over if first.alarm == 'over' else first.words}{f' +{more}' if more else ''}"
    if first.alarm in ("5", "over"):
        words = f" {words}  {key} "
    return Content.styled(safe(words), style)


def alarm_words(guard: WindowGuard, key: str) -> str:
    """What is said once, when a warning comes and when the window is over."""
    if guard.alarm == "over":
        return f"{guard.ref} is over its window with work open: roll back. {key} goes there."
    minutes = -(-guard.left // timedelta(minutes=1))
    return f"{minutes} {'minute is' if minutes == 1 else 'minutes are'} left of the window of {guard.ref}."
