"""`kill -9` at random moments while somebody types, saves and hands on: what is left, held against what was promised.

    python -m tests.faults.kill --runs 300 [--seed N] [--jobs 2]

After each kill: every letter older than 250 ms of every open call and form is in its draft; every call whose
reference was shown is saved, with its words; nothing is saved twice, also not when a draft is taken up and saved
again; drafts of earlier kills are as they were; and the desk passes `verify`.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.views import QueueQuery, VerifyReport
from deskterm.store.drafts import Journal, SavedDraft
from deskterm.store.opening import open_store
from tests.faults.person import SAFE_AFTER, Entry, Person
from tests.faults.pty_driver import Killed, Terminal
from tests.robot import furnish, store_url

AIMS: Final = ("typing", "saving", "saving again")
"""What is to be interrupted: typing, the moments behind a key that saves, or those when a draft is taken up."""


@dataclass
class Tally:
    """What the kills met, and what was found wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    letters: int = 0
    drafts: int = 0
    accepted: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    """Saves cut short, by what became of them."""
    taken_up: int = 0
    queued: list[float] = field(default_factory=list)
    """For each kill, the seconds that the app waited for a processor in its last moments."""
    found: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count those of another chain too."""
        self.kills += other.kills
        self.letters += other.letters
        self.drafts += other.drafts
        self.accepted += other.accepted
        self.unanswered += other.unanswered
        self.taken_up += other.taken_up
        self.queued += other.queued
        self.found += other.found

    def __str__(self) -> str:
        kills = ", ".join(f"{number} {aim}" for aim, number in sorted(self.kills.items()))
        unanswered = ", ".join(f"{number} {what}" for what, number in sorted(self.unanswered.items()))
        return (
            f"{self.kills.total()} kills ({kills}): {self.drafts} open texts with {self.letters} letters older than "
            f"{SAFE_AFTER:.2f} s, {self.accepted} acts accepted, {self.taken_up} drafts taken up and saved; "
            f"saves cut short: {unanswered or 'none'}; waiting for a processor took "
            f"{statistics.median(self.queued) * 1000:.0f} ms (median), at most {max(self.queued) * 1000:.0f}. "
            f"Found wrong: {len(self.found)}."
        )


@dataclass
class Stored:
    """What the desk holds."""

    tickets: tuple[Ticket, ...]
    notes: Counter[str]
    """The text of every note and every reason to hand on, by how often it stands there."""
    report: VerifyReport

    def about(self, token: str) -> list[Ticket]:
        """Tickets whose summary begins with a token."""
        return [ticket for ticket in self.tickets if token and ticket.summary.startswith(token)]


async def _stored(folder: Path) -> Stored:
    store = await open_store(store_url(folder), operator="ada")
    try:
        page = await store.queue(QueueQuery(view="all", limit=500))
        views = [await store.ticket(row.ref) for row in page.rows]
        notes = Counter(entry.text for view in views for entry in view.timeline if entry.text)
        return Stored(tuple(view.ticket for view in views), notes, await store.verify())
    finally:
        await store.close()


class Chain:
    """Kills one after the other on one desk, as one operator has a bad day. `planted` breaks the app for the proof."""

    def __init__(self, folder: Path, seed: str, planted: str = "") -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.planted = planted
        self.tally = Tally()
        self.accepted: list[Entry] = []
        self.left: dict[str, SavedDraft] = {}
        asyncio.run(furnish(folder))

    @property
    def journal(self) -> Journal:
        """The drafts as anybody would read them."""
        return Journal(self.folder / "state" / "drafts")

    def kill(self) -> list[str]:
        """Start, work, be killed at some moment, and look; gives what was found wrong this time."""
        waiting = self.journal.drafts()
        aim = self.chance.choices(AIMS, (4, 4, 2))[0]
        with Terminal(self.folder, planted=self.planted) as terminal:
            person = Person(terminal, self.chance)
            person.unsaved = {(draft.kind, draft.about) for draft in waiting}
            try:
                person.arrives()
                if aim == "typing":
                    terminal.dies_at = time.monotonic() + self.chance.uniform(0.05, 4)
                elif aim == "saving again":
                    person.on_save = self.chance.uniform(0, 0.06)
                if waiting and self.chance.random() < 0.85:
                    self._take_up(person, waiting)
                if aim == "saving":
                    person.on_save = self.chance.uniform(0, 0.06)
                while True:
                    person.works(1)
            except Killed:
                pass
            self.tally.kills[aim] += 1
            moment = terminal.had(SAFE_AFTER)
            self.tally.queued.append(terminal.died_at - SAFE_AFTER - moment)
            found = self._compare(person, moment)
        self.tally.found += found
        return found

    def _take_up(self, person: Person, waiting: list[SavedDraft]) -> None:
        top = waiting[0]
        person.takes_up(top.kind, top.fields, top.id, top.about)
        self.tally.taken_up += 1
        count = "One" if len(waiting) == 1 else str(len(waiting))
        if not person.greeted.startswith(count):
            self.tally.found.append(f"{len(waiting)} drafts waited; it said {person.greeted!r}")

    # -- what is left, against what was promised

    def _compare(self, person: Person, moment: float) -> list[str]:
        saved = {draft.id: draft for draft in self.journal.drafts()}
        stored = asyncio.run(_stored(self.folder))
        found = [f"the desk does not verify: {fault}" for fault in stored.report.faults]
        found += [f"draft {d.id} is damaged: {d.damage}" for d in saved.values() if d.damage]
        taken = {entry.draft for entry in person.entries}
        for draft_id, before in self.left.items():
            if draft_id not in taken and (draft_id not in saved or saved[draft_id].fields != before.fields):
                found.append(f"the draft {before.fields} of an earlier kill is not as it was")
        fresh = {n: d for n, d in saved.items() if n not in self.left}
        for entry in person.entries:
            found += self._entry(entry, saved if entry.draft else fresh, stored, moment)
        self.accepted += [entry for entry in person.entries if entry.ref]
        found += [problem for entry in self.accepted for problem in _is_kept(entry, stored)]
        found += _doubled(stored)
        self.left = saved
        return found

    def _entry(self, entry: Entry, drafts: dict[str, SavedDraft], stored: Stored, moment: float) -> Iterable[str]:
        """Hold one entry to the promise: accepted, or saved without being told, or all there in its draft."""
        if entry.ref:
            self.tally.accepted += 1
            return
        if entry.sent and (_tickets(entry, stored) or _acted(entry, stored)):
            self.tally.unanswered["saved"] += 1
            yield from _is_kept(entry, stored)
            return
        possible = {name: typed.possible(moment) for name, typed in entry.fields.items()}
        due = sum(min(len(text) for text in texts) for texts in possible.values())
        self.tally.letters += due
        self.tally.drafts += 1
        if entry.sent:
            self.tally.unanswered["kept as a draft"] += 1
        for draft_id, draft in drafts.items():
            if draft.kind == entry.kind and all(draft.fields.get(n, "") in t for n, t in possible.items()):
                del drafts[draft_id]
                return
        if due:
            held = [draft.fields for draft in drafts.values() if draft.kind == entry.kind]
            typed = {name: texts.text for name, texts in entry.fields.items()}
            shortest = {name: min(texts, key=len) for name, texts in possible.items()}
            yield f"lost: {entry.kind} {typed}, of which {shortest} was older than {SAFE_AFTER} s; on disk: {held}"


def _tickets(entry: Entry, stored: Stored) -> list[Ticket]:
    return stored.about(entry.token) if entry.kind == "call" else []


def _acted(entry: Entry, stored: Stored) -> bool:
    return entry.kind != "call" and any(entry.token in text for text in stored.notes)


def _is_kept(entry: Entry, stored: Stored) -> Iterable[str]:
    """Whether something that was accepted is there, with its words."""
    sent = entry.sent or {}
    if entry.kind != "call":
        if entry.token and not _acted(entry, stored):
            yield f"accepted and lost: {entry.kind} on {entry.about}: {sent}"
        return
    tickets = [t for t in stored.tickets if t.ref == entry.ref] if entry.ref else _tickets(entry, stored)
    if not tickets:
        yield f"accepted and lost: call {entry.ref} {sent}"
    for ticket in tickets:
        for name in ("summary", "description"):
            if name in sent and getattr(ticket, name) != sent[name].strip():
                yield f"call {ticket.ref}: {name} is {getattr(ticket, name)!r}, not {sent[name]!r}"


def _doubled(stored: Stored) -> Iterable[str]:
    tokens = Counter(ticket.summary.split(" ")[0] for ticket in stored.tickets if ticket.summary)
    yield from (f"saved {number} times: the call {token}" for token, number in tokens.items() if number > 1)
    yield from (f"done {number} times: {text!r}" for text, number in stored.notes.items() if number > 1)


def run(seed: int, runs: int, jobs: int = 2, planted: str = "") -> Tally:
    """So many kills, in as many chains at a time as there are jobs."""
    total = Tally()
    shares = [runs // jobs + (number < runs % jobs) for number in range(jobs)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for tally in pool.map(chain, [f"{seed}-{number}" for number in range(jobs)], shares, [planted] * jobs):
            total.add(tally)
    return total


def chain(seed: str, runs: int, planted: str = "") -> Tally:
    """So many kills on one desk, until something is found."""
    folder = Path(tempfile.mkdtemp(prefix="deskterm-kill-"))
    try:
        kills = Chain(folder, seed, planted)
        for number in range(runs):
            if kills.kill():
                kills.tally.found += [f"at kill {number + 1} of DESKTERM_SEED={seed}"]
                break
        return kills.tally
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def seed_of(environ: dict[str, str] | os._Environ[str] = os.environ) -> int:
    """The seed that DESKTERM_SEED names, else a new one."""
    return int(environ.get("DESKTERM_SEED") or random.SystemRandom().randrange(10**9))


def main() -> int:
    """Kill as often as asked, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = seed_of() if asked.seed is None else asked.seed
    sys.stderr.write(f"DESKTERM_SEED={seed} --jobs {asked.jobs}\n")
    began = time.monotonic()
    tally = run(seed, asked.runs, asked.jobs)
    sys.stdout.write("\n".join([*tally.found, f"{tally} {time.monotonic() - began:.0f} s.\n"]))
    return 1 if tally.found else 0


if __name__ == "__main__":
    sys.exit(main())
