"""The columns of the queue. Those that give way first when it is narrow: age, owner, group, then company.

Due is what open views are sorted by: ▲ at risk, ‼ late, each beside words that say the same without colour (R052).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from deskterm.desk.tickets.due_words import age, due_cell
from deskterm.widgets.table import Column, Tone

if TYPE_CHECKING:
    from deskterm.desk.clocks import ClockState
    from deskterm.desk.tickets.queue_views import QueueRow

_SIGNS = {
    "Pending": "…",
    "Resolved": "✓",
    "Closed": "●",
    "Withdrawn": "–",
    "Duplicate": "=",
}


_TONES: Final[dict[ClockState | None, Tone]] = {"late": "late", "at risk": "risk", "running": "plain"}


def columns(
    now: Callable[[], datetime],
    scale: Callable[[], tuple[str, ...]],
    zone: Callable[[], str],
    there: Callable[[QueueRow], tuple[str, Tone]],
) -> tuple[Column[QueueRow], ...]:
    """Columns over queue rows.

    `scale` gives the short names of the desk's priorities, most severe first, `zone` where its clocks are read, and
    `there` who else is at a ticket, beside its summary.
    """

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

    def due(row: QueueRow) -> tuple[str, Tone]:
        text, state = due_cell(row.due_at, row.at_risk_at, row.paused, now(), zone())
        return text, _TONES.get(state, "muted")

    def who(row: QueueRow) -> tuple[str, Tone]:
        return (row.owner, "plain") if row.owner else (row.status.lower(), "muted")

    return (
        Column("", 1, sign),
        Column("P", 2, priority),
        Column("Due", 9, due),
        Column("Ref", 8, lambda row: (row.ref, "accent")),
        Column("Summary", 0, lambda row: (row.summary, "plain"), beside=there),
        Column("Company", 14, lambda row: (row.company, "muted"), gives_way=1),
        Column("Group", 8, lambda row: (row.group or "–", "plain"), gives_way=2),
        Column("Owner", 12, who, gives_way=3),
        Column("Age", 6, waiting, gives_way=4, right=True),
    )
