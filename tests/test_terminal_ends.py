"""What an app does last for its terminal, looked at from within: on a signal, at a crash, for a copy."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import stat
import termios
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from deskterm import terminal
from deskterm.terminal import GuardedApp, copy, install_signal_handlers, write_crash_log
from tests.test_terminal import copied

pytestmark = pytest.mark.anyio


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put the handlers of this process back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Deadline:
    """Stands for a timer and keeps what it was to do."""

    made: list[Deadline]

    def __init__(self, seconds: float, act: Any, words: tuple[Any, ...]) -> None:
        self.asked = (seconds, act, words)
        self.daemon = self.started = False
        self.made.append(self)

    def start(self) -> None:
        self.started = True


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
async def test_a_signal_ends_the_app_once_and_a_deadline_stands_behind_it(
    number: signal.Signals, handlers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Deadline.made = []
    monkeypatch.setattr(threading, "Timer", Deadline)
    ended: list[int] = []
    app: Any = SimpleNamespace(exit=lambda return_code: ended.append(return_code))
    install_signal_handlers(app, 2.5)
    for _ in range(2):
        os.kill(os.getpid(), number)
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ended == [128 + number]
    (deadline,) = Deadline.made
    assert deadline.asked == (2.5, terminal._end_at_once, (app, 128 + number))
    assert deadline.daemon, "it must not keep an app alive that has ended"
    assert deadline.started


def test_a_crash_log_makes_its_own_private_folders_and_takes_any_character(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "deskterm.log"
    write_crash_log(RuntimeError("für Ann \ud800"), path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "für Ann" in path.read_text(encoding="utf-8")
    write_crash_log(None, path)
    assert "an error that left no trace" in path.read_text(encoding="utf-8")


def test_a_crash_log_is_read_line_by_line(tmp_path: Path) -> None:
    def fails() -> None:
        raise RuntimeError("no dial tone")

    try:
        fails()
    except RuntimeError as error:
        write_crash_log(error, tmp_path / "deskterm.log")
    written = (tmp_path / "deskterm.log").read_text(encoding="utf-8").splitlines()
    assert datetime.fromisoformat(written[0]).utcoffset() == timedelta(0), "the first line says when, in UTC"
    assert "RuntimeError: no dial tone" in written
    assert any(line.endswith("in fails") for line in written)


def test_an_end_at_once_gives_the_terminal_back_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Textual's driver noted before it began is put back, on the terminal of the process, before it ends."""
    done: list[object] = []
    app = GuardedApp[None]()
    app._driver = SimpleNamespace(attrs_before=["as it was"])  # type: ignore[assignment]
    monkeypatch.setattr(termios, "tcsetattr", lambda *asked: done.append(asked))
    monkeypatch.setattr(os, "write", lambda fd, _data: done.append(fd))
    monkeypatch.setattr(os, "set_blocking", lambda *asked: done.append(asked))
    monkeypatch.setattr(os, "_exit", done.append)
    terminal._end_at_once(app, 129)
    assert done == [(0, termios.TCSANOW, ["as it was"]), (2, False), 2, 129], "nor does it wait for a terminal"
    done.clear()
    app._driver = SimpleNamespace()  # type: ignore[assignment]
    terminal._end_at_once(app, 143)
    assert done == [(2, False), 2, 143], "where nothing was noted, nothing is put back"


def test_a_guarded_app_is_made_as_any_other() -> None:
    assert GuardedApp[None](watch_css=True).css_monitor is not None


async def test_a_crash_says_one_sentence_and_where_the_rest_is(tmp_path: Path) -> None:
    app = GuardedApp[None]()
    app.crash_log = tmp_path / "deskterm.log"
    app._exception = KeyError("secret")
    app._fatal_error()
    said = "".join(_drawn(each) for each in app._exit_renderables)
    assert "deskterm stopped because of an error in it (KeyError). What you typed is kept." in said
    assert f"The details are in {app.crash_log}." in said
    assert "KeyError" in app.crash_log.read_text()


async def test_a_crash_names_the_error_that_is_being_dealt_with_before_an_earlier_one(tmp_path: Path) -> None:
    app = GuardedApp[None]()
    app.crash_log = tmp_path / "deskterm.log"
    app._exception = KeyError("earlier")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        app._fatal_error()
    assert "(ZeroDivisionError)" in "".join(_drawn(each) for each in app._exit_renderables)
    assert "KeyError" not in app.crash_log.read_text()


async def test_a_crash_that_cannot_be_written_down_says_why(tmp_path: Path) -> None:
    app = GuardedApp[None]()
    app.crash_log = tmp_path
    app._exception = KeyError("secret")
    app._fatal_error()
    said = "".join(_drawn(each) for each in app._exit_renderables)
    assert f"The details could not be written to {tmp_path}: Is a directory." in said


def _drawn(what: Any) -> str:
    console = Console(width=1000)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


async def test_a_copy_can_be_pasted_within_the_app_and_its_trouble_is_said() -> None:
    app = GuardedApp[None]()
    async with app.run_test() as pilot:
        app.copy_to_clipboard("1048-26 [b]x")
        await pilot.pause()
        assert app.clipboard == "1048-26 [b]x"
        (note,) = app._notifications
        assert (note.message, note.severity, note.markup) == ("There is no terminal to copy to.", "warning", False)


def test_a_copy_takes_any_character_and_knows_its_terminals() -> None:
    assert copied("a\ud800b")[1] == f"\x1b]52;c;{base64.b64encode(b'a?b').decode()}\x07"
    assert copied("x", TERM="dumb")[0] == "This terminal has no clipboard."
    assert copied("x", TERM="screen.xterm-256color")[1].startswith("\x1bP\x1b]52;c;")
    assert not copied("x", TERM="xterm-screen")[1].startswith("\x1bP")
    wire: Any = SimpleNamespace(_driver=object(), is_headless=True)
    assert copy(wire, "x", {}) == "There is no terminal to copy to."
