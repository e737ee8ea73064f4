"""What arrives on the keyboard's line, guarded: no answer of the terminal becomes a key, no byte ends the app.

Textual reads stdin as keys, and takes what it does not know for typing. A terminal that was tricked into
answering a question (its colours, its title, the clipboard) would thus press keys. Here such answers are
dropped, pastes are bounded and always end, a flood that nobody can type is a paste too, and a bad byte is one odd
character. Written for Textual 8.2's Linux driver, which has no public hook for it: `guard_input` puts
`GuardedParser` and `ForgivingDecoder` in.
"""

from __future__ import annotations

import codecs
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Final, NamedTuple

from textual import constants, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

MAX_PASTE: Final = 1_000_000
"""Characters of one paste that are kept; the rest is dropped up to its end."""
MAX_ANSWER: Final = 1_000_000
"""Characters of one terminal answer that are swallowed before it is taken for typing again."""
PASTE_SILENCE: Final = 2.0
"""Seconds without input after which a paste without an end is over."""
FLOOD: Final = 1000
"""Characters without a pause between them that nobody types: it is a paste, though the terminal did not say so."""
NOISE: Final = 4
"""Bytes that are no UTF-8, without a pause between them, that come from no keyboard."""
FLOOD_SILENCE: Final = 0.1
"""Seconds without input that are a pause, and after which a flood is over."""
ANSWER_SILENCE: Final = 0.5
"""Seconds without input after which an answer without an end is over."""
HANGUP_PAUSE: Final = 0.1
"""Seconds to wait before reading again from a terminal that is gone, so as not to burn a core."""

_PASTE_START: Final = "\x1b[200~"
_PASTE_END: Final = "\x1b[201~"
# The 8-bit forms of CSI, ST, OSC, DCS, SOS, PM, APC; any other C1 character is no key.
_C1: Final = dict.fromkeys(range(0x80, 0xA0)) | {
    0x9B: "\x1b[",
    0x9C: "\x1b\\",
    0x9D: "\x1b]",
    0x90: "\x1bP",
    0x98: "\x1bX",
    0x9E: "\x1b^",
    0x9F: "\x1b_",
}
_TYPED = re.compile(r"[^\x1b]+")
# How real answers go on after their first two characters; anything else was a person's Alt+].
_ANSWER_START = re.compile(r"\x1b(?:\][0-9lLI;]|P[0-9;<=>?!$+]|[_^X][^\x00-\x1f])")
_CONTROL = re.compile(r"[\x00-\x1f]")
_CSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]{0,60}[ -/]?|[\]P_^X])?")
# Reports that nobody asked for: device attributes, status, window sizes, kitty flags … but not the modes
# (2026, 2048) and the sizes (48) that Textual asks for itself, nor the mouse.
_CSI_ANSWER = re.compile(r"\x1b\[(?:\?(?!\d+;\d\$y).*|[>=].*|<.*[^Mm]|[0-;]*[ -/]+.|\d[\d;]*[cnwxy]|(?!48;)\d[\d;]*t)")
_NOT_IN_A_PASTE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Piece(NamedTuple):
    """Some of what came in, in order: typed keys or a paste."""

    text: str
    pasted: bool = False
    alone: bool = False
    """Whether it is known that nothing after it belongs to it: an Escape is Escape, not Alt with the next key."""


class InputFilter:
    """Sorts raw terminal input into keys and pastes, and drops the answers that nobody asked for.

    Fed in pieces of any size; what is not yet clear is held until more comes or `idle` finds it is late.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held = ""
        self._paste: list[str] | None = None
        self._paste_size = 0
        self._is_flood = False
        self._without_pause = 0
        self._noise = 0
        self._in_an_answer = False
        self._answer_size = 0
        self._last = clock()

    def feed(self, data: str) -> Iterator[Piece]:
        """Take what was read and give what is clear by now."""
        yield from self.idle()
        self._count(data)
        self._last = self._clock()
        text = self._held + data.translate(_C1)
        self._held = ""
        while text:
            if self._is_flood:
                self._keep(text)
                return
            if self._paste is not None:
                text = yield from self._in_paste(text)
            elif self._in_an_answer:
                text = self._in_answer(text)
            else:
                text = yield from self._between(text)

    def idle(self) -> Iterator[Piece]:
        """Settle what has waited too long: an Escape that was only that, a paste or an answer cut short."""
        silence = self._clock() - self._last
        if self._paste is not None:
            if silence >= (FLOOD_SILENCE if self._is_flood else PASTE_SILENCE):
                yield from self._end_paste(self._held)
                self._held = ""
        elif self._in_an_answer:
            if silence >= ANSWER_SILENCE:
                self._in_an_answer = False
                self._held = ""
        elif self._held and silence >= constants.ESCAPE_DELAY:
            if len(self._held) <= 2 or self._held in ANSI_SEQUENCES_KEYS:
                yield Piece(self._held, alone=True)
                self._held = ""
            elif silence >= ANSWER_SILENCE:
                self._held = ""

    def _count(self, data: str) -> None:
        """Find out a flood: so much in one go that it is no typing, and no reports of a mouse either."""
        if self._clock() - self._last >= FLOOD_SILENCE:
            self._without_pause = self._noise = 0
        if self._paste is None and not self._in_an_answer and _PASTE_START not in data:
            self._without_pause += len(_CSI.sub("", data))
            self._noise += data.count("\ufffd")
            if self._without_pause > FLOOD or self._noise > NOISE:
                self._is_flood, self._paste, self._paste_size = True, [], 0

    def _between(self, text: str) -> Generator[Piece, None, str]:
        """Read keys up to the next paste, answer or doubt; return what comes after."""
        end = text.find(_PASTE_END)
        if end >= 0 and _PASTE_START not in text[:end]:
            # An end without a start: the tail of a paste that was given up, or that held its own end mark.
            self._paste, self._paste_size = [], 0
            return text
        if typed := _TYPED.match(text):
            yield Piece(typed[0])
            return text[typed.end() :]
        if text.startswith(_PASTE_START):
            self._paste, self._paste_size = [], 0
            return text[len(_PASTE_START) :]
        if start := _ANSWER_START.match(text):
            self._in_an_answer, self._answer_size = True, 0
            return text[start.end() :]
        if sequence := _CSI.match(text):
            if sequence[0] in ANSI_SEQUENCES_KEYS or not _CSI_ANSWER.fullmatch(sequence[0]):
                yield Piece(sequence[0])
            return text[sequence.end() :]
        if _UNFINISHED.fullmatch(text):
            self._held = text
            return ""
        yield Piece(text[0])
        return text[1:]

    def _in_paste(self, text: str) -> Generator[Piece, None, str]:
        """Collect a paste up to its end; return what comes after."""
        end = text.find(_PASTE_END)
        if end >= 0:
            yield from self._end_paste(text[:end])
            return text[end + len(_PASTE_END) :]
        begun = next(size for size in range(len(_PASTE_END) - 1, -1, -1) if text.endswith(_PASTE_END[:size]))
        self._held = text[len(text) - begun :]
        self._keep(text[: len(text) - begun])
        return ""

    def _keep(self, text: str) -> None:
        """Add to the paste what still has room in it; what would be dropped at its end takes none."""
        if self._paste is not None and (room := MAX_PASTE - self._paste_size) > 0:
            kept = _NOT_IN_A_PASTE.sub("", text)[:room]
            self._paste.append(kept)
            self._paste_size += len(kept)

    def _end_paste(self, rest: str) -> Iterator[Piece]:
        """Give the paste as one piece of plain text, its line ends as newlines."""
        self._keep(rest)
        pasted = re.sub(r"\r\n?", "\n", "".join(self._paste or ()))
        self._paste, self._is_flood = None, False
        self._without_pause = self._noise = 0
        if pasted:
            yield Piece(pasted, pasted=True)

    def _in_answer(self, text: str) -> str:
        """Drop an answer up to its end; return what comes after. Any key but a letter also ends it."""
        found = _CONTROL.search(text)
        if not found:
            self._answer_size += len(text)
            self._in_an_answer = self._answer_size <= MAX_ANSWER
            return ""
        if text[found.start() :] == "\x1b":
            self._held = "\x1b"
            return ""
        self._in_an_answer = False
        if found[0] == "\x07":
            return text[found.end() :]
        return text[found.start() :].removeprefix("\x1b\\")


class GuardedParser(XTermParser):
    """Textual's parser of keys, behind an `InputFilter`."""

    def __init__(self, debug: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._filter = InputFilter(clock)
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what was read (an empty str ends the parser)."""
        if not data:
            yield from super().feed(data)
            return
        for piece in self._filter.feed(data):
            yield from self._parsed(piece)

    def tick(self) -> Iterable[Message]:
        """Settle what waited too long; the driver calls this after each read and ten times a second."""
        for piece in self._filter.idle():
            yield from self._parsed(piece)
        yield from super().tick()

    def _parsed(self, piece: Piece) -> Iterator[Message]:
        """Turn one piece into Textual's events."""
        if piece.pasted:
            yield events.Paste(piece.text)
            return
        yield from super().feed(piece.text)
        if piece.alone and self._timeout_time is not None:
            self._timeout_time = 0.0
            yield from super().tick()


class ForgivingDecoder(codecs.getincrementaldecoder("utf-8")):  # type: ignore[misc]
    """UTF-8 of a terminal: a bad byte is one U+FFFD, and the end of input is the end of the terminal."""

    def __init__(self, errors: str = "replace") -> None:
        super().__init__(errors)

    def decode(self, data: bytes, final: bool = False) -> str:
        """Decode what was read; nothing read means that the terminal is gone, which is what SIGHUP means."""
        if not data and not final:
            if callable(signal.getsignal(signal.SIGHUP)):
                os.kill(os.getpid(), signal.SIGHUP)  # not raise: the main thread must wake
            time.sleep(HANGUP_PAUSE)
        text: str = super().decode(data, final)
        return text


def guard_input() -> None:
    """Put the guard before Textual's Linux drivers; call once, before the app runs. Nothing to do on Windows."""
    if sys.platform == "win32":
        return
    from textual.drivers import linux_driver, linux_inline_driver

    for driver in (linux_driver, linux_inline_driver):
        vars(driver)["XTermParser"] = GuardedParser
        vars(driver)["getincrementaldecoder"] = lambda _encoding: ForgivingDecoder
