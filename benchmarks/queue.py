"""How fast a desk stays when it has a history: the same work on desks of ten thousand, a hundred thousand, a million.

`python -m benchmarks queue --sizes 10k,100k,1M` makes the desks (the largest takes its time, once) and does an
operator's work on each in turn, through the store as the app does. What was logged is taken back, so that every run
finds the same desks.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import string
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from benchmarks import desks
from benchmarks.floor import Floor
from benchmarks.history import END
from benchmarks.measuring import Spread, Verdict, keep, machine
from deskterm.desk import commands as c
from deskterm.desk.fold import tokens
from deskterm.desk.phone import pretty
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.local import LocalStore
from deskterm.store.opening import open_store

Work = Callable[["Desk"], Awaitable[object]]

PAGE: Final = 50
WORST: Final = 10
"""So many of the slowest beginnings, of a letter or two, are searched for again and again."""
LOGGED: Final = "log a call"
FLOOR: Final = "bare transaction"
PROMISES: Final = {
    "open the queue": 1.5,
    "a page further": 1.5,
    "filter keystroke": 1.5,
    "caller lookup": 1.5,
    "caller's card": 1.5,
    LOGGED: 1.5,
    "search keystroke": 3.0,
    "worst two letters": 3.0,
}
"""How many times as long each may take on the largest desk as on the smallest."""
WITHIN_MS: Final = {"search keystroke": 50, "worst two letters": 50, "caller lookup": 50}
"""Milliseconds that 95 of 100 have to stay below on the largest desk."""
TIMES_THE_FLOOR: Final = 3.0
LOGGED_WITHIN_MS: Final = 20


@dataclass
class Desk:
    """A desk under measurement: its store, what to type at it, and what it logged."""

    name: str
    store: LocalStore
    rng: Random
    words: list[str]
    people: list[tuple[UUID, UUID, str, str, str]]
    country: str
    worst: list[str] = field(default_factory=list)
    after: str | None = None
    times: dict[str, list[float]] = field(default_factory=dict)

    def typed(self) -> str:
        """A word of the desk's, as far as it was typed."""
        word = self.rng.choice(self.words)
        return word[: self.rng.randint(1, len(word))]


async def open_queue(desk: Desk) -> None:
    """The first page of the operator's groups, and how much each view holds."""
    await desk.store.queue(QueueQuery(view="groups", limit=PAGE))
    await desk.store.counts()


async def further(desk: Desk) -> None:
    """The next page of all that is open; from the end, back to the beginning."""
    page = await desk.store.queue(QueueQuery(view="open", limit=PAGE, after=desk.after))
    desk.after = page.next


async def filter_keystroke(desk: Desk) -> None:
    """A letter more in the filter line over what is open."""
    await desk.store.queue(QueueQuery(view="open", text=desk.typed(), limit=PAGE))


async def search_keystroke(desk: Desk) -> None:
    """A letter more in the search over tickets, callers, contracts and solutions."""
    await desk.store.find(desk.typed())


async def worst_letters(desk: Desk) -> None:
    """A letter or two that take the longest to find."""
    await desk.store.find(desk.rng.choice(desk.worst))


async def lookup(desk: Desk) -> None:
    """A letter or digit more of whoever calls."""
    _, _, name, phone, company = desk.rng.choice(desk.people)
    text = desk.rng.choice((name, name, phone, company))
    await desk.store.callers(text[: desk.rng.randint(1, len(text))], limit=5)


async def card(desk: Desk) -> None:
    """Everything there is about a caller."""
    contact, company, *_ = desk.rng.choice(desk.people)
    await desk.store.card(contact, company)


def log_a_call(desk: Desk) -> Awaitable[None]:
    """Save a call and hand it on. Its words are made up before the clock starts, as the bare transaction's rows are."""
    return _logged(desk, call(desk))


async def _logged(desk: Desk, command: c.LogCall) -> None:
    await desk.store.submit(command)


def call(desk: Desk) -> c.LogCall:
    """A call by a known caller."""
    contact, company, name, phone, of = desk.rng.choice(desk.people)
    pretty(phone, desk.country)  # as the form has shown whoever was looked up: numbers once read are remembered
    words = " ".join(desk.rng.sample(desk.words, 10))
    facts = Facts(
        type="incident", summary=words[:60], description=words, impact="medium", urgency="medium",
        company=of, company_id=company, contact=name, contact_id=contact, phone=phone,
    )  # fmt: skip
    return c.LogCall(facts=facts, hand_to="net-2", call_seconds=95)


WORK: Final[dict[str, Work]] = {
    "open the queue": open_queue,
    "a page further": further,
    "filter keystroke": filter_keystroke,
    "search keystroke": search_keystroke,
    "worst two letters": worst_letters,
    "caller lookup": lookup,
    "caller's card": card,
    LOGGED: log_a_call,
}


async def main(arguments: Sequence[str] = ()) -> bool:
    """Make the desks, measure, print and keep; says whether every promise was kept."""
    options = _options(arguments)
    sizes = {size: desks.SIZES[size] for size in options.sizes.split(",")}
    paths = {size: await asyncio.to_thread(desks.desk_of, tickets, options.keep) for size, tickets in sizes.items()}
    before = machine()
    await _taken_back(paths, sizes)
    under = [await _open(size, path) for size, path in paths.items()]
    floor = await Floor.laid(options.keep)
    try:
        times = await _measure(under, floor, options.rounds)
    finally:
        floor.lift()
        for desk in under:
            await desk.store.close()
        await _taken_back(paths, sizes)
    spreads = {name: {size: Spread.of(each) for size, each in of.items()} for name, of in times.items()}
    verdicts = _judged(spreads, *_ends(sizes))
    _show(spreads, verdicts, before)
    result: dict[str, Any] = {"benchmark": "queue", "machine": before, "load_after": machine()["load"]}
    result["milliseconds"] = {name: {size: asdict(s) for size, s in of.items()} for name, of in spreads.items()}
    file = options.json or options.keep / "queue.json"
    keep(file, result, verdicts)
    print(f"\n  kept for programs in {file}")
    return all(verdict.is_kept for verdict in verdicts)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks queue", description=__doc__)
    parser.add_argument("--sizes", default="10k,100k,1M", help="which desks, smallest first (10k,100k,1M)")
    parser.add_argument("--rounds", type=int, default=200, help="how often each piece of work is done on each desk")
    parser.add_argument("--keep", type=Path, default=desks.shelf(), help="folder in which the desks are kept")
    parser.add_argument("--json", type=Path, help="file for the result (queue.json in that folder)")
    return parser.parse_args(arguments)


async def _open(name: str, path: Path) -> Desk:
    store = await open_store(str(path), operator="priya", clock=lambda: END)
    rng = Random(f"work/{name}")
    page = await store.queue(QueueQuery(view="all", limit=1000))
    words = sorted({word for row in page.rows for word in tokens(row.summary) if len(word) > 2})
    people = [
        (m.contact_id, m.company_id, m.name, m.phone, m.company)
        for letter in string.ascii_lowercase
        for m in await store.callers(letter, limit=40)
        if m.contact_id and m.company_id
    ]
    desk = Desk(name, store, rng, words, people, (await store.desk()).desk.country)
    desk.worst = await _worst(store)
    return desk


async def _worst(store: LocalStore) -> list[str]:
    """The beginnings of one or two letters that take longest, each tried three times."""
    took: dict[str, float] = {}
    letters = string.ascii_lowercase
    for text in (*letters, *map("".join, itertools.product(letters, repeat=2))):
        took[text] = min([await _timed(store.find(text)) for _ in range(3)])
    return sorted(took, key=lambda text: -took[text])[:WORST]


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


async def _measure(under: list[Desk], floor: Floor, rounds: int) -> dict[str, dict[str, list[float]]]:
    times: dict[str, dict[str, list[float]]] = {name: {desk.name: [] for desk in under} for name in WORK}
    times[FLOOR] = {desk.name: [] for desk in under}
    warm_up = max(3, rounds // 20)
    for number in range(-warm_up, rounds):
        for name, work in WORK.items():
            # Back and forth, so that nobody is always the one that comes after somebody else; the bare one too, which
            # finds in the processor's caches what a call has just used, and a call what the bare one has.
            for desk in under if number % 2 else reversed(under):
                is_first = number % 4 < 2
                bare = [floor.transaction()] if name == LOGGED and is_first else []
                took = await _timed(work(desk))
                bare += [floor.transaction()] if name == LOGGED and not is_first else []
                if number >= 0:
                    times[name][desk.name].append(took)
                    times[FLOOR][desk.name] += bare
    return times


async def _taken_back(paths: dict[str, Path], sizes: dict[str, int]) -> None:
    for size, path in paths.items():
        await asyncio.to_thread(desks.as_made, path, sizes[size])


def _ends(sizes: dict[str, int]) -> tuple[str, str]:
    ordered = sorted(sizes, key=sizes.__getitem__)
    return ordered[0], ordered[-1]


def _judged(spreads: dict[str, dict[str, Spread]], small: str, large: str) -> list[Verdict]:
    def ratio(name: str) -> float:
        return spreads[name][large].median / spreads[name][small].median

    logged, bare = spreads[LOGGED], spreads[FLOOR]
    return [
        *(Verdict(f"{name}, median at {large} to {small}", ratio(name), most) for name, most in PROMISES.items()),
        *(Verdict(f"{name}, p95 at {large} in ms", spreads[name][large].p95, ms) for name, ms in WITHIN_MS.items()),
        *(
            Verdict(
                f"log a call to the bare transaction at {size}",
                logged[size].median / bare[size].median,
                TIMES_THE_FLOOR,
            )
            for size in logged
        ),
        Verdict(f"log a call, p99 at {large} in ms", logged[large].p99, LOGGED_WITHIN_MS),
    ]


def _show(spreads: dict[str, dict[str, Spread]], verdicts: list[Verdict], where: dict[str, Any]) -> None:
    print(f"\nA desk with a history, in milliseconds ({where['processor']}, load {where['load'][0]})\n")
    print(f"  {'':<20}{'tickets':>8}{'median':>9}{'half between':>18}{'p95':>9}{'p99':>9}{'ratio':>8}")
    for name, of in spreads.items():
        first = next(iter(of.values())).median
        for size, s in of.items():
            between = f"{s.low:.2f} and {s.high:.2f}"
            ratio = s.median / first
            print(f"  {name:<20}{size:>8}{s.median:>9.2f}{between:>18}{s.p95:>9.2f}{s.p99:>9.2f}{ratio:>8.2f}")
            name = ""
    print()
    for verdict in verdicts:
        print(f"  {verdict}")


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main(sys.argv[1:])) else 1)
