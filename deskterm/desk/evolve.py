"""How each event changes a ticket. `evolve` never refuses: what is in the log happened.

An event this version does not know leaves the ticket as it was, but for its version and last change.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from deskterm.desk import events as e
from deskterm.desk.record import Happening
from deskterm.desk.ticket import Status, Ticket, Undoable


def evolve(ticket: Ticket | None, event: e.Event) -> Ticket:
    """Return the ticket as it stands after the event. The first event of a ticket is `CallLogged`."""
    happening = event.happening
    if isinstance(happening, e.CallLogged):
        return _born(event, happening)
    if ticket is None:
        raise ValueError(f"the log of ticket {event.record_id} does not begin with CallLogged")
    changes = {
        "version": event.version,
        "updated_at": event.at,
        "updated_by": event.actor,
        "progressed_at": event.at if _is_progress(happening) else ticket.progressed_at,
        **_changes(happening, ticket, event),
    }
    return ticket.model_copy(update=changes)


def _born(event: e.Event, call: e.CallLogged) -> Ticket:
    return Ticket(
        **dict(call.facts),
        id=event.record_id,
        number=call.number,
        ref=call.ref,
        status=Status.NEW,
        priority=call.priority,
        matrix_priority=call.priority,
        originator=event.actor,
        incomplete=call.incomplete,
        bought_levels=call.bought_levels,
        successor_of=call.successor_of,
        opened_at=event.at,
        updated_at=event.at,
        updated_by=event.actor,
        progressed_at=event.at,
        version=event.version,
    )


_NO_PROGRESS = (e.CallerJoined, e.DuplicateAbsorbed, e.DuplicateReleased, e.Followed, e.Unfollowed)


def _is_progress(happening: Happening) -> bool:
    if isinstance(happening, e.ContactRecorded):
        return happening.reason not in ("chase", "status") or happening.direction == "out"
    return not isinstance(happening, _NO_PROGRESS)


Changes = dict[str, Any]


@singledispatch
def _changes(happening: Happening, ticket: Ticket, event: e.Event) -> Changes:
    return {}


def _remember(ticket: Ticket, event: e.Event, act: str) -> Undoable:
    """Keep how things stood, so that the author can take the act back."""
    return Undoable.model_validate(
        {
            "act": act,
            "by": event.actor,
            "version": event.version,
            "status": ticket.status,
            "group": ticket.group,
            "owner": ticket.owner,
            "priority": ticket.priority,
            "override_reason": ticket.override_reason,
            "hops": ticket.hops,
            "pending_reason": ticket.pending_reason,
            "resume_at": ticket.resume_at,
        }
    )


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


@_changes.register
def _(happening: e.HandedOff, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.ROUTED,
        "group": happening.to,
        "owner": None,
        "last_owner": ticket.owner or ticket.last_owner,
        "followers": _with(_with(ticket.followers, ticket.originator), event.actor),
        "hops": ticket.hops + (happening.rule != "T3"),
        "pending_reason": "",
        "resume_at": None,
        "undoable": _remember(ticket, event, "hand_off"),
    }


@_changes.register
def _(happening: e.Taken, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.ACCEPTED,
        "owner": happening.owner,
        "undoable": _remember(ticket, event, "take"),
    }


@_changes.register
def _(happening: e.Started, ticket: Ticket, event: e.Event) -> Changes:
    return {"status": Status.IN_PROGRESS, "undoable": None}


@_changes.register
def _(happening: e.ContactRecorded, ticket: Ticket, event: e.Event) -> Changes:
    return {"chases": ticket.chases + (happening.reason == "chase")}


@_changes.register
def _(happening: e.CallerJoined, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "joined": (*ticket.joined, happening.caller),
        "followers": _with(ticket.followers, event.actor),
    }


@_changes.register
def _(happening: e.Amended, ticket: Ticket, event: e.Event) -> Changes:
    merged = ticket.model_dump() | happening.changes
    merged["fields"] = {**ticket.fields, **merged["fields"]}
    amended = Ticket.model_validate(merged)
    changes = {name: getattr(amended, name) for name in happening.changes}
    if {"impact", "urgency"} & happening.changes.keys():
        changes["matrix_priority"] = happening.priority
        if not ticket.override_reason:
            changes["priority"] = happening.priority
    return {**changes, "incomplete": happening.incomplete}


@_changes.register
def _(happening: e.Pended, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.PENDING,
        "pending_reason": happening.reason,
        "resume_at": happening.resume_at,
        "pended_from": ticket.status,
        "undoable": None,
    }


@_changes.register
def _(happening: e.Resumed, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": ticket.pended_from or Status.IN_PROGRESS,
        "pending_reason": "",
        "resume_at": None,
        "pended_from": None,
    }


@_changes.register
def _(happening: e.VendorTaskOpened, ticket: Ticket, event: e.Event) -> Changes:
    return {"vendor_tasks": (*ticket.vendor_tasks, happening.task)}


@_changes.register
def _(happening: e.Resolved, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.RESOLVED,
        "synopsis": happening.synopsis,
        "solution": happening.solution,
        "article_reason": happening.no_article_because,
        "last_owner": ticket.owner or ticket.last_owner,
        "resolved_at": event.at,
        "undoable": None,
    }


@_changes.register
def _(happening: e.Confirmed, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.CLOSED,
        "confirmation": happening.confirmation,
        "closed_at": event.at,
        "undoable": None,
    }


@_changes.register
def _(happening: e.Refused, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.IN_PROGRESS,
        "owner": ticket.last_owner,
        "resolved_at": None,
        "refusals": ticket.refusals + 1,
        "undoable": None,
    }


@_changes.register
def _(happening: e.Reopened, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.ROUTED,
        "last_owner": ticket.owner or ticket.last_owner,
        "owner": None,
        "reopens": ticket.reopens + 1,
        "resolved_at": None,
        "closed_at": None,
        "confirmation": None,
        "undoable": None,
    }


@_changes.register
def _(happening: e.Withdrawn, ticket: Ticket, event: e.Event) -> Changes:
    return {"status": Status.WITHDRAWN, "closed_at": event.at, "undoable": None}


@_changes.register
def _(happening: e.MarkedDuplicate, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.DUPLICATE,
        "duplicate_of": happening.survivor_ref,
        "brought_followers": happening.brought_followers,
        "closed_at": event.at,
        "undoable": _remember(ticket, event, "duplicate"),
    }


@_changes.register
def _(happening: e.DuplicateAbsorbed, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "followers": (*ticket.followers, *happening.followers),
        "joined": (*ticket.joined, *happening.callers),
    }


@_changes.register
def _(happening: e.DuplicateReleased, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "followers": tuple(name for name in ticket.followers if name not in happening.followers),
        "joined": tuple(caller for caller in ticket.joined if caller not in happening.callers),
    }


@_changes.register
def _(happening: e.PriorityOverridden, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "priority": happening.priority,
        "override_reason": happening.reason,
        "undoable": _remember(ticket, event, "priority"),
    }


@_changes.register
def _(happening: e.Followed, ticket: Ticket, event: e.Event) -> Changes:
    return {"followers": _with(ticket.followers, happening.operator)}


@_changes.register
def _(happening: e.Unfollowed, ticket: Ticket, event: e.Event) -> Changes:
    return {"followers": tuple(name for name in ticket.followers if name != happening.operator)}


@_changes.register
def _(happening: e.Undone, ticket: Ticket, event: e.Event) -> Changes:
    before = ticket.undoable
    if before is None:
        return {}
    restored: Changes = {"undoable": None}
    if happening.act == "priority":
        return restored | {"priority": before.priority, "override_reason": before.override_reason}
    restored |= {
        "status": before.status,
        "group": before.group,
        "owner": before.owner,
        "hops": before.hops,
        "pending_reason": before.pending_reason,
        "resume_at": before.resume_at,
    }
    if happening.act == "duplicate":
        restored |= {"duplicate_of": "", "brought_followers": (), "closed_at": None}
    return restored
