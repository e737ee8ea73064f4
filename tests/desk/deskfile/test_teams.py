"""What groups are called, and in what order outside parties are offered."""

from __future__ import annotations

from deskterm.desk.deskfile import Group
from deskterm.desk.deskfile.teams import vendors_by_speed
from tests.people import DESK


def test_who_comes_soonest_is_offered_first() -> None:
    """R109: by the agreed minimum intervention time; those without one last."""
    times = {"slow": "2d", "quick": "30m", "unknown": None, "usual": "4h"}
    vendors = tuple(Group(name=name, level="vendor", minimum_intervention=time) for name, time in times.items())
    desk = DESK.model_copy(update={"group": (*DESK.group[:2], *vendors)})
    assert [group.name for group in vendors_by_speed(desk)] == ["quick", "usual", "slow", "unknown"]
