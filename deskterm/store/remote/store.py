"""The remote store: the desk behind a `deskterm serve`, seen by the operator whose token it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json, to_jsonable_python

from deskterm.desk.changes.views import ChangeLine, ChangeQuery, ChangeView, WindowGuard
from deskterm.desk.changes.window import Booked
from deskterm.desk.commands import AnyCommand
from deskterm.desk.deskfile import DeskFile, IntakeField, Operator
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
    ViewCount,
)
from deskterm.store.base import Capabilities, NotAllowed, Offline, Unsupported, Unusable
from deskterm.store.carried import Along, Answered, Outwards
from deskterm.store.remote import operations as op
from deskterm.store.remote.asked import MOST_ROWS
from deskterm.store.remote.following import Following
from deskterm.store.remote.glance import Glance
from deskterm.store.remote.line import FOR_MANY, Line, elapsed
from deskterm.store.waiting import AtHand
from deskterm.text import clean_for_store

if TYPE_CHECKING:
    from deskterm.desk.activity import Cell
    from deskterm.desk.board import Board
    from deskterm.desk.clocks.explaining import Explanation
    from deskterm.desk.deskfile.centres import Openings
    from deskterm.desk.events import FileKept
    from deskterm.store.batch import Submission

A = TypeVar("A", bound=BaseModel)
R = TypeVar("R")

_RECEIPT: TypeAdapter[Receipt] = TypeAdapter(Receipt)
_ANSWERS: TypeAdapter[tuple[Answered, ...]] = TypeAdapter(tuple[Answered, ...])


class RemoteStore(AtHand):
    """A store behind HTTP. Open it with `deskterm.store.opening.open_store`; it belongs to the event loop it opens in.

    Due times, versions and positions all come from the server: the clock of this machine is never asked.
    """

    capabilities = Capabilities(shared=True, live=True, maintenance=False)

    def __init__(self, url: str, token: str, *, line: Line | None = None) -> None:
        self.name = url
        self._line = line or Line(url, token)
        self._feeds: set[Following] = set()
        self._beginning: set[Following] = set()
        self._glance = Glance()
        self._terminal = uuid4()
        self._closed = False
        self.me = Operator(name="?", level="guest")

    async def begin(self, operator: str | None = None) -> None:
        """Find out who the token says is acting. Raises NotAllowed for a token that is none, or another's."""
        self.me = await self._ask(op.ME)
        if operator is not None and operator.casefold() not in (self.me.name.casefold(), self.me.login.casefold()):
            where = urlsplit(self.name).netloc
            raise NotAllowed(f"The token for {where} is that of {self.me.name}, not of {operator}.", rule="token")

    async def submit(self, command: AnyCommand) -> Receipt:
        """Carry a command out once, however often it is submitted. Raises any StoreError."""
        body = to_json(_cleaned(command.model_dump()))
        answer = await self._send("POST", op.COMMANDS_PATH, body=body, headers={"Idempotency-Key": str(command.id)})
        receipt = _RECEIPT.validate_json(answer)
        self._glance.wrote(receipt.position)
        if command.kind == "LoadDesk":
            self.me = await self._ask(op.ME)
        return receipt

    async def desk(self) -> DeskFile:
        """The desk file in force. Raises NotFound on a store where none was loaded yet."""
        return await self._ask(op.DESK)

    async def queue(self, query: QueueQuery) -> Page[QueueRow]:
        """One page of the queue."""
        return await self._ask(op.QUEUE, **_of(query))

    async def rows(self, query: QueueQuery, ids: tuple[UUID, ...]) -> tuple[QueueRow, ...]:
        """Those of the named tickets that the query lists, in its order."""
        told = self._glance.rows(query, ids, self.me) if self._is_live else None
        return told if told is not None else await self._ask(op.ROWS, **_of(query), ids=ids) if ids else ()

    async def counts(self) -> tuple[ViewCount, ...]:
        """The operator's views with how many tickets each holds."""
        told = self._glance.counts() if self._is_live else None
        if told is not None:
            return told
        views_changed = self._glance.views_changed
        found = await self._ask(op.COUNTS)
        self._glance.know(found, views_changed)
        return found

    async def views(self) -> tuple[QueueView, ...]:
        """The operator's views, built in first, then their own."""
        return await self._ask(op.VIEWS)

    async def ticket(self, ref: str | UUID) -> TicketView:
        """Open a ticket by reference (any spelling) or record id. Raises NotFound, or Invalid for a bad digit."""
        return await self._ask(op.TICKET, ref=str(ref))

    async def explain(self, ref: str | UUID, clock: ClockName | None = None) -> tuple[Explanation, ...]:
        """Why the clocks of a ticket say what they say: all of them, or one. Raises as `ticket` does."""
        return await self._ask(op.EXPLAIN, ref=str(ref), clock=clock)

    async def tickets(self, ids: tuple[UUID, ...]) -> tuple[Ticket, ...]:
        """Whole tickets by record id, in the order of the ids, without their threads."""
        return await self._ask(op.TICKETS, ids=ids) if ids else ()

    async def change(self, ref: str | UUID) -> ChangeView:
        """Open a change by reference (any spelling) or record id. Raises NotFound, or Invalid for a bad digit."""
        return await self._ask(op.CHANGE, ref=str(ref))

    async def changes(self, query: ChangeQuery) -> tuple[ChangeLine, ...]:
        """One page of a list of changes."""
        return await self._ask(op.CHANGES, **_of(query))

    async def windows(self, first: datetime, last: datetime) -> tuple[Booked, ...]:
        """The windows held by changes that touch a span, the earliest first."""
        return await self._ask(op.WINDOWS, first=first, last=last)

    async def guards(self) -> tuple[WindowGuard, ...]:
        """The watch on the windows in which work is open, as far as they are this operator's business."""
        return () if self._is_live and self._glance.no_windows else await self._ask(op.GUARDS)

    async def file(self, digest: str) -> FileKept:
        """A file that was kept, by the SHA-256 of its bytes. Raises NotFound."""
        return await self._ask(op.FILE, digest=digest)

    async def find(self, text: str, limit: int = 20) -> tuple[Found, ...]:
        """Search tickets, changes, callers, contracts and known solutions at once, newest first."""
        return await self._ask(op.FIND, text=text, limit=limit)

    async def callers(self, text: str, limit: int = 8) -> tuple[CallerMatch, ...]:
        """Find callers by phone in any spelling, name, company, contract, service or serial number."""
        return await self._ask(op.CALLERS, text=text, limit=limit)

    async def card(self, contact_id: UUID | None, company_id: UUID | None, caller: Facts | None = None) -> CallerCard:
        """The caller's card. Raises NotFound for a company or contact that is not known."""
        return await self._ask(op.CARD, contact_id=contact_id, company_id=company_id, caller=caller)

    async def solutions(self, text: str, limit: int = 5) -> tuple[SolutionMatch, ...]:
        """Known solutions that fit the words, best first; all of them, by id, for empty words."""
        return await self._ask(op.SOLUTIONS, text=text, limit=limit)

    async def groups(self, text: str = "") -> tuple[GroupLoad, ...]:
        """Groups to hand on to, the best guess for the words first, then in the desk file's order."""
        return await self._ask(op.GROUPS, text=text)

    async def openings(self) -> Openings:
        """Which centres and lines are open now, and what changes next (R083)."""
        asked_at, mark = elapsed(), self._glance.mark
        told = self._glance.openings(asked_at) if self._is_live else None
        if told is not None:
            return told
        found = await self._ask(op.OPENINGS)
        if self._is_live:
            self._glance.know_openings(found, mark, asked_at)
        return found

    async def outages(self, call: Facts) -> tuple[KnownOutage, ...]:
        """Known outages that a call may be about, the likeliest first."""
        return await self._ask(op.OUTAGES, facts=call)

    async def board(self) -> Board:
        """The desk as it stands now, for a supervisor's second screen (R217)."""
        return await self._ask(op.BOARD)

    async def activity(self, since: datetime, until: datetime) -> tuple[Cell, ...]:
        """What was counted of the tickets logged in a span (R218)."""
        return await self._ask(op.ACTIVITY, first=since, last=until)

    async def still_to_ask(self, facts: Facts) -> tuple[IntakeField, ...]:
        """Intake fields this call has not answered yet, required ones first."""
        return await self._ask(op.STILL_TO_ASK, facts=facts)

    async def tick(self) -> tuple[FellDue, ...]:
        """Let the server deal with what has fallen due, by its own clock, unless it says that it does so by itself."""
        dealt = () if self._glance.is_ticked else await self._ask(op.TICK)
        if dealt:
            self._glance.doubt()
        return dealt

    async def seen(self, ticket: UUID, version: int) -> None:
        """Remember that the operator has looked at this version, so that it no longer shows as unread."""
        await self._ask(op.SEEN, ticket=ticket, version=version)
        self._glance.looked(ticket, version)

    async def attend(self, at: UUID | None, doing: Doing = "viewing") -> tuple[Presence, ...]:
        """Say which ticket is in front of this terminal, and hear who else is at which ticket."""
        return await self._ask(op.ATTEND, terminal=self._terminal, at=at, doing=doing)

    # -- for when the line is down (see `deskterm.store.offline`)

    async def along(self, after: int, *, first: bool) -> Along:
        """What to take along of the log behind a position; in the first round of what is open or known."""
        return await self._ask(op.ALONG, after=after, first=first)

    async def along_of(self, records: tuple[UUID, ...]) -> Along:
        """The whole log of some records."""
        return await self._ask(op.ALONG_OF, ids=records)

    async def terminal(self, terminal: UUID) -> int:
        """The number of a terminal in the references that it gives by itself."""
        return await self._ask(op.TERMINAL, id=terminal)

    async def submit_together(self, sent: tuple[Outwards, ...]) -> tuple[Answered, ...]:
        """Submit commands in their order, each by itself, at the cost of one round trip."""
        body = to_json({"commands": [_cleaned(each) for each in sent]})
        answers = _ANSWERS.validate_json(await self._send("POST", op.BATCH_PATH, body=body, patience=FOR_MANY))
        self._glance.wrote(max((each.receipt.position for each in answers if each.receipt), default=0))
        return answers

    def watch(self, after: int | None = None) -> AsyncIterator[tuple[Change, ...]]:
        """Changes in commit order, in batches, from behind a position (None: from now on), until the store closes.

        Where "now" is, the server says. What this store is asked meanwhile waits for that, so that it comes after.
        """
        following = Following(self._line, after, self._glance)
        self._feeds.add(following)
        if after is None:
            self._beginning.add(following)
            following.begun.add_done_callback(lambda _: self._beginning.discard(following))
        return self._watched(following)

    async def _watched(self, following: Following) -> AsyncIterator[tuple[Change, ...]]:
        try:
            async for batch in following.batches():
                yield batch
        finally:
            following.end()
            self._feeds.discard(following)

    async def close(self) -> None:
        """Let go of feeds and connections. Closing twice is harmless."""
        self._closed = True
        for following in tuple(self._feeds):
            following.end()
        await self._line.close()

    # -- what only the machine that keeps the desk can do

    async def submit_all(self, batch: Sequence[Submission]) -> tuple[Receipt, ...]:
        """Many commands in one transaction."""
        self._only_there("Importing")

    async def entries(self, kind: str, keys: Sequence[str]) -> dict[str, Any]:
        """Records by their keys."""
        self._only_there("Importing")

    async def keys(self, kind: str) -> tuple[str, ...]:
        """The keys of all records of a kind."""
        self._only_there("Importing")

    async def verify(self) -> Any:
        """Check the chain of the log."""
        self._only_there("Verifying")

    async def backup(self, *_: object, **__: object) -> Any:
        """Copy the desk to a file."""
        self._only_there("Backing up")

    async def rebuild(self) -> int:
        """Make every projection again."""
        self._only_there("Rebuilding")

    async def export(self, *_: object) -> int:
        """Write the log as lines of JSON."""
        self._only_there("Exporting")

    async def import_log(self, *_: object) -> int:
        """Take an exported log."""
        self._only_there("Importing")

    def _only_there(self, what: str) -> NoReturn:
        raise Unsupported(f"{what} is done on the machine that keeps the desk, not over {urlsplit(self.name).scheme}.")

    # -- asking

    @property
    def _is_live(self) -> bool:
        return self.standing.state == "live"

    async def _ask(self, operation: op.Operation[A, R], **asked: Any) -> R:
        """Ask for an operation and read its answer."""
        plain = _cleaned({name: value for name, value in asked.items() if value is not None})
        parts = {name: quote(str(plain.pop(name)), safe="") for name in op.names_of_path(operation)}
        path = operation.path.format_map(parts)
        if operation.verb == "GET":
            answer = await self._send("GET", path, query=_in_a_query(plain))
        else:
            answer = await self._send(operation.verb, path, body=to_json(plain))
        try:
            return operation.json.validate_json(answer or b"null")
        except ValueError as error:
            raise Unusable(f"The desk at {self.name} speaks another version of deskterm.") from error

    async def _send(self, verb: str, path: str, **what: Any) -> bytes:
        if self._closed:
            raise Offline("The store was closed.")
        for following in tuple(self._beginning):
            await asyncio.shield(following.begun)
        return await self._line.ask(verb, path, **what)


def _of(query: QueueQuery | ChangeQuery) -> dict[str, Any]:
    asked = {name: getattr(query, name) for name in query.__slots__}
    return asked | {"limit": min(query.limit, MOST_ROWS)}


def as_asked(operation: op.Operation[Any, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """What an operation is asked with, as the server reads it."""
    plain = _cleaned({name: value for name, value in asked.items() if value is not None})
    return _in_a_query(plain) if operation.verb == "GET" else plain


def _in_a_query(plain: dict[str, Any]) -> dict[str, Any]:
    return {name: to_json(value).decode() if isinstance(value, dict) else value for name, value in plain.items()}


def _cleaned(value: Any) -> Any:
    """A value as JSON, without what no store keeps (`deskterm.text.clean_for_store`)."""
    match value:
        case str():
            return clean_for_store(value)
        case dict():
            return {_cleaned(key): _cleaned(item) for key, item in value.items()}
        case list() | tuple():
            return [_cleaned(item) for item in value]
        case BaseModel():
            return _cleaned(value.model_dump())
        case None | bool() | int() | float():
            return value
        case _ if hasattr(value, "__dataclass_fields__"):
            return _cleaned(asdict(value))
        case _:
            return to_jsonable_python(value)
