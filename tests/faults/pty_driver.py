"""The real deskterm on a real pseudo-terminal, and somebody at its keyboard who can also pull the plug.

    with Terminal(folder) as terminal:
        terminal.waits_for("live")
        terminal.press("f2")
        terminal.types("No dial tone")
        terminal.ends_by(signal.SIGKILL)

Each folder is a home of its own: settings, drafts, log and the desk are in it, and outlive the terminal.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from tests.environment import neutral
from tests.faults.screen_model import ScreenModel
from tests.robot import store_url

PATIENCE: Final = 60.0
"""Seconds that anything may take before it counts as never."""
KEYS: Final = {
    "enter": b"\r",
    "tab": b"\t",
    "escape": b"\x1b",
    "backspace": b"\x7f",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f5": b"\x1b[15~",
    "f6": b"\x1b[17~",
    "f7": b"\x1b[18~",
    "f8": b"\x1b[19~",
    "f12": b"\x1b[24~",
    "ctrl+q": b"\x11",
}
MAIN: Final = "import sys; from deskterm.cli import main; sys.exit(main())"
"""What the `deskterm` command does; what a test plants stands in front of it."""
# The terminal is opened by the shell that is its session's leader, and so becomes its controlling terminal.
_ON_TERMINAL: Final = 'exec "$@" <"$0" >"$0" 2>&1'


class Killed(Exception):
    """The process was killed at the moment it was to be."""


def environment(folder: Path) -> dict[str, str]:
    """A user of their own, who lives in this folder."""
    settings = folder / "settings.toml"
    settings.touch()
    return neutral(os.environ) | {
        "HOME": str(folder),
        "DESKTERM_CONFIG": str(settings),
        "DESKTERM_STATE_DIR": str(folder / "state"),
        "DESKTERM_DATA_DIR": str(folder / "data"),
        "DESKTERM_OPERATOR": "ada",
        "DESKTERM_STORE": store_url(folder),
    }


def shell(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the shell as the user of this folder."""
    command = [sys.executable, "-c", MAIN, *args]
    return subprocess.run(command, env=environment(folder), capture_output=True, text=True, check=False)


class Terminal:
    """A pseudo-terminal with the app in it. `planted` is Python that is run in the process before the app."""

    def __init__(
        self,
        folder: Path,
        *,
        planted: str = "",
        args: Sequence[str] = (),
        size: tuple[int, int] = (80, 24),
        state: Path | None = None,
    ) -> None:
        self.screen = ScreenModel(*size)
        self.raw = bytearray()
        self.dies_at: float | None = None
        """The moment (`time.monotonic`) at which it is killed, whatever is going on then."""
        self.died_at = 0.0
        self._queued: list[tuple[float, float]] = []
        self.line, far_side = os.openpty()
        self.cooked = termios.tcgetattr(self.line)
        fcntl.ioctl(self.line, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        command = ["/bin/sh", "-c", _ON_TERMINAL, os.ttyname(far_side), sys.executable, "-c", f"{planted}\n{MAIN}"]
        environ = environment(folder)
        if state:
            environ["DESKTERM_STATE_DIR"] = str(state)
        self.process = subprocess.Popen([*command, *args], env=environ, start_new_session=True)
        self._far_side = far_side  # kept open, so that the terminal can be looked at after the process has gone

    # -- the keyboard

    def press(self, *keys: str) -> float:
        """Press keys one after the other, as fast as the line takes them; gives the moment of the last."""
        for key in keys:
            self.send(KEYS.get(key, key.encode()))
        return time.monotonic()

    def types(self, text: str, pause: Callable[[], float] = lambda: 0.0) -> None:
        """Type text, with a pause behind each letter."""
        for character in text:
            self.send(character.encode())
            self.watches(pause())

    def send(self, block: bytes) -> None:
        """Put bytes on the line, unless the moment to die has come."""
        self._maybe_die()
        rest = block
        while rest:
            rest = rest[os.write(self.line, rest) :] if len(rest) < 500 else self._send_some(rest)

    def _send_some(self, block: bytes) -> bytes:
        self.watches(0)
        return block[os.write(self.line, block[:500]) :]

    # -- the screen

    def shows(self, words: str) -> bool:
        """Whether words stand on the screen; line breaks and runs of spaces do not matter."""
        return " ".join(words.split()) in " ".join(self.screen.text.split())

    def waits_for(self, words: str | re.Pattern[str], seconds: float = PATIENCE) -> str:
        """Read until words (or a pattern) stand on the screen, and give what matched."""
        if isinstance(words, str):
            self.until(lambda: self.shows(words), seconds, words)
            return words
        self.until(lambda: words.search(self.screen.text) is not None, seconds, words.pattern)
        found = words.search(self.screen.text)
        assert found is not None
        return found[found.lastindex or 0]

    def until(self, condition: Callable[[], Any], seconds: float = PATIENCE, what: str = "") -> None:
        """Read until something is so; fail with the screen if it never is."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process.poll() == -signal.SIGKILL:
                self.died_at = time.monotonic()
                raise Killed
            assert self.process.returncode is None, (
                f"ended ({self.process.returncode}) waiting for {what}:\n{self.seen()}"
            )
            assert time.monotonic() < deadline, f"never saw {what!r}:\n{self.seen()}"
            read, until = len(self.raw), time.monotonic() + 0.1
            while len(self.raw) == read and time.monotonic() < until:
                self.watches(0.01)

    def watches(self, seconds: float) -> None:
        """Read what is written for a while."""
        until = time.monotonic() + seconds
        while True:
            self._maybe_die()
            now = time.monotonic()
            wait = max(0.0, min(until, self.dies_at or until) - now)
            if select.select([self.line], [], [], wait)[0]:
                self._read()
            elif time.monotonic() >= until:
                self._look_at_the_queue()
                return

    def had(self, seconds: float) -> float:
        """The moment since which the app has had so many seconds, not counting those it waited for a processor.

        On a machine with more to do than processors to do it, a promise in seconds can only be meant so.
        """
        now, queued = self.died_at, self._queued[-1][1] if self._queued else 0.0
        for at, before in reversed(self._queued):
            if now - at - (queued - before) >= seconds:
                return at
        return self._queued[0][0] if self._queued else now

    def _look_at_the_queue(self) -> None:
        """Note how long the threads of the app have waited for a processor until now (Linux tells)."""
        now = time.monotonic()
        if self._queued and now - self._queued[-1][0] < 0.01:
            return
        waited = 0
        with suppress(OSError, IndexError):
            for thread in Path(f"/proc/{self.pid}/task").iterdir():
                waited += int((thread / "schedstat").read_text().split()[1])
        self._queued.append((now, max(waited / 1e9, self._queued[-1][1] if self._queued else 0.0)))

    def seen(self) -> str:
        """What was last to be seen, for whoever has to find out why."""
        return f"{self.screen.text}\n-- {len(self.raw)} bytes, the last: {bytes(self.raw[-300:])!r}"

    def _read(self) -> None:
        try:
            block = os.read(self.line, 65536)
        except OSError:  # the far side is closed
            return
        self.raw += block
        self.screen.feed(block)

    # -- the end

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    def kills(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._look_at_the_queue()
        self.died_at = time.monotonic()
        os.kill(self.pid, number)

    def ends(self, seconds: float = PATIENCE) -> int:
        """Wait for the end, reading on, and give the exit status (as a shell would, negative for a signal)."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"still there after {seconds} s:\n{self.seen()}"
            if self.line >= 0:
                self.watches(0.01)
            else:
                time.sleep(0.01)
        while self.line >= 0 and select.select([self.line], [], [], 0)[0]:
            self._read()
        return self.process.returncode

    def ends_by(self, number: signal.Signals, seconds: float = PATIENCE) -> int:
        """Send a signal and wait for the end."""
        self.kills(number)
        return self.ends(seconds)

    def hangs_up(self) -> None:
        """Close the terminal under the process, as a lost connection does."""
        os.close(self._far_side)
        os.close(self.line)
        self.line = self._far_side = -1

    def is_restored(self) -> bool:
        """Whether the terminal is as it was: cooked, no mouse, no bracketed paste, not the alternate screen."""
        left_on = self.screen.modes & {"1000", "1003", "1006", "1015", "1016", "1004", "2004", "1049", "2048"}
        return not left_on and termios.tcgetattr(self.line)[:4] == self.cooked[:4]

    def _maybe_die(self) -> None:
        if self.dies_at is not None and time.monotonic() >= self.dies_at:
            self.dies_at = None
            self.kills(signal.SIGKILL)
            self.ends()
            raise Killed

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.line >= 0:
            self.hangs_up()
