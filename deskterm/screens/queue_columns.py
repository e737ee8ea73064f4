"""The columns of the queue. Those that give way first when it is narrow: company, then group, then owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from deskterm.desk.views import QueueRow
from deskterm.widgets.table import Column, Tone

_SIGNS = {
    "Pending": "…",
    "Resolved": "✓",
    "Closed": "●",
    "Withdrawn": "–",
    "Duplicate": "=",
}


def columns(now: Callable[[], datetime], scale: Callable[[], tuple[str, ...]]) -> tuple[Column[QueueRow], ...]:
    """Columns over queue rows. `scale` gives the short names of the desk's priorities, most severe first."""

    def sign(row: QueueRow) -> tuple[str, Tone]:
        if row.unread:
            return "*", "accent"
        if row.status in _SIGNS:
            return _SIGNS[row.status], "muted"
        return "‼" if row.priority_rank == 1 and not row.owner else " ", "late"

    def priority(row: QueueRow) -> tuple[str, Tone]:
        shorts = scale()
        if not row.priority or row.priority_rank > len(shorts):
            return "?", "muted"
        return shorts[row.priority_rank - 1], "late" if row.priority_rank == 1 else "plain"

    def waiting(row: QueueRow) -> tuple[str, Tone]:
        return age(now() - row.opened_at), "muted"

    def who(row: QueueRow) -> tuple[str, Tone]:
        return (row.owner, "plain") if row.owner else (row.status.lower(), "muted")

    return (
        Column("", 1, sign),
        Column("P", 2, priority),
        Column("Age", 5, waiting, right=True),
        Column("Ref", 8, lambda row: (row.ref, "accent")),
        Column("Summary", 0, lambda row: (row.summary, "plain")),
        Column("Company", 14, lambda row: (row.company, "muted"), gives_way=1),
        Column("Group", 8, lambda row: (row.group or "–", "plain"), gives_way=2),
        Column("Owner", 12, who, gives_way=3),
    )


def age(span: timedelta) -> str:
    """How long ago, in at most five cells: 0:07, 3:20, 2d 4h, 12d."""
    minutes = max(0, int(span.total_seconds() // 60))
    hours, days = minutes // 60, minutes // 1440
    if hours < 24:
        return f"{hours}:{minutes % 60:02d}"
    return f"{days}d{hours % 24:02d}h" if days < 10 else f"{days}d"
