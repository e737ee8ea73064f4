"""A desk file before it is loaded: what a sample is, or what is wrong with a file of one's own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.check import DeskFileError, read_desk_file
from deskterm.text import safe, shown
from deskterm.widgets.frame import key_line
from deskterm.widgets.labelled import Labelled, Row
from deskterm.widgets.line import LineInput

_INDENT = 12


@dataclass(frozen=True, slots=True)
class SoundDesk:
    """A desk file that nothing is wrong with: its name, its text, and the desk it describes."""

    name: str
    source: str
    desk: DeskFile


def opening_words(source: str) -> str:
    """What a desk file says of itself: the first paragraph of comment at its top."""
    lines = takewhile(lambda line: line.startswith("# "), source.splitlines())
    return " ".join(line.removeprefix("# ").strip() for line in lines)


def described(sound: SoundDesk) -> tuple[Row, ...]:
    """Say what a desk is, in a dozen lines."""
    desk = sound.desk
    facts = {
        "Groups": ", ".join(g.name for g in desk.group),
        "Operators": ", ".join(o.name for o in desk.operator),
        "Centres": ", ".join(c.name for c in desk.centre),
        "Priorities": ", ".join(step.name for step in desk.scales.priority),
        "Asked": f"{len(desk.intake)} fields while a call is logged" if desk.intake else "",
        "Solutions": f"{len(desk.solution)} known ones" if desk.solution else "",
    }
    air = (Content(""), Content(""))
    rows = ((Content.styled(label, "$text-muted"), shown(words)) for label, words in facts.items() if words)
    return (
        (shown(desk.desk.name, "bold"), Content("")),
        air,
        (shown(opening_words(sound.source)), Content("")),
        air,
        *rows,
    )


class SampleScreen(Screen[SoundDesk | None]):
    """Shows a sample; gives it if it is wanted."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("enter", "take", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, sound: SoundDesk) -> None:
        super().__init__()
        self._sound = sound

    def compose(self) -> ComposeResult:
        """What it is, and the keys."""
        own = f"Write yours from it: deskterm desk samples {Path(self._sound.name).stem} > my-desk.toml"
        with VerticalScroll(classes="page"):
            yield Labelled(described(self._sound), indent=_INDENT)
            yield Static(Content.assemble("\n", shown(own, "$text-muted")))
        yield Static(key_line(("Enter", "Begin with it"), ("Esc", "Back")), classes="keys")

    def action_take(self) -> None:
        """Give it."""
        self.dismiss(self._sound)

    def action_leave(self) -> None:
        """Give nothing."""
        self.dismiss(None)


class DeskFileScreen(Screen[SoundDesk | None]):
    """Asks for a desk file and checks it; gives it once nothing is wrong with it."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("up", "scroll_list(-1)", show=False, priority=True),
        Binding("down", "scroll_list(1)", show=False, priority=True),
    ]

    def compose(self) -> ComposeResult:
        """The path, and what the check says."""
        with Vertical(classes="page"):
            yield Static(Content.assemble(("Load a desk file", "bold"), "\n"))
            with Horizontal(id="path"):
                yield Static(Content("File"))
                yield LineInput(placeholder="path of the .toml file")
            with VerticalScroll(id="problems", can_focus=False):
                yield Labelled(indent=_INDENT, id="said")
        yield Static(key_line(("Enter", "Check and load"), ("↑↓", "Scroll"), ("Esc", "Back")), classes="keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the file."""
        if event.value.strip():
            self.run_worker(self._check(event.value.strip()), exclusive=True, exit_on_error=False)

    async def _check(self, named: str) -> None:
        said = self.query_one("#said", Labelled)
        try:
            sound = await asyncio.to_thread(_read, named)
        except DeskFileError as error:
            said.show(_problems(error))
            self.query_one("#problems").scroll_home(animate=False)
        except OSError as error:
            words = shown(f"{named} cannot be read: {error.strerror or error}.", "$text-warning")
            said.show(((words, Content("")),))
        else:
            self.dismiss(sound)

    def action_scroll_list(self, by: int) -> None:
        """Move the list of problems while the keyboard stays in the path."""
        self.query_one("#problems").scroll_relative(y=by, animate=False)

    def action_leave(self) -> None:
        """Give nothing."""
        self.dismiss(None)


def _read(named: str) -> SoundDesk:
    path = Path(named).expanduser()
    source, desk = read_desk_file(path)
    return SoundDesk(path.name, source, desk)


def _problems(error: DeskFileError) -> tuple[Row, ...]:
    count = len(error.problems)
    head = "One thing is" if count == 1 else f"{count} things are"
    told = Content.styled(f"{head} wrong with it. Mend the file and press Enter again.", "$text-warning")
    rows: list[Row] = [(told, Content("")), (Content(""), Content(""))]
    for problem in error.problems:
        key = (f"{safe(problem.key)}: ", "bold") if problem.key else ""
        label = Content.styled(f"line {problem.line}", "$text-muted")
        rows.append((label, Content.assemble(key, shown(problem.message))))
    return tuple(rows)
