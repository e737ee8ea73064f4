"""What a desk shows: plain view models that the store fills and screens, shell and server pass on unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from deskterm.desk.tickets.queue_views import BUILT_IN_VIEWS as BUILT_IN_VIEWS
from deskterm.desk.tickets.queue_views import Behind as Behind
from deskterm.desk.tickets.queue_views import Figure as Figure
from deskterm.desk.tickets.queue_views import Page as Page
from deskterm.desk.tickets.queue_views import QueueQuery as QueueQuery
from deskterm.desk.tickets.queue_views import QueueRow as QueueRow
from deskterm.desk.tickets.queue_views import QueueView as QueueView
from deskterm.desk.tickets.queue_views import ViewCount as ViewCount

if TYPE_CHECKING:
    from deskterm.desk.clocks import Clock
    from deskterm.desk.records.customers import Company, Contact, Contract, Item, Service
    from deskterm.desk.records.ticket import Ticket
    from deskterm.desk.tickets.rights import Verdict


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of a ticket's thread. `mark` is a symbol for its sort; `kind` one word for it."""

    version: int
    at: datetime
    actor: str
    kind: str
    mark: str
    title: str
    text: str = ""
    customer_sees: bool = False


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket opened: the record, its thread oldest first, what may be done now and the sentence to read out."""

    ticket: Ticket
    timeline: tuple[TimelineEntry, ...]
    may: tuple[Verdict, ...]
    say: str
    clocks: tuple[Clock, ...] = ()
    """Its clocks, those that have ended too."""
    still_to_ask: tuple[str, ...] = ()
    """Labels of intake fields not answered yet, required ones first."""
    opens_at: datetime | None = None
    """When the centre of its group opens, where that is closed (R082)."""


CALLED_BEFORE: Final = "called before"
"""What matched of somebody who is known by their earlier calls only."""


@dataclass(frozen=True, slots=True)
class CallerMatch:
    """Somebody found for a caller picker, and what matched ("phone", "name", "serial 2XK-11").

    `contact_id` is None for whoever is no registered contact: a company of which nobody is known yet, found by itself
    with an empty `name`, or somebody who called before (`matched` is `CALLED_BEFORE`). `company_id` is None where
    they called for no registered company; `company` is then what was typed, if anything.
    """

    contact_id: UUID | None
    name: str
    company_id: UUID | None
    company: str
    phone: str
    email: str
    matched: str = "name"
    ref: str = ""
    """Of somebody who called before: the ticket they called about last."""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An open ticket on the caller's card: a possible duplicate."""

    id: UUID
    ref: str
    summary: str
    priority: str
    status: str
    group: str
    opened_at: datetime
    same_caller: bool = True


@dataclass(frozen=True, slots=True)
class KnownOutage:
    """An outage that is known, offered while the next caller is still speaking: they may be calling about it."""

    ticket: OpenTicket
    why: str
    """Why that is likely: one of `deskterm.desk.tickets.outages.REASONS`."""
    is_major: bool
    affected: int
    """Customers who have called about it so far."""


@dataclass(frozen=True, slots=True)
class CallerCard:
    """Who is calling and what they are owed (R028, R030, R033).

    Without a record of them, or of their company, those are None; `earlier` tells who it was that called before.
    """

    contact: Contact | None
    contact_id: UUID | None
    company: Company | None
    company_id: UUID | None
    contracts: tuple[Contract, ...] = ()
    services: tuple[Service, ...] = ()
    items: tuple[Item, ...] = ()
    others: tuple[CallerMatch, ...] = ()
    """Other contacts of the company."""
    open_tickets: tuple[OpenTicket, ...] = ()
    """Open tickets of this caller first, then of the company, newest first."""
    closed_count: int = 0
    earlier: CallerMatch | None = None


@dataclass(frozen=True, slots=True)
class SolutionMatch:
    """A known solution found in the pool."""

    key: str
    title: str
    category: str
    steps: str
    resolution: str


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of the single search box: a ticket, a change, a caller, a contract or a known solution (R027)."""

    kind: str
    """"ticket", "change", "contact", "company", "contract", "service", "item" or "solution"."""
    id: UUID | None
    ref: str
    title: str
    detail: str = ""
    open: bool = False
    company_id: UUID | None = None
    """The company of a customer record, to open its card by."""


@dataclass(frozen=True, slots=True)
class GroupLoad:
    """A group to hand on to, and how much waits there."""

    name: str
    title: str
    level: str
    open: int
    unowned: int
    guess: int = 0
    """How well its `good_for` words fit what was said so far; the highest is the best guess."""
    centre: str = ""
    """Name of the operations centre where it sits; empty for one that sits in none."""
    is_open: bool | None = None
    """Whether somebody is there now; None where it keeps no hours that are known here."""
    opens_at: datetime | None = None
    """When its centre opens next, where that is closed (R082)."""
    answers_within: str = ""
    """How soon it takes what it is given, as agreed ("30m"); empty where nothing was."""


HIDDEN: Final = "Hidden"
"""What the feed calls a change of a ticket that one does not see: enough to take it off a screen (R226)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One event as the feed tells it: enough to know what to read again."""

    position: int
    record_kind: str
    record_id: UUID
    version: int
    kind: str
    actor: str
    at: datetime
    command_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FellDue:
    """A moment of a ticket or a change that came and was dealt with: when it fell due, and how many events it made."""

    record: UUID
    ref: str
    what: str
    """Its name (see `deskterm.desk.escalations.moments` and `deskterm.desk.changes.window`); `words` says it."""
    due: datetime
    events: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What submitting a command led to: the same answer however often it is submitted.

    `held_back` says in one sentence what of the command was refused while the rest was saved; `rule` why.
    """

    command_id: UUID
    position: int
    record_id: UUID
    version: int
    ref: str = ""
    held_back: str = ""
    rule: str = ""
    events: int = 0


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` read, and what it found wrong, in plain sentences. `head` is the hash of the last event."""

    events: int
    records: int
    faults: tuple[str, ...] = field(default=())
    head: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing was wrong."""
        return not self.faults
