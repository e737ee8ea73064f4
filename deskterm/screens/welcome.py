"""The first page: nothing is here yet, or what is here cannot be used. One key leads on."""

from __future__ import annotations

from collections.abc import Coroutine
from itertools import count
from typing import Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from deskterm.desk.commands import LoadDesk
from deskterm.desk.deskfile.check import SAMPLES, load_sample
from deskterm.screens.base import Host
from deskterm.screens.connections import ConnectionScreen
from deskterm.screens.desk_file import DeskFileScreen, SampleScreen, SoundDesk
from deskterm.store.base import StoreError
from deskterm.text import shown
from deskterm.widgets.connection_words import plated
from deskterm.widgets.frame import key_line
from deskterm.widgets.labelled import Labelled, Row

_INDENT = 33
_ABOUT = {
    "follow-the-sun": "software supplier with two centres",
    "managed-network": "network integrator that runs what it sold",
    "level-0-1-2": "outsourced helpdesk, levels 0, 1 and 2",
    "carrier-noc": "carrier, one centre day and night",
    "it-assistance": "regional IT firm, from desk to network",
}
"""What the sample desks are, in a line each."""


class WelcomeScreen(Screen[None]):
    """What to begin with. `trouble` says why the store that was named cannot be used; it is not touched."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("1", "demo", show=False),
        *(Binding(str(n), f"sample({name!r})", show=False) for n, name in enumerate(SAMPLES, 2)),
        Binding("f", "file", show=False),
        Binding("J", "connection", show=False),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, trouble: str = "") -> None:
        super().__init__()
        self._trouble = trouble
        self._is_busy = False

    @property
    def host(self) -> Host:
        """The app, as far as screens may know it."""
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        """Name, sentence, choices."""
        with Vertical(classes="page"):
            yield Labelled(self._page(), indent=_INDENT)
            yield Static(id="said")
        yield Static(
            key_line(("1", "Demo"), *([] if self._trouble else [("f", "Desk file")]), ("q", "Leave")), classes="keys"
        )

    def _page(self) -> tuple[Row, ...]:
        air = (Content(""), Content(""))
        demo = _choice("1", "Try the demo", "a week of an invented desk, kept apart")
        leave = _choice("q", "Leave")
        name = (plated(self.host.connection, Content.styled("deskterm", "bold $text-accent")), Content(""))
        if self._trouble:
            others = [_choice("J", "Go to another desk")] if self.host.settings.connections else []
            more = Content.assemble("Nothing was changed. ", ("deskterm doctor", "bold"), " looks closer.")
            trouble = (shown(self._trouble, "$text-warning", lines=True), Content(""))
            return (
                *(name, air, (Content("The desk cannot be opened."), Content("")), air, trouble, air),
                *((more, Content("")), air, *others, demo, leave),
            )
        aim = (Content("Log a call, hand it on, follow it, without leaving the keyboard."), Content(""))
        begin = Content.styled("Or begin a desk of your own, from a sample that you change later:", "$text-muted")
        samples = (_choice(str(n), load_sample(key)[1].desk.name, _ABOUT[key]) for n, key in enumerate(SAMPLES, 2))
        own = _choice("f", "Load a desk file", "one that you or a colleague wrote")
        return (name, air, aim, air, demo, air, (begin, Content("")), *samples, air, own, leave)

    def say(self, message: str, style: str = "$text-muted") -> None:
        """Answer below the choices."""
        self.query_one("#said", Static).update(Content.assemble("\n", shown(message, style)))

    def action_demo(self) -> None:
        """Make the demo if it is not there yet, and open it."""
        if not self._is_busy:
            self._begin(self._demo())

    async def _demo(self) -> None:
        from deskterm.demo.making import make_demo

        seconds = count()
        self._tell_progress(next(seconds))
        progress = self.set_interval(1, lambda: self._tell_progress(next(seconds)))
        try:
            url = await make_demo()
        finally:
            progress.stop()
        self.host.reopen(url)

    def _tell_progress(self, seconds: int) -> None:
        so_far = f" {seconds} s" if seconds else ""
        self.say(f"Making a week of an invented desk …{so_far}")

    def action_sample(self, name: str) -> None:
        """Show a sample, and begin with it if it is wanted."""
        if not self._trouble and not self._is_busy:
            source, desk = load_sample(name)
            self.app.push_screen(SampleScreen(SoundDesk(f"{name}.toml", source, desk)), self._load)

    def action_file(self) -> None:
        """Ask for a desk file."""
        if not self._trouble and not self._is_busy:
            self.app.push_screen(DeskFileScreen(), self._load)

    def _load(self, sound: SoundDesk | None) -> None:
        if sound is not None:
            self._begin(self._submit(sound))

    async def _submit(self, sound: SoundDesk) -> None:
        await self.host.store.submit(LoadDesk(name=sound.name, source=sound.source))
        self.host.reopen()

    def action_connection(self) -> None:
        """Go to another desk that the settings name, or try this one again."""
        if self.host.settings.connections and not self._is_busy:
            self.app.push_screen(ConnectionScreen(tuple(self.host.settings.connections.values()), None))

    def action_leave(self) -> None:
        """Leave deskterm."""
        self.app.exit(return_code=0)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._is_busy = True
        self.run_worker(self._guarded(work), exit_on_error=False)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StoreError as error:
            self.say(error.message, "$text-warning")
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the page stays and the log has the rest
            self.say(self.host.unexpected(error), "$text-warning")
        finally:
            self._is_busy = False


def _choice(key: str, name: str, more: str = "") -> Row:
    label = Content.assemble((f"  {key}  ", "bold $text-accent"), shown(name))
    return label, shown(more, "$text-muted")
