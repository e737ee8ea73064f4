"""What an operation costs, counted and not timed: statements, and steps of SQLite's machine. The past costs nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store import connections
from deskterm.store.batch import Submission
from deskterm.store.connected import READERS
from deskterm.store.local import LocalStore
from tests.store.conftest import Place, facts

pytestmark = [pytest.mark.kept_here, pytest.mark.in_a_file]
PAST = 60
"""Closed tickets added between one look and the next."""
_OPEN_ONLY = "USING INDEX ticket_open"


@dataclass
class Meter:
    """Counts what the connections of a store are asked, and how many steps that takes."""

    statements: list[str] = field(default_factory=list)
    steps: int = 0

    def on(self, path: Path, **options: Any) -> sqlite3.Connection:
        """Open a file under the meter."""
        raw = _open_file(path, **options)
        raw.set_trace_callback(self._asked)
        raw.set_progress_handler(self._stepped, 1)
        return raw

    async def read(self, work: Awaitable[object]) -> Meter:
        """What a piece of work takes."""
        self.statements.clear()
        self.steps = 0
        await work
        return Meter(list(self.statements), self.steps)

    def _asked(self, statement: str) -> None:
        # What SQLite's full-text index asks on its own begins with two dashes, or is about its own tables.
        same = self.statements and statement.partition(" VALUES")[0] == self.statements[-1].partition(" VALUES")[0]
        # Many rows for one statement are one round.
        if not same and not statement.startswith(("--", "PRAGMA", "SELECT k, v FROM")):
            self.statements.append(statement)

    def _stepped(self) -> int:
        self.steps += 1
        return 0


_open_file = connections.open_file


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    """A meter that every connection opened from now on is under."""
    meter = Meter()
    monkeypatch.setattr(connections, "open_file", meter.on)
    return meter


Work = Callable[[LocalStore], Awaitable[object]]


def _page(view: str) -> Work:
    return lambda store: store.queue(QueueQuery(view=view, limit=5))


READS: dict[str, Work] = {
    **{
        f"view {view}": _page(view)
        for view in ("groups", "mine", "following", "unrouted", "open", "pending", "resolved")
    },
    "first page of all": _page("all"),
    "counts": lambda store: store.counts(),
    "filter": lambda store: store.queue(QueueQuery(view="open", text="dial", limit=5)),
    "callers by name": lambda store: store.callers("an"),
    "callers by number": lambda store: store.callers("07700 9001"),
    "groups": lambda store: store.groups("router"),
    "who is where": lambda store: store.attend(None),
    "ticket": lambda store: store.ticket("1000-17"),
}


async def _furnish(store: LocalStore, *, closed: int, still_open: int = 0) -> None:
    commands: list[c.AnyCommand] = []
    for _ in range(closed):
        call = c.LogCall(facts=facts(), hand_to="net-2")
        commands += [call, c.Withdraw(ticket=call.ticket, reason="It works again")]
    commands += [c.LogCall(facts=facts(), hand_to="net-2") for _ in range(still_open)]
    await store.submit_all([Submission(command) for command in commands])


async def test_no_read_costs_more_for_what_is_closed(place: Place, meter: Meter) -> None:
    """Rows and index entries that are read, counted exactly, before and after the desk has a longer past."""
    store = await place.open("Nora")
    await _furnish(store, closed=20, still_open=10)
    first = await store.queue(QueueQuery(view="all", limit=1))
    reads = READS | {"ticket": lambda store: store.ticket(first.rows[0].ref)}
    before = {name: await _steps(meter, store, work) for name, work in reads.items()}
    await _furnish(store, closed=PAST)
    after = {name: await _steps(meter, store, work) for name, work in reads.items()}
    # A closed ticket a row: far less than that is noise of the full-text index.
    dearer = {name: (before[name], after[name]) for name in reads if after[name] > before[name] + PAST}
    assert not dearer


async def _steps(meter: Meter, store: LocalStore, work: Work) -> int:
    """The least it takes: each reader's connection looks anew at what changed, and prepares its statements once."""
    return min([(await meter.read(work(store))).steps for _ in range(2 * READERS)])


async def test_no_read_walks_through_all_tickets(place: Place, meter: Meter) -> None:
    """Whatever SQLite scans is a handful of rows, an index of open tickets only, or a list that a page ends."""
    store = await place.open("Nora")
    await _furnish(store, closed=3, still_open=3)
    plans = sqlite3.connect(place.path)
    for name, work in (READS | {"ticket": lambda store: store.find("dial")}).items():
        for statement in (await meter.read(work(store))).statements:
            if not statement.startswith("SELECT"):
                continue
            for *_, step in plans.execute(f"EXPLAIN QUERY PLAN {statement}"):
                walks = str(step).startswith("SCAN ticket") and "VIRTUAL TABLE" not in step
                ends = "LIMIT" in statement and "ORDER BY ticket.number DESC" in statement
                assert not walks or _OPEN_ONLY in step or ends, f"{name}: {step} for {statement}"
    plans.close()


@pytest.mark.parametrize(
    ("what", "most"),
    [("log a call and hand it on", 14), ("write a note", 15), ("take", 17)],
)
async def test_a_command_takes_few_statements(place: Place, meter: Meter, what: str, most: int) -> None:
    """Each statement is a sixtieth of the time an operator waits; a new one has to be worth it."""
    store = await place.open("Nora")
    worker = await place.open("Tom")
    known = (await store.callers("Ann Müller"))[0]
    given = facts(contact_id=known.contact_id, company_id=known.company_id)
    logged = await store.submit(c.LogCall(facts=given, hand_to="net-2"))
    ticket = logged.record_id
    await worker.submit(c.AddNote(ticket=ticket, text="Looked at it"))
    work = {
        "log a call and hand it on": lambda: store.submit(c.LogCall(facts=given, hand_to="net-2")),
        "write a note": lambda: worker.submit(c.AddNote(ticket=ticket, text="Called back")),
        "take": lambda: worker.submit(c.Take(ticket=ticket)),
    }
    found = await meter.read(work[what]())
    assert len(found.statements) <= most, "\n".join(found.statements)


async def test_to_be_at_a_ticket_costs_a_look_and_now_and_then_a_small_write(place: Place, meter: Meter) -> None:
    """It is said every few seconds by every screen there is, and hinders nobody who writes."""
    store = await place.open("Nora")
    at = (await store.submit(c.LogCall(facts=facts(), hand_to="net-2"))).record_id
    asked = {
        "nowhere": await meter.read(store.attend(None)),
        "come": await meter.read(store.attend(at)),
        "again": await meter.read(store.attend(at)),
        "gone": await meter.read(store.attend(None)),
    }
    writes = {
        name: [each.split()[0] for each in found.statements if each.startswith(("INSERT", "DELETE", "UPDATE"))]
        for name, found in asked.items()
    }
    assert writes == {"nowhere": [], "come": ["DELETE", "INSERT"], "again": [], "gone": ["DELETE"]}
    assert {name: len(found.statements) for name, found in asked.items() if not writes[name]} == {
        "nowhere": 4, "again": 4,
    }  # fmt: skip


async def test_what_was_closed_for_a_company_is_counted_without_its_tickets(place: Place, meter: Meter) -> None:
    """For a caller's card: by a covering index, whether the company is one of the desk's or was only named."""
    store = await place.open("Nora")
    known = (await store.callers("Ann Müller"))[0]
    asked = (await meter.read(store.card(known.contact_id, known.company_id))).statements
    counts = [statement for statement in asked if "count(*)" in statement]
    plans = sqlite3.connect(place.path)
    steps = [
        str(row[-1]) for each in counts for row in plans.execute(f"EXPLAIN QUERY PLAN {each}") if "ticket" in row[-1]
    ]
    plans.close()
    assert len(steps) == 2
    assert all("USING COVERING INDEX ticket_company" in step for step in steps)


async def test_a_letter_alone_is_looked_for_among_the_newest(place: Place, meter: Meter) -> None:
    """The index would gather half of all tickets there ever were; it is asked only where few of the newest have it."""
    store = await place.open("Nora")
    await _furnish(store, closed=25)
    by_find = (await meter.read(store.find("r", limit=5))).statements
    by_filter = (await meter.read(store.queue(QueueQuery(view="all", text="r", limit=5)))).statements
    assert not [statement for statement in (*by_find, *by_filter) if "ticket_fts MATCH" in statement]
    found = await store.find("r", limit=5)
    page = await store.queue(QueueQuery(view="all", text="r", limit=5))
    following = await store.queue(QueueQuery(view="all", text="r", limit=5, after=page.next))
    refs = [row.ref for row in (*page.rows, *following.rows)]
    assert refs == sorted(refs, reverse=True)
    assert len(set(refs)) == 10
    assert [hit.ref for hit in found if hit.kind == "ticket"] == refs[:5]


async def test_a_rare_letter_is_found_however_old_it_is(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind more tickets than are looked through."""
    monkeypatch.setattr("deskterm.store.queue.AMONG", 3)
    store = await place.open("Nora")
    await store.submit(c.LogCall(facts=facts(summary="The xylophone is out of tune")))
    await _furnish(store, closed=5)
    hits = await store.find("x")
    assert [hit.title for hit in hits if hit.kind == "ticket"] == ["The xylophone is out of tune"]


async def test_search_asks_for_all_company_names_at_once(place: Place, meter: Meter) -> None:
    """However many contacts are found."""
    store = await place.open("Nora")
    await store.find("an")
    found = await meter.read(store.find("har"))
    assert sum("SELECT customer.id, customer.name" in statement for statement in found.statements) == 1


async def test_a_common_long_word_is_found_among_the_newest(place: Place, meter: Meter) -> None:
    """Asked for a beginning that it holds no list for, the index would gather all tickets there ever were with it."""
    store = await place.open("Nora")
    await _furnish(store, closed=25)
    found = await store.find("recepti", limit=10)
    assert [hit.kind for hit in found] == ["ticket"] * 10
    page = await store.queue(QueueQuery(view="all", text="recepti", limit=10))
    assert len(page.rows) == 10
    following = await store.queue(QueueQuery(view="all", text="recepti", limit=10, after=page.next))
    assert max(row.ref for row in following.rows) < min(row.ref for row in page.rows)
    asked = (await meter.read(store.queue(QueueQuery(view="all", text="recepti", limit=10)))).statements
    assert sum("ticket_fts MATCH" in statement for statement in asked) == 1
    asked = (await meter.read(store.find("recepti", limit=10))).statements
    tickets = [statement for statement in asked if "ticket_fts MATCH" in statement]
    assert len(tickets) == 1
    assert '"recep"*' in tickets[0]


async def test_a_rare_long_word_is_found_however_old_it_is(place: Place, meter: Meter) -> None:
    """Behind tickets that begin alike, of which few are looked through: the index is quicker than that."""
    store = await place.open("Nora")
    await store.submit(c.LogCall(facts=facts(summary="The receptacle is loose")))
    await _furnish(store, closed=PAST)
    hits = await store.find("receptacle", limit=2)
    assert [hit.title for hit in hits] == ["The receptacle is loose"]
    before = await _steps(meter, store, lambda store: store.find("receptacle", limit=2))
    await _furnish(store, closed=PAST)
    assert await _steps(meter, store, lambda store: store.find("receptacle", limit=2)) <= before + PAST
