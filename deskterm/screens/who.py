"""Who is at the keyboard: asked when the desk knows nobody by the user's login."""

from __future__ import annotations

from typing import ClassVar, cast
from uuid import NAMESPACE_OID, uuid5

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from deskterm.desk.deskfile import Operator
from deskterm.screens.ask import AskScreen
from deskterm.screens.base import Host
from deskterm.settings import config_path, may_remember_operator, remember_operator
from deskterm.text import shown
from deskterm.widgets.connection_words import plated
from deskterm.widgets.frame import key_line
from deskterm.widgets.table import Column, RowTable, TableRow


class WhoScreen(Screen[None]):
    """Lists the desk's operators; the one that is picked acts from now on. `trouble` says why it is asked."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = "RowTable"
    BINDINGS: ClassVar = [
        Binding("enter", "pick", show=False),
        Binding("s", "remember", show=False),
        Binding("escape", "look", show=False),
        *(Binding(str(n), f"nth({n})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, trouble: str = "") -> None:
        super().__init__()
        self._trouble = trouble

    @property
    def host(self) -> Host:
        """The app, as far as screens may know it."""
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        """The operators."""
        columns: tuple[Column[tuple[int, Operator]], ...] = (
            Column("", 2, lambda row: (str(row[0]) if row[0] < 10 else "", "accent")),
            Column("", 24, lambda row: (row[1].name, "plain")),
            Column("", 11, lambda row: (_level(row[1]), "muted")),
            Column("", 0, lambda row: (", ".join(row[1].groups), "muted"), gives_way=1),
        )
        why = self._trouble or f"This desk does not know the login {self.host.store.me.name}."
        remember = [("s", "Begin, and remember it")] if may_remember_operator() else []
        with Vertical(classes="page"):
            asked = plated(self.host.connection, Content.styled("Who are you?", "bold"))
            yield Static(Content.assemble(asked, "\n", shown(why, "$text-muted")), id="why")
            yield RowTable(columns, id="people")
        yield Static(key_line(("Enter", "Begin"), *remember, ("Esc", "Only look around")), classes="keys")

    @property
    def table(self) -> RowTable[tuple[int, Operator]]:
        """The operators, numbered from 1."""
        return self.query_one("#people", RowTable)

    def on_mount(self) -> None:
        """List the people; programs do not sit at keyboards."""
        desk = self.host.desk
        assert desk is not None, "who acts is asked once the desk is known"
        people = [operator for operator in desk.operator if not operator.automated]
        rows = (TableRow(uuid5(NAMESPACE_OID, person.name), (n, person)) for n, person in enumerate(people, 1))
        self.table.replace(rows)

    def action_nth(self, number: int) -> None:
        """A digit picks."""
        if number <= len(self.table.rows):
            self._begin(self.table.rows[number - 1].value[1].name)

    def action_pick(self) -> None:
        """Begin as the marked operator."""
        if row := self.table.current:
            self._begin(row.value[1].name)

    def _begin(self, name: str) -> None:
        self.host.reopen(operator=name)

    def action_remember(self) -> None:
        """Begin as the marked operator, and write it into the settings if that is confirmed."""
        row = self.table.current
        if row and may_remember_operator():
            name = row.value[1].name
            question = f'Write operator = "{name}" into {config_path()}?'
            self.app.push_screen(AskScreen(question, "Write it", "Not now"), lambda yes: self._write(name, yes))

    def _write(self, name: str, is_yes: bool | None) -> None:
        if not is_yes:
            return
        try:
            remember_operator(name)
        except OSError as error:
            sentence = f"The settings cannot be written: {error.strerror or error}. Enter begins without that."
            self.query_one("#why", Static).update(shown(sentence, "$text-warning"))
        else:
            self._begin(name)

    def action_look(self) -> None:
        """Stay a guest, who may look but not touch."""
        self.dismiss(None)


def _level(operator: Operator) -> str:
    return f"level {operator.level}" if isinstance(operator.level, int) else operator.level
