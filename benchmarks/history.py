"""The invented past of a busy desk, as the lines of an export: 270 calls a day, nearly all of them closed since.

Three thousand lives are decided by the desk's own rules (see `patterns`); a longer history lives them again, each
time with another caller, other words, its own number, times and place in the chain. The same seed and size make the
same lines. A longer history has more customers and more words, as in life; how much is open at its end does not grow,
since the desk keeps up.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final, TextIO
from uuid import UUID

from benchmarks.patterns import SAMPLE, Patterns
from benchmarks.town import Town
from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.events import DeskLoaded, RecordKind, Registered
from deskterm.desk.records.customers import record_id
from deskterm.desk.reference import write
from deskterm.desk.tickets.views import Receipt
from deskterm.store import log
from deskterm.store.schema import micros
from deskterm.store.submitting import DESK, write_answer
from deskterm.store.transfer import FORMAT

BEGAN: Final = datetime(2016, 1, 4, 7, tzinfo=UTC)
PAUSE: Final = timedelta(days=1) / 270
"""From one call to the next."""
_JSON: Final = json.JSONEncoder().encode
PATTERNS: Final = 3000
"""Lives that go through the rules. A longer history lives them again: other callers, words, times and numbers."""


class Ledger:
    """Events and receipts as lines of an export, each event chained to the one before it on its record."""

    def __init__(self, events: TextIO, receipts: TextIO) -> None:
        self._events, self._receipts = events, receipts
        self._position, self._hash = 0, ""

    @property
    def head(self) -> str:
        """What the export begins with: known when all is written."""
        return json.dumps({"deskterm": FORMAT, "events": self._position, "head": self._hash}) + "\n"

    def write(
        self,
        command: UUID,
        request: str,
        happenings: list[tuple[str, str]],
        *,
        record: tuple[RecordKind, UUID],
        end: log.Last,
        actor: str,
        now: datetime,
        ref: str,
    ) -> log.Last:
        """Write down what a command led to (kinds and payloads), as a store would; returns the record's new end."""
        for kind, payload in happenings:
            self._position += 1
            row = log.sealed(
                {
                    "position": self._position,
                    "record_kind": record[0],
                    "record_id": record[1],
                    "version": end.version + 1,
                    "actor": actor,
                    "at": micros(now),
                    "command_id": command,
                    "kind": kind,
                    "payload": payload,
                    "previous_hash": end.hash,
                }
            )
            end, self._hash = log.end_of(row), row["hash"]
            self._events.write(_event_line(row))
        receipt = Receipt(command, self._position, record[1], end.version, ref, events=len(happenings))
        answer = write_answer(receipt)
        self._receipts.write(f'{{"receipt":{{"request_hash":"{log.digest(request)}","answer":{answer}}}}}\n')
        return end


class History:
    """Dices what happened, and writes it into a ledger."""

    def __init__(self, tickets: int, seed: int, ledger: Ledger) -> None:
        self.source, self.desk = load_sample(SAMPLE)
        self.tickets, self.rng = tickets, Random(f"history/{seed}")
        self.town = Town(max(200, min(5000, tickets // 100)), Random(f"town/{seed}"))
        self._ledger = ledger
        self._now = BEGAN
        patterns = Patterns(self.desk, Random(f"patterns/{seed}"))
        self._lives = [patterns.life() for _ in range(min(PATTERNS, tickets))]

    def happen(self) -> None:
        """Write everything that happened."""
        self._enter()
        waiting: list[tuple[datetime, int, Iterator[timedelta]]] = []
        order = count()
        for number in range(self.tickets):
            call_at = BEGAN + PAUSE * (number + 1)
            heapq.heappush(waiting, (call_at, next(order), self._live(self.desk.reference.first + number)))
            while waiting and waiting[0][0] <= call_at:
                self._now, _, life = heapq.heappop(waiting)
                pause = next(life, None)
                if pause is not None:
                    heapq.heappush(waiting, (self._now + pause, next(order), life))

    def _enter(self) -> None:
        loaded = DeskLoaded(name=f"{SAMPLE}.toml", source=self.source)
        self._entered(c.LoadDesk(id=self._id(), name=loaded.name, source=loaded.source), "desk", DESK, loaded)
        for entry in self.town.entries:
            command = c.Register(id=self._id(), entry=entry)
            self._entered(command, entry.kind, record_id(entry.kind, entry.key), Registered(entry=entry))

    def _entered(
        self, command: c.AnyCommand, kind: RecordKind, record: UUID, happening: DeskLoaded | Registered
    ) -> None:
        told = [(type(happening).__name__, log.canonical(happening.model_dump(mode="json")))]
        request = log.canonical(command.model_dump(mode="json"))
        self._ledger.write(
            command.id, request, told, record=(kind, record), end=log.Last(), actor="Ruth Calder", now=self._now,
            ref=getattr(happening, "name", ""),
        )  # fmt: skip

    def _live(self, number: int) -> Iterator[timedelta]:
        """One life lived again; gives the pause before each next step."""
        values = self._told(number)
        record, end = UUID(values["ticket"]), log.Last()
        steps = self.rng.choice(self._lives)
        for step, following in zip(steps, (*steps[1:], None), strict=True):
            command = self._id()
            values["command"], values["now"] = str(command), f"{self._now:%Y-%m-%dT%H:%M:%S}Z"
            end = self._ledger.write(
                command, step.request.filled(values), [(kind, blank.filled(values)) for kind, blank in step.events],
                record=("ticket", record), end=end, actor=step.actor, now=self._now, ref=values["ref"],
            )  # fmt: skip
            if following:
                yield following.pause

    def _told(self, number: int) -> dict[str, str]:
        """What fills the blanks of a life: who calls, and the words that are theirs alone."""
        caller, words = self.town.caller(), self.town.rare(12)
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


def _event_line(row: dict[str, Any]) -> str:
    plain = {name: value for name, value in row.items() if name != "payload"}
    plain |= {"record_id": str(row["record_id"]), "command_id": str(row["command_id"])}
    # The payload is JSON already, in the very form that was hashed.
    return f'{{"event":{{"payload":{row["payload"]},{_JSON(plain)[1:]}}}\n'
