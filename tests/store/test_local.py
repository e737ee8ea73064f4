"""What is the local store's own: a file that others lock, a disk that is full, rows that were spoilt, random days."""

from __future__ import annotations

import contextlib
import gc
import random
import sqlite3
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from deskterm.desk import commands as c
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile import check as deskcheck
from deskterm.desk.deskfile.check import DeskFileError, Problem, read_desk
from deskterm.desk.records.customers import Company, Contact
from deskterm.desk.records.ticket import JoinedCaller, Synopsis
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store import connections, tidying
from deskterm.store.base import Offline, StoreError, Unusable
from deskterm.store.local import LocalStore
from deskterm.store.schema import PROJECTIONS
from deskterm.store.tidying import tidy
from tests.store.conftest import DESK_SOURCE, LocalPlace, busy, log
from tests.store.test_log import dump

pytestmark = [pytest.mark.anyio, pytest.mark.kept_here, pytest.mark.in_a_file]


@pytest.fixture
def desk(place: LocalPlace) -> LocalPlace:
    """A furnished local place."""
    return place


def pragma(connection: sa.Connection, words: str) -> None:
    """Set something on the writer's connection."""
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(f"PRAGMA {words}").close()


async def test_the_write_ahead_log_is_folded_in_while_nobody_waits(
    desk: LocalPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in a commit, which somebody waits for, and not by the thread that the next one needs."""
    monkeypatch.setattr(connections, "FOLDED_AFTER", 3)
    nora = await desk.open("Nora")
    by: list[str] = []

    def fold(connection: sa.Connection) -> None:
        by.append(threading.current_thread().name)
        tidying.fold(connection)

    monkeypatch.setattr(connections, "fold", fold)
    for _ in range(7):
        await log(nora)
    await nora.close()
    assert [name.rpartition("_")[0] for name in by] == ["deskterm-read"] * 2


async def test_a_store_that_another_program_locks_says_so_and_goes_on_reading(desk: LocalPlace) -> None:
    nora = await desk.open("Nora")
    receipt = await log(nora)
    await nora._connections.maintain(lambda connection: pragma(connection, "busy_timeout = 1"))
    note = c.AddNote(ticket=receipt.record_id, text="Waits")
    with contextlib.closing(sqlite3.connect(desk.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Offline, match="busy"):
            await nora.submit(note)
        assert (await nora.ticket(receipt.ref)).ticket.version == 1
        other.execute("ROLLBACK")
    assert (await nora.submit(note)).version == 2


async def test_a_full_disk_refuses_and_loses_nothing(desk: LocalPlace) -> None:
    nora = await desk.open("Nora")
    receipt = await log(nora)
    pages = sqlite3.connect(desk.path)
    (size,) = pages.execute("PRAGMA page_count").fetchone()
    pages.close()
    await nora._connections.maintain(lambda connection: pragma(connection, f"max_page_count = {size}"))
    long = c.AddNote(ticket=receipt.record_id, text="Words " * 20_000)
    with pytest.raises(Offline, match="full"):
        await nora.submit(long)
    assert (await nora.ticket(receipt.ref)).ticket.version == 1
    await nora._connections.maintain(lambda connection: pragma(connection, "max_page_count = 1000000"))
    assert (await nora.submit(long)).version == 2
    assert (await nora.verify()).sound


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ticket SET state = '{}'",
        "UPDATE ticket SET id = 'nonsense'",
        "UPDATE desk_file SET source = 'nonsense'",
    ],
)
async def test_spoilt_rows_are_told_in_a_sentence(desk: LocalPlace, damage: str) -> None:
    receipt = await log(await desk.open("Nora"))
    await desk.close()
    with contextlib.closing(sqlite3.connect(desk.path)) as connection:
        connection.execute(damage)
        connection.commit()
    nora = await desk.open("Nora")

    async def look() -> None:
        await nora.ticket(receipt.ref)
        await nora.queue(QueueQuery())

    with pytest.raises(StoreError, match=r"desk\.db|northgate\.toml"):
        await look()
    await nora.rebuild()
    assert (await nora.ticket(receipt.ref)).ticket.ref == receipt.ref


async def test_a_desk_file_that_a_newer_version_refuses_can_be_replaced(
    desk: LocalPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stricter(source: str, name: str) -> DeskFile:
        if "Northgate" in source:
            raise DeskFileError([Problem(name, 1, "desk", "no longer good enough")])
        return read_desk(source, name)

    await log(await desk.open("Nora"))
    for reader in ("read_desk", "read_again"):
        monkeypatch.setattr(deskcheck, reader, stricter)
    store = await desk.open("Nora")
    with pytest.raises(StoreError, match="no longer good enough"):
        await store.queue(QueueQuery())
    newer = c.LoadDesk(name="new.toml", source=DESK_SOURCE.replace("Northgate", "Southgate"))
    await store.submit(newer)
    assert (store.me.level, len((await store.queue(QueueQuery())).rows)) == (0, 1)
    assert await store.rebuild() > 0
    assert len((await store.queue(QueueQuery())).rows) == 1


async def test_a_log_that_cannot_be_played_again_is_left_as_it_is(desk: LocalPlace) -> None:
    nora = await desk.open("Nora")
    await log(nora)
    with contextlib.closing(sqlite3.connect(desk.path)) as connection:
        connection.execute("UPDATE event SET payload = '{\"kind\": \"CallLogged\"}' WHERE kind = 'CallLogged'")
        connection.commit()
    before = dump(desk.path, *(table.name for table in PROJECTIONS))
    with pytest.raises(Unusable, match="cannot be played again"):
        await nora.rebuild()
    assert dump(desk.path, *(table.name for table in PROJECTIONS)) == before
    assert not (await nora.verify()).sound


async def test_tidying_merges_and_changes_nothing_that_shows(desk: LocalPlace) -> None:
    await busy(desk)
    nora = await desk.open("Nora")
    before = await nora.queue(QueueQuery(view="all", text="dial"))
    for _ in range(3):
        await nora._connections.maintain(tidy)
    assert await nora.queue(QueueQuery(view="all", text="dial")) == before
    assert before.rows
    assert (await nora.verify()).sound


async def test_nothing_is_left_open(desk: LocalPlace) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nora = await desk.open("Nora")
        feed = nora.watch()
        await log(nora)
        await anext(feed)
        nora._tidy()
        await desk.close()
        del nora, feed
        gc.collect()
    assert sorted(path.name for path in desk.path.parent.iterdir()) == ["desk.db"]


def commands(chance: random.Random, tickets: list[UUID]) -> Iterator[c.AnyCommand]:
    """Anything somebody may ask, sensible or not."""
    asked: list[c.AnyCommand]
    while True:
        ticket = chance.choice(tickets)
        word = chance.choice(["", "Zebra ünï", "apple\nİ", "07700 900123", "tab\tx"])
        fields = dict.fromkeys(chance.sample(["z", "a", "m"], 2), word)
        asked = [
            c.HandOff(ticket=ticket, to=chance.choice(["voice-1", "net-2"]), reason=word),
            c.Take(ticket=ticket),
            c.Start(ticket=ticket),
            c.AddNote(ticket=ticket, text=word),
            c.RecordContact(ticket=ticket, reason=chance.choice(["chase", "answer"]), who=word, text=word),
            c.JoinCaller(ticket=ticket, caller=JoinedCaller(company=word, contact=word, phone=word)),
            c.Amend(ticket=ticket, changes={"summary": word, "fields": fields, "impact": chance.choice(["low", "1"])}),
            c.Pend(ticket=ticket, reason="vendor", text=word),
            c.Resume(ticket=ticket),
            c.OpenVendorTask(ticket=ticket, vendor=word, text=word),
            c.Resolve(ticket=ticket, solution="K31"),
            c.Resolve(ticket=ticket, synopsis=Synopsis(issue="", steps="", resolution=word), no_article_because="x"),
            c.RecordAnswer(ticket=ticket, answer=chance.choice(["yes", "no"])),
            c.Reopen(ticket=ticket, reason=word),
            c.Withdraw(ticket=ticket, reason=word),
            c.MarkDuplicate(ticket=ticket, survivor=chance.choice(tickets)),
            c.OverridePriority(ticket=ticket, priority=chance.choice(["p1", "p3"]), reason=word),
            c.Follow(ticket=ticket),
            c.Unfollow(ticket=ticket, reason=word),
            c.Undo(ticket=ticket),
            c.Register(entry=Company(key="HF", name=f"Harbour {word}")),
            c.Register(entry=Contact(key=f"k{word}", company="HF", name=word or "X", phone=word)),
            c.LoadDesk(name="d.toml", source=DESK_SOURCE + f"# {word!r}\n", demo=chance.random() < 0.5),
        ]
        yield chance.choice(asked)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_in_a_day_the_projections_are_what_the_log_says(desk: LocalPlace, seed: int) -> None:
    chance = random.Random(seed)
    crew: list[LocalStore] = [await desk.open(name) for name in ("Nora", "Lea", "Tom", "Sue")]
    tickets = [
        (await log(crew[0], chance.choice([None, "voice-1"]), fields={"z": str(i), "a": "b"})).record_id
        for i in range(5)
    ]
    done = 0
    for command, _ in zip(commands(chance, tickets), range(150), strict=False):
        with contextlib.suppress(StoreError):
            done += (await chance.choice(crew).submit(command)).events
    assert done > 30
    report = await crew[0].verify()
    assert report.faults == ()
    names = [table.name for table in PROJECTIONS]
    before = dump(desk.path, *names)
    await crew[0].rebuild()
    assert dump(desk.path, *names) == before


async def test_the_first_page_is_in_the_file_as_it_is_in_the_store(desk: LocalPlace) -> None:
    """Plain SQL over the ticket table gives the page that the store gives, so that it may be painted first."""
    await busy(desk)
    nora = await desk.open("Nora")
    page = await nora.queue(QueueQuery(view="open"))
    with contextlib.closing(sqlite3.connect(Path(desk.path))) as connection:
        refs = connection.execute(
            "SELECT ref FROM ticket WHERE is_open = 1 ORDER BY priority_rank, due_sort, opened_at, number LIMIT 100"
        ).fetchall()
    assert [row.ref for row in page.rows] == [ref for (ref,) in refs]
