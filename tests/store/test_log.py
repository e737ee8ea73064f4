"""The log of a local store: verified, rebuilt, exported and imported."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.along import terminal_number
from deskterm.store.base import Invalid
from deskterm.store.connections import Connections
from deskterm.store.schema import PROJECTIONS
from deskterm.store.verifying import check_full_text, verify
from tests.store.conftest import LocalPlace, busy, log

pytestmark = pytest.mark.anyio

LOG = ("event", "head")


def dump(path: Path, *tables: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of some tables, as the database holds it."""
    connection = sqlite3.connect(path)
    try:
        return {table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables}
    finally:
        connection.close()


PROJECTED = tuple(table.name for table in PROJECTIONS)


@pytest.fixture
async def morning(templates: dict[str, Path], tmp_path: Path) -> LocalPlace:
    """A local store after a busy morning, closed."""
    place = LocalPlace(tmp_path)
    shutil.copy(templates["desk"], place.path)
    await busy(place)
    await place.close()
    return place


async def test_a_healthy_store_verifies(morning: LocalPlace) -> None:
    store = await morning.open("Nora")
    report = await store.verify()
    assert report.faults == ()
    assert report.sound
    assert report.events > 25
    assert dump(morning.path, "head")["head"] == [(1, report.events, report.head)]
    await morning.close()


async def test_rebuilding_gives_the_same_rows_byte_for_byte(morning: LocalPlace) -> None:
    before = dump(morning.path, *PROJECTED)
    assert all(before[table] for table in PROJECTED)
    connection = sqlite3.connect(morning.path)
    connection.executescript("UPDATE ticket SET summary = 'spoilt'; DELETE FROM handle; DELETE FROM tally;")
    connection.close()
    store = await morning.open("Nora")
    assert not (await store.verify()).sound
    assert await store.rebuild() == (await store.verify()).events
    assert (await store.verify()).faults == ()
    assert [row.summary for row in (await store.queue(QueueQuery(text="dial"))).rows] == ["No dial tone at reception"]
    await morning.close()
    assert dump(morning.path, *PROJECTED) == before


def tamper(path: Path, chance: random.Random) -> str:
    """Change one value of one row somewhere in the log or the projections; returns what was changed."""
    connection = sqlite3.connect(path)
    try:
        while True:
            table = chance.choice([*LOG, *PROJECTED, "event", "event", "ticket"])
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            keys = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
            row = chance.choice(connection.execute(f"SELECT {', '.join(keys)} FROM {table}").fetchall())
            where = " AND ".join(f"{key} IS ?" for key in keys)
            if chance.random() < 0.1:
                connection.execute(f"DELETE FROM {table} WHERE {where}", row)
                connection.commit()
                return f"{table} {row} deleted"
            column = chance.choice(columns)
            (old,) = connection.execute(f"SELECT {column} FROM {table} WHERE {where}", row).fetchone()
            new: object
            if isinstance(old, int):
                new = old + chance.choice([-1, 1, 1000])
            elif old is None:
                new = chance.choice(["", 0, "x"])
            else:
                place = chance.randrange(len(old) + 1)
                new = chance.choice(
                    [old[:place] + chance.choice('a0 "x') + old[place + 1 :], old + " ", old[:-1], None]
                )
            try:
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (new, *row))
            except sqlite3.IntegrityError:
                continue
            same = f"SELECT {column} IS ? FROM {table} WHERE {where}"
            kept = connection.execute(same, (old, *row)).fetchone()
            if kept is not None and kept[0]:
                continue
            connection.commit()
            return f"{table}.{column} of {row}: {old!r} -> {new!r}"
    finally:
        connection.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_each_of_200_random_tamperings_is_found(morning: LocalPlace, tmp_path: Path) -> None:
    chance = random.Random(20261121)
    unnoticed = []
    for _ in range(200):
        copy = tmp_path / "tampered.db"
        shutil.copy(morning.path, copy)
        what = tamper(copy, chance)
        connections = Connections(copy)
        try:
            report = await connections.read(verify)
            faults = report.faults + await connections.write(check_full_text)
        finally:
            connections.close()
        if not faults:
            unnoticed.append(what)
    assert unnoticed == []


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM event WHERE position = (SELECT max(position) FROM event)",
        "DELETE FROM event WHERE position = 20",
        "INSERT INTO ticket_fts(rowid, words) VALUES (10000, 'planted')",
        "DELETE FROM receipt WHERE command_id = (SELECT command_id FROM event WHERE position = 20)",
        "UPDATE receipt SET answer = replace(answer, '\"position\":2', '\"position\":3')",
        "UPDATE alembic_version SET version_num = '0000'",
    ],
)
async def test_what_is_cut_off_or_planted_is_found(morning: LocalPlace, damage: str) -> None:
    store = await morning.open("Nora")
    connection = sqlite3.connect(morning.path)
    connection.execute(damage)
    connection.commit()
    connection.close()
    report = await store.verify()
    assert report.faults
    assert all(fault.endswith(".") for fault in report.faults)
    await morning.close()


CHANGED: dict[str, list[str]] = {
    "version = 9": ["it says version 9 of its record, where 2 is due", "it was changed, its hash does not fit"],
    "previous_hash = ''": [
        "it does not follow from the event before it on its record", "it was changed, its hash does not fit"
    ],
    "at = 1": ["it is older than the event before it on its record", "it was changed, its hash does not fit"],
    "payload = replace(payload, 'voice-1', 'voice-2')": [
        "it was changed, its words are not those that were logged"
    ],
    "kind = 'Taken'": ["it calls itself Taken, and its words say otherwise", "it was changed, its hash does not fit"],
    "actor = 'Tom'": ["it was changed, its hash does not fit"],
}  # fmt: skip
"""What somebody may do to an event, and what is said of it then."""


@pytest.mark.parametrize("change", CHANGED)
async def test_a_finding_says_what_is_wrong_with_which_event_of_which_ticket(
    templates: dict[str, Path], tmp_path: Path, change: str
) -> None:
    place = LocalPlace(tmp_path)
    shutil.copy(templates["desk"], place.path)
    store = await place.open("Nora")
    receipt = await log(store, "voice-1")
    await place.close()
    with contextlib.closing(sqlite3.connect(place.path)) as connection, connection:
        connection.execute(f"UPDATE event SET {change} WHERE position = ?", (receipt.position,))
    connections = Connections(place.path)
    try:
        report = await connections.read(verify)
    finally:
        connections.close()
    kind = "Taken" if "kind" in change else "HandedOff"
    told = f"Event {receipt.position} ({kind} on ticket {receipt.ref}): {'; '.join(CHANGED[change])}."
    assert report.faults == (told,)


async def test_erased_words_do_not_break_the_chain(morning: LocalPlace) -> None:
    """The chain covers the hash of a payload, so that the payload itself can go when the law demands it."""
    connection = sqlite3.connect(morning.path)
    connection.execute("UPDATE event SET payload = NULL WHERE kind = 'Noted'")
    connection.commit()
    connection.close()
    store = await morning.open("Nora")
    await store.rebuild()
    assert (await store.verify()).faults == ()
    assert (await store.queue(QueueQuery(view="all", text="rang the site"))).rows == ()
    await morning.close()


async def test_an_export_imported_into_an_empty_store_is_the_same_log(
    morning: LocalPlace, templates: dict[str, Path], tmp_path: Path
) -> None:
    store = await morning.open("Nora")
    lines: list[str] = []
    await store.export(lines.append)
    assert all(line.endswith("\n") and line[:-1].isascii() and line[:-1].isprintable() for line in lines)
    (tmp_path / "copy").mkdir()
    other = LocalPlace(tmp_path / "copy")
    shutil.copy(templates["empty"], other.path)
    copy = await other.open()
    events = await copy.import_log(iter(lines))
    again: list[str] = []
    await copy.export(again.append)
    assert again == lines
    assert events == json.loads(lines[0])["events"]
    assert (await copy.verify()).faults == ()
    with pytest.raises(Invalid, match="not empty"):
        await copy.import_log(lines)
    assert await terminal_number(copy, uuid4()) == 13, "R042: 12 has given references, which stay the only ones"
    await other.close()
    await morning.close()
    everything = (*LOG, "receipt", *PROJECTED)
    assert dump(other.path, *everything) == dump(morning.path, *everything)


async def test_a_command_carried_out_before_an_export_is_not_carried_out_again_after_it(
    templates: dict[str, Path], morning: LocalPlace, tmp_path: Path
) -> None:
    store = await morning.open("Nora")
    receipt = await log(store)
    note = c.AddNote(ticket=receipt.record_id, text="Once")
    first = await store.submit(note)
    lines: list[str] = []
    await store.export(lines.append)
    await morning.close()
    (tmp_path / "copy").mkdir()
    other = LocalPlace(tmp_path / "copy")
    shutil.copy(templates["empty"], other.path)
    copy = await other.open()
    await copy.import_log(lines)
    assert await copy.submit(note) == first
    await other.close()


@pytest.mark.parametrize("spoil", ["cut", "edit", "swap", "noise", "empty", "newer"])
async def test_an_export_that_is_not_whole_is_refused_and_changes_nothing(
    morning: LocalPlace, templates: dict[str, Path], tmp_path: Path, spoil: str
) -> None:
    store = await morning.open("Nora")
    lines: list[str] = []
    await store.export(lines.append)
    await morning.close()
    match spoil:
        case "cut":
            lines = lines[:12]
        case "edit":
            lines = [line.replace("Harbour", "Harbor") for line in lines]
        case "swap":
            lines[5], lines[6] = lines[6], lines[5]
        case "noise":
            lines.insert(4, '{"event": 5}\n')
        case "empty":
            lines = []
        case "newer":
            lines[0] = lines[0].replace('"deskterm":1', '"deskterm":99')
    (tmp_path / "copy").mkdir()
    other = LocalPlace(tmp_path / "copy")
    shutil.copy(templates["empty"], other.path)
    copy = await other.open()
    with pytest.raises(Invalid):
        await copy.import_log(lines)
    assert (await copy.verify()).events == 0
    await other.close()
