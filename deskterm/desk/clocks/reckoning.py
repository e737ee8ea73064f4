"""How each event moves what a ticket's clocks stand on: promises, pauses, words to the customer, a group's turn.

Pure and without refusal, as all of `evolve` is, which asks here once for each event. A wait is seen by the status, so
that whatever begins or ends one is a pause. Rows: R088-R095, R128.
"""

from __future__ import annotations

from datetime import datetime
from functools import singledispatch
from typing import Any

from deskterm.desk import events as e
from deskterm.desk.events import clocks as clock_events
from deskterm.desk.record import Happening
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.records.timekeeping import Missed, Pause, Promise, RestoreTime, Timekeeping

Changes = dict[str, Any]


def begun(call: e.CallLogged, at: datetime) -> Timekeeping:
    """The timekeeping of a ticket that is born."""
    return Timekeeping(started=at, promises=(call.promise,) if call.promise else ())


def reckoned(before: Ticket, changes: Changes, event: e.Event) -> Timekeeping:
    """The timekeeping after an event; `changes` are what the event changes in the ticket itself."""
    kept = before.timekeeping
    found = _moved(event.happening, before, event)
    now = changes.get("status", before.status)
    if (pauses := _paused(kept.pauses, before, now, event)) is not kept.pauses:
        found["pauses"] = pauses
    if (urgent := _pressing(before, changes, event.at)) is not kept.urgent:
        found["urgent"] = urgent
    return kept.model_copy(update=found) if found else kept


def open_pause(ticket: Ticket) -> Pause | None:
    """The pause in which the ticket is now."""
    last = ticket.timekeeping.pauses[-1] if ticket.timekeeping.pauses else None
    return last if last is not None and last.ended is None else None


def _paused(pauses: tuple[Pause, ...], before: Ticket, now: Status, event: e.Event) -> tuple[Pause, ...]:
    running = open_pause(before)
    waits = now is Status.PENDING
    if waits and isinstance(event.happening, e.Undone) and before.undoable and before.undoable.pause:
        ended = before.undoable.pause
        return tuple(ended if pause.began == ended.began else pause for pause in pauses)
    anew = isinstance(event.happening, clock_events.Deferred)
    if waits == (running is not None) and not anew:
        return pauses
    if running is not None:
        over = getattr(event.happening, "since", None) or event.at
        pauses = (*pauses[:-1], running.model_copy(update={"ended": over}))
        if not anew:
            return pauses
    reason = getattr(event.happening, "reason", "")
    return (*pauses, Pause(began=event.at, reason=reason, stops=getattr(event.happening, "stops", True)))


def _pressing(before: Ticket, changes: Changes, at: datetime) -> tuple[tuple[datetime, datetime | None], ...]:
    urgent = before.timekeeping.urgent
    if changes.keys().isdisjoint(("escalations", "major", "status")):
        return urgent
    presses = False
    if changes.get("escalations", before.escalations) or changes.get("major", before.major):
        after = before.model_copy(update={k: v for k, v in changes.items() if k in ("escalations", "major", "status")})
        presses = after.status.is_open and (after.is_escalated or after.is_major)
    runs = bool(urgent) and urgent[-1][1] is None
    if presses == runs:
        return urgent
    return (*urgent, (at, None)) if presses else (*urgent[:-1], (urgent[-1][0], at))


@singledispatch
def _moved(happening: Happening, before: Ticket, event: e.Event) -> Changes:
    return {}


def _promised(before: Ticket, promise: Promise | None) -> Changes:
    return {"promises": (*before.timekeeping.promises, promise)} if promise else {}


def _responded(before: Ticket, at: datetime) -> Changes:
    return {} if before.timekeeping.responded else {"responded": at}


@_moved.register(e.Amended)
@_moved.register(e.PriorityOverridden)
def _(happening: e.Amended | e.PriorityOverridden, before: Ticket, event: e.Event) -> Changes:
    return _promised(before, happening.promise)


@_moved.register
def _(happening: e.HandedOff, before: Ticket, event: e.Event) -> Changes:
    return {"duty": happening.duty}


@_moved.register
def _(happening: e.Taken, before: Ticket, event: e.Event) -> Changes:
    duty = before.timekeeping.duty
    return {"duty": duty.model_copy(update={"taken": event.at})} if duty and not duty.taken else {}


@_moved.register
def _(happening: e.Started, before: Ticket, event: e.Event) -> Changes:
    return _responded(before, event.at)


@_moved.register
def _(happening: e.Noted, before: Ticket, event: e.Event) -> Changes:
    return {"told": event.at} if happening.visibility == "customer" else {}


@_moved.register
def _(happening: e.ContactRecorded, before: Ticket, event: e.Event) -> Changes:
    if happening.direction == "in":
        return {}
    return {"told": event.at, **(_responded(before, event.at) if happening.by_worker else {})}


@_moved.register
def _(happening: e.Resolved, before: Ticket, event: e.Event) -> Changes:
    # The customer gets the synopsis (R124).
    return {"told": event.at, **_responded(before, event.at)}


@_moved.register
def _(happening: e.Refused, before: Ticket, event: e.Event) -> Changes:
    # Whoever says no has just been spoken to: the next update counts from there.
    return {"told": event.at}


@_moved.register
def _(happening: e.Reopened, before: Ticket, event: e.Event) -> Changes:
    duty = before.timekeeping.duty
    return {
        **_promised(before, happening.promise),
        "started": event.at,
        "responded": None,
        "told": None,
        "restore": None,
        "duty": duty.model_copy(update={"since": event.at, "taken": None}) if duty else None,
    }


@_moved.register
def _(happening: e.Undone, before: Ticket, event: e.Event) -> Changes:
    last = before.undoable
    if last is None:
        return {}
    if happening.act != "priority":
        return {"duty": last.duty}
    promises = before.timekeeping.promises
    if happening.promise is not None:
        return _promised(before, happening.promise)
    kept = promises.index(last.promise) + 1 if last.promise in promises else 0
    return {"promises": promises[:kept]}


@_moved.register
def _(happening: clock_events.RestoreTimeGiven, before: Ticket, event: e.Event) -> Changes:
    told = ", ".join(part for part in (happening.who, happening.channel) if part)
    given = RestoreTime(at=happening.restore_at, given=event.at, by=event.actor, told=told)
    return {"restore": given, "told": event.at}


@_moved.register
def _(happening: clock_events.ClockMissed, before: Ticket, event: e.Event) -> Changes:
    missed = Missed(clock=happening.clock, due=happening.due, detail=happening.detail)
    return {"missed": (*before.timekeeping.missed, missed)}
