"""The store protocol: how screens, shell and server speak to a desk, wherever it is kept.

Every store raises these errors and no others:

    StoreError
    ├── Offline          the desk cannot be reached now; nothing was written
    ├── Unusable         the place is no deskterm store, is damaged, or is newer than this program
    ├── Conflict         somebody changed the same facts meanwhile; `changed` lists what happened
    ├── NotAllowed       the desk's rules say no; `rule` names the row
    ├── NotFound         no such ticket, record or reference
    ├── Invalid          something asked for is missing or wrong; `field` names it
    └── Unsupported      this store cannot do that; see `Capabilities`
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from deskterm.desk.activity import Cell
    from deskterm.desk.board import Board
    from deskterm.desk.changes.views import ChangeLine, ChangeQuery, ChangeView, WindowGuard
    from deskterm.desk.changes.window import Booked
    from deskterm.desk.clocks.explaining import Explanation
    from deskterm.desk.commands import AnyCommand
    from deskterm.desk.deskfile import DeskFile, IntakeField, Operator
    from deskterm.desk.deskfile.centres import Openings
    from deskterm.desk.events import FileKept
    from deskterm.desk.records.presence import Doing, Presence
    from deskterm.desk.records.ticket import Facts, Ticket
    from deskterm.desk.records.timekeeping import ClockName
    from deskterm.desk.tickets.views import (
        CallerCard,
        CallerMatch,
        Change,
        FellDue,
        Found,
        GroupLoad,
        KnownOutage,
        Page,
        QueueQuery,
        QueueRow,
        QueueView,
        Receipt,
        SolutionMatch,
        TicketView,
        TimelineEntry,
        ViewCount,
    )


class StoreError(Exception):
    """Anything a store refuses. `kind` is its name in JSON answers; the message is a sentence for people."""

    kind = "store"
    rule = ""

    def __init__(self, message: str, *, rule: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.field = field


class Offline(StoreError):
    """The desk cannot be reached now; nothing was written."""

    kind = "offline"


class Unusable(StoreError):
    """The place is no deskterm store, is damaged, or is newer than this program. It was left untouched."""

    kind = "unusable"


class Conflict(StoreError):
    """Somebody changed the same facts since the author looked. The author's command is kept as it was."""

    kind = "conflict"

    def __init__(self, message: str, changed: tuple[TimelineEntry, ...] = (), version: int = 0) -> None:
        super().__init__(message)
        self.changed = changed
        self.version = version


class NotAllowed(StoreError):
    """The desk's rules say no."""

    kind = "not_allowed"


class NotFound(StoreError):
    """There is no such ticket, record or reference."""

    kind = "not_found"


class Invalid(StoreError):
    """Something asked for is missing or wrong."""

    kind = "invalid"


class Unsupported(StoreError):
    """This store cannot do that."""

    kind = "unsupported"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store can do beyond the protocol's core."""

    shared: bool = False
    """Several machines may use it at once."""
    live: bool = True
    maintenance: bool = True
    """It can verify and rebuild itself (a local store)."""
    backup: bool = False
    """It can copy itself to a file. Else whoever runs the database does that, by its own programs."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a desk is live. `waiting` counts commands that are saved here only, `stuck` those that it refused."""

    state: Literal["live", "catching up", "offline"] = "live"
    since: datetime | None = None
    waiting: int = 0
    stuck: int = 0


LIVE: Final = Standing()

Sending = Literal["saved", "sent", "confirmed", "stuck", "aside"]
"""Saved here; sent, and no answer yet; confirmed by the desk; refused by it, so that its author has to decide; or set
aside by them."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A command on its way to the desk."""

    number: int
    """Its place in the order in which they were given."""
    command: AnyCommand
    at: datetime
    """When it was saved here."""
    ref: str
    """What its ticket is called: the provisional reference until the desk has given one."""
    state: Sending = "saved"
    given: str = ""
    """The provisional reference that was given to the caller, of a call."""
    because: str = ""
    """Why it is stuck, as the desk says it."""
    changed: tuple[TimelineEntry, ...] = ()
    """What others did meanwhile, where that is why."""
    answered_at: datetime | None = None


class Store(Protocol):
    """A desk, seen by one operator. Every call is safe to cancel; every write goes through `submit`."""

    name: str
    """What to call the place in messages: a path or an address."""
    me: Operator
    capabilities: Capabilities

    @property
    def standing(self) -> Standing:
        """Whether the desk is live now. `watch` gives an empty batch whenever that changes."""
        ...

    async def outbox(self) -> tuple[Outgoing, ...]:
        """The operator's commands that wait to be sent, are stuck, or were sent lately, the oldest first."""
        ...

    async def send(self) -> Standing:
        """Send what waits, as far as that goes now; returns how the desk stands then."""
        ...

    async def settle(self, number: int, instead: AnyCommand | None = None) -> None:
        """Decide on a command that is stuck: another one goes `instead`, or none does. Raises NotFound."""
        ...

    async def submit(self, command: AnyCommand) -> Receipt:
        """Carry a command out once, however often it is submitted. Raises any StoreError."""
        ...

    async def desk(self) -> DeskFile:
        """The desk file in force. Raises NotFound on a store where none was loaded yet."""
        ...

    async def queue(self, query: QueueQuery) -> Page[QueueRow]:
        """One page of the queue."""
        ...

    async def rows(self, query: QueueQuery, ids: tuple[UUID, ...]) -> tuple[QueueRow, ...]:
        """Those of the named tickets that the query lists, in its order: how a live queue keeps up."""
        ...

    async def counts(self) -> tuple[ViewCount, ...]:
        """The operator's views, built in and own, with how many tickets each holds."""
        ...

    async def views(self) -> tuple[QueueView, ...]:
        """The operator's views, built in first, then their own."""
        ...

    async def ticket(self, ref: str | UUID) -> TicketView:
        """Open a ticket by reference (any spelling) or record id. Raises NotFound, or Invalid for a bad digit."""
        ...

    async def explain(self, ref: str | UUID, clock: ClockName | None = None) -> tuple[Explanation, ...]:
        """Why the clocks of a ticket say what they say, row by row: all of them, or one. Raises as `ticket` does."""
        ...

    async def tickets(self, ids: tuple[UUID, ...]) -> tuple[Ticket, ...]:
        """Whole tickets by record id, in the order of the ids, without their threads: for lists that show all facts."""
        ...

    async def change(self, ref: str | UUID) -> ChangeView:
        """Open a change by reference (any spelling) or record id. Raises NotFound, or Invalid for a bad digit."""
        ...

    async def changes(self, query: ChangeQuery) -> tuple[ChangeLine, ...]:
        """One page of a list of changes; the `key` of its last line begins the next. Raises Invalid for no key."""
        ...

    async def windows(self, first: datetime, last: datetime) -> tuple[Booked, ...]:
        """The windows held by changes that touch a span, the earliest first: for the calendar, and while choosing."""
        ...

    async def guards(self) -> tuple[WindowGuard, ...]:
        """The watch on the windows in which work is open, as far as they are this operator's business (C7)."""
        ...

    async def file(self, digest: str) -> FileKept:
        """A file that was kept, by the SHA-256 of its bytes. Raises NotFound."""
        ...

    async def find(self, text: str, limit: int = 20) -> tuple[Found, ...]:
        """Search tickets, changes, callers, contracts and known solutions at once, newest first (R027)."""
        ...

    async def callers(self, text: str, limit: int = 8) -> tuple[CallerMatch, ...]:
        """Find callers by phone in any spelling, name, company, contract, service or serial number.

        Registered contacts come first, then those who are known because they called before.
        """
        ...

    async def card(self, contact_id: UUID | None, company_id: UUID | None, caller: Facts | None = None) -> CallerCard:
        """The caller's card. `caller` says who calls where no record does: known from earlier calls, or new.

        Raises NotFound for ids of no contact or company.
        """
        ...

    async def solutions(self, text: str, limit: int = 5) -> tuple[SolutionMatch, ...]:
        """Known solutions that fit the words, best first; all of them, by id, for empty words."""
        ...

    async def groups(self, text: str = "") -> tuple[GroupLoad, ...]:
        """Groups to hand on to, the best guess for the words first, then in the desk file's order."""
        ...

    async def openings(self) -> Openings:
        """Which centres and lines are open now, and what changes next (R083)."""
        ...

    async def outages(self, call: Facts) -> tuple[KnownOutage, ...]:
        """Known outages that a call may be about, the likeliest first (R105, R213)."""
        ...

    async def board(self) -> Board:
        """The desk as it stands now, for a supervisor's second screen (R217)."""
        ...

    async def activity(self, since: datetime, until: datetime) -> tuple[Cell, ...]:
        """What was counted of the tickets logged in a span (R218): see `deskterm.desk.activity`."""
        ...

    async def still_to_ask(self, facts: Facts) -> tuple[IntakeField, ...]:
        """Intake fields this call has not answered yet, required ones first."""
        ...

    async def tick(self) -> tuple[FellDue, ...]:
        """Deal with what has fallen due by itself; safe from any number of processes at once."""
        ...

    async def seen(self, ticket: UUID, version: int) -> None:
        """Remember that the operator has looked at this version, so that it no longer shows as unread."""
        ...

    async def attend(self, at: UUID | None, doing: Doing = "viewing") -> tuple[Presence, ...]:
        """Say which ticket is in front of this terminal, and hear who else is at which ticket they may both see.

        It holds for a minute, so it is said again and again. Of the operator's own other terminals only those that
        write are told. Where the desk is offline, or cannot say it, nobody is there.
        """
        ...

    def watch(self, after: int | None = None) -> AsyncIterator[tuple[Change, ...]]:
        """Changes in commit order, in batches, from behind a position (None: from now on), without end."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...
