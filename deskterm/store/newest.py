"""The end of the log as JSON, for many who take along what happened: read and written once, not for each of them.

What each may see is asked anew: hidden tickets, changes for them (R226) and other people's views are left out as in
`deskterm.store.along`.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter

from deskterm.store import log, sight
from deskterm.store.along import MOST, SINCE, whose
from deskterm.store.carried import Along, LogRow
from deskterm.store.local import LocalStore

_ROW: Final = TypeAdapter(LogRow)
_ALONG: Final = TypeAdapter(Along)


@dataclass(frozen=True, slots=True)
class _Line:
    """An event, written down."""

    position: int
    record: UUID | None
    """The ticket or change that it is of: not everybody may see it."""
    whose: str | None
    text: bytes


class Newest:
    """Keeps some thousand events. May be asked from any thread; answers what the snapshot shows that asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[_Line] = []
        self._begin = self._end = 0
        """The lines are all there is behind `_begin`, up to `_end`."""

    async def behind(self, store: LocalStore, after: int) -> bytes | None:
        """An `Along` of what is behind a position, as JSON; None where that is too much, or too long ago."""
        return await store._read(
            lambda connection, desk: self._written(connection, after, desk.hidden_from(store.me), store.me.name)
        )

    def _written(self, connection: sa.Connection, after: int, hidden: sight.Hidden, me: str) -> bytes | None:
        end = log.head_of(connection)[0]
        lines = self._between(connection, after, end)
        if lines is None or len(lines) >= MOST:
            return None
        gone = sight.away(connection, (line.record for line in lines if line.record), hidden)
        seen = (line.text for line in lines if line.record not in gone and line.whose in ("", me))
        beside = _ALONG.dump_json(Along((), end, gone=tuple(gone)))
        return b'{"rows":[%s]%s' % (b",".join(seen), beside.removeprefix(b'{"rows":[]'))

    def _between(self, connection: sa.Connection, after: int, end: int) -> list[_Line] | None:
        with self._lock:
            if end - self._end > MOST:
                # The first time, or nobody has asked for long: from about here on they are kept.
                self._lines, self._begin, self._end = [], end - MOST // 2, end - MOST // 2
            if end > self._end:
                found = connection.execute(SINCE, {"after": self._end, "most": MOST}).mappings()
                self._lines += [_line(LogRow(**row)) for row in found]
                self._end = end
            if len(self._lines) > 4 * MOST:
                self._begin = self._lines[MOST - 1].position
                del self._lines[:MOST]
            if after < self._begin:
                return None
            first, last = (bisect_right(self._lines, at, key=lambda line: line.position) for at in (after, end))
            return self._lines[first:last]


def _line(row: LogRow) -> _Line:
    return _Line(
        row.position, row.record_id if row.record_kind in sight.KINDS else None, whose(row), _ROW.dump_json(row)
    )
