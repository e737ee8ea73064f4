"""Who is at which ticket now, soft claims and taking over, on every kind of store (issue: the shared desk)."""

from __future__ import annotations

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.presence import Presence
from deskterm.store.base import Invalid, NotAllowed
from deskterm.store.presence import LASTS
from tests.store.conftest import Place, log
from tests.store.test_sight import with_a_restricted_group

pytestmark = pytest.mark.anyio


def told(found: tuple[Presence, ...]) -> list[tuple[str, str]]:
    return [(each.operator, each.doing) for each in found]


async def test_others_hear_who_views_and_who_writes_and_since_when(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    at = (await log(nora, "voice-1")).record_id
    assert await nora.attend(at) == ()
    (seen,) = await lea.attend(None)
    assert (seen.operator, seen.ticket, seen.doing) == ("Nora", at, "viewing")
    assert seen.since <= place.clock.now
    place.clock.forward(seconds=30)
    await nora.attend(at)
    assert await lea.attend(None) == (seen,), "said again, it goes on since then"
    await nora.attend(at, "writing")
    (writing,) = await lea.attend(at)
    assert writing.doing == "writing"
    assert writing.since > seen.since
    assert told(await nora.attend(at, "writing")) == [("Lea", "viewing")]


async def test_who_leaves_is_gone_at_once_and_who_dies_within_a_minute(place: Place) -> None:
    nora, lea, tom = [await place.open(name) for name in ("Nora", "Lea", "Tom")]
    at = (await log(nora, "voice-1")).record_id
    await nora.attend(at)
    await lea.attend(at, "writing")
    assert told(await tom.attend(None)) == [("Nora", "viewing"), ("Lea", "writing")]
    await nora.attend(None)
    assert told(await tom.attend(None)) == [("Lea", "writing")]
    place.clock.forward(seconds=LASTS.total_seconds())
    assert await tom.attend(None) == ()


async def test_one_terminal_is_at_one_ticket(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    first, second = [(await log(nora, "voice-1")).record_id for _ in range(2)]
    await nora.attend(first, "writing")
    await nora.attend(second)
    assert [(each.ticket, each.doing) for each in await lea.attend(None)] == [(second, "viewing")]


async def test_own_terminals_do_not_warn_each_other_unless_one_writes(place: Place) -> None:
    desk, laptop = await place.open("Nora"), await place.open("Nora")
    at = (await log(desk, "voice-1")).record_id
    await desk.attend(at)
    assert await laptop.attend(at) == ()
    await desk.attend(at, "writing")
    assert told(await laptop.attend(at)) == [("Nora", "writing")]
    assert await desk.attend(at, "writing") == (), "of itself a terminal hears nothing"


async def test_presence_at_a_restricted_ticket_is_for_its_members(place: Place) -> None:
    """R226: nobody else hears of it, nor can be seen at it."""
    await with_a_restricted_group(place)
    sol, nora = await place.open("Sol"), await place.open("Nora")
    at = (await log(sol, "soc")).record_id
    await sol.attend(at, "writing")
    assert await nora.attend(at, "writing") == ()
    assert await sol.attend(at, "writing") == ()
    with pytest.raises(NotAllowed):
        await nora.submit(c.TakeOver(ticket=at))
    await sol.submit(c.HandOff(ticket=at, to="voice-1", reason="It is no attack"))
    assert told(await nora.attend(None)) == [("Sol", "writing")]


async def test_it_is_no_event_and_a_rebuild_forgets_it(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    receipt = await log(nora, "voice-1")
    await nora.attend(receipt.record_id, "writing")
    again = await log(lea)
    assert again.position == receipt.position + 1
    assert await place.faults() == ()
    if lea.capabilities.maintenance:
        await lea.rebuild()
        assert await lea.attend(None) == ()


async def test_what_is_said_again_soon_is_not_written_again(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    at = (await log(nora, "voice-1")).record_id
    await nora.attend(at)
    for _ in range(5):
        place.clock.forward(seconds=LASTS.total_seconds() / 2)
        await nora.attend(at)
    assert told(await lea.attend(None)) == [("Nora", "viewing")]


# -- taking over


async def test_taking_over_is_logged_and_ends_the_claim_of_others(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    at = (await log(nora, "voice-1")).record_id
    await nora.attend(at, "writing")
    await lea.attend(at, "writing")
    receipt = await lea.submit(c.TakeOver(ticket=at))
    assert receipt.events == 1
    assert told(await lea.attend(at, "writing")) == [("Nora", "viewing")]
    view = await nora.ticket(at)
    assert (view.timeline[-1].title, view.timeline[-1].actor) == ("Took over from Nora", "Lea")
    assert view.ticket.owner is None
    assert await place.faults() == ()


async def test_a_ticket_that_was_theirs_is_taken_along(place: Place) -> None:
    """Who works on it changes; how far it is stays, and the old owner's undo is over."""
    nora, lea, tom = [await place.open(name) for name in ("Nora", "Lea", "Tom")]
    at = (await log(nora, "voice-1")).record_id
    await lea.submit(c.Take(ticket=at))
    await lea.submit(c.Start(ticket=at))
    await lea.attend(at, "writing")
    await tom.submit(c.TakeOver(ticket=at))
    ticket = (await tom.ticket(at)).ticket
    assert (ticket.owner, ticket.status) == ("Tom", "In progress")
    await tom.attend(at, "writing")
    await nora.submit(c.TakeOver(ticket=at))
    view = await nora.ticket(at)
    assert view.ticket.owner == "Tom", "level 0 does not work on tickets; only the writing is taken over"
    assert view.timeline[-1].title == "Took over from Tom"
    assert await place.faults() == ()


async def test_there_is_nothing_to_take_over_where_nobody_else_writes(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    at = (await log(nora, "voice-1")).record_id
    await nora.attend(at)
    await lea.attend(at, "writing")
    with pytest.raises(Invalid, match="Nobody else is writing here"):
        await lea.submit(c.TakeOver(ticket=at))
    await nora.attend(at, "writing")
    place.clock.forward(seconds=LASTS.total_seconds())
    with pytest.raises(Invalid, match="Nobody else is writing here"):
        await lea.submit(c.TakeOver(ticket=at))


async def test_a_claim_is_no_lock(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    at = (await log(nora, "voice-1")).record_id
    await nora.attend(at, "writing")
    await lea.submit(c.AddNote(ticket=at, text="I write as well"))
    await lea.submit(c.Take(ticket=at))
    assert (await nora.ticket(at)).ticket.owner == "Lea"


@pytest.mark.kept_here
async def test_a_guest_is_seen_nowhere_and_takes_nothing_over(place: Place) -> None:
    nora, guest = await place.open("Nora"), await place.open()
    at = (await log(nora, "voice-1")).record_id
    assert guest.me.level == "guest"
    await guest.attend(at, "writing")
    assert await nora.attend(at, "writing") == ()
    with pytest.raises(NotAllowed):
        await guest.submit(c.TakeOver(ticket=at))
