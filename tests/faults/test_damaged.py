"""A thousand damaged stores: no traceback, nothing changed, each told apart, and nothing wrong is taken for right."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import sys
from collections import Counter
from contextlib import closing, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from time import monotonic

import pytest

from deskterm.cli.entry import run
from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store import examining, preparing
from deskterm.store.base import NotFound, StoreError
from deskterm.store.local import LocalStore
from deskterm.store.opening import open_store
from deskterm.store.schema import HEAD, metadata
from tests.cli.conftest import Answer, program
from tests.faults.damages import DAMAGED, KINDS, PAGE, ROWS, WHOLE, Damage, contents, drawn, laid_out, log_of, told_as
from tests.store.conftest import CUSTOMERS, DESK_SOURCE, LocalPlace, busy, facts, log

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
UNPROVEN = {"seen", "receipt"}
"""What nothing in the log can wholly prove: what somebody has read, and how a command was worded."""
VERIFIED = "found by verify"
SEED = int(os.environ.get("DESKTERM_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
PARTS = 4
WAYS_OUT = ("deskterm ", "Name another", "name another", "Name a file", "Make it", "Remove it", "Update", "cannot hold")
"""One of these is in every sentence: what to do now."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What damage is done to: a sound store, one that a crash left with calls in its log, and what both hold."""

    path: Path
    crashed: Path
    events: list[str]
    rows: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """A sound store, one that a crash left with its last calls in the write-ahead log, and what both hold."""
    return asyncio.run(_made(tmp_path_factory.mktemp("sound"), tmp_path_factory.mktemp("crashed") / "desk.db"))


async def _made(folder: Path, crashed: Path) -> Sound:
    place = LocalPlace(folder)
    store = await place.open()
    await store.submit(c.LoadDesk(name="northgate.toml", source=DESK_SOURCE))
    for entry in CUSTOMERS:
        await store.submit(c.Register(entry=entry))
    await place.close()
    await busy(place)
    nora = await place.open("Nora")
    for number in range(5):
        await log(nora, "voice-1", summary=f"Late call {number}")
    shutil.copy(place.path, crashed)
    shutil.copy(log_of(place.path), log_of(crashed))
    lines: list[str] = []
    await nora.export(lines.append)
    await place.close()
    assert log_of(crashed).stat().st_size > 0
    rows = rows_of(place.path)
    assert rows is not None
    return Sound(place.path, crashed, [line for line in lines if line.startswith('{"event"')], rows)


async def looked_at(store: LocalStore) -> None:
    """Read a bit of everything."""
    await store.desk()
    page = await store.queue(QueueQuery(view="all"))
    await store.counts()
    await store.views()
    await store.find("dial tone")
    await store.callers("Northgate")
    await store.solutions("headset")
    await store.groups("router")
    for row in page.rows[:3]:
        seen = await store.ticket(row.id)  # as the queue opens it
        await store.card(seen.ticket.contact_id, seen.ticket.company_id, seen.ticket)
    await store.tickets(tuple(row.id for row in page.rows))


async def worked_at(path: Path, folder: Path) -> None:
    """Go to work at a copy of what opens: what is wrong in it may refuse a call, but only in words."""
    shutil.copytree(path.parent, folder)
    try:
        store = await open_store(str(folder / path.name), operator="Nora")
    except StoreError:
        return
    try:
        for command in (c.LogCall(facts=facts()), c.Register(entry=CUSTOMERS[0]), c.SaveView(name="Mine", base="open")):
            with suppress(StoreError):
                receipt = await store.submit(command)
                if command.kind == "LogCall":
                    await store.submit(c.HandOff(ticket=receipt.record_id, to="voice-1"))
        with suppress(StoreError):
            await looked_at(store)
        with suppress(StoreError):
            await store.rebuild()
    finally:
        await store.close()


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]] | None:
    """Every row of every table but the full-text index's, byte for byte; None where they cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            connection.text_factory = bytes
            return {
                name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
                for name in metadata.tables
            }
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def _plain(message: str, path: Path) -> str:
    """What a refusal says, which has to be a sentence about the file."""
    assert str(path) in message
    assert message.endswith(".")
    return told_as(message)


async def judged(path: Path, damage: Damage, sound: Sound) -> str:
    """What a damaged store is told to be. Fails where something wrong is taken for right."""
    is_same = not damage.with_log and path.is_file() and rows_of(path) == sound.rows
    try:
        store = await open_store(str(path), create=False)
    except StoreError as error:
        return _plain(error.message, path)
    told = WHOLE
    try:
        try:
            await looked_at(store)
        except NotFound:
            told = VERIFIED  # what is listed is not there: an index lies, and `verify` has to say so
        except StoreError as error:
            told = told_as(error.message)
        if is_same and told == WHOLE:
            return told
        report = await store.verify()
        if not report.sound:
            assert all(fault.endswith(".") for fault in report.faults)
            return told if told != WHOLE else VERIFIED
        assert told == WHOLE, f"cannot be read ({told}), and verify finds nothing"
        if not damage.with_log:
            found = rows_of(path) or {}
            wrong = {name for name, rows in sound.rows.items() if found.get(name) != rows}
            assert wrong <= UNPROVEN, f"other rows than were written in {wrong}, and verify finds nothing"
        lines: list[str] = []
        await store.export(lines.append)
        kept = [line for line in lines if line.startswith('{"event"')]
        assert kept == sound.events[: len(kept)], "other words than were logged, and verify finds nothing"
    except StoreError as error:
        told = told_as(error.message)
    finally:
        await store.close()
    return told


async def salvaged(path: Path) -> None:
    """A damaged store may be verified and exported as far as it goes; that changes nothing either."""
    try:
        store = await open_store(str(path), create=False, salvage=True)
    except StoreError:
        return
    try:
        assert not (await store.verify()).sound
        await store.export(lambda _line: None)
    except StoreError:
        pass
    finally:
        await store.close()


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_thousand_damaged_files(part: int, stores: Sound, tmp_path: Path) -> None:
    """No traceback, no byte changed, each told apart; what opens is as it was, or `verify` says where it is not."""
    sys.stdout.write(f"\nDESKTERM_SEED={SEED} gives these files again.\n")
    began = monotonic()
    tally: Counter[str] = Counter()
    failed: list[str] = []
    for number, (damage, chance) in enumerate(drawn(SEED + part, 1000 // PARTS)):
        folder = tmp_path / str(number)
        path = laid_out(damage, chance, stores.path, stores.crashed, folder)
        before = contents(folder)
        try:
            told = await judged(path, damage, stores)
            assert told in damage.may_be | ({VERIFIED} if WHOLE in damage.may_be else set()), told
            # Whole transactions that a crash left in the write-ahead log are folded in by whoever opens the store.
            if told not in (WHOLE, VERIFIED) or not damage.with_log:
                assert contents(folder) == before, f"{told}, and changed"
            if told == DAMAGED and number % 10 == 0:
                await salvaged(path)
                assert contents(folder) == before, "changed by salvage"
            if told in (VERIFIED, ROWS) and number % 4 == 0:
                await worked_at(path, tmp_path / f"{number}-at-work")
        except Exception as error:  # noqa: BLE001 (each of a thousand has its say)
            failed.append(f"file {number} of {SEED + part}, {damage.name}: {type(error).__name__}: {str(error)[:200]}")
        else:
            tally[f"{damage.name}: {told}"] += 1
        shutil.rmtree(folder)
    for line, count in sorted(tally.items()):
        sys.stdout.write(f"  {count:4} {line}\n")
    sys.stdout.write(f"  {sum(tally.values())} files in {monotonic() - began:.0f} s\n")
    assert not failed, "\n".join(failed)


async def test_the_judge_sees_a_store_that_is_opened_without_a_look(
    stores: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness is proven: with no check on opening, damage is found late, told wrongly or not at all."""
    monkeypatch.setattr(preparing, "examine", lambda _path: None)
    monkeypatch.setattr(examining, "revision", lambda _path: HEAD)
    wrong = 0
    for number, (damage, chance) in enumerate(drawn(SEED, 60)):
        path = laid_out(damage, chance, stores.path, stores.crashed, tmp_path / str(number))
        if path.is_fifo():
            continue  # which would wait for ever for somebody to write
        before = contents(path.parent)
        try:
            told = await judged(path, damage, stores)
            allowed = told in damage.may_be | ({VERIFIED} if WHOLE in damage.may_be else set())
            wrong += not allowed or (told not in (WHOLE, VERIFIED) and contents(path.parent) != before)
        except Exception:  # noqa: BLE001
            wrong += 1
    assert wrong > 10


def here(*line: str) -> Answer:
    """Run a command line in this process."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as trouble:
        code = run(line)
    return Answer(code, out.getvalue(), trouble.getvalue())


def test_the_shell_names_each_state_and_the_way_out(stores: Sound, tmp_path: Path) -> None:
    """`doctor` on one file of each kind: a sentence, exit status 1, and nothing changed."""

    def asked(number: int, damage: Damage, chance: random.Random) -> None:
        path = laid_out(damage, chance, stores.path, stores.crashed, tmp_path / str(number))
        before = contents(path.parent)
        # As a program of its own for some, which takes a second each.
        answer = (program if number % 6 == 0 else here)("--store", str(path), "doctor", "--json")
        assert "Traceback" not in answer.err
        said = {check["about"]: check for check in answer.json["checks"]}
        if said["store"]["well"]:
            assert WHOLE in damage.may_be or ROWS in damage.may_be, damage.name
            return
        assert told_as(said["store"]["said"]) in damage.may_be, f"{damage.name}: {said['store']['said']}"
        assert answer.code == 1
        assert any(word in said["store"]["said"] for word in WAYS_OUT), said["store"]["said"]
        assert contents(path.parent) == before, damage.name

    for number, (damage, chance) in enumerate(drawn(SEED, len(KINDS) + 1)):
        asked(number, damage, chance)


async def test_verify_says_which_record_was_changed(stores: Sound, tmp_path: Path) -> None:
    path = Path(shutil.copy(stores.path, tmp_path / "desk.db"))
    block = path.read_bytes()
    words = b"Rang the site; nobody there"
    assert block.count(words) >= 1
    path.write_bytes(block.replace(words, b"Rang the site; nobody thXre"))
    store = await open_store(str(path))
    (ticket,) = [row.ref for row in (await store.queue(QueueQuery(view="all"))).rows if "dial" in row.summary][:1]
    report = await store.verify()
    await store.close()
    assert report.faults[0].startswith("Event ")
    assert f"(Noted on ticket {ticket})" in report.faults[0]


async def test_a_damaged_desk_whose_log_can_be_read_is_saved_by_export(stores: Sound, tmp_path: Path) -> None:
    """The way out that is named: what is made from the log may be gone altogether."""
    path = Path(shutil.copy(stores.path, tmp_path / "desk.db"))
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ticket'").fetchone()
    block = path.read_bytes()
    path.write_bytes(block[: (root - 1) * PAGE] + b"\xa5" * PAGE + block[root * PAGE :])
    assert program("--store", str(path), "list").code == 1
    listed = program("--store", str(path), "verify", "--json")
    assert (listed.code, listed.json["sound"]) == (1, False)
    saved, new = tmp_path / "rescued.jsonl", tmp_path / "new.db"
    assert program("--store", str(path), "export", str(saved)).code == 0
    assert program("--store", str(new), "import", str(saved)).code == 0
    assert [line for line in saved.read_text().splitlines(keepends=True) if '{"event"' in line] == stores.events
