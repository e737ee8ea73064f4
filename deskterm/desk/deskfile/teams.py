"""What the desk's groups are called: among colleagues, and to a customer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from deskterm.desk.spelling import duration

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile, Group

_LADDER: Final = re.compile(r"\b(?:(?:level|tier)[ -]?\d|l\d|\d(?:st|nd|rd|th)[ -]level)\b", re.IGNORECASE)
_SAYS_TEAM: Final = re.compile(
    r"(\b(team|group|desk|helpdesk|centre|center|department|office)|[a-z]s)$|\b(for|of|at)\b"
)
"""Where a title sounds like people by itself: "Service desk", "Field engineers", "Specialists for networks"."""


def group_title(desk: DeskFile, name: str) -> str:
    """What a group is called at the desk; its name where it has no title or is no longer in the file."""
    group = desk.group_named(name)
    return group.title or group.name if group else name


def vendors_by_speed(desk: DeskFile) -> tuple[Group, ...]:
    """The outside parties, who comes soonest first (R109); those of which that was not agreed come last."""
    vendors = [group for group in desk.group if group.level == "vendor"]
    return tuple(sorted(vendors, key=lambda g: (not g.minimum_intervention, duration(g.minimum_intervention or "1m"))))


def our_team(desk: DeskFile, name: str | None) -> str:
    """What to call a group to a customer: its title up to a comma, without level numbers; no provider by name."""
    group = desk.group_named(name) if name else None
    if group is not None and group.level == "vendor":
        return "one of our suppliers"
    title = group.title if group else ""
    parts = (" ".join(_LADDER.sub(" ", part).split()) for part in re.split(r"[,;:()–/]", title))
    title = next(filter(None, parts), "")
    if not title:
        return "our support team"
    return f"our {title}" if _SAYS_TEAM.search(title) else f"our {title} team"
