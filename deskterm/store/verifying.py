"""Whether a store is what its log says: the chain, the numbering, and every projected row.

The log is read once, in order. Its hashes are worked out again, and its events are projected into an empty database
beside the store, whose rows then have to be the store's, column by column: an SQLite one, also for PostgreSQL.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.tickets.views import VerifyReport
from deskterm.store import full_text, log, replaying
from deskterm.store.base import Unusable
from deskterm.store.connections import engine_for
from deskterm.store.examining import plain_fault
from deskterm.store.migrations.upgrading import upgrade
from deskterm.store.schema import HEAD, PROJECTIONS, event, head, receipt
from deskterm.store.trouble import PASSING, sqlite_code

MOST_FAULTS: Final = 50


def _all_of(table: sa.Table) -> str:
    """Ask for the columns by name, so that the database complains where one is gone."""
    return f"SELECT {', '.join(table.columns.keys())} FROM {table.name}"


_EVENTS: Final = sa.text(f"{_all_of(event)} WHERE position > :after ORDER BY position")
_EVENT_FACTS: Final = sa.text(
    "SELECT position, kind, record_kind, record_id FROM event WHERE position > :after ORDER BY position LIMIT 1"
)
_AS_HEX: Final = "replace(CAST({} AS TEXT), '-', '')"
"""A record's id as text, however the database keeps it."""
_NAMES: Final = (
    sa.text(f"SELECT 'ticket ' || ref FROM ticket WHERE {_AS_HEX.format('id')} = :record"),
    sa.text(f"SELECT 'change ' || ref FROM change WHERE {_AS_HEX.format('id')} = :record"),
    sa.text(f"SELECT kind || ' ' || record_key FROM customer WHERE {_AS_HEX.format('id')} = :record"),
)
_GATHERED: Final = {
    "sqlite": "group_concat(record_id)",
    "postgresql": f"string_agg({_AS_HEX.format('record_id')}, ',')",
}
_AS_THEY_COME: Final = {"stream_results": True, "max_row_buffer": 500}
_REBUILD = "`deskterm rebuild` makes it again from the log."
_Row = dict[str, Any]


class _Faults(list[str]):
    """Sentences on what is wrong; after a while it is enough to know that there is more."""

    def found(self, sentence: str) -> None:
        """Put one down."""
        if len(self) < MOST_FAULTS:
            self.append(sentence)
        elif len(self) == MOST_FAULTS:
            self.append("There are more faults than are listed here.")


def verify(connection: sa.Connection) -> VerifyReport:
    """Check a whole store on one snapshot. Reads everything; writes nothing."""
    faults = _Faults()
    _check_file(connection, faults)
    report = VerifyReport(0, 0, ())
    with _reading("The log", faults):
        report = _check_log(connection, faults)
        _check_receipts(connection, faults, report.events)
    if not faults:
        # A log that was changed explains nothing: its projections would only be wrong as well.
        with _reading("What was made from the log", faults):
            _check_projections(connection, faults)
    return VerifyReport(report.events, report.records, tuple(faults), report.head)


@contextlib.contextmanager
def _reading(what: str, faults: _Faults) -> Iterator[None]:
    """Take what the database cannot read for a fault, not for the end of the report."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        if not _is_of_what_is_there(error):
            raise
        faults.found(f"{what} cannot be read to its end: {error.orig}.")


def _is_of_what_is_there(error: sa.exc.DBAPIError) -> bool:
    """Whether a database complains of what it holds, and not of the moment. Of its pages PostgreSQL tells nothing."""
    return isinstance(error.orig, sqlite3.Error) and sqlite_code(error) not in PASSING


def _check_file(connection: sa.Connection, faults: _Faults) -> None:
    """Have SQLite check its own pages and indexes. A server's are looked after by whoever runs it."""
    if connection.dialect.name != "sqlite":
        return
    with _reading("The file", faults):
        for (answer,) in connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_FAULTS})"):
            for line in str(answer).splitlines():
                if line != "ok" and not line.startswith("*** in database"):
                    faults.found(f"The file is damaged: {plain_fault(line)}.")


def check_full_text(connection: sa.Connection) -> tuple[str, ...]:
    """Hold the full-text index against the rows it indexes. Needs the writer's connection, but changes nothing."""
    found = full_text.wrong(connection)
    return tuple(f"The full-text index of table {table} is not what the table says. {_REBUILD}" for table in found)


# -- the log


def _check_log(connection: sa.Connection, faults: _Faults) -> VerifyReport:
    ends: dict[str, log.Last] = {}
    position, last_hash = 0, ""
    for row in _readable_events(connection, faults):
        position += 1
        wrong = []
        if row["position"] != position:
            wrong.append(f"event {position} is missing: this is the next")
            position = row["position"] if isinstance(row["position"], int) else position
        wrong += _check_event(row, ends)
        if wrong:
            faults.found(f"Event {row['position']} ({_named(connection, row)}): {'; '.join(wrong)}.")
        last_hash = str(row["hash"])
    heads = list(_raw(connection, _all_of(head)))
    if len(heads) != 1 or heads[0] != {"id": 1, "position": position, "hash": last_hash}:
        faults.found(f"The log ends at event {position}, but the store noted another end: some were cut off or added.")
    revisions = [row["version_num"] for row in _raw(connection, "SELECT version_num FROM alembic_version")]
    if revisions != [HEAD]:
        faults.found(f"The schema calls itself {revisions}, not {HEAD}.")
    return VerifyReport(position, len(ends), (), last_hash)


def _readable_events(connection: sa.Connection, faults: _Faults) -> Iterator[_Row]:
    """Every event that can be read, in order; one that cannot is a fault, and the next is tried."""
    after = 0
    while True:
        try:
            for row in _raw(connection, _EVENTS, after):
                yield row
                after = row["position"]
            return
        except sa.exc.DBAPIError as error:
            if not _is_of_what_is_there(error):
                raise
            facts = _raw_or_none(connection, _EVENT_FACTS, after)
            named = f" ({_named(connection, facts)})" if facts else ""
            faults.found(f"Event {after + 1}{named} cannot be read: {_without_words(error)}.")
            if facts is None:
                return
            after = facts["position"]


def _check_event(row: _Row, ends: dict[str, log.Last]) -> list[str]:
    """What is wrong with an event, given where its record's log ended before it."""
    end = ends.get(str(row["record_id"]), log.Last())
    wrong = []
    if row["version"] != end.version + 1:
        wrong.append(f"it says version {row['version']} of its record, where {end.version + 1} is due")
    if row["previous_hash"] != end.hash:
        wrong.append("it does not follow from the event before it on its record")
    if isinstance(row["at"], int) and row["at"] < end.at:
        wrong.append("it is older than the event before it on its record")
    if row["payload"] is not None and log.digest(str(row["payload"])) != row["payload_hash"]:
        wrong.append("it was changed, its words are not those that were logged")
    if _kind(row["payload"]) not in (row["kind"], None):
        wrong.append(f"it calls itself {row['kind']}, and its words say otherwise")
    if _link(row) != row["hash"]:
        wrong.append("it was changed, its hash does not fit")
    at = row["at"] if isinstance(row["at"], int) else end.at
    ends[str(row["record_id"])] = log.Last(end.version + 1, str(row["hash"]), at)
    return wrong


def _named(connection: sa.Connection, row: _Row) -> str:
    """What an event is and whose, in words that people know: a reference or a key where there is one."""
    record = {"record": str(row["record_id"])}
    for question in _NAMES:
        with contextlib.suppress(sa.exc.DBAPIError):
            if found := connection.execute(question, record).first():
                return f"{row['kind']} on {found[0]}"
    return f"{row['kind']} on {row['record_kind']} {row['record_id']}"


def _without_words(error: sa.exc.DBAPIError) -> str:
    """The database's complaint without what it quotes, which a caller said."""
    return str(error.orig).split(" with text ")[0]


def _raw_or_none(connection: sa.Connection, question: sa.TextClause, after: int) -> _Row | None:
    with contextlib.suppress(sa.exc.DBAPIError):
        return next(_raw(connection, question, after), None)
    return None


def _kind(payload: object) -> str | None:
    if payload is None:
        return None
    try:
        return str(json.loads(str(payload))["kind"])
    except (ValueError, KeyError, TypeError):
        return ""


def _link(row: _Row) -> str:
    try:
        return log.link(row)
    except (ValueError, TypeError):
        return ""


def _check_receipts(connection: sa.Connection, faults: _Faults, events: int) -> None:
    """Each receipt has to tell of events that are there."""
    first_of: dict[str, tuple[int, int, str]] = {}
    gathered = _GATHERED[connection.dialect.name]
    of_command = f"SELECT command_id, count(*) AS events, max(position) AS last, {gathered} AS records FROM event"
    for row in _raw(connection, f"{of_command} GROUP BY command_id"):
        first_of[str(row["command_id"])] = (row["events"], row["last"], str(row["records"]))
    for row in _raw(connection, f"{_all_of(receipt)} ORDER BY command_id"):
        count, last, records = first_of.pop(str(row["command_id"]), (0, 0, ""))
        try:
            answer = json.loads(row["answer"])
            sound = (
                answer["command_id"].replace("-", "") == row["command_id"]
                and answer["events"] == count
                and (answer["position"] == last if count else 0 <= answer["position"] <= events)
                and (not count or answer["record_id"].replace("-", "") in records)
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            faults.found(f"The receipt of command {row['command_id']} does not tell what the log says.")
    for command in first_of:
        faults.found(f"The receipt of command {command} is missing.")


# -- the projections


def _check_projections(connection: sa.Connection, faults: _Faults) -> None:
    with _scratch() as fresh:
        try:
            replaying.play(fresh, log.rows_from(connection))
        except Unusable as error:
            faults.found(error.message)
            return
        for table in PROJECTIONS:
            _compare(table, connection, fresh, faults)


def _compare(table: sa.Table, connection: sa.Connection, fresh: sa.Connection, faults: _Faults) -> None:
    keys = [column.name for column in table.primary_key]
    question = _all_of(table)
    if connection.dialect.name == "sqlite":
        # The type is compared as well: SQLite would keep a number as text without a word.
        columns = ", ".join(f"{c.name}, typeof({c.name}) AS type_of_{c.name}" for c in table.columns)
        question = f"SELECT {columns} FROM {table.name}"
    question += f" ORDER BY {', '.join(keys)}"
    for kept, wanted in zip_longest(_raw(connection, question), _raw(fresh, question)):
        if kept == wanted:
            continue
        if kept is None or wanted is None or any(kept[key] != wanted[key] for key in keys):
            row = wanted or kept or {}
            named = ", ".join(str(row[key]) for key in keys)
            faults.found(
                f"Table {table.name} has rows that the log does not explain, or lacks some ({named}). {_REBUILD}"
            )
            return
        named = str(wanted.get("ref") or wanted.get("record_key") or ", ".join(str(wanted[key]) for key in keys))
        wrong = ", ".join(sorted({c.removeprefix("type_of_") for c in wanted if kept[c] != wanted[c]}))
        faults.found(f"Table {table.name}, row {named}: {wrong} is not what the log says. {_REBUILD}")


@contextlib.contextmanager
def _scratch() -> Iterator[sa.Connection]:
    """An empty store in a temporary file of SQLite's own, gone when it is closed."""
    connect: Callable[[], sqlite3.Connection] = lambda: sqlite3.connect("", isolation_level=None)  # noqa: E731
    engine = engine_for(connect, "BEGIN", ("PRAGMA synchronous = OFF",))
    try:
        with engine.connect() as connection, connection.begin():
            upgrade(connection)
            yield connection
    finally:
        engine.dispose()


def _raw(connection: sa.Connection, question: str | sa.TextClause, after: int = 0) -> Iterator[_Row]:
    """Rows as the database holds them, whatever they hold."""
    # Given out as they come, for a log may be longer than memory.
    asked = sa.text(question) if isinstance(question, str) else question
    values = {} if isinstance(question, str) else {"after": after}
    for row in connection.execute(asked, values, execution_options=_AS_THEY_COME).mappings():
        yield {name: value.hex if isinstance(value, UUID) else value for name, value in row.items()}
