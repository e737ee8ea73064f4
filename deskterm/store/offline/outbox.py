"""The outbox: commands that were given while the line was down, on disk before anybody is told that they are saved.

One small private SQLite file for each connection and operator, shared by all deskterm processes on the machine. One
of them sends at a time, which a lock on a file beside it says; the system frees it when that process dies.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from deskterm.desk.commands import AnyCommand, LogCall, any_command
from deskterm.desk.reference import MOST_PROVISIONAL, write_provisional
from deskterm.desk.tickets.views import TimelineEntry
from deskterm.store.base import NotFound, Offline, Outgoing, Unusable
from deskterm.store.draft_file import lock

QUEUED: Final = frozenset({
    "LogCall", "HandOff", "Take", "Start", "AddNote", "RecordContact", "JoinCaller", "Amend", "OverridePriority",
    "Follow", "Unfollow", "Pend", "Resume", "OpenVendorTask", "Resolve", "RecordAnswer", "Withdraw", "Escalate",
    "GiveRestoreTime", "BeginIntervention",
})  # fmt: skip
"""Commands that may wait for the line: each says by itself what is meant, whatever others do meanwhile."""
KEPT_DAYS: Final = 7
"""How long what was sent or set aside can still be looked at."""
_MOST_REMEMBERED: Final = 1000
"""Calls whose reference is remembered, should they be sent again."""
_CHANGED: Final = TypeAdapter(tuple[TimelineEntry, ...])
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS kept(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS given(rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ref TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outgoing(
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, ticket TEXT NOT NULL, command TEXT NOT NULL,
    at TEXT NOT NULL, ref TEXT NOT NULL, given TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'saved',
    because TEXT NOT NULL DEFAULT '', changed TEXT NOT NULL DEFAULT '[]', answered_at TEXT);
CREATE INDEX IF NOT EXISTS outgoing_state ON outgoing(state, number);
CREATE INDEX IF NOT EXISTS outgoing_ticket ON outgoing(ticket, number);
"""
_COLUMNS: Final = "number, command, at, ref, state, given, because, changed, answered_at"
_READY: Final = (
    "state IN ('saved', 'sent') AND NOT EXISTS "
    "(SELECT 1 FROM outgoing AS before WHERE before.ticket = outgoing.ticket AND before.state = 'stuck')"
)


class Outbox:
    """The outbox of one operator on one connection. May be used from any thread."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it. Raises Unusable."""
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                # Made private before anything is in it. A file in use is never opened besides: its locks would go.
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            # What is said to be saved outlasts a power cut.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_TABLES)
        except (OSError, sqlite3.Error) as error:
            raise self._trouble(error) from error

    # -- what is kept beside it

    def recall(self, name: str) -> str | None:
        """What was kept under a name."""
        row = self._one("SELECT value FROM kept WHERE name = ?", name)
        return None if row is None else str(row[0])

    def keep(self, name: str, value: str) -> None:
        """Keep something under a name."""
        self._run("INSERT OR REPLACE INTO kept VALUES (?, ?)", name, value)

    def wants_terminal(self) -> UUID | None:
        """The id with which to ask for this terminal's number, where it has none, or has used its numbers up."""
        if self.recall("terminal") and int(self.recall("given") or 0) < MOST_PROVISIONAL:
            return None
        return uuid4()

    def be_terminal(self, number: int) -> None:
        """Take a number for this terminal, and begin to count anew."""
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO kept VALUES (?, ?)", [("terminal", str(number)), ("given", "0")]
            )

    def reference_for(self, command: UUID) -> str:
        """A provisional reference that was given to no other command. Raises Offline where none is left."""
        with self._writing() as connection:
            given = connection.execute("SELECT ref FROM given WHERE id = ?", (str(command),)).fetchone()
            if given is not None:
                return str(given[0])
            kept = dict(connection.execute("SELECT name, value FROM kept WHERE name IN ('terminal', 'given')"))
            number = int(kept.get("given", 0)) + 1
            if "terminal" not in kept or number > MOST_PROVISIONAL:
                raise Offline("No reference is left to give while the line is down.")
            ref = write_provisional(int(kept["terminal"]), number)
            connection.execute("INSERT OR REPLACE INTO kept VALUES ('given', ?)", (str(number),))
            connection.execute("INSERT INTO given(id, ref) VALUES (?, ?)", (str(command), ref))
            connection.execute("DELETE FROM given WHERE rowid < last_insert_rowid() - ?", (_MOST_REMEMBERED,))
        return ref

    # -- what waits

    def put(self, command: AnyCommand, ref: str, at: datetime) -> None:
        """Save a command; on disk when this returns. One that is there already stays as it is. Raises Unusable."""
        given = command.also if isinstance(command, LogCall) else ""
        self._run(
            "INSERT OR IGNORE INTO outgoing(id, ticket, command, at, ref, given) VALUES (?, ?, ?, ?, ?, ?)",
            str(command.id), _ticket_of(command), command.model_dump_json(), at.isoformat(), ref, given,
        )  # fmt: skip

    def ready(self, most: int) -> tuple[Outgoing, ...]:
        """What may be sent next, in the order in which it was given; nothing overtakes what is stuck on its ticket."""
        return self._all(f"SELECT {_COLUMNS} FROM outgoing WHERE {_READY} ORDER BY number LIMIT ?", most)

    def after(self, number: int) -> tuple[Outgoing, ...]:
        """What was given behind a number and may still come to the desk."""
        wanted = "number > ? AND state IN ('saved', 'sent', 'stuck')"
        return self._all(f"SELECT {_COLUMNS} FROM outgoing WHERE {wanted} ORDER BY number", number)

    def entries(self) -> tuple[Outgoing, ...]:
        """All there is, the oldest first."""
        return self._all(f"SELECT {_COLUMNS} FROM outgoing ORDER BY number")

    def own_before(self, command: AnyCommand) -> frozenset[UUID]:
        """The commands that were given before one on its ticket: its author knew of them."""
        known = self._many(
            "SELECT id FROM outgoing WHERE ticket = :ticket AND id <> :id AND number < "
            "coalesce((SELECT number FROM outgoing WHERE id = :id), 1 << 62)",
            {"ticket": _ticket_of(command), "id": str(command.id)},
        )
        return frozenset(UUID(row[0]) for row in known)

    def counts(self) -> tuple[int, int]:
        """How many wait, and how many are stuck."""
        found = dict(self._many("SELECT state, count(*) FROM outgoing GROUP BY state", {}))
        return found.get("saved", 0) + found.get("sent", 0), found.get("stuck", 0)

    def is_clear(self) -> bool:
        """Whether nothing is there that could be sent."""
        return self._one(f"SELECT 1 FROM outgoing WHERE {_READY} LIMIT 1") is None

    # -- what came of it

    def sent(self, numbers: Iterable[int]) -> None:
        """Note that these are on their way: whether they arrived is not known before an answer comes."""
        self._become("sent", numbers)

    def held(self, numbers: Iterable[int]) -> None:
        """Note that these were not looked at: they wait for one before them."""
        self._become("saved", numbers)

    def _become(self, state: str, numbers: Iterable[int]) -> None:
        with self._writing() as connection:
            connection.executemany("UPDATE outgoing SET state = ? WHERE number = ?", [(state, n) for n in numbers])

    def answered(self, answers: Iterable[tuple[Outgoing, str, str, tuple[TimelineEntry, ...]]], at: datetime) -> None:
        """Note answers: each command with the reference it has now, or else why it was refused and what changed."""
        with self._writing() as connection:
            for each, ref, because, changed in answers:
                told = _CHANGED.dump_json(changed).decode()
                state = "confirmed" if ref else "stuck"
                connection.execute(
                    "UPDATE outgoing SET state = ?, because = ?, changed = ?, answered_at = ? WHERE number = ?",
                    (state, because, told, at.isoformat(), each.number),
                )
                if ref:
                    known = (ref, _ticket_of(each.command))
                    connection.execute("UPDATE outgoing SET ref = ? WHERE ticket = ?", known)
            old = datetime.fromtimestamp(at.timestamp() - KEPT_DAYS * 86400, UTC).isoformat()
            connection.execute("DELETE FROM outgoing WHERE state IN ('confirmed', 'aside') AND answered_at < ?", (old,))

    def settle(self, number: int, instead: AnyCommand | None, at: datetime) -> None:
        """Put another command in the place of one that is stuck, or none; the old words stay. Raises NotFound."""
        with self._writing() as connection:
            row = connection.execute(
                "SELECT ticket, command, at, ref, because, changed FROM outgoing WHERE number = ? AND state = 'stuck'",
                (number,),
            ).fetchone()
            if row is None:
                raise NotFound(f"Nothing that is number {number} waits for a decision.")
            ticket, command, *rest = row
            if instead is None:
                # Without its call, nothing that was written about a ticket can ever arrive.
                whole = "OR (ticket = ? AND state IN ('saved', 'sent'))" if '"kind":"LogCall"' in command else "AND ?"
                connection.execute(
                    f"UPDATE outgoing SET state = 'aside', answered_at = ? WHERE number = ? {whole}",
                    (at.isoformat(), number, ticket if "OR" in whole else 1),
                )
                return
            connection.execute(
                "UPDATE outgoing SET id = ?, command = ?, state = 'saved', because = '', changed = '[]' "
                "WHERE number = ?",
                (str(instead.id), instead.model_dump_json(), number),
            )
            connection.execute(
                "INSERT INTO outgoing(id, ticket, command, at, ref, because, changed, given, state, answered_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, '', 'aside', ?)",
                (str(json.loads(command)["id"]), ticket, command, *rest, at.isoformat()),
            )

    @contextmanager
    def sending(self) -> Iterator[bool]:
        """Be the one process that sends, as long as this lasts; False where another is."""
        descriptor = os.open(self.path.with_suffix(".sending"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield lock(descriptor)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    # -- the file

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._trouble(error) from error

    def _run(self, statement: str, *values: Any) -> None:
        with self._writing() as connection:
            connection.execute(statement, values)

    def _many(self, statement: str, values: Any) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._trouble(error) from error

    def _one(self, statement: str, *values: Any) -> Any:
        return next(iter(self._many(statement, values)), None)

    def _all(self, statement: str, *values: Any) -> tuple[Outgoing, ...]:
        return tuple(map(_read, self._many(statement, values)))

    def _trouble(self, error: Exception) -> Unusable:
        return Unusable(f"What was written cannot be saved here ({self.path}): {error}.")


def _read(row: Any) -> Outgoing:
    number, command, at, ref, state, given, because, changed, answered = row
    return Outgoing(
        number, any_command().validate_json(command), datetime.fromisoformat(at), ref, state, given, because,
        _CHANGED.validate_json(changed), datetime.fromisoformat(answered) if answered else None,
    )  # fmt: skip


def _ticket_of(command: AnyCommand) -> str:
    return str(getattr(command, "ticket", ""))
