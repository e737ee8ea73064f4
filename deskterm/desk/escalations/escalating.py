"""The rules of the way up: escalated by hand, by rule and by clocks, answered, major incidents (T17-T19; R096-R110).

A step up tells somebody more; it moves the work only to a group, and never out of somebody's hands by itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, get_args

from deskterm.desk import commands as c
from deskterm.desk.commands import escalations as ec
from deskterm.desk.deskfile import SYSTEM, DeskFile
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.escalations.ladders import (
    Rung,
    desk_manager,
    falls_due,
    fitting,
    is_below,
    named,
    next_rung,
    reached,
    rungs,
)
from deskterm.desk.escalations.step_up import (
    StepUp,
    climbed,
    evidence_of,
    may_move_to,
    moved_to_group,
    reason_of,
    step_up,
    supervisors,
    tell,
)
from deskterm.desk.events import escalations as ee
from deskterm.desk.hours.promises import Ladder
from deskterm.desk.records.escalation import (
    Escalation,
    EscalationAnswer,
    EscalationKind,
    EscalationState,
    Trigger,
)
from deskterm.desk.records.ticket import PING_PONG, Status, Ticket
from deskterm.desk.records.timekeeping import Missed
from deskterm.desk.refusal import Wanting
from deskterm.desk.tickets.grounds import Context, Steps, allow, demand
from deskterm.desk.tickets.handling import hand_off, open_vendor_task
from deskterm.desk.tickets.rights import Act
from deskterm.desk.wording import listed

_STATES: Final[tuple[EscalationState, ...]] = get_args(EscalationState)
_WORDS_NEEDED: Final = {"assessed": "an assessment", "plan-agreed": "a plan", "de-escalated": "a reason"}
_KINDS: Final[tuple[EscalationKind, ...]] = get_args(EscalationKind)


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
    step = StepUp(axis, command.trigger, rung, reason, by=context.actor.name, group=moved)
    yield from step_up(step, ticket, context)
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
    moved = rung.group if may_move and ladder.kind == "functional" and may_move_to(ticket, rung) else ""
    reason = reason_of(ladder, rung, trigger, evidence)
    step = StepUp(ladder.kind, trigger, rung, reason, SYSTEM.name, moved, due, evidence)
    yield from step_up(step, ticket, context)
    if moved:
        yield moved_to_group(ticket, moved, reason, context)


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
                ticket = yield from climbed(ticket, steps)


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
                ticket = yield from climbed(ticket, steps)


def unheard(before: Ticket | None, after: Ticket, context: Context) -> Steps:
    """What is most urgent and was told by nobody in person is the supervisors' as well (R058)."""
    if after.callback is not None and after.callback.reason == "priority" and not (before and before.callback):
        yield from tell(supervisors(context.desk), after, context)


def passed_around(before: Ticket, after: Ticket, context: Context) -> Steps:
    """What was handed on again and again is the supervisors' from the third time on (T4)."""
    if before.hops < PING_PONG <= after.hops:
        yield from tell(supervisors(context.desk), after, context)


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
