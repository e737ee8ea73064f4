"""The remote store that goes on while the line is down: it reads what was last seen, and keeps what is written.

    live         asks the server, and shows what it says
    offline      asks what was last seen, on which what waits was tried out; new commands wait in the outbox
    catching up  the line is back, and what waits is being sent; then it is live

Nothing above it knows: it answers the same questions, and raises Offline for what cannot be done without the line.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel

from deskterm.desk.commands import AnyCommand, LogCall
from deskterm.desk.deskfile import Operator
from deskterm.desk.record import new_id
from deskterm.desk.tickets.views import Change, FellDue, Receipt, TicketView
from deskterm.store.base import NotFound, Offline, Outgoing, Standing, StoreError
from deskterm.store.offline.outbox import QUEUED, Outbox
from deskterm.store.offline.provisional import Provisional
from deskterm.store.offline.seen import Seen
from deskterm.store.offline.sending import send
from deskterm.store.offline.told import Told
from deskterm.store.remote import operations as op
from deskterm.store.remote.following import MOST_PAUSE
from deskterm.store.remote.line import Line
from deskterm.store.remote.store import RemoteStore, as_asked

A = TypeVar("A", bound=BaseModel)
R = TypeVar("R")
Batch = tuple[Change, ...]

_ONLY_THERE: Final = frozenset({"me", "along", "along_of", "terminal", "file"})
_FIRST_PAUSE: Final = 0.2
_OTHERS_PAUSE: Final = 0.2
"""Between two looks whether another process has sent what waits."""
_OLD_SECONDS: Final = 600.0
"""How old the last look may be before a shell command looks again."""
FRESH_SECONDS: Final = 10.0
"""How long after something happened at the desk it is taken along, at the latest twice as long."""


class OfflineStore(RemoteStore):
    """A store behind HTTP with an outbox. Open it with `deskterm.store.offline.opening.open_offline`."""

    def __init__(
        self, url: str, token: str, *, line: Line, clock: Callable[[], datetime], fresh: float = FRESH_SECONDS
    ) -> None:
        super().__init__(url, token, line=line)
        self._clock, self._fresh = clock, fresh
        self._state: Standing = Standing()
        self._outbox: Outbox
        self._look: Seen | None = None
        self._here: Provisional | None = None
        self._one_by_one = asyncio.Lock()
        self._told, self._watchers = Told(), set[asyncio.Queue[Batch | None]]()
        self._tasks: set[asyncio.Task[None]] = set()
        self._mending: asyncio.Task[None] | None = None
        self._stale = asyncio.Event()
        self._hurry = asyncio.Event()
        line.on_trouble = self._suspect

    # -- beginning and ending

    async def attach(self, outbox: Outbox, me: Operator, trouble: Offline | None) -> None:
        """Go on with an outbox, live or, for `trouble`, offline. Raises it where the desk was never seen."""
        self._outbox, self.me = outbox, me
        if trouble is None:
            if wanted := outbox.wants_terminal():
                outbox.be_terminal(await self.terminal(wanted))
            if not outbox.is_clear():
                self._stand("catching up")
                self._mend_later()
            else:
                self._stand("live")
        else:
            if outbox.recall("whole") is None:
                raise trouble
            self._stand("offline")
            self._mend_later()

    async def close(self) -> None:
        """Let go of everything; what waits stays in the outbox. Closing twice is harmless."""
        if self._closed:
            return
        if self.is_live and not self._tasks and self._is_old():
            # A shell command in passing: the next may find the line down. On a large desk one look is not enough.
            self._outbox.keep("tried", self._clock().isoformat())
            with suppress(StoreError, TimeoutError):
                async with asyncio.timeout(5):
                    await self.take_along()
        for task in (*self._tasks, *filter(None, [self._mending])):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await super().close()
        for queue in self._watchers:
            queue.put_nowait(None)
        await self._let_go()
        if self._look is not None:
            await self._look.close()
        await asyncio.to_thread(self._outbox.close)

    # -- how it stands

    @property
    def is_live(self) -> bool:
        """Whether the server is asked first."""
        return self._state.state == "live"

    @property
    def standing(self) -> Standing:
        """Whether it is live, and what waits."""
        return self._state

    def _stand(self, state: Any) -> None:
        waiting, stuck = self._outbox.counts()
        since = None if state == "live" else self._state.since or self._clock()
        before, self._state = self._state, Standing(state, since, waiting, stuck)
        if before != self._state:
            self._tell(())

    def _restand(self) -> None:
        self._stand(self._state.state)

    def _tell(self, changes: Batch) -> None:
        for queue in self._watchers:
            queue.put_nowait(changes)

    # -- asking

    async def _ask(self, operation: op.Operation[A, R], **asked: Any) -> R:
        if operation.name in _ONLY_THERE:
            return await super()._ask(operation, **asked)
        if self.is_live:
            try:
                found = await super()._ask(operation, **asked)
                if isinstance(found, TicketView):
                    self._told.hear(found.ticket.id, found.ticket.version, found.ticket.ref)
                return found
            except Offline:
                self._must_be_open()
                self._lost()
        self._must_be_open()
        while True:
            here = await self._provisional()
            try:
                return await operation.call(here, operation.asks.model_validate(as_asked(operation, asked)))
            except Offline:
                if here is self._here or self._closed:
                    raise  # else it was let go meanwhile, as the line came back

    def _must_be_open(self) -> None:
        if self._closed:
            raise Offline("The store was closed.")

    async def tick(self) -> tuple[FellDue, ...]:
        """Let the server deal with what has fallen due; offline nobody does."""
        return await RemoteStore._ask(self, op.TICK) if self.is_live and not self._glance.is_ticked else ()

    async def _provisional(self) -> Provisional:
        async with self._one_by_one:
            return await self._kept_up()

    async def _kept_up(self) -> Provisional:
        look = await self._last_look()
        if not (position := await look.position()):
            raise Offline("The desk cannot be reached now, and was not seen from here before.")
        if self._here is not None and self._here.seen_position != position:
            await self._let_go()  # it was asked for while the line came back, and nothing has taken it away since
        if self._here is None:
            self._here = await Provisional.over(look, self._outbox, self._clock, self.me)
        await self._here.keep_up()
        return self._here

    async def _last_look(self) -> Seen:
        if self._look is None:
            path = self._outbox.path.with_name("seen.sqlite")
            self._look = await asyncio.to_thread(Seen, path, self._clock, self.me)
        return self._look

    async def _let_go(self) -> None:
        here, self._here = self._here, None
        if here is not None:
            await here.close()

    # -- writing

    async def submit(self, command: AnyCommand) -> Receipt:
        """Carry a command out, or save it here until it can be sent. Raises any StoreError, as the rules have it."""
        self._must_be_open()
        if command.kind not in QUEUED:
            return await self._submit_there(command)
        if isinstance(command, LogCall) and not command.also:
            # Sent along also while the line is up: where no answer comes, the caller gets this one, and it may count.
            also = await asyncio.to_thread(self._outbox.reference_for, command.id)
            command = command.model_copy(update={"also": also})
        if asked := self.is_live:
            try:
                receipt = await super().submit(command)
                self._told.hear(receipt.record_id, receipt.version, receipt.ref)
                return receipt
            except Offline:
                self._lost()
        return await self._save_here(command, asked)

    async def _submit_there(self, command: AnyCommand) -> Receipt:
        if not self.is_live:
            raise Offline("This cannot wait for the line to come back, and the desk cannot be reached now.")
        try:
            return await super().submit(command)
        except Offline:
            self._lost()
            raise

    async def _save_here(self, command: AnyCommand, asked: bool) -> Receipt:
        async with self._one_by_one:
            here = await self._kept_up()
            command = await self._as_last_seen(command)
            receipt = await self._told.try_out(command, here, asked=asked)
            try:
                await asyncio.to_thread(self._outbox.put, command, receipt.ref, self._clock())
            except StoreError:
                await self._let_go()  # there it would stand as done
                raise
        if self._state.state == "offline":
            self._restand()
        else:  # the line came back while this was saved: whatever is given next has to come behind it
            self._stand("catching up")
            self._mend_later()
        told = (receipt.position, "ticket", receipt.record_id, receipt.version, command.kind)
        self._tell((Change(*told, self.me.name, self._clock(), command.id),))
        return receipt

    async def _as_last_seen(self, command: AnyCommand) -> AnyCommand:
        """The command with the version that its author saw in the server's counting, where what waits is not in it."""
        ticket: UUID | None = getattr(command, "ticket", None)
        if command.seen is None or ticket is None:
            return command
        known = max(await (await self._last_look()).version(ticket), self._told.version(ticket))
        return command if command.seen <= known else command.model_copy(update={"seen": known})

    # -- the outbox

    async def outbox(self) -> tuple[Outgoing, ...]:
        """What waits, is stuck, or was sent lately, the oldest first."""
        return await asyncio.to_thread(self._outbox.entries)

    async def send(self) -> Standing:
        """Send what waits now, if the line is up; waits for another process that is at it."""
        if not (self.is_live and self._outbox.is_clear()):
            with suppress(Offline):
                await RemoteStore._ask(self, op.ME)
                self._stand("catching up")
            self._hurry.set()
            self._mend_later()
            while self._state.state == "catching up" and self._mending and not self._mending.done():
                await asyncio.wait([self._mending], timeout=0.05)
        self._restand()
        return self._state

    async def settle(self, number: int, instead: AnyCommand | None = None) -> None:
        """Decide on a command that is stuck: another one goes instead, or none. Raises NotFound."""
        if instead is not None:
            stuck = next((each for each in await self.outbox() if each.number == number), None)
            if stuck is None:
                raise NotFound(f"Nothing that is number {number} waits for a decision.")
            if isinstance(instead, LogCall) and isinstance(stuck.command, LogCall):
                instead = instead.model_copy(update={"ticket": stuck.command.ticket, "also": stuck.command.also})
            instead = instead.model_copy(update={"id": new_id(), "seen": None})
        await asyncio.to_thread(self._outbox.settle, number, instead, self._clock())
        async with self._one_by_one:
            await self._let_go()
        if self.is_live and not self._outbox.is_clear():
            self._stand("catching up")
            self._mend_later()
        else:
            self._restand()

    # -- losing and mending the line

    def _lost(self) -> None:
        self._stand("offline")
        self._mend_later()

    def _suspect(self) -> None:
        """Something went wrong on the line; whether it is down is asked before anybody is told."""
        if not self._closed and hasattr(self, "_outbox"):
            self._mend_later()

    def _mend_later(self) -> None:
        if self._mending is None or self._mending.done():
            self._mending = asyncio.ensure_future(self._mend())

    async def _mend(self) -> None:
        """Try until the line is back, less and less often; then send what waits, and be live."""
        pause = _FIRST_PAUSE
        while not self._closed:
            try:
                await super()._ask(op.ME)
                if await self._caught_up():
                    return
                pause = _OTHERS_PAUSE
            except StoreError:
                self._stand("offline")
                # Not all terminals at once. Not wait_for: in Python 3.11 it may forget that it was cancelled.
                with suppress(TimeoutError):
                    async with asyncio.timeout(random.uniform(pause / 2, pause)):
                        await self._hurry.wait()
                self._hurry.clear()
                pause = min(MOST_PAUSE, pause * 2)

    async def _caught_up(self) -> bool:
        if self._outbox.is_clear() and self.is_live:
            self._restand()
            return True
        self._stand("catching up")
        if not await send(self, self._outbox, self._clock, self._restand):
            await asyncio.sleep(_OTHERS_PAUSE)
        async with self._one_by_one:
            if not self._outbox.is_clear():
                return False
            await self._let_go()
            self._stand("live")
        self._stale.set()
        return True

    # -- keeping a last look

    async def take_along(self) -> None:
        """Bring what was last seen up to date. Raises Offline."""
        look = await self._last_look()
        await look.take_along(self)
        await asyncio.to_thread(self._outbox.keep, "whole", self._clock().isoformat())

    def _is_old(self) -> bool:
        kept = max(self._outbox.recall("whole") or "", self._outbox.recall("tried") or "")
        return not kept or (self._clock() - datetime.fromisoformat(kept)).total_seconds() > _OLD_SECONDS

    async def _keep_fresh(self) -> None:
        self._stale.set()
        while True:
            await self._stale.wait()
            whole = self._look and self._outbox.recall("whole")  # until it is, nothing can be done offline
            await asyncio.sleep(random.uniform(self._fresh, 2 * self._fresh) if whole else self._fresh / 10)
            self._stale.clear()
            try:
                if self.is_live:
                    await self.take_along()
            except StoreError:
                self._stale.set()

    # -- watching

    def watch(self, after: int | None = None) -> AsyncIterator[Batch]:
        """Changes in commit order, and an empty batch whenever `standing` changes, until the store closes."""
        queue: asyncio.Queue[Batch | None] = asyncio.Queue()
        self._watchers.add(queue)
        source = self._watch_from_there() if after is None and not self.is_live else super().watch(after)
        if not self._tasks:
            self._begin(self._keep_fresh())
        pump = self._begin(self._pump(source, queue))
        # Whoever waits hears of its end, if it was not the store that ended.
        pump.add_done_callback(lambda ended: None if ended.cancelled() else queue.put_nowait(()))
        return self._all_of(queue, pump)

    async def _watch_from_there(self) -> AsyncIterator[Batch]:
        """What happens from where the desk was last seen, so that nothing is missed when the line is back."""
        async for changes in RemoteStore.watch(self, await (await self._last_look()).position()):
            yield changes

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _pump(self, source: AsyncIterator[Batch], queue: asyncio.Queue[Batch | None]) -> None:
        async for changes in source:
            self._stale.set()
            queue.put_nowait(changes)

    async def _all_of(self, queue: asyncio.Queue[Batch | None], pump: asyncio.Task[None]) -> AsyncIterator[Batch]:
        try:
            while (changes := await queue.get()) is not None:
                yield changes
                if pump.done() and not pump.cancelled():
                    pump.result()
        finally:
            pump.cancel()
            self._watchers.discard(queue)
