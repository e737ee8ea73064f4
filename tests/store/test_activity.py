"""What a desk did over a span, told apart five ways (R110, R218, R221)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from deskterm.desk import commands as c
from deskterm.desk.activity import SIDES, ActivityLine, Side, activity_by
from deskterm.store.base import Store
from tests.store.conftest import START, Place, log

pytestmark = pytest.mark.anyio

WEEK = (START - timedelta(days=1), START + timedelta(days=6))


async def lines(store: Store, side: Side) -> dict[str, ActivityLine]:
    found = activity_by(await store.activity(*WEEK), await store.desk(), side)
    return {line.name: line for line in found}


def total(found: Iterable[ActivityLine], name: str) -> int:
    return sum(getattr(line.counts, name) for line in found)


async def test_each_way_of_telling_apart_counts_all(place: Place) -> None:
    nora, tom = await place.open("Nora"), await place.open("Tom")
    await log(nora, "voice-1")
    await log(nora, "net-2")
    receipt = await log(nora)
    await nora.submit(c.HandOff(ticket=receipt.record_id, to="net-2"))
    await tom.submit(c.Take(ticket=receipt.record_id))
    await tom.submit(c.Resolve(ticket=receipt.record_id, solution="K31"))
    for side in SIDES:
        found = (await lines(nora, side)).values()
        assert (total(found, "logged"), total(found, "resolved")) == (3, 1), side


async def test_what_became_of_them_is_counted_by_channel_and_level(place: Place) -> None:
    nora, tom = await place.open("Nora"), await place.open("Tom")
    mailed = (await log(nora, "net-2", channel="email")).record_id
    await log(nora, "voice-1")
    await nora.submit(c.RecordContact(ticket=mailed, reason="chase"))
    await tom.submit(c.Take(ticket=mailed))
    place.clock.forward(hours=1)
    await tom.submit(c.Start(ticket=mailed))
    await tom.submit(c.Resolve(ticket=mailed, solution="K31"))
    await nora.submit(c.RecordAnswer(ticket=mailed, answer="no"))
    await tom.submit(c.Resolve(ticket=mailed, solution="K31"))
    await nora.submit(c.RecordAnswer(ticket=mailed, answer="yes"))
    await nora.submit(c.Reopen(ticket=mailed, reason="Again"))
    await tom.submit(c.Take(ticket=mailed))
    await tom.submit(c.Resolve(ticket=mailed, solution="K31"))
    by_channel = await lines(nora, "channel")
    counts = by_channel["email"].counts
    assert (counts.logged, counts.resolved, counts.chases, counts.refusals, counts.reopens) == (1, 1, 1, 1, 1)
    assert counts.mean_restore is not None
    assert by_channel["phone"].counts.mean_restore is None
    assert (await lines(nora, "level"))["2"].counts == counts
    assert list(await lines(nora, "group")) == ["voice-1", "net-2"]


async def test_how_long_a_response_and_a_resolution_took(place: Place) -> None:
    nora, tom = await place.open("Nora"), await place.open("Tom")
    ticket = (await log(nora, "net-2")).record_id
    place.clock.forward(hours=1)
    await tom.submit(c.Take(ticket=ticket))
    await tom.submit(c.Start(ticket=ticket))
    place.clock.forward(hours=2)
    await tom.submit(c.Resolve(ticket=ticket, solution="K31"))
    counts = (await lines(nora, "group"))["net-2"].counts
    assert counts.mean_response == timedelta(hours=1, seconds=2)
    assert counts.mean_restore == timedelta(hours=3, seconds=3)


async def test_only_what_was_logged_in_the_span(place: Place) -> None:
    nora = await place.open("Nora")
    await log(nora)
    assert await nora.activity(START + timedelta(days=1), START + timedelta(days=2)) == ()
