"""The window of a change, watched: what falls due in it, what clashes with it, and which one is free next (C7, C9).

Windows are half-open: at its start a window is open, at its end it is over. Moments are worked out from the change and
the desk file alone, and so is the id of the command each leads to: however often the desk ticks, it happens once.

    warn-15, warn-5    minutes before the end of the window, while work is open
    window-over        its end
    form-due           the form of an emergency change should have been complete
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.models import Freeze
from deskterm.desk.escalations.moments import Moment
from deskterm.desk.fold import fold
from deskterm.desk.records.change import Change, ChangeState, window_over
from deskterm.desk.records.customers import record_id

if TYPE_CHECKING:
    from deskterm.desk.commands.changes import ChangeFallsDue

WARNINGS: Final = (15, 5)
"""Minutes before the end of the window at which those concerned are warned."""
_WARN: Final = "warn-"
WINDOW_OVER: Final = "window-over"
FORM_DUE: Final = "form-due"
UNSEEN: Final = "another change"
"""What a change is called for those who may not see it (R226)."""
_DAYS_AHEAD: Final = 90
"""How far a free window is looked for."""


def command_for(change: UUID, moment: Moment) -> ChangeFallsDue:
    """The command that deals with a moment: the same, with the same id, whoever notices it."""
    from deskterm.desk.commands.changes import ChangeFallsDue

    identity = uuid5(change, f"{moment.what}/{moment.at.astimezone(UTC).isoformat()}")
    return ChangeFallsDue(id=identity, change=change, what=moment.what, due=moment.at)


def in_words(what: str) -> str:
    """Say what came: "5 minutes are left of the window."."""
    if what == WINDOW_OVER:
        return "The window is over with work open."
    if what == FORM_DUE:
        return "The form of the emergency change is overdue."
    return f"{what.removeprefix(_WARN)} minutes are left of the window."


def moments(change: Change, desk: DeskFile) -> tuple[Moment, ...]:
    """All moments of a change still to come, or not dealt with yet, the earliest first."""
    return tuple(sorted(_moments(change, desk)))


def _moments(change: Change, desk: DeskFile) -> Iterator[Moment]:
    if change.state.is_work and change.ends is not None:
        for minutes in WARNINGS:
            due = change.ends - timedelta(minutes=minutes)
            began_later = change.implementing_at is not None and due < change.implementing_at
            if minutes not in change.warned and not began_later:
                yield Moment(due, f"{_WARN}{minutes}")
        yield Moment(change.ends, WINDOW_OVER)
    since = form_outstanding_since(change)
    if since is not None and not change.form_overdue:
        yield Moment(since + timedelta(hours=desk.change.form_hours), FORM_DUE)


def form_outstanding_since(change: Change) -> datetime | None:
    """When work ended on a change whose form is still outstanding; None for every other change (C11, R149)."""
    if change.state is ChangeState.FORM_OUTSTANDING:
        return change.implemented_at
    if change.state is ChangeState.ROLLED_BACK and change.owes_form:
        return change.rolled_back_at
    return None


def is_overdue(change: Change, now: datetime) -> bool:
    """Whether its window has passed with work open, noted already or not (C7)."""
    return change.state.is_work and window_over(change, now)


def as_it_is(change: Change, now: datetime) -> Change:
    """The change as it stands at this moment, also when no tick has noted yet that its window is over."""
    return change.model_copy(update={"state": ChangeState.OVERRUN}) if is_overdue(change, now) else change


# -- what clashes


@dataclass(frozen=True, slots=True)
class Booked:
    """The window of a change that lies ahead or is open, as far as others have to know of it."""

    id: UUID
    ref: str
    title: str
    company: str
    company_id: UUID | None
    systems: tuple[str, ...]
    starts: datetime
    ends: datetime
    state: ChangeState


@dataclass(frozen=True, slots=True)
class Clash:
    """Another window at the same time, on the same systems or for the same customer."""

    booked: Booked
    systems: tuple[str, ...]
    """The systems that both touch."""


_HOLDS_ITS_WINDOW: Final = frozenset(ChangeState) - {
    ChangeState.REJECTED, ChangeState.CANCELLED, ChangeState.CLOSED, ChangeState.ROLLED_BACK, ChangeState.IN_REVIEW,
    ChangeState.IMPLEMENTED, ChangeState.FORM_OUTSTANDING,
}  # fmt: skip


def booked(change: Change) -> Booked | None:
    """The window that a change holds; None where it has none, or is done with it."""
    if change.starts is None or change.ends is None or change.state not in _HOLDS_ITS_WINDOW:
        return None
    return Booked(
        id=change.id,
        ref=change.ref,
        title=change.title,
        company=change.company,
        company_id=change.company_id,
        systems=change.systems,
        starts=change.starts,
        ends=change.ends,
        state=change.state,
    )


def clashes(change: Change | Booked, others: Iterable[Booked]) -> tuple[Clash, ...]:
    """Windows of other changes that overlap this one's, on the same systems or for the same customer (C2)."""
    if change.starts is None or change.ends is None:
        return ()
    return tuple(_clashes(change, change.starts, change.ends, others))


def _clashes(change: Change | Booked, starts: datetime, ends: datetime, others: Iterable[Booked]) -> Iterator[Clash]:
    mine = {fold(system) for system in change.systems}
    for other in others:
        if other.id == change.id or other.ends <= starts or ends <= other.starts:
            continue
        shared = tuple(system for system in other.systems if fold(system) in mine)
        if shared or _same_company(change, other):
            yield Clash(other, shared)


def veiled(other: Booked, change: Change) -> Booked:
    """A window as those have to know of it who may not see its change: when it is, and what it shares with theirs."""
    mine, alike = {fold(system) for system in change.systems}, _same_company(change, other)
    return replace(
        other,
        ref=UNSEEN,
        title="only its group sees it",
        company=other.company if alike else "",
        company_id=other.company_id if alike else None,
        systems=tuple(system for system in other.systems if fold(system) in mine),
    )


def _same_company(change: Change | Booked, other: Booked) -> bool:
    if change.company_id is not None and other.company_id is not None:
        return change.company_id == other.company_id
    return bool(change.company.strip()) and fold(change.company.strip()) == fold(other.company.strip())


def freezes(change: Change | Booked, desk: DeskFile) -> tuple[Freeze, ...]:
    """The freeze periods of the desk file into which a change's window falls."""
    if change.starts is None or change.ends is None:
        return ()
    return tuple(_freezes(change, change.starts, change.ends, desk))


def _freezes(change: Change | Booked, starts: datetime, ends: datetime, desk: DeskFile) -> Iterator[Freeze]:
    for freeze in desk.freeze:
        begin, end = freeze_span(freeze, desk)
        if begin < ends and starts < end and concerns(freeze.company, change):
            yield freeze


def freeze_span(freeze: Freeze, desk: DeskFile) -> tuple[datetime, datetime]:
    """From when until when a freeze lasts, as instants: whole days in the desk's zone."""
    zone = ZoneInfo(desk.desk.zone)
    begin = datetime(freeze.first_day.year, freeze.first_day.month, freeze.first_day.day, tzinfo=zone)
    after = freeze.last_day + timedelta(days=1)
    return begin.astimezone(UTC), datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(UTC)


def concerns(companies: tuple[str, ...], change: Change | Booked) -> bool:
    """Whether something that is for some companies, by their keys, is for this change's; none named means every one."""
    return not companies or any(
        change.company_id == record_id("company", key) or fold(change.company.strip()) == fold(key) for key in companies
    )


# -- the next one


def next_window(
    change: Change, others: Iterable[Booked], desk: DeskFile, now: datetime
) -> tuple[datetime, datetime] | None:
    """Propose the next free window, as long as the last and at the same time of day for the customer (C9, R153).

    It lies on a later day than the last one and ahead of `now`, and neither clashes nor falls into a freeze. None if
    there is none within three months, or the change never had a window.
    """
    if change.starts is None or change.ends is None:
        return None
    known, length = tuple(others), change.ends - change.starts
    zone = ZoneInfo(change.customer_zone or desk.desk.zone)
    local = change.starts.astimezone(zone).replace(tzinfo=None)
    first_day = max(local.date(), (now - timedelta(days=1)).astimezone(zone).date())
    for days in range(1, _DAYS_AHEAD + 1):
        day = first_day + timedelta(days=days)
        starts = datetime.combine(day, local.time(), zone).astimezone(UTC)
        ends = starts + length
        taken = any(_clashes(change, starts, ends, known)) or any(_freezes(change, starts, ends, desk))
        if starts > now and not taken:
            return starts, ends
    return None
