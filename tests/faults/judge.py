"""A judge of what a terminal was sent: it finds whatever deskterm's own drawing does not consist of.

It knows nothing of the walls it judges: which control sequences are deskterm's own it learns from a run without a
stranger's words in it, which characters may be drawn from the Unicode tables, and how wide they are from the C library.

    ours = shapes(bytes_of_a_clean_run)
    assert judged(bytes_of_a_hostile_run, ours).faults == []
"""

from __future__ import annotations

import ctypes
import locale
import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<args>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b(?P<string>[\]P_^X])(?P<said>(?:(?!\x1b\\)[^\x07])*)(?:\x07|\x1b\\|$)"
    r"|\x1b(?P<short>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
_STRINGS: Final = {"]": "OSC", "P": "DCS", "_": "APC", "^": "PM", "X": "SOS"}
_JOINERS: Final = ("\u200c", "\u200d")
"""Part of how Persian, Indic scripts and emoji are spelt."""
_NUMERALS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Signs that Unicode counts among the format characters although they are seen."""


@dataclass
class Verdict:
    """What was found wrong, what was drawn in all, and what stands on the screen at the end."""

    faults: list[str] = field(default_factory=list)
    drawn: str = ""
    screen: Screen = field(default_factory=list)


def shapes(sent: bytes) -> frozenset[str]:
    """The kinds of control sequences in what was sent: SGR by its attributes, modes by their numbers."""
    found: set[str] = set()
    for token in _TOKEN.finditer(sent.decode("utf-8", "replace")):
        found.update(_shapes_of(token))
    return frozenset(found)


Screen = list[list[str]]
"""The cells of a screen, line by line; a wide character is followed by nothing in the cell it also takes."""


def blank(columns: int = 80, lines: int = 24) -> Screen:
    """A screen with nothing on it."""
    return [[" "] * columns for _ in range(lines)]


def judged(sent: bytes, ours: Set[str], screen: Screen | None = None) -> Verdict:
    """Judge what was sent to a terminal, and draw it on the screen. A fault names what it is and what stood before."""
    judge = _Judge(ours, screen or blank())
    try:
        text = sent.decode()
    except UnicodeDecodeError as error:
        judge.verdict.faults.append(f"bytes that are no UTF-8: {sent[error.start - 20 : error.end + 10]!r}")
        text = sent.decode("utf-8", "replace")
    at = 0
    for token in _TOKEN.finditer(text):
        if token.start() != at:
            judge.finds("an unfinished sequence", text, at)
        at = token.end()
        judge.reads(token, text)
    if at != len(text):
        judge.finds("an unfinished sequence", text, at)
    return judge.verdict


def faults_of_lines(said: bytes) -> list[str]:
    """What is wrong with the answer of a shell's command: it is lines of characters that show, and nothing else."""
    try:
        text = said.decode()
    except UnicodeDecodeError as error:
        return [f"bytes that are no UTF-8: {said[error.start - 20 : error.end + 10]!r}"]
    wrong = {character for character in set(text) - {"\n"} if not may_be_drawn(character)}
    return [f"U+{ord(each):04X} is printed: {_around(text, each)!r}" for each in sorted(wrong)]


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    library = ctypes.CDLL(None)
    library.wcwidth.argtypes = [ctypes.c_wchar]
    return library


@lru_cache(maxsize=65536)
def width_of(character: str) -> int:
    """Cells of a character, as the C library has it; 1 for one that is newer than the library."""
    width: int = _libc().wcwidth(character)
    return 1 if width < 0 else width


def may_be_drawn(character: str) -> bool:
    """Whether a character shows something, or joins what does, and does nothing else."""
    if character in _JOINERS or character in _NUMERALS:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


@lru_cache(maxsize=65536)
def least_width_of(character: str) -> int:
    """Cells that a character takes at least, whichever terminal draws it: they do not agree on all of them."""
    if unicodedata.category(character) in ("Mc", "Cn") or "\U0001f3fb" <= character <= "\U0001f3ff":
        return 0
    most = 1 if unicodedata.east_asian_width(character) == "A" else 2
    return min(width_of(character), most)


def _around(text: str, character: str) -> str:
    at = text.index(character)
    return text[max(0, at - 40) : at + 20]


def _shapes_of(token: re.Match[str]) -> list[str]:
    """What kinds of things one token holds; plain text holds none."""
    if final := token["final"]:
        args, private = token["args"], "".join(c for c in token["args"][:1] if c in "<=>?")
        if final == "m" and not private and not token["between"]:
            return [f"SGR {code}" for code in _attributes(args)]
        number = args if private or final in "hl" else ""
        return [f"CSI {number}{token['between']}{final}"]
    if string := token["string"]:
        return [f"{_STRINGS[string]} {token['said'][:40]}"]
    if short := token["short"]:
        return [f"ESC {short}"]
    return [f"control {ord(token['control']):02x}"] if token["control"] else []


def _attributes(args: str) -> list[str]:
    codes = args.replace(":", ";").split(";")
    found = []
    while codes:
        code = codes.pop(0) or "0"
        if code in ("38", "48", "58") and codes:
            del codes[: {"2": 4, "5": 2}.get(codes[0], 1)]
        # Which of the eight colours it is does not matter.
        found.append(code[:-1] + "x" if re.fullmatch(r"3[0-7]|4[0-7]|9[0-7]|10[0-7]", code) else code)
    return found


class _Judge:
    """Follows what is drawn, cell by cell."""

    def __init__(self, ours: Set[str], screen: Screen) -> None:
        self.verdict = Verdict(screen=screen)
        self._ours = ours
        self._size = len(screen[0]), len(screen)
        self._x = self._y = 0
        self._least_x = 0
        """Where the cursor stands at least, for a terminal that gives fewer cells to what they disagree on."""

    def finds(self, what: str, text: str, at: int) -> None:
        """Put a fault down, with what stands around it."""
        if len(self.verdict.faults) < 20:
            self.verdict.faults.append(f"{what}: {text[max(0, at - 60) : at + 40]!r}")

    def reads(self, token: re.Match[str], text: str) -> None:
        """Take in one thing that was sent: letters, or an order to the terminal."""
        if drawn := token["text"]:
            self.verdict.drawn += drawn
            self._draws(drawn, text, token.start())
            return
        self.verdict.drawn += "\n"
        for shape in _shapes_of(token):
            if shape not in self._ours:
                self.finds(f"not ours, {shape}", text, token.start())
        if token["final"] in ("H", "f") and not token["between"]:
            self._moves(token["args"], text, token.start())
        elif token["final"] == "J":
            self.verdict.screen[:] = blank(*self._size)
        elif token["control"] == "\r":
            self._x = self._least_x = 0
        elif token["control"] == "\n":
            self._x, self._least_x, self._y = 0, 0, min(self._y + 1, self._size[1] - 1)

    def _moves(self, args: str, text: str, at: int) -> None:
        numbers = [int(n) if n.isdigit() else 1 for n in args.split(";")]
        row, column = (*numbers, 1)[:2]
        if row > self._size[1] or column > self._size[0]:
            self.finds(f"the cursor is sent to line {row}, column {column}", text, at)
        self._y, self._x = min(row, self._size[1]) - 1, min(column, self._size[0]) - 1
        self._least_x = self._x

    def _draws(self, drawn: str, text: str, at: int) -> None:
        columns = self._size[0]
        joined = False
        for character in drawn:
            if not may_be_drawn(character):
                self.finds(f"U+{ord(character):04X} is drawn", text, at)
            width = width_of(character)
            if width and self._x + width <= columns:
                self.verdict.screen[self._y][self._x : self._x + width] = [character, *[""] * (width - 1)]
            self._x += width
            self._least_x += 0 if joined else least_width_of(character)
            joined = character == "\u200d"
        if self._least_x > columns:
            self.finds(f"line {self._y + 1} is {self._least_x} cells long", text, at)
            self._least_x = columns
