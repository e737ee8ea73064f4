"""The supervisor's board: what burns, what waits, who has it, and how the day goes (R217, R218, R220).

Each figure carries the query that lists the tickets behind it, as of the moment of the board, so that the list holds
as many as the figure says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from deskterm.desk.tickets.due_words import age
from deskterm.desk.wording import day_named

if TYPE_CHECKING:
    from deskterm.desk.deskfile.centres import Openings
    from deskterm.desk.deskfile.roster import Gap
    from deskterm.desk.tickets.views import QueueQuery

SOON: Final = timedelta(minutes=30)
"""What is due within this is due soon."""
QUIET: Final = timedelta(days=1)
"""After so long without anything done for the customer, a ticket has gone quiet."""
MOST_LISTED: Final = 20
"""So many tickets at most are named in each list of the board."""

Concern = Literal["major", "late", "soon", "passed", "chased", "quiet", "oldest"]
"""Why the board names a ticket: `passed` is handed on too often (T4), `quiet` has seen no update."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many tickets, and how to list them."""

    tickets: int
    query: QueueQuery


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """The open tickets of a priority; `key` is empty for those that have none yet."""

    key: str
    name: str
    open: Count
    unowned: Count
    soon: Count
    late: Count


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """The tickets that wait for one reason."""

    reason: str
    name: str
    waiting: Count


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The open tickets of a group; `name` is empty for those that no group has."""

    name: str
    title: str
    open: Count
    late: Count


@dataclass(frozen=True, slots=True)
class Named:
    """A ticket that the board names, and why. `since` is when that began: it fell due, was logged, last moved."""

    id: UUID
    ref: str
    summary: str
    priority: str
    group: str
    owner: str
    concern: Concern
    since: datetime
    """When it falls or fell due, was declared or logged, or was last worked on, as the concern has it."""
    times: int = 0
    """How often it was chased or handed on; how many customers a major incident hits."""


def concern_words(named: Named, at: datetime) -> str:
    """Why a ticket is named, in a few words: "late by 0:58", "handed on 4 times"."""
    span = age(abs(at - named.since))
    words: dict[Concern, str] = {
        "major": f"major, {span} old{_hits(named.times)}", "late": f"late by {span}", "soon": f"due in {span}",
        "passed": f"handed on {_times(named.times)}", "chased": f"chased {_times(named.times)}",
        "quiet": f"no update for {span}", "oldest": f"open for {span}",
    }  # fmt: skip
    return words[named.concern]


def gap_words(gap: Gap, at: datetime) -> str:
    """Where nobody is on duty, and when, by the centre's own clock: "noc: nobody on duty Sat 22:00 to Sun 6:00"."""
    starts, ends = (_short(moment, gap.zone) for moment in (gap.starts, gap.ends))
    return f"{gap.centre}: nobody on duty {f'now, to {ends}' if gap.starts <= at else f'{starts} to {ends}'}"


def _short(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day_named(local)[:3]} {local.hour}:{local:%M}"


def _hits(customers: int) -> str:
    return f", {customers} customers" if customers > 1 else ""


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of the tickets resolved today; None of none."""

    percent: float | None
    query: QueueQuery
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Medians over the tickets resolved today, of one priority or, with an empty key, of all."""

    priority: str
    resolved: int
    response_work: timedelta | None
    response_wall: timedelta | None
    restore_work: timedelta | None
    restore_wall: timedelta | None


@dataclass(frozen=True, slots=True)
class Today:
    """What happened since midnight by the desk's clock."""

    since: datetime
    logged: Count
    resolved: Count
    closed: Count
    """Those that ended in any way: confirmed, withdrawn, duplicates."""
    first_contact: Rate
    """Resolved by the first group that had them, and it held: none was handed on, refused or reopened."""
    level_1: Rate
    """Resolved by level 1 or below."""
    hand_offs: float | None
    """From group to group, for each ticket resolved."""
    call_seconds: float | None
    """How long a caller had been on the line when the call was saved: the median."""
    after_seconds: float | None
    after_keys: float | None
    """Seconds and keys between the caller's hanging up and saving, where that was told: the medians."""
    times: tuple[Times, ...]
    """All first, then each priority of which some were resolved."""


@dataclass(frozen=True, slots=True)
class ChangeInWindow:
    """A change whose window is open now."""

    id: UUID
    ref: str
    title: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FormOwed:
    """A change that was made or undone on the spoken word, and whose form is still outstanding (C11, R149)."""

    id: UUID
    ref: str
    title: str
    since: datetime
    """When the work ended."""
    overdue: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The desk at one moment."""

    at: datetime
    zone: str
    openings: Openings
    priorities: tuple[PriorityLine, ...]
    waiting: tuple[WaitingLine, ...]
    groups: tuple[GroupLine, ...]
    callbacks: Count
    chased: Count
    passed: Count
    """Handed on from group to group three times or more."""
    quiet: Count
    major: Count
    affected: int
    """Customers hit by major incidents, as far as they have called."""
    reports: Count
    """Incident reports owed, those of closed tickets too."""
    escalated: Count
    most_chased: tuple[Named, ...]
    oldest: tuple[Named, ...]
    longest_quiet: tuple[Named, ...]
    needs: tuple[Named, ...]
    """What needs the supervisor, the worst first: major incidents, late, due soon, passed around."""
    top: tuple[Named, ...]
    """Open tickets of the highest priority, the newest first; these and the next are what an alarm goes by."""
    just_late: tuple[Named, ...]
    """Those that are late, the latest to become so first."""
    today: Today
    changes: tuple[ChangeInWindow, ...] = ()
    gaps: tuple[Gap, ...] = ()
    """Where nobody is on duty in the next days though somebody must be (R087)."""
    forms: tuple[FormOwed, ...] = ()
    """Forms that are outstanding, the longest first."""

    @property
    def open(self) -> int:
        """How many tickets are open."""
        return sum(line.open.tickets for line in self.priorities)

    @property
    def late(self) -> int:
        """How many are late."""
        return sum(line.late.tickets for line in self.priorities)
