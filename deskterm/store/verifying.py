"""Whether a store is what its log says: the chain, the numbering, and every projected row.

The log is read once, in order. Its hashes are worked out again, and its events are projected into an empty database
beside the store, whose rows then have to be the store's, column by column.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any, Final

import sqlalchemy as sa

from deskterm.desk.views import VerifyReport
from deskterm.store import log, replaying
from deskterm.store.base import Unusable
from deskterm.store.connections import engine_for
from deskterm.store.migrations.upgrading import upgrade
from deskterm.store.schema import FULL_TEXT, HEAD, PROJECTIONS, receipt

MOST_FAULTS: Final = 50
_EVENTS = "SELECT * FROM event ORDER BY position"
_REBUILD = "`deskterm rebuild` makes it again from the log."
_Row = dict[str, Any]


class _Faults(list[str]):
    """Sentences on what is wrong; after a while it is enough to know that there is more."""

    def found(self, sentence: str) -> None:
        if len(self) < MOST_FAULTS:
            self.append(sentence)
        elif len(self) == MOST_FAULTS:
            self.append("There are more faults than are listed here.")


def verify(connection: sa.Connection) -> VerifyReport:
    """Check a whole store on one snapshot. Reads everything; writes nothing."""
    faults = _Faults()
    report = _check_log(connection, faults)
    _check_receipts(connection, faults, report.events)
    if not faults:
        # A log that was changed explains nothing: its projections would only be wrong as well.
        _check_projections(connection, faults)
    return VerifyReport(report.events, report.records, tuple(faults), report.head)


def check_full_text(connection: sa.Connection) -> tuple[str, ...]:
    """Hold the full-text index against the rows it indexes. Needs the writer's connection, but changes nothing."""
    faults = []
    for index, table in FULL_TEXT.items():
        try:
            connection.exec_driver_sql(f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)")
        except sa.exc.DBAPIError:
            faults.append(f"The full-text index of table {table} is not what the table says. {_REBUILD}")
    return tuple(faults)


# -- the log


def _check_log(connection: sa.Connection, faults: _Faults) -> VerifyReport:
    ends: dict[str, log.Last] = {}
    position, last_hash = 0, ""
    for row in _raw(connection, _EVENTS):
        position += 1
        if row["position"] != position:
            faults.found(f"Event {position} is missing: the next is {row['position']}.")
            position = row["position"] if isinstance(row["position"], int) else position
        _check_event(row, ends, faults)
        last_hash = str(row["hash"])
    heads = list(_raw(connection, "SELECT * FROM head"))
    if len(heads) != 1 or heads[0] != {"id": 1, "position": position, "hash": last_hash}:
        faults.found(f"The log ends at event {position}, but the store noted another end: some were cut off or added.")
    revisions = [row["version_num"] for row in _raw(connection, "SELECT version_num FROM alembic_version")]
    if revisions != [HEAD]:
        faults.found(f"The schema calls itself {revisions}, not {HEAD}.")
    return VerifyReport(position, len(ends), (), last_hash)


def _check_event(row: _Row, ends: dict[str, log.Last], faults: _Faults) -> None:
    where = f"Event {row['position']}"
    end = ends.get(str(row["record_id"]), log.Last())
    if row["version"] != end.version + 1:
        faults.found(f"{where} says version {row['version']} of its record, where {end.version + 1} is due.")
    if row["previous_hash"] != end.hash:
        faults.found(f"{where} does not follow from the event before it on its record.")
    if isinstance(row["at"], int) and row["at"] < end.at:
        faults.found(f"{where} is older than the event before it on its record.")
    if row["payload"] is not None and log.digest(str(row["payload"])) != row["payload_hash"]:
        faults.found(f"{where} was changed: its words are not those that were logged.")
    if _kind(row["payload"]) not in (row["kind"], None):
        faults.found(f"{where} calls itself {row['kind']}, and its words say otherwise.")
    if _link(row) != row["hash"]:
        faults.found(f"{where} was changed: its hash does not fit.")
    at = row["at"] if isinstance(row["at"], int) else end.at
    ends[str(row["record_id"])] = log.Last(end.version + 1, str(row["hash"]), at)


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
    of_command = "SELECT command_id, count(*), max(position), group_concat(record_id) FROM event GROUP BY command_id"
    for command, count, last, records in connection.exec_driver_sql(of_command):
        first_of[str(command)] = (count, last, str(records))
    for row in _raw(connection, f"SELECT * FROM {receipt.name} ORDER BY command_id"):
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
    # The type is compared as well: SQLite would keep a number as text without a word.
    columns = ", ".join(f"{c.name}, typeof({c.name}) AS type_of_{c.name}" for c in table.columns)
    question = f"SELECT {columns} FROM {table.name} ORDER BY {', '.join(keys)}"
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
        named = ", ".join(str(wanted[key]) for key in keys)
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


def _raw(connection: sa.Connection, question: str) -> Iterator[_Row]:
    """Rows as the database holds them, whatever they hold."""
    for row in connection.exec_driver_sql(question).mappings():
        yield dict(row)
