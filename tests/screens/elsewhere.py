"""What other people at the desk do meanwhile, in another process as it were."""

from __future__ import annotations

from pathlib import Path

from deskterm.desk import commands as c
from deskterm.desk.record import TicketCommand
from deskterm.store.opening import open_store
from tests.robot import Clock, store_url

Act = tuple[type[TicketCommand], dict[str, object]]


def notes(*texts: str) -> tuple[Act, ...]:
    """One internal note for each text."""
    return tuple((c.AddNote, {"text": text}) for text in texts)


async def elsewhere(folder: Path, clock: Clock, who: str, ref: str, *acts: Act) -> None:
    """Let somebody do things to a ticket, a minute apart."""
    store = await open_store(store_url(folder), operator=who, clock=clock)
    ticket = (await store.ticket(ref)).ticket
    for command, asked in acts:
        clock.forward(minutes=1)
        await store.submit(command.model_validate({"ticket": ticket.id, **asked}))  # type: ignore[arg-type]
    await store.close()
