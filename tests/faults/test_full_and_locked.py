"""A disk without room, and a desk that another program holds for too long: said plainly, nothing lost, work goes on."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store import connections
from deskterm.store.base import Offline
from deskterm.store.drafts import Journal
from deskterm.store.opening import open_store
from tests.cli.conftest import furnished as furnished
from tests.cli.conftest import program
from tests.store.conftest import LocalPlace, facts, log
from tests.store.conftest import templates as templates

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
LOG = ("log", "--summary", "No dial tone", "--impact", "1", "--urgency", "1", "--to", "noc", "--json")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, really mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk: the limit on file sizes is tried instead")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no room at all; what this returns holds it."""
    filler = folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        for _ in range(10_000):
            file.write(bytes(4096))
    return filler


async def test_a_full_disk_refuses_calls_keeps_drafts_in_memory_and_goes_on(
    small_disk: Path, templates: dict[str, Path]
) -> None:
    place = LocalPlace(small_disk)
    shutil.copy(templates["desk"], place.path)
    nora = await place.open("Nora")
    first = await log(nora)
    journal = Journal(small_disk / "drafts")
    draft = journal.open("call")
    draft.write("summary", "No dial")
    assert draft.flush()
    filler = fill(small_disk)
    call = c.LogCall(facts=facts(description="Words " * 20_000))
    for _ in range(3):
        with pytest.raises(Offline, match=r"disk that holds .* is full\. Nothing was written"):
            await nora.submit(call)
    assert (await nora.ticket(first.ref)).ticket.ref == first.ref, "what is there can be read"
    draft.write("summary", "No dial tone at reception " * 400)
    assert not draft.flush()
    assert "the disk is full" in str(journal.trouble)
    filler.unlink()
    receipt = await nora.submit(call)
    assert draft.flush()
    assert journal.trouble is None
    journal.close()
    assert len((await nora.queue(QueueQuery(view="all"))).rows) == 2
    assert (await nora.ticket(receipt.ref)).ticket.description.startswith("Words")
    assert (await nora.verify()).sound
    await place.close()


def test_the_shell_says_that_the_disk_is_full(small_disk: Path, furnished: Path) -> None:
    store = small_disk / "desk.db"
    shutil.copy(furnished, store)
    before = store.read_bytes()
    filler = fill(small_disk)
    for line in (LOG, ("backup", str(small_disk / "safe.db"), "--json")):
        refused = program("--store", str(store), *line)
        assert refused.code == 1
        assert "is full" in refused.error["message"], refused
        assert "Traceback" not in refused.err
    doctor = program("--store", str(store), "doctor")
    assert doctor.code == 1
    assert "make room" in doctor.out
    new = program("--store", str(small_disk / "new.db"), "desk", "load", "managed-network", "--json")
    assert "is full" in new.error["message"]
    assert not (small_disk / "new.db").exists()
    assert not list(small_disk.glob("*safe*")) + list(small_disk.glob(".*"))
    assert store.read_bytes() == before
    filler.unlink()
    assert program("--store", str(store), *LOG).code == 0
    assert program("--store", str(store), "verify").code == 0


def test_the_shell_where_no_file_may_grow(furnished: Path, tmp_path: Path) -> None:
    """The same without any privilege: a quota on the size of files."""
    store = Path(shutil.copy(furnished, tmp_path / "desk.db"))
    before = store.read_bytes()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    command = [sys.executable, "-m", "deskterm", "--store", str(store), *LOG]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert done.returncode == 1, done
    assert "Nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert store.read_bytes() == before
    assert program("--store", str(store), *LOG).code == 0
    assert program("--store", str(store), "verify").code == 0


@contextlib.contextmanager
def held_by_another_program(path: Path) -> Iterator[None]:
    """Another process begins to write to a store, and does not end."""
    words = f"import sqlite3; c = sqlite3.connect({str(path)!r}, isolation_level=None); c.execute('BEGIN IMMEDIATE'); "
    other = subprocess.Popen(
        [sys.executable, "-c", words + "print('held', flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    try:
        yield
    finally:
        other.communicate("\n")


async def test_a_desk_that_another_program_holds(
    templates: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections.open_file, "__kwdefaults__", {"timeout": 0.2})
    place = LocalPlace(tmp_path)
    shutil.copy(templates["desk"], place.path)
    nora = await place.open("Nora")
    call = c.LogCall(facts=facts())
    with held_by_another_program(place.path):
        for _ in range(2):
            with pytest.raises(Offline, match=r"another program keeps it locked\. Nothing was written"):
                await nora.submit(call)
        assert (await nora.queue(QueueQuery())).rows == ()
        lea = await open_store(str(place.path), operator="Lea")
        assert (await lea.queue(QueueQuery())).rows == (), "a desk opens and is read while it is held"
        await nora.backup(tmp_path / "safe.db")
        await lea.close()
    receipt = await nora.submit(call)
    assert (await nora.submit(call)) == receipt
    assert len((await nora.queue(QueueQuery(view="all"))).rows) == 1
    await place.close()


def test_the_shell_at_a_desk_that_another_program_holds(furnished: Path, tmp_path: Path) -> None:
    """Waits as long as it waits for anybody, five seconds, and then says so."""
    store = Path(shutil.copy(furnished, tmp_path / "desk.db"))
    with held_by_another_program(store):
        assert program("--store", str(store), "list", "--json").code == 0
        refused = program("--store", str(store), *LOG)
        assert (refused.code, refused.error["kind"]) == (1, "offline")
        assert "another program keeps it locked" in refused.err
        doctor = program("--store", str(store), "doctor")
        assert doctor.code == 1
        assert "another program keeps it locked" in " ".join(doctor.out.split())
    assert program("--store", str(store), *LOG).code == 0
