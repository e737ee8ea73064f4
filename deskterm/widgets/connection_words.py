"""How a connection is shown: its name on its colour, the same wherever it stands."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from deskterm.connections import LONGEST_NAME, Connection
from deskterm.text import cell, safe


def name_plate(connection: Connection, width: int = 0) -> Content:
    """The name on its colour, as wide as it is or as is asked; whoever sees no colours reads the name."""
    name = safe(connection.name)
    named = cell(name, max(min(cell_len(name), LONGEST_NAME), width))
    # Reversed: it is as readable as a text of that colour, in whatever sixteen colours a terminal has.
    return Content.styled(f" {named} ", f"reverse $connection-{connection.colour}")


def plated(connection: Connection | None, title: Content) -> Content:
    """A title behind the name of the desk; the title alone where desks have no names."""
    return Content.assemble(name_plate(connection), "  ", title) if connection else title
