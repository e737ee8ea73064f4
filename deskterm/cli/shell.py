"""One command line: what its global options said, and what follows from them. Nothing here is slow to load."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from deskterm.cli.output import write, write_json

if TYPE_CHECKING:
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
    operator: str | None = None
    json: bool = False
    line: str | None = None
    """How the app is drawn: "thin" or "full", where the command line says so."""
    clock: Clock = utc_now
    opener: Opener = field(default=open_named)

    @cached_property
    def settings(self) -> Settings:
        """The user's settings. Raises SettingsError."""
        from deskterm.settings import load_settings

        return load_settings()

    @property
    def url(self) -> str:
        """Where the desk is kept: as the options, the environment or the settings say, in that order."""
        from deskterm.settings import default_store_url

        return self.store or self.settings.store or default_store_url()

    @property
    def acting(self) -> str | None:
        """Who acts, if anything says so; else the store finds out."""
        return self.operator or self.settings.operator

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

        if create and not (url or self.store or self.settings.store):
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
