"""What a command leads to: `decide(ticket, command, context)` gives events, or refuses with the rule that says no.

Pure: time, actor, desk file and whatever else a rule needs arrive in the `Context`. One small function per command
stands in `handling`, `endings`, `restoring`, `escalating` and `falling_due`; who may do it at all is looked up in the
table of `rights`. After every step to another status the desk's rules for that stage are looked at (R097).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.commands import clocks as cc
from deskterm.desk.commands import escalations as ec
from deskterm.desk.escalations import escalating, falling_due, majors
from deskterm.desk.evolve import evolve
from deskterm.desk.record import Command, TicketCommand
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.tickets import endings, handling, restoring
from deskterm.desk.tickets.grounds import Context, Decision, Step, Steps
from deskterm.desk.tickets.handling import checked

__all__ = ["Context", "Decision", "Step", "checked", "company_of", "contract_of", "decide", "related_to"]

_RULES: Final[Mapping[type[TicketCommand], Callable[..., Steps]]] = {
    c.HandOff: handling.hand_off,
    c.Take: handling.take,
    c.TakeOver: handling.take_over,
    c.Start: handling.start,
    c.AddNote: handling.add_note,
    c.RecordContact: handling.record_contact,
    c.JoinCaller: handling.join_caller,
    c.Amend: handling.amend,
    c.OverridePriority: handling.override_priority,
    c.Follow: handling.follow,
    c.Unfollow: handling.unfollow,
    c.Pend: handling.pend,
    c.Resume: handling.resume,
    c.OpenVendorTask: handling.open_vendor_task,
    c.Resolve: endings.resolve,
    c.RecordAnswer: endings.record_answer,
    c.Reopen: endings.reopen,
    c.Withdraw: endings.withdraw,
    c.MarkDuplicate: endings.mark_duplicate,
    c.Undo: endings.undo,
    cc.GiveRestoreTime: restoring.give_restore_time,
    cc.BeginIntervention: restoring.begin_intervention,
    cc.Defer: restoring.defer,
    cc.DeclareOutOfScope: restoring.declare_out_of_scope,
    cc.FallDue: falling_due.fall_due,
    ec.Escalate: escalating.escalate,
    ec.AnswerEscalation: escalating.answer_escalation,
    ec.DeclareMajor: majors.declare_major,
    ec.EndMajor: majors.end_major,
    ec.DeliverReport: majors.deliver_report,
    ec.AnswerVendorTask: restoring.answer_vendor_task,
}


def decide(ticket: Ticket | None, command: c.AnyTicketCommand, context: Context) -> Decision:
    """Decide a command about a ticket (None where it makes one). Raises Forbidden or Wanting."""
    if isinstance(command, c.LogCall):
        return _logged(command, context)
    assert ticket is not None, "only LogCall makes a ticket"
    steps = _asked(command, ticket, context)
    after = _after(ticket, steps, command, context)
    return Decision((*steps, *_steps(ticket, _by_rule(ticket, after, steps, context))))


def _asked(command: TicketCommand, ticket: Ticket, context: Context) -> tuple[Step, ...]:
    """What a command itself asks for; a hand-off may correct facts first, all of it or nothing."""
    steps: tuple[Step, ...] = ()
    if isinstance(command, c.HandOff) and command.changes:
        amend = c.Amend(ticket=ticket.id, changes=command.changes)
        steps = _steps(ticket, handling.amend(amend, ticket, context))
        ticket = _after(ticket, steps, command, context)
    return (*steps, *_steps(ticket, _RULES[type(command)](command, ticket, context)))


def _logged(command: c.LogCall, context: Context) -> Decision:
    """Save a call, hand it on and, on the caller's demand, escalate it, all at once (R099)."""
    logged = handling.log_call(command, context)
    first, *rest = logged.steps
    ticket = _after(evolve(None, _event(first, 1, command, context)), tuple(rest), command, context)
    steps = _steps(ticket, escalating.unheard(None, ticket, context))
    if command.escalate.strip():
        ticket = _after(ticket, steps, command, context)
        demand = ec.Escalate(ticket=ticket.id, reason=command.escalate)
        steps += _steps(ticket, escalating.escalate(demand, ticket, context))
    return Decision((*logged.steps, *steps), logged.held_back, None if steps else ticket)


def _steps(ticket: Ticket, found: Steps) -> tuple[Step, ...]:
    return tuple(step if isinstance(step, Step) else Step(ticket.id, step) for step in found)


def _by_rule(before: Ticket, after: Ticket, steps: tuple[Step, ...], context: Context) -> Steps:
    """What follows by itself from where a ticket has come to (R097, T4)."""
    yield from escalating.passed_around(before, after, context)
    yield from escalating.unheard(before, after, context)
    mine = [step.happening for step in steps if step.record == before.id]
    if any("status" in h.touches and not isinstance(h, e.Undone) for h in mine):
        decided = any(isinstance(h, e.HandedOff) for h in mine)
        yield from escalating.at_stage(after, context, may_move=not decided)


def _after(ticket: Ticket, steps: tuple[Step, ...], command: Command, context: Context) -> Ticket:
    """The ticket as it stands after the steps that are its own."""
    for step in steps:
        if step.record == ticket.id:
            ticket = evolve(ticket, _event(step, ticket.version + 1, command, context))
    return ticket


def _event(step: Step, version: int, command: Command, context: Context) -> e.Event:
    """A step as it will stand in the log, but for its place there."""
    return e.Event(
        position=0, record_kind="ticket", record_id=step.record, version=version, actor=context.actor.name,
        at=context.now, command_id=command.id, happening=step.happening,
    )  # fmt: skip


def related_to(command: c.AnyTicketCommand, ticket: Ticket | None) -> UUID | str | None:
    """Which other ticket the decision needs, by record id or reference; None for most commands."""
    if isinstance(command, c.MarkDuplicate):
        return command.survivor
    if isinstance(command, c.Undo) and ticket and ticket.status is Status.DUPLICATE:
        return ticket.duplicate_of
    return None


def contract_of(command: c.AnyTicketCommand, ticket: Ticket | None) -> str:
    """Number of the contract the decision goes by, also where the command is what names it; may be empty."""
    if isinstance(command, c.LogCall):
        return command.facts.contract
    if isinstance(command, c.Amend | c.HandOff) and isinstance(named := command.changes.get("contract"), str):
        return named
    return ticket.contract if ticket else ""


def company_of(command: c.AnyTicketCommand, ticket: Ticket | None) -> tuple[UUID | None, str]:
    """Id and name of the company the decision goes by, also where the command is what names it."""
    if isinstance(command, c.LogCall):
        return command.facts.company_id, command.facts.company
    if isinstance(command, c.Amend | c.HandOff) and not {"company", "company_id"}.isdisjoint(command.changes):
        named, known = command.changes.get("company_id"), command.changes.get("company")
        return _uuid(named), known if isinstance(known, str) else ""
    return (ticket.company_id, ticket.company) if ticket else (None, "")


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None  # the rule itself refuses it, in words
