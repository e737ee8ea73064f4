"""How each event changes a ticket. `evolve` never refuses: what is in the log happened.

An event this version does not know leaves the ticket as it was, but for its version and last change.
"""

from __future__ import annotations

from collections.abc import Container
from functools import singledispatch
from typing import Any, Final

from deskterm.desk import events as e
from deskterm.desk.clocks.reckoning import begun, open_pause, reckoned
from deskterm.desk.escalations.evolve import stepped
from deskterm.desk.events.clocks import ClockMissed
from deskterm.desk.events.escalations import Escalated, MajorProposed
from deskterm.desk.record import Happening
from deskterm.desk.records.ticket import Absorbed, Facts, Status, Ticket, Undoable


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
        **stepped(happening, ticket, event),
    }
    return ticket.model_copy(update={**changes, "timekeeping": reckoned(ticket, changes, event)})


_FACTS: Final = tuple(Facts.model_fields)


def _born(event: e.Event, call: e.CallLogged) -> Ticket:
    return Ticket(
        **{name: getattr(call.facts, name) for name in _FACTS},
        id=event.record_id,
        number=call.number,
        ref=call.ref,
        also=call.also,
        status=Status.NEW,
        priority=call.priority,
        matrix_priority=call.priority,
        originator=event.actor,
        incomplete=call.incomplete,
        bought_levels=call.bought_levels,
        successor_of=call.successor_of,
        call_seconds=call.call_seconds,
        after_seconds=call.after_seconds,
        after_keys=call.after_keys,
        opened_at=event.at,
        updated_at=event.at,
        updated_by=event.actor,
        progressed_at=event.at,
        version=event.version,
        callback=call.callback,
        out_of_hours=call.out_of_hours,
        timekeeping=begun(call, event.at),
    )


_NO_PROGRESS = (
    e.CallerJoined, e.DuplicateAbsorbed, e.DuplicateReleased, e.Followed, e.Unfollowed, e.TakenOver,
    Escalated, MajorProposed, ClockMissed,
)  # fmt: skip


def _is_progress(happening: Happening) -> bool:
    if isinstance(happening, e.ContactRecorded):
        return happening.reason not in ("chase", "status") or happening.direction == "out"
    return not isinstance(happening, _NO_PROGRESS)


Changes = dict[str, Any]


@singledispatch
def _changes(happening: Happening, ticket: Ticket, event: e.Event) -> Changes:
    return {}


_STANDING: Final = (
    "status", "group", "owner", "last_owner", "hops", "pending_reason", "resume_at", "pended_from",
)  # fmt: skip
"""How a ticket stands: what an undo puts back."""


def _remember(ticket: Ticket, event: e.Event, act: str, new_followers: tuple[str, ...] = ()) -> Undoable:
    """Keep how things stood, so that the author can take the act back."""
    return Undoable.model_validate(
        {
            "act": act,
            "by": event.actor,
            "version": event.version,
            "priority": ticket.priority,
            "override_reason": ticket.override_reason,
            "new_followers": new_followers,
            "promise": ticket.timekeeping.promise,
            "duty": ticket.timekeeping.duty,
            "pause": open_pause(ticket),
            **{name: getattr(ticket, name) for name in _STANDING},
        }
    )


def _with(names: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *more)))


def _without(names: tuple[str, ...], gone: Container[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in gone)


def _in_own_right(ticket: Ticket, *names: str) -> Changes:
    """Let people follow for a reason of their own, so that no undo of somebody else's act drops them."""
    absorbed = (a.model_copy(update={"followers": _without(a.followers, names)}) for a in ticket.absorbed)
    last = ticket.undoable
    if last is not None:
        last = last.model_copy(update={"new_followers": _without(last.new_followers, names)})
    return {"absorbed": tuple(absorbed), "undoable": last}


_NOT_WAITING: Final[Changes] = {"pending_reason": "", "resume_at": None, "pended_from": None}
_UNRESOLVED: Final[Changes] = {"resolved_at": None, "synopsis": None, "solution": "", "article_reason": ""}


@_changes.register
def _(happening: e.HandedOff, ticket: Ticket, event: e.Event) -> Changes:
    followers = _with(ticket.followers, ticket.originator, event.actor)
    return {
        **_NOT_WAITING,
        **_in_own_right(ticket, ticket.originator, event.actor),
        "status": Status.ROUTED,
        "group": happening.to,
        "owner": None,
        "last_owner": ticket.owner or ticket.last_owner,
        "followers": followers,
        "hops": ticket.hops + (happening.rule != "T3"),
        "undoable": _remember(ticket, event, "hand_off", _without(followers, ticket.followers)),
    }


@_changes.register
def _(happening: e.Taken, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "status": Status.ACCEPTED,
        "owner": happening.owner,
        "undoable": _remember(ticket, event, "take"),
    }


@_changes.register
def _(happening: e.TakenOver, ticket: Ticket, event: e.Event) -> Changes:
    return {"owner": happening.owner, "undoable": None} if happening.owner else {}


@_changes.register
def _(happening: e.Started, ticket: Ticket, event: e.Event) -> Changes:
    return {"status": Status.IN_PROGRESS, "undoable": None}


@_changes.register
def _(happening: e.ContactRecorded, ticket: Ticket, event: e.Event) -> Changes:
    return {"chases": ticket.chases + (happening.reason == "chase")}


@_changes.register
def _(happening: e.CallerJoined, ticket: Ticket, event: e.Event) -> Changes:
    return {
        **_in_own_right(ticket, event.actor),
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
    if happening.bought_levels is not None:
        changes["bought_levels"] = happening.bought_levels
    return {**changes, "incomplete": happening.incomplete, "callback": happening.callback or ticket.callback}


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
    # What had no owner when it began to wait goes back to its group's queue (T10, T11).
    back = ticket.pended_from or (Status.IN_PROGRESS if ticket.owner else Status.ROUTED)
    return {**_NOT_WAITING, "status": back}


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
    owner = ticket.last_owner or ticket.owner
    return {
        **_UNRESOLVED,
        "status": Status.IN_PROGRESS if owner else Status.ROUTED,
        "owner": owner,
        "refusals": ticket.refusals + 1,
        "undoable": None,
    }


@_changes.register
def _(happening: e.Reopened, ticket: Ticket, event: e.Event) -> Changes:
    return {
        **_UNRESOLVED,
        "status": Status.ROUTED,
        "last_owner": ticket.owner or ticket.last_owner,
        "owner": None,
        "reopens": ticket.reopens + 1,
        "closed_at": None,
        "confirmation": None,
        "undoable": None,
    }


@_changes.register
def _(happening: e.Withdrawn, ticket: Ticket, event: e.Event) -> Changes:
    return {**_NOT_WAITING, "status": Status.WITHDRAWN, "closed_at": event.at, "undoable": None}


@_changes.register
def _(happening: e.MarkedDuplicate, ticket: Ticket, event: e.Event) -> Changes:
    return {
        **_NOT_WAITING,
        "status": Status.DUPLICATE,
        "duplicate_of": happening.survivor_ref,
        "closed_at": event.at,
        "undoable": _remember(ticket, event, "duplicate"),
    }


@_changes.register
def _(happening: e.DuplicateAbsorbed, ticket: Ticket, event: e.Event) -> Changes:
    lent = {name for absorbed in ticket.absorbed for name in absorbed.followers}
    brought = tuple(name for name in happening.followers if name in lent or name not in ticket.followers)
    absorbed = Absorbed(ref=happening.duplicate_ref, followers=brought, callers=happening.callers)
    return {
        "followers": _with(ticket.followers, *happening.followers),
        "joined": (*ticket.joined, *happening.callers),
        "absorbed": (*ticket.absorbed, absorbed),
    }


@_changes.register
def _(happening: e.DuplicateReleased, ticket: Ticket, event: e.Event) -> Changes:
    leaving = next((a for a in ticket.absorbed if a.ref == happening.duplicate_ref), None)
    if leaving is None:
        return {}
    staying = tuple(a for a in ticket.absorbed if a is not leaving)
    still_lent = {name for absorbed in staying for name in absorbed.followers}
    return {
        "followers": _without(ticket.followers, set(leaving.followers) - still_lent),
        "joined": tuple(caller for caller in ticket.joined if caller not in leaving.callers),
        "absorbed": staying,
    }


@_changes.register
def _(happening: e.PriorityOverridden, ticket: Ticket, event: e.Event) -> Changes:
    return {
        "priority": happening.priority,
        "override_reason": happening.reason,
        "callback": happening.callback or ticket.callback,
        "undoable": _remember(ticket, event, "priority"),
    }


@_changes.register
def _(happening: e.Followed, ticket: Ticket, event: e.Event) -> Changes:
    return {
        **_in_own_right(ticket, happening.operator),
        "followers": _with(ticket.followers, happening.operator),
    }


@_changes.register
def _(happening: e.Unfollowed, ticket: Ticket, event: e.Event) -> Changes:
    return {
        **_in_own_right(ticket, happening.operator),
        "followers": _without(ticket.followers, (happening.operator,)),
    }


@_changes.register
def _(happening: e.Undone, ticket: Ticket, event: e.Event) -> Changes:
    before = ticket.undoable
    if before is None:
        return {}
    restored: Changes = {"undoable": None}
    if happening.act == "priority":
        # Where nothing was overridden before, the matrix counts again: it may have moved with the facts.
        priority = before.priority if before.override_reason else ticket.matrix_priority
        return restored | {"priority": priority, "override_reason": before.override_reason}
    restored |= {name: getattr(before, name) for name in _STANDING}
    if happening.act == "duplicate":
        restored |= {"duplicate_of": "", "closed_at": None}
    return restored | {"followers": _without(ticket.followers, before.new_followers)}
