"""The rules of the way up: escalated by hand, by rule and by clocks, answered, major incidents (T17-T19; R096-R110).

A step up tells somebody more; it moves the work only to a group, and never out of somebody's hands by itself.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args

from deskterm.desk import commands as c
from deskterm.desk import escalation_commands as ec
from deskterm.desk import escalation_events as ee
from deskterm.desk import events as e
from deskterm.desk.clocks import CUSTOMER_CLOCKS, clocks
from deskterm.desk.deskfile import SYSTEM, DeskFile
from deskterm.desk.escalation import Escalation, EscalationAnswer, EscalationKind, EscalationState, Major, Trigger
from deskterm.desk.events import TicketHappening
from deskterm.desk.grounds import Context, Step, Steps, allow, demand
from deskterm.desk.handling import hand_off, open_vendor_task, ready_to_route
from deskterm.desk.ladders import Rung, desk_manager, falls_due, fitting, is_below, named, next_rung, reached, rungs
from deskterm.desk.promises import Ladder
from deskterm.desk.promising import duty_for
from deskterm.desk.refusal import Refusal, Wanting
from deskterm.desk.rights import BY_ACT, Act, Right, hand_on_act
from deskterm.desk.ticket import PING_PONG, Status, Ticket
from deskterm.desk.timekeeping import Missed
from deskterm.desk.wording import day_and_time, group_title, listed

_STATES: Final[tuple[EscalationState, ...]] = get_args(EscalationState)
_WORDS_NEEDED: Final = {"assessed": "an assessment", "plan-agreed": "a plan", "de-escalated": "a reason"}
_KINDS: Final[tuple[EscalationKind, ...]] = get_args(EscalationKind)
_CLOCKS: Final = {"group": "group's own", "vendor": "vendor's", "promised": "promised restore"}


# -- by hand


def escalate(command: ec.Escalate, ticket: Ticket, context: Context) -> Steps:
    """Go one rung up, or straight to whom somebody names (T17). A functional step gives that group the work."""
    allow(Act.ESCALATE, ticket, context)
    reason = demand(command.reason, "reason", "Say why it has to go up", "T17")
    axis, rung = _wanted(command, ticket, context)
    moved = ""
    if axis == "vendor":
        yield from _vendor_task(rung, reason, ticket, context)
    elif axis == "functional" and rung.group and rung.group != ticket.group:
        moved = rung.group
    step = _Step(axis, command.trigger, rung, reason, by=context.actor.name, group=moved)
    yield from _up(step, ticket, context)
    if moved:
        yield from hand_off(c.HandOff(ticket=ticket.id, to=moved, reason=reason), ticket, context)


def _wanted(command: ec.Escalate, ticket: Ticket, context: Context) -> tuple[EscalationKind, Rung]:
    """The axis and whom to call on: as was said, else by the closest ladder, else the desk manager (R102)."""
    desk, axis = context.desk, command.axis
    if command.ladder:
        ladder = next((each for each in desk.ladder if each.name == command.ladder.strip().casefold()), None)
        if ladder is None:
            names = listed([each.name for each in desk.ladder], "or") or "none in this desk file"
            raise Wanting(f"There is no ladder {command.ladder!r}; there is {names} (T17).", "ladder", "T17")
        axis = ladder.kind
        ladders: tuple[Ladder, ...] = (ladder,)
    else:
        # What no ladder has for this trigger still goes up the one there is for the kind.
        ladders = fitting(desk, ticket, axis, command.trigger) or fitting(desk, ticket, axis)
    if command.to.strip():
        return axis, _named(command.to.strip(), axis, ladders, desk)
    if axis == "vendor":
        return axis, _vendor_rung(ladders, ticket, desk)
    above = (next_rung(desk, ticket, ladder) for ladder in ladders)
    top = (rungs(ladder)[-1] for ladder in ladders if rungs(ladder)[-1].group != (ticket.group or None))
    rung = next(filter(None, above), None) or next(top, None)
    if rung is None and axis == "functional":
        raise Wanting("No ladder leads on from here; say to which group it goes (T17).", "to", "T17")
    return axis, rung or desk_manager(desk)


def _named(to: str, axis: EscalationKind, ladders: tuple[Ladder, ...], desk: DeskFile) -> Rung:
    found = named(desk, (*ladders, *(each for each in desk.ladder if each.kind == axis)), to)
    if axis == "hierarchical":
        return found or Rung(to)  # a role that the desk file does not know, such as the account manager
    if found is None or not (found.group or found.stage):
        raise Wanting(f"There is no group {to!r} to give it to (T17).", "to", "T17")
    return found


def _vendor_rung(ladders: tuple[Ladder, ...], ticket: Ticket, desk: DeskFile) -> Rung:
    """The next rung at the vendor that works on it; whoever works on nothing yet is asked from the bottom."""
    asked = [task.vendor for task in ticket.vendor_tasks if task.is_open]
    for ladder in ladders:
        above = [rung for rung in rungs(ladder)[reached(ticket, ladder, pressing=True) :] if rung.group]
        if rung := next((rung for rung in above if not asked or rung.group in asked), None):
            return rung
    if not asked:
        raise Wanting("No vendor is at work on it; say which one it goes to (T17).", "to", "T17")
    return Rung(group_title(desk, asked[-1]), group=asked[-1])


def _vendor_task(rung: Rung, reason: str, ticket: Ticket, context: Context) -> Steps:
    """A vendor that goes up its own ladder needs a task and a clock of its own (R108)."""
    if any(task.is_open and task.vendor == rung.group for task in ticket.vendor_tasks):
        return
    yield from open_vendor_task(c.OpenVendorTask(ticket=ticket.id, vendor=rung.group, text=reason), ticket, context)


# -- by the desk itself


def automatic(
    ticket: Ticket,
    ladder: Ladder,
    stage: int,
    trigger: Trigger,
    context: Context,
    *,
    due: datetime | None = None,
    evidence: str = "",
    may_move: bool = True,
) -> Steps:
    """Reach a rung by rule (T18): `stage` counts from 1. What was reached before, or is below, is passed by.

    `due` is when it fell due. Work moves to the rung's group only where nobody has it in hand.
    """
    rung = rungs(ladder)[stage - 1]
    if stage <= reached(ticket, ladder) or is_below(context.desk, ticket, rung):
        return
    if ticket.status is Status.RESOLVED or not ticket.status.is_open:
        return
    moved = rung.group if may_move and ladder.kind == "functional" and _may_move(ticket, rung) else ""
    reason = _why(ladder, rung, trigger, evidence)
    step = _Step(ladder.kind, trigger, rung, reason, SYSTEM.name, moved, due, evidence)
    yield from _up(step, ticket, context)
    if moved:
        yield _moved(ticket, moved, reason, context)


def at_stage(ticket: Ticket, context: Context, *, may_move: bool = True) -> Steps:
    """Look at the rules of the stage that a ticket has just come to (R097): the highest rung that its age has reached.

    `may_move` is False where somebody has just decided who is to have it.
    """
    for kind in _KINDS:
        for ladder in fitting(context.desk, ticket, kind, "rule-at-stage")[:1]:
            due = {n: at for n, s in enumerate(ladder.stage, 1) if (at := falls_due(ticket, s)) and at <= context.now}
            if due:
                n = max(due)
                steps = automatic(ticket, ladder, n, "rule-at-stage", context, due=due[n], may_move=may_move)
                ticket = yield from _climbed(ticket, steps)


def on_missed(ticket: Ticket, missed: Missed, context: Context) -> Steps:
    """A clock ran out: one rung up each kind of ladder that the desk file has for missed targets (R098, R100).

    A group that is late to take a ticket has missed nothing that the customer was promised: the board shows it.
    """
    if missed.clock == "group":
        return
    wanted: tuple[EscalationKind, ...] = ("vendor",) if missed.clock == "vendor" else ("functional", "hierarchical")
    evidence = evidence_of(missed, context.desk)
    for kind in wanted:
        for ladder in fitting(context.desk, ticket, kind, "missed-target")[:1]:
            higher = rungs(ladder)[reached(ticket, ladder) :]
            if rung := next((rung for rung in higher if not is_below(context.desk, ticket, rung)), None):
                stage = rung.stage
                steps = automatic(ticket, ladder, stage, "missed-target", context, due=missed.due, evidence=evidence)
                ticket = yield from _climbed(ticket, steps)


def unheard(before: Ticket | None, after: Ticket, context: Context) -> Steps:
    """What is most urgent and was told by nobody in person is the supervisors' as well (R058)."""
    if after.callback is not None and after.callback.reason == "priority" and not (before and before.callback):
        yield from _tell(_supervisors(context.desk), after, context)


def passed_around(before: Ticket, after: Ticket, context: Context) -> Steps:
    """What was handed on again and again is the supervisors' from the third time on (T4)."""
    if before.hops < PING_PONG <= after.hops:
        yield from _tell(_supervisors(context.desk), after, context)


# -- major incidents


def declare_major(command: ec.DeclareMajor, ticket: Ticket, context: Context) -> Steps:
    """Declare a major incident, or propose it (T19): levels are skipped, supervisors are told, a report is owed."""
    found = allow(Act.MAJOR, ticket, context)
    reason = demand(command.reason, "reason", "Say what makes it a major incident", "T19")
    if ticket.is_major:
        raise Wanting("It is a major incident already (T19).", "reason", "T19")
    by, at = context.actor.name, context.now
    if found.right is Right.PROPOSE:
        if ticket.major is not None and ticket.major.state == "proposed":
            raise Wanting(f"{ticket.major.by} has proposed that already (T19).", "reason", "T19")
        yield ee.MajorProposed(major=Major(state="proposed", reason=reason, by=by, at=at))
        yield from _tell(_supervisors(context.desk), ticket, context)
        return
    yield ee.MajorDeclared(major=Major(state="declared", reason=reason, by=by, at=at, report_due=True))
    rung, kind = _fast_track(ticket, context)
    moved = rung.group if kind == "functional" and _may_move(ticket, rung, context.desk) else ""
    yield from _up(_Step(kind, "major", rung, reason, by=by, group=moved), ticket, context)
    if moved:
        yield _moved(ticket, moved, reason, context)


def end_major(command: ec.EndMajor, ticket: Ticket, context: Context) -> Steps:
    """Say that it is no longer a major incident; the report stays owed (T19)."""
    allow(Act.END_MAJOR, ticket, context)
    if not ticket.is_major:
        raise Wanting("It is no major incident (T19).", "text", "T19")
    yield ee.MajorEnded(text=command.text)


def _fast_track(ticket: Ticket, context: Context) -> tuple[Rung, EscalationKind]:
    """The stage that a major incident needs: the highest group of the ladder for it, past all levels (R105)."""
    for kind in ("functional", "hierarchical"):
        for ladder in fitting(context.desk, ticket, kind, "major"):
            groups = [rung for rung in rungs(ladder) if rung.group]
            return (groups or rungs(ladder))[-1], kind
    return desk_manager(context.desk), "hierarchical"


# -- what is said to an escalation


def answer_escalation(command: ec.AnswerEscalation, ticket: Ticket, context: Context) -> Steps:
    """Take note of an escalation, assess it, agree a plan, begin on it, or find that it has calmed down (R103)."""
    allow(Act.ANSWER_ESCALATION, ticket, context)
    found = _answered(command.number, ticket)
    if not found.is_open:
        raise Wanting(f"Escalation {found.number} has calmed down already (R103).", "number", "R103")
    if command.state != "assessed" and _STATES.index(command.state) <= _STATES.index(found.state):
        raise Wanting(f"Escalation {found.number} is {found.state} already (R103).", "state", "R103")
    if needed := _WORDS_NEEDED.get(command.state):
        demand(command.text, "text", f"That needs {needed} in words", "R103")
    answer = EscalationAnswer(state=command.state, by=context.actor.name, at=context.now, text=command.text)
    yield ee.EscalationAnswered(number=found.number, answer=answer)


def _answered(number: int | None, ticket: Ticket) -> Escalation:
    if not ticket.escalations:
        raise Wanting("It was not escalated (R103).", "number", "R103")
    if number is None:
        return next((step for step in reversed(ticket.escalations) if step.is_open), ticket.escalations[-1])
    found = next((step for step in ticket.escalations if step.number == number), None)
    if found is None:
        raise Wanting(f"There is no escalation {number}; there are {len(ticket.escalations)} (R103).", "number", "R103")
    return found


# -- one step up


@dataclass(frozen=True, slots=True)
class _Step:
    """What sets a step up apart from others."""

    kind: EscalationKind
    trigger: Trigger
    rung: Rung
    reason: str
    by: str
    group: str = ""
    due: datetime | None = None
    evidence: str = ""


def _up(step: _Step, ticket: Ticket, context: Context) -> Steps:
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
        told += _supervisors(context.desk)
    yield from _tell(told, ticket, context)


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


def _tell(names: list[str], ticket: Ticket, context: Context) -> Iterator[e.Followed]:
    """Let operators of this desk follow it, so that it turns up in front of them."""
    people = filter(None, (context.desk.operator_named(name) for name in names if name))
    for person in dict.fromkeys(found.name for found in people):
        if person not in (*ticket.followers, context.actor.name):
            yield e.Followed(operator=person)


def _supervisors(desk: DeskFile) -> list[str]:
    return [person.name for person in desk.operator if person.level == "supervisor"]


def _may_move(ticket: Ticket, rung: Rung, desk: DeskFile | None = None) -> bool:
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


def _moved(ticket: Ticket, to: str, reason: str, context: Context) -> e.HandedOff:
    duty = duty_for(context.desk, to, context.now, context.position)
    rule = BY_ACT[hand_on_act(ticket.status)].rule
    return e.HandedOff.model_validate({"rule": rule, "to": to, "reason": reason, "duty": duty})


def _climbed(ticket: Ticket, steps: Steps) -> Generator[TicketHappening | Step, None, Ticket]:
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


def _why(ladder: Ladder, rung: Rung, trigger: Trigger, evidence: str) -> str:
    after = ladder.stage[rung.stage - 1].after
    if trigger == "missed-target" and evidence:
        return f"{evidence[0].upper()}{evidence[1:]}"
    return f"{ladder.title or ladder.name}: after {after}" if after else ladder.title or ladder.name


def evidence_of(missed: Missed, desk: DeskFile) -> str:
    """A missed clock in words: "the response clock ran out on Friday 21 November 2025, 16:05" (R100)."""
    whose = f" of {missed.detail}" if missed.detail else ""
    name = _CLOCKS.get(missed.clock, missed.clock)
    return f"the {name} clock{whose} ran out on {day_and_time(missed.due, desk.desk.zone)}"
