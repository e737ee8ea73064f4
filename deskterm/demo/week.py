"""The plan of a demo: which calls come when, and how each of them ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from deskterm.demo.call import Call
from deskterm.demo.cast import Cast
from deskterm.demo.customers import Customer
from deskterm.demo.hours import BusyHours
from deskterm.demo.life import Act, End, Life
from deskterm.demo.troubles import Trouble, sector, sectors_of
from deskterm.desk import commands as c
from deskterm.desk.deskfile import DeskFile, Operator, PendingReason
from deskterm.desk.tickets.priority import priority_of, rank

_OPEN: Final = (
    (End.ROUTED, 11),
    (End.STARTED, 8),
    (End.PENDING, 8),
    (End.RESOLVED, 5),
    (End.ACCEPTED, 4),
    (End.NEW, 4),
)
"""How forty open tickets stand."""
_OFTEN: Final = {1: 0.5, 2: 1.0, 3: 2.0, 4: 1.6}
"""How often trouble of each priority comes."""
_REACH: Final = {
    End.NEW: 0.5,
    End.ROUTED: 1.2,
    End.ACCEPTED: 2.5,
    End.STARTED: 6.0,
    End.RESOLVED: 9.0,
    End.PENDING: 25.0,
}
"""How many busy hours ago a ticket may have come in that stands so."""


def days_for(tickets: int) -> int:
    """How many days a demo covers: a week, and longer only where one desk could not take so many calls in it."""
    return max(7, tickets // 40)


class Week:
    """Plans all acts of a demo, the same for the same seed and `now`."""

    def __init__(
        self, desk: DeskFile, sample: str, customers: list[Customer], tickets: int, seed: int, now: datetime
    ) -> None:
        self.desk, self.customers, self.tickets, self.now = desk, customers, tickets, now
        self.tag = f"{sample}/{seed}"
        self.rng = Random(f"{self.tag}/week")
        self.cast = Cast(desk)
        self.busy = BusyHours(now - timedelta(days=days_for(tickets)), now, desk.desk.zone)
        self.limit = self.busy.position(now - timedelta(seconds=40))
        self._used: Counter[str] = Counter()
        self._sectors = sectors_of(sample)

    def acts(self) -> list[Act]:
        """Everything that happens, in order of time."""
        lives = list(self._lives())
        told = [(act.at, n, step, act) for n, life in enumerate(lives) for step, act in enumerate(life)]
        told.sort(key=lambda line: line[:3])
        return [act for *_, act in told]

    def _lives(self) -> Iterator[list[Act]]:
        open_count = min(self.tickets // 3, 38 + self.tickets // 100)
        worst = min(2, open_count // 3)
        twins = min(2, open_count // 12)
        ends = list(islice(cycle(_spread(_OPEN)), open_count - worst - (open_count > 20)))
        ends += [End.REOPENED] * (open_count > 20) + [End.WITHDRAWN] * (1 + self.tickets // 80 if open_count > 2 else 0)
        waits = cycle(self.desk.pending)
        for number in range(worst):
            life = self._worst(number)
            yield life.acts(self.limit)
            if number < twins:
                yield self._twin(life, number)
        for number, end in enumerate(ends, worst):
            yield self._one(number, end, waits)
        for number in range(worst + len(ends), self.tickets - twins):
            yield self._one(number, End.CLOSED, waits)

    def _one(self, number: int, end: End, waits: Iterator[PendingReason]) -> list[Act]:
        rng = Random(f"{self.tag}/{number}")
        trouble = self._trouble(rng, calm=end is not End.CLOSED)
        life = self._life(number, self._position(end, rng), trouble, rng, hasty=end is End.NEW)
        if end is End.PENDING:
            back = self._next_morning(rng)
            reason = next(waits)
            life.live(end, reason, back)
        else:
            life.live(end)
        return life.acts(self.limit)

    def _next_morning(self, rng: Random) -> datetime:
        """A morning of the next working days, as people agree on one."""
        local = (self.now + timedelta(days=rng.randint(1, 4))).astimezone(ZoneInfo(self.desk.desk.zone))
        local += timedelta(days=max(0, 7 - local.weekday()) if local.weekday() > 4 else 0)
        return local.replace(hour=rng.choice((8, 9, 9, 10)), minute=rng.choice((0, 30))).astimezone(UTC)

    def _position(self, end: End, rng: Random) -> float:
        """When the call comes in: open ones lately, most of them; the newest minutes ago."""
        if end in (End.NEW, End.ROUTED) and rng.random() < 0.6:
            return self.busy.position(self.now - timedelta(minutes=rng.randint(2, 95)))
        if end in _REACH:
            return max(0.0, self.limit - rng.random() * min(_REACH[end], self.limit))
        return rng.random() * max(self.limit - 5, self.limit * 0.6)

    def _life(
        self, number: int, position: float, trouble: Trouble, rng: Random, *,
        who: Customer | None = None, hasty: bool = False,
    ) -> Life:  # fmt: skip
        customer = who or rng.choice(self.customers)
        skips = rng.random() < (0.7 if hasty else 0.1)
        call = Call(self.desk, customer, trouble, self.busy.moment(position), rng, skips=skips, graded=not hasty)
        return Life(f"{self.tag}/{number}", call, self.cast, self.busy, position, rng)

    def _trouble(self, rng: Random, *, calm: bool = False, worst: bool = False) -> Trouble:
        """Choose a trouble by how common it is, rather one that was not heard yet."""
        found, weights = [], []
        for name, weight in self._sectors.items():
            for trouble in sector(name):
                grade = self._grade(trouble)
                if (worst and (grade > 1 or trouble.impact > 1)) or (calm and grade == 1):
                    continue
                found.append(trouble)
                weights.append(weight * _OFTEN.get(grade, 1.0) * 0.1 ** self._used[trouble.summary])
        chosen = rng.choices(found, weights)[0]
        self._used[chosen.summary] += 1
        return chosen

    def _grade(self, trouble: Trouble) -> int:
        scales = self.desk.scales
        impact = scales.impact[min(trouble.impact, len(scales.impact)) - 1].key
        urgency = scales.urgency[min(trouble.urgency, len(scales.urgency)) - 1].key
        return rank(scales.priority, priority_of(self.desk, impact, urgency))

    def _worst(self, number: int) -> Life:
        """An outage that is not over: several callers, one of them with a ticket of their own."""
        rng = Random(f"{self.tag}/{number}")
        position = self.busy.position(self.now - timedelta(minutes=rng.randint(40, 75) * (number + 1)))
        life = self._life(number, position, self._trouble(rng, worst=True), rng)
        life.live(End.STARTED if number == 0 else End.ROUTED)
        for _ in range(2 - number):
            life.wait(0.1)
            other = Call(self.desk, life.call.customer, life.call.trouble, self.busy.moment(life.first), rng)
            life.join(other, rng.choice(self.cast.answering))
        return life

    def _twin(self, survivor: Life, number: int) -> list[Act]:
        """A second ticket about the same outage, linked as a duplicate a little later."""
        index = self.tickets - 1 - number
        rng = Random(f"{self.tag}/{index}")
        life = self._life(index, survivor.first + 0.02, survivor.call.trouble, rng, who=survivor.call.customer)
        life.live(End.DUPLICATE)
        life.wait(0.05)
        life.do(rng.choice(self.cast.answering), c.MarkDuplicate, survivor=survivor.ticket)
        return life.acts(self.limit)


def registrar(desk: DeskFile) -> Operator:
    """Who enters the customers: a supervisor where there is one."""
    return next((o for o in desk.operator if o.level == "supervisor"), desk.operator[0])


def _spread(shares: tuple[tuple[End, int], ...]) -> list[End]:
    """A list with so many of each end, well mixed: any beginning of it holds about the same shares."""
    total = sum(share for _, share in shares)
    told = [(i / share, order, end) for order, (end, share) in enumerate(shares) for i in range(share)]
    assert len(told) == total
    return [end for *_, end in sorted(told, key=lambda line: line[:2])]
