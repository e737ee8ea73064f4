"""The thread's words for what happens on the way up and on the way back to service; see `timeline`."""

from __future__ import annotations

from functools import singledispatch
from typing import Final

from deskterm.desk import events as e
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.entry_words import TALKED_BY, Words, paragraphs
from deskterm.desk.events import clocks as ce
from deskterm.desk.events import escalations as ee
from deskterm.desk.record import Happening
from deskterm.desk.wording import day_and_time, listed

KINDS: Final = {
    "RestoreTimeGiven": ("contact", "↔"),
    "PhaseBegun": ("status", "►"),
    "Deferred": ("status", "…"),
    "OutOfScope": ("status", "□"),
    "ClockMissed": ("clock", "!"),
    "Escalated": ("escalation", "↑"),
    "EscalationAnswered": ("escalation", "¶"),
    "MajorProposed": ("escalation", "‼"),
    "MajorDeclared": ("escalation", "‼"),
    "MajorEnded": ("escalation", "■"),
    "ReportDelivered": ("escalation", "✓"),
    "VendorTaskAnswered": ("vendor", "○"),
}
"""For each happening: one word for its sort, and a mark one cell wide that ordinary fonts have."""

_TRIGGERS: Final = {
    "customer": "on the customer's demand",
    "operator": "by hand",
    "monitoring": "on an alert",
    "age-timer": "by age",
    "rule-at-stage": "by rule",
    "missed-target": "for a missed target",
    "major": "as a major incident",
}
"""What set an escalation off, to end a sentence with."""
_ANSWERS: Final = {
    "raised": "raised",
    "acknowledged": "taken note of",
    "assessed": "assessed",
    "plan-agreed": "a plan is agreed",
    "worked": "work on the plan began",
    "de-escalated": "calmed down",
}
_VENDOR_SAID: Final = {
    "open": "was asked",
    "acknowledged": "took note of its task",
    "eta": "gave a time",
    "resolved": "did its part",
    "returned": "gave its task back",
}
_REPAIR: Final = {
    "own": ": our own repair",
    "supplier": ": a supplier's repair",
    "both": ": our repair and a supplier's",
}
_CLOCKS: Final = {
    "response": "Nobody had responded in time",
    "update": "The customer was not told in time",
    "restore": "Service was not restored in time",
    "promised": "The restore time that was promised has passed",
    "group": "The group had not taken it in time",
    "vendor": "The vendor had not answered in time",
}


@singledispatch
def step_words(happening: Happening, event: e.Event, desk: DeskFile) -> Words:
    """Put a happening of these sorts into words. Raises TypeError for any other."""
    raise TypeError(f"no words for {type(happening).__name__}")


@step_words.register
def _(happening: ce.RestoreTimeGiven, event: e.Event, desk: DeskFile) -> Words:
    at = day_and_time(happening.restore_at, desk.desk.zone)
    title = f"{happening.who or 'The customer'} was told {TALKED_BY[happening.channel]}: restored by {at}"
    return Words(title, happening.text, customer_sees=True)


@step_words.register
def _(happening: ce.PhaseBegun, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"{happening.phase.capitalize()} begun{_REPAIR.get(happening.repair, '')}")


@step_words.register
def _(happening: ce.Deferred, event: e.Event, desk: DeskFile) -> Words:
    until = day_and_time(happening.resume_at, desk.desk.zone)
    agreed = f"For the customer agreed: {happening.customer_agreed}\nFor the desk: {happening.desk_agreed}"
    return Words(f"Deferred by agreement, until {until}", agreed)


@step_words.register
def _(happening: ce.OutOfScope, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"Out of scope: sent to {happening.sent_to}", happening.reason, customer_sees=True)


@step_words.register
def _(happening: ce.ClockMissed, event: e.Event, desk: DeskFile) -> Words:
    target = f", target {happening.target}" if happening.target else ""
    due = f"It was due on {day_and_time(happening.due, desk.desk.zone)}{target}."
    return Words(_CLOCKS[happening.clock], paragraphs(due, happening.detail))


@step_words.register
def _(happening: ee.Escalated, event: e.Event, desk: DeskFile) -> Words:
    step = happening.escalation
    late = f"It fell due on {day_and_time(step.due, desk.desk.zone)}." if step.due else ""
    told_already = step.evidence.casefold() == step.reason.casefold()
    evidence = f"Evidence: {step.evidence}." if step.evidence and not told_already else ""
    asked = f"Asked to assess it: {listed(step.assess)}." if step.assess else ""
    title = f"Escalated to {step.to} {_TRIGGERS[step.trigger]}"
    return Words(title, paragraphs(step.reason, late, evidence, asked))


@step_words.register
def _(happening: ee.EscalationAnswered, event: e.Event, desk: DeskFile) -> Words:
    return Words(f"Escalation {happening.number}: {_ANSWERS[happening.answer.state]}", happening.answer.text)


@step_words.register
def _(happening: ee.MajorProposed, event: e.Event, desk: DeskFile) -> Words:
    return Words("Proposed as a major incident", happening.major.reason)


@step_words.register
def _(happening: ee.MajorDeclared, event: e.Event, desk: DeskFile) -> Words:
    return Words("Declared a major incident; a report is due", happening.major.reason)


@step_words.register
def _(happening: ee.MajorEnded, event: e.Event, desk: DeskFile) -> Words:
    return Words("No longer a major incident", happening.text)


@step_words.register
def _(happening: ee.ReportDelivered, event: e.Event, desk: DeskFile) -> Words:
    return Words("Incident report delivered", happening.text)


@step_words.register
def _(happening: ee.VendorTaskAnswered, event: e.Event, desk: DeskFile) -> Words:
    answer = happening.answer
    by = f", says {event.actor} for them" if answer.on_behalf else ""
    until = f": {day_and_time(answer.eta, desk.desk.zone)}" if answer.eta else ""
    return Words(f"Vendor task {happening.task}: the vendor {_VENDOR_SAID[answer.state]}{until}{by}", answer.text)
