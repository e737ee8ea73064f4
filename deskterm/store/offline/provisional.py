"""What was last seen, and on it what waits in the outbox: a desk by the same rules, good until the line is back."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.deskfile import Operator
from deskterm.desk.records.presence import Presence
from deskterm.desk.tickets.views import Receipt, TicketView
from deskterm.store import holding, log
from deskterm.store.base import StoreError
from deskterm.store.batch import Submission
from deskterm.store.connections import Connections
from deskterm.store.ground import Ground
from deskterm.store.local import LocalStore
from deskterm.store.offline.outbox import Outbox
from deskterm.store.offline.seen import Seen
from deskterm.store.schema import event, ticket
from deskterm.store.submitting import Clerk, Outcome

_FIRST: Final = 10**15
"""Numbers of tickets here begin so far out that no reference of the desk ever means one of them."""
SAVED_HERE: Final = "saved here"
_DONE: Final = (
    sa.select(event.c.position, event.c.record_id, event.c.version, ticket.c.ref)
    .join(ticket, ticket.c.id == event.c.record_id)
    .where(
        event.c.record_id == sa.bindparam("ticket", type_=sa.Uuid),
        event.c.command_id == sa.bindparam("command", type_=sa.Uuid),
    )
    .order_by(event.c.version.desc())
    .limit(1)
)


class _Clerk(Clerk):
    """Gives a call the reference that this terminal gave, as nobody here knows the desk's next number."""

    def _log_call(self, command: c.LogCall, found: Ground) -> Outcome:
        outcome = Clerk._log_call(self, command, found)
        first, *rest = outcome.additions
        call = first.happening
        assert isinstance(call, e.CallLogged)
        known = call.model_copy(update={"ref": command.also, "number": max(call.number, _FIRST)})
        outcome.additions = [first._replace(happening=known), *rest]
        outcome.ref = command.also
        outcome.stands = None  # what was decided has the desk's next number
        return outcome


class Provisional(LocalStore):
    """A private copy of what was last seen, on which commands are tried that cannot be sent yet."""

    _path: Path
    _outbox: Outbox
    seen_position = 0
    """Where the log of what was last seen ended when this was made of it."""
    _applied = 0

    @property
    def _clerks(self) -> type[Clerk]:
        return _Clerk

    @classmethod
    async def over(cls, seen: Seen, outbox: Outbox, clock: Callable[[], datetime], me: Operator) -> Provisional:
        """Make it of what was last seen and of all that waits."""
        import asyncio

        clear_away(seen.path.parent)
        path = seen.path.with_name(f"here-{os.getpid()}-{uuid4().hex[:8]}.sqlite")
        await asyncio.to_thread(seen.copy_to, path)
        made = cls(await asyncio.to_thread(Connections, path), clock=clock, operator=me.name)
        made._path, made._outbox = path, outbox
        made.seen_position = await made._connections.read(lambda connection: log.head_of(connection)[0])
        await made.begin()
        return made

    async def keep_up(self) -> None:
        """Try what was put into the outbox since, here or by another process."""
        for each in self._outbox.after(self._applied):
            # What the rules do not allow here any more, the desk will say in its own words.
            with suppress(StoreError):
                await self.try_out(each.command)
            self._applied = each.number

    async def try_out(self, command: c.AnyCommand) -> Receipt:
        """Carry a command out here, knowing of those before it. Raises any StoreError.

        One that the desk has carried out, though its answer was lost, may have come along with what was last seen: it
        is not done again on top of itself, nor refused because of itself.
        """
        if done := await self._read(lambda connection, _: _done(connection, command)):
            return done
        own = self._outbox.own_before(command)
        (receipt,) = await self.submit_all([Submission(command, own=own)])
        return receipt

    async def ticket(self, ref: str | UUID) -> TicketView:
        """A ticket as it stands here; what only stands here says so."""
        view = await super().ticket(ref)
        here = await self._read(lambda connection, _: self._only_here(connection, view.ticket.id))
        if not here:
            return view
        marked = (
            replace(entry, title=f"{entry.title} · {SAVED_HERE}") if entry.version in here else entry
            for entry in view.timeline
        )
        return replace(view, timeline=tuple(marked))

    async def attend(self, *_: object, **__: object) -> tuple[Presence, ...]:
        """Nobody is seen from here."""
        return ()

    async def has(self, record: UUID) -> bool:
        """Whether a ticket is here at all."""
        return bool(await self._read(lambda connection, _: log.last_of(connection, record).version))

    def _only_here(self, connection: sa.Connection, record: UUID) -> frozenset[int]:
        found = sa.select(event.c.version).where(
            event.c.record_id == record, event.c.position > self.seen_position
        )  # fmt: skip
        return frozenset(connection.execute(found).scalars())

    async def close(self) -> None:
        """Let go of the copy, and remove it."""
        await super().close()
        _remove(self._path)


def _done(connection: sa.Connection, command: c.AnyCommand) -> Receipt | None:
    """What came of a command, if that is in the log."""
    found = connection.execute(_DONE, {"ticket": getattr(command, "ticket", None), "command": command.id}).first()
    return Receipt(command.id, *found) if found else None


def clear_away(folder: Path) -> None:
    """Remove copies whose process has died."""
    for path in folder.glob("here-*.sqlite"):
        process = path.name.split("-")[1]
        if process.isdigit() and int(process) != os.getpid() and not _lives(int(process)):
            _remove(path)


def _remove(path: Path) -> None:
    with holding.alone:
        for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            each.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
