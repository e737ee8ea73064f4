"""Keeps the terminal's cursor where Textual believes it stands, whatever a terminal makes of a character's width.

Terminals disagree on the cells of Indic vowel signs, joined and coloured emoji, keycaps and whatever is newer than they
are. Textual draws a line from left to right and trusts its own count, so that one such character moves the rest of
the line, and enough of them a whole column off the screen. Here the cells are cleared before such a character is drawn
and the cursor is put by name behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from rich.cells import split_graphemes
from rich.console import Console
from textual._compositor import CompositorUpdate

_AGREED: Final = (
    r"\x00-\u0482\u048a-\u058f\u05d0-\u05f4\u0620-\u064a\u0660-\u066f\u0e01-\u0e5b\u1e00-\u1fff\u2010-\u2027"
    r"\u2030-\u205e\u20a0-\u20bf\u2100-\u262f\u2638-\u2689\u2690-\u2bff\u3001-\u3029\u3031-\u3096\u3099-\u312f"
    r"\u3131-\u3163\u3250-\u4dbf\u4e00-\ua48c\uac00-\ud7a3\uff01-\uff9f\uffe0-\uffe6\ufffd\U0001f300-\U0001f3fa"
    r"\U0001f400-\U0001f64f"
)
"""What every terminal gives the same number of cells, as long as nothing else joins it."""
_COMMON: Final = re.compile(r"[\x00-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u262f]*")
"""Part of it, and enough for most of what is drawn. The whole takes longer to compile than the first paint may wait."""
_STEP: Final = re.compile(
    r"\x1b\[(?:(?P<line>\d+);(?P<column>\d+))?H|(?P<newline>\n)|(?P<text>[^\x1b\n]+)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b"
)


class Placed(CompositorUpdate):
    """An update of the screen, drawn with the cursor kept in its place."""

    def __init__(self, update: CompositorUpdate) -> None:
        self._update = update

    def render_segments(self, console: Console) -> str:
        """What to send to the terminal."""
        return placed(self._update.render_segments(console))


def placed(drawn: str) -> str:
    """Put the cursor by name behind every character that terminals may give different numbers of cells."""
    return "".join(_steps(drawn)) if is_disputed(drawn) else drawn


def is_disputed(text: str) -> bool:
    """Whether terminals may give it different numbers of cells."""
    return _COMMON.fullmatch(text) is None and _disputed().search(text) is not None


@cache
def _disputed() -> re.Pattern[str]:
    return re.compile(f"[^{_AGREED}]")


def _steps(drawn: str) -> Iterator[str]:
    line = column = 1
    is_astray = False
    for step in _STEP.finditer(drawn):
        if text := step["text"]:
            if is_astray:
                yield f"\x1b[{line};{column}H"
                is_astray = False
            if not is_disputed(text):
                yield text
                column += sum(cells for _, _, cells in split_graphemes(text)[0])
                continue
            for start, end, cells in split_graphemes(text)[0]:
                sign = text[start:end]
                if is_astray:
                    yield f"\x1b[{line};{column}H"
                is_astray = is_disputed(sign)
                yield f"{' ' * cells}\x1b[{line};{column}H{sign}" if is_astray else sign
                column += cells
            continue
        if step["newline"]:
            line, column, is_astray = line + 1, 1, False
        elif step[0].endswith("H"):
            line, column, is_astray = int(step["line"] or 1), int(step["column"] or 1), False
        yield step[0]
