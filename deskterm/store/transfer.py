"""A whole log as lines of JSON, and back: the same positions, the same hashes, byte for byte.

The first line says what it is. Then each event is a line, its happening as readable JSON; then each receipt, so that
a command that was carried out before the export is not carried out again after the import.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import from_json

from deskterm.store import log, replaying
from deskterm.store.base import Invalid
from deskterm.store.schema import event, receipt
from deskterm.store.writing import Writing

FORMAT: Final = 1
_AT_ONCE: Final = 500
_RECEIPTS = (
    sa.select(receipt).order_by(receipt.c.command_id).execution_options(stream_results=True, max_row_buffer=_AT_ONCE)
)
_KEEP = Writing(receipt.insert())
_COLUMNS: Final = {column.name for column in event.c}


def export(connection: sa.Connection, write: Callable[[str], None]) -> int:
    """Write the log of one snapshot, a line (with its newline) at a time; returns how many events."""
    position, last_hash = log.head_of(connection)
    _write(write, {"deskterm": FORMAT, "events": position, "head": last_hash})
    for row in log.rows_from(connection):
        payload = row["payload"]
        plain = row | {
            "record_id": str(row["record_id"]),
            "command_id": str(row["command_id"]),
            "payload": json.loads(payload) if payload is not None else None,
        }
        _write(write, {"event": plain})
    for kept in connection.execute(_RECEIPTS):
        answer = json.loads(kept.answer)
        _write(write, {"receipt": {"request_hash": kept.request_hash, "answer": answer}})
    return position


def import_log(connection: sa.Connection, lines: Iterable[str]) -> int:
    """Take a log into an empty store and project it; returns how many events. Raises Invalid where it is not whole."""
    if log.head_of(connection)[0]:
        raise Invalid("This store is not empty. A log is imported into a new store only.", field="store")
    return replaying.play(connection, _Reader(connection).read(lines))


class _Reader:
    """Takes an export line by line, checking each event against the chain so far."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._promised: dict[str, Any] | None = None
        self._position = 0
        self._hash = ""
        self._ends: dict[UUID, log.Last] = {}
        self._events: list[dict[str, Any]] = []
        self._receipts: list[dict[str, Any]] = []

    def read(self, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Write the log as it comes in, and hand on its rows as soon as they stand in the store."""
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    self._take(from_json(line))
                except Invalid as error:
                    raise Invalid(f"Line {number}: {error.message}", field=f"line {number}") from error
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise Invalid(f"Line {number} is not part of a deskterm export.", field=f"line {number}") from error
                if len(self._events) + len(self._receipts) >= _AT_ONCE:
                    yield from self._written()
        self._check_whole()
        yield from self._written()
        log.set_head(self._connection, self._position, self._hash)

    def _take(self, line: dict[str, Any]) -> None:
        if self._promised is None:
            if line["deskterm"] != FORMAT:
                raise Invalid("This export was made by a newer deskterm; update this one to read it.")
            self._promised = line
        elif "event" in line:
            self._event(line["event"])
        else:
            self._receipt(line["receipt"])

    def _check_whole(self) -> None:
        promised = self._promised
        if promised is None:
            raise Invalid("There is nothing to import: the export is empty.")
        if (promised["events"], promised["head"]) != (self._position, self._hash):
            raise Invalid(f"The export is not whole: {self._position} of {promised['events']} events are there.")

    def _event(self, plain: dict[str, Any]) -> None:
        if plain.keys() != _COLUMNS:
            raise Invalid("The event lacks something, or has more than it should.")
        payload = plain["payload"]
        row = plain | {
            "record_id": UUID(plain["record_id"]),
            "command_id": UUID(plain["command_id"]),
            "payload": log.text_of(payload, plain["payload_hash"]) if payload is not None else None,
        }
        end = self._ends.get(row["record_id"], log.Last())
        fits = (
            row["position"] == self._position + 1
            and row["version"] == end.version + 1
            and row["previous_hash"] == end.hash
            and row["at"] >= end.at
            and (row["payload"] is None or log.digest(row["payload"]) == row["payload_hash"])
            and log.link(row) == row["hash"]
        )
        if not fits:
            raise Invalid("The event does not follow from those before it: the export was changed or is not whole.")
        self._position, self._hash = row["position"], row["hash"]
        self._ends[row["record_id"]] = log.Last(row["version"], row["hash"], row["at"])
        self._events.append(row)

    def _receipt(self, plain: dict[str, Any]) -> None:
        answer = plain["answer"]
        self._receipts.append(
            {
                "command_id": UUID(answer["command_id"]),
                "request_hash": str(plain["request_hash"]),
                "answer": log.canonical(answer),
            }
        )

    def _written(self) -> list[dict[str, Any]]:
        rows = self._events
        if rows:
            log.insert(self._connection, rows)
        _KEEP(self._connection, self._receipts)
        self._events, self._receipts = [], []
        return rows


def _write(write: Callable[[str], None], plain: dict[str, Any]) -> None:
    # Escaped, so that no terminal, pager or mail on the way can act on what a caller wrote or break a line on it.
    write(json.dumps(plain, sort_keys=True, separators=(",", ":")) + "\n")
