"""The invented past of a busy desk: 270 calls on each working day, nearly all of them closed since.

A thousand lives are decided by the desk's own rules (see `patterns`); a longer history lives them again, each
time with another caller, other words, its own number, times and place in the chain. The same seed and size make the
same rows. Every history ends on the same afternoon. A longer one began earlier, and has more customers and more words,
as in life; how much is open at its end does not grow, since the desk keeps up.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks.patterns import SAMPLE, Patterns, Step, moment_of
from benchmarks.town import Town
from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.events import DeskLoaded, RecordKind, Registered
from deskterm.desk.hours.public_holidays import public_holidays
from deskterm.desk.records.customers import record_id
from deskterm.desk.reference import write
from deskterm.desk.tickets.views import Receipt
from deskterm.store import log
from deskterm.store.desk_books import holidays_for
from deskterm.store.schema import event, micros
from deskterm.store.submitting import DESK, request_of, write_answer

LAST_DAY: Final = date(2026, 3, 5)
"""A Thursday, in London."""
CALLS_A_DAY: Final = 270
BETWEEN: Final = timedelta(seconds=106)
"""From one call to the next, between nine and five."""
_ZONE, _REGION = ZoneInfo("Europe/London"), "GB-ENG"
_NINE: Final = time(9, 0)
END: Final = datetime.combine(LAST_DAY, _NINE, _ZONE).astimezone(UTC) + BETWEEN * CALLS_A_DAY
"""When every history ends."""
PATTERNS: Final = 1000
"""Lives that go through the rules. A longer history lives them again: other callers, words, times and numbers."""
_CHAPTER: Final = 2000
"""Calls told at one go."""
_COLUMNS: Final = tuple(column.name for column in event.c)
_HEX: Final = tuple(_COLUMNS.index(name) for name in ("record_id", "command_id"))


@dataclass(slots=True)
class Chapter:
    """A stretch of the past, in its order: rows as SQLite holds them, tickets as JSON."""

    entered: list[dict[str, Any]] = field(default_factory=list)
    """Events of the desk and its customers."""
    events: list[tuple[Any, ...]] = field(default_factory=list)
    """Events of tickets, by column."""
    receipts: list[tuple[str, str, str]] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    """Tickets as they were logged for callers whom nobody knew."""
    tickets: list[tuple[str, str]] = field(default_factory=list)
    """Tickets as they stand at the end, and what was said about each."""
    head: tuple[int, str] = (0, "")
    """Position and hash of its last event."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A command that somebody gave, as JSON."""

    request: str
    actor: str
    at: datetime


class History:
    """Dices what happened, and tells it chapter by chapter; the commands go to `deeds`, where that is wanted."""

    def __init__(self, tickets: int, seed: int, *, patterns: int = PATTERNS, deeds: list[Deed] | None = None) -> None:
        self.source, self.desk = load_sample(SAMPLE)
        self.tickets, self.rng = tickets, Random(f"history/{seed}")
        self.town = Town(max(20, min(5000, tickets // 50)), Random(f"town/{seed}"))
        self._days = working_days(-(-tickets // CALLS_A_DAY))
        self._now = datetime.combine(self._days[0], time(6, 0), UTC)
        self._chapter, self._deeds = Chapter(), deeds
        lives = Patterns(self.desk, Random(f"patterns/{seed}"))
        self._lives = [lives.life() for _ in range(min(patterns, tickets))]

    def chapters(self) -> Iterator[Chapter]:
        """Everything that happened."""
        self._enter()
        waiting: list[tuple[datetime, int, _Life]] = []
        order = count()
        for number, call_at in enumerate(self._calls(), 1):
            life = _Life(self.rng.choice(self._lives), self._told(self.desk.reference.first + number - 1, call_at))
            heapq.heappush(waiting, (call_at, next(order), life))
            while waiting and waiting[0][0] <= call_at:
                self._now, _, life = heapq.heappop(waiting)
                pause = self._live(life)
                if pause is not None:
                    heapq.heappush(waiting, (self._now + pause, next(order), life))
            if number % _CHAPTER == 0:
                yield self._told_so_far()
        self._chapter.tickets += [life.ticket for _, _, life in waiting]
        yield self._told_so_far()

    def _told_so_far(self) -> Chapter:
        told, self._chapter = self._chapter, Chapter(head=self._chapter.head)
        return told

    def _calls(self) -> Iterator[datetime]:
        """When somebody called. The first day is the short one, so that all histories have the same last day."""
        calls = self.tickets % CALLS_A_DAY or CALLS_A_DAY
        for day in self._days:
            nine = datetime.combine(day, _NINE, _ZONE).astimezone(UTC)
            yield from (nine + BETWEEN * n for n in range(CALLS_A_DAY - calls, CALLS_A_DAY))
            calls = CALLS_A_DAY

    def _enter(self) -> None:
        kept = holidays_for(self.desk, self._now.year)
        loaded = DeskLoaded(name=f"{SAMPLE}.toml", source=self.source, holidays=kept)
        self._entered(c.LoadDesk(id=self._id(), name=loaded.name, source=loaded.source), "desk", DESK, loaded)
        for entry in self.town.entries:
            command = c.Register(id=self._id(), entry=entry)
            self._entered(command, entry.kind, record_id(entry.kind, entry.key), Registered(entry=entry))

    def _entered(
        self, command: c.AnyCommand, kind: RecordKind, record: UUID, happening: DeskLoaded | Registered
    ) -> None:
        told = [(happening.kind, log.canonical(happening.model_dump(mode="json")))]
        request = request_of(command)
        rows, _ = self._done(
            command.id, request, told, record=(kind, record), end=log.Last(), actor="Ruth Calder",
            ref=happening.entry.key if isinstance(happening, Registered) else happening.name,
        )  # fmt: skip
        self._chapter.entered += rows

    def _live(self, life: _Life) -> timedelta | None:
        """One more step of a life; gives the pause before the next, None where it was the last."""
        step, values = life.steps[life.done], life.values
        command = self._id()
        values["command"], values[moment_of(life.done)] = str(command), f"{self._now:%Y-%m-%dT%H:%M:%S}Z"
        rows, life.end = self._done(
            command, step.request.filled(values), [(kind, blank.filled(values)) for kind, blank in step.events],
            record=("ticket", life.record), end=life.end, actor=step.actor, ref=values["ref"],
        )  # fmt: skip
        self._chapter.events += map(_by_column, rows)
        if not life.done and values["contact_id"] == "null":
            self._chapter.strangers.append(step.ticket.filled(values))
        life.done += 1
        if life.done < len(life.steps):
            return life.steps[life.done].pause
        self._chapter.tickets.append(life.ticket)
        return None

    def _done(
        self,
        command: UUID,
        request: str,
        happenings: Sequence[tuple[str, str]],
        *,
        record: tuple[RecordKind, UUID],
        end: log.Last,
        actor: str,
        ref: str,
    ) -> tuple[list[dict[str, Any]], log.Last]:
        """Chain what a command led to (kinds and payloads) to the record's end, and keep the receipt."""
        rows = []
        position, last_hash = self._chapter.head
        for kind, payload in happenings:
            position += 1
            row = log.sealed(
                {
                    "position": position,
                    "record_kind": record[0],
                    "record_id": record[1],
                    "version": end.version + 1,
                    "actor": actor,
                    "at": micros(self._now),
                    "command_id": command,
                    "kind": kind,
                    "payload": payload,
                    "previous_hash": end.hash,
                }
            )
            rows.append(row)
            end, last_hash = log.end_of(row), row["hash"]
        self._chapter.head = (position, last_hash)
        receipt = Receipt(command, position, record[1], end.version, ref, events=len(rows))
        self._chapter.receipts.append((command.hex, log.digest(request), write_answer(receipt)))
        if self._deeds is not None:
            self._deeds.append(Deed(request, actor, self._now))
        return rows, end

    def _told(self, number: int, at: datetime) -> dict[str, str]:
        """What fills the blanks of a life: who calls, and the words that are theirs alone."""
        caller, words = self.town.caller(), self.town.rare(12)
        self._now = at
        return {
            "number": str(number),
            "ref": write(number, self.desk.reference.prefix),
            "ticket": str(self._id()),
            "company": caller.company,
            "company_id": str(caller.company_id),
            "contact": caller.name,
            "contact_id": f'"{caller.contact_id}"' if caller.contact_id else "null",
            "who": caller.name.partition(" ")[0],
            "phone": caller.phone,
            "email": caller.email,
            "contract": caller.contract.key if caller.contract else "",
            "item": caller.item,
            "site": caller.site or "the office",
            "n": str(self.rng.randint(2, 40)),
            "words": f"{' '.join(words[2:9])} CCT-{self.rng.randrange(1_000_000):06}",
            "word": " ".join(words[:2]),
            "more": " ".join(words[9:]),
        }

    def _id(self) -> UUID:
        """An id as UUIDv7 makes them: in the order of time, diced behind it."""
        millis = int(self._now.timestamp() * 1000)
        return UUID(int=millis << 80 | 7 << 76 | 2 << 62 | self.rng.getrandbits(60))


class _Life:
    """A life being lived again: what fills its blanks, and how far it is."""

    __slots__ = ("done", "end", "record", "steps", "values")

    def __init__(self, steps: tuple[Step, ...], values: dict[str, str]) -> None:
        self.steps, self.values = steps, values
        self.record = UUID(values["ticket"])
        self.done, self.end = 0, log.Last()

    @property
    def ticket(self) -> tuple[str, str]:
        """The ticket as it stands, and what was said."""
        last = self.steps[self.done - 1]
        return last.ticket.filled(self.values), last.said.filled(self.values)


def working_days(many: int) -> list[date]:
    """The last so many days on which the desk was called."""
    found: list[date] = []
    day = LAST_DAY
    while len(found) < many:
        if day.weekday() < 5 and day not in public_holidays(_REGION, day.year):
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def _by_column(row: dict[str, Any]) -> tuple[Any, ...]:
    values = [row[name] for name in _COLUMNS]
    for at in _HEX:
        values[at] = values[at].hex
    return tuple(values)
