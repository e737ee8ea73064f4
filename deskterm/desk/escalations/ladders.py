"""Which ladder of the desk file a ticket goes up, and which rung comes next (R096-R098, R102, R105, R106).

A rung is passed by when it was reached before, or when a line of support at least as high has the ticket already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.hours import length
from deskterm.desk.hours.promises import Ladder, Stage
from deskterm.desk.records.escalation import EscalationKind, Trigger
from deskterm.desk.records.ticket import Ticket

DESK_MANAGER: Final = "Desk manager"
"""Who can be called on at every desk (R102)."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Somebody to call on: by the stage of a ladder, or named by whoever escalates."""

    role: str
    name: str = ""
    phone: str = ""
    group: str = ""
    ladder: str = ""
    stage: int = 0

    @property
    def who(self) -> str:
        """The role, and the person where one is named."""
        return f"{self.role}, {self.name}" if self.name else self.role


def rungs(ladder: Ladder) -> tuple[Rung, ...]:
    """The rungs of a ladder from the bottom."""
    return tuple(_rung(ladder, number, stage) for number, stage in enumerate(ladder.stage, 1))


def fitting(desk: DeskFile, ticket: Ticket, kind: EscalationKind, trigger: Trigger | None = None) -> tuple[Ladder, ...]:
    """The ladders of a kind that are for this ticket, the closest fit first; of any trigger where None is given."""
    found = [
        ladder
        for ladder in desk.ladder
        if ladder.kind == kind
        and (trigger is None or trigger in ladder.trigger)
        and (not ladder.priority or ticket.priority in ladder.priority)
        and (not ladder.services or ticket.service.strip().casefold() in map(str.casefold, ladder.services))
    ]
    return tuple(sorted(found, key=lambda ladder: (not ladder.services, not ladder.priority)))


def reached(ticket: Ticket, ladder: Ladder, *, pressing: bool = False) -> int:
    """How many rungs were reached since the clocks began; `pressing` leaves out what has calmed down."""
    since = ticket.timekeeping.started
    stages = (
        step.stage
        for step in ticket.escalations
        if step.ladder == ladder.name and step.at >= since and (step.is_open or not pressing)
    )
    return max(stages, default=0)


def next_rung(desk: DeskFile, ticket: Ticket, ladder: Ladder) -> Rung | None:
    """The rung above what presses now and above the line that has the ticket; None at the top."""
    above = reached(ticket, ladder, pressing=True)
    return next((rung for rung in rungs(ladder)[above:] if not is_below(desk, ticket, rung)), None)


def falls_due(ticket: Ticket, stage: Stage) -> datetime | None:
    """When a rung is reached by itself: by age, which is time on the wall (X15); None where it never is."""
    if stage.after is None:
        return None
    days, time = length(stage.after)
    return ticket.timekeeping.started + timedelta(days=days) + time


def named(desk: DeskFile, ladders: Sequence[Ladder], text: str) -> Rung | None:
    """Find whom somebody means, by role, name or group; None for a name that the desk file does not know."""
    wanted = text.strip().casefold()
    for rung in (rung for ladder in ladders for rung in rungs(ladder)):
        if wanted in (rung.role.casefold(), rung.name.casefold() or None, rung.who.casefold()):
            return rung
    for rung in (rung for ladder in ladders for rung in rungs(ladder)):
        if wanted == (rung.group or None):
            return rung
    if group := next((g for g in desk.group if wanted in (g.name, g.title.casefold())), None):
        return Rung(group_title(desk, group.name), group=group.name)
    person = desk.operator_named(wanted) if wanted else None
    return Rung(person.name) if person else None


def desk_manager(desk: DeskFile) -> Rung:
    """Who manages the desk: by a ladder's word for it, or else its first supervisor."""
    everybody = (rung for ladder in desk.ladder for rung in rungs(ladder))
    called_so = next((rung for rung in everybody if DESK_MANAGER.casefold() in rung.role.casefold()), None)
    supervisor = next((person.name for person in desk.operator if person.level == "supervisor"), "")
    return called_so or Rung(DESK_MANAGER, supervisor)


def is_below(desk: DeskFile, ticket: Ticket, rung: Rung) -> bool:
    """Whether the ticket is with this rung's group already, or with one of a line at least as high."""
    if not rung.group or not ticket.group:
        return False
    if rung.group == ticket.group:
        return True
    here, there = desk.group_named(ticket.group), desk.group_named(rung.group)
    if here is None or there is None or not isinstance(here.level, int) or not isinstance(there.level, int):
        return False
    return here.level >= there.level


def _rung(ladder: Ladder, number: int, stage: Stage) -> Rung:
    return Rung(stage.role, stage.name, stage.phone, stage.group or "", ladder.name, number)
