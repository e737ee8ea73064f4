"""Power cuts: a file system that stops as it is, with a store and drafts on it that were being written.

Really made where that is allowed (ext4 in a file, shut down through its ioctl with nothing flushed, mounted again).
The writer says on its standard output, which is no file, what it was told is safe. All of that has to be there after.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deskterm.store.drafts import Journal
from deskterm.store.opening import open_store
from tests.faults.pty_driver import environment
from tests.robot import store_url

_SHUTDOWN: Final = 0x8004587D  # EXT4_IOC_SHUTDOWN
_NO_FLUSH: Final = 2  # EXT4_GOING_FLAGS_NOLOGFLUSH: what is not on disk by now never gets there
_MEGABYTES: Final = 64

WRITER: Final = """
import asyncio, sys
from pathlib import Path
from deskterm.desk.commands import LogCall
from deskterm.desk.records.ticket import Facts
from deskterm.store.drafts import Journal
from deskterm.store.opening import open_store
async def main(folder, url):
    store = await open_store(url, operator="ada")
    journal = Journal(folder / "drafts")
    for n in range(10**6):
        facts = Facts(type="incident", summary=f"Call {n}", impact="1", urgency="1")
        receipt = await store.submit(LogCall(facts=facts))
        print("call", receipt.ref, n, flush=True)
        draft = journal.open("call", draft_id=f"draft-{n % 5}-{n // 50}")
        draft.write("summary", f"Words of {n}")
        if draft.flush():
            print("draft", draft.id, n, flush=True)
        if n % 50 > 44:
            draft.finish(receipt.ref)
            print("finished", draft.id, n, flush=True)
asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


class NotAllowed(Exception):
    """This machine lets nobody make a power cut; the message says why."""


@dataclass
class Promised:
    """What the writer was told is safe."""

    calls: dict[str, str] = field(default_factory=dict)
    """Reference -> summary."""
    drafts: dict[str, int] = field(default_factory=dict)
    """Draft -> the last number that was saved in it."""

    def hear(self, line: str) -> None:
        """Take one line of the writer."""
        what, name, number = line.split()
        if what == "call":
            self.calls[name] = f"Call {number}"
        elif what == "draft":
            self.drafts[name] = int(number)
        else:
            self.drafts.pop(name, None)


@contextmanager
def file_system(folder: Path) -> Iterator[Path]:
    """An ext4 of its own, mounted; raises NotAllowed where that cannot be had."""
    image, place = folder / "disk.img", folder / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(_MEGABYTES * 2**20)
    _run("mkfs.ext4", "-q", "-F", str(image))
    _mount(image, place)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)


def cut(place: Path) -> None:
    """Stop the file system as it is."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _NO_FLUSH))
    except OSError as error:
        raise NotAllowed(f"this file system cannot be shut down: {error.strerror}") from error
    finally:
        os.close(descriptor)


def writes_until_cut(home: Path, place: Path, lines: int, planted: str = "") -> Promised:
    """Let the writer work until it was promised so many things, then cut the power."""
    command = [sys.executable, "-c", f"{planted}\n{WRITER}", str(place), store_url(place)]
    told = b""
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0, env=environment(home))
    assert writer.stdout is not None
    try:
        while told.count(b"\n") < lines:
            block = writer.stdout.read(65536)
            assert block, f"the writer ended after {told!r}"
            told += block
        writer.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, writer.pid, os.WSTOPPED | os.WEXITED)
        os.set_blocking(writer.stdout.fileno(), False)
        told += writer.stdout.read() or b""
        cut(place)
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    promised = Promised()
    for line in told.decode().splitlines(keepends=True):
        if line.endswith("\n"):
            promised.hear(line)
    return promised


def comes_back(place: Path, image: Path) -> None:
    """Mount it again, as after a power cut."""
    _run("umount", str(place))
    _mount(image, place)


async def broken_promises(place: Path, promised: Promised) -> list[str]:
    """Hold what is left against what was promised."""
    found: list[str] = []
    store = await open_store(store_url(place), operator="ada")
    try:
        for ref, summary in promised.calls.items():
            try:
                ticket = (await store.ticket(ref)).ticket
            except Exception as error:  # noqa: BLE001 - whatever stands in the way of a call, it is lost
                found.append(f"call {ref} is lost: {error}")
            else:
                if ticket.summary != summary:
                    found.append(f"call {ref} is {ticket.summary!r}, not {summary!r}")
        found += [f"the desk does not verify: {fault}" for fault in (await store.verify()).faults]
    finally:
        await store.close()
    kept = {draft.id: draft for draft in Journal(place / "drafts").drafts()}
    for draft_id, number in promised.drafts.items():
        words = kept[draft_id].fields.get("summary", "") if draft_id in kept else ""
        if not words or int(words.split()[-1]) < number:
            found.append(f"draft {draft_id} has {words!r}, not the words of {number}")
    return found


def after_a_cut(home: Path, lines: int, planted: str = "") -> tuple[Promised, list[str]]:
    """One power cut from beginning to end: what was promised, and what of it was broken."""
    with file_system(home) as place:
        (place / "desk.db").write_bytes((home / "desk.db").read_bytes())
        os.sync()
        promised = writes_until_cut(home, place, lines, planted)
        comes_back(place, home / "disk.img")
        try:
            return promised, asyncio.run(broken_promises(place, promised))
        except Exception as error:  # noqa: BLE001 - a store that cannot be opened any more has broken them all
            return promised, [f"the desk cannot be opened: {error}"]


def _mount(image: Path, place: Path) -> None:
    _run("mount", "-o", "loop,noatime", str(image), str(place))


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotAllowed(f"there is no {command[0]} here") from None
    if done.returncode:
        raise NotAllowed(f"{command[0]} says {done.stderr.strip() or done.returncode}")
