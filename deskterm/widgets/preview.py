"""The queue's look into a ticket: what it is, who called, the latest of its thread, and what to say."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from deskterm.desk.tickets.due_words import short_clocks
from deskterm.text import cell, safe
from deskterm.widgets.entry_lines import bar, wrapped
from deskterm.widgets.ticket_words import caller_of, short_moment, standing

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.tickets.views import TicketView, TimelineEntry

_BESIDE = 60
"""From this width the standing has its place beside the summary, else it gets a line of its own."""
_SAY = "Say: "


def preview(view: TicketView, desk: DeskFile, now: datetime, width: int, height: int) -> Content:
    """Draw a ticket into exactly `height` lines of at most `width` cells. `now` is an aware instant."""
    if width < 1 or height < 1:
        return Content("")
    top = [*_title(view, desk, width), *_caller(view, desk, width), *clocks_line(view, desk, now, width)][:height]
    say = say_lines(view.say, width)[: max(0, height - len(top))]
    room = height - len(top) - len(say)
    thread = _latest(view, desk, now, width, room)
    air = [Content("")] * (room - len(thread))
    return Content("\n").join([*top, *thread, *air, *say])


def say_lines(sentence: str, width: int) -> list[Content]:
    """The sentence to read out, marked as such and hung under its first word."""
    lines = wrapped(sentence, width - len(_SAY))
    indents = [(_SAY, "bold $text-accent"), *[(" " * len(_SAY), "")] * (len(lines) - 1)]
    return [Content.assemble(indent, line) for indent, line in zip(indents, lines, strict=True)]


def clocks_line(view: TicketView, desk: DeskFile, now: datetime, width: int) -> list[Content]:
    """What is due, on one line, the worst of it in its colour; none where no clock runs."""
    running = short_clocks(view.clocks, now, desk.desk.zone)
    if not running:
        return []
    states = {state for _, state in running}
    style = "$text-error" if "late" in states else "$text-warning" if "at risk" in states else "$text-muted"
    return [Content.styled(cell(" · ".join(words for words, _ in running), width).rstrip(), style)]


def _title(view: TicketView, desk: DeskFile, width: int) -> list[Content]:
    ticket = view.ticket
    where = safe(standing(ticket, desk))
    if width < _BESIDE:
        lines = Content.assemble((ticket.ref, "bold $text-accent"), "  ", (safe(ticket.summary), "bold")).wrap(width)
        shown = lines[:2] if len(lines) <= 2 else [lines[0], lines[1].truncate(width - 1).append("…")]
        return [*shown, Content(cell(where, width))]
    where = cell(where, min(len(where), width // 2)).rstrip()
    room = width - len(ticket.ref) - len(where) - 4
    return [
        Content.assemble(
            (ticket.ref, "bold $text-accent"), "  ", (cell(ticket.summary, room), "bold"), "  ", (where, "$text-muted")
        )
    ]


def _caller(view: TicketView, desk: DeskFile, width: int) -> list[Content]:
    asks = f" · still to ask: {', '.join(view.still_to_ask)}" if view.ticket.incomplete else ""
    return [Content.styled(cell(caller_of(view.ticket, desk) + asks, width), "$text-muted")]


def _latest(view: TicketView, desk: DeskFile, now: datetime, width: int, room: int) -> list[Content]:
    """As many of the newest entries as fit, oldest of them first; each on one line, or two where there is room."""
    lines: list[Content] = []
    most = 1 if room < len(view.timeline) * 2 else 2
    for entry in reversed(view.timeline):
        drawn = _entry(entry, desk.desk.zone, now, width, most)
        if len(lines) + len(drawn) > room:
            break
        lines = [*drawn, *lines]
    return lines


def _entry(entry: TimelineEntry, zone: str, now: datetime, width: int, most: int) -> list[Content]:
    mark, colour = bar(entry.customer_sees)
    lead = Content.assemble((short_moment(entry.at, now, zone).ljust(7), "$text-muted"), (f"{mark} ", colour))
    under = Content.assemble(" " * 7, (f"{mark} ", colour))
    words = " ".join(entry.text[: width * 8].split())
    # The first call is told by what was said in it: the summary stands above already.
    if entry.kind == "call" and entry.version == 1:
        words = " ".join(entry.text.partition("\n")[2][: width * 8].split()) or entry.title
        said = Content(safe(words))
    else:
        said = Content(safe(f"{entry.title}: {words}" if words else entry.title))
    room = max(8, width - 9)
    lines = said.wrap(room)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].truncate(room - 1).append("…")]
    return [Content.assemble(lead if n == 0 else under, line) for n, line in enumerate(lines)]
