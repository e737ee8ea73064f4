"""The clocks of a ticket: when each began, when it is due, whether it is at risk, late or was met (R088-R095).

    response   until work began, or the customer was first reached by somebody who may work on it (R090)
    update     from one word to the customer to the next; runs on while the ticket waits, until it is resolved (R091)
    restore    until it is resolved; stands still for the reasons that were promised (R093)
    promised   the restore time that the customer was given (T8, R095)
    group      until somebody of the group that it was handed to takes it (OLA)
    vendor     until a vendor answers its task (UC)

Worked out from `Ticket.timekeeping` whenever somebody asks, never kept. Response and restore count from when the
clocks began by what is promised now, so that another priority or contract moves them and keeps the pauses (§6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from deskterm.desk.hours import Hours, OutOfReach, due
from deskterm.desk.hours.openings import Span
from deskterm.desk.records.status import CUSTOMER_CLOCKS as CUSTOMER_CLOCKS
from deskterm.desk.records.status import Status

if TYPE_CHECKING:
    from deskterm.desk.records.ticket import Ticket, VendorTask
    from deskterm.desk.records.timekeeping import ClockName, Duty, Promise, RestoreTime, Timekeeping

ClockState = Literal["running", "at risk", "late", "paused", "met", "missed"]
TITLES: Final[dict[ClockName, str]] = {
    "response": "Response", "update": "Next update", "restore": "Restore", "promised": "Promised restore",
    "group": "Group", "vendor": "Vendor",
}  # fmt: skip
_AT_RISK: Final = (3, 4)
"""What part of a target has gone when it is at risk."""


class Books(Protocol):
    """The calendars of desk files, as they were when they came into force."""

    def hours(self, desk: int, calendar: str) -> Hours | None:
        """A calendar of the desk file at a position of the log; None where there is none of this name."""
        ...


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock. `due` and `at_risk` are None while it stands still; `ended` is None while it runs."""

    name: ClockName
    title: str
    target: str
    """As the desk file writes it; empty for a time that was given to the customer."""
    calendar: str
    began: datetime
    due: datetime | None
    ended: datetime | None = None
    at_risk: datetime | None = None
    detail: str = ""
    """Whose clock it is where there can be several, or why it counts as it does."""
    desk: int = 0
    """Position in the log of the desk file that it goes by."""

    def state(self, now: datetime) -> ClockState:
        """How it stands."""
        if self.ended is not None:
            return "met" if self.due is None or self.ended <= self.due else "missed"
        if self.due is None:
            return "paused"
        if now > self.due:
            return "late"
        return "at risk" if self.at_risk is not None and now >= self.at_risk else "running"


class _Face(NamedTuple):
    """What a clock is before anything was counted: its due time comes last."""

    name: ClockName
    target: str
    calendar: str
    began: datetime
    ended: datetime | None
    desk: int
    detail: str = ""

    def clock(self, due: datetime | None = None, at_risk: datetime | None = None) -> Clock:
        """The clock; it stands still without a due time."""
        return Clock(
            self.name, TITLES[self.name], self.target, self.calendar, self.began, due, self.ended, at_risk,
            self.detail, self.desk,
        )  # fmt: skip


class Measure(NamedTuple):
    """A clock with the open time that was counted for it."""

    clock: Clock
    hours: Hours | None
    counted: tuple[Span, ...] = ()


def clocks(ticket: Ticket, books: Books) -> tuple[Clock, ...]:
    """All clocks of a ticket, those that have ended too. What was never promised has none."""
    return tuple(measure.clock for measure in measures(ticket, books))


def next_due(ticket: Ticket, books: Books) -> Clock | None:
    """The customer's clock that is due next; one that stands still where no other runs; None where none does."""
    return soonest(measure.clock for measure in _promised(ticket, books, running=True))


def soonest(some: Iterable[Clock]) -> Clock | None:
    """Which of a ticket's clocks is due next for the customer."""
    running = [clock for clock in some if clock.ended is None and clock.name in CUSTOMER_CLOCKS]
    dated = [(clock.due, number) for number, clock in enumerate(running) if clock.due is not None]
    if dated:
        return running[min(dated)[1]]
    return running[0] if running else None


def measures(ticket: Ticket, books: Books) -> tuple[Measure, ...]:
    """All clocks of a ticket, with what was counted for each."""
    kept, over = ticket.timekeeping, _over(ticket)
    found = [_duty(kept.duty, kept, books, over)] if kept.duty is not None else []
    found += [_vendor(task, books, over) for task in ticket.vendor_tasks]
    return (*_promised(ticket, books), *(measure for measure in found if measure is not None))


def _promised(ticket: Ticket, books: Books, *, running: bool = False) -> tuple[Measure, ...]:
    """The clocks that the customer was promised; of those that have ended none where only the `running` count."""
    kept, found = ticket.timekeeping, list[Measure | None]()
    over, promise = _over(ticket), kept.promise
    if running and over is not None:
        return ()
    if promise is not None:
        answered = min(filter(None, (kept.responded, over)), default=None)
        if answered is None or not running:
            found.append(_standing("response", promise, promise.response, ticket, books, answered))
        found.append(_update(ticket, books, over))
        found.append(_standing("restore", promise, promise.restore, ticket, books, over))
    if kept.restore is not None:
        found.append(_given(kept.restore, over))
    return tuple(measure for measure in found if measure is not None)


def pauses(kept: Timekeeping, until: datetime | None = None) -> tuple[Span, ...]:
    """The times in which clocks stood still, as far as `until`; without that, those that are over."""
    stopped = (pause for pause in kept.pauses if pause.stops)
    ends = ((pause.began, min(filter(None, (pause.ended, until)), default=None)) for pause in stopped)
    return tuple(Span(began, end) for began, end in ends if end is not None and began < end)


def _over(ticket: Ticket) -> datetime | None:
    """When the desk owed nothing more: resolved, or ended otherwise."""
    if ticket.status in (Status.RESOLVED, Status.CLOSED) and ticket.resolved_at:
        return ticket.resolved_at
    return None if ticket.status.is_open else ticket.closed_at


def _standing(
    name: ClockName, promise: Promise, target: str, ticket: Ticket, books: Books, ended: datetime | None
) -> Measure | None:
    """A clock that stands still while the ticket waits for what was promised to stop it."""
    kept = ticket.timekeeping
    hours = books.hours(promise.desk, promise.calendar) if target else None
    if hours is None:
        return None
    return _stopped_or_dated(_Face(name, target, promise.calendar, kept.started, ended, promise.desk), hours, kept)


def _stopped_or_dated(face: _Face, hours: Hours, kept: Timekeeping) -> Measure | None:
    if not kept.pauses:
        return _dated(face, hours)
    found = _dated(face, hours, pauses(kept, face.ended))
    stopped = next((pause.began for pause in kept.pauses if pause.stops and pause.ended is None), None)
    if found is None or face.ended is not None or stopped is None or _due(found) <= stopped:
        return found
    return Measure(face.clock(), hours)


def _dated(face: _Face, hours: Hours, still: tuple[Span, ...] = ()) -> Measure | None:
    """The clock with its due time; None where its calendar never opens for long enough."""
    try:
        at, counted = due(hours, face.began, face.target, still)
    except OutOfReach:
        return None
    return Measure(face.clock(at, _risky(counted)), hours, counted)


def _risky(counted: tuple[Span, ...]) -> datetime | None:
    """When three quarters of the counted time have gone."""
    part, whole = _AT_RISK
    left = sum([end - start for start, end in counted], timedelta()) * part / whole
    for start, end in counted:
        if left <= end - start:
            return start + left
        left -= end - start
    return None


# -- the next word to the customer


def _update(ticket: Ticket, books: Books, over: datetime | None) -> Measure | None:
    """The next update: by what is promised now, from the last word; what tightens it counts from when it did."""
    kept = ticket.timekeeping
    word = max(kept.told, kept.started) if kept.told else kept.started
    known = [each for each in kept.promises if each.since <= word][-1:] or list(kept.promises[:1])
    found = _interval(known[0], known[0].update, word, books, over) if known else None
    for each in kept.promises:
        if each.since > word and each not in known:
            found = _changed(found, each, word, books, over)
    return _sooner(found, _urgent(kept, word, books, over))


def _changed(
    found: Measure | None, promise: Promise, word: datetime, books: Books, over: datetime | None
) -> Measure | None:
    """The interval once another promise came after the last word."""
    anew = _interval(promise, promise.update, word, books, over)
    if anew is not None and found is not None and _due(anew) >= _due(found):
        return anew
    # Nobody could have known of the tighter interval before it was promised.
    tighter = _interval(promise, promise.update, promise.since, books, over)
    return _sooner(found, tighter) if tighter else None


def _urgent(kept: Timekeeping, word: datetime, books: Books, over: datetime | None) -> Measure | None:
    """The shorter interval while the ticket is escalated or major (R092)."""
    promise = kept.promise
    if promise is None or not promise.urgent_update or not kept.urgent:
        return None
    since, calm = kept.urgent[-1]
    if calm is not None and (over is None or calm < over):
        return None
    return _interval(promise, promise.urgent_update, max(word, since), books, over, "as it is escalated or major")


def _interval(
    promise: Promise, target: str, began: datetime, books: Books, over: datetime | None, detail: str = ""
) -> Measure | None:
    hours = books.hours(promise.desk, promise.calendar) if target else None
    if hours is None:
        return None
    return _dated(_Face("update", target, promise.calendar, began, over, promise.desk, detail), hours)


def _due(measure: Measure) -> datetime:
    assert measure.clock.due is not None, "an interval is always dated"
    return measure.clock.due


def _sooner(one: Measure | None, other: Measure | None) -> Measure | None:
    known = [measure for measure in (one, other) if measure is not None]
    return min(known, key=_due, default=None)


# -- clocks of one moment, one group, one vendor


def _given(restore: RestoreTime, over: datetime | None) -> Measure:
    part, whole = _AT_RISK
    at_risk = restore.given + (restore.at - restore.given) * part / whole
    clock = Clock(
        "promised", TITLES["promised"], "", "", restore.given, restore.at, over, at_risk, f"told {restore.told}".strip()
    )
    return Measure(clock, None, (Span(restore.given, restore.at),) if restore.given < restore.at else ())


def _duty(duty: Duty, kept: Timekeeping, books: Books, over: datetime | None) -> Measure | None:
    ended = min(filter(None, (duty.taken, over)), default=None)
    hours = books.hours(duty.desk, duty.calendar) if duty.target else None
    if hours is None:
        return None
    face = _Face("group", duty.target, duty.calendar, duty.since, ended, duty.desk, duty.group)
    return _stopped_or_dated(face, hours, kept)


def _vendor(task: VendorTask, books: Books, over: datetime | None) -> Measure | None:
    answered = task.answers[0].at if task.answers else None
    ended = min(filter(None, (answered, over)), default=None)
    hours = books.hours(task.desk, task.calendar) if task.target else None
    if hours is None:
        return None
    return _dated(_Face("vendor", task.target, task.calendar, task.opened_at, ended, task.desk, task.vendor), hours)
