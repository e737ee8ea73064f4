"""A store on this machine as a server uses it: seen by many operators at once, each by their token."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.tickets.views import Change
from deskterm.store import accounts, log, showing
from deskterm.store.accounts import Account, Token
from deskterm.store.base import NotAllowed, NotFound, Unsupported
from deskterm.store.desk_in_force import NOT_LOADED, acting
from deskterm.store.local import LocalStore
from deskterm.store.shown import Shown

Result = TypeVar("Result")


class NoToken(NotAllowed):
    """Nobody is let in by this token: it is unknown, expired or revoked, or its operator may not act any more."""

    kind = "unauthenticated"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who comes with a token, and what it is good for."""

    operator: Operator
    token: Token
    hidden: tuple[str, ...] = ()
    """Groups whose tickets the operator does not see."""


class ServedDesk:
    """A desk with its operators and their tokens. Raises Unsupported for a store that does not keep them."""

    def __init__(self, store: LocalStore) -> None:
        if not store.capabilities.maintenance:
            raise Unsupported("Operators and tokens are kept where the desk is: do this on that machine.")
        self.store = store

    def seen_by(self, operator: Operator) -> LocalStore:
        """The desk as one operator sees it: shares everything with the store it is of, and is never closed itself."""
        seen = copy.copy(self.store)
        seen.me = operator
        seen._operator = operator.name
        # Pauses are the store's own to notice, however many look at it.
        seen._tidy_later = self.store._tidy_later  # type: ignore[method-assign]
        return seen

    async def bearer(self, secret: str) -> Bearer:
        """Who comes with this token now. Raises NoToken."""
        return await self._read(lambda connection: self._bearer(connection, secret))

    def _bearer(self, connection: sa.Connection, secret: str) -> Bearer:
        token = accounts.token_of(connection, secret)
        if token is None:
            raise NoToken("This token is not known here. Ask whoever runs the server for a new one.", rule="token")
        # The clock is asked only for a token that ends by it.
        if ended := token.ended(self.store._clock() if token.expires_at else token.created_at):
            raise NoToken(f"This token is {ended}. Ask for a new one.", rule="token")
        desk = self._desk(connection)
        operator = desk.operator_named(token.operator) if desk else None
        if desk is None or operator is None:
            raise NoToken("The operator of this token may not act at this desk any more.", rule="token")
        return Bearer(operator, token, desk.hidden_from(operator))

    def head(self) -> int:
        """Where the log ends now."""
        return self.store._feed.head()

    async def ready(self) -> int:
        """Where the log ends, as a reader sees it. Raises a StoreError when the store does not answer."""
        return await self._read(lambda connection: log.head_of(connection)[0])

    def watch(self, operator: Operator, after: int) -> AsyncIterator[tuple[Change, ...]]:
        """The feed as one operator may hear it."""
        return self.seen_by(operator).watch(after)

    async def watch_shown(
        self, operator: Operator, after: int, wanted: Callable[[], bool]
    ) -> AsyncIterator[tuple[tuple[Change, ...], Shown | None]]:
        """The same, and while it is `wanted`, what queues show of each batch, read in one snapshot with it."""
        seen = self.seen_by(operator)
        beside: dict[int, Shown | None] = {}

        def told(connection: sa.Connection, changes: tuple[Change, ...]) -> tuple[Change, ...]:
            heard = seen._told(connection, changes)
            desk = self._desk(connection) if heard and wanted() else None
            if desk is not None:
                beside[heard[-1].position] = showing.shown(connection, heard, operator, desk)
            return heard

        async for changes in self.store._feed.watch(after, told):
            yield changes, beside.pop(changes[-1].position, None)

    # -- who there is

    async def accounts(self) -> tuple[Account, ...]:
        """Everybody who is named at the desk."""
        return await self._read(lambda connection: accounts.accounts(connection, self._of_file(connection)))

    async def add(self, operator: Operator) -> None:
        """Add an operator, or change one that was added."""
        await self._write(lambda connection: accounts.add(connection, self._of_file(connection), operator))

    async def disable(self, name: str, *, again: bool = False) -> Operator:
        """Let an operator act no more, or `again`."""
        at = None if again else self.store._clock()
        return await self._write(lambda connection: accounts.disable(connection, self._of_file(connection), name, at))

    async def create_token(
        self, operator: str, scopes: Sequence[str], *, lasts: timedelta | None, label: str = ""
    ) -> tuple[str, Token]:
        """Make a token for an operator of the desk; the secret is told here and never again. Raises NotAllowed."""

        def work(connection: sa.Connection) -> tuple[str, Token]:
            known = acting(self.store._force.find(connection), operator, "", strict=True)
            if known.level == "guest":
                raise NotFound(NOT_LOADED)
            now: datetime = self.store._clock()
            ends = None if lasts is None else now + lasts
            return accounts.create_token(connection, known, scopes, now=now, expires_at=ends, label=label)

        return await self._write(work)

    async def tokens(self) -> tuple[Token, ...]:
        """All tokens, the oldest first."""
        return await self._read(accounts.tokens)

    async def revoke(self, wanted: str) -> tuple[Token, ...]:
        """Let a token, or all tokens of an operator, in no more."""
        return await self._write(lambda connection: accounts.revoke(connection, wanted, self.store._clock()))

    def _desk(self, connection: sa.Connection) -> DeskFile | None:
        found = self.store._force.find(connection)
        return found.desk if found else None

    def _of_file(self, connection: sa.Connection) -> DeskFile | None:
        found = self.store._force.find(connection)
        return found.file if found else None

    async def _read(self, work: Callable[[sa.Connection], Result]) -> Result:
        return await self.store._connections.read(work)

    async def _write(self, work: Callable[[sa.Connection], Result]) -> Result:
        return await self.store._connections.write(work)
