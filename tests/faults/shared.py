"""A shared desk under fire: operators log calls over lines that fail, while servers and PostgreSQL are killed.

    python -m tests.faults.shared --calls 5000 --operators 20 [--seed N] [--store postgres|sqlite] [--servers 2]

Every operator is a process of its own (`shared_operator`), and writes down all that it was told. The lines cut, delay,
repeat and swallow (`tests.proxy`), and lead to any of the servers. When all is sent, what everybody knew is held
against the log (`shared_history`), and what everybody sees against what replays of the log give: `verify`, a rebuild,
and an export that is imported into a fresh file.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from deskterm.desk import commands as c
from deskterm.desk.deskfile import Operator
from deskterm.store import log
from deskterm.store.accounts import SCOPES
from deskterm.store.opening import open_store
from deskterm.store.serving import ServedDesk
from tests.environment import neutral
from tests.faults.kill import seed_of
from tests.faults.shared_history import Logged, diverged, judge, log_of, read
from tests.faults.shared_operator import Work, look
from tests.faults.shared_places import Balanced, Employed, Postgres, Served
from tests.store.conftest import CUSTOMERS, DESK_SOURCE

_A_LINE: Final = 5
"""Operators on one line."""
_CALLS_A_FAULT: Final = 100
_TOGETHER: Final = 3
"""Faults that may last at the same time: more, and nobody would ever be live."""
_AT_ONCE: Final = 4
"""Operators who look at the whole desk at the same time, which is nobody's work."""
DECK: Final = (
    "cut", "cut", "drop", "drop", "delay", "delay", "swallow", "swallow", "swallow", "repeat", "repeat", "repeat",
    "kill a server", "kill a server", "kill an operator", "stop PostgreSQL at once", "kill PostgreSQL",
)  # fmt: skip
"""What goes wrong, as often as it does: shuffled, and dealt from anew when it is used up."""


@dataclass(frozen=True)
class Plan:
    """A run. What is planted is Python that runs in each server or operator before the program does."""

    calls: int
    operators: int
    seed: str
    store: str = "sqlite"
    servers: int = 1
    pause: float = 0.2
    deck: tuple[str, ...] = DECK
    still: float = 600.0
    """Seconds without any step of anybody, after which the run hangs."""
    looks_first: bool = False
    """Whether operators begin once they can go on without a line."""
    in_servers: str = ""
    in_operators: str = ""


@dataclass
class Outcome:
    """What a run met, and what was found wrong."""

    faults: Counter[str] = field(default_factory=Counter)
    """What really happened, by what saw it happen: the lines' own tallies, and processes that died."""
    events: int = 0
    tickets: int = 0
    acts: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    here: int = 0
    """Calls that were saved on the operator's machine first, as their provisional references tell."""
    refused: int = 0
    heard: int = 0
    seconds: float = 0.0
    found: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        faults = ", ".join(f"{what} {number}" for what, number in sorted(self.faults.items()))
        accepted = ", ".join(f"{number} {what}" for what, number in sorted(self.accepted.items()))
        return (
            f"{self.acts} acts, accepted: {accepted} ({self.here} calls "
            f"while offline); refused or set aside: {self.refused}. {self.events} events on "
            f"{self.tickets} tickets, {self.heard} heard. Faults: {faults}. {self.seconds:.0f} s. "
            f"Found wrong: {len(self.found)}."
        )


class Run:
    """A run in a folder of its own."""

    def __init__(self, plan: Plan, folder: Path, tell: Callable[[str], None] = lambda _: None) -> None:
        self.plan = plan
        self.outcome = Outcome()
        self._folder = folder
        self._tell = tell
        self._chance = random.Random(plan.seed)
        self._postgres = Postgres() if plan.store == "postgres" else None
        self.url = self._postgres.url if self._postgres else f"sqlite:///{folder / 'desk.db'}"
        self._servers = [Served(self.url, folder / f"server-{n}.log", plan.in_servers) for n in range(plan.servers)]
        self._lines: list[Balanced] = []
        self._operators: list[Employed] = []
        self._calls = 0
        self._base = 0
        self._stepped = asyncio.Event()
        self._busy: dict[object, asyncio.Lock] = {}
        self._together = asyncio.Semaphore(_TOGETHER)

    async def run(self) -> Outcome:
        """All of it."""
        began = time.monotonic()
        try:
            await self._begin()
            faults = asyncio.ensure_future(self._faults())
            await self._until(lambda: all(each.state in ("logged", "drained") for each in self._operators))
            await faults
            self._tell(f"all is logged, {time.monotonic() - began:.0f} s")
            await self._until(lambda: all(each.state == "drained" for each in self._operators))
            self._tell(f"all is sent, {time.monotonic() - began:.0f} s")
            await self._everybody_looks()
            self._tell(f"everybody looked, {time.monotonic() - began:.0f} s")
        except TimeoutError:
            states = {each.work.name: each.state for each in self._operators}
            self.outcome.found.append(f"hangs: nobody made a step for {self.plan.still:.0f} s: {states}")
        finally:
            for each in self._operators:
                await each.leave()
            for server in self._servers:
                await asyncio.to_thread(server.end)
        await self._judge()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    async def close(self) -> None:
        """Leave nothing behind."""
        for line in self._lines:
            await asyncio.to_thread(line.close)
        if self._postgres:
            await asyncio.to_thread(self._postgres.close)

    # -- the desk

    async def _begin(self) -> None:
        if self._postgres:
            await asyncio.to_thread(self._postgres.create)
        store = await open_store(self.url)
        await store.submit(c.LoadDesk(name="northgate.toml", source=DESK_SOURCE))
        for entry in CUSTOMERS:
            await store.submit(c.Register(entry=entry))
        desk = ServedDesk(store)
        tokens = []
        for number in range(self.plan.operators):
            name = f"Operator {number + 1:02}"
            await desk.add(Operator(name=name, level=1, groups=("front",)))
            tokens.append((name, (await desk.create_token(name, tuple(SCOPES), lasts=timedelta(days=1)))[0]))
        self._base = await store._connections.read(lambda connection: log.head_of(connection)[0])
        await store.close()
        await asyncio.gather(*(server.start() for server in self._servers))
        for _ in range(0, self.plan.operators, _A_LINE):
            self._lines.append(Balanced(self._servers, random.Random(self._chance.random())))
        for number, (name, token) in enumerate(tokens):
            self._operators.append(self._employed(number, name, token))
            await self._operators[-1].start(self._heard)

    def _employed(self, number: int, name: str, token: str) -> Employed:
        plan, key = self.plan, f"{number + 1:02}"
        share = plan.calls // plan.operators + (number < plan.calls % plan.operators)
        url = self._lines[number % len(self._lines)].url
        work = Work(
            name, key, url, str(self._folder / f"{key}.jsonl"), share, plan.seed, plan.pause,
            self._base if number % 2 else None, plan.looks_first,
        )  # fmt: skip
        environ = {
            **neutral(os.environ), "DESKTERM_TOKEN": token, "DESKTERM_STATE_DIR": str(self._folder / f"state-{key}")
        }  # fmt: skip
        return Employed(work, environ, plan.in_operators)

    def _heard(self, word: str) -> None:
        self._calls += word == "call"
        self._stepped.set()
        if word == "call" and self._calls % 250 == 0:
            self._tell(f"{self._calls} calls; faults so far: {dict(self.outcome.faults)}")

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Wait for a state of things. Raises TimeoutError where nobody makes a step any more."""
        while not reached():
            if ended := [each.work.name for each in self._operators if each.state == "ended"]:
                self.outcome.found.append(f"ended by themselves: {ended}")
                raise TimeoutError
            self._stepped.clear()
            async with asyncio.timeout(self.plan.still):
                await self._stepped.wait()

    # -- what goes wrong

    async def _faults(self) -> None:
        """Let things go wrong, spread over the calls of the run, so that all of it happens however fast they come."""
        plan, deck = self.plan, list[str]()
        most = max(len(plan.deck), plan.calls // _CALLS_A_FAULT)
        begun: list[asyncio.Task[None]] = []
        for number in range(most):
            deck = deck or self._chance.sample(plan.deck, len(plan.deck))
            due = plan.calls * number // (most + 2)
            await self._until(lambda due=due: self._calls >= due)  # type: ignore[misc]
            await self._together.acquire()
            begun.append(asyncio.ensure_future(self._fault(deck.pop())))
            begun[-1].add_done_callback(lambda _: self._together.release())
            await asyncio.sleep(self._chance.uniform(0, 0.5))
        await asyncio.gather(*begun)

    async def _fault(self, what: str) -> None:
        line = self._chance.choice(self._lines)
        lasts = self._chance.uniform(0.2, 2.5)
        match what:
            case "cut":
                await self._alone(line, lambda: self._cut(line, lasts))
            case "drop":
                line.drop()
            case "delay":
                await self._delay(line, lasts)
            case "swallow":
                line.faults.swallow += self._chance.randint(2, 6)
            case "repeat":
                line.faults.repeat += self._chance.randint(2, 6)
            case "kill a server":
                server = self._chance.choice(self._servers)
                await self._alone(server, lambda: self._kill_server(server, lasts / 2))
            case "kill an operator":
                person = self._chance.choice([each for each in self._operators if each.state != "drained"])
                await self._alone(person, lambda: self._kill_operator(person))
            case "stop PostgreSQL at once" | "kill PostgreSQL" if self._postgres:
                how = "SIGKILL" if what == "kill PostgreSQL" else "immediate"
                await self._alone(self._postgres, lambda: self._kill_database(how, lasts / 2))
        self._stepped.set()

    async def _alone(self, whose: object, what: Callable[[], Awaitable[None]]) -> None:
        """Do one thing at a time to one and the same."""
        async with self._busy.setdefault(whose, asyncio.Lock()):
            await what()
            await asyncio.sleep(self._chance.uniform(0, self.plan.pause * 3))

    async def _delay(self, line: Balanced, lasts: float) -> None:
        """Delay everything for a while, and until there was something to delay, while there may be."""
        before = line.tally.delayed
        line.faults.delay = self._chance.uniform(0.02, 0.3)
        await asyncio.sleep(lasts)
        await self._until(lambda: line.tally.delayed > before or all(e.state == "drained" for e in self._operators))
        line.faults.delay = 0.0

    async def _cut(self, line: Balanced, lasts: float) -> None:
        line.cut()
        await asyncio.sleep(lasts)
        line.mend()

    async def _kill_server(self, server: Served, lasts: float) -> None:
        await asyncio.to_thread(server.kill)
        self.outcome.faults["servers killed"] += 1
        await asyncio.sleep(lasts)
        await server.start()

    async def _kill_operator(self, person: Employed) -> None:
        await person.kill()
        self.outcome.faults["operators killed"] += 1
        await person.start(self._heard)

    async def _kill_database(self, how: str, lasts: float) -> None:
        assert self._postgres is not None
        await asyncio.to_thread(self._postgres.kill, how)
        self.outcome.faults[f"PostgreSQL killed ({how})"] += 1
        await asyncio.sleep(lasts)
        await asyncio.to_thread(self._postgres.start)

    # -- the end

    async def _everybody_looks(self) -> None:
        """Let everybody look at the desk when all is told, and then once more with every line cut."""
        store = await open_store(self.url)
        head = await store._connections.read(lambda connection: log.head_of(connection)[0])
        await store.close()
        for line in self._lines:
            line.faults.swallow = line.faults.repeat = 0
        for words in (f"finish {head}", "apart"):
            if words == "apart":
                for line in self._lines:
                    line.cut()
            for first in range(0, len(self._operators), _AT_ONCE):
                looking = self._operators[first : first + _AT_ONCE]
                for person in looking:
                    person.tell(words)
                await self._until(lambda looking=looking: all(each.state == "saw" for each in looking))  # type: ignore[misc]

    async def _judge(self) -> None:
        outcome = self.outcome
        for server in self._servers:
            outcome.found += [f"the server failed: {line[:600]}" for line in server.failures()]
        for line in self._lines:
            tally = line.tally
            outcome.faults += Counter({
                "connections cut": tally.cut, "refused": tally.refused, "delayed": tally.delayed,
                "replies swallowed": tally.swallowed, "commands repeated": tally.repeated,
            })  # fmt: skip
        histories = [read(each.work.name, Path(each.work.history)) for each in self._operators]
        for history in histories:
            outcome.acts += len(history.acts)
            outcome.heard += len(history.heard)
            outcome.accepted += Counter(act.kind for act in history.acts.values() if act.accepted and not act.aside)
            outcome.here += sum(act.kind == "LogCall" and act.ref.endswith("T") for act in history.acts.values())
            outcome.refused += sum(bool(act.refused or act.aside) for act in history.acts.values())
        events, replays = await self._replayed()
        outcome.events = len(events)
        outcome.tickets = sum(event.kind == "CallLogged" for event in events)
        outcome.found += judge(histories, events, self._base)
        outcome.found += diverged(histories, replays)

    async def _replayed(self) -> tuple[list[Logged], dict[str, str]]:
        """The log, and digests of the desk: as it is, after a rebuild, and of its log imported into a fresh file."""
        lines: list[str] = []
        who = self._operators[0].work.name
        replays: dict[str, str] = {}
        store = await open_store(self.url, operator=who)
        try:
            self.outcome.found += [f"the desk does not verify: {fault}" for fault in (await store.verify()).faults]
            replays["as it is"] = await look(store)
            await store.export(lines.append)
            await store.rebuild()
            replays["rebuilt"] = await look(store)
        finally:
            await store.close()
        fresh = await open_store(str(self._folder / "fresh.db"))
        try:
            await fresh.import_log(lines)
            replays["imported"] = await look(fresh)
        finally:
            await fresh.close()
        return log_of(lines), replays


async def run(
    plan: Plan, tell: Callable[[str], None] = lambda _: None, *, keep: Literal["all", "faults", "nothing"] = "faults"
) -> Outcome:
    """Do a run. Its folder is kept where something was found, or as `keep` says."""
    folder = Path(tempfile.mkdtemp(prefix="deskterm-shared-"))
    begun = Run(plan, folder, tell)
    try:
        outcome = await begun.run()
    finally:
        await begun.close()
    if keep == "all" or (keep == "faults" and outcome.found):
        tell(f"DESKTERM_SEED={plan.seed}: histories and journals are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome


def main() -> int:
    """Run as asked, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.shared", description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--operators", type=int, default=20)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two acts of an operator, at most")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", choices=("all", "faults", "nothing"), default="faults", help="histories to keep")
    asked = parser.parse_args()
    seed = seed_of() if asked.seed is None else asked.seed
    sys.stderr.write(f"DESKTERM_SEED={seed}\n")
    plan = Plan(asked.calls, asked.operators, str(seed), asked.store, asked.servers, asked.pause)
    outcome = asyncio.run(run(plan, lambda words: print(words, flush=True), keep=asked.keep))  # noqa: T201
    sys.stdout.write("\n".join([*outcome.found, f"{outcome}\n"]))
    return 1 if outcome.found else 0


if __name__ == "__main__":
    sys.exit(main())
