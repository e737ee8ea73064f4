"""The gate: what is drawn, what acts, what is copied, and how the app ends (on a real terminal)."""

import base64
import os
import pty
import select
import signal
import stat
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.color import Color
from textual.content import Content
from textual.widgets import Input, Static

from deskterm.terminal import MAX_COPY, SAFE, GuardedApp, copy, write_crash_log
from deskterm.text import UNSAFE

BLACK = Color(0, 0, 0)
HOSTILE = "a\x1b]11;?\x07b\x9bc\u202ed\U000e0041e"
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)


@settings(deadline=None)
@given(st.lists(ANY_TEXT, max_size=4))
@example(["a\u3164b", "what is hidden and two cells wide leaves two cells"])
def test_the_gate_stops_all_that_is_unsafe_and_moves_no_column(texts: list[str]) -> None:
    before = [Segment(text) for text in texts]
    after = SAFE.apply(before, BLACK)
    assert not any(UNSAFE.search(segment.text) for segment in after)
    assert [cell_len(segment.text) for segment in after] == [cell_len(text) for text in texts]


def test_the_gate_leaves_what_is_right_alone() -> None:
    line = [Segment("No dial tone ", Style(bold=True)), Segment("漢字 ─ ▲")]
    assert SAFE.apply(line, BLACK) is line


def test_the_gate_cuts_links_that_would_escape() -> None:
    line = [Segment("x", Style(link="https://example.com/\x1b\\\x1b]0;owned\x07"))]
    style = SAFE.apply(line, BLACK)[0].style
    assert style is not None
    assert style.link is None


class Hostile(GuardedApp[None]):
    """An app that has forgotten every rule about text."""

    acted = 0

    def compose(self) -> ComposeResult:
        yield Static(Content.from_markup("[@click=app.act]click me[/]"), id="click")
        raw = Static(Content(HOSTILE, strip_control_codes=False))
        raw.border_title = HOSTILE
        yield raw
        yield Input(HOSTILE)

    def action_act(self) -> None:
        self.acted += 1


async def _hostile_screen() -> None:
    app = Hostile()
    async with app.run_test(size=(40, 8)) as pilot:
        drawn = "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)
        assert "click me" in drawn
        assert not UNSAFE.search(drawn)
        await pilot.click("#click", offset=(2, 0))
        assert app.acted == 0


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_careless_app_draws_nothing_unsafe_and_takes_no_action_from_text(anyio_backend: str) -> None:
    await _hostile_screen()


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_within_another_program_its_signals_are_left_alone(anyio_backend: str) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)]
    async with GuardedApp[None]().run_test():
        assert [signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)] == before


class Wire:
    """Stands for a driver and keeps what was written to it."""

    def __init__(self) -> None:
        self.sent = ""

    def write(self, data: str) -> None:
        self.sent += data

    def flush(self) -> None:
        """Nothing is held back."""


def copied(text: str, **environ: str) -> tuple[str | None, str]:
    wire = Wire()
    app: Any = SimpleNamespace(_driver=wire, is_headless=False)
    return copy(app, text, environ), wire.sent


def test_copy_goes_through_what_lies_between() -> None:
    encoded = base64.b64encode("1049-36 für Sie".encode()).decode()
    plain = f"\x1b]52;c;{encoded}\x07"
    assert copied("1049-36 für Sie") == (None, plain)
    assert copied("1049-36 für Sie", TMUX="/tmp/t,1,0", TERM="screen-256color") == (
        None,
        f"{plain}\x1bPtmux;\x1b{plain}\x1b\\",
    )
    assert copied("1049-36 für Sie", TERM="screen", STY="1.x") == (None, f"\x1bP{plain}\x1b\\")


def test_copy_through_screen_comes_in_small_strings() -> None:
    _, sent = copied("x" * 3000, STY="1.x")
    parts = sent.removesuffix("\x1b\\").split("\x1b\\")
    assert all(part.startswith("\x1bP") and len(part) < 768 for part in parts)
    whole = "".join(part.removeprefix("\x1bP") for part in parts)
    assert base64.b64decode(whole.removeprefix("\x1b]52;c;").removesuffix("\x07")) == b"x" * 3000


def test_copy_says_why_it_could_not() -> None:
    assert copied("x" * MAX_COPY) == ("Too long to copy: at most 56 KB fit through a terminal.", "")
    apple = "This terminal takes no copies: select with the mouse while holding Fn."
    assert copied("x", TERM_PROGRAM="Apple_Terminal") == (apple, "")
    assert copied("x", TERM="linux") == ("This terminal has no clipboard.", "")
    headless: Any = SimpleNamespace(_driver=None, is_headless=True)
    assert copy(headless, "x", {}) == "There is no terminal to copy to."


def test_a_crash_log_is_private_and_tells_no_values(tmp_path: Path) -> None:
    path = tmp_path / "state" / "deskterm.log"
    path.parent.mkdir()
    path.touch(0o644)
    token = os.urandom(8).hex()
    try:
        raise RuntimeError("went \x1b[31mwrong")
    except RuntimeError as error:
        write_crash_log(error, path)
    log = path.read_text()
    assert "RuntimeError: went ␛[31mwrong" in log
    assert "test_terminal.py" in log
    assert token not in log
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


APP = """
import os, sys, time
from textual.widgets import Input, Label
from deskterm.terminal import GuardedApp, run
class Desk(GuardedApp):
    BINDINGS = [("d", "delete", "Delete")]
    def compose(self):
        yield Label("ready")
    def on_key(self, event):
        if event.key == "q": self.exit()
        if event.key == "x": self.query_one(Label).update("typed-x")
        if event.key == "c": secret = "s3" + "cret"; raise RuntimeError("broken")
        if event.key == "h": os.write(2, b"HANGS"); time.sleep(60)
    def action_delete(self):
        self.query_one(Label).update("DELETED")
    def on_unmount(self):
        open(sys.argv[1], "w").write("hooks ran")
sys.exit(run(Desk()))
"""


class Terminal:
    """A real pseudo-terminal with the app in it."""

    def __init__(self, tmp_path: Path) -> None:
        self.flag = tmp_path / "flag"
        self.screen = b""
        environ = {"TERM": "xterm-256color", "HOME": str(tmp_path), "DESKTERM_STATE_DIR": str(tmp_path)}
        self.child, self.line = pty.fork()
        if self.child == 0:  # pragma: no cover
            os.execve(sys.executable, [sys.executable, "-c", APP, str(self.flag)], {**os.environ, **environ})
        self.cooked = termios.tcgetattr(self.line)
        self.sees(b"ready")

    def sees(self, wanted: bytes, seconds: float = 20) -> None:
        """Read until `wanted` is on the wire."""
        until = time.monotonic() + seconds
        while wanted not in self.screen:
            assert time.monotonic() < until, self.screen
            if select.select([self.line], [], [], 0.1)[0]:
                self.screen += os.read(self.line, 65536)

    def types(self, keys: bytes) -> None:
        os.write(self.line, keys)

    def ends(self, seconds: float = 20) -> int:
        """Wait for the end, reading on, and give the exit status."""
        until = time.monotonic() + seconds
        while True:
            assert time.monotonic() < until
            with suppress(OSError):  # the far side is closed
                if self.line >= 0 and select.select([self.line], [], [], 0.05)[0]:
                    self.screen += os.read(self.line, 65536)
            child, status = os.waitpid(self.child, os.WNOHANG)
            if child:
                self.child = 0
                return os.waitstatus_to_exitcode(status)

    def hangs_up(self) -> None:
        if self.line >= 0:
            os.close(self.line)
        self.line = -1

    def stop(self) -> None:
        self.hangs_up()
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path)
    yield opened
    opened.stop()


@pytest.mark.slow
def test_no_answer_and_no_bad_byte_reaches_the_keys(terminal: Terminal) -> None:
    terminal.types(b"\x1b]11;rgb:dddd/dddd/dddd\x1b\\\x1b[?62;1c\xff\xfe\x1b[200~d")
    terminal.types(b"\x1b[201~x")
    terminal.sees(b"typed-x")
    terminal.types(b"q")
    assert terminal.ends() == 0
    assert b"DELETED" not in terminal.screen


@pytest.mark.slow
def test_sigterm_ends_cleanly(terminal: Terminal) -> None:
    os.kill(terminal.child, signal.SIGTERM)
    assert terminal.ends() == 143
    assert terminal.flag.read_text() == "hooks ran"
    assert terminal.screen.rfind(b"\x1b[?1049l") > terminal.screen.rfind(b"\x1b[?1049h")


@pytest.mark.slow
def test_a_hanging_app_still_ends_and_restores_the_terminal(terminal: Terminal) -> None:
    terminal.types(b"h")
    terminal.sees(b"HANGS")
    os.kill(terminal.child, signal.SIGTERM)
    assert terminal.ends() == 143
    assert b"\x1b[?1049l" in terminal.screen
    assert termios.tcgetattr(terminal.line)[:4] == terminal.cooked[:4]


@pytest.mark.slow
def test_a_lost_connection_ends_the_app(terminal: Terminal) -> None:
    terminal.hangs_up()
    assert terminal.ends() == 129


@pytest.mark.slow
def test_a_crash_tells_no_values(terminal: Terminal, tmp_path: Path) -> None:
    terminal.types(b"c")
    assert terminal.ends() == 70
    log = (tmp_path / "deskterm.log").read_text()
    assert "RuntimeError: broken" in log
    assert b"deskterm stopped" in terminal.screen
    assert b"s3cret" not in terminal.screen
    assert "s3cret" not in log
