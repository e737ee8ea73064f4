"""Rows of the log on their way between machines: for who takes a desk along, and for commands sent many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from deskterm.desk.tickets.views import Receipt
from deskterm.store.problems import Problem

MOST_TOGETHER: Final = 200
"""Commands of a batch at most."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """An event as the log keeps it, its payload as text (see `deskterm.store.log`)."""

    position: int
    record_kind: str
    record_id: UUID
    version: int
    actor: str
    at: int
    command_id: UUID
    kind: str
    payload: str | None
    payload_hash: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Along:
    """Some of the log. What comes next is behind `upto`; `more` says that there is more now."""

    rows: tuple[LogRow, ...]
    upto: int
    more: bool = False
    gone: tuple[UUID, ...] = ()
    """Tickets and changes that one does not see any more."""


@dataclass(frozen=True, slots=True)
class Outwards:
    """A command of a batch, with the ids of those on the same ticket that its author knew of."""

    command: dict[str, Any]
    own: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of it: a receipt, or a problem, or it was held back by one before it."""

    receipt: Receipt | None = None
    problem: Problem | None = None
    held: bool = False
