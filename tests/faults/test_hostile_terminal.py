"""A stranger's words on a real terminal: the app, its floods, and programs of the shell with bytes that are no text."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deskterm.store.drafts import Journal
from tests.faults.hostile import SEED, Hostile
from tests.faults.hostile_desk import lay_out
from tests.faults.judge import faults_of_lines, judged, shapes
from tests.faults.pty_driver import MAIN, Terminal, environment
from tests.faults.test_hostile_screens import ANSWERS
from tests.robot import Clock, furnish, log_ticket

pytestmark = pytest.mark.slow

SECONDS_TO_ANSWER = 20.0
"""So long may an answer take on a machine that does much else; how long it took is printed."""
BYTES_ON_THE_LINE = (b"\xff\xfe", b"\x80", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"")
"""What no UTF-8 text holds, for the command line."""
WALK = (
    "5", "down", "down", "enter", "i", "i", "a", "escape", "n", "escape", "escape", "/", "z", "escape", "?", "escape",
    "f2", "z", "escape", "f12", "escape", ":", "escape",
)  # fmt: skip


def walked(folder: Path, answers: tuple[str, ...] = ()) -> Terminal:
    """The app after a walk in it, while which the terminal says things that nobody asked it for."""
    with Terminal(folder) as terminal:
        terminal.waits_for("● live")
        for number, key in enumerate(WALK):
            terminal.press(key)
            terminal.watches(0.3)
            if answers:
                terminal.send(answers[number % len(answers)].encode())
                terminal.watches(0.1)
        terminal.press("ctrl+q")
        assert terminal.ends() == 0
    return terminal


def test_the_real_terminal(tmp_path: Path, counted: Callable[[Hostile], None]) -> None:
    """What the app sends to a terminal is what it sends where nobody wrote anything hostile."""
    plain, spoilt = tmp_path / "plain", tmp_path / "spoilt"
    for folder in (plain, spoilt):
        folder.mkdir()
    asyncio.run(furnish(plain))
    asyncio.run(log_ticket(plain, Clock(), to="net-2", summary="No dial tone"))
    hostile = Hostile("terminal")
    asyncio.run(lay_out(spoilt, hostile, tickets=3, drafts=3))
    known = shapes(bytes(walked(plain).raw))
    terminal = walked(spoilt, ANSWERS)
    verdict = judged(bytes(terminal.raw), known)
    assert verdict.faults == [], f"DESKTERM_SEED={SEED}\n" + "\n".join(verdict.faults)
    assert sum(given.mark in verdict.drawn for given in hostile.given) > 20
    left = [draft.fields for draft in Journal(spoilt / "state" / "drafts").drafts()]
    assert all("rgb:" not in words and "owned" not in words for fields in left for words in fields.values()), left
    counted(hostile)


def test_programs(tmp_path: Path, counted: Callable[[Hostile], None]) -> None:
    """Commands as programs of their own, given bytes, through a pipe and on a terminal."""
    hostile = Hostile("programs")
    asyncio.run(furnish(tmp_path))
    asyncio.run(log_ticket(tmp_path, Clock(), to="net-2", summary=hostile.line().text, company=hostile.line().text))
    lines = (
        ("log", "--summary"),
        ("find",),
        ("note", "1000-09"),
        ("show",),
        ("desk", "check"),
        ("import",),
        (),
        ("take",),
    )
    for number in range(24):
        said = hostile.line().text.replace("\0", "").encode("utf-8", "surrogatepass")
        line = [*lines[number % len(lines)], said + BYTES_ON_THE_LINE[number % len(BYTES_ON_THE_LINE)]]
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *line], env=environment(tmp_path), capture_output=True, check=False, timeout=60
        )
        wrong = [*faults_of_lines(done.stdout), *faults_of_lines(done.stderr)]
        assert (done.returncode in (0, 1, 2), wrong) == (True, []), f"DESKTERM_SEED={SEED}: {line!r} {done!r}"
    known = frozenset({"control 0a", "control 0d", "SGR 0", "SGR 1", "SGR 2", "SGR 3x"})
    for args in (("list", "--all"), ("show", "1000-09"), ("desk", "show")):
        with Terminal(tmp_path, args=args) as terminal:
            assert terminal.ends() == 0
        assert judged(bytes(terminal.raw), known).faults == [], f"DESKTERM_SEED={SEED}"
    counted(hostile)


def random_bytes(size: int) -> bytes:
    return random.Random(SEED).randbytes(size)


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(lambda: random_bytes(10_000_000), id="10 MB of random bytes"),
        pytest.param(lambda: b"\xff\xfe\xc3\x28\xed\xa0\x80" * 200_000, id="1.4 MB that is no UTF-8"),
        pytest.param(lambda: b"\x1b[200~an unfinished paste", id="an unfinished paste"),
        pytest.param(lambda: b"\x1b[200~" + b"pasted words " * 80_000 + b"\x1b[201~", id="a paste of 1 MB"),
        pytest.param(lambda: b"\x1b]11;rgb:" + b"d" * 500_000, id="an unfinished answer"),
    ],
)
def test_a_flood(tmp_path: Path, flood: Callable[[], bytes], capfd: pytest.CaptureFixture[str]) -> None:
    """The app lives, answers, and keeps what was typed before."""
    asyncio.run(furnish(tmp_path))
    with Terminal(tmp_path) as terminal:
        terminal.waits_for("● live")
        terminal.press("f2", "tab")
        terminal.waits_for("Summary")
        terminal.types("Typed before the flood", lambda: 0.01)
        terminal.waits_for("Typed before the flood")
        journal = Journal(tmp_path / "state" / "drafts")
        terminal.until(lambda: any("flood" in d.fields.get("summary", "") for d in journal.drafts()), what="a draft")
        known = shapes(bytes(terminal.raw))
        sent = flood()
        terminal.send(sent)
        terminal.watches(3)  # what has no end is over after a while of silence
        asked = time.monotonic()
        terminal.press("f12")
        terminal.waits_for("Unsaved words", SECONDS_TO_ANSWER)
        took = time.monotonic() - asked
        with capfd.disabled():
            sys.stdout.write(f"\n{len(sent)} bytes of {os.environ['PYTEST_CURRENT_TEST']}: answered in {took:.2f} s\n")
        faults = judged(bytes(terminal.raw), known | {"SGR 1", "SGR 7", "SGR 22", "SGR 27"}).faults
        assert faults == [], f"DESKTERM_SEED={SEED}\n" + "\n".join(faults)
        [draft] = [d for d in journal.drafts() if d.kind == "call"]
        assert draft.fields["summary"].startswith("Typed before the flood")
        terminal.press("ctrl+q")
        assert terminal.ends() == 0
