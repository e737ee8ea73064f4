"""What each operation of the desk is asked with over HTTP: typed, bounded, and nothing unknown in it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Json

from deskterm.desk.changes.views import ChangeList, ChangeQuery
from deskterm.desk.record import Instant
from deskterm.desk.records.presence import Doing
from deskterm.desk.records.ticket import Facts
from deskterm.desk.records.timekeeping import ClockName
from deskterm.desk.tickets.views import Behind, QueueQuery
from deskterm.text import clean_for_store

MOST_SOUGHT = 2000
"""Characters of a text to look for that are looked at."""
MOST_ROWS = 1000
"""Rows of a page at most."""
MOST_IDS = 1000
"""Records named in one question at most."""
_MOST_VERSION = 2**53
"""No count comes near it, and every JSON reader and database keeps numbers up to it exactly."""


def _clean(value: Any) -> Any:
    return clean_for_store(value) if isinstance(value, str) else value


def _sought(value: Any) -> Any:
    """Words to look for: what begins like them for longer than this is found as well."""
    return clean_for_store(value)[:MOST_SOUGHT] if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_sought)]
Name = Annotated[str, BeforeValidator(_clean), Field(max_length=200)]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS)]
Ids = Annotated[tuple[UUID, ...], Field(max_length=MOST_IDS)]


class Asked(BaseModel):
    """The parameters of an operation. An unknown one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Asked):
    """An operation that needs no parameters."""


class QueueAsked(Asked):
    """Which tickets: `QueueQuery`, with `behind` as JSON."""

    view: Name = "open"
    text: Text = ""
    group: Name | None = None
    status: Name | None = None
    behind: Json[Behind] | None = None
    after: Text | None = None
    limit: Limit = 100

    def query(self) -> QueueQuery:
        """The query of the store protocol."""
        return QueueQuery(self.view, self.text, self.group, self.status, self.behind, self.after, self.limit)


class RowsAsked(QueueAsked):
    """Which of the named tickets a query lists."""

    ids: Ids


class TicketAsked(Asked):
    """A ticket or a change: its reference in any spelling, or its record id."""

    ref: Name


class ClocksAsked(TicketAsked):
    """The clocks of a ticket, all or one."""

    clock: ClockName | None = None


class TicketsAsked(Asked):
    """Whole tickets by record id."""

    ids: Ids


class ChangesAsked(Asked):
    """Which changes: `ChangeQuery`."""

    which: ChangeList = "open"
    ticket: Name | None = None
    text: Text = ""
    limit: Limit = 200
    after: Text | None = None

    def query(self) -> ChangeQuery:
        """The query of the store protocol."""
        return ChangeQuery(self.which, _record_or_ref(self.ticket), self.text, self.limit, self.after)


class SpanAsked(Asked):
    """A span of time."""

    first: Instant
    last: Instant


class FileAsked(Asked):
    """The SHA-256 of a file's bytes, in hex."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SearchAsked(Asked):
    """Words to look for."""

    text: Text = ""
    limit: Limit = 20


class WordsAsked(Asked):
    """Words that may be none."""

    text: Text = ""


class CardAsked(Asked):
    """Whose card; `caller` says who calls where no record does."""

    contact_id: UUID | None = None
    company_id: UUID | None = None
    caller: Facts | None = None


class FactsAsked(Asked):
    """What a call has said so far."""

    facts: Facts


class SeenAsked(Asked):
    """A version of a ticket that the operator has looked at."""

    ticket: UUID
    version: Annotated[int, Field(ge=0, le=_MOST_VERSION)]


class AttendAsked(Asked):
    """Which ticket is in front of a terminal, and what is done there."""

    terminal: UUID
    at: UUID | None = None
    doing: Doing = "viewing"


class AlongAsked(Asked):
    """Which part of the log to take along: behind a position; in the first round only of what is open or known."""

    after: Annotated[int, Field(ge=0, le=_MOST_VERSION)] = 0
    first: bool = False


class RecordsAsked(Asked):
    """Records by id."""

    ids: Ids


class TerminalAsked(Asked):
    """A terminal, by the id that it made for itself."""

    id: UUID


class FeedAsked(Asked):
    """Where the feed begins: behind a position of the log; from now on where none is given.

    `rows` asks for what queues show of each change to be told with it.
    """

    after: Annotated[int, Field(ge=0, le=_MOST_VERSION)] | None = None
    rows: bool = False


def _record_or_ref(text: str | None) -> str | UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        return text
