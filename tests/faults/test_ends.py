"""However deskterm is ended: gone within seconds, the terminal as it was, words kept, and the next start says so."""

from __future__ import annotations

import asyncio
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskterm.store.drafts import Journal
from tests.faults.pty_driver import Terminal
from tests.robot import furnish

pytestmark = pytest.mark.slow

WORDS = "No dial tone at reception"
UNEXPECTED = "deskterm ended unexpectedly today at"
ONE_TEXT = "One text was typed and not saved. F12 brings it back."
CRASHES = """
from deskterm.app import DeskApp
def act_theme(self, argument):
    secret = "s3" + "cret"
    raise RuntimeError("planted")
DeskApp.act_theme = act_theme
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    asyncio.run(furnish(tmp_path))
    return tmp_path


def typed(terminal: Terminal, desk: Path) -> Terminal:
    """Somebody has opened a call and typed into it, long enough ago (how long that is, the kills tell)."""
    terminal.waits_for("● live")
    terminal.press("f2")
    terminal.waits_for("Caller   name")
    terminal.press("tab")
    terminal.types(WORDS, lambda: 0.01)
    terminal.waits_for(WORDS)
    terminal.until(lambda: summaries(desk) == [WORDS])
    return terminal


def summaries(desk: Path) -> list[str | None]:
    return [draft.fields.get("summary") for draft in Journal(desk / "state" / "drafts").drafts()]


def kept(desk: Path) -> list[str]:
    drafts = Journal(desk / "state" / "drafts").drafts()
    assert not any(draft.in_use for draft in drafts)
    return [draft.fields["summary"] for draft in drafts]


@pytest.fixture
def terminal(desk: Path) -> Iterator[Terminal]:
    with Terminal(desk) as opened:
        yield typed(opened, desk)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143)])
def test_signals(terminal: Terminal, desk: Path, number: signal.Signals, status: int) -> None:
    assert terminal.ends_by(number) == status
    assert terminal.is_restored()
    assert kept(desk) == [WORDS]
    with Terminal(desk) as again:
        again.waits_for(ONE_TEXT)
        assert not again.shows("unexpectedly")


def test_a_closed_terminal(terminal: Terminal, desk: Path) -> None:
    terminal.hangs_up()
    assert terminal.ends() == 129
    assert kept(desk) == [WORDS]


def test_a_kill_is_told_of_once(terminal: Terminal, desk: Path) -> None:
    assert terminal.ends_by(signal.SIGKILL) == -9
    with Terminal(desk) as again:
        again.waits_for(UNEXPECTED)
        again.waits_for(ONE_TEXT)
        again.press("ctrl+q")
        assert again.ends() == 0
    with Terminal(desk) as third:
        third.waits_for(ONE_TEXT)
        assert not third.shows("unexpectedly")


def test_an_unhandled_error(desk: Path) -> None:
    with Terminal(desk, planted=CRASHES) as terminal:
        typed(terminal, desk)
        terminal.press("escape")
        terminal.waits_for("My groups")
        terminal.press(":")
        terminal.watches(0.3)
        terminal.types("theme")
        terminal.press("enter")
        assert terminal.ends() == 70
        assert terminal.is_restored()
        assert "deskterm stopped because of an error in it (RuntimeError)" in terminal.screen.text
        assert "Traceback" not in terminal.screen.text
    log = desk / "state" / "deskterm.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "RuntimeError: planted" in log.read_text()
    assert "s3cret" not in log.read_text()
    assert kept(desk) == [WORDS]
    with Terminal(desk) as again:
        again.waits_for(UNEXPECTED)
        again.waits_for(ONE_TEXT)
