"""The moments at which something of a ticket falls due by itself: what every timer is made from (DESIGN.md, Timers).

    clock:response, clock:vendor:NAME …   a clock runs out
    age:LADDER:STAGE                      its age reaches a rung of a ladder; that is time on the wall (R098, X15)
    resume                                the date until which it waits

Worked out from the ticket and the desk file; what has been dealt with is no moment any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, get_args
from uuid import UUID, uuid5

from deskterm.desk.clocks import Clock
from deskterm.desk.clocks.reckoning import open_pause
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.escalations.ladders import falls_due, fitting, is_below, reached, rungs
from deskterm.desk.hours.promises import Ladder
from deskterm.desk.records.escalation import EscalationKind
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.records.timekeeping import Missed

if TYPE_CHECKING:
    from deskterm.desk.commands.clocks import FallDue

_SPACE: Final = UUID("0b1d2f57-0d77-5f0e-8f55-9a3a4c1e6d20")
_KINDS: Final[tuple[EscalationKind, ...]] = get_args(EscalationKind)
_WHOSE: Final = ("group", "vendor")
"""Clocks of which there can be several, told apart by whose they are."""


class Moment(NamedTuple):
    """When something falls due, and what: see the names above."""

    at: datetime
    what: str


def moments(ticket: Ticket, desk: DeskFile, running: Iterable[Clock]) -> tuple[Moment, ...]:
    """All moments still to come, or not dealt with yet, the earliest first. `running` are the ticket's clocks."""
    if not ticket.status.is_open:
        return ()
    found = {moment.what: moment for moment in (*_clocks(ticket, running), *_ages(ticket, desk), *_resumed(ticket))}
    return tuple(sorted(found.values()))


def missed_by(clock: Clock) -> Missed:
    """What is kept of a clock that ran out."""
    assert clock.due is not None, "what stands still does not run out"
    return Missed(clock=clock.name, due=clock.due, detail=clock.detail if clock.name in _WHOSE else "")


def name_of_clock(clock: Clock) -> str:
    """What the moment is called at which a clock runs out."""
    return f"clock:{clock.name}:{clock.detail}" if clock.name in _WHOSE else f"clock:{clock.name}"


def name_of_rung(ladder: Ladder, stage: int) -> str:
    """What the moment is called at which age reaches a rung."""
    return f"age:{ladder.name}:{stage}"


def in_words(what: str) -> str:
    """Say what came: "the response clock ran out"."""
    sort, _, rest = what.partition(":")
    name, _, whose = rest.partition(":")
    match sort:
        case "clock":
            return f"The {name} clock{f' of {whose}' if whose else ''} ran out."
        case "age":
            return f"Its age reached stage {whose} of {name}."
        case _:
            return "The wait is over."


def command_for(ticket: UUID, moment: Moment) -> FallDue:
    """The command that deals with a moment: the same, with the same id, whoever notices it."""
    from deskterm.desk.commands.clocks import FallDue

    identity = uuid5(_SPACE, f"{ticket}/{moment.what}/{moment.at.isoformat()}")
    return FallDue(id=identity, ticket=ticket, what=moment.what, due=moment.at)


def _clocks(ticket: Ticket, running: Iterable[Clock]) -> Iterator[Moment]:
    known = set(map(_what, ticket.timekeeping.missed))
    for clock in running:
        if clock.due is not None and clock.ended is None and not (known and _what(missed_by(clock)) in known):
            yield Moment(clock.due, name_of_clock(clock))


def _what(missed: Missed) -> tuple[str, datetime, str]:
    return (missed.clock, missed.due, missed.detail)


def _ages(ticket: Ticket, desk: DeskFile) -> Iterator[Moment]:
    if ticket.status is Status.RESOLVED:
        return
    for ladder in age_ladders(ticket, desk):
        passed = reached(ticket, ladder)
        for rung, stage in zip(rungs(ladder), ladder.stage, strict=True):
            due = falls_due(ticket, stage)
            if due is not None and rung.stage > passed and not is_below(desk, ticket, rung):
                yield Moment(due, name_of_rung(ladder, rung.stage))


def age_ladders(ticket: Ticket, desk: DeskFile) -> tuple[Ladder, ...]:
    """The ladders that a ticket goes up by age: the closest fit of each kind."""
    return tuple(ladder for kind in _KINDS for ladder in fitting(desk, ticket, kind, "age-timer")[:1])


def _resumed(ticket: Ticket) -> Iterator[Moment]:
    pause = open_pause(ticket)
    if ticket.status is Status.PENDING and ticket.resume_at is not None and pause is not None:
        yield Moment(max(ticket.resume_at, pause.began), "resume")
