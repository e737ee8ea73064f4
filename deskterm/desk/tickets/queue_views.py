"""What the queue shows: its views, what it is asked for, its rows.

Alone, because it is all that the first paint needs; `views` has it too, beside the rest of what a desk shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class QueueView:
    """A way to look at the queue, by name: built in, or kept by an operator (`own`)."""

    key: str
    name: str
    base: str = ""
    """For a view of one's own: the key of the built-in view it narrows, with `text` as its filter."""
    text: str = ""

    @property
    def own(self) -> bool:
        """Whether an operator made it."""
        return bool(self.base)


BUILT_IN_VIEWS = (
    QueueView("groups", "My groups"),
    QueueView("mine", "Mine"),
    QueueView("following", "Following"),
    QueueView("unrouted", "Unrouted"),
    QueueView("open", "All open"),
    QueueView("pending", "Waiting"),
    QueueView("resolved", "To confirm"),
    QueueView("all", "Everything"),
)
"""Open tickets are shown by what is due next, then by priority and age; `resolved` and `all` newest first."""


Figure = Literal[
    "open", "unowned", "soon", "late", "callback", "chased", "passed", "quiet", "major", "escalated",
    "report", "logged", "resolved", "closed", "first-contact", "level-1",
]  # fmt: skip
"""What a figure of the board counts; those from `report` on list closed tickets too, those from `logged` on
are of the day."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Which tickets stand behind a figure of the board, seen from the moment `at`."""

    figure: Figure
    at: datetime
    since: datetime
    """When the day began."""
    priority: str | None = None
    """Key of the priority, empty for none yet; None for any."""
    reason: str | None = None
    """Key of what they wait for."""


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Which tickets to list. `view` is a built-in key; the rest narrows it. `text` is a filter as typed."""

    view: str = "open"
    text: str = ""
    group: str | None = None
    status: str | None = None
    behind: Behind | None = None
    """Only what stands behind a figure of the board."""
    after: str | None = None
    """Key of the last row of the page before (`QueueRow.key`); None for the first page."""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A ticket as a line of the queue.

    `key` is its place in the order that was asked for: for paging, and keys sort as text in that order.
    """

    id: UUID
    ref: str
    key: str
    status: str
    priority: str
    """Key of the priority; an empty string before triage."""
    priority_rank: int
    summary: str
    company: str
    group: str
    owner: str
    originator: str
    opened_at: datetime
    updated_at: datetime
    version: int
    incomplete: bool = False
    due_at: datetime | None = None
    """When the customer's next clock is due; None where none runs."""
    due_what: str = ""
    """Which clock that is (`response`, `update`, `restore`, `promised`); also of one that stands still."""
    at_risk_at: datetime | None = None
    """From when on it is at risk."""
    paused: bool = False
    """Whether its clocks stand still."""
    unread: bool = False
    """Changed by somebody else since this operator, who follows it, last looked."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a longer list. `next` continues it; None at the end. `total` counts the whole list if cheap."""

    rows: tuple[Row, ...]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ViewCount:
    """How many tickets a queue view holds."""

    view: QueueView
    count: int
