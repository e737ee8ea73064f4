"""A question that is answered with one key: yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from deskterm.text import shown


class AskScreen(ModalScreen[bool]):
    """Asks at the foot of the screen. Only `y` says yes; Enter says nothing, so that no habit answers."""

    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape", "answer(False)", show=False),
    ]

    def __init__(self, question: str, yes: str, no: str) -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no

    def compose(self) -> ComposeResult:
        """The question and its two answers."""
        yield Static(
            Content.assemble(
                shown(self._question, "bold"),
                "\n",
                ("y", "bold $text-accent"),
                " ",
                shown(self._yes),
                "   ",
                ("n", "bold $text-accent"),
                " ",
                shown(self._no),
            )
        )

    def action_answer(self, is_yes: bool) -> None:
        """Give the answer."""
        self.dismiss(is_yes)
