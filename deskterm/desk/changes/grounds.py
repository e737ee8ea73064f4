"""What the rules of changes stand on: the context they may know, and the ways to say no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deskterm.desk.changes.rights import ChangeAct, ChangeVerdict, change_verdict
from deskterm.desk.changes.window import Booked
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.events.changes import ChangeHappening
from deskterm.desk.fold import fold
from deskterm.desk.records.change import Change
from deskterm.desk.records.ticket import ChannelKind, Ticket
from deskterm.desk.refusal import Forbidden, Wanting
from deskterm.desk.tickets.grounds import demand

WRITTEN: Final[tuple[ChannelKind, ...]] = ("email", "portal", "sms", "in_person")
"""Channels by which an agreement can be read again; in person it is a signed form."""


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """What the rules may know besides the change. `now` is UTC; `next_number` is what a new change would get."""

    desk: DeskFile
    actor: Operator
    now: datetime
    next_number: int = 0
    ticket: Ticket | None = None
    """The ticket it is for, or is to be for; see `ticket_of`."""
    others: tuple[Booked, ...] = ()
    """The windows of other changes, as far as they may overlap its own."""


ChangeSteps = Iterator[ChangeHappening]
"""What a rule yields."""


def allow_change(act: ChangeAct, change: Change | None, context: ChangeContext) -> ChangeVerdict:
    """Look the act up in the table; raises Forbidden where it says no."""
    found = change_verdict(act, context.actor, change)
    if not found.allowed:
        raise Forbidden(found.reason, found.rule)
    return found


def customers_word(name: str, context: ChangeContext, field: str, rule: str) -> str:
    """Demand the name of somebody at the customer: nobody at the desk agrees for them (C3, C8, C10)."""
    who = demand(name, field, "Name the customer's contact who says so", rule).strip()
    if any(fold(who) in (fold(each.name), fold(each.login)) for each in context.desk.operator):
        raise Wanting(f"{who} works at this desk: only the customer can agree to a change ({rule}).", field, rule)
    return who


def moment_past(at: datetime | None, context: ChangeContext, field: str, rule: str) -> datetime:
    """When something was said: now, or an earlier moment; raises Wanting for the future."""
    if at is not None and at > context.now:
        raise Wanting(f"That moment is still to come ({rule}).", field, rule)
    return at or context.now


def older(moment: datetime, than: datetime) -> bool:
    """Whether a moment lies in an earlier minute: people say and type minutes."""
    return moment < than.replace(second=0, microsecond=0)
