"""What a desk shows of changes: plain view models, and the pure functions that make them of the record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from deskterm.desk.changes.grounds import ChangeContext
from deskterm.desk.changes.guards import Lack, next_act, standing_between
from deskterm.desk.changes.rights import ChangeAct, ChangeVerdict, change_verdicts, is_own
from deskterm.desk.changes.timeline import window_words
from deskterm.desk.changes.window import (
    WARNINGS,
    Booked,
    Clash,
    as_it_is,
    clashes,
    form_outstanding_since,
    freeze_span,
    freezes,
    next_window,
)
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.deskfile.models import Freeze
from deskterm.desk.entry_words import TALKED_BY
from deskterm.desk.fold import fold
from deskterm.desk.records.change import AHEAD, Change, ChangeState, Row, Section
from deskterm.desk.tickets.views import TimelineEntry
from deskterm.desk.wording import day_and_time, when

Alarm = Literal["", "15", "5", "over"]
"""How loud the window guard is: not at all, 15 or 5 minutes before the end, or past it."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change as a line of a list. `key` is its place in the order that was asked for."""

    id: UUID
    ref: str
    key: str
    kind: str
    state: str
    title: str
    company: str
    ticket_ref: str
    engineer: str
    starts: datetime | None
    ends: datetime | None
    updated_at: datetime
    version: int
    form_outstanding: bool = False
    form_overdue: bool = False


ChangeList = Literal["open", "mine", "forms", "all"]
"""Which changes: those that are open by their window, one's own of these, those whose form is outstanding, or all."""


@dataclass(frozen=True, slots=True)
class ChangeQuery:
    """What to list of the changes: `all` the newest first, the others what has the earliest window first."""

    which: ChangeList = "open"
    ticket: str | UUID | None = None
    """Only those for this ticket, in any state."""
    text: str = ""
    """Only those with these beginnings of words in title, company, systems or reference."""
    limit: int = 200
    after: str | None = None
    """The `key` of the last line of the page before."""


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section of the form and how far it is: `done` of `total` rows, where its rows are done at all."""

    section: Section
    number: int
    title: str
    rows: tuple[Row, ...]
    done: int
    failed: int = 0


@dataclass(frozen=True, slots=True)
class WindowGuard:
    """The watch on a window in which work is open, for the header of every screen of those concerned.

    `left` is the time until its end, negative past it. The words say it all; the alarm only adds colour and sign.
    """

    change: UUID
    ref: str
    title: str
    state: ChangeState
    engineer: str
    ends: datetime
    left: timedelta
    alarm: Alarm
    words: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change opened: the record as it stands now, its sections, its thread, and what may and may not be done."""

    change: Change
    sections: tuple[SectionView, ...]
    timeline: tuple[TimelineEntry, ...]
    may: tuple[ChangeVerdict, ...]
    next_act: ChangeAct | None
    standing: tuple[Lack, ...]
    """What still stands between it and its next state."""
    guard: WindowGuard | None
    window: str
    """The window in words, in the customer's and the engineer's zone."""
    agreement: str
    """Who agreed to it and how, in one sentence."""
    clashes: tuple[Clash, ...]
    freezes: tuple[Freeze, ...]
    proposed: tuple[datetime, datetime] | None
    """The next free window, where one is wanted."""
    say: str
    """The sentence to read out to the customer."""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the change calendar: the windows that are open on it, and the freezes it is in."""

    day: date
    windows: tuple[Booked, ...]
    freezes: tuple[Freeze, ...]


def view_of(change: Change, context: ChangeContext, timeline: Iterable[TimelineEntry] = ()) -> ChangeView:
    """Make the view of a change for whoever looks at it, at this moment."""
    now = as_it_is(change, context.now)
    wants_window = now.state in (ChangeState.OVERRUN, ChangeState.ROLLING_BACK, ChangeState.ROLLED_BACK)
    return ChangeView(
        change=now,
        sections=sections_of(now),
        timeline=tuple(timeline),
        may=change_verdicts(context.actor, now),
        next_act=next_act(now),
        standing=standing_between(now, context),
        guard=window_guard(now, context.now),
        window=both_zones(now),
        agreement=agreement(now),
        clashes=clashes(now, context.others),
        freezes=freezes(now, context.desk),
        proposed=next_window(now, context.others, context.desk, context.now) if wants_window else None,
        say=say_change(now, context.desk, context.now),
    )


def line_of(change: Change, key: str = "") -> ChangeLine:
    """Make the line of a change."""
    return ChangeLine(
        id=change.id,
        ref=change.ref,
        key=key,
        kind=change.kind,
        state=change.state,
        title=change.title,
        company=change.company,
        ticket_ref=change.ticket_ref,
        engineer=change.engineer,
        starts=change.starts,
        ends=change.ends,
        updated_at=change.updated_at,
        version=change.version,
        form_outstanding=form_outstanding_since(change) is not None,
        form_overdue=change.form_overdue and change.owes_form,
    )


def sections_of(change: Change) -> tuple[SectionView, ...]:
    """The sections with their rows, in the order of the form."""
    return tuple(
        SectionView(
            section=section,
            number=section.number,
            title=section.heading,
            rows=rows,
            done=sum(row.done_at is not None and row.passed is not False for row in rows),
            failed=sum(row.passed is False for row in rows),
        )
        for section in Section
        for rows in (change.rows_of(section),)
    )


# -- the window


def window_guard(change: Change, now: datetime) -> WindowGuard | None:
    """The watch on an open window; None where no work is open. `now` is UTC; at the end exactly, the window is over."""
    if change.ends is None or not (change.state.is_work or change.state is ChangeState.OVERRUN):
        return None
    left = change.ends - now
    alarm: Alarm = ""
    if left <= timedelta(0):
        alarm, words = "over", f"{change.ref} is over its window by {clock_words(-left)}"
    else:
        words = f"{change.ref} ends in {clock_words(left, up=True)}"
        if left <= timedelta(minutes=WARNINGS[0]):
            alarm = "5" if left <= timedelta(minutes=WARNINGS[1]) else "15"
    return WindowGuard(
        change.id, change.ref, change.title, change.state, change.engineer, change.ends, left, alarm, words
    )


def is_concerned(change: Change, operator: Operator) -> bool:
    """Whether a window is somebody's business: those who raised the change, make it or own a row, and supervisors."""
    if operator.level == "supervisor" or is_own(operator.name, change):
        return True
    theirs = {fold(name) for name in (operator.name, operator.login, *operator.groups) if name}
    return any(fold(row.owner.strip()) in theirs for row in change.rows)


def clock_words(length: timedelta, *, up: bool = False) -> str:
    """Write a length as hours and minutes, "0:14"; rounded up, so that it is 0:00 only when nothing is left."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    minutes += up and (seconds > 0 or length.microseconds > 0)
    return f"{minutes // 60}:{minutes % 60:02d}"


def both_zones(change: Change) -> str:
    """The window in the customer's zone, and in the engineer's where that reads differently (R152)."""
    if change.starts is None or change.ends is None:
        return "No window yet"
    customer, engineer = change.customer_zone or "UTC", change.engineer_zone or "UTC"
    words = window_words(change.starts, change.ends, customer)
    if read_alike(change.starts, customer, engineer):
        return words
    return f"{words} ({window_words(change.starts, change.ends, engineer)} for the engineer)"


def read_alike(moment: datetime, one: str, other: str) -> bool:
    """Whether clocks in two zones read the same at a moment."""
    return moment.astimezone(ZoneInfo(one)).utcoffset() == moment.astimezone(ZoneInfo(other)).utcoffset()


def calendar_week(day: date, windows: Iterable[Booked], desk: DeskFile, zone: str) -> tuple[CalendarDay, ...]:
    """The week of a day, from Monday, as clocks in a zone divide it: windows by their start, freezes on each day."""
    known, there = sorted(windows, key=lambda each: (each.starts, each.ref)), ZoneInfo(zone)
    monday = day - timedelta(days=day.weekday())
    days = []
    for each in (monday + timedelta(days=n) for n in range(7)):
        begin, end = (datetime.combine(d, time(), there).astimezone(UTC) for d in (each, each + timedelta(days=1)))
        spans = ((freeze, freeze_span(freeze, desk)) for freeze in desk.freeze)
        days.append(
            CalendarDay(
                day=each,
                windows=tuple(window for window in known if window.starts < end and begin < window.ends),
                freezes=tuple(freeze for freeze, (first, last) in spans if first < end and begin < last),
            )
        )
    return tuple(days)


# -- words


def agreement(change: Change, zone: str = "") -> str:
    """Who agreed, how and when, in one sentence, with times in a zone, or else the engineer's."""
    zone = zone or change.engineer_zone or "UTC"
    if (found := change.approval) is not None:
        if found.model:
            return f"Agreed beforehand by {found.by}, as the model {found.model} has it."
        current = "" if found.content == change.content else " What they agreed to has been changed since."
        return f"{found.by} agreed {TALKED_BY[found.channel]}, {day_and_time(found.at, zone)} {zone}.{current}"
    if (spoken := change.spoken) is not None:
        said = day_and_time(spoken.at, zone)
        form = "the form is complete" if change.form_complete else "the form is outstanding"
        return f"{spoken.by} agreed by word of mouth to {spoken.to}, {said} {zone}; {form}."
    if change.rejection is not None:
        return f"{change.rejection.by} did not agree."
    return "The customer has not agreed yet."


_STATE: Final = {
    ChangeState.OVERRUN: "The work took longer than the agreed window, and we are in touch about how to go on.",
    ChangeState.ROLLING_BACK: "The work is being taken back, so that all is as it was before.",
    ChangeState.ROLLED_BACK: "The work was taken back and all is as before; we will propose another window.",
    ChangeState.REJECTED: "As you did not agree to it, nothing is changed.",
    ChangeState.CANCELLED: "It was called off, and nothing is changed.",
    ChangeState.AWAITING: "The form is with you, and we wait for your agreement. It is planned for {window}.",
    ChangeState.IMPLEMENTING: "The work is under way and is to be done {end}.",
    ChangeState.TESTING: "The work is done and is being tested, until {end}.",
    ChangeState.SCHEDULED: "It is agreed and planned for {window}.",
    ChangeState.APPROVED: "It is agreed and planned for {window}.",
    ChangeState.VERBALLY_APPROVED: "It is agreed by word of mouth and planned for {window}.",
    ChangeState.RESCHEDULED: "It is to be made in another window, {window}.",
}


def say_change(change: Change, desk: DeskFile, now: datetime) -> str:
    """One or two sentences to read to the customer: the state and the window, in the customer's zone (level 0)."""
    zone = change.customer_zone or desk.desk.zone
    known = change.starts is not None and change.ends is not None
    window = window_words(change.starts, change.ends, zone) if change.starts and change.ends else ""
    end = when(change.ends, now, zone) if change.ends else "soon"
    if (words := _STATE.get(change.state)) is not None and (known or "{window}" not in words):
        return words.format_map({"window": window, "end": end})
    if change.state in AHEAD:
        planned = f" It is planned for {window}." if known else ""
        return f"The change is being prepared; nothing is done before you have agreed to it.{planned}"
    return "The change was taken back." if change.rolled_back_at else "The change was made."
