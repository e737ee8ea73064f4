"""The store protocol as HTTP: one row for each operation, for the server, the remote store and the OpenAPI document.

A row says what is sent where, what is asked and answered, and which method of a store does it. What somebody must be
to use it stands in `deskterm.server.rights`, which the server refuses to start without.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, TypeAdapter

from deskterm.desk.activity import Cell
from deskterm.desk.board import Board
from deskterm.desk.changes.views import ChangeLine, ChangeView, WindowGuard
from deskterm.desk.changes.window import Booked
from deskterm.desk.clocks import Clock
from deskterm.desk.clocks.explaining import Explanation
from deskterm.desk.deskfile import DeskFile, IntakeField, Operator
from deskterm.desk.deskfile.centres import Openings
from deskterm.desk.deskfile.roster import Gap
from deskterm.desk.events import FileKept
from deskterm.desk.records.customers import Company, Contact, Contract, Item, Service
from deskterm.desk.records.presence import Presence
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.records.timekeeping import ClockName
from deskterm.desk.tickets.rights import Verdict
from deskterm.desk.tickets.views import (
    CallerCard,
    CallerMatch,
    FellDue,
    Found,
    GroupLoad,
    KnownOutage,
    Page,
    QueueQuery,
    QueueRow,
    QueueView,
    SolutionMatch,
    TicketView,
    ViewCount,
)
from deskterm.store.base import Store
from deskterm.store.carried import Along
from deskterm.store.remote.asked import (
    AlongAsked,
    Asked,
    AttendAsked,
    CardAsked,
    ChangesAsked,
    ClocksAsked,
    FactsAsked,
    FileAsked,
    Nothing,
    QueueAsked,
    RecordsAsked,
    RowsAsked,
    SearchAsked,
    SeenAsked,
    SpanAsked,
    TerminalAsked,
    TicketAsked,
    TicketsAsked,
    WordsAsked,
)

A = TypeVar("A", bound=BaseModel)
R = TypeVar("R")
Verb = Literal["GET", "POST", "PUT"]

# View models name these types for type checkers alone, so that showing them loads little; JSON needs to know them.
_NAMED: Final[dict[str, Any]] = {
    each.__name__: each
    for each in (Clock, Company, Contact, Contract, Gap, Item, Openings, QueueQuery, Service, Ticket, Verdict)
} | {"ClockName": ClockName}


@cache
def adapter(of: Any) -> TypeAdapter[Any]:
    """Reads and writes a type of the desk as JSON."""
    made: TypeAdapter[Any] = TypeAdapter(of)
    made.rebuild(_types_namespace=_NAMED)
    return made


@dataclass(frozen=True, slots=True)
class Operation(Generic[A, R]):
    """One operation: `{name}` in the path is a parameter; the others are in the query of a GET, or else in a body."""

    name: str
    verb: Verb
    path: str
    asks: type[A]
    answers: Any
    call: Callable[[Store, A], Awaitable[R]]

    @property
    def json(self) -> TypeAdapter[R]:
        """Reads and writes its answer."""
        return adapter(self.answers)


async def _me(store: Store, _: Nothing) -> Operator:
    return store.me


ME = Operation("me", "GET", "/v1/me", Nothing, Operator, _me)
DESK = Operation("desk", "GET", "/v1/desk", Nothing, DeskFile, lambda store, _: store.desk())
QUEUE = Operation(
    "queue", "GET", "/v1/queue", QueueAsked, Page[QueueRow], lambda store, asked: store.queue(asked.query())
)
ROWS = Operation(
    "rows", "POST", "/v1/queue/rows", RowsAsked, tuple[QueueRow, ...],
    lambda store, asked: store.rows(asked.query(), asked.ids),
)  # fmt: skip
VIEWS = Operation("views", "GET", "/v1/views", Nothing, tuple[QueueView, ...], lambda store, _: store.views())
COUNTS = Operation("counts", "GET", "/v1/views/counts", Nothing, tuple[ViewCount, ...], lambda store, _: store.counts())
TICKET = Operation(
    "ticket", "GET", "/v1/tickets/{ref}", TicketAsked, TicketView, lambda store, asked: store.ticket(asked.ref)
)
EXPLAIN = Operation(
    "explain", "GET", "/v1/tickets/{ref}/clocks", ClocksAsked, tuple[Explanation, ...],
    lambda store, asked: store.explain(asked.ref, asked.clock),
)  # fmt: skip
SEEN = Operation(
    "seen", "PUT", "/v1/tickets/{ticket}/seen", SeenAsked, None,
    lambda store, asked: store.seen(asked.ticket, asked.version),
)  # fmt: skip
TICKETS = Operation(
    "tickets", "POST", "/v1/tickets/whole", TicketsAsked, tuple[Ticket, ...],
    lambda store, asked: store.tickets(asked.ids),
)  # fmt: skip
CHANGE = Operation(
    "change", "GET", "/v1/changes/{ref}", TicketAsked, ChangeView, lambda store, asked: store.change(asked.ref)
)
CHANGES = Operation(
    "changes", "GET", "/v1/changes", ChangesAsked, tuple[ChangeLine, ...],
    lambda store, asked: store.changes(asked.query()),
)  # fmt: skip
WINDOWS = Operation(
    "windows", "GET", "/v1/windows", SpanAsked, tuple[Booked, ...],
    lambda store, asked: store.windows(asked.first, asked.last),
)  # fmt: skip
GUARDS = Operation("guards", "GET", "/v1/guards", Nothing, tuple[WindowGuard, ...], lambda store, _: store.guards())
FILE = Operation(
    "file", "GET", "/v1/files/{digest}", FileAsked, FileKept, lambda store, asked: store.file(asked.digest)
)
FIND = Operation(
    "find", "GET", "/v1/find", SearchAsked, tuple[Found, ...], lambda store, asked: store.find(asked.text, asked.limit)
)
CALLERS = Operation(
    "callers", "GET", "/v1/callers", SearchAsked, tuple[CallerMatch, ...],
    lambda store, asked: store.callers(asked.text, asked.limit),
)  # fmt: skip
CARD = Operation(
    "card", "POST", "/v1/card", CardAsked, CallerCard,
    lambda store, asked: store.card(asked.contact_id, asked.company_id, asked.caller),
)  # fmt: skip
SOLUTIONS = Operation(
    "solutions", "GET", "/v1/solutions", SearchAsked, tuple[SolutionMatch, ...],
    lambda store, asked: store.solutions(asked.text, asked.limit),
)  # fmt: skip
GROUPS = Operation(
    "groups", "GET", "/v1/groups", WordsAsked, tuple[GroupLoad, ...], lambda store, asked: store.groups(asked.text)
)
OPENINGS = Operation("openings", "GET", "/v1/openings", Nothing, Openings, lambda store, _: store.openings())
OUTAGES = Operation(
    "outages", "POST", "/v1/outages", FactsAsked, tuple[KnownOutage, ...],
    lambda store, asked: store.outages(asked.facts),
)  # fmt: skip
ACTIVITY = Operation(
    "activity", "GET", "/v1/activity", SpanAsked, tuple[Cell, ...],
    lambda store, asked: store.activity(asked.first, asked.last),
)  # fmt: skip
BOARD = Operation("board", "GET", "/v1/board", Nothing, Board, lambda store, _: store.board())
STILL_TO_ASK = Operation(
    "still_to_ask", "POST", "/v1/still-to-ask", FactsAsked, tuple[IntakeField, ...],
    lambda store, asked: store.still_to_ask(asked.facts),
)  # fmt: skip
TICK = Operation("tick", "POST", "/v1/tick", Nothing, tuple[FellDue, ...], lambda store, _: store.tick())


async def _attend(store: Any, asked: AttendAsked) -> tuple[Presence, ...]:
    found: tuple[Presence, ...] = await store.attend(asked.at, asked.doing, here=asked.terminal)
    return found


async def _along(store: Any, asked: AlongAsked) -> Any:
    from deskterm.store.along import taken

    return await taken(store, asked.after, first=asked.first)


async def _along_of(store: Any, asked: RecordsAsked) -> Any:
    from deskterm.store.along import of_records

    return await of_records(store, asked.ids)


async def _terminal(store: Any, asked: TerminalAsked) -> int:
    from deskterm.store.along import terminal_number

    return await terminal_number(store, asked.id)


ATTEND = Operation("attend", "PUT", "/v1/presence/{terminal}", AttendAsked, tuple[Presence, ...], _attend)
ALONG = Operation("along", "GET", "/v1/along", AlongAsked, Along, _along)
ALONG_OF = Operation("along_of", "POST", "/v1/along/records", RecordsAsked, Along, _along_of)
TERMINAL = Operation("terminal", "PUT", "/v1/terminals/{id}", TerminalAsked, int, _terminal)

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    ME, DESK, QUEUE, ROWS, VIEWS, COUNTS, TICKETS, TICKET, EXPLAIN, SEEN, CHANGES, CHANGE, WINDOWS, GUARDS, FILE,
    FIND, CALLERS, CARD, SOLUTIONS, GROUPS, OPENINGS, OUTAGES, BOARD, ACTIVITY, STILL_TO_ASK, TICK, ATTEND, ALONG,
    ALONG_OF, TERMINAL,
)  # fmt: skip
"""All but `submit` and `watch`, which have ways of their own: `COMMANDS_PATH` and `FEED_PATH`."""
COMMANDS_PATH: Final = "/v1/commands"
BATCH_PATH: Final = "/v1/commands/batch"
FEED_PATH: Final = "/v1/feed"
HEAD_EVENT: Final = "head"
"""The first event of the feed: its id is where the log ended when the feed began."""
ROWS_EVENT: Final = "rows"
"""Before a batch of changes, for who asked for it: its tickets as lines of the queue."""
COUNTS_EVENT: Final = "counts"
"""Before a batch of changes, for who asked for it: how much each built-in view holds now."""
CLOSING_EVENT: Final = "closing"
"""The last event of a server that stops: come back, here or to another one."""


def names_of_path(operation: Operation[Any, Any]) -> tuple[str, ...]:
    """The parameters that stand in an operation's path."""
    return tuple(name for name in operation.asks.model_fields if f"{{{name}}}" in operation.path)


__all__ = [
    "ACTIVITY",
    "ALONG",
    "ALONG_OF",
    "ATTEND",
    "BATCH_PATH",
    "BOARD",
    "CALLERS",
    "CARD",
    "CHANGE",
    "CHANGES",
    "CLOSING_EVENT",
    "COMMANDS_PATH",
    "COUNTS",
    "COUNTS_EVENT",
    "DESK",
    "EXPLAIN",
    "FEED_PATH",
    "FILE",
    "FIND",
    "GROUPS",
    "GUARDS",
    "HEAD_EVENT",
    "ME",
    "OPENINGS",
    "OPERATIONS",
    "OUTAGES",
    "QUEUE",
    "ROWS",
    "ROWS_EVENT",
    "SEEN",
    "SOLUTIONS",
    "STILL_TO_ASK",
    "TERMINAL",
    "TICK",
    "TICKET",
    "TICKETS",
    "VIEWS",
    "WINDOWS",
    "Asked",
    "Operation",
    "adapter",
    "names_of_path",
]  # fmt: skip
