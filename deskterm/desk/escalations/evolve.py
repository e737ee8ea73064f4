"""How escalations, major incidents, vendors' answers, phases and callbacks change a ticket; see `evolve`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any, TypeVar

from deskterm.desk import events as e
from deskterm.desk.events import clocks as ce
from deskterm.desk.events import escalations as ee
from deskterm.desk.record import Happening, Kept
from deskterm.desk.records.ticket import Status, Ticket

Changes = dict[str, Any]
Record = TypeVar("Record", bound=Kept)


@singledispatch
def stepped(happening: Happening, ticket: Ticket, event: e.Event) -> Changes:
    """What an event changes of how far a ticket has gone up, and of the phase of the work on it."""
    return {}


def _replaced(records: Sequence[Record], number: int, **changes: object) -> tuple[Record, ...]:
    """The records with the one of that number, from 1, changed; a number that is none of theirs changes nothing."""
    return tuple(r.model_copy(update=changes) if n == number else r for n, r in enumerate(records, 1))


@stepped.register
def _(happening: ee.Escalated, ticket: Ticket, event: e.Event) -> Changes:
    return {"escalations": (*ticket.escalations, happening.escalation)}


@stepped.register
def _(happening: ee.EscalationAnswered, ticket: Ticket, event: e.Event) -> Changes:
    found = next((step for step in ticket.escalations if step.number == happening.number), None)
    if found is None:
        return {}
    answer = happening.answer
    plan = answer.text if answer.state == "plan-agreed" else found.plan
    changed = found.model_copy(update={"answers": (*found.answers, answer), "plan": plan})
    return {"escalations": tuple(changed if step is found else step for step in ticket.escalations)}


@stepped.register
def _(happening: ee.MajorProposed, ticket: Ticket, event: e.Event) -> Changes:
    return {} if ticket.is_major else {"major": happening.major}


@stepped.register
def _(happening: ee.MajorDeclared, ticket: Ticket, event: e.Event) -> Changes:
    return {"major": happening.major}


@stepped.register
def _(happening: ee.MajorEnded, ticket: Ticket, event: e.Event) -> Changes:
    if ticket.major is None:
        return {}
    return {"major": ticket.major.model_copy(update={"state": "ended", "ended": event.at})}


@stepped.register
def _(happening: ee.ReportDelivered, ticket: Ticket, event: e.Event) -> Changes:
    return {"major": ticket.major.model_copy(update={"report_due": False})} if ticket.major else {}


@stepped.register
def _(happening: ee.VendorTaskAnswered, ticket: Ticket, event: e.Event) -> Changes:
    answers = next((task.answers for n, task in enumerate(ticket.vendor_tasks, 1) if n == happening.task), ())
    return {"vendor_tasks": _replaced(ticket.vendor_tasks, happening.task, answers=(*answers, happening.answer))}


@stepped.register
def _(happening: ce.PhaseBegun, ticket: Ticket, event: e.Event) -> Changes:
    return {"phase": happening.phase, "repair": happening.repair}


@stepped.register
def _(happening: ce.Deferred, ticket: Ticket, event: e.Event) -> Changes:
    # What waited for something else already comes back to where it stood before that (T11).
    waited = ticket.status is Status.PENDING
    return {
        "status": Status.PENDING,
        "pending_reason": happening.reason,
        "resume_at": happening.resume_at,
        "pended_from": ticket.pended_from if waited else ticket.status,
        "undoable": None,
    }


@stepped.register
def _(happening: ce.OutOfScope, ticket: Ticket, event: e.Event) -> Changes:
    return {"out_of_scope": happening.sent_to}


@stepped.register
def _(happening: e.Started, ticket: Ticket, event: e.Event) -> Changes:
    return {"phase": "diagnostics", "repair": ""}


@stepped.register
def _(happening: e.Refused, ticket: Ticket, event: e.Event) -> Changes:
    return {"phase": "diagnostics", "repair": ""}


@stepped.register
def _(happening: e.Reopened, ticket: Ticket, event: e.Event) -> Changes:
    return {"phase": "triage", "repair": ""}


@stepped.register
def _(happening: e.ContactRecorded, ticket: Ticket, event: e.Event) -> Changes:
    called = happening.direction == "out" and happening.channel == "phone"
    return {"callback": None} if called and ticket.callback else {}
