"""The lines of a ticket's thread: each entry with its bar, its side in words, and its text, wrapped to a width.

What customers see and what stays inside never look alike: the bar is heavy or thin, the word says which, and
colour only repeats it (R113).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content

from deskterm.text import capped, cell, safe
from deskterm.widgets.ticket_words import clock

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import TimelineEntry

SHOWN_LINES: Final = 8
"""Lines of one text that the thread shows before it is opened."""
_GUTTER: Final = 8
_SIDE_WIDTH: Final = 13
_ACTOR_WIDTH: Final = 16


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One line as it is drawn. `hidden` counts the lines of a text that it stands for, if it stands for any."""

    content: Content
    entry: int = -1
    hidden: int = 0


def bar(customer_sees: bool) -> tuple[str, str]:
    """The bar at the left of an entry, and its colour."""
    return ("┃", "$text-accent") if customer_sees else ("│", "$text-disabled")


def side(customer_sees: bool) -> str:
    """Who reads an entry, in words."""
    return "customer sees" if customer_sees else "internal"


def wrapped(text: str, width: int, style: str = "") -> list[Content]:
    """Untrusted text as lines of at most `width` cells."""
    return Content.styled(safe(text, lines=True), style).wrap(max(1, width))


def entry_lines(entry: TimelineEntry, number: int, zone: str, width: int, *, is_open: bool) -> list[ThreadLine]:
    """Draw one entry. A text of more than `SHOWN_LINES` lines is cut unless `is_open`."""
    mark, colour = bar(entry.customer_sees)
    room = max(16, width - _GUTTER)
    first, *rest = _head(entry, room)
    lines = [Content.assemble((clock(entry.at, zone) + " ", "$text-muted"), (f"{mark} ", colour), first)]
    lines += [_under(mark, colour, line) for line in rest]
    text, is_cut = capped(entry.text.strip("\n"))
    body = wrapped(text, room) if text else []
    hidden = 0
    # A cut that would hide a line or two hides nothing: the words that offer it would take as much room.
    if len(body) > SHOWN_LINES + 2 and not is_open:
        hidden = len(body) - SHOWN_LINES
        body = body[:SHOWN_LINES]
    lines += [_under(mark, colour, line) for line in body]
    drawn = [ThreadLine(line, number) for line in lines]
    if hidden:
        drawn.append(ThreadLine(_under(mark, colour, Content("")), number, hidden))
    elif is_cut:
        note = Content.styled("… the rest is too long for this screen; the shell shows it all", "$text-muted")
        drawn.append(ThreadLine(_under(mark, colour, note), number))
    return drawn


def _head(entry: TimelineEntry, room: int) -> list[Content]:
    """What happened, and at the right who did it and who may read it, as long as there is room for both."""
    title = Content.assemble(f"{entry.mark} ", (safe(entry.title), "bold"))
    meta = _meta(entry)
    space = room - meta.cell_length - 2
    if space < 24:
        return [*title.wrap(room), Content.assemble("  ", meta)]
    first, *rest = title.wrap(space)
    filled = Content.assemble(first, " " * (room - first.cell_length - meta.cell_length), meta)
    return [filled, *(Content.assemble("  ", line) for line in rest)]


def _meta(entry: TimelineEntry) -> Content:
    actor = cell(entry.actor, min(_ACTOR_WIDTH, max(1, cell_len(safe(entry.actor)))))
    _, colour = bar(entry.customer_sees)
    return Content.assemble(
        (actor, "$text-muted"),
        "  ",
        (side(entry.customer_sees).ljust(_SIDE_WIDTH), colour if entry.customer_sees else "$text-muted"),
    )


def _under(mark: str, colour: str, line: Content) -> Content:
    return Content.assemble(" " * (_GUTTER - 2), (f"{mark} ", colour), line)
