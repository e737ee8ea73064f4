"""A desk kept in SQL, a file or a PostgreSQL database: the `Store` protocol over the rooms beside this one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import SYSTEM, DeskFile, IntakeField, Operator
from deskterm.desk.records.customers import Entry, Solution
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
    VerifyReport,
    ViewCount,
)
from deskterm.lean import loaded
from deskterm.store import batch as batches
from deskterm.store import callers, cards, files, finding, groups, lookups, queue, sight, solutions, ticket_rows, timers
from deskterm.store.base import Capabilities, Invalid, NotFound, StoreError
from deskterm.store.batch import Submission
from deskterm.store.connected import Connected, Result
from deskterm.store.desk_books import Shelf
from deskterm.store.desk_in_force import NOT_LOADED, DeskInForce, InForce, acting, login
from deskterm.store.presence import Attending
from deskterm.store.timers import Waiting
from deskterm.store.watching import Feed

if TYPE_CHECKING:
    from deskterm.desk.activity import Cell
    from deskterm.desk.board import Board
    from deskterm.desk.changes.views import ChangeLine, ChangeQuery, ChangeView, WindowGuard
    from deskterm.desk.changes.window import Booked
    from deskterm.desk.clocks.explaining import Explanation
    from deskterm.desk.commands import AnyCommand
    from deskterm.desk.deskfile.centres import HoursNamed, Openings
    from deskterm.desk.events import FileKept
    from deskterm.store.changing import Office
    from deskterm.store.submitting import Clerk

IDLE_SECONDS = 2.0
"""How long nothing is written before the full-text index is merged and the write-ahead log folded in."""


class LocalStore(Attending):
    """A store in SQL, seen by one operator. Open it with `deskterm.store.opening.open_store`."""

    def __init__(self, connections: Connected, *, clock: Callable[[], datetime], operator: str | None = None) -> None:
        self.name = connections.name
        self.capabilities: Capabilities = connections.capabilities
        self._connections = connections
        self._clock = clock
        self._operator = operator
        self._account = login()
        self._force = DeskInForce()
        self._shelf = Shelf()
        self._feed = Feed(connections)
        self._idle: asyncio.TimerHandle | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._closed = False
        self.me = acting(None, operator, self._account)

    async def begin(self) -> None:
        """Find out who is acting. Raises NotAllowed when the desk knows no operator of the given name."""
        try:
            found = await self._connections.read(self._force.find)
        except Invalid:
            # A desk file that cannot be read any more must not lock out whoever comes to mend it.
            return
        self._know_me(found, strict=True)

    def _know_me(self, found: InForce | None, *, strict: bool = False) -> Operator:
        self.me = acting(found, self._operator, self._account, strict=strict)
        return self.me

    async def submit(self, command: AnyCommand) -> Receipt:
        """Carry a command out once, however often it is submitted. Raises any StoreError."""
        (receipt,) = await self._carried_out([Submission(command)])
        return receipt

    async def submit_all(self, batch: Sequence[Submission]) -> tuple[Receipt, ...]:
        """Carry many commands out in one transaction: all of them or, where one is refused, none."""
        return await self._carried_out(batch)

    async def _carried_out(self, batch: Sequence[Submission]) -> tuple[Receipt, ...]:
        await loaded("deskterm.store.submitting")  # not in the transaction, where nobody else could write meanwhile

        def work(connection: sa.Connection) -> tuple[Receipt, ...]:
            return tuple(self._carry_out(connection, each) for each in batch)

        try:
            receipts = await self._connections.write(work)
        except BaseException:
            # What was undone may have loaded a desk file at a position that another will get.
            self._force.forget()
            self._shelf.forget()
            raise
        if any(receipt.events for receipt in receipts):
            self._feed.wake()
            self._tidy_later()
        if any(each.command.kind == "LoadDesk" for each in batch):
            self._know_me(await self._connections.read(self._force.find))
        return receipts

    @property
    def _clerks(self) -> type[Clerk]:
        from deskterm.store.submitting import Clerk

        return Clerk

    def _carry_out(self, connection: sa.Connection, each: Submission) -> Receipt:
        try:
            found = self._force.find(connection)
        except Invalid:
            if each.command.kind != "LoadDesk":
                raise
            found = None
        whose = each.operator
        me = acting(found, whose, self._account, strict=True) if whose is not None else self._know_me(found)
        desk, position = (found.desk, found.position) if found else (None, 0)
        clerk = self._clerks(connection, me, desk, each.at or self._clock(), position, self._shelf, each.own)
        return clerk.submit(each.command)

    async def tick(self) -> tuple[FellDue, ...]:
        """Deal with every moment that has come, in order, also those that this brings about (DESIGN.md, Timers).

        Any process may do so at any time: what was dealt with once is not dealt with again.
        """
        dealt: list[FellDue] = []
        passed: set[Waiting] = set()
        while waiting := await self._connections.read(lambda connection: self._waiting(connection, passed)):
            found = await self._connections.write(partial(self._fall_due, waiting))
            if found.events:
                dealt.append(found)
                self._feed.wake()
                self._tidy_later()
            passed.add(waiting)
        return tuple(dealt)

    def _waiting(self, connection: sa.Connection, passed: set[Waiting]) -> Waiting | None:
        due = timers.due(connection, self._clock(), len(passed) + 1)
        return next((each for each in due if each not in passed), None)

    def _fall_due(self, waiting: Waiting, connection: sa.Connection) -> FellDue:
        dealt = FellDue(waiting.record, waiting.ref, waiting.moment.what, waiting.moment.at, 0, waiting.words)
        if not timers.stands(connection, waiting):
            return dealt
        if (found := self._force.find(connection)) is None:
            raise NotFound(NOT_LOADED)
        clerk = self._clerks(connection, SYSTEM, found.desk, self._clock(), found.position, self._shelf)
        return replace(dealt, events=clerk.submit(waiting.command).events)

    async def entries(self, kind: str, keys: Sequence[str]) -> dict[str, Entry]:
        """The records of the customer base, or known solutions that were entered, that have one of these keys."""
        return await self._connections.read(lambda connection: batches.entries(connection, kind, keys))

    async def keys(self, kind: str) -> tuple[str, ...]:
        """The keys of all records of a kind."""
        return await self._connections.read(lambda connection: batches.keys(connection, kind))

    async def desk(self) -> DeskFile:
        """The desk file in force. Raises NotFound on a store where none was loaded yet."""
        return await self._connections.read(self._force.get)

    async def queue(self, query: QueueQuery) -> Page[QueueRow]:
        """One page of the queue."""
        return await self._read(lambda connection, desk: queue.page(connection, query, self.me, desk))

    async def rows(self, query: QueueQuery, ids: tuple[UUID, ...]) -> tuple[QueueRow, ...]:
        """Those of the named tickets that the query lists, in its order."""
        return await self._read(lambda connection, desk: queue.rows(connection, query, ids, self.me, desk))

    async def counts(self) -> tuple[ViewCount, ...]:
        """The operator's views with how many tickets each holds; a filtered view is counted up to a thousand."""
        return await self._read(lambda connection, desk: queue.counts(connection, self.me, desk))

    async def views(self) -> tuple[QueueView, ...]:
        """The operator's views, built in first, then their own."""
        return await self._connections.read(lambda connection: queue.views(connection, self.me))

    async def ticket(self, ref: str | UUID) -> TicketView:
        """Open a ticket by reference (any spelling) or record id. Raises NotFound, or Invalid for a bad digit."""
        return await self._read(lambda connection, desk: self._view(connection, desk, ref))

    async def tickets(self, ids: tuple[UUID, ...]) -> tuple[Ticket, ...]:
        """Whole tickets by record id, in the order of the ids, without their threads."""
        return await self._read(
            lambda connection, desk: sight.those_seen(ticket_rows.load_all(connection, ids), desk.hidden_from(self.me))
        )

    def _view(self, connection: sa.Connection, desk: DeskFile, ref: str | UUID) -> TicketView:
        from deskterm.store.ticket_view import view

        return view(connection, ref, desk, self.me, self._clock(), self._shelf, self._hours(connection))

    async def explain(self, ref: str | UUID, clock: ClockName | None = None) -> tuple[Explanation, ...]:
        """Why the clocks of a ticket say what they say: all of them, or one. Raises as `ticket` does."""
        return await self._read(lambda connection, desk: self._explained(connection, desk, ref, clock))

    def _explained(
        self, connection: sa.Connection, desk: DeskFile, ref: str | UUID, clock: ClockName | None
    ) -> tuple[Explanation, ...]:
        from deskterm.store.ticket_view import explained

        return explained(connection, ref, desk, self.me, self._clock(), self._shelf, clock)

    async def change(self, ref: str | UUID) -> ChangeView:
        """Open a change by reference (any spelling) or record id. Raises NotFound, or Invalid for a bad digit."""
        return await self._read(lambda connection, desk: self._office(connection, desk).view(ref))

    async def changes(self, query: ChangeQuery) -> tuple[ChangeLine, ...]:
        """One page of a list of changes."""
        return await self._read(lambda connection, desk: self._office(connection, desk).lines(query))

    async def windows(self, first: datetime, last: datetime) -> tuple[Booked, ...]:
        """The windows held by changes that touch a span, the earliest first."""
        return await self._read(lambda connection, desk: self._office(connection, desk).windows(first, last))

    async def guards(self) -> tuple[WindowGuard, ...]:
        """The watch on the windows in which work is open, as far as they are this operator's business."""
        if not await self._connections.read(lookups.is_change_at_work):
            return ()  # as most often; what changes are made of is not loaded then
        return await self._read(lambda connection, desk: self._office(connection, desk).guards())

    async def file(self, digest: str) -> FileKept:
        """A file that was kept, by the SHA-256 of its bytes. Raises NotFound, and NotAllowed (R226)."""
        return await self._read(lambda one, desk: files.file_for(one, digest, desk.hidden_from(self.me)))

    def _office(self, connection: sa.Connection, desk: DeskFile) -> Office:
        from deskterm.store.changing import Office

        return Office(connection, desk, self.me, self._clock())

    async def find(self, text: str, limit: int = 20) -> tuple[Found, ...]:
        """Search tickets, callers, contracts and known solutions at once, newest first."""
        return await self._read(lambda connection, desk: finding.find(connection, text, limit, desk, self.me))

    async def callers(self, text: str, limit: int = 8) -> tuple[CallerMatch, ...]:
        """Find callers by phone in any spelling, name, company, contract, service or serial number."""
        return await self._read(lambda connection, desk: callers.callers(connection, text, limit, desk, self.me))

    async def card(self, contact_id: UUID | None, company_id: UUID | None, caller: Facts | None = None) -> CallerCard:
        """The caller's card. Raises NotFound for a company or contact that is not known."""
        return await self._read(
            lambda connection, desk: cards.card(connection, contact_id, company_id, caller, desk, self.me)
        )

    async def solutions(self, text: str, limit: int = 5) -> tuple[SolutionMatch, ...]:
        """Known solutions that fit the words, best first; all of them, by id, for empty words."""
        return await self._connections.read(lambda connection: solutions.solutions(connection, text, limit))

    async def solution(self, key: str) -> Solution | None:
        """A known solution by id; None where there is none."""
        return await self._connections.read(lambda connection: lookups.solution(connection, key))

    async def groups(self, text: str = "") -> tuple[GroupLoad, ...]:
        """Groups to hand on to, the best guess for the words first, then in the desk file's order."""
        return await self._read(lambda one, desk: groups.groups(one, text, desk, self._clock(), self._hours(one)))

    def _hours(self, connection: sa.Connection) -> HoursNamed:
        """The hours of the calendars of the desk file in force, with the public holidays kept beside it."""
        found = self._force.find(connection)
        return partial(self._shelf.hours, connection, found.position if found else 0)

    async def outages(self, call: Facts) -> tuple[KnownOutage, ...]:
        """Known outages that a call may be about, the likeliest first."""
        from deskterm.store.outages import outages

        return await self._read(lambda connection, desk: outages(connection, call, desk, self.me))

    async def board(self) -> Board:
        """The desk as it stands now, for a supervisor's second screen (R217)."""
        from deskterm.store.board import board

        return await self._read(lambda one, desk: board(one, desk, self.me, self._clock(), self._hours(one)))

    async def activity(self, since: datetime, until: datetime) -> tuple[Cell, ...]:
        """What was counted of the tickets logged in a span (R218)."""
        from deskterm.store.activity import activity

        return await self._read(lambda connection, desk: activity(connection, since, until, desk, self.me))

    async def openings(self) -> Openings:
        """Which centres and lines are open now, and what changes next (R083)."""
        from deskterm.desk.deskfile.centres import openings

        return await self._read(lambda connection, desk: openings(desk, self._clock(), self._hours(connection)))

    async def seen(self, ticket: UUID, version: int) -> None:
        """Remember that the operator has looked at this version, so that it no longer shows as unread."""
        from deskterm.store import reading

        values = {"operator": self.me.name, "ticket_id": ticket, "version": version}
        await self._connections.write(lambda connection: reading.remember(connection, values))

    async def still_to_ask(self, facts: Facts) -> tuple[IntakeField, ...]:
        """Intake fields this call has not answered yet, required ones first."""
        from deskterm.store.ticket_view import asked

        return await self._read(lambda connection, desk: asked(connection, desk, facts))

    def watch(self, after: int | None = None) -> AsyncIterator[tuple[Change, ...]]:
        """Changes in commit order, in batches, from behind a position (None: from now on), until the store closes."""
        # The start is fixed by the call, not by the first step, so that nothing between the two is missed.
        return self._feed.watch(self._feed.head() if after is None else after, self._told)

    def _told(self, connection: sa.Connection, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        found = self._force.find(connection)
        return sight.told(connection, changes, found.desk.hidden_from(self.me)) if found else changes

    async def verify(self) -> VerifyReport:
        """Check the chain, the numbering and every projected row against the log (R225)."""
        from deskterm.store import verifying

        report = await self._connections.read(verifying.verify)
        if self._connections.damage is not None:
            return replace(report, faults=(self._connections.damage.message, *report.faults))
        return replace(report, faults=report.faults + await self._connections.write(verifying.check_full_text))

    async def backup(self, file: Path, *, replace: bool = False) -> VerifyReport:
        """Copy the desk as it is now to a file, checked, while others go on working. Raises Unsupported."""
        from deskterm.store.backup import backup

        self._connections.check_backup()
        return await self._connections.read(lambda connection: backup(connection, file, replace=replace))

    async def rebuild(self) -> int:
        """Make every projection again from the log, in one transaction; returns how many events were played."""
        from deskterm.store.replaying import rebuild

        return await self._connections.write(rebuild)

    async def export(self, write: Callable[[str], None]) -> int:
        """Write the log, whole, as lines of JSON, from a thread; returns how many events."""
        from deskterm.store import transfer

        return await self._connections.read(lambda connection: transfer.export(connection, write))

    async def import_log(self, lines: Iterable[str]) -> int:
        """Take an exported log into this store, which has to be empty; returns how many events."""
        from deskterm.store import transfer

        count = await self._connections.write(lambda connection: transfer.import_log(connection, lines))
        self._know_me(await self._connections.read(self._force.find))
        self._feed.wake()
        return count

    async def close(self) -> None:
        """Let go of files, threads and connections. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        if self._idle is not None:
            self._idle.cancel()
        self._feed.close()
        if self._tidying is not None:
            await self._tidying
        await asyncio.get_running_loop().run_in_executor(None, self._connections.close)

    async def _read(self, work: Callable[[sa.Connection, DeskFile], Result]) -> Result:
        return await self._connections.read(lambda connection: work(connection, self._force.get(connection)))

    def _tidy_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._tidy)

    def _tidy(self) -> None:
        self._idle = None
        if not self._closed:
            self._tidying = asyncio.ensure_future(self._tidied())

    async def _tidied(self) -> None:
        # Another program may hold the lock just now; the next pause will do.
        with contextlib.suppress(StoreError):
            await self._connections.tidy()
