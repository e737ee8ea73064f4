"""One command line: what its global options said, and what follows from them. Nothing here is slow to load."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from deskterm.cli.output import Refused, write, write_json

if TYPE_CHECKING:
    from deskterm.connections import Connection
    from deskterm.settings import Settings
    from deskterm.store.local import LocalStore

T = TypeVar("T")
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


async def open_named(url: str, operator: str | None, clock: Clock, create: bool, salvage: bool) -> LocalStore:
    """Open the store of that name; loading what this needs is most of what a command costs."""
    from deskterm.store.opening import open_store

    return await open_store(url, operator=operator, clock=clock, create=create, salvage=salvage)


Opener = Callable[[str, "str | None", Clock, bool, bool], Awaitable["LocalStore"]]


@dataclass
class Shell:
    """One command line: what its global options said, and what follows from them."""

    store: str | None = None
    connection: str | None = None
    """The name of a connection, where the command line gives one."""
    operator: str | None = None
    json: bool = False
    line: str | None = None
    """How the app is drawn: "thin" or "full", where the command line says so."""
    clock: Clock = utc_now
    opener: Opener = field(default=open_named)

    @cached_property
    def settings(self) -> Settings:
        """The user's settings, and over them what the command line says. Raises SettingsError, Refused."""
        from deskterm.settings import load_settings

        settings = load_settings()
        if self.operator:
            settings = settings.acting_as(self.operator)
        if not self.connection:
            return settings
        try:
            return settings.on(self.connection)
        except LookupError as error:
            sentence = str(error.args[0])
            raise Refused(f"{sentence[0].upper()}{sentence[1:]}.", "settings") from None

    @property
    def named(self) -> str | None:
        """Where the desk is kept, if the options, the environment or the settings say so, in that order."""
        return self.store or self.settings.url

    @property
    def url(self) -> str:
        """Where the desk is kept."""
        from deskterm.settings import default_store_url

        return self.named or default_store_url()

    @property
    def in_use(self) -> Connection | None:
        """The connection that leads to the desk, if it has a name."""
        return self.settings.at(self.store) if self.store else self.settings.chosen

    @property
    def acting(self) -> str | None:
        """Who acts, if anything says so; else the store finds out."""
        if self.operator:
            return self.operator
        return (self.in_use.operator if self.in_use else None) or self.settings.operator

    def work(
        self,
        job: Callable[[LocalStore], Awaitable[T]],
        *,
        create: bool = False,
        salvage: bool = False,
        url: str | None = None,
        quietly: bool = False,
    ) -> T:
        """Open the desk, do the job and close it again.

        `create` makes a store where there is none yet; `salvage` opens a damaged one too, for reading. Whether the
        desk was reached, and what waits for it, is said on standard error, unless `quietly`.
        """
        import asyncio

        if create and not (url or self.named):
            make_data_dir()

        async def opened() -> T:
            store = await self.opener(url or self.url, self.acting, self.clock, create, salvage)
            try:
                done = await job(store)
                if not quietly and (store.standing.since or store.standing.waiting or store.standing.stuck):
                    from deskterm.cli.standing import tell_standing

                    tell_standing(store.standing)
                return done
            finally:
                await store.close()

        return asyncio.run(opened())

    def answer(self, value: object, people: Callable[[], str]) -> None:
        """Answer a script with `value` as JSON, or people with the text that `people` makes."""
        if self.json:
            write_json(value)
        else:
            write(people())


def make_data_dir() -> None:
    """Make the folder for the desks of a user who names no other place."""
    from deskterm.settings import data_dir

    data_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
