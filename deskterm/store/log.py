"""The log: events appended once, numbered without gaps, each chained to the one before it on its record.

The chain covers the hash of the payload, not the payload: when the law demands that somebody's words be erased, the
payload goes and the chain still verifies. Every statement is compiled once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_json

from deskterm.desk.events import HAPPENINGS, Event, RecordKind
from deskterm.desk.record import Happening
from deskterm.desk.tickets.views import Change
from deskterm.store.schema import event, head, micros, moment
from deskterm.store.writing import Writing

_HEAD = sa.select(head.c.position, head.c.hash)
_SET_HEAD = Writing(head.update().values(position=sa.bindparam("to"), hash=sa.bindparam("digest")))
_LAST = (
    sa.select(event.c.version, event.c.hash, event.c.at)
    .where(event.c.record_id == sa.bindparam("record"))
    .order_by(event.c.version.desc())
    .limit(1)
)
_INSERT = Writing(event.insert())
_OF_RECORD = (
    sa.select(event)
    .where(event.c.record_id == sa.bindparam("record"), event.c.version > sa.bindparam("after"))
    .order_by(event.c.version)
)
_OF_COMMAND = sa.select(event).where(event.c.command_id == sa.bindparam("command")).order_by(event.c.position)
_FROM = (
    sa.select(event)
    .where(event.c.position > sa.bindparam("after"))
    .order_by(event.c.position)
    .limit(sa.bindparam("most"))
)
_CHANGES = (
    sa.select(
        event.c.position,
        event.c.record_kind,
        event.c.record_id,
        event.c.version,
        event.c.kind,
        event.c.actor,
        event.c.at,
        event.c.command_id,
    )
    .where(event.c.position > sa.bindparam("after"))
    .order_by(event.c.position)
    .limit(sa.bindparam("most"))
)
_BATCH: Final = 1000
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Addition(NamedTuple):
    """An event to be: what happens to which record."""

    record_kind: RecordKind
    record_id: UUID
    happening: Happening


class Last(NamedTuple):
    """The end of a record's log; version 0 for a record that is yet to begin."""

    version: int = 0
    hash: str = ""
    at: int = 0


def canonical(value: object) -> str:
    """Write plain data as JSON in the one way it is hashed: sorted keys, no spaces, characters as they are."""
    return _CANONICAL.encode(value)


def digest(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def link(row: dict[str, Any]) -> str:
    """The hash of an event's row: over everything in it but the payload itself and this hash."""
    facts = [
        row["position"],
        row["record_kind"],
        _hex(row["record_id"]),
        row["version"],
        row["actor"],
        row["at"],
        _hex(row["command_id"]),
        row["kind"],
        row["payload_hash"],
        row["previous_hash"],
    ]
    return digest(_line(facts))


def _line(facts: list[Any]) -> str:
    # The same text as `canonical` gives for a flat list, in a third of the time; it refuses lone surrogates.
    try:
        return to_json(facts).decode()
    except ValueError:
        return canonical(facts)


def _hex(record: object) -> str:
    return (record if isinstance(record, UUID) else UUID(str(record))).hex


def text_of(payload: object, payload_hash: object) -> str:
    """A payload that was read from JSON as it was hashed, if it can be; whether it fits the hash is to be checked."""
    # Mostly its keys come sorted, as it was written: then the quick way gives the very text.
    try:
        text = to_json(payload).decode()
    except ValueError:
        return canonical(payload)
    return text if digest(text) == payload_hash else canonical(payload)


def head_of(connection: sa.Connection) -> tuple[int, str]:
    """The position and hash of the last event; (0, "") in an empty log."""
    row = connection.execute(_HEAD).one()
    return row.position, row.hash


def set_head(connection: sa.Connection, position: int, last_hash: str) -> None:
    """Note where the log ends now."""
    _SET_HEAD(connection, [{"to": position, "digest": last_hash}])


def last_of(connection: sa.Connection, record: UUID) -> Last:
    """Where a record's log ends."""
    row = connection.execute(_LAST, {"record": record}).one_or_none()
    return Last(row.version, row.hash, row.at) if row else Last()


def append(
    connection: sa.Connection,
    additions: Sequence[Addition],
    *,
    actor: str,
    now: datetime,
    command: UUID,
    after: int,
    known: Mapping[UUID, Last] | None = None,
) -> tuple[Event, ...]:
    """Append events to the log, which ends at position `after`; time never runs backwards within a record.

    `known` are ends of records that were just read.
    """
    position, ends = after, dict(known or {})
    for record in {addition.record_id for addition in additions} - ends.keys():
        ends[record] = last_of(connection, record)
    rows: list[dict[str, Any]] = []
    for addition in additions:
        position += 1
        end = ends[addition.record_id]
        rows.append(chained(addition, position, end, actor=actor, now=now, command=command))
        ends[addition.record_id] = end_of(rows[-1])
    if rows:
        _INSERT(connection, rows)
        set_head(connection, position, rows[-1]["hash"])
    return tuple(event_of(row, addition.happening) for row, addition in zip(rows, additions, strict=True))


def chained(
    addition: Addition, position: int, end: Last, *, actor: str, now: datetime, command: UUID
) -> dict[str, Any]:
    """The row of an event that follows where its record's log ends."""
    happening = addition.happening
    row: dict[str, Any] = {
        "position": position,
        "record_kind": addition.record_kind,
        "record_id": addition.record_id,
        "version": end.version + 1,
        "actor": actor,
        "at": max(micros(now), end.at),
        "command_id": command,
        "kind": getattr(happening, "kind", ""),
        "payload": canonical(happening.model_dump(mode="json")),
        "previous_hash": end.hash,
    }
    return sealed(row)


def sealed(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row that says all else its hashes."""
    row["payload_hash"] = digest(row["payload"])
    row["hash"] = link(row)
    return row


def end_of(row: dict[str, Any]) -> Last:
    """Where a record's log ends with this row."""
    return Last(row["version"], row["hash"], row["at"])


def insert(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Put rows into the log as they are: for a log that comes from elsewhere and was checked."""
    _INSERT(connection, rows)


def events_of(connection: sa.Connection, record: UUID, after: int = 0) -> tuple[Event, ...]:
    """A record's events behind a version, oldest first."""
    rows = connection.execute(_OF_RECORD, {"record": record, "after": after})
    return tuple(read(row) for row in rows.mappings())


def changes_after(connection: sa.Connection, position: int, most: int = 500) -> tuple[Change, ...]:
    """What the feed tells of the events behind a position, in commit order."""
    rows = connection.execute(_CHANGES, {"after": position, "most": most})
    return tuple(Change(*row[:6], moment(row.at), row.command_id) for row in rows)


def rows_from(connection: sa.Connection, after: int = 0) -> Iterator[dict[str, Any]]:
    """The rows of the log behind a position, oldest first, read in batches."""
    while batch := connection.execute(_FROM, {"after": after, "most": _BATCH}).mappings().all():
        for row in batch:
            yield dict(row)
        after = batch[-1]["position"]


def read(row: Any) -> Event:
    """Read an event from its row. Unknown kinds and erased words still make an event."""
    return event_of(row, read_happening(row["kind"], row["payload"]))


def read_happening(kind: str, payload: str | None) -> Happening:
    """Read what happened; a bare `Happening` where this version cannot tell."""
    if payload is None:
        return Happening.model_validate({"kind": kind})
    return HAPPENINGS.get(kind, Happening).model_validate_json(payload)


def event_of(row: Any, happening: Happening) -> Event:
    """The event of a row whose happening is at hand."""
    known: Any = happening
    return Event(
        position=row["position"],
        record_kind=row["record_kind"],
        record_id=row["record_id"],
        version=row["version"],
        actor=row["actor"],
        at=moment(row["at"]),
        command_id=row["command_id"],
        happening=known,
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )
