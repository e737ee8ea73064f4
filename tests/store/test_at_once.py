"""Two engineers change one ticket at the same moment, each by what they saw: at every store (issue 6, done when 3)."""

from __future__ import annotations

import asyncio

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import Receipt
from deskterm.store.base import Conflict
from tests.store.conftest import Place, log

pytestmark = pytest.mark.anyio


async def test_two_who_change_different_facts_at_once_both_hold(place: Place) -> None:
    """Both had the same version before them, and neither has to look again. R225: each change has its author."""
    lea, tom = await place.open("Lea"), await place.open("Tom")
    logged = await log(lea, "voice-1", fields={"site": "north"})
    seen = (await lea.ticket(logged.ref)).ticket.version
    assert (await tom.ticket(logged.ref)).ticket.version == seen
    changes = {"summary": "Dead line"}, {"contact": "Bob Ode"}, {"fields": {"site": "south"}}, {"fields": {"room": "4"}}
    receipts = await asyncio.gather(
        *(
            who.submit(c.Amend(ticket=logged.record_id, seen=seen, changes=change))
            for who, change in zip((lea, tom, lea, tom), changes, strict=True)
        )
    )
    assert sorted(each.version for each in receipts) == [seen + n for n in (1, 2, 3, 4)]
    view = await lea.ticket(logged.ref)
    assert (view.ticket.summary, view.ticket.contact) == ("Dead line", "Bob Ode")
    assert view.ticket.fields == {"site": "south", "room": "4"}
    assert sorted(entry.actor for entry in view.timeline[-4:]) == ["Lea", "Lea", "Tom", "Tom"]
    assert (await tom.ticket(logged.ref)).ticket == view.ticket
    assert await place.faults() == ()


@pytest.mark.parametrize("of", ["summary", "fields"])
async def test_of_two_who_change_one_fact_at_once_the_second_is_told_and_keeps_the_words(place: Place, of: str) -> None:
    """One goes through. The other hears what changed, by whom, and what to go by now; with that, it goes through.

    R225: both stand in the thread, in that order.
    """
    stores = {name: await place.open(name) for name in ("Lea", "Tom")}
    logged = await log(stores["Lea"], "voice-1")
    views = {name: await store.ticket(logged.ref) for name, store in stores.items()}
    said = {name: {"summary": f"{name} says so"} if of == "summary" else {"fields": {"site": name}} for name in stores}
    wanted = {
        name: c.Amend(ticket=logged.record_id, seen=views[name].ticket.version, changes=said[name]) for name in stores
    }
    answers = await asyncio.gather(
        *(stores[name].submit(command) for name, command in wanted.items()), return_exceptions=True
    )
    outcome = dict(zip(wanted, answers, strict=True))
    (first,) = (name for name, answer in outcome.items() if isinstance(answer, Receipt))
    (second,) = wanted.keys() - {first}
    told = outcome[second]
    assert isinstance(told, Conflict), told
    assert [entry.actor for entry in told.changed] == [first]
    assert told.changed == (await stores[second].ticket(logged.ref)).timeline[-1:]
    assert first in told.message
    assert told.version == logged.version + 1
    with pytest.raises(Conflict):
        await stores[second].submit(wanted[second])
    await stores[second].submit(wanted[second].model_copy(update={"seen": told.version}))
    view = await stores[first].ticket(logged.ref)
    assert (view.ticket.summary if of == "summary" else view.ticket.fields["site"]).startswith(second)
    assert [entry.actor for entry in view.timeline[-2:]] == [first, second]
    assert await place.faults() == ()
