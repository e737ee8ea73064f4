"""The rules on the way back to service: times told, interventions, deferrals, vendors' answers, what is not ours.

Rows: T8, T11, T16; R054-R059, R086, R095.
"""

from __future__ import annotations

from typing import Final

from deskterm.desk import events as e
from deskterm.desk.clocks.promising import calendar_named, desk_calendar
from deskterm.desk.commands import clocks as cc
from deskterm.desk.commands import escalations as ec
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.events import clocks as ce
from deskterm.desk.events import escalations as ee
from deskterm.desk.hours.openings import Hours, hours_of
from deskterm.desk.records.escalation import VendorAnswer
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.refusal import Forbidden, Wanting
from deskterm.desk.tickets.grounds import Context, Steps, allow, demand
from deskterm.desk.tickets.priority import name_of
from deskterm.desk.tickets.rights import Act

_DEFERRED: Final = "deferred"
"""What the desk's key for this reason of waiting begins with."""


def give_restore_time(command: cc.GiveRestoreTime, ticket: Ticket, context: Context) -> Steps:
    """Record by when the service runs again, and who was told (T8, R055)."""
    allow(Act.RESTORE_TIME, ticket, context)
    if command.restore_at <= context.now:
        raise Wanting("The restore time lies in the past (T8).", "restore_at", "T8")
    who = demand(command.who.strip() or ticket.contact, "who", "Say who was told the restore time", "T8")
    yield ce.RestoreTimeGiven(restore_at=command.restore_at, channel=command.channel, who=who, text=command.text)


def begin_intervention(command: cc.BeginIntervention, ticket: Ticket, context: Context) -> Steps:
    """Go from diagnosis to repair; the customer has to have a restore time by then (R055, R056)."""
    allow(Act.INTERVENE, ticket, context)
    if ticket.timekeeping.restore is None:
        message = "Before the intervention the customer is told a restore time; give one first (R055)."
        raise Wanting(message, "restore_at", "R055")
    yield ce.PhaseBegun(phase="intervention", repair=command.repair)


def defer(command: cc.Defer, ticket: Ticket, context: Context) -> Steps:
    """Let what affects no service wait for the next working day, with both sides' agreement on record (T11, R086)."""
    allow(Act.DEFER, ticket, context)
    desk, least = context.desk, context.desk.scales.impact[-1]
    if ticket.impact != least.key:
        now = name_of(desk.scales.impact, ticket.impact) or "not known yet"
        raise Forbidden(f"Only impact {least.name} may wait for the next working day; this is {now} (T11).", "T11")
    resume_at = _normal_hours(ticket, context).next_open(context.now)
    if resume_at is None or resume_at <= context.now:
        raise Forbidden("These are normal hours; only what comes outside them may be deferred (T11).", "T11")
    agreed = demand(command.customer_agreed, "customer_agreed", "Write down who agreed for the customer", "T11")
    yield ce.Deferred(
        reason=next((r.key for r in desk.pending if r.key.startswith(_DEFERRED)), _DEFERRED),
        resume_at=resume_at,
        customer_agreed=agreed,
        desk_agreed=command.desk_agreed.strip() or context.actor.name,
    )


def _normal_hours(ticket: Ticket, context: Context) -> Hours:
    """The normal hours of the centre that has the ticket, or of the desk (R078, R086)."""
    desk = context.desk
    group = desk.group_named(ticket.group or "")
    centre = next((each for each in desk.centre if group and each.name == group.centre), None)
    name = (centre.normal_calendar or centre.calendar) if centre else desk_calendar(desk)
    calendar = calendar_named(desk.calendar, name)
    if calendar is None:
        raise Forbidden("The desk file names no normal hours, so there is no next working day (T11).", "T11")
    kept = context.books.hours(context.position, name) if context.books else None
    return kept or hours_of(calendar)


def declare_out_of_scope(command: cc.DeclareOutOfScope, ticket: Ticket, context: Context) -> Steps:
    """Say that it is not this desk's to do, and where the customer was sent (R059)."""
    allow(Act.OUT_OF_SCOPE, ticket, context)
    sent_to = demand(command.sent_to, "sent_to", "Say where the customer was sent", "R059")
    yield ce.OutOfScope(sent_to=sent_to, reason=command.reason)


def answer_vendor_task(command: ec.AnswerVendorTask, ticket: Ticket, context: Context) -> Steps:
    """Record what a vendor said: by itself on its own task, or by one of us on its behalf, marked so (T16).

    A vendor that has done its part, or gives it back, ends a wait for it (T10); it never resolves our ticket.
    """
    allow(Act.VENDOR_ANSWER, ticket, context)
    number = _task(command.task, ticket, context)
    if command.state == "eta" and command.eta is None:
        raise Wanting("Say when the vendor expects to be done (T16).", "eta", "T16")
    if command.eta is not None and command.eta <= context.now:
        raise Wanting("The vendor's time lies in the past (T16).", "eta", "T16")
    answer = VendorAnswer(
        state=command.state,
        by=context.actor.name,
        at=context.now,
        on_behalf=context.actor.level != "vendor",
        eta=command.eta,
        text=command.text,
    )
    yield ee.VendorTaskAnswered(task=number, answer=answer)
    is_done = command.state in ("resolved", "returned")
    if is_done and ticket.status is Status.PENDING and ticket.pending_reason.startswith("vendor"):
        vendor = group_title(context.desk, ticket.vendor_tasks[number - 1].vendor)
        yield e.Resumed(text=f"{vendor} answered.")


def _task(wanted: int | None, ticket: Ticket, context: Context) -> int:
    """The number of the task that is meant; a vendor means one of its own."""
    actor = context.actor
    own = (actor.name, *actor.groups) if actor.level == "vendor" else None
    open_to = [n for n, task in enumerate(ticket.vendor_tasks, 1) if own is None or task.vendor in own]
    if wanted is not None and wanted not in open_to:
        raise Wanting(f"There is no vendor task {wanted} to answer (T16).", "task", "T16")
    pressing = [n for n in open_to if ticket.vendor_tasks[n - 1].is_open and wanted in (None, n)]
    if not pressing:
        raise Wanting("The vendor is done with it or gave it back; open a new task to ask again (T16).", "task", "T16")
    return pressing[-1]
