"""The least that logging a call can cost: the same rows in one transaction of plain sqlite3, on the same disk.

The rows are those that a real call left in a store of its own, each time with new keys. No rules, no checks, no
reading, no thread; the same schema with its full-text index, the same `synchronous = FULL` and write-ahead log.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self
from uuid import uuid4

from benchmarks.patterns import SAMPLE
from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.customers import Company, Contact, record_id
from deskterm.desk.records.ticket import Facts
from deskterm.store.opening import open_store

_SUMMARY: Final = "No dial tone at the reception desk since the"
_WORDS: Final = f"{_SUMMARY} power cut; the second line works but crackles"
_COMPANY: Final = Company(key="C1", name="Brook & Lane")
_CONTACT: Final = Contact(key="C1-1", company="C1", name="Rosa Amadi", phone="+44 7700 900123")


_BESIDE: Final = ("timer", "standing", "follower")
"""Tables that hold a ticket by its number."""


class Floor:
    """A store that nothing but this transaction writes to, for as long as it is needed."""

    def __init__(self, room: TemporaryDirectory[str], path: Path) -> None:
        self._room = room
        # Statements are kept compiled, as the store keeps its own.
        self._raw = sqlite3.connect(path, isolation_level=None, cached_statements=512)
        self._raw.row_factory = sqlite3.Row
        self._raw.execute("PRAGMA synchronous = FULL")
        self._raw.execute("PRAGMA wal_autocheckpoint = 4000")
        self._events = self._rows("event WHERE record_kind = 'ticket'")
        (self._ticket,) = self._rows("ticket")
        (self._receipt,) = self._rows("receipt ORDER BY rowid DESC LIMIT 1")
        self._beside = {table: self._rows(table) for table in _BESIDE}
        (self._tally,) = self._rows("tally")
        first = {"event": self._events[0], "ticket": self._ticket, "receipt": self._receipt}
        first |= {table: rows[0] for table, rows in self._beside.items()}
        self._insert = {
            name: f"INSERT INTO {name} ({', '.join(row)}) VALUES ({', '.join(f':{column}' for column in row)})"
            for name, row in first.items()
        }
        self._position, self._number = self._events[-1]["position"], self._ticket["number"]

    @classmethod
    async def laid(cls, folder: Path) -> Self:
        """Make the store, and log the one call whose rows are written from then on."""
        room = TemporaryDirectory(dir=folder, prefix="floor-")
        path = Path(room.name) / "floor.db"
        source, _ = load_sample(SAMPLE)
        store = await open_store(str(path))
        await store.submit(c.LoadDesk(name=SAMPLE, source=source))
        await store.close()
        store = await open_store(str(path), operator="ada")
        for entry in (_COMPANY, _CONTACT):
            await store.submit(c.Register(entry=entry))
        facts = Facts(
            type="incident", summary=_SUMMARY, description=_WORDS, impact="medium", urgency="medium",
            company=_COMPANY.name, company_id=record_id("company", "C1"), contact=_CONTACT.name,
            contact_id=record_id("contact", "C1-1"), phone=_CONTACT.phone,
        )  # fmt: skip
        await store.submit(c.LogCall(facts=facts, hand_to="net-2", call_seconds=95))
        await store.close()
        return cls(room, path)

    def _rows(self, of: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self._raw.execute(f"SELECT * FROM {of}")]

    def transaction(self) -> float:
        """Write the rows of one more call; milliseconds."""
        record, command = uuid4().hex, uuid4().hex
        self._number += 1
        events = []
        for event in self._events:
            self._position += 1
            events.append(event | {"position": self._position, "record_id": record, "command_id": command})
        ticket = self._ticket | {"number": self._number, "id": record}
        beside = {name: [row | {"number": self._number} for row in rows] for name, rows in self._beside.items()}
        began = time.perf_counter()
        run = self._raw.execute
        run("BEGIN IMMEDIATE")
        self._raw.executemany(self._insert["event"], events)
        run("UPDATE head SET position = ?, hash = ?", (self._position, events[-1]["hash"]))
        run(self._insert["ticket"], ticket)
        run("INSERT INTO ticket_fts(rowid, words) VALUES (?, ?)", (self._number, ticket["words"]))
        for table, rows in beside.items():
            self._raw.executemany(self._insert[table], rows)
        run(
            "INSERT INTO tally(group_name, status, owned, tickets) VALUES (:group_name, :status, :owned, 1) "
            "ON CONFLICT (group_name, status, owned) DO UPDATE SET tickets = tickets + 1",
            self._tally,
        )
        run(self._insert["receipt"], self._receipt | {"command_id": command})
        run("COMMIT")
        return (time.perf_counter() - began) * 1000

    def lift(self) -> None:
        """Take the store away."""
        self._raw.close()
        self._room.cleanup()
