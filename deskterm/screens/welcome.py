"""The first page: nothing is here yet, or what is here cannot be used. One key leads on."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from deskterm.desk.commands import LoadDesk
from deskterm.desk.deskcheck import SAMPLES, load_sample
from deskterm.screens.base import Host
from deskterm.screens.desk_file import DeskFileScreen, LoadedDesk, SampleScreen
from deskterm.store.base import StoreError
from deskterm.text import safe, shown
from deskterm.widgets.frame import key_line


class WelcomeScreen(Screen[None]):
    """What to begin with. `trouble` says why the store that was named cannot be used; it is not touched."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("1", "demo", show=False),
        *(Binding(str(n), f"sample({name!r})", show=False) for n, name in enumerate(SAMPLES, 2)),
        Binding("f", "file", show=False),
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
            yield Static(self._page())
            yield Static(id="said")
        yield Static(
            key_line(("1", "Demo"), *([] if self._trouble else [("f", "Desk file")]), ("q", "Leave")), classes="keys"
        )

    def _page(self) -> Content:
        lines = [Content.styled("deskterm", "bold $text-accent"), Content("")]
        if self._trouble:
            lines += [
                Content("The desk cannot be opened."),
                Content(""),
                shown(self._trouble, "$text-warning", lines=True),
                Content.assemble(
                    "Nothing was changed. ", ("deskterm doctor", "bold"), " looks closer and says what to do."
                ),
                Content(""),
                _choice("1", "Look at the demo", "a week of an invented desk, in a file of its own"),
            ]
        else:
            lines += [
                Content("Log a call, hand it on, follow it: a service desk without leaving the keyboard."),
                Content(""),
                _choice("1", "Try the demo", "a week of an invented desk, in a file of its own"),
                Content(""),
                Content.styled("Or begin a desk of your own, from a sample that you change later:", "$text-muted"),
                *(_choice(str(n), load_sample(name)[1].desk.name, name) for n, name in enumerate(SAMPLES, 2)),
                Content(""),
                _choice("f", "Load a desk file", "one that you or your colleagues wrote"),
            ]
        return Content("\n").join([*lines, _choice("q", "Leave", "")])

    def say(self, message: str, style: str = "$text-muted") -> None:
        """Answer below the choices."""
        self.query_one("#said", Static).update(Content.assemble("\n", shown(message, style)))

    def action_demo(self) -> None:
        """Make the demo if it is not there yet, and open it."""
        if not self._is_busy:
            self._begin(self._demo())

    async def _demo(self) -> None:
        from deskterm.demo.making import make_demo

        self.say("Making a week of an invented desk …")
        self.host.reopen(await make_demo())

    def action_sample(self, name: str) -> None:
        """Show a sample, and begin with it if it is wanted."""
        if not self._trouble and not self._is_busy:
            source, desk = load_sample(name)
            self.app.push_screen(SampleScreen(LoadedDesk(f"{name}.toml", source, desk)), self._load)

    def action_file(self) -> None:
        """Ask for a desk file."""
        if not self._trouble and not self._is_busy:
            self.app.push_screen(DeskFileScreen(), self._load)

    def _load(self, loaded: LoadedDesk | None) -> None:
        if loaded is not None:
            self._begin(self._submit(loaded))

    async def _submit(self, loaded: LoadedDesk) -> None:
        await self.host.store.submit(LoadDesk(name=loaded.name, source=loaded.source))
        self.host.reopen()

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


def _choice(key: str, name: str, more: str) -> Content:
    return Content.assemble((f"  {key}  ", "bold $text-accent"), (safe(name).ljust(28), "$text"), (more, "$text-muted"))
