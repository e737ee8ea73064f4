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
GAP, ENOUGH, NARROWEST = 2, 12, 4
"""Between two columns of a table; what is enough for one beside a favoured one; what each keeps on a terminal."""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, kept: str = "") -> str:
    """Set rows under their heads; an empty string when there are none.

    On a terminal each row is one line: the widest columns give way, the one named `kept` last. Elsewhere nothing is
    cut.
    """
    from rich.table import Table
    from rich.text import Text

    heads = [printable(head) for head in heads]
    shown = [[printable(value) for value in row] for row in rows]
    grid = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    for head, width in zip(heads, _widths([heads, *shown], kept), strict=True):
        grid.add_column(Text(head), no_wrap=True, overflow="ellipsis", width=width)
    for row in shown:
        grid.add_row(*map(Text, row))
    return drawn(grid) if shown else ""


def _widths(lines: Sequence[Sequence[str]], kept: str) -> list[int]:
    """How wide each column may be, so that a line fits: what is too long is taken from the widest, again and again."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    too_long = sum(widths) + GAP * len(widths) - _columns()
    favoured = lines[0].index(kept) if kept else -1
    for _ in range(too_long):
        others = [width for column, width in enumerate(widths) if column != favoured]
        widest = max(others) if max(others) > ENOUGH else max(widths)
        if widest <= NARROWEST:
            break
        widths[max((c for c, width in enumerate(widths) if width == widest), key=lambda c: c != favoured)] -= 1
    return widths


def wrapped_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Set rows under their heads, each in as many lines as it needs."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for head in heads:
        grid.add_column(Text(printable(head)), overflow="fold")
    for row in rows:
        grid.add_row(*(Text(printable(value)) for value in row))
    return drawn(grid)


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
    return _columns() < 110


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

    return Console(
        file=io.StringIO(), width=_columns(), force_terminal=_on_terminal(), markup=False, emoji=False, highlight=False,
        legacy_windows=False,
    )  # fmt: skip


def _on_terminal() -> bool:
    return sys.stdout.isatty()


def _columns() -> int:
    return shutil.get_terminal_size().columns if _on_terminal() else WIDEST
