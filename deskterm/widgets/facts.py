"""The facts of a ticket: all of them in groups of label and value, or the few that one needs to go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from textual.content import Content

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.entry_words import TALKED_BY
from deskterm.desk.records.ticket import JoinedCaller, Ticket
from deskterm.desk.tickets.due_words import clock_lines
from deskterm.desk.tickets.priority import name_of
from deskterm.desk.tickets.views import TicketView
from deskterm.desk.wording import listed, when
from deskterm.text import capped, cell
from deskterm.widgets.entry_lines import wrapped
from deskterm.widgets.preview import clocks_line
from deskterm.widgets.ticket_words import caller_of, phone_of

_LABEL: Final = 11
_LONGEST: Final = 400
"""Bytes of one fact that are shown here; the thread has the rest."""
_MOST_LINES: Final = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `warns` marks what somebody should see before anything else."""

    label: str
    value: str
    warns: bool = False


def all_facts(view: TicketView, desk: DeskFile, now: datetime, me: str, width: int) -> Content:
    """Every fact there is, in groups with a line of air between, wrapped to `width`."""
    groups = (
        _urgent(view, desk, now),
        _clocks(view, desk, now),
        _caller(view.ticket, desk),
        _trouble(view.ticket, desk, now),
        _others(view.ticket, desk, now, me),
        _story(view.ticket, desk, now),
    )
    lines: list[Content] = []
    for group in groups:
        drawn = [line for fact in group if fact.value for line in _lines(fact, width)]
        lines += [Content(""), *drawn] if lines and drawn else drawn
    return Content("\n").join(lines)


def key_facts(view: TicketView, desk: DeskFile, now: datetime, me: str, width: int) -> Content:
    """Who called, what it is, who follows, and what should be seen first: three or four lines."""
    ticket = view.ticket
    what = [
        _type(ticket),
        *(f"{label} {value}" for label, value in _scales(ticket, desk) if value),
        ticket.service,
        ticket.item,
        ticket.contract,
    ]
    logged = f"Logged {when(ticket.opened_at, now, desk.desk.zone)} · {_followed_by(ticket, me)}"
    plain = ((caller_of(ticket, desk), ""), (" · ".join(p for p in what if p), "$text-muted"), (logged, "$text-muted"))
    lines = [Content.styled(cell(words, width).rstrip(), style) for words, style in plain]
    lines += clocks_line(view, desk, now, width)
    seen_first = [fact for fact in (*_urgent(view, desk, now), *_ties(ticket, desk, now)) if fact.value]
    if seen_first:
        sign, style = ("▲ ", "$text-warning") if any(fact.warns for fact in seen_first) else ("· ", "$text-muted")
        words = cell("  ".join(f"{fact.label}: {fact.value}" for fact in seen_first), width - 2).rstrip()
        lines.append(Content.assemble((sign + words, style)))
    return Content("\n").join(lines)


def _lines(fact: Fact, width: int) -> Iterator[Content]:
    text, is_cut = capped(fact.value, _LONGEST, max_lines=_MOST_LINES)
    label_style, style = ("$text-warning", "$text-warning") if fact.warns else ("$text-muted", "")
    label = fact.label + " "
    beside = len(label) <= _LABEL
    if not beside:
        yield Content.styled(cell(fact.label, width), label_style)
    for n, line in enumerate(wrapped(text + "…" if is_cut else text, width - _LABEL, style)):
        lead = label.ljust(_LABEL) if beside and n == 0 else " " * _LABEL
        yield Content.assemble((lead, label_style), line)


def _urgent(view: TicketView, desk: DeskFile, now: datetime) -> Iterator[Fact]:
    """What presses, and what stands in the way of going on."""
    ticket = view.ticket
    yield from _pressing(ticket)
    if ticket.duplicate_of:
        yield Fact("Goes on as", ticket.duplicate_of, warns=True)
    if ticket.pending_reason and ticket.status == "Pending":
        reason = next((r.name for r in desk.pending if r.key == ticket.pending_reason), ticket.pending_reason)
        until = f", until {when(ticket.resume_at, now, desk.desk.zone)}" if ticket.resume_at else ""
        yield Fact("Waits", reason + until, warns=True)
    if view.still_to_ask and ticket.status.is_open:
        yield Fact("To ask", listed(view.still_to_ask), warns=bool(ticket.incomplete))


def _pressing(ticket: Ticket) -> Iterator[Fact]:
    """How far it has gone up, and what was agreed on it."""
    if ticket.major and ticket.major.state != "ended":
        yield Fact("Major", _hit(ticket) if ticket.is_major else f"proposed by {ticket.major.by}", warns=True)
    if ticket.owes_report:
        yield Fact("Report", "due, as it was a major incident", warns=True)
    pressing = [step for step in reversed(ticket.escalations) if step.is_open]
    if pressing:
        yield Fact("Escalated", f"to {pressing[0].to}, {pressing[0].state}", warns=True)
        yield Fact("Plan", next((step.plan for step in pressing if step.plan), ""))
    if ticket.out_of_scope:
        yield Fact("Not ours", f"sent to {ticket.out_of_scope}", warns=True)


def _hit(ticket: Ticket) -> str:
    """That it is one, and how many customers it hits as far as they have called."""
    customers = ticket.customers_affected
    return f"declared, hits {customers} customers so far" if customers > 1 else "declared"


def _clocks(view: TicketView, desk: DeskFile, now: datetime) -> Iterator[Fact]:
    """The clocks that still matter; `W` explains them."""
    for label, words, state in clock_lines(view.clocks, now, desk.desk.zone):
        yield Fact(label, words, warns=state in ("late", "at risk", "missed"))


def _caller(ticket: Ticket, desk: DeskFile) -> Iterator[Fact]:
    yield Fact("Company", ticket.company)
    yield Fact("Contact", ticket.contact)
    yield Fact("Phone", phone_of(ticket.phone, desk))
    yield Fact("E-mail", ticket.email)
    yield Fact("Contract", ticket.contract + (", level 0 only" if ticket.bought_levels == "L0" else ""))
    yield Fact("Service", ticket.service)
    yield Fact("Item", ticket.item)


def _trouble(ticket: Ticket, desk: DeskFile, now: datetime) -> Iterator[Fact]:
    scale = desk.scales.priority
    yield Fact("Type", _type(ticket))
    yield Fact("Phase", ticket.phase if ticket.phase != "triage" else "")
    for label, value in _scales(ticket, desk):
        yield Fact(label.capitalize(), value)
    yield Fact("Priority", name_of(scale, ticket.priority))
    if ticket.override_reason:
        yield Fact("", f"set by hand: {ticket.override_reason}")
        yield Fact("Matrix", name_of(scale, ticket.matrix_priority))
    yield Fact("They ask", name_of(scale, ticket.customer_priority))
    yield Fact("Fault", ticket.fault)
    yield Fact("Began", when(ticket.began, now, desk.desk.zone) if ticket.began else "")
    labels = {field.key: field.label or field.key.replace("_", " ") for field in desk.intake}
    for key, value in ticket.fields.items():
        yield Fact(labels.get(key, key.replace("_", " ")).capitalize(), value)


def _others(ticket: Ticket, desk: DeskFile, now: datetime, me: str) -> Iterator[Fact]:
    """Who else is in this."""
    yield Fact("Group", group_title(desk, ticket.group) if ticket.group else "")
    yield Fact("Owner", ticket.owner or "")
    yield Fact("Followers", _names(ticket, me))
    yield from _ties(ticket, desk, now)


def _ties(ticket: Ticket, desk: DeskFile, now: datetime) -> Iterator[Fact]:
    """Other callers, other tickets and other parties."""
    yield Fact(
        "Affected" if ticket.is_major else "Callers", "\n".join(_person(caller, desk) for caller in ticket.joined)
    )
    yield Fact("Took in", listed(tuple(absorbed.ref for absorbed in ticket.absorbed)))
    yield Fact("Follows on", ticket.successor_of)
    for task in ticket.vendor_tasks:
        reference = f" ({task.vendor_reference})" if task.vendor_reference else ""
        asked = when(task.opened_at, now, desk.desk.zone)
        state = "" if task.state == "open" else f", {task.state}"
        yield Fact("Vendor", f"{group_title(desk, task.vendor)}{reference}, asked {asked}{state}")


def _story(ticket: Ticket, desk: DeskFile, now: datetime) -> Iterator[Fact]:
    yield Fact("Logged", _logged(ticket, desk, now).removeprefix("Logged "))
    yield Fact("Changed", f"{when(ticket.updated_at, now, desk.desk.zone)} by {ticket.updated_by}")
    yield Fact("Chased", _times(ticket.chases))
    yield Fact("Handed on", _times(ticket.hops))
    yield Fact("Reopened", _times(ticket.reopens))
    yield Fact("Said no", _times(ticket.refusals))
    yield Fact("Solution", ticket.solution)
    yield Fact("No article", ticket.article_reason)
    if said := ticket.confirmation:
        yield Fact("Answer", f"{said.answer}, from {said.by} {TALKED_BY[said.channel]}")


def _type(ticket: Ticket) -> str:
    return (ticket.type or "type not known").replace("_", " ").capitalize()


def _scales(ticket: Ticket, desk: DeskFile) -> tuple[tuple[str, str], ...]:
    return (
        ("impact", name_of(desk.scales.impact, ticket.impact)),
        ("urgency", name_of(desk.scales.urgency, ticket.urgency)),
    )


def _logged(ticket: Ticket, desk: DeskFile, now: datetime) -> str:
    return f"Logged {when(ticket.opened_at, now, desk.desk.zone)} by {ticket.originator}, {TALKED_BY[ticket.channel]}"


def _names(ticket: Ticket, me: str) -> str:
    others = [name for name in ticket.followers if name != me]
    return listed(("★ you", *others) if me in ticket.followers else tuple(others))


def _followed_by(ticket: Ticket, me: str) -> str:
    return f"followed by {_names(ticket, me)}" if ticket.followers else "nobody follows"


def _person(caller: JoinedCaller, desk: DeskFile) -> str:
    name = ", ".join(part for part in (caller.contact, caller.company) if part)
    return "\n".join(part for part in (name, phone_of(caller.phone, desk)) if part)


def _times(count: int) -> str:
    return "" if not count else "once" if count == 1 else f"{count} times"
