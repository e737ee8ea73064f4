"""Every happening of a ticket as one entry of its thread, in plain words (R111, R113).

Internal is the default: an entry is marked as the customer's only where it holds what the customer said or was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Final

from deskterm.desk import events as e
from deskterm.desk.deskfile import DeskFile, PendingReason
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.entry_words import TALKED_BY, Words, paragraphs
from deskterm.desk.escalations import timeline as timeline_escalation
from deskterm.desk.record import Happening
from deskterm.desk.records.ticket import JoinedCaller
from deskterm.desk.tickets.priority import name_of
from deskterm.desk.tickets.views import TimelineEntry
from deskterm.desk.wording import day_and_time, listed

KINDS: Final = {
    "CallLogged": ("call", "●"),
    "HandedOff": ("hand-off", "»"),
    "Taken": ("take", "▲"),
    "TakenOver": ("take", "▲"),
    "Started": ("status", "►"),
    "Noted": ("note", "¶"),
    "ContactRecorded": ("contact", "↔"),
    "CallerJoined": ("call", "+"),
    "Amended": ("change", "±"),
    "Pended": ("status", "…"),
    "Resumed": ("status", "►"),
    "VendorTaskOpened": ("vendor", "○"),
    "Resolved": ("status", "✓"),
    "Confirmed": ("status", "■"),
    "Refused": ("status", "×"),
    "Reopened": ("status", "↑"),
    "Withdrawn": ("status", "□"),
    "MarkedDuplicate": ("link", "≡"),
    "DuplicateAbsorbed": ("link", "≡"),
    "DuplicateReleased": ("link", "≡"),
    "PriorityOverridden": ("priority", "!"),
    "Followed": ("follow", "+"),
    "Unfollowed": ("follow", "-"),
    "Undone": ("undo", "«"),
    **timeline_escalation.KINDS,
}
"""For each happening of a ticket: one word for its sort, and a mark one cell wide that ordinary fonts have."""

_CAME_BY: Final = {
    "phone": "Call",
    "missed_call": "Missed call",
    "email": "E-mail",
    "portal": "Portal request",
    "sms": "Text message",
    "monitoring": "Alert",
    "in_person": "Visit",
    "api": "Request from a program",
}
_FROM_A_PROGRAM: Final = frozenset({"monitoring", "api"})
_TALK: Final = {
    ("in", "chase"): "asked for progress",
    ("in", "details"): "gave details",
    ("in", "status"): "asked where it stands",
    ("in", "answer"): "answered",
    ("in", "other"): "got in touch",
    ("out", "chase"): "was told of the progress",
    ("out", "details"): "was asked for details",
    ("out", "status"): "was told where it stands",
    ("out", "answer"): "was given an answer",
    ("out", "other"): "was contacted",
}
_TAKEN_BACK: Final = {
    "take": "Gave it back to its group: the take is undone",
    "hand_off": "Took the hand-off back",
    "priority": "Took the override of the priority back",
    "duplicate": "Took the duplicate link back",
}
_FACTS: Final = {
    "company_id": "",
    "contact_id": "",
    "email": "e-mail",
    "customer_priority": "priority the customer asks for",
    "began": "beginning of the trouble",
    "item": "configuration item",
    "fault": "kind of fault",
}
"""What to call a fact where its own name will not do; nothing for those that mean nothing to people."""


def entry(event: e.Event, desk: DeskFile) -> TimelineEntry | None:
    """Put an event of a ticket into words; None for events of other records."""
    look = KINDS.get(event.happening.kind)
    if look is None:
        return None
    kind, mark = look
    words = _words(event.happening, event, desk)
    return TimelineEntry(
        version=event.version,
        at=event.at,
        actor=event.actor,
        kind=kind,
        mark=mark,
        title=words.title,
        text=words.text,
        customer_sees=words.customer_sees,
    )


@singledispatch
def _words(happening: Happening, event: e.Event, desk: DeskFile) -> Words:
    if type(happening) is Happening:  # its words were erased, or are not those of its kind
        return Words("Words that cannot be read")
    return timeline_escalation.step_words(happening, event, desk)


def _caller(contact: str, company: str) -> str:
    return ", ".join(name for name in (contact, company) if name)


@_words.register
def _(happening: e.CallLogged, event: e.Event, desk: DeskFile) -> Words:
    facts = happening.facts
    who = _caller(facts.contact, facts.company)
    title = _CAME_BY[facts.channel] + (f" from {who}" if who else "")
    if happening.successor_of:
        title += f", after {happening.successor_of}, which was closed"
    text = paragraphs(facts.summary, facts.description)
    return Words(title, text, customer_sees=facts.channel not in _FROM_A_PROGRAM)


@_words.register
def _(happening: e.HandedOff, event: e.Event, desk: DeskFile) -> Words:
    again = " again" if happening.rule == "T4" else ""
    return Words(f"Handed on{again} to {group_title(desk, happening.to)}", happening.reason)


@_words.register
def _(happening: e.Taken, event: e.Event, desk: DeskFile) -> Words:
    mine = happening.owner == event.actor
    return Words("Taken" if mine else f"Given to {happening.owner}")


@_words.register
def _(happening: e.TakenOver, event: e.Event, desk: DeskFile) -> Words:
    title = f"Took over from {listed(happening.holders)}"
    return Words(title, f"It is owned by {happening.owner} now." if happening.owner else "")


@_words.register
def _(happening: e.Started, event: e.Event, desk: DeskFile) -> Words:
    return Words("Work started")


@_words.register
def _(happening: e.Noted, event: e.Event, desk: DeskFile) -> Words:
    shown = happening.visibility == "customer"
    return Words("Note to the customer" if shown else "Note", happening.text, customer_sees=shown)


@_words.register
def _(happening: e.ContactRecorded, event: e.Event, desk: DeskFile) -> Words:
    who = happening.who or "The customer"
    title = f"{who} {_TALK[happening.direction, happening.reason]} {TALKED_BY[happening.channel]}"
    return Words(title, happening.text, customer_sees=True)


@_words.register
def _(happening: e.CallerJoined, event: e.Event, desk: DeskFile) -> Words:
    caller: JoinedCaller = happening.caller
    # Internal: one customer is not told who else has the same trouble.
    return Words(f"Caller added: {_caller(caller.contact, caller.company) or 'no name given'}", caller.words)


@_words.register
def _(happening: e.Amended, event: e.Event, desk: DeskFile) -> Words:
    changed = dict(_changed(happening.changes, event, desk))
    if not changed:
        return Words("Caller linked to the customer base")
    title = f"Changed: {listed(tuple(changed))}"
    return Words(title, "\n".join(f"{label}: {value or 'nothing'}" for label, value in changed.items()))


def _changed(changes: Mapping[str, object], event: e.Event, desk: DeskFile) -> list[tuple[str, str]]:
    scales = {"impact": desk.scales.impact, "urgency": desk.scales.urgency, "customer_priority": desk.scales.priority}
    labels = {field.key: field.label for field in desk.intake if field.label}
    found: list[tuple[str, str]] = []
    for name, value in changes.items():
        if name == "fields" and isinstance(value, Mapping):
            found += [(labels.get(key, key.replace("_", " ")), str(answer)) for key, answer in value.items()]
        elif label := _FACTS.get(name, name.replace("_", " ")):
            text = "" if value is None else str(value)
            found.append((label, name_of(scales[name], text) if name in scales else text))
    return found


@_words.register
def _(happening: e.Pended, event: e.Event, desk: DeskFile) -> Words:
    reason: PendingReason | None = next((r for r in desk.pending if r.key == happening.reason), None)
    until = f", until {day_and_time(happening.resume_at, desk.desk.zone)}" if happening.resume_at else ""
    return Words(f"Waits: {reason.name if reason else happening.reason}{until}", happening.text)


@_words.register
def _(happening: e.Resumed, event: e.Event, desk: DeskFile) -> Words:
    return Words("The wait is over", happening.text)


@_words.register
def _(happening: e.VendorTaskOpened, event: e.Event, desk: DeskFile) -> Words:
    task = happening.task
    reference = f", their reference {task.vendor_reference}" if task.vendor_reference else ""
    return Words(f"Asked {group_title(desk, task.vendor)}{reference}", task.text)


@_words.register
def _(happening: e.Resolved, event: e.Event, desk: DeskFile) -> Words:
    told = happening.synopsis
    with_ = f" with {happening.solution}" if happening.solution else " with a new solution"
    text = f"Issue: {told.issue}\nSteps: {told.steps}\nResolution: {told.resolution}"
    return Words(f"Resolved{with_}", text, customer_sees=True)


@_words.register
def _(happening: e.Confirmed, event: e.Event, desk: DeskFile) -> Words:
    said = happening.confirmation
    title = f"{said.by} confirmed {TALKED_BY[said.channel]}: closed"
    return Words(title, said.words, customer_sees=True)


@_words.register
def _(happening: e.Refused, event: e.Event, desk: DeskFile) -> Words:
    said = happening.confirmation
    title = f"{said.by} said no {TALKED_BY[said.channel]}: work goes on"
    return Words(title, said.words, customer_sees=True)


@_words.register
def _(happening: e.Reopened, event: e.Event, desk: DeskFile) -> Words:
    return Words("Opened again", happening.reason)


@_words.register
def _(happening: e.Withdrawn, event: e.Event, desk: DeskFile) -> Words:
    return Words("Withdrawn on the customer's word", happening.reason, customer_sees=True)


@_words.register
def _(happening: e.MarkedDuplicate, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"Duplicate of {happening.survivor_ref}, which goes on")


@_words.register
def _(happening: e.DuplicateAbsorbed, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"Took in {happening.duplicate_ref}, the same trouble", _brought(happening))


@_words.register
def _(happening: e.DuplicateReleased, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"Let {happening.duplicate_ref} go again, with those who came along")


def _brought(happening: e.DuplicateAbsorbed) -> str:
    callers = [_caller(caller.contact, caller.company) for caller in happening.callers]
    return paragraphs(
        f"Callers: {'; '.join(name for name in callers if name)}" if any(callers) else "",
        f"Followers: {', '.join(happening.followers)}" if happening.followers else "",
    )


@_words.register
def _(happening: e.PriorityOverridden, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"Priority set to {name_of(desk.scales.priority, happening.priority)}", happening.reason)


@_words.register
def _(happening: e.Followed, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"{happening.operator} follows")


@_words.register
def _(happening: e.Unfollowed, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"{happening.operator} no longer follows", happening.reason)


@_words.register
def _(happening: e.Undone, event: e.Event, desk: DeskFile) -> Words:
    return Words(_TAKEN_BACK[happening.act])
