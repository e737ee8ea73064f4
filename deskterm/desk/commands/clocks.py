"""What may be asked of a ticket's clocks (T8, T11, T18; R054-R059)."""

from __future__ import annotations

from typing import Literal

from deskterm.desk.record import Instant, TicketCommand
from deskterm.desk.records.ticket import ChannelKind


class GiveRestoreTime(TicketCommand):
    """Record by when the service runs again, as the customer was told (T8)."""

    kind: Literal["GiveRestoreTime"] = "GiveRestoreTime"
    restore_at: Instant
    channel: ChannelKind = "phone"
    who: str = ""
    """Who was told; empty means the ticket's contact."""
    text: str = ""


class BeginIntervention(TicketCommand):
    """Go from diagnosis to repair, once the customer has a restore time (R055, R056)."""

    kind: Literal["BeginIntervention"] = "BeginIntervention"
    repair: Literal["own", "supplier", "both"] = "own"


class Defer(TicketCommand):
    """Let what affects no service wait for the next working day, both sides agreeing (T11, R086)."""

    kind: Literal["Defer"] = "Defer"
    customer_agreed: str
    """Who agreed for the customer, and in which words."""
    desk_agreed: str = ""
    """Who agreed for the desk; empty means whoever records it."""


class DeclareOutOfScope(TicketCommand):
    """Say that it is not this desk's to do, and where the customer was sent (R059)."""

    kind: Literal["DeclareOutOfScope"] = "DeclareOutOfScope"
    sent_to: str
    reason: str = ""


class FallDue(TicketCommand):
    """The desk itself finds that a moment of a ticket has come (T18). Its id follows from what and when.

    `what` is the name of the moment (see `deskterm.desk.escalations.moments`), `due` when it fell due.
    """

    kind: Literal["FallDue"] = "FallDue"
    what: str
    due: Instant


ClockCommand = GiveRestoreTime | BeginIntervention | Defer | DeclareOutOfScope | FallDue
