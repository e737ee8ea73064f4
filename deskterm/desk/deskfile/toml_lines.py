"""Where each key of a TOML file stands. Parsers of today hand out values without their lines; errors need them.

One pass over the source, without recursion, so that a hostile file costs no more than its length. What is
correct TOML is for `tomllib` to say; on text that is not, the lines found here mean nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys and list positions (from 0) that lead to a value, as in pydantic's errors."""
DEEPEST = 24
"""How many keys, lists and tables may be stacked into each other."""

_TOKEN = re.compile(
    r"""
    (?P<skip> [ \t\r]+ | \#[^\n]* )
  | (?P<newline> \n )
  | (?P<text> \"{3} (?: [^"\\]+ | \\. | "{1,2}(?!") )*+ "{3,5}
            | '{3} (?: [^']+ | '{1,2}(?!') )*+ '{3,5}
            | " (?: [^"\\\n]+ | \\[^\n] )*+ "
            | ' [^'\n]*+ ' )
  | (?P<mark> [\[\]{},=.] )
  | (?P<bare> [^\s\[\]{},=.\#"']+ )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class TooDeep(ValueError):
    """Tables, lists or dotted keys are stacked deeper than any desk needs. Has the `line` where."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested more than {DEEPEST} deep")
        self.line = line


def lines_of(source: str) -> dict[Path, int]:
    """Find the line (from 1) of every key, table header and list entry. Raises TooDeep."""
    reader = _Reader()
    for kind, text, line in _tokens(source):
        reader.take(kind, text, line)
    return reader.lines


def line_at(lines: dict[Path, int], path: Path) -> int:
    """Look up the line of a path; for a key that is missing, the line of the nearest thing around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _tokens(source: str) -> Iterator[tuple[str, str, int]]:
    line = 1
    for found in _TOKEN.finditer(source):
        kind, text = found.lastgroup or "other", found.group()
        if kind != "skip":
            yield kind, text, line
        line += text.count("\n")


@dataclass(slots=True)
class _Open:
    """A list or inline table that has not ended: its path and, for a list, the position of the entry being read."""

    path: Path
    entry: int | None


@dataclass(slots=True)
class _Reader:
    lines: dict[Path, int] = field(default_factory=dict)
    _tables: dict[Path, int] = field(default_factory=dict)
    """How many tables each array of tables has so far."""
    _table: Path = ()
    _open: list[_Open] = field(default_factory=list)
    _key: list[str] = field(default_factory=list)
    _place: Path = ()
    _in_value: bool = False
    _brackets: int = 0
    """Brackets before the name in a table's header; 0 outside of one."""

    def take(self, kind: str, text: str, line: int) -> None:
        """Take in the next token, which stands in this line."""
        if kind == "newline":
            self._end_line()
        elif self._in_value:
            self._value(kind, text, line)
        elif kind in ("bare", "text"):
            self._key.append(_unquoted(text) if kind == "text" else text)
            if len(self._key) > DEEPEST:
                raise TooDeep(line)
        elif text == "=":
            self._assign(line)
        elif text == "[":
            self._brackets += 1
        elif text == "]":
            self._header(line)
        elif text == "}":
            self._close()

    def _end_line(self) -> None:
        if not self._open:
            self._in_value, self._brackets = False, 0
            self._key.clear()

    def _assign(self, line: int) -> None:
        self._place = self._note((self._open[-1].path if self._open else self._table), line)
        self._in_value = True

    def _note(self, within: Path, line: int) -> Path:
        """Write down the line of the key just read; tables that it implies get the line where they first appear."""
        path = within
        for part in self._key:
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._key.clear()
        return path

    def _header(self, line: int) -> None:
        if not self._brackets or not self._key:
            return
        path: Path = ()
        *around, last = self._key
        for part in around:
            path = (*path, part)
            self.lines.setdefault(path, line)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        path = (*path, last)
        if self._brackets > 1:
            entry = self._tables.get(path, 0)
            self._tables[path] = entry + 1
            self.lines.setdefault(path, line)
            path = (*path, entry)
        self.lines[path] = line
        self._table, self._brackets = path, 0
        self._key.clear()

    def _value(self, kind: str, text: str, line: int) -> None:
        inside = self._open[-1] if self._open else None
        if text == "," and inside:
            if inside.entry is None:
                self._in_value = False
            else:
                inside.entry += 1
                self._place = (*inside.path, inside.entry)
            return
        if text in ("]", "}"):
            self._close()
            return
        if inside and inside.entry is not None:
            self.lines.setdefault(self._place, line)
        if text in ("[", "{"):
            self._enter(text, line)

    def _enter(self, bracket: str, line: int) -> None:
        if len(self._open) >= DEEPEST:
            raise TooDeep(line)
        self._open.append(_Open(self._place, 0 if bracket == "[" else None))
        if bracket == "[":
            self._place = (*self._place, 0)
        self._in_value = bracket == "["

    def _close(self) -> None:
        if self._open:
            self._open.pop()
        self._in_value = True


def _unquoted(text: str) -> str:
    try:
        return str(tomllib.loads(f"key = {text}")["key"])
    except (tomllib.TOMLDecodeError, KeyError):
        return text
