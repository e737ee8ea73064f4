"""Sends the terminal only what changes on it: the cells that differ from what it shows, in as few bytes as that takes.

Textual repaints whole widgets and names every colour anew for every piece of text; a key in a list is kilobytes. Over
a thin line that is what one waits for. Here what was sent is remembered, cell by cell, and an update is compared to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import split_graphemes
from rich.console import Console
from textual._compositor import CompositorUpdate

from deskterm.pen import placed

_STEP: Final = re.compile(
    r"(?P<text>[^\x1b\r\n]+)|\x1b\[(?P<style>[\d;]*)m|\x1b\[(?:(?P<line>\d+);(?P<column>\d+))?H|(?P<newline>\n)|\r"
)
_JOINER: Final = "\u200d"
_BRIDGE: Final = 4
"""So many unchanged cells between two changes are sent along: a jump over them costs more."""
_ONE_CELL: Final = re.compile(
    r"[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25fc\u2713\u2717]*"
)
"""Characters that fill one cell each, by themselves, everywhere. Others are looked at one by one."""


_OFF: Final = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "9": "29"}
"""What takes a code off again, where every terminal agrees on it."""
_SEEN_ON_BLANKS: Final = frozenset({"4", "7", "9", "21", "53"})
"""SGR codes of lines above, below and through, and of colours reversed."""


class Pen(NamedTuple):
    """How text is drawn: the SGR codes of its attributes, of its colour and of what is behind it; "" is the default."""

    attributes: frozenset[str] = frozenset()
    colour: str = ""
    ground: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether of text drawn like this nothing but its ground may show."""
        return not self.attributes and not self.colour

    @property
    def on_blank(self) -> Pen:
        """What of this shows where there is nothing but a space."""
        return self if self.attributes & _SEEN_ON_BLANKS else Pen(ground=self.ground)

    def turned_from(self, before: Pen) -> str:
        """What to send so that a terminal that draws like `before` draws like this."""
        if self == before:
            return ""
        if self == _DEFAULT:
            return "\x1b[m"
        codes, old = [], before
        if ended := before.attributes - self.attributes:
            offs = {_OFF.get(code, "0") for code in ended}
            old = _DEFAULT if "0" in offs else before
            codes = ["0"] if "0" in offs else sorted(offs)
            codes += sorted(self.attributes)  # what takes one off may take another with it
        else:
            codes = sorted(self.attributes - before.attributes)
        if self.colour != old.colour:
            codes.append(self.colour or "39")
        if self.ground != old.ground:
            codes.append(self.ground or "49")
        return f"\x1b[{';'.join(codes)}m"


Cell = tuple[str, Pen]
"""A grapheme and its pen. The second cell of a wide one holds an empty string."""
_DEFAULT: Final = Pen()
_UNKNOWN: Final = " ", _DEFAULT


class Changes(CompositorUpdate):
    """An update of the screen that is drawn already."""

    def __init__(self, sent: str) -> None:
        self._sent = sent

    def render_segments(self, console: Console) -> str:
        """What to send to the terminal."""
        return self._sent


class Shown:
    """What a terminal shows, as far as it is known."""

    def __init__(self) -> None:
        self._size = 0, 0
        self._lines: dict[int, list[Cell | None]] = {}

    def forget(self) -> None:
        """Somebody else may have drawn: send everything again."""
        self._lines.clear()

    def changes(self, drawn: str, width: int, height: int) -> str:
        """Take down what is to be shown; returns what has to be sent for it."""
        if (width, height) != self._size:
            self.forget()
            self._size = width, height
        touched = self._laid(drawn)
        if touched is None:
            self.forget()
            return placed(drawn)
        sent = "".join(self._sent(touched))
        return placed(sent)

    def _laid(self, drawn: str) -> dict[int, list[Cell | None]] | None:
        """The lines as they are to be; nothing if it holds what is neither text, colour nor a place."""
        width, height = self._size
        touched: dict[int, list[Cell | None]] = {}
        line = column = at = 0
        pen = _DEFAULT
        for step in _STEP.finditer(drawn):
            if step.start() != at:
                return None
            at = step.end()
            if text := step["text"]:
                cells = touched.get(line)
                if cells is None:
                    cells = touched[line] = list(self._lines.get(line) or [None] * width)
                column = _lay(cells, column, text, pen)
            elif (codes := step["style"]) is not None:
                pen = _pen(codes)
            elif step["newline"]:
                line, column = line + 1, 0
            elif step["line"]:
                line, column = int(step["line"]) - 1, int(step["column"]) - 1
            else:
                line, column = (line, 0) if step[0] == "\r" else (0, 0)
        whole = at == len(drawn) and all(0 <= y < height for y in touched)
        return touched if whole else None

    def _sent(self, touched: dict[int, list[Cell | None]]) -> Iterator[str]:
        pen = _DEFAULT
        for y, cells in sorted(touched.items()):
            before = self._lines.get(y)
            if before == cells:
                continue
            self._lines[y] = cells
            for start, end in _runs(before, cells):
                yield f"\x1b[{y + 1};{start + 1}H"
                for cell in cells[start:end]:
                    text, wanted = cell or _UNKNOWN
                    if text == " " and wanted.is_blank and pen.on_blank.is_blank:
                        wanted = pen._replace(ground=wanted.ground)
                    yield wanted.turned_from(pen)
                    yield text
                    pen = wanted
        yield _DEFAULT.turned_from(pen)


def _lay(cells: list[Cell | None], column: int, text: str, pen: Pen) -> int:
    """Put text into a line, as much of it as has room there; returns the column behind it."""
    if _ONE_CELL.fullmatch(text):
        blank = (" ", pen.on_blank)
        laid: list[Cell] = [blank if sign == " " else (sign, pen) for sign in text]
    else:
        laid = []
        for sign, width in _graphemes(text):
            if width:
                laid += [(sign, pen.on_blank if sign == " " else pen), *[("", pen)] * (width - 1)]
            else:
                _join(cells, column, sign, pen)
    if len(laid) > (room := max(0, len(cells) - column)):
        is_halved = room > 0 and not laid[room][0]
        del laid[room:]
        laid[-1:] = [_halved(laid[-1])] if is_halved else laid[-1:]
    behind = column + len(laid)
    # A wide character of which one half is drawn over is gone.
    if laid and _is_second_half(cells[column]):
        cells[column - 1] = _halved(cells[column - 1])
    if laid and behind < len(cells) and _is_second_half(cells[behind]):
        cells[behind] = _halved(cells[behind])
    cells[column:behind] = laid
    return behind


def _graphemes(text: str) -> Iterator[tuple[str, int]]:
    """Divide text into graphemes with their cells; only what it begins with can have none, and joins what is before.

    A joiner at the beginning takes what follows it along, as Textual counts it. One at the end has nothing to join:
    it is left out, or else it would swallow whatever is sent next.
    """
    while text.startswith(_JOINER):
        yield text[:2], 0
        text = text[2:]
    for start, end, width in split_graphemes(text)[0]:
        yield text[start:end].rstrip(_JOINER), width


def _join(cells: list[Cell | None], column: int, sign: str, pen: Pen) -> None:
    """Put what has no cell of its own upon the character before a column, unless that would then take more cells."""
    base = next((x for x in range(min(column, len(cells)) - 1, -1, -1) if not _is_second_half(cells[x])), -1)
    if base < 0 or not (before := cells[base]):
        return
    joined = (before[0] + sign).rstrip(_JOINER)
    if [width for _, _, width in split_graphemes(joined)[0]] == [column - base]:
        cells[base] = joined, pen


def _is_second_half(cell: Cell | None) -> bool:
    return cell is not None and not cell[0]


def _halved(cell: Cell | None) -> Cell:
    return " ", (cell or _UNKNOWN)[1].on_blank


def _runs(before: list[Cell | None] | None, cells: list[Cell | None]) -> Iterator[tuple[int, int]]:
    """Spans of a line to be sent, from column to column."""
    changed = [x for x, (old, new) in enumerate(zip(before or [None] * len(cells), cells, strict=True)) if old != new]
    if not changed:
        return
    if _is_delicate(cells) or (before and _is_delicate(before)):
        # Half a wide character cannot be sent, and what a terminal makes of a strange one nobody knows.
        changed = [x for x, cell in enumerate(cells) if cell]
    start = end = changed[0]
    for x in changed:
        if x > end + _BRIDGE or None in cells[end:x]:
            yield start, end + 1
            start = x
        end = x
    yield start, end + 1


def _is_delicate(cells: list[Cell | None]) -> bool:
    signs = [cell[0] for cell in cells if cell]
    text = "".join(signs)
    return len(text) != len(signs) or not all(signs) or not _ONE_CELL.fullmatch(text)


@lru_cache(maxsize=1024)
def _pen(codes: str) -> Pen:
    """What SGR codes say, each set of which begins anew: Rich names all that holds for a piece of text."""
    attributes: set[str] = set()
    colour = ground = ""
    rest = iter(codes.split(";"))
    for code in rest:
        if code in ("", "0"):
            attributes, colour, ground = set(), "", ""
        elif code in ("38", "48"):
            kind = next(rest)
            whole = ";".join([code, kind, *(next(rest) for _ in range(3 if kind == "2" else 1))])
            colour, ground = (whole, ground) if code == "38" else (colour, whole)
        elif code == "39":
            colour = ""
        elif code == "49":
            ground = ""
        elif (number := int(code)) in range(30, 38) or number in range(90, 98):
            colour = code
        elif number in range(40, 48) or number in range(100, 108):
            ground = code
        else:
            attributes.add(code)
    return Pen(frozenset(attributes), colour, ground)
