"""A desk file before it is loaded: what a sample is, or what is wrong with a file of one's own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from deskterm.desk.deskcheck import DeskFileError, read_desk_file
from deskterm.desk.deskfile import DeskFile
from deskterm.text import shown
from deskterm.widgets.frame import key_line


@dataclass(frozen=True, slots=True)
class LoadedDesk:
    """A desk file that is sound: its name, its text, and the desk it describes."""

    name: str
    source: str
    desk: DeskFile


def described(loaded: LoadedDesk) -> Content:
    """Say what a desk is, in a dozen lines."""
    desk = loaded.desk
    facts = [
        ("Groups", ", ".join(g.name for g in desk.group)),
        ("Operators", ", ".join(o.name for o in desk.operator)),
        ("Centres", ", ".join(c.name for c in desk.centre)),
        ("Priorities", ", ".join(step.name for step in desk.scales.priority)),
        ("Solutions", f"{len(desk.solution)} known ones" if desk.solution else ""),
    ]
    lines = [Content.assemble((label.ljust(12), "$text-muted"), shown(words)) for label, words in facts if words]
    return Content("\n").join([shown(desk.desk.name, "bold"), Content(""), *lines])


class SampleScreen(Screen[LoadedDesk | None]):
    """Shows a sample; gives it if it is wanted."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("enter", "take", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, loaded: LoadedDesk) -> None:
        super().__init__()
        self._loaded = loaded

    def compose(self) -> ComposeResult:
        """What it is, and the keys."""
        with Vertical(classes="page"):
            yield Static(described(self._loaded))
        yield Static(key_line(("Enter", "Begin with it"), ("Esc", "Back")), classes="keys")

    def action_take(self) -> None:
        """Give it."""
        self.dismiss(self._loaded)

    def action_leave(self) -> None:
        """Give nothing."""
        self.dismiss(None)


class DeskFileScreen(Screen[LoadedDesk | None]):
    """Asks for a desk file and checks it; gives it once nothing is wrong with it."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar = [Binding("escape", "leave", show=False)]

    def compose(self) -> ComposeResult:
        """The path, and what the check says."""
        with Vertical(classes="page"):
            yield Static(Content.assemble(("Load a desk file", "bold"), "\n"))
            with Horizontal(id="path"):
                yield Static(Content("File"))
                line = Input(placeholder="path of the .toml file", compact=True, select_on_focus=False)
                line.cursor_blink = False
                yield line
            with VerticalScroll(id="problems", can_focus=False):
                yield Static(id="said")
        yield Static(key_line(("Enter", "Check and load"), ("Esc", "Back")), classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the file."""
        if event.value.strip():
            self.run_worker(self._check(event.value.strip()), exclusive=True, exit_on_error=False)

    async def _check(self, named: str) -> None:
        said = self.query_one("#said", Static)
        try:
            loaded = await asyncio.to_thread(_read, named)
        except DeskFileError as error:
            said.update(_problems(error))
        except OSError as error:
            said.update(shown(f"{named} cannot be read: {error.strerror or error}.", "$text-warning"))
        else:
            self.dismiss(loaded)

    def action_leave(self) -> None:
        """Give nothing."""
        self.dismiss(None)


def _read(named: str) -> LoadedDesk:
    path = Path(named).expanduser()
    source, desk = read_desk_file(path)
    return LoadedDesk(path.name, source, desk)


def _problems(error: DeskFileError) -> Content:
    count = len(error.problems)
    head = "One thing is" if count == 1 else f"{count} things are"
    lines = [Content.styled(f"{head} wrong with it. Mend the file and press Enter again.", "$text-warning")]
    for problem in error.problems:
        key = (f"{problem.key}: ", "bold") if problem.key else ""
        where = f"line {problem.line}".ljust(10)
        lines.append(Content.assemble((where, "$text-muted"), shown(*key) if key else "", shown(problem.message)))
    return Content("\n").join(lines)
