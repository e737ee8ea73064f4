"""The rules of what the desk itself does when a moment of a ticket has come (T18)."""

from __future__ import annotations

from deskterm.desk.clock_commands import FallDue
from deskterm.desk.grounds import Context, Steps, allow
from deskterm.desk.refusal import Wanting
from deskterm.desk.rights import Act
from deskterm.desk.ticket import Ticket


def fall_due(command: FallDue, ticket: Ticket, context: Context) -> Steps:
    """Do what a moment asks for. Raises Wanting for a moment that this ticket does not have."""
    allow(Act.AUTO_ESCALATE, ticket, context, whatever_status=True)
    raise Wanting(f"The ticket has no moment {command.what!r} (T18).", "what", "T18")
