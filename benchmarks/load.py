"""A busy shared desk: 200 people watch the queue while 50 log calls, write notes and hand on, through a real server.

`python -m benchmarks load --minutes 5` makes a desk, starts `deskterm serve` on it and two processes of people, and
tells how long an act took, and how long after it every watcher knew. Before that, with nobody else there, a logged call
is compared in turns with the least server that writes the same rows.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from pydantic_core import to_json

from benchmarks import desks, load_people
from benchmarks.least_server import PATH
from benchmarks.load_desk import TICKETS, Furnished, Person, Served, database, furnish, serving, started
from benchmarks.load_people import Act, Told
from benchmarks.measuring import Spread, Verdict, keep, machine
from deskterm.store.remote.line import Line
from deskterm.store.remote.store import RemoteStore

SUBMIT_MS: Final = 250
WATCHER_MS: Final = 1000
TIMES_THE_FLOOR: Final = 4.0
FLOOR: Final = "the least server"
WHOLE: Final = "deskterm"
_PAIRS: Final = 150
_WARM_UP: Final = 20
_SETTLE: Final = 3.0
"""Seconds after the last act in which everybody has to know."""


@dataclass
class Load:
    """What came out of it."""

    seconds: float
    acts: list[Act]
    errors: dict[str, int]
    spans: dict[str, list[float]]
    """Milliseconds by what was measured."""
    figures: dict[str, float]


async def main(arguments: Sequence[str] = ()) -> bool:
    """Measure, print and keep; says whether every promise was kept."""
    options = _options(arguments)
    before = machine()
    with TemporaryDirectory(prefix="deskterm-load-") as room:
        folder = Path(room)
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(database(options.store, folder))
            _say("making the desk")
            desk = await furnish(url, options.tickets, options.keep, options.watchers, options.operators)
            each = 2 if options.store == "postgres" else 1
            servers = [await stack.enter_async_context(serving(url, folder)) for _ in range(each)]
            _say("logging calls in turns with the least server")
            floor = await _beside_the_floor(servers[0], desk, folder, options.pairs)
            load = await _under_load(servers, desk, options)
    verdicts = _judged(load, floor)
    _show(load, floor, verdicts, before, options)
    result: dict[str, Any] = {"benchmark": "load", "machine": before, "load_after": machine()["load"]}
    result |= {"store": options.store, "seconds": load.seconds, "rate": options.rate, "watchers": options.watchers}
    result |= {"operators": options.operators, "acts": len(load.acts), "errors": load.errors, "figures": load.figures}
    spans = floor | load.spans
    result["milliseconds"] = {name: asdict(Spread.of(times)) for name, times in spans.items() if times}
    file = options.json or options.keep / "load.json"
    keep(file, result, verdicts)
    print(f"\n  kept for programs in {file}")
    return all(verdict.is_kept for verdict in verdicts)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long the desk is busy")
    parser.add_argument("--watchers", type=int, default=200, help="people with the queue open")
    parser.add_argument("--operators", type=int, default=50, help="people who log, note and hand off")
    parser.add_argument("--rate", type=float, default=8.0, help="acts a second of all operators together")
    parser.add_argument("--tickets", type=int, default=TICKETS, help="tickets that the desk has had before")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite", help="postgres has two servers")
    parser.add_argument("--pairs", type=int, default=_PAIRS, help="calls logged in turns with the least server")
    parser.add_argument("--keep", type=Path, default=desks.shelf(), help="folder in which the desk is kept")
    parser.add_argument("--json", type=Path, help="file for the result (load.json in that folder)")
    return parser.parse_args(arguments)


# -- the floor


async def _beside_the_floor(server: Served, desk: Furnished, folder: Path, pairs: int) -> dict[str, list[float]]:
    """Log calls in turns here and at the least server, by the same client, with nobody else there; milliseconds."""
    times: dict[str, list[float]] = {WHOLE: [], FLOOR: []}
    if not pairs:
        return times
    rng = Random("floor")
    store = RemoteStore(server.url, desk.operators[0].token)
    await store.begin()
    async with started(("-m", "benchmarks.least_server", str(folder)), folder / "least.log") as (_, url):
        line = Line(url, "nobody")
        for number in range(-_WARM_UP, pairs):
            command = load_people.call(rng, desk.known)
            again = load_people.call(rng, desk.known)
            body = to_json(again.model_dump())
            began = perf_counter()
            await store.submit(command)
            between = perf_counter()
            await line.ask("POST", PATH, body=body)
            ended = perf_counter()
            if number >= 0:
                times[WHOLE].append((between - began) * 1000)
                times[FLOOR].append((ended - between) * 1000)
        await line.close()
    await store.close()
    return times


# -- the load


async def _under_load(servers: list[Served], desk: Furnished, options: argparse.Namespace) -> Load:
    seconds = options.minutes * 60
    context = get_context("spawn")
    watching, acting = context.Pipe(), context.Pipe()
    pace = options.operators / options.rate
    crowd = [
        context.Process(target=load_people.watch, args=(_spread(desk.watchers, servers), watching[1]), daemon=True),
        context.Process(
            target=load_people.work,
            args=(_spread(desk.operators, servers), desk.known, pace, seconds, acting[1]),
            daemon=True,
        ),
    ]
    for process in crowd:
        process.start()
    for _, theirs in (watching, acting):
        theirs.close()  # so that one that ends early is noticed
    try:
        _say("everybody comes")
        await _said(watching[0], acting[0])
        _say(f"{seconds:g} seconds of work")
        watching[0].send("begin")
        await _said(watching[0])
        cpu, began = [server.cpu for server in servers], perf_counter()
        acting[0].send("go")
        (worked,) = await _said(acting[0])
        lasted = perf_counter() - began
        await asyncio.sleep(_SETTLE)
        spent = [server.cpu - earlier for server, earlier in zip(servers, cpu, strict=True)]
        watching[0].send("enough")
        (watched,) = await _said(watching[0])
    finally:
        for process in crowd:
            process.terminate()
    return _put_together(worked, watched, lasted, sum(spent), max(server.memory for server in servers))


def _spread(people: list[Person], servers: list[Served]) -> list[tuple[Person, str]]:
    return [(person, servers[number % len(servers)].url) for number, person in enumerate(people)]


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


async def _said(*pipes: Connection) -> list[Any]:
    return [await asyncio.to_thread(pipe.recv) for pipe in pipes]


def _put_together(worked: Told, watched: Told, seconds: float, cpu: float, memory: float) -> Load:
    errors = worked.errors + watched.errors
    since_answer: list[float] = []
    since_asked: list[float] = []
    for heard in watched.heard:
        # One answer may overtake another.
        batches = sorted(zip(heard.last, heard.first, heard.at, strict=True))
        for act in worked.acts:
            place = bisect_left(batches, (act.position,))
            if place == len(batches) or batches[place][1] > act.position:
                errors["a watcher never heard of an act"] += 1
                continue
            known = batches[place][2]
            since_answer.append(max(0, known - act.ended) / 1e6)
            since_asked.append((known - act.began) / 1e6)
    spans = {"submit, any act": [(act.ended - act.began) / 1e6 for act in worked.acts]}
    for name in load_people.ACTS:
        spans[f"submit, {name}"] = [(act.ended - act.began) / 1e6 for act in worked.acts if act.name == name]
    spans["answer to every watcher"] = since_answer
    spans["submit to every watcher"] = since_asked
    acts, wakes = max(1, len(worked.acts)), max(1, sum(len(heard.at) for heard in watched.heard))
    figures = {
        "acts a second": len(worked.acts) / seconds,
        "times a watcher is told, a second": wakes / len(watched.heard) / seconds,
        "server, cores": cpu / seconds,
        "server, ms of processor an act": cpu * 1000 / acts,
        "server, ms of processor for a watcher told": cpu * 1000 / wakes,
        "server, MB at most": memory,
        "bytes to a watcher each time": sum(heard.bytes for heard in watched.heard) / wakes,
        "bytes to a watcher for an act": sum(heard.bytes for heard in watched.heard) / len(watched.heard) / acts,
        "process of watchers, cores": watched.cpu / seconds,
        "process of operators, cores": worked.cpu / seconds,
    }
    return Load(seconds, worked.acts, dict(errors), spans, figures)


# -- what is told


def _judged(load: Load, floor: dict[str, list[float]]) -> list[Verdict]:
    submit, known = (Spread.of(load.spans[name]) for name in ("submit, any act", "submit to every watcher"))
    verdicts = [
        Verdict("errors", sum(load.errors.values()), 0),
        Verdict("submit, p99 in ms", submit.p99, SUBMIT_MS),
        Verdict("commit to watcher (from submit's start), p99 in ms", known.p99, WATCHER_MS),
    ]
    if floor[FLOOR]:
        whole, bare = Spread.of(floor[WHOLE]), Spread.of(floor[FLOOR])
        verdicts.append(Verdict("log a call to the least server, medians", whole.median / bare.median, TIMES_THE_FLOOR))
    return verdicts


def _show(
    load: Load,
    floor: dict[str, list[float]],
    verdicts: list[Verdict],
    where: dict[str, Any],
    options: argparse.Namespace,
) -> None:
    print(
        f"\n{options.watchers} watchers, {options.operators} operators for {load.seconds:.0f} s on {options.store}: "
        f"{len(load.acts)} acts, {options.rate:g} a second offered\n"
        f"({where['processor']}, {where['cores']} cores, load {where['load'][0]} before)\n"
    )
    print(f"  {'milliseconds':<32}{'times':>9}{'median':>10}{'half between':>20}{'p95':>10}{'p99':>10}{'most':>10}")
    named = {f"log a call alone, {name}": times for name, times in floor.items()} | load.spans
    for name, times in named.items():
        if times:
            s = Spread.of(times)
            between = f"{s.low:.2f} and {s.high:.2f}"
            print(
                f"  {name:<32}{s.times:>9}{s.median:>10.2f}{between:>20}{s.p95:>10.2f}{s.p99:>10.2f}{max(times):>10.2f}"
            )
    print()
    for name, figure in load.figures.items():
        print(f"  {name:<44}{figure:>10.2f}")
    for words, number in load.errors.items():
        print(f"  ✗ {number} × {words}")
    print()
    for verdict in verdicts:
        print(f"  {verdict}")


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main(sys.argv[1:])) else 1)
