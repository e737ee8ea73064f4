"""A person at the keyboard of the real app: tests and benchmarks drive deskterm through this and nothing else.

    async with at_the_desk(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("brook")      # letters that name somebody: free text
        await robot.press("enter")
        assert robot.shows("Brook & Lane")

`robot.keys` counts every key pressed that is not free text, which is what the product promises to keep few.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from deskterm.app import DeskApp
from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.customers import Company, Contact, Contract, Entry, Item, Service
from deskterm.desk.records.ticket import Facts, Ticket
from deskterm.settings import Settings
from deskterm.store.base import Store
from deskterm.store.drafts import Journal
from deskterm.store.opening import open_store

START = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
"""A Monday morning."""

CUSTOMERS: tuple[Entry, ...] = (
    Company(key="BL", name="Brook & Lane", account_manager="Ines Duarte"),
    Company(key="HF", name="Harbour Foods", account_manager="Ines Duarte"),
    Company(key="AC", name="Alder Clinic"),
    Contact(key="BL-1", company="BL", name="Rosa Amadi", phone="+44 7700 900123", email="rosa@brook.example"),
    Contact(key="BL-2", company="BL", name="Piet de Vries", phone="+44 7700 900188"),
    Contact(key="HF-1", company="HF", name="Jon Sato", phone="+44 7700 900245"),
    Contact(key="AC-1", company="AC", name="Mina Berg", phone="+44 7700 900311", prefers="email"),
    Contract(key="BL-204", company="BL", service_level="Gold", cover="always"),
    Contract(key="HF-17", company="HF", service_level="Standard"),
    Service(key="SV-7", company="BL", name="Telephony", contract="BL-204", critical=True),
    Item(key="2XK-11", company="BL", make="Fabrikat", model="T40", location="Reception"),
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = START) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        """The moment it shows, UTC."""
        return self.moment

    def forward(self, **span: float) -> None:
        """Move it on: `forward(minutes=5)`."""
        self.moment += timedelta(**span)


class Robot:
    """A person at the keyboard."""

    def __init__(self, app: DeskApp, pilot: Pilot[int], clock: Clock, folder: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.clock = clock
        self.folder = folder
        self.keys = 0
        """Keys pressed so far that were not free text."""

    @property
    def url(self) -> str:
        """Where this desk is kept."""
        return store_url(self.folder)

    @property
    def store(self) -> Store:
        """The store of the app."""
        return self.app.store

    @property
    def screen(self) -> Screen[object]:
        """The screen in front."""
        return self.app.screen

    async def press(self, *keys: str) -> None:
        """Press keys that count, each settled before the next."""
        for key in keys:
            self.keys += 1
            await self.pilot.press(key)
            await self.settle()

    async def types(self, text: str) -> None:
        """Type free text: words of a summary or a note, or letters and digits that name somebody."""
        await self.pilot.press(*(_key(character) for character in text))
        await self.settle()

    async def strike(self, key: str, until: Callable[[], bool], seconds: float = 10) -> None:
        """Press a key and wait for no more than what it brings: for walks over hundreds of keys."""
        self.keys += 1
        self.app.post_message(events.Key(key, None))
        deadline = monotonic() + seconds
        while not until():
            assert monotonic() < deadline, f"{key} did nothing; the screen shows:\n{self.text()}"
            await asyncio.sleep(0)

    async def settle(self) -> None:
        """Wait until the app has nothing left to do, at most ten seconds."""
        await self.until(self._is_idle)

    async def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Wait until something is so; fail with what stands on the screen if it never is."""
        clock = self.app._loop.time if self.app._loop else None
        assert clock is not None
        deadline = clock() + seconds
        while True:
            await self.pilot.pause()
            if condition():
                return
            assert clock() < deadline, f"still waiting; the screen shows:\n{self.text()}"

    def _is_idle(self) -> bool:
        working = any(w.is_running for w in self.app.workers if w.group not in ("feed", "timer"))
        loading = [t for screen in self.app.screen_stack for t in _pending_timers(screen)]
        return not working and not loading

    def text(self) -> str:
        """What stands on the screen, line by line, without colours."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)

    def shows(self, words: str) -> bool:
        """Whether words stand on the screen; line breaks and runs of spaces do not matter."""
        return " ".join(words.split()) in " ".join(self.text().split())

    async def ticket(self, ref: str) -> Ticket:
        """A ticket as the store has it."""
        return (await self.store.ticket(ref)).ticket

    def picture(self, path: Path) -> None:
        """Save what stands on the screen as an SVG."""
        path.write_text(self.app.export_screenshot(), encoding="utf-8")


def _pending_timers(screen: Screen[object]) -> Iterable[object]:
    """One-shot timers that a screen still waits for, such as the preview's short delay."""
    return [t for t in screen._timers if t.name == "preview" and t._task is not None and not t._task.done()]


def _key(character: str) -> str:
    return {" ": "space", "\n": "enter"}.get(character, character)


def store_url(folder: Path) -> str:
    """The store of a robot's desk."""
    return f"sqlite:///{folder / 'desk.db'}"


_furnished: dict[str, bytes] = {}


async def furnish(folder: Path, desk: str = "managed-network") -> None:
    """Put a desk with a sample desk file and a few customers into a folder; made once, then copied."""
    if desk not in _furnished:
        with TemporaryDirectory() as temporary:
            store = await open_store(store_url(Path(temporary)), clock=Clock())
            source, _ = load_sample(desk)
            await store.submit(c.LoadDesk(name=desk, source=source))
            for entry in CUSTOMERS:
                await store.submit(c.Register(entry=entry))
            await store.close()
            _furnished[desk] = (Path(temporary) / "desk.db").read_bytes()
    (folder / "desk.db").write_bytes(_furnished[desk])


async def log_ticket(
    folder: Path, clock: Callable[[], datetime], *, operator: str = "ada", to: str | None = None, **facts: object
) -> str:
    """Log a ticket as somebody else would, from another process as it were; returns its reference."""
    store = await open_store(store_url(folder), operator=operator, clock=clock)
    known = {"type": "incident", "impact": "1", "urgency": "2", "company": "Brook & Lane", "contact": "Rosa Amadi"}
    receipt = await store.submit(c.LogCall(facts=Facts.model_validate({**known, **facts}), hand_to=to))
    await store.close()
    return receipt.ref


def desk_app(folder: Path, clock: Clock, *, operator: str | None = "ada", settings: Settings | None = None) -> DeskApp:
    """The real app on the desk in a folder, with its drafts there too, not yet running."""

    async def opener(where: str, who: str | None) -> Store:
        return await open_store(where, operator=who, clock=clock)

    journal = Journal(folder / "drafts", clock=clock)
    return DeskApp(store_url(folder), opener, settings, journal, clock, operator)


async def seated(app: DeskApp, pilot: Pilot[int], clock: Clock, folder: Path) -> Robot:
    """Sit down at the running app, once its desk is there or it asks for one."""
    robot = Robot(app, pilot, clock, folder)
    await robot.until(lambda: app.desk is not None or len(app.screen_stack) > 1)
    await robot.settle()
    return robot


@asynccontextmanager
async def at_the_desk(
    folder: Path,
    *,
    operator: str | None = "ada",
    size: tuple[int, int] = (80, 24),
    desk: str | None = "managed-network",
    settings: Settings | None = None,
    clock: Clock | None = None,
    keys_at_start: tuple[str, ...] = (),
) -> AsyncIterator[Robot]:
    """Open the real app on a furnished desk in a folder, as an operator; a file already there is used as it is.

    Without a `desk` nothing is there yet. Without an `operator` the app finds out who acts.
    """
    clock = clock or Clock()
    if desk and not (folder / "desk.db").exists():
        await furnish(folder, desk)
    app = desk_app(folder, clock, operator=operator, settings=settings)
    async with app.run_test(size=size) as pilot:
        for key in keys_at_start:
            app.post_message(events.Key(key, None))
        yield await seated(app, pilot, clock, folder)
