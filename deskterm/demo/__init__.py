"""A believable week of an invented desk, made through commands like everything else.

The same seed, desk and `now` make the same log, byte for byte. Every person and company is invented, every telephone
number is from the range reserved for fiction, and every address lies under `.example`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from deskterm.demo.customers import invent, solutions
from deskterm.demo.life import Act, identity
from deskterm.demo.week import Week, days_for, registrar
from deskterm.desk import commands as c
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.check import load_sample
from deskterm.store.base import Invalid, NotFound
from deskterm.store.batch import Submission
from deskterm.store.local import LocalStore
from deskterm.store.opening import open_store

DEFAULT_DESK = "managed-network"
DEFAULT_TICKETS = 120
_AT_ONCE = 500
"""Commands written in one transaction, so that a large demo does not wait for the disk at each."""


async def fill(
    store_url: str,
    *,
    tickets: int = DEFAULT_TICKETS,
    seed: int = 1,
    desk: str = DEFAULT_DESK,
    now: datetime | None = None,
) -> None:
    """Fill a new store with the demo of a sample desk, up to `now` (this minute when not given).

    Raises Invalid when the store holds a desk already, and KeyError for a desk that is no sample.
    """
    source, desk_file = load_sample(desk)
    minute = (now or datetime.now(UTC)).astimezone(UTC).replace(second=0, microsecond=0)
    start = minute - timedelta(days=days_for(tickets) + 1)
    load = c.LoadDesk(id=identity(f"{desk}/{seed}/desk"), name=f"{desk}.toml", source=source, demo=True)
    store = await open_store(store_url, clock=lambda: minute)
    try:
        await _refuse_used(store)
        await store.submit_all([Submission(load, at=start)])
        plan = _plan(desk_file, desk, tickets, seed, minute, start)
        for first in range(0, len(plan), _AT_ONCE):
            some = plan[first : first + _AT_ONCE]
            await store.submit_all([Submission(act.command, act.who, act.at) for act in some])
        await store.tick()
    finally:
        await store.close()


async def _refuse_used(store: LocalStore) -> None:
    try:
        name = (await store.desk()).desk.name
    except NotFound:
        return
    raise Invalid(f"{store.name} holds a desk already ({name}); a demo needs a store of its own.")


def _plan(desk: DeskFile, sample: str, tickets: int, seed: int, now: datetime, start: datetime) -> list[Act]:
    """Everything that is submitted once the desk is loaded: its customers, its known solutions and its week."""
    customers = invent(desk, sample, tickets, now.date(), Random(f"{sample}/{seed}/customers"))
    entries = [entry for customer in customers for entry in customer.entries()] + solutions()
    who = registrar(desk).name
    entered = [
        Act(
            start + timedelta(seconds=n + 1),
            who,
            c.Register(id=identity(f"{sample}/{seed}/{entry.kind}/{entry.key}"), entry=entry),
        )
        for n, entry in enumerate(entries)
    ]
    return entered + Week(desk, sample, customers, tickets, seed, now).acts()
