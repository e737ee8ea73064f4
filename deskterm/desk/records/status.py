"""Where a ticket can stand: words that much is decided by, and so loaded without all that a ticket is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from deskterm.desk.records.timekeeping import ClockName


class Status(StrEnum):
    """Where a ticket stands (REQUIREMENTS.md §3). Draft exists only in the draft journal."""

    NEW = "New"
    ROUTED = "Routed"
    ACCEPTED = "Accepted"
    IN_PROGRESS = "In progress"
    PENDING = "Pending"
    RESOLVED = "Resolved"
    CLOSED = "Closed"
    WITHDRAWN = "Withdrawn"
    DUPLICATE = "Duplicate"

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes the customer something."""
        return self not in _ENDED


_ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.DUPLICATE})
OPEN_STATUSES = tuple(s for s in Status if s.is_open)
CUSTOMER_CLOCKS: Final[tuple[ClockName, ...]] = ("response", "update", "restore", "promised")
"""The clocks that a customer was promised; the queue goes by these."""
