"""Every happening of a change as one entry of its thread, in plain words (R111, R113, R152).

Internal is the default: an entry is marked as the customer's only where it holds what the customer said or was told.
"""

from __future__ import annotations

from datetime import datetime
from functools import singledispatch
from typing import Final

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.entry_words import TALKED_BY, Words, paragraphs
from deskterm.desk.events import Event
from deskterm.desk.events import changes as e
from deskterm.desk.record import Happening
from deskterm.desk.records.change import Approval, evidence_of
from deskterm.desk.tickets.views import TimelineEntry
from deskterm.desk.wording import day_and_time, listed

CHANGE_KINDS: Final = {
    "ChangeRaised": ("change", "●"),
    "ChangeAmended": ("form", "±"),
    "RowAdded": ("form", "+"),
    "RowEdited": ("form", "±"),
    "RowMoved": ("form", "↕"),
    "RowSplit": ("form", "±"),
    "RowRemoved": ("form", "-"),
    "RowTicked": ("step", "✓"),
    "ResultRecorded": ("step", "✓"),
    "ChangeSubmitted": ("status", "»"),
    "ChangeAssessed": ("status", "►"),
    "ChangeSent": ("contact", "»"),
    "ChangeApproved": ("approval", "✓"),
    "ChangeRejected": ("approval", "×"),
    "ChangeSpokenFor": ("approval", "✓"),
    "ChangeScheduled": ("status", "…"),
    "ChangeStarted": ("status", "►"),
    "ChangePutToTest": ("status", "►"),
    "ChangeImplemented": ("status", "✓"),
    "WindowWarned": ("window", "▲"),
    "WindowOverran": ("window", "‼"),
    "WindowExtended": ("window", "+"),
    "RollBackBegun": ("status", "«"),
    "RolledBack": ("status", "«"),
    "ChangeRescheduled": ("window", "…"),
    "ChangeUnderReview": ("status", "○"),
    "FormFellDue": ("window", "‼"),
    "ChangeClosed": ("status", "■"),
    "ChangeCancelled": ("status", "□"),
    "ChangeNoted": ("note", "¶"),
    "ChangeCallRecorded": ("contact", "↔"),
}
"""For each happening of a change: one word for its sort, and a mark one cell wide that ordinary fonts have."""

_FACTS: Final = {
    "company_id": "", "contact_id": "", "ticket": "", "ticket_ref": "case reference", "starts": "start of the window",
    "ends": "end of the window", "contact": "customer's contact", "contact_phone": "contact's phone",
    "contact_email": "contact's e-mail", "engineer_phone": "engineer's phone", "engineer_email": "engineer's e-mail",
    "customer_zone": "customer's time zone", "engineer_zone": "engineer's time zone", "issued": "issue date",
    "systems": "systems impacted",
}  # fmt: skip
"""What to call a fact where its own name will not do; nothing for those that mean nothing to people."""


def change_entry(event: Event, desk: DeskFile) -> TimelineEntry | None:
    """Put an event of a change into words; None for events of other records."""
    happening: Happening = event.happening
    look = CHANGE_KINDS.get(event.happening.kind)
    if look is None:
        return None
    words = _words(happening, desk)
    return TimelineEntry(
        version=event.version,
        at=event.at,
        actor=event.actor,
        kind=look[0],
        mark=look[1],
        title=words.title,
        text=words.text,
        customer_sees=words.customer_sees,
    )


def window_words(starts: datetime, ends: datetime, zone: str) -> str:
    """Write a window out, with its zone (R152): "Friday 21 November 2025, 22:00 to 23:30 Europe/London"."""
    first, last = day_and_time(starts, zone), day_and_time(ends, zone)
    day, _, _ = first.rpartition(", ")
    return f"{first} to {last.removeprefix(f'{day}, ')} {zone}"


@singledispatch
def _words(happening: Happening, desk: DeskFile) -> Words:
    raise TypeError(f"no words for {type(happening).__name__}")


@_words.register
def _(happening: e.ChangeRaised, desk: DeskFile) -> Words:
    kind = f"{happening.change_kind.capitalize()} change"
    case = f" for {happening.header.ticket_ref}" if happening.header.ticket_ref else ""
    return Words(f"{kind} raised{case}", happening.header.title)


@_words.register
def _(happening: e.ChangeAmended, desk: DeskFile) -> Words:
    said: dict[str, str] = {}
    for name, value in happening.changes.items():
        if not (label := _FACTS.get(name, name.replace("_", " "))):
            continue
        if name in ("starts", "ends") and isinstance(value, str):
            value = f"{day_and_time(datetime.fromisoformat(value), desk.desk.zone)} {desk.desk.zone}"
        said[label] = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "nothing")
    if not said:
        return Words("Header linked to the customer base")
    return Words(f"Header: {listed(tuple(said))}", "\n".join(f"{label}: {text}" for label, text in said.items()))


@_words.register
def _(happening: e.RowAdded, desk: DeskFile) -> Words:
    late = ", while the work was under way" if happening.row.late else ""
    return Words(f"Row added to {happening.row.section.heading.lower()}{late}", happening.row.text)


@_words.register
def _(happening: e.RowEdited, desk: DeskFile) -> Words:
    return Words(f"Row changed: {listed(tuple(happening.changes))}", happening.text)


@_words.register
def _(happening: e.RowMoved, desk: DeskFile) -> Words:
    return Words("Row moved", happening.text)


@_words.register
def _(happening: e.RowSplit, desk: DeskFile) -> Words:
    return Words("Row split in two", f"{happening.text}\n{happening.new.text}")


@_words.register
def _(happening: e.RowRemoved, desk: DeskFile) -> Words:
    return Words("Row taken out", happening.text)


@_words.register
def _(happening: e.RowTicked, desk: DeskFile) -> Words:
    return Words("Done" if happening.done_at else "Tick taken back", happening.text)


@_words.register
def _(happening: e.ResultRecorded, desk: DeskFile) -> Words:
    how = {True: "Test passed", False: "Test failed", None: "Result of a test taken back"}[happening.passed]
    return Words(how, paragraphs(happening.text, happening.remark))


@_words.register
def _(happening: e.ChangeSubmitted, desk: DeskFile) -> Words:
    return Words("Submitted")


@_words.register
def _(happening: e.ChangeAssessed, desk: DeskFile) -> Words:
    shown = f", with {listed(happening.clashes)} at the same time" if happening.clashes else ""
    return Words(f"Assessment begun{shown}")


@_words.register
def _(happening: e.ChangeSent, desk: DeskFile) -> Words:
    again = " again, as it was changed" if happening.rule == "C9" else ""
    return Words(f"Form sent to {happening.sent.to}{again} {TALKED_BY[happening.sent.channel]}", customer_sees=True)


@_words.register
def _(happening: e.ChangeApproved, desk: DeskFile) -> Words:
    approval = happening.approval
    if approval.model:
        return Words(f"Agreed beforehand by {approval.by}: model {approval.model}", approval.evidence)
    return Words(f"{approval.by} agreed {TALKED_BY[approval.channel]}", _evidence(approval), customer_sees=True)


@_words.register
def _(happening: e.ChangeRejected, desk: DeskFile) -> Words:
    answer = happening.answer
    return Words(f"{answer.by} did not agree {TALKED_BY[answer.channel]}", _evidence(answer), customer_sees=True)


def _evidence(answer: Approval) -> str:
    return paragraphs(answer.words, f"Evidence: {evidence_of(answer)}")


@_words.register
def _(happening: e.ChangeSpokenFor, desk: DeskFile) -> Words:
    spoken = happening.approval
    said = day_and_time(spoken.at, desk.desk.zone)
    window = window_words(happening.starts, happening.ends, desk.desk.zone)
    text = f"{spoken.said}\nSaid {said} {desk.desk.zone} to {spoken.to}. Window: {window}."
    return Words(f"{spoken.by} agreed by word of mouth", text, customer_sees=True)


@_words.register
def _(happening: e.ChangeScheduled, desk: DeskFile) -> Words:
    return Words("Scheduled again" if happening.rule == "C9" else "Scheduled")


@_words.register
def _(happening: e.ChangeStarted, desk: DeskFile) -> Words:
    return Words("Work begun")


@_words.register
def _(happening: e.ChangePutToTest, desk: DeskFile) -> Words:
    return Words("Tests begun")


@_words.register
def _(happening: e.ChangeImplemented, desk: DeskFile) -> Words:
    return Words("Change made; its form is outstanding" if happening.form_outstanding else "Change made")


@_words.register
def _(happening: e.WindowWarned, desk: DeskFile) -> Words:
    return Words(f"{happening.minutes} minutes left of the window")


@_words.register
def _(happening: e.WindowOverran, desk: DeskFile) -> Words:
    over = day_and_time(happening.due, desk.desk.zone)
    return Words("The window ended with work open", f"It ended {over} {desk.desk.zone}.")


@_words.register
def _(happening: e.WindowExtended, desk: DeskFile) -> Words:
    extension = happening.extension
    until = f"{day_and_time(extension.new_end, desk.desk.zone)} {desk.desk.zone}"
    text = paragraphs(extension.words, f"Evidence: {evidence_of(extension)}")
    return Words(f"{extension.by} extended the window by e-mail until {until}", text, customer_sees=True)


@_words.register
def _(happening: e.RollBackBegun, desk: DeskFile) -> Words:
    why = "the window is over" if happening.rule == "C9" else "it failed"
    return Words(f"Rolling back begun: {why}", happening.reason)


@_words.register
def _(happening: e.RolledBack, desk: DeskFile) -> Words:
    return Words("Rolled back: all is as before")


@_words.register
def _(happening: e.ChangeRescheduled, desk: DeskFile) -> Words:
    return Words(f"Another window: {window_words(happening.starts, happening.ends, desk.desk.zone)}")


@_words.register
def _(happening: e.ChangeUnderReview, desk: DeskFile) -> Words:
    return Words("Form completed; to be reviewed" if happening.form_completed else "To be reviewed")


@_words.register
def _(happening: e.FormFellDue, desk: DeskFile) -> Words:
    return Words("The form of this emergency change is overdue")


@_words.register
def _(happening: e.ChangeClosed, desk: DeskFile) -> Words:
    return Words(f"Closed: {happening.outcome}", happening.note)


@_words.register
def _(happening: e.ChangeCancelled, desk: DeskFile) -> Words:
    return Words("Cancelled", happening.reason)


@_words.register
def _(happening: e.ChangeNoted, desk: DeskFile) -> Words:
    shown = happening.visibility == "customer"
    return Words("Note to the customer" if shown else "Note", happening.text, customer_sees=shown)


@_words.register
def _(happening: e.ChangeCallRecorded, desk: DeskFile) -> Words:
    who = happening.who or "The customer"
    how = "got in touch" if happening.direction == "in" else "was contacted"
    return Words(f"{who} {how} {TALKED_BY[happening.channel]}", happening.text, customer_sees=True)
