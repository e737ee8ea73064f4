"""What stands on a terminal's screen, worked out from the bytes sent to it: as much of a terminal as Textual uses."""

from __future__ import annotations

import codecs
import re

from rich.cells import cell_len

_SEQUENCE = re.compile(
    r"\x1b\[(?P<args>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[\]P_^X](?:(?!\x1b\\)[^\x07])*(?:\x07|\x1b\\)"
    r"|\x1b[()].|\x1b[^\[\]P_^X()]"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]P_^X](?:(?!\x1b\\)[^\x07])*|[()])?$")
_LONGEST = 100_000


class ScreenModel:
    """A screen of so many columns and lines; `feed` it what the program wrote, then read `text`."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.columns = columns
        self.lines = lines
        self.modes: set[str] = set()
        """Private modes that are on now, such as "1049" (alternate screen) and "2004" (bracketed paste)."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._x = self._y = 0
        self._clear()

    @property
    def text(self) -> str:
        """What stands there, line by line, without colours."""
        return "\n".join("".join(line).rstrip() for line in self._cells)

    def feed(self, block: bytes) -> None:
        """Take what was written to the terminal."""
        text = self._held + self._decoder.decode(block)
        self._held = ""
        at = 0
        while at < len(text):
            escape = text.find("\x1b", at)
            self._write(text[at : escape if escape >= 0 else len(text)])
            if escape < 0:
                return
            if found := _SEQUENCE.match(text, escape):
                if found["final"]:
                    self._control(found["args"], found["final"])
                at = found.end()
            elif len(text) - escape < _LONGEST and _UNFINISHED.match(text, escape):
                self._held = text[escape:]
                return
            else:
                at = escape + 1

    def _clear(self) -> None:
        self._cells = [[" "] * self.columns for _ in range(self.lines)]

    def _write(self, text: str) -> None:
        if text.isascii() and text.isprintable() and self._x + len(text) <= self.columns:
            self._cells[self._y][self._x : self._x + len(text)] = text
            self._x += len(text)
            return
        for character in text:
            if character == "\r":
                self._x = 0
            elif character == "\n":
                self._down()
            elif character >= " ":
                width = cell_len(character)
                if width == 0:
                    continue
                if self._x + width > self.columns:
                    self._x = 0
                    self._down()
                self._cells[self._y][self._x : self._x + width] = [character, *[""] * (width - 1)]
                self._x += width

    def _down(self) -> None:
        if self._y < self.lines - 1:
            self._y += 1
        else:
            self._cells = [*self._cells[1:], [" "] * self.columns]

    def _control(self, args: str, final: str) -> None:
        if args.startswith("?"):
            if final == "h":
                self.modes.update(args[1:].split(";"))
                if "1049" in args:
                    self._clear()
            elif final == "l":
                self.modes.difference_update(args[1:].split(";"))
            return
        numbers = [int(n) if n.isdigit() else 0 for n in args.split(";")]
        if final in "Hf":
            row, column = (*numbers, 1)[:2]
            self._y = min(max(row, 1), self.lines) - 1
            self._x = min(max(column, 1), self.columns) - 1
        elif final == "J" and numbers[0] == 2:
            self._clear()
        elif final == "K":
            self._cells[self._y][self._x :] = [" "] * (self.columns - self._x)
