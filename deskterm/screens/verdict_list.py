"""Verdicts as a screen lists them: what may be done first, then what may not, each with the rule that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Static

from deskterm.text import cell
from deskterm.widgets.entry_lines import wrapped
from deskterm.widgets.frame import key_line

_KEY = 3
Part = tuple[str, list[Content]]
"""A heading, and the lines under it."""


class _Found(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def allowed(self) -> bool: ...


class VerdictList(ModalScreen[ScreenResultType]):
    """The list over the screen it is about. A kind of it says what it is titled, and what its parts are."""

    CSS_PATH = "verdicts.tcss"
    HINT: ClassVar[str]
    """What does an act."""
    TITLE_WIDTH: ClassVar[int]

    @property
    def head(self) -> str:
        """What it is about, and how that stands."""
        raise NotImplementedError

    def parts(self, width: int) -> Iterable[Part]:
        """What is listed, wrapped to `width`."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Title, how to end, and the list."""
        with VerticalScroll(id="verdicts"):
            keys = key_line(("Esc", "Back"), ("↓", "More"))
            yield Static(Content.assemble((f"{self.head}   ", "bold"), keys, (f"   or {self.HINT}", "$text-muted")))
            yield Static(self.listing(self.app.size.width - 4), id="list")

    def on_mount(self) -> None:
        """Take the keyboard, so that arrows scroll."""
        self.query_one("#verdicts").focus()

    def on_resize(self) -> None:
        """Wrap reasons to the width."""
        self.query_one("#list", Static).update(self.listing(self.size.width - 4))

    def listing(self, width: int) -> Content:
        """All parts in which there is anything."""
        told = [(Content.styled(head, "$text-muted"), *lines) for head, lines in self.parts(max(40, width)) if lines]
        return Content("\n").join([line for part in told for line in (Content(""), *part)] + [Content("")])

    def lines_of(self, found: _Found, key: str, why: str, width: int) -> list[Content]:
        """A verdict with the key that does it, and why it may not be done or what it needs."""
        sign = ("✓ ", "$text-success") if found.allowed else ("✗ ", "$text-warning")
        title = (cell(found.title, self.TITLE_WIDTH), "" if found.allowed else "$text-disabled")
        lead = Content.assemble(sign, (key.ljust(_KEY), "bold $text-accent"), title)
        first, *rest = wrapped(why, width - lead.cell_length, "$text-muted") or [Content("")]
        return [
            Content.assemble(lead, first),
            *(Content.assemble(" " * lead.cell_length, line) for line in rest),
        ]
