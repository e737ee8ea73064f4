"""How a connection is shown: its name on its colour, the same wherever it stands."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from textual.content import Content

from deskterm.connections import LONGEST_NAME, Connection
from deskterm.text import cell, safe

WIDEST: Final = LONGEST_NAME + 2


def name_plate(connection: Connection, width: int = 0) -> Content:
    """The name on its colour, as wide as it is or as is asked; whoever sees no colours reads the name."""
    name = safe(connection.name)
    # Not bold: some terminals would show bold black as grey.
    return Content.styled(
        f" {cell(name, max(min(cell_len(name), LONGEST_NAME), width))} ",
        f"$connection-text on $connection-{connection.colour}",
    )
