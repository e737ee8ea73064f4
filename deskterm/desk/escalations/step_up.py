"""One step up a ladder: what is recorded of it, who is told, and where the work may go by itself (R097-R103)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deskterm.desk import events as e
from deskterm.desk.clocks import CUSTOMER_CLOCKS, clocks
from deskterm.desk.clocks.promising import duty_for
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.escalations.ladders import (
    Rung,
)
from deskterm.desk.events import TicketHappening
from deskterm.desk.events import escalations as ee
from deskterm.desk.hours.promises import Ladder
from deskterm.desk.records.escalation import (
    Escalation,
    EscalationKind,
    Trigger,
)
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.records.timekeeping import Missed
from deskterm.desk.refusal import Refusal
from deskterm.desk.tickets.grounds import Context, Step, Steps
from deskterm.desk.tickets.handling import ready_to_route
from deskterm.desk.tickets.rights import BY_ACT, hand_on_act
from deskterm.desk.wording import day_and_time

_CLOCKS: Final = {"group": "group's own", "vendor": "vendor's", "promised": "promised restore"}


@dataclass(frozen=True, slots=True)
class StepUp:
    """What sets a step up apart from others."""

    kind: EscalationKind
    trigger: Trigger
    rung: Rung
    reason: str
    by: str
    group: str = ""
    due: datetime | None = None
    evidence: str = ""


def step_up(step: StepUp, ticket: Ticket, context: Context) -> Steps:
    """The escalation as it is recorded, and who is told of it."""
    by_customer = step.trigger == "customer"
    yield ee.Escalated(
        escalation=Escalation(
            number=len(ticket.escalations) + 1,
            kind=step.kind,
            trigger=step.trigger,
            ladder=step.rung.ladder,
            stage=step.rung.stage,
            from_=_from(step.kind, ticket, context.desk),
            to=step.rung.who,
            group=step.group,
            reason=step.reason,
            by=step.by,
            at=context.now,
            due=step.due,
            evidence=step.evidence or _ran_out(ticket, context),
            assess=_assessors(step.rung, ticket, context.desk) if by_customer else (),
        )
    )
    told = [step.rung.name or step.rung.role]
    if step.kind == "hierarchical" or step.trigger == "major":
        told += supervisors(context.desk)
    yield from tell(told, ticket, context)


def _ran_out(ticket: Ticket, context: Context) -> str:
    """The clocks that ran out, also those that nobody has noticed yet: the evidence of an escalation (R100)."""
    late = clocks(ticket, context.books) if context.books else ()
    missed = [*ticket.timekeeping.missed]
    missed += [
        Missed(clock=clock.name, due=clock.due)
        for clock in late
        if clock.due and clock.name in CUSTOMER_CLOCKS and clock.state(context.now) in ("late", "missed")
    ]
    told = (evidence_of(each, context.desk) for each in sorted(missed, key=lambda each: each.due))
    return "; ".join(dict.fromkeys(told))


def _from(kind: EscalationKind, ticket: Ticket, desk: DeskFile) -> str:
    before = next((step.to for step in reversed(ticket.escalations) if step.is_open and step.kind == kind), "")
    if before:
        return before
    return group_title(desk, ticket.group) if ticket.group else ticket.originator


def _assessors(rung: Rung, ticket: Ticket, desk: DeskFile) -> tuple[str, ...]:
    """The roles of the ladder, and a manufacturer who is at work on it (R103)."""
    ladder = next((each for each in desk.ladder if each.name == rung.ladder), None)
    roles = [stage.role for stage in ladder.stage] if ladder else [rung.role]
    makers = [group_title(desk, task.vendor) for task in ticket.vendor_tasks if task.is_open]
    return tuple(dict.fromkeys((*roles, *makers)))


def tell(names: list[str], ticket: Ticket, context: Context) -> Iterator[e.Followed]:
    """Let operators of this desk follow it, so that it turns up in front of them."""
    people = filter(None, (context.desk.operator_named(name) for name in names if name))
    for person in dict.fromkeys(found.name for found in people):
        if person not in (*ticket.followers, context.actor.name):
            yield e.Followed(operator=person)


def supervisors(desk: DeskFile) -> list[str]:
    """The names of those who watch the desk."""
    return [person.name for person in desk.operator if person.level == "supervisor"]


def may_move_to(ticket: Ticket, rung: Rung, desk: DeskFile | None = None) -> bool:
    """Whether the work may go to the rung's group by itself: not out of hands, and not before triage (T3).

    With a desk file, as for a major incident, it also leaves the hands of a first line.
    """
    owner = desk.operator_named(ticket.owner) if desk and ticket.owner else None
    if ticket.owner and (owner is None or owner.level != 1):
        return False
    if not rung.group or rung.group == ticket.group or ticket.status is Status.RESOLVED:
        return False
    try:
        ready_to_route(ticket)
    except Refusal:
        return False
    return True


def moved_to_group(ticket: Ticket, to: str, reason: str, context: Context) -> e.HandedOff:
    """The hand-off by which the work follows a step up, with what that group promises."""
    duty = duty_for(context.desk, to, context.now, context.position)
    rule = BY_ACT[hand_on_act(ticket.status)].rule
    return e.HandedOff.model_validate({"rule": rule, "to": to, "reason": reason, "duty": duty})


def climbed(ticket: Ticket, steps: Steps) -> Generator[TicketHappening | Step, None, Ticket]:
    """Pass the steps of one ladder on; gives the ticket as the next ladder has to see it."""
    for step in steps:
        yield step
        match step:
            case ee.Escalated():
                ticket = ticket.model_copy(update={"escalations": (*ticket.escalations, step.escalation)})
            case e.HandedOff():
                ticket = ticket.model_copy(update={"group": step.to, "status": Status.ROUTED, "owner": None})
            case e.Followed():
                ticket = ticket.model_copy(update={"followers": (*ticket.followers, step.operator)})
    return ticket


def reason_of(ladder: Ladder, rung: Rung, trigger: Trigger, evidence: str) -> str:
    """Why a ladder took this step, in words: the clock that ran out, or the age."""
    after = ladder.stage[rung.stage - 1].after
    if trigger == "missed-target" and evidence:
        return f"{evidence[0].upper()}{evidence[1:]}"
    return f"{ladder.title or ladder.name}: after {after}" if after else ladder.title or ladder.name


def evidence_of(missed: Missed, desk: DeskFile) -> str:
    """A missed clock in words: "the response clock ran out on Friday 21 November 2025, 16:05" (R100)."""
    whose = f" of {missed.detail}" if missed.detail else ""
    name = _CLOCKS.get(missed.clock, missed.clock)
    return f"the {name} clock{whose} ran out on {day_and_time(missed.due, desk.desk.zone)}"
