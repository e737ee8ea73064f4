"""Major incidents: declared or proposed, past all levels, and ended with a report owed (T19; R105)."""

from __future__ import annotations

from deskterm.desk.commands import escalations as ec
from deskterm.desk.escalations.ladders import (
    Rung,
    desk_manager,
    fitting,
    rungs,
)
from deskterm.desk.escalations.step_up import (
    StepUp,
    may_move_to,
    moved_to_group,
    step_up,
    supervisors,
    tell,
)
from deskterm.desk.events import escalations as ee
from deskterm.desk.records.escalation import (
    EscalationKind,
    Major,
)
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.refusal import Wanting
from deskterm.desk.tickets.grounds import Context, Steps, allow, demand
from deskterm.desk.tickets.rights import Act, Right


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
        yield from tell(supervisors(context.desk), ticket, context)
        return
    yield ee.MajorDeclared(major=Major(state="declared", reason=reason, by=by, at=at, report_due=True))
    rung, kind = _fast_track(ticket, context)
    moved = rung.group if kind == "functional" and may_move_to(ticket, rung, context.desk) else ""
    yield from step_up(StepUp(kind, "major", rung, reason, by=by, group=moved), ticket, context)
    if moved:
        yield moved_to_group(ticket, moved, reason, context)


def end_major(command: ec.EndMajor, ticket: Ticket, context: Context) -> Steps:
    """Say that it is no longer a major incident; the report stays owed (T19)."""
    allow(Act.END_MAJOR, ticket, context)
    if not ticket.is_major:
        raise Wanting("It is no major incident (T19).", "text", "T19")
    yield ee.MajorEnded(text=command.text)


def deliver_report(command: ec.DeliverReport, ticket: Ticket, context: Context) -> Steps:
    """Record that the report was delivered; once the incident is over, as it says how that came about (R143)."""
    allow(Act.REPORT, ticket, context)
    if not ticket.owes_report:
        going_on = "It is still a major incident; its report follows once it is over (R143)."
        raise Wanting(going_on if ticket.is_major else "No incident report is due (R143).", "text", "R143")
    yield ee.ReportDelivered(text=demand(command.text, "text", "Say where the report is, or what it says", "R143"))


def _fast_track(ticket: Ticket, context: Context) -> tuple[Rung, EscalationKind]:
    """The stage that a major incident needs: the highest group of the ladder for it, past all levels (R105)."""
    for kind in ("functional", "hierarchical"):
        for ladder in fitting(context.desk, ticket, kind, "major"):
            groups = [rung for rung in rungs(ladder) if rung.group]
            return (groups or rungs(ladder))[-1], kind
    return desk_manager(context.desk), "hierarchical"
