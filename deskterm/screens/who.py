"""Who is at the keyboard: asked when the desk knows nobody by the user's login."""

from __future__ import annotations

from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from deskterm.screens.ask import AskScreen
from deskterm.screens.base import Host
from deskterm.settings import config_path, may_remember_operator, remember_operator
from deskterm.text import cell, safe, shown
from deskterm.widgets.frame import key_line


class WhoScreen(Screen[None]):
    """Lists the desk's operators; the one that is picked acts from now on."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter", "pick", show=False),
        Binding("s", "remember", show=False),
        Binding("escape", "look", show=False),
        *(Binding(str(n), f"nth({n})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, trouble: str = "") -> None:
        super().__init__()
        self._trouble = trouble
        self._at = 0

    @property
    def host(self) -> Host:
        """The app, as far as screens may know it."""
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        """The operators."""
        with Vertical(classes="page"):
            yield Static(id="people")
            yield Static(id="said")
        remember = [("s", "Begin, and remember it")] if may_remember_operator() else []
        yield Static(key_line(("Enter", "Begin"), *remember, ("Esc", "Only look around")), classes="keys")

    def on_mount(self) -> None:
        """Draw the list."""
        desk = self.host.desk
        assert desk is not None, "who acts is asked once the desk is known"
        self._people = [operator for operator in desk.operator if not operator.automated]
        self._draw()

    def _draw(self) -> None:
        why = self._trouble or f"This desk does not know the login {self.host.store.me.name}."
        lines = [Content.styled("Who are you?", "bold"), shown(why, "$text-muted"), Content("")]
        for number, person in enumerate(self._people):
            here = number == self._at
            level = f"level {person.level}" if isinstance(person.level, int) else str(person.level)
            key = str(number + 1) if number < 9 else " "
            lines.append(
                Content.assemble(
                    ("▸ " if here else "  ", "$text-accent"),
                    (f"{key}  ", "bold $text-accent"),
                    (cell(person.name, 24), "bold" if here else "$text"),
                    (level.ljust(12), "$text-muted"),
                    (safe(", ".join(person.groups)), "$text-muted"),
                )
            )
        self.query_one("#people", Static).update(Content("\n").join(lines))

    def action_move(self, by: int) -> None:
        """Go up or down the list."""
        if self._people:
            self._at = (self._at + by) % len(self._people)
            self._draw()

    def action_nth(self, number: int) -> None:
        """A digit picks."""
        if number <= len(self._people):
            self._at = number - 1
            self.action_pick()

    def action_pick(self) -> None:
        """Begin as the marked operator."""
        if self._people:
            self.host.reopen(operator=self._people[self._at].name)

    def action_remember(self) -> None:
        """Begin as the marked operator, and write it into the settings if that is confirmed."""
        if self._people and may_remember_operator():
            name = self._people[self._at].name
            question = f'Write operator = "{name}" into {config_path()}?'
            self.app.push_screen(AskScreen(question, "Write it", "Not now"), self._remember)

    def _remember(self, is_yes: bool | None) -> None:
        if not is_yes:
            return
        try:
            remember_operator(self._people[self._at].name)
        except OSError as error:
            sentence = f"The settings cannot be written: {error.strerror or error}. Enter begins without that."
            self.query_one("#said", Static).update(Content.assemble("\n", shown(sentence, "$text-warning")))
        else:
            self.action_pick()

    def action_look(self) -> None:
        """Stay a guest, who may look but not touch."""
        self.dismiss(None)
