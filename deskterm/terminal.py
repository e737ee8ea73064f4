"""The gate between deskterm and the terminal: what is drawn, what is copied, and how the app ends.

The walls that no screen can forget: `GuardedApp` strips what is `UNSAFE` from every segment drawn, keeps its columns
in place (see `deskterm.pen`) and takes no action from style metadata; `run` guards the input (see
`deskterm.input_guard`), ends the app cleanly on SIGHUP and SIGTERM, and writes down a crash without the values of
variables.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final, Generic

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.text import Text
from textual._compositor import CompositorUpdate
from textual.app import App, ReturnType
from textual.color import Color
from textual.dom import DOMNode
from textual.events import Event
from textual.filter import LineFilter
from textual.screen import Screen

from deskterm.closed_screens import let_go
from deskterm.input_guard import guard_input
from deskterm.repaint import Changes, Shown
from deskterm.settings import log_path
from deskterm.text import UNSAFE, gated, printable
from deskterm.typeahead import TypeAheadApp

MAX_COPY: Final = 75_000
"""Bytes of base64 that terminals, tmux included, take in one copy."""
SCREEN_CHUNK: Final = 700
"""Bytes that GNU screen passes on in one string (its limit is 768)."""
GRACE: Final = 3.0
"""Seconds that an app has to end by itself after SIGHUP or SIGTERM."""
CRASHED: Final = 70
"""Exit status after an unhandled error (sysexits EX_SOFTWARE)."""
_RESTORE: Final = b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?2004l\x1b[?1004l\x1b[?2048l"
_LEAVE: Final = b"\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h"


class SafeLines(LineFilter):
    """Takes what is `UNSAFE` out of every segment that is drawn; no column moves."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Give the segments as they may be drawn: the same list where nothing is wrong."""
        for text, style, _control in segments:
            if gated(text) != text or (style is not None and style.link is not None):
                return [_cleaned(segment) for segment in segments]
        return segments


SAFE: Final = SafeLines()


class GuardedApp(TypeAheadApp[ReturnType], Generic[ReturnType]):
    """An app that nothing drawn can harm: the base of deskterm's, and of any test app that draws tickets."""

    crash_log: Path | None = None
    """Where a crash is written down; nothing means deskterm's own log."""
    ends_on_signals: bool = False
    """Whether SIGHUP and SIGTERM end it; `run` says so, for an app within another program leaves them alone."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        let_go()
        self._shown = Shown()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Put the gate behind all other filters: it sees what the terminal would see."""
        return [*super().get_line_filters(), SAFE]

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Send what changes, and keep every column in its place, whatever stands to the left of it."""
        if self._batch_count or self._closed or not self._running or self._driver is None or self.is_headless:
            super()._display(screen, renderable)
        elif isinstance(renderable, CompositorUpdate) and not self._driver.is_inline:
            sent = self._shown.changes(renderable.render_segments(self.console), *self.size)
            cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
            if sent or cursor != self._previous_cursor_position:
                drawn: Any = Changes(sent)
                super()._display(screen, drawn)
            else:
                self.post_display_hook()
        else:
            self._shown.forget()
            super()._display(screen, renderable)

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """Screens seen behind the one in front: none if that covers them. Textual would draw both at every change."""
        covers = self.screen.styles.background.a == 1
        return [] if covers else super()._background_screens

    def draw_anew(self) -> None:
        """Send the whole screen again: something else may have written on it."""
        self._shown.forget()
        self.screen.refresh(layout=True)

    def _suspend_signal(self) -> None:
        """Somebody else draws for a while."""
        super()._suspend_signal()
        self._shown.forget()

    async def _broker_event(self, event_name: str, event: Event, default_namespace: DOMNode) -> bool:
        """Take no action from style metadata: a ticket's markup could have put it there."""
        return False

    def copy_to_clipboard(self, text: str) -> None:
        """Copy for paste inside and outside the app; say so where the terminal cannot."""
        self._clipboard = text
        if trouble := copy(self, text):
            self.notify(trouble, severity="warning", markup=False)

    def on_load(self) -> None:
        """End cleanly when told to, as soon as there is something to end."""
        if self.ends_on_signals:
            install_signal_handlers(self)

    def _fatal_error(self) -> None:
        """Write a crash down where only the user can read it, and say one sentence on the screen."""
        path = self.crash_log or log_path()
        error = sys.exc_info()[1] or self._exception
        told = f"deskterm stopped because of an error in it ({type(error).__name__}). What you typed is kept."
        try:
            write_crash_log(error, path)
        except OSError as trouble:
            told += f" The details could not be written to {path}: {trouble.strerror}."
        else:
            told += f" The details are in {path}."
        self._exit_renderables.append(Text(printable(told)))
        self._close_messages_no_wait()


def run(app: GuardedApp[Any]) -> int:
    """Run the app to its end and give the exit status: 0, 129 after SIGHUP, 143 after SIGTERM, 70 after a crash."""
    guard_input()
    app.ends_on_signals = True
    app.run()
    if app._exception is not None or app.return_code is None:
        return CRASHED
    return app.return_code


def install_signal_handlers(app: App[Any], grace: float = GRACE) -> None:
    """Make SIGHUP and SIGTERM end the app with its hooks run and the terminal restored.

    Call in the app's own loop. An app that has not ended after `grace` seconds, as happens when its terminal
    is gone or it hangs, is ended without its hooks, the terminal restored as far as it can be.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    ending = threading.Event()

    def end(number: int, _frame: FrameType | None) -> None:
        if ending.is_set():
            return
        ending.set()
        deadline = threading.Timer(grace, _end_at_once, (app, 128 + number))
        deadline.daemon = True
        deadline.start()
        with suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(lambda: app.exit(return_code=128 + number))

    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, end)


def copy(app: App[Any], text: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Copy `text` to the user's clipboard through the terminal (OSC 52), also over SSH, tmux and screen.

    Gives nothing when it was sent (no terminal confirms it), else the reason in plain English.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace"))
    if len(encoded) > MAX_COPY:
        return f"Too long to copy: at most {MAX_COPY * 3 // 4000} KB fit through a terminal."
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return "This terminal takes no copies: select with the mouse while holding Fn."
    if environ.get("TERM", "") in ("linux", "dumb"):
        return "This terminal has no clipboard."
    driver = app._driver
    if driver is None or app.is_headless:
        return "There is no terminal to copy to."
    driver.write(_copy_sequence(encoded.decode("ascii"), environ))
    driver.flush()
    return None


def write_crash_log(error: BaseException | None, path: Path) -> None:
    """Append an error to a file that only the user may read: where it happened, but no variable's value."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = traceback.format_exception(error) if error else ["an error that left no trace\n"]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8", errors="replace") as log:
        log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n")
        if sys.platform != "win32":
            os.fchmod(descriptor, 0o600)  # an older file may be more open
        log.write(printable("".join(lines), lines=True))


def _cleaned(segment: Segment) -> Segment:
    """Take the unsafe characters out of one segment and keep its width."""
    text, style, control = segment
    if style is not None and style.link is not None and UNSAFE.search(style.link):
        style = style.update_link(None)
    drawn = gated(text)
    if drawn != text and (columns := cell_len(text)) != cell_len(drawn):
        drawn = set_cell_size(drawn, columns)
    return Segment(drawn, style, control)


def _copy_sequence(encoded: str, environ: Mapping[str, str]) -> str:
    """Word the request to copy so that it gets through what lies between here and the terminal."""
    request = f"\x1b]52;c;{encoded}\x07"
    if environ.get("TMUX"):
        # tmux takes the plain one if `set-clipboard` is on, the wrapped one if `allow-passthrough` is.
        escaped = request.replace("\x1b", "\x1b\x1b")
        return f"{request}\x1bPtmux;{escaped}\x1b\\"
    if environ.get("STY") or environ.get("TERM", "").startswith("screen"):
        chunks = re.findall(f".{{1,{SCREEN_CHUNK}}}", request)
        return "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)
    return request


def _end_at_once(app: App[Any], status: int) -> None:
    """End the process now, whatever it does, and leave a usable terminal."""
    import termios

    attributes = getattr(app._driver, "attrs_before", None)
    with suppress(OSError, termios.error):
        if attributes is not None:
            termios.tcsetattr(0, termios.TCSANOW, attributes)
        os.set_blocking(2, False)
        os.write(2, _RESTORE + _LEAVE)
    os._exit(status)
