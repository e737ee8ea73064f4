"""How answers are set for people: calm aligned columns, colour only where it repeats what is said, clean text."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from deskterm.text import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDEST = 10_000
"""Columns of an output that is no terminal: nothing is cut, so that it can be searched."""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, stretch: str = "", wrap: bool = False) -> str:
    """Set rows under their heads. On a terminal the column named `stretch` gives way, so that a row is one line.

    With `wrap`, rows take the lines they need and nothing is cut.
    """
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, padding=(0, 1 if wrap else 2, 0, 0), pad_edge=False, header_style="bold")
    for head in heads:
        ratio = 1 if head == stretch and _on_terminal() else None
        grid.add_column(Text(head), no_wrap=not wrap, overflow="fold" if wrap else "ellipsis", ratio=ratio)
    empty = True
    for row in rows:
        empty = False
        grid.add_row(*(Text(printable(value)) for value in row))
    return "" if empty else drawn(grid)


def pairs(facts: Iterable[tuple[str, str]], indent: int = 2) -> str:
    """Set labels and what they hold side by side; those that hold nothing are left out. Long text is wrapped."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for label, value in facts:
        if value:
            grid.add_row(Text(printable(label)), Text(printable(value, lines=True)))
    return drawn(Padding(grid, (0, 0, 0, indent), expand=False)) if grid.row_count else ""


def paragraph(text: str, *, indent: int = 0, style: str = "") -> str:
    """Set a text, wrapped to the terminal, its own line breaks kept."""
    from rich.padding import Padding
    from rich.text import Text

    return drawn(Padding(Text(printable(text, lines=True), style, overflow="fold"), (0, 0, 0, indent), expand=False))


def is_narrow() -> bool:
    """Whether there is less room than a wide table takes."""
    return _on_terminal() and shutil.get_terminal_size().columns < 110


def heading(text: str) -> str:
    """Set a line that stands above others."""
    return paragraph(text, style="bold")


def when(moment: datetime, now: datetime) -> str:
    """Write a moment by the clock of this machine; the year only where it is another."""
    local = moment.astimezone()
    year = "" if local.year == now.astimezone().year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def drawn(what: RenderableType) -> str:
    """Draw something for standard output, without spaces at the ends of lines."""
    console = _console()
    console.print(what)
    file = console.file
    assert isinstance(file, io.StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip("\n").split("\n"))


def _console() -> Console:
    from rich.console import Console

    width = shutil.get_terminal_size().columns if _on_terminal() else WIDEST
    return Console(
        file=io.StringIO(), width=width, force_terminal=_on_terminal(), markup=False, emoji=False, highlight=False,
        legacy_windows=False,
    )  # fmt: skip


def _on_terminal() -> bool:
    return sys.stdout.isatty()
