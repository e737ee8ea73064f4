"""What a desk did over a span, told apart by priority, level, group, centre or channel (R110, R218, R221).

Of the tickets logged in the span: what has become of them so far. A group's level and centre are those of the desk
file in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Final, Literal, get_args

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.tickets.priority import name_of

Side = Literal["priority", "level", "group", "centre", "channel"]
SIDES: Final[tuple[Side, ...]] = get_args(Side)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of some tickets; times are sums over those of which they are known."""

    logged: int = 0
    resolved: int = 0
    hand_offs: int = 0
    chases: int = 0
    reopens: int = 0
    refusals: int = 0
    """How often a customer said that it does not work (R126)."""
    vendor_escalations: int = 0
    responded: int = 0
    """Of how many resolved tickets the time to a response is known."""
    response: timedelta = timedelta()
    restore: timedelta = timedelta()
    """The time to a resolution, of all resolved, by the clock on the wall."""

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def mean_response(self) -> timedelta | None:
        """How long a response took; None where there was none."""
        return self.response / self.responded if self.responded else None

    @property
    def mean_restore(self) -> timedelta | None:
        """How long a resolution took; None where there was none."""
        return self.restore / self.resolved if self.resolved else None


@dataclass(frozen=True, slots=True)
class Cell:
    """Tickets that have priority, group and channel in common, and what was counted of them."""

    priority: str
    group: str
    channel: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One line of the report: what the tickets have in common, and the counts."""

    name: str
    counts: Counts


def activity_by(cells: Iterable[Cell], desk: DeskFile, side: Side) -> tuple[ActivityLine, ...]:
    """The cells told apart by one side of them, in the desk file's order where it has one, the rest by name."""
    found: dict[str, Counts] = {}
    for cell in cells:
        name = _name(cell, desk, side)
        found[name] = found.get(name, Counts()).plus(cell.counts)
    order = {name: place for place, name in enumerate(_order(desk, side))}
    names = sorted(found, key=lambda name: (order.get(name, len(order)), name))
    return tuple(ActivityLine(name, found[name]) for name in names)


def _name(cell: Cell, desk: DeskFile, side: Side) -> str:
    group = desk.group_named(cell.group) if cell.group else None
    match side:
        case "priority":
            return name_of(desk.scales.priority, cell.priority) or "none yet"
        case "level":
            return str(group.level) if group else "none"
        case "group":
            return cell.group or "none"
        case "centre":
            return (group.centre if group else "") or "none"
        case "channel":
            return cell.channel.replace("_", " ")


def _order(desk: DeskFile, side: Side) -> list[str]:
    match side:
        case "priority":
            return [step.name for step in desk.scales.priority]
        case "group":
            return [group.name for group in desk.group]
        case "centre":
            return [centre.name for centre in desk.centre]
        case _:
            return []
