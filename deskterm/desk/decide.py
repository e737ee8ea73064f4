"""What a command leads to: `decide(ticket, command, context)` gives events, or refuses with the rule that says no.

Pure: time, actor, desk file and whatever else a rule needs arrive in the `Context`. One small function per command
stands in `handling` and `endings`; who may do it at all is looked up in the table of `rights`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from deskterm.desk import commands as c
from deskterm.desk import endings, handling
from deskterm.desk.grounds import Context, Decision, Step, Steps
from deskterm.desk.handling import checked
from deskterm.desk.record import TicketCommand
from deskterm.desk.ticket import Status, Ticket

__all__ = ["Context", "Decision", "Step", "checked", "company_of", "contract_of", "decide", "related_to"]

_RULES: Final[Mapping[type[TicketCommand], Callable[..., Steps]]] = {
    c.HandOff: handling.hand_off,
    c.Take: handling.take,
    c.Start: handling.start,
    c.AddNote: handling.add_note,
    c.RecordContact: handling.record_contact,
    c.JoinCaller: handling.join_caller,
    c.Amend: handling.amend,
    c.OverridePriority: handling.override_priority,
    c.Follow: handling.follow,
    c.Unfollow: handling.unfollow,
    c.Pend: handling.pend,
    c.Resume: handling.resume,
    c.OpenVendorTask: handling.open_vendor_task,
    c.Resolve: endings.resolve,
    c.RecordAnswer: endings.record_answer,
    c.Reopen: endings.reopen,
    c.Withdraw: endings.withdraw,
    c.MarkDuplicate: endings.mark_duplicate,
    c.Undo: endings.undo,
}


def decide(ticket: Ticket | None, command: c.AnyTicketCommand, context: Context) -> Decision:
    """Decide a command about a ticket (None where it makes one). Raises Forbidden or Wanting."""
    if isinstance(command, c.LogCall):
        return handling.log_call(command, context)
    assert ticket is not None, "only LogCall makes a ticket"
    steps = _RULES[type(command)](command, ticket, context)
    return Decision(tuple(s if isinstance(s, Step) else Step(ticket.id, s) for s in steps))


def related_to(command: c.AnyTicketCommand, ticket: Ticket | None) -> UUID | str | None:
    """Which other ticket the decision needs, by record id or reference; None for most commands."""
    if isinstance(command, c.MarkDuplicate):
        return command.survivor
    if isinstance(command, c.Undo) and ticket and ticket.status is Status.DUPLICATE:
        return ticket.duplicate_of
    return None


def contract_of(command: c.AnyTicketCommand, ticket: Ticket | None) -> str:
    """Number of the contract the decision goes by, also where the command is what names it; may be empty."""
    if isinstance(command, c.LogCall):
        return command.facts.contract
    if isinstance(command, c.Amend) and isinstance(named := command.changes.get("contract"), str):
        return named
    return ticket.contract if ticket else ""


def company_of(command: c.AnyTicketCommand, ticket: Ticket | None) -> tuple[UUID | None, str]:
    """Id and name of the company the decision goes by, also where the command is what names it."""
    if isinstance(command, c.LogCall):
        return command.facts.company_id, command.facts.company
    if isinstance(command, c.Amend) and not {"company", "company_id"}.isdisjoint(command.changes):
        named, known = command.changes.get("company_id"), command.changes.get("company")
        return _uuid(named), known if isinstance(known, str) else ""
    return (ticket.company_id, ticket.company) if ticket else (None, "")


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None  # the rule itself refuses it, in words
