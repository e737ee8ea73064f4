"""Sending what waits: in the order in which it was given, each command once, many at the cost of one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from deskterm.desk.tickets.views import TimelineEntry
from deskterm.store.base import Conflict, Outgoing, StoreError
from deskterm.store.carried import Answered, Outwards
from deskterm.store.offline.outbox import Outbox
from deskterm.store.problems import error_of_problem
from deskterm.store.remote.store import RemoteStore

AT_ONCE: Final = 100
"""Commands a batch: so few that each answer comes soon, so many that the way there and back hardly counts."""
_MOST_BYTES: Final = 1_000_000


async def send(far: RemoteStore, outbox: Outbox, clock: Callable[[], datetime], told: Callable[[], None]) -> bool:
    """Send all that may be sent; whether this process was the one to do so. Raises Offline where the line goes again.

    What was sent and not answered is sent again: the desk does it once, by its id, and gives the same answer.
    """
    with outbox.sending() as mine:
        if not mine:
            return False
        while batch := await asyncio.to_thread(_next, outbox):
            await asyncio.to_thread(outbox.sent, [each.number for each in batch])
            told()
            sent = tuple([_outwards(outbox, each) for each in batch])
            answers = await far.submit_together(sent)
            heard = [
                (each, *_outcome(each, answer))
                for each, answer in zip(batch, answers, strict=True)
                if not answer.held
            ]  # fmt: skip
            await asyncio.to_thread(outbox.answered, heard, clock())
            held = [each.number for each, answer in zip(batch, answers, strict=True) if answer.held]
            await asyncio.to_thread(outbox.held, held)
            told()
    return True


def _next(outbox: Outbox) -> tuple[Outgoing, ...]:
    size = 0
    batch: list[Outgoing] = []
    for each in outbox.ready(AT_ONCE):
        size += len(each.command.model_dump_json())
        if batch and size > _MOST_BYTES:
            break
        batch.append(each)
    return tuple(batch)


def _outwards(outbox: Outbox, each: Outgoing) -> Outwards:
    return Outwards(each.command.model_dump(mode="json"), tuple(sorted(outbox.own_before(each.command))))


def _outcome(each: Outgoing, answer: Answered) -> tuple[str, str, tuple[TimelineEntry, ...]]:
    """The reference that its ticket has now, or why it was refused, and what others did meanwhile."""
    if answer.receipt is not None:
        held_back = answer.receipt.held_back
        return answer.receipt.ref or each.ref, held_back, ()
    error: StoreError = error_of_problem(answer.problem) if answer.problem else StoreError("It was not answered.")
    return "", error.message, error.changed if isinstance(error, Conflict) else ()
