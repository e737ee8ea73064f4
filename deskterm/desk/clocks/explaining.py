"""Why a clock says what it says: every span counted, every pause, holiday and change of the clocks, adding up.

The rows run from when the clock began until it is due, or until now while it stands still. `counted` of all rows adds
up to `Explanation.counted`, which is the target; for a target in working days it is what those days held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from deskterm.desk.clocks import Books, Clock, ClockState, Measure, measures, pauses
from deskterm.desk.hours import Hours, OutOfReach, due, elapsed
from deskterm.desk.hours.openings import Span

if TYPE_CHECKING:
    from deskterm.desk.records.ticket import Ticket
    from deskterm.desk.records.timekeeping import ClockName, Promise

_NOTHING = timedelta()
_PAUSABLE = ("response", "restore", "group")


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """Some time on one local day: what of it counted, why not where it did not, and the sum so far."""

    day: date
    start: datetime
    end: datetime
    counted: timedelta
    note: str
    total: timedelta


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the due time of a clock came about. Instants are UTC; `zone` is the calendar's, in which days are read."""

    ref: str
    clock: Clock
    state: ClockState
    now: datetime
    zone: str
    calendar: str
    """What the calendar is called."""
    contract: str
    """The contract and its level that the target comes from; empty where it is everybody's."""
    priority: str
    """Key of the priority that the target is for, put into its name by the store; empty for clocks that know none."""
    rows: tuple[ExplainedRow, ...]
    counted: timedelta
    """What the target comes to; less while the clock stands still."""
    left: timedelta | None
    """Open time that is left, or would be if it went on now; None once it has ended."""
    over_by: timedelta | None
    """Time that really passed since it was due, while it is late or where it was missed."""
    desk_file: str = ""
    """What the desk file was called whose calendar and target these are."""

    @property
    def adds_up(self) -> bool:
        """Whether the rows sum to what was counted, one by one."""
        total = _NOTHING
        for row in self.rows:
            total += row.counted
            if total != row.total:
                return False
        return total == self.counted


def explain(ticket: Ticket, name: ClockName, books: Books, now: datetime, zone: str = "UTC") -> Explanation | None:
    """Explain one of a ticket's clocks, of several vendors' the one that is due first; None where it has none.

    `zone` is for clocks that go by no calendar.
    """
    mine = [measure for measure in measures(ticket, books) if measure.clock.name == name]
    mine.sort(key=lambda measure: (measure.clock.ended is not None, measure.clock.due or now))
    return _explained(ticket, mine[0], now, zone) if mine else None


def explain_all(ticket: Ticket, books: Books, now: datetime, zone: str = "UTC") -> tuple[Explanation, ...]:
    """Explain every clock of a ticket, in the order of `clocks`."""
    return tuple(_explained(ticket, measure, now, zone) for measure in measures(ticket, books))


def _explained(ticket: Ticket, measure: Measure, now: datetime, zone: str) -> Explanation:
    clock, hours = measure.clock, measure.hours
    promise = next((each for each in reversed(ticket.timekeeping.promises) if _is_of(clock, each)), None)
    until = clock.due or max(now, clock.began)
    zone = hours.calendar.zone if hours else zone
    still = pauses(ticket.timekeeping, clock.ended or until) if clock.name in _PAUSABLE else ()
    if clock.due is not None or hours is None:
        counted = sum((span.end - span.start for span in measure.counted), _NOTHING)
    else:
        counted = elapsed(hours, clock.began, until, still)
    end = clock.ended or now
    return Explanation(
        ref=ticket.ref,
        clock=clock,
        state=clock.state(now),
        now=now,
        zone=zone,
        calendar=(hours.calendar.title or hours.calendar.name) if hours else "",
        contract=", ".join(filter(None, (promise.contract, promise.level))) if promise else "",
        priority=promise.priority if promise else "",
        rows=tuple(_summed(sorted(_pieces(ticket, clock, hours, until, zone), key=attrgetter("start", "end")))),
        counted=counted,
        left=_left(clock, hours, still, now),
        over_by=end - clock.due if clock.due is not None and end > clock.due else None,
    )


def _is_of(clock: Clock, promise: Promise) -> bool:
    wanted = {"response": promise.response, "restore": promise.restore}
    if clock.name == "update":
        return clock.target in (promise.update, promise.urgent_update) and clock.desk == promise.desk
    return clock.target == wanted.get(clock.name) and clock.desk == promise.desk


def _left(clock: Clock, hours: Hours | None, still: tuple[Span, ...], now: datetime) -> timedelta | None:
    if clock.ended is not None:
        return None
    if hours is None:
        return max(_NOTHING, clock.due - now) if clock.due else None
    if clock.due is not None:
        return elapsed(hours, min(now, clock.due), clock.due, still)
    try:
        return elapsed(hours, now, due(hours, clock.began, clock.target, still).at, still)
    except OutOfReach:
        return None


# -- the rows


@dataclass(frozen=True, slots=True)
class _Piece:
    """A row before it is summed."""

    day: date
    start: datetime
    end: datetime
    counts: bool
    note: str = ""


def _summed(pieces: Iterable[_Piece]) -> Iterator[ExplainedRow]:
    total = _NOTHING
    for piece in pieces:
        counted = piece.end - piece.start if piece.counts else _NOTHING
        total += counted
        yield ExplainedRow(piece.day, piece.start, piece.end, counted, piece.note, total)


def _pieces(ticket: Ticket, clock: Clock, hours: Hours | None, until: datetime, zone: str) -> Iterator[_Piece]:
    if hours is None:
        yield _Piece(_day(clock.began, zone), clock.began, until, True, "Time that really passes")
        return
    waits = _waits(ticket, clock.ended or until) if clock.name in _PAUSABLE else []
    for day in hours.days(clock.began, until):
        if not day.spans:
            edge = max(clock.began, min(until, _noon(day.date, zone)))
            yield _Piece(day.date, edge, edge, False, day.note or "Outside hours")
        for span in day.spans:
            yield from _cut(day.date, span, waits, day.note)
    if clock.name in ("response", "restore"):
        yield from _promises(ticket, clock, until, zone)


def _cut(day: date, span: Span, waits: Iterable[tuple[Span, str]], note: str) -> Iterator[_Piece]:
    """Cut an open span where the ticket waited; waits come in order and apart."""
    start = span.start
    for wait, reason in waits:
        if wait.end <= start or wait.start >= span.end:
            continue
        if start < wait.start:
            yield _Piece(day, start, wait.start, True, note)
        start = min(wait.end, span.end)
        yield _Piece(day, max(wait.start, span.start), start, False, f"Paused: {reason}" if reason else "Paused")
    if start < span.end:
        yield _Piece(day, start, span.end, True, note)


def _waits(ticket: Ticket, until: datetime) -> list[tuple[Span, str]]:
    stopped = (pause for pause in ticket.timekeeping.pauses if pause.stops)
    spans = ((Span(pause.began, min(pause.ended or until, until)), pause.reason) for pause in stopped)
    return [(span, reason) for span, reason in spans if span.start < span.end]


def _promises(ticket: Ticket, clock: Clock, until: datetime, zone: str) -> Iterator[_Piece]:
    """Where priority or contract changed: since then the whole time counts by the new target."""
    known = ticket.timekeeping.promises
    for old, new in pairwise(known):
        if clock.began < new.since <= until:
            what, before, after = ("Contract", old.level or old.contract, new.level or new.contract)
            if old.priority != new.priority:
                what, before, after = ("Priority", old.priority, new.priority)
            target = (getattr(each, clock.name) or "no target" for each in (old, new))
            note = f"{what} {before} → {after}: {' → '.join(target)} from the beginning"
            yield _Piece(_day(new.since, zone), new.since, new.since, False, note)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _noon(day: date, zone: str) -> datetime:
    """Some moment of a closed day, for its place among the others."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
