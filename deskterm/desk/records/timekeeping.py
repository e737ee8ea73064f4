"""What a ticket remembers so that its clocks can be read, and explained, at any time (R088-R095).

Plain facts, set by events alone: what was promised and since when, when work stood still and why, when the customer
last heard from the desk. What they come to (due, at risk, missed) is worked out from them, never kept.
"""

from __future__ import annotations

from typing import Literal

from deskterm.desk.record import Instant, Kept

ClockName = Literal["response", "update", "restore", "promised", "group", "vendor"]
"""The clocks of a ticket: until somebody works on it, until the customer next hears from us, until the service runs
again; the restore time that was given to the customer (T8); until the group that was given it has taken it (OLA);
until a vendor answers its task (UC)."""


class Promise(Kept):
    """What is promised since a moment, as it stood in the desk file in force then; the last one counts (R088)."""

    since: Instant
    desk: int
    """Position in the log of the desk file whose calendars it counts in."""
    priority: str
    contract: str = ""
    """Number of the contract it comes from."""
    level: str = ""
    """Name of the contract level."""
    calendar: str
    """Name of the calendar its times count in."""
    response: str = ""
    """Durations as the desk file writes them (`4h`, `1d`); empty where nothing is promised."""
    update: str = ""
    urgent_update: str = ""
    """Between one word to the customer and the next while the ticket is escalated or major (R092)."""
    restore: str = ""
    pauses: tuple[str, ...] = ()
    """Keys of the pending reasons for which response and restore stand still (R093)."""


class Pause(Kept):
    """Some time during which the ticket was Pending."""

    began: Instant
    ended: Instant | None = None
    reason: str
    """Key of the pending reason."""
    stops: bool = True
    """Whether clocks stood still, by what was promised when it began; a later promise does not change that."""


class RestoreTime(Kept):
    """The time by which the customer was told that the service runs again (T8, R055, R095)."""

    at: Instant
    given: Instant
    by: str
    told: str = ""
    """Who was told, and how."""


class Missed(Kept):
    """Proof that a clock ran out: kept for good, whatever is promised later (R089)."""

    clock: ClockName
    due: Instant
    detail: str = ""
    """Which group's or vendor's clock it was, where there can be several."""


class Duty(Kept):
    """A group's turn: from the hand-off to it until somebody there takes the ticket (OLA)."""

    group: str
    since: Instant
    desk: int = 0
    calendar: str = ""
    target: str = ""
    taken: Instant | None = None


class Timekeeping(Kept):
    """All that the clocks of one ticket stand on."""

    started: Instant
    """When the clocks began: logged, or reopened (R128)."""
    promises: tuple[Promise, ...] = ()
    pauses: tuple[Pause, ...] = ()
    responded: Instant | None = None
    """When work began, or the customer was first reached by somebody who may work on it (R090)."""
    told: Instant | None = None
    """When the customer last heard from the desk; None means not since the clocks began."""
    urgent: tuple[tuple[Instant, Instant | None], ...] = ()
    """When it was escalated or major, so that updates were due more often (R092)."""
    restore: RestoreTime | None = None
    duty: Duty | None = None
    """The group whose turn it is."""
    missed: tuple[Missed, ...] = ()

    @property
    def promise(self) -> Promise | None:
        """What is promised now."""
        return self.promises[-1] if self.promises else None
