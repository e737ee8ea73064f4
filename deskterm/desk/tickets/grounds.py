"""What every rule stands on: the context it may know, the steps it leads to, and the two ways to say no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from deskterm.desk.clocks import Books
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.events import TicketHappening
from deskterm.desk.records.customers import Contract, Solution
from deskterm.desk.records.ticket import Facts, Ticket
from deskterm.desk.refusal import Forbidden, Refusal, Wanting
from deskterm.desk.tickets.rights import Act, Verdict, verdict


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules may know besides the ticket. `now` is UTC; `next_number` is what a new ticket would get."""

    desk: DeskFile
    actor: Operator
    now: datetime
    next_number: int = 0
    related: Ticket | None = None
    """The surviving ticket of a duplicate; see `related_to`."""
    contract: Contract | None = None
    """The contract the command and the ticket go by; see `contract_of` and `company_of`."""
    solution: Solution | None = None
    books: Books | None = None
    """Calendars, for what the clocks of a ticket say; None where nothing asks for them."""
    writing: tuple[str, ...] = ()
    """Who else is writing on the ticket now, for whoever takes over from them."""
    position: int = 0
    """Position in the log of the desk file in force, by which promises are explained later."""


class Step(NamedTuple):
    """One event to be: the record it belongs to, and what happens to it."""

    record: UUID
    happening: TicketHappening


@dataclass(frozen=True, slots=True)
class Decision:
    """The events a command leads to; `held_back` is the part that was refused while the rest was saved."""

    steps: tuple[Step, ...]
    held_back: Refusal | None = None
    stands: Ticket | None = None
    """How the ticket stands after all of them, where that was worked out on the way."""


Steps = Iterator[TicketHappening | Step]
"""What a rule yields: happenings of the ticket itself, and whole steps where they are another record's."""


def allow(act: Act, ticket: Ticket | None, context: Context, *, whatever_status: bool = False) -> Verdict:
    """Look the act up in the table of rights; raises Forbidden where it says no."""
    found = verdict(act, context.actor, ticket, whatever_status=whatever_status)
    if not found.allowed:
        raise Forbidden(found.reason, found.rule)
    return found


def demand(text: str, field: str, message: str, rule: str) -> str:
    """Demand that something was said, and return it untouched; raises Wanting for nothing but space."""
    if not text.strip():
        raise Wanting(f"{message} ({rule}).", field, rule)
    return text


def facts_of(ticket: Ticket) -> Facts:
    """The facts of a ticket by themselves."""
    return Facts.model_validate({name: getattr(ticket, name) for name in Facts.model_fields})
