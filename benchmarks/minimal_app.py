"""The least that a Textual app with a list can be: header, input, fifty rows, footer. The floor of `terminal`."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header, Input

ROWS = 50
FIRST = "Row 0 of the table"


class MinimalApp(App[None]):
    """Nothing but Textual."""

    BINDINGS = [("f2", "app.bell", "Bell")]  # noqa: RUF012 - Textual declares it so

    def compose(self) -> ComposeResult:
        """Header, input, table, footer."""
        yield Header()
        yield Input(placeholder="Type here")
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_columns("Number", "What", "Who")
        table.add_rows((str(n), f"Row {n} of the table", "somebody") for n in range(ROWS))


class BareInput(App[None]):
    """Nothing but a field."""

    def compose(self) -> ComposeResult:
        """The field."""
        yield Input(placeholder="Type here")


def main() -> int:
    """Run it."""
    MinimalApp().run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
