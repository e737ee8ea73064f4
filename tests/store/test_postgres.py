"""What is PostgreSQL's own: many processes at once, a line that breaks, versions, strangers' tables, and passwords."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from deskterm.desk import commands as c
from deskterm.store.along import terminal_number
from deskterm.store.base import Invalid, Offline, StoreError, Unsupported, Unusable
from deskterm.store.copying import copy
from deskterm.store.local import LocalStore
from deskterm.store.migrations.upgrading import upgrade as migrate
from deskterm.store.opening import open_store, upgrade
from deskterm.store.postgres import settling
from deskterm.store.postgres.address import address_of
from deskterm.store.postgres.connections import writing_engine
from deskterm.store.schema import HEAD, PLAYED, event, head, receipt
from tests.store.conftest import LocalPlace, PostgresPlace, busy, log
from tests.store.postgres_server import clear_away, databases

pytestmark = pytest.mark.anyio

_WRITER = """
import asyncio, sys
from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.store.opening import open_store

async def main(url, name, calls):
    store = await open_store(url, operator=name)
    for number in range(calls):
        receipt = await store.submit(c.LogCall(facts=Facts(summary=f"Call {number}")))
        await store.submit(c.AddNote(ticket=receipt.record_id, text=f"Note {number}"))
        print(receipt.ref, flush=True)
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""
_READER = """
import asyncio, sys
from deskterm.store.opening import open_store

async def main(url, after, until):
    store = await open_store(url, operator="Sue")
    async for changes in store.watch(after):
        print(*(change.position for change in changes), flush=True)
        if changes[-1].position >= until:
            break
    await store.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


@pytest.fixture
async def desk(templates: dict[str, Path], tmp_path: Path) -> AsyncIterator[PostgresPlace]:
    """A desk in a database."""
    place = PostgresPlace(tmp_path)
    await place.furnish("desk", templates)
    yield place
    await place.leave()


async def in_process(program: str, *asked: object) -> str:
    """Run a program in a process of its own; what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *map(str, asked), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return said.decode()


def asked_of(url: str, *statements: str) -> list[Any]:
    """Ask the database itself; the last answer."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements[:-1]:
            connection.execute(statement.encode())
        answer = connection.execute(statements[-1].encode())
        return answer.fetchall() if answer.description else []


@pytest.mark.slow
async def test_positions_are_gapless_and_in_commit_order_for_readers_while_processes_write(desk: PostgresPlace) -> None:
    sue = await desk.open("Sue")
    start = (await log(sue)).position
    writers, calls = 3, 8
    until = start + writers * calls * 2  # the call, and the note
    readers = [asyncio.ensure_future(in_process(_READER, desk.url, start, until)) for _ in range(2)]
    names = ("Nora", "Lea", "Tom")
    said = await asyncio.gather(*(in_process(_WRITER, desk.url, name, calls) for name in names))
    refs = [ref for each in said for ref in each.split()]
    assert len(set(refs)) == writers * calls
    for reader in readers:
        assert list(map(int, (await reader).split())) == list(range(start + 1, until + 1))
    assert await desk.faults() == ()


async def test_a_lost_line_is_made_anew_and_the_feed_goes_on_from_the_last_event(desk: PostgresPlace) -> None:
    nora, lea = await desk.open("Nora"), await desk.open("Lea")
    receipt = await log(nora)
    feed = lea.watch(receipt.position)
    await nora.submit(c.AddNote(ticket=receipt.record_id, text="One"))
    async with asyncio.timeout(60):
        assert [change.version for change in await anext(feed)] == [2]
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid != pg_backend_pid()"
        assert asked_of(desk.url, f"{cut} AND datname = current_database()") != [(0,)]
        assert (await nora.submit(c.AddNote(ticket=receipt.record_id, text="Two"))).version == 3
        assert (await lea.ticket(receipt.ref)).ticket.version == 3
        assert [change.version for change in await anext(feed)] == [3]


async def test_a_feed_needs_no_hints(desk: PostgresPlace) -> None:
    asked_of(desk.url, "ALTER TABLE head DISABLE TRIGGER ALL")
    try:
        nora, lea = await desk.open("Nora"), await desk.open("Lea")
        feed = lea.watch()
        other = asyncio.ensure_future(anext(feed))
        receipt = await log(nora)
        async with asyncio.timeout(60):
            assert [change.record_id for change in await other] == [receipt.record_id]
    finally:
        asked_of(desk.url, "ALTER TABLE head ENABLE TRIGGER ALL")


async def test_a_server_that_is_down_is_offline_in_words_without_the_password() -> None:
    with pytest.raises(Offline, match="cannot be reached") as down:
        await open_store("postgresql://mara:s3cret@127.0.0.1:1/desk?password=s3cret")
    for error in (down.value, down.value.__cause__):
        assert "s3cret" not in str(error)


@pytest.mark.parametrize("url", ["postgresql://mara:s3cret@db:p0rt/desk", "postgresql://mara:s3@cret@db/desk"])
async def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Unusable) as refused:
        await open_store(url)
    assert "postgresql://user@host/database" in refused.value.message
    assert "cret" not in refused.value.message
    assert refused.value.__context__ is None or refused.value.__suppress_context__


async def test_a_desk_that_others_hold_for_long_is_busy(desk: PostgresPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    from deskterm.store.postgres import connections

    monkeypatch.setattr(connections, "_BUSY_SECONDS", 1)
    nora = await desk.open("Nora")
    with psycopg.connect(desk.url) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({connections.DESK_LOCK})")
        with pytest.raises(Offline, match="busy"):
            await log(nora)
        assert (await nora.counts())[-1].count == 0
    assert (await log(nora)).events


async def test_an_empty_database_becomes_a_desk_only_when_one_is_to_be_made() -> None:
    url = await databases().new()
    with pytest.raises(Unusable, match="no desk in"):
        await open_store(url, create=False)
    assert upgrade(url) == (None, HEAD)
    assert upgrade(url) == (HEAD, HEAD)
    await (await open_store(url, create=False)).close()


@pytest.mark.parametrize("since", ["0001", "0006", "0008"])
async def test_a_desk_of_an_earlier_version_waits_for_upgrade_and_is_brought_forward(
    desk: PostgresPlace, since: str
) -> None:
    """Its tables are those that the migrations of then made, with a log in them."""
    await busy(desk)
    await desk.close()
    url = await databases().new()
    made_at(since, url, desk.url)
    for _ in range(2):
        with pytest.raises(Unusable, match=r"older version\..*`deskterm upgrade`"):
            await open_store(url)
    assert asked_of(url, "SELECT version_num FROM alembic_version") == [(since,)]
    answers = await asyncio.gather(*(asyncio.to_thread(upgrade, url) for _ in range(2)))
    assert sorted(answers) == sorted([(since, HEAD), (HEAD, HEAD)])
    store, before = await open_store(url, operator="Nora", clock=desk.clock), await desk.open("Nora")
    try:
        assert (await store.verify()).faults == ()
        assert await store.queue(queue_of_all()) == await before.queue(queue_of_all())
        assert [hit.ref for hit in await store.find("router")] == [hit.ref for hit in await before.find("router")]
        assert (await log(store, "voice-1")).events == 2
    finally:
        await store.close()


def made_at(version: str, url: str, like: str) -> None:
    """Make the tables that a version had, and put into them the log of another desk."""
    old, source = writing_engine(address_of(url)), writing_engine(address_of(like))
    with old.begin() as connection, source.begin() as known:
        migrate(connection, version)
        connection.exec_driver_sql(f"COMMENT ON TABLE head IS '{settling.MARK}'")
        for table in (event, receipt):
            connection.execute(table.insert(), [dict(row) for row in known.execute(sa.select(table)).mappings()])
        connection.execute(head.update().values(dict(known.execute(sa.select(head)).mappings().one())))
    old.dispose()
    source.dispose()


async def test_a_newer_desk_or_a_strange_one_is_left(desk: PostgresPlace) -> None:
    await busy(desk)
    await desk.close()
    before = asked_of(desk.url, "SELECT state FROM ticket ORDER BY number")
    asked_of(desk.url, "UPDATE alembic_version SET version_num = '9999'")
    for make in (open_store(desk.url), asyncio.to_thread(upgrade, desk.url)):
        with pytest.raises(Unusable, match="newer deskterm"):
            await make
    url = await databases().new()
    asked_of(url, "CREATE TABLE ticket (number int)")
    for make in (open_store(url), asyncio.to_thread(upgrade, url)):
        with pytest.raises(Unusable, match="another program"):
            await make
    asked_of(desk.url, f"UPDATE alembic_version SET version_num = '{HEAD}'")
    assert asked_of(desk.url, "SELECT state FROM ticket ORDER BY number") == before


async def test_an_upgrade_that_projects_nothing_new_leaves_what_is_projected(desk: PostgresPlace) -> None:
    """The table of who is where is added to the desk of the version before, and used at once."""
    await busy(desk)
    await desk.close()
    asked_of(desk.url, "DROP TABLE presence", f"UPDATE alembic_version SET version_num = '{PLAYED}'")
    with pytest.raises(Unusable, match="deskterm upgrade"):
        await open_store(desk.url)
    before = asked_of(desk.url, "SELECT number, xmin::text FROM ticket ORDER BY number")
    assert await asyncio.to_thread(upgrade, desk.url) == (PLAYED, HEAD)
    assert asked_of(desk.url, "SELECT number, xmin::text FROM ticket ORDER BY number") == before, "no row was written"
    nora, lea = await desk.open("Nora"), await desk.open("Lea")
    at = (await log(nora, "voice-1")).record_id
    await nora.attend(at, "writing")
    assert [each.operator for each in await lea.attend(None)] == ["Nora"]


async def test_a_file_is_for_other_programs_to_make(desk: PostgresPlace, tmp_path: Path) -> None:
    sue = await desk.open("Sue")
    assert (sue.capabilities.shared, sue.capabilities.backup) == (True, False)
    with pytest.raises(Unsupported, match="pg_dump"):
        await sue.backup(tmp_path / "copy")


async def exported(store: LocalStore) -> list[str]:
    lines: list[str] = []
    await store.export(lines.append)
    return lines


async def test_a_desk_goes_to_a_database_and_back_with_every_byte_of_its_history(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    for name in "first", "last":
        (tmp_path / name).mkdir()
    first, last = LocalPlace(tmp_path / "first"), LocalPlace(tmp_path / "last")
    await first.furnish("desk", templates)
    await busy(first)
    source = await first.open("Sue")
    tickets = await source.queue(first_page := queue_of_all())
    await source.seen(tickets.rows[0].id, 3)
    known = uuid4()
    assert [await terminal_number(source, each) for each in (uuid4(), known)] == [13, 14]
    url = await databases().new()
    target, back = await open_store(url, clock=first.clock), await last.open()
    try:
        report = await copy(source, target)
        assert (report, report.faults) == (await source.verify(), ())
        with pytest.raises(Invalid, match="not empty"):
            await copy(source, target)
        assert await copy(target, back) == report
        assert await exported(source) == await exported(target) == await exported(back)
        target_of_sue = await open_store(url, operator="Sue", clock=first.clock)
        assert await target_of_sue.queue(first_page) == tickets
        await target_of_sue.close()
        assert asked_of(url, "SELECT count(*) FROM seen") == [(1,)]
        # R042: who gave references at the old desk goes on at the new one, and nobody else gives the same ones.
        for place in (target, back):
            assert [await terminal_number(place, each) for each in (known, uuid4())] == [14, 15]
    finally:
        await target.close()
        await first.leave()
        await last.leave()


def queue_of_all() -> Any:
    from deskterm.desk.tickets.views import QueueQuery

    return QueueQuery(view="all")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE event SET payload = replace(payload, 'dial', 'dead') WHERE position = 11", "Event 11"),
        ("DELETE FROM event WHERE position = (SELECT max(position) FROM event)", "ends at event"),
        ("UPDATE ticket SET owner = 'Nobody' WHERE number = (SELECT min(number) FROM ticket)", "owner"),
        ("DELETE FROM receipt WHERE command_id = (SELECT command_id FROM event LIMIT 1)", "receipt"),
    ],
)
async def test_what_was_changed_behind_its_back_is_found(desk: PostgresPlace, damage: str, told: str) -> None:
    await busy(desk)
    assert await desk.faults() == ()
    asked_of(desk.url, damage)
    assert told in " ".join(await desk.faults())
    if "ticket" in damage:
        await (await desk.open()).rebuild()
        assert await desk.faults() == ()


async def test_the_shell_copies_and_upgrades_and_shows_no_password(desk: PostgresPlace, tmp_path: Path) -> None:
    async def shell(*words: str) -> Any:
        program = "import sys; from deskterm.cli import main; sys.exit(main())"
        return json.loads(await in_process(program, *words, "--json"))

    url = desk.url.replace("postgres@", "postgres:s3cret@")
    copied = await shell("copy", url, str(tmp_path / "copy.db"))
    assert (copied["from"], copied["events"]) == (url.replace("s3cret", "***"), 10)
    assert (await shell("--store", url, "verify"))["head"] == copied["head"]
    answer = await shell("--store", url, "upgrade")
    assert answer == {"store": url.replace("s3cret", "***"), "before": HEAD, "after": HEAD}


async def test_every_refusal_is_one_of_the_stores_own(desk: PostgresPlace) -> None:
    for url in (desk.url.replace("/test", "/none"), desk.url.replace("postgres@", "nobody@")):
        with pytest.raises(StoreError) as refused:
            await open_store(url)
        assert refused.value.message.endswith((".", "one."))


@pytest.mark.slow
@pytest.mark.parametrize("made", ["tests.store.postgres_server.Databases", "tests.faults.shared_places.Postgres"])
def test_the_server_of_a_run_that_was_killed_is_ended_by_the_next(made: str) -> None:
    """Nothing of it stays behind, be it a process or a file; a run that still lives keeps its own."""
    module, _, name = made.rpartition(".")
    program = f"import time; from {module} import {name}; print({name}().folder, flush=True); time.sleep(600)"
    root = Path(__file__).parents[2]
    run = subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert run.stdout is not None
        folder = run.stdout.readline().strip()
        server = Path(folder, "postmaster.pid").read_text().split()[0]
        clear_away()
        assert Path(folder, "PG_VERSION").exists()
        os.kill(int(server), 0)
    finally:
        run.kill()
        run.communicate()
    clear_away()
    assert not Path(folder).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(server), 0)
    assert Path(databases().folder, "PG_VERSION").exists()
