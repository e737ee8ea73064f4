"""Places to keep a desk in, for the one body of tests that every kind of store has to pass."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.commands.changes import AddRow, RaiseChange, RecordSpokenApproval, StartChange
from deskterm.desk.records.change import Header, Section
from deskterm.desk.records.customers import Company, Contact, Contract, Item, Service
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.views import Receipt
from deskterm.store.local import LocalStore
from deskterm.store.opening import open_store
from deskterm.store.remote.store import RemoteStore
from tests.store import postgres_server
from tests.store.postgres_server import databases
from tests.store.served import Desk, exchange

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DESK_SOURCE = (Path(__file__).parent / "northgate.toml").read_text()
CUSTOMERS = (
    Company(key="HF", name="Harbour Foods"),
    Company(key="HL", name="Hollow & Lane"),
    Company(key="NB", name="Nobody Known Ltd"),
    Contact(key="ann", company="HF", name="Ann Müller", phone="07700 900123", email="ann@harbour.example"),
    Contact(key="bob", company="HF", name="Bob Ode", mobile="+44 7700 900777", is_main=True),
    Contact(key="cy", company="HL", name="Cy Annable", phone="+44 7700 900456"),
    Contract(key="HF-1", company="HF", levels="L0+L1", requires=("location",)),
    Service(key="SIP-204", company="HF", name="Trunk to London", circuit="CCT/77"),
    Item(key="2XK-11", company="HL", make="Kontor", model="K9"),
)


class Clock:
    """A clock that goes on a second each time somebody looks."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """A second more than the last time."""
        self.now += timedelta(seconds=1)
        return self.now

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


class LocalPlace:
    """A desk in an SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "desk.db"
        self.url = f"sqlite:///{self.path}"
        self.clock = Clock()
        self._open: list[LocalStore] = []

    async def furnish(self, name: str, templates: dict[str, Path]) -> None:
        """Begin with what one of the templates holds."""
        shutil.copy(templates[name], self.path)

    async def open(self, operator: str | None = None, **options: Any) -> LocalStore:
        """The desk as one operator sees it; closed when the test ends."""
        store = await open_store(self.url, operator=operator, clock=self.clock, **options)
        self._open.append(store)
        return store

    async def faults(self) -> tuple[str, ...]:
        """What is wrong with log and projections, where the desk is kept."""
        return (await (await self.open()).verify()).faults

    async def close(self) -> None:
        """Close every store that was opened."""
        for store in self._open:
            await store.close()
        self._open.clear()

    async def leave(self) -> None:
        """Close every store that was opened, for good."""
        await self.close()


class ServedPlace(LocalPlace):
    """A desk in an SQLite file behind a server: what `open` gives is the desk as it is seen from afar."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._desk: Desk | None = None
        self._afar: list[RemoteStore] = []

    async def open(self, operator: str | None = None, **options: Any) -> LocalStore:
        """The desk as one operator sees it through the server."""
        if self._desk is None:
            self._desk = Desk(exchange(), self.url, self.clock)
            await self._desk.begin()
        store = await self._opened(self._desk, operator or "Lea")  # without a token nobody comes
        self._afar.append(store)
        return store  # type: ignore[return-value]  # as `open_store` has it

    async def _opened(self, desk: Desk, operator: str) -> RemoteStore:
        return await desk.open(operator)

    async def faults(self) -> tuple[str, ...]:
        """What is wrong with log and projections, where the desk is kept."""
        assert self._desk is not None
        return (await exchange().do(self._desk.store.verify())).faults

    async def close(self) -> None:
        """Close everything that was opened, and stop serving."""
        for store in self._afar:
            await store.close()
        self._afar.clear()
        if self._desk is not None:
            await self._desk.close()
        self._desk = None
        await super().close()


class OfflinePlace(ServedPlace):
    """The same by a store that has an outbox, and goes on while the line is down; here the line is up."""

    async def _opened(self, desk: Desk, operator: str) -> RemoteStore:
        return await desk.open_with_outbox(operator, self.path.with_name("state"))

    async def close(self) -> None:
        """Close everything that was opened; until then the server has answered whatever was asked."""
        stood = {store.standing.state for store in self._afar}
        await super().close()
        assert stood <= {"live"}


class PostgresPlace(LocalPlace):
    """A desk in a PostgreSQL database, with a server of the run's own."""

    async def furnish(self, name: str, templates: dict[str, Path]) -> None:
        """Begin with what one of the templates holds."""

        async def make(url: str) -> None:
            template = LocalPlace(self.path.parent)
            template.url = url
            await fill(template, name)

        self.url = await databases().copy(name, make)

    async def leave(self) -> None:
        """Close every store that was opened, and give the database back."""
        await super().leave()
        databases().give_back(self.url)


class ServedPostgresPlace(PostgresPlace, ServedPlace):
    """A desk in a PostgreSQL database behind a server."""


Place = LocalPlace
PLACES: dict[str, Callable[[Path], LocalPlace]] = {
    "local": LocalPlace, "postgres": PostgresPlace, "http": ServedPlace, "http-postgres": ServedPostgresPlace,
    "http-outbox": OfflinePlace,
}  # fmt: skip
"""Kinds of stores; another kind joins by a line here."""
LOOKS = frozenset({"test_finding", "test_earlier_callers", "test_contract_hostile"})
"""What asks many questions of one sort: with an outbox, while the line is up, each is asked as over HTTP alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is about the place where a desk is kept, where that is another one."""
    items[:] = [each for each in items if _fits(each)]


def _fits(item: pytest.Item) -> bool:
    chosen = getattr(item, "callspec", None)
    kind = next((kind for name in ("place", "bare") if chosen and (kind := chosen.params.get(name))), "local")
    if "http" in kind and item.get_closest_marker("kept_here"):
        return False
    if "postgres" in kind and item.get_closest_marker("in_a_file"):
        return False
    # What each does alone was tried already: here it is enough that they do it together.
    if kind == "http-postgres":
        return item.path.stem == "test_contract"
    return kind != "http-outbox" or item.path.stem not in LOOKS


@pytest.fixture(scope="session", autouse=True)
def servers_end() -> Iterator[None]:
    """Stop the servers of the run, if there were any."""
    yield
    if exchange.cache_info().currsize:
        exchange().close()
    postgres_server.end()


async def fill(place: LocalPlace, name: str) -> None:
    """Make what a template holds: an "empty" store, or a "desk" with customers."""
    store = await place.open()
    if name == "desk":
        await store.submit(c.LoadDesk(name="northgate.toml", source=DESK_SOURCE))
        for entry in CUSTOMERS:
            await store.submit(c.Register(entry=entry))
    await place.close()


@pytest.fixture(scope="session")
async def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A furnished desk and an empty store, made once and copied for each test."""
    made: dict[str, Path] = {}
    for name in ("empty", "desk"):
        place = LocalPlace(tmp_path_factory.mktemp(name))
        await fill(place, name)
        made[name] = place.path
    return made


@pytest.fixture(params=PLACES)
async def bare(request: pytest.FixtureRequest, templates: dict[str, Path], tmp_path: Path) -> AsyncIterator[Place]:
    """A place with an empty store."""
    place = PLACES[request.param](tmp_path)
    await place.furnish("empty", templates)
    yield place
    await place.leave()


@pytest.fixture(params=PLACES)
async def place(request: pytest.FixtureRequest, templates: dict[str, Path], tmp_path: Path) -> AsyncIterator[Place]:
    """A place with a desk and customers."""
    place = PLACES[request.param](tmp_path)
    await place.furnish("desk", templates)
    yield place
    await place.leave()


def facts(**known: Any) -> Facts:
    """The facts of an ordinary call, ready to hand on, but for what is said otherwise."""
    ordinary: dict[str, Any] = {
        "type": "incident",
        "summary": "No dial tone at reception",
        "company": "Harbour Foods",
        "contact": "Ann Müller",
        "phone": "07700 900123",
        "service": "SIP-204",
        "impact": "high",
        "urgency": "medium",
    }
    return Facts(**(ordinary | known))


async def log(store: LocalStore, hand_to: str | None = None, also: str = "", **known: Any) -> Receipt:
    """Log a call."""
    return await store.submit(c.LogCall(facts=facts(**known), hand_to=hand_to, also=also))


async def busy(place: Place) -> None:
    """Let a morning pass at a desk: every kind of record gets events, and tickets stand in many places."""
    nora, lea, tom = [await place.open(name) for name in ("Nora", "Lea", "Tom")]
    first = await log(nora, "voice-1", description="A [/b] \x1b[31m story — with ünïcode", fields={"z": "1", "a": "2"})
    second = await log(nora, "voice-1", also="12-00348T", summary="Router is down")
    third = await log(nora, summary="Only a question")
    await nora.submit(
        c.Amend(ticket=third.record_id, changes={"summary": "A question on billing", "fields": {"b": "x"}})
    )
    await lea.submit(c.Take(ticket=first.record_id))
    await lea.submit(c.Start(ticket=first.record_id))
    await lea.submit(c.AddNote(ticket=first.record_id, text="Rang the site; nobody there"))
    await lea.submit(c.Pend(ticket=first.record_id, reason="vendor", text="waits for parts"))
    await nora.submit(c.MarkDuplicate(ticket=third.record_id, survivor=second.record_id))
    await tom.submit(c.Take(ticket=second.record_id))
    await tom.submit(c.Resolve(ticket=second.record_id, solution="K31"))
    await nora.submit(c.RecordAnswer(ticket=second.record_id, answer="yes"))
    await nora.submit(c.SaveView(name="Dial tones", base="open", text="dial"))
    await nora.submit(c.SaveView(name="Gone", base="open", text="x"))
    await nora.submit(c.ForgetView(name="Gone"))
    await nora.submit(c.Register(entry=Company(key="HF", name="Harbour Foods Group")))
    change = RaiseChange(ticket=first.record_id, change_kind="emergency", facts=Header(title="Move the trunk"))
    await tom.submit(change)
    await tom.submit(AddRow(change=change.change, section=Section.ROLLBACK, text="Move it back"))
    until = place.clock.now + timedelta(hours=2)
    await lea.submit(RecordSpokenApproval(change=change.change, by="Bob Ode", said="Do it now", ends=until))
    await tom.submit(StartChange(change=change.change))
    sue = await place.open("Sue")
    await sue.submit(
        c.LoadDesk(
            name="again.toml",
            source=DESK_SOURCE.replace('"p2", name = "P2"', '"px", name = "PX"').replace('"p2"', '"px"'),
        )
    )
