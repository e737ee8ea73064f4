"""Time as a desk lives it: nights and weekends are short, mornings are long.

Moments are positions on an axis of busy hours. Calls that are spread evenly over it come thick at ten in the morning
and rarely at three at night, and a piece of work that takes four busy hours goes on tomorrow where today is over.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_WEIGHTS: Final = (
    0.03, 0.03, 0.03, 0.03, 0.03, 0.05, 0.10, 0.35, 0.85, 1.30, 1.20, 0.90,
    0.55, 0.70, 0.80, 0.70, 0.60, 0.35, 0.15, 0.10, 0.08, 0.05, 0.04, 0.03,
)  # fmt: skip
"""How busy each hour of a working day is."""
_WEEKEND: Final = 0.12
_AWAKE: Final = 0.25
"""The least weight of the last hours before the end: whoever looks at the desk at night still finds it alive."""
_LAST: Final = timedelta(hours=6)
_HOUR: Final = timedelta(hours=1)


class BusyHours:
    """The axis from `start` to `end`, both aware, in a desk's zone."""

    def __init__(self, start: datetime, end: datetime, zone: str) -> None:
        self.start = start
        self._moments, self._positions = [start], [0.0]
        local = ZoneInfo(zone)
        while self._moments[-1] < end:
            moment = self._moments[-1]
            there = moment.astimezone(local)
            weight = _WEIGHTS[there.hour] * (_WEEKEND if there.weekday() > 4 else 1)
            if end - moment <= _LAST:
                weight = max(weight, _AWAKE)
            self._moments.append(moment + _HOUR)
            self._positions.append(self._positions[-1] + weight)
        self.length = self.position(end)

    def position(self, moment: datetime) -> float:
        """Where a moment lies on the axis."""
        at = min(max(bisect_right(self._moments, moment) - 1, 0), len(self._moments) - 2)
        share = (moment - self._moments[at]) / _HOUR
        return self._positions[at] + share * (self._positions[at + 1] - self._positions[at])

    def moment(self, position: float) -> datetime:
        """The moment at a position, in whole seconds."""
        at = min(max(bisect_right(self._positions, position) - 1, 0), len(self._positions) - 2)
        share = (position - self._positions[at]) / (self._positions[at + 1] - self._positions[at])
        return (self._moments[at] + share * _HOUR).replace(microsecond=0).astimezone(UTC)
