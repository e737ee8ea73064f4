"""How a ticket is told: the one place for its JSON, and how it reads on the shell."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from deskterm.cli.tables import heading, is_narrow, pairs, paragraph, table, when
from deskterm.text import capped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deskterm.desk.clocks import Clock
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.escalation import Escalation
    from deskterm.desk.records.ticket import Ticket
    from deskterm.desk.tickets.views import QueueRow, TicketView, TimelineEntry

LONGEST = 16_384
"""Bytes of one text that are shown to people."""


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket as JSON: its whole record; moments are ISO 8601 in UTC."""
    return ticket.model_dump(mode="json") | {"escalations": [escalation_json(step) for step in ticket.escalations]}


def escalation_json(step: Escalation) -> dict[str, Any]:
    """An escalation as JSON, with where it stands (R096)."""
    told = step.model_dump(mode="json")
    return {"from" if name == "from_" else name: value for name, value in told.items()} | {"state": step.state}


def line_json(ticket: Ticket, row: QueueRow) -> dict[str, Any]:
    """A ticket of a list as JSON: its whole record, and what is due next."""
    return ticket_json(ticket) | {
        "due_at": row.due_at, "due_what": row.due_what, "at_risk_at": row.at_risk_at, "paused": row.paused,
    }  # fmt: skip


def clock_json(clock: Clock, now: datetime) -> dict[str, Any]:
    """A clock as JSON, with how it stands now."""
    return {
        "clock": clock.name, "detail": clock.detail, "state": clock.state(now), "due": clock.due,
        "at_risk": clock.at_risk, "began": clock.began, "ended": clock.ended, "target": clock.target,
        "calendar": clock.calendar, "desk": clock.desk,
    }  # fmt: skip


def view_json(view: TicketView, now: datetime) -> dict[str, Any]:
    """A ticket opened, as JSON: the record with its thread, what is due, what may be done and what to say."""
    from deskterm.desk.clocks import soonest

    due = soonest(view.clocks)
    may = [{"act": v.act, "title": v.title, "allowed": v.allowed, "rule": v.rule, "reason": v.reason} for v in view.may]
    return {
        **ticket_json(view.ticket),
        "due_at": due.due if due else None,
        "due_what": due.name if due else "",
        "clocks": [clock_json(clock, now) for clock in view.clocks],
        "timeline": view.timeline,
        "say": view.say,
        "may": may,
        "still_to_ask": view.still_to_ask,
    }


def headline(ticket: Ticket, desk: DeskFile) -> str:
    """Where a ticket stands, in one line."""
    from deskterm.desk.tickets.priority import name_of

    priority = name_of(desk.scales.priority, ticket.priority) or "no priority yet"
    who = ticket.owner or ("nobody has it yet" if ticket.group and ticket.status.is_open else "")
    return " · ".join(filter(None, (ticket.ref, priority, ticket.status, ticket.group, who)))


def saved_page(view: TicketView) -> str:
    """What to read back to the caller the moment a call is saved: the reference, large and spaced."""
    from deskterm.desk.reference import spoken

    return "\n".join(
        ("", heading(f"    Reference   {spoken(view.ticket.ref)}"), "", paragraph(f"Say: {view.say}", indent=4), "")
    )


def changed_page(view: TicketView, before: int, desk: DeskFile) -> str:
    """What an act led to: where the ticket stands now, and what was written about it."""
    news = [entry for entry in view.timeline if entry.version > before]
    told = "\n".join(filter(None, (_one_line(entry) for entry in news))) or "  nothing changed"
    return "\n".join((heading(headline(view.ticket, desk)), told))


def ticket_page(view: TicketView, desk: DeskFile, now: datetime) -> str:
    """A whole ticket: facts, thread, what may be done now, and the sentence for a customer who asks."""
    ticket = view.ticket
    allowed = ", ".join(verdict.title.lower() for verdict in view.may if verdict.allowed)
    parts = [
        heading(f"{ticket.ref}  {ticket.summary or '(no summary)'}"),
        paragraph(headline(ticket, desk).removeprefix(f"{ticket.ref} · "), indent=2),
        "",
        pairs([*_clocks(view, desk, now), *_facts(ticket, desk, now)]),
        "",
        *_thread(view.timeline, now),
        pairs([("Say", view.say), ("You may", allowed), ("Still to ask", ", ".join(view.still_to_ask))]),
    ]
    return "\n".join(parts)


def tickets_page(lines: Iterable[tuple[Ticket, QueueRow]], desk: DeskFile, now: datetime) -> str:
    """Tickets as the lines of a list."""
    from deskterm.desk.tickets.due_words import due_cell

    shorts = {step.key: step.short or step.name for step in desk.scales.priority}

    def row(ticket: Ticket, line: QueueRow) -> dict[str, str]:
        return {
            "P": shorts.get(ticket.priority or "", "–"),
            "Due": due_cell(line.due_at, line.at_risk_at, line.paused, now, desk.desk.zone)[0],
            "Reference": ticket.ref,
            "": "!" if ticket.incomplete else "",
            "Summary": ticket.summary,
            "Company": ticket.company,
            "Status": ticket.status,
            "Group": ticket.group or "–",
            "Owner": ticket.owner or "–",
            "Opened": when(ticket.opened_at, now),
        }

    rows = [row(*line) for line in lines]
    if not rows:
        return "No tickets."
    heads = [head for head in rows[0] if not (is_narrow() and head in ("Owner", "Opened"))]
    found = table(heads, ([row[head] for head in heads] for row in rows), kept="Summary")
    return f"{found}\n\n! required fields are missing" if any(row[""] for row in rows) else found


def escalations_page(ticket: Ticket, desk: DeskFile, now: datetime) -> str:
    """Every escalation of a ticket, and what was said to each."""
    parts = [heading(f"{ticket.ref}  {ticket.summary or '(no summary)'}")]
    for step in ticket.escalations:
        title = f"{step.number}  {step.kind}, {step.trigger}: {step.from_} to {step.to}"
        answers = ((a.state, f"{when(a.at, now)} by {a.by}. {a.text}") for a in step.answers)
        told = (
            ("Reason", step.reason),
            ("By", f"{step.by}, {when(step.at, now)}"),
            ("Fell due", when(step.due, now) if step.due else ""),
            ("Evidence", step.evidence),
            ("Ladder", f"{step.ladder}, stage {step.stage}" if step.ladder else ""),
            ("Given to", step.group),
            ("To assess", ", ".join(step.assess)),
            ("State", step.state),
            *((state.capitalize(), words) for state, words in answers),
        )
        parts += ["", paragraph(title, indent=0), pairs(told)]
    return "\n".join(parts) if ticket.escalations else "\n".join((*parts, "It was not escalated."))


def _clocks(view: TicketView, desk: DeskFile, now: datetime) -> Iterable[tuple[str, str]]:
    """The clocks that still matter."""
    from deskterm.desk.tickets.due_words import clock_lines

    return [(title, words) for title, words, _ in clock_lines(view.clocks, now, desk.desk.zone)]


def _flags(ticket: Ticket) -> str:
    """What presses, in words."""
    major = {"declared": "major incident", "proposed": "proposed as a major incident"}
    last = next((step for step in reversed(ticket.escalations) if step.is_open), None)
    state = major.get(ticket.major.state, "") if ticket.major else ""
    return " · ".join(filter(None, (state, f"escalated to {last.to} ({last.state})" if last else "")))


def _facts(ticket: Ticket, desk: DeskFile, now: datetime) -> Iterable[tuple[str, str]]:
    from deskterm.desk.tickets.priority import name_of

    scales = desk.scales
    yield "Pressing", _flags(ticket)
    yield "Plan", next((step.plan for step in reversed(ticket.escalations) if step.is_open and step.plan), "")
    yield "Out of scope", f"sent to {ticket.out_of_scope}" if ticket.out_of_scope else ""
    yield "Company", ticket.company
    yield "Caller", " · ".join(filter(None, (ticket.contact, ticket.phone, ticket.email)))
    yield "Contract", ticket.contract
    yield "Service", ticket.service
    yield "Item", ticket.item
    yield "Type", " · ".join(filter(None, ((ticket.type or "").replace("_", " "), ticket.fault, ticket.channel)))
    yield "Impact", name_of(scales.impact, ticket.impact)
    yield "Urgency", name_of(scales.urgency, ticket.urgency)
    if ticket.override_reason:
        matrix = name_of(scales.priority, ticket.matrix_priority) or "none"
        yield "Priority", f"by hand: {ticket.override_reason} (the matrix says {matrix})"
    yield "Customer asks for", name_of(scales.priority, ticket.customer_priority)
    labels = {field.key: field.label for field in desk.intake}
    for key, value in ticket.fields.items():
        yield labels.get(key) or key.replace("_", " ").capitalize(), value
    yield "Began", when(ticket.began, now) if ticket.began else ""
    yield "Opened", f"{when(ticket.opened_at, now)} by {ticket.originator}"
    yield "Followers", ", ".join(ticket.followers)
    yield "Also waiting", ", ".join(f"{c.contact or 'somebody'} ({c.company})" for c in ticket.joined)
    yield "Duplicate of", ticket.duplicate_of
    yield "Carries on", ticket.successor_of
    yield "Incomplete", ", ".join(labels.get(key) or key.replace("_", " ") for key in ticket.incomplete)
    yield "Description", _bounded(ticket.description)


def _bounded(text: str) -> str:
    """As much of a text as people read on a terminal."""
    kept, cut = capped(text, max_bytes=LONGEST)
    return f"{kept}\n… the rest is left out; --json holds all of it" if cut else kept


def _thread(timeline: Iterable[TimelineEntry], now: datetime) -> Iterable[str]:
    """The thread, oldest first; what the customer sees is marked in words."""
    for entry in timeline:
        seen = "  (customer sees this)" if entry.customer_sees else ""
        yield paragraph(f"{entry.mark} {when(entry.at, now)}  {entry.actor}: {entry.title}{seen}", indent=2)
        if entry.text:
            yield paragraph(_bounded(entry.text), indent=6)
    yield ""


def _one_line(entry: TimelineEntry) -> str:
    return paragraph(f"{entry.mark} {entry.title}", indent=2)
