"""A desk over a line that fails: it reads what was seen, keeps what is written, and sends each thing once."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery, TicketView
from deskterm.store.base import Invalid, NotAllowed, NotFound, Offline
from deskterm.store.offline.provisional import Provisional
from tests.store.conftest import facts
from tests.store.offline.conftest import Far, until


async def test_what_was_seen_is_read_while_the_line_is_down(far: Far) -> None:
    there, here = await far.there("Nora"), await far.open()
    known = await there.submit(c.LogCall(facts=facts(), hand_to="voice-1"))
    await here.take_along()
    far.proxy.cut()
    assert (await here.ticket(known.ref)).ticket.summary == "No dial tone at reception"
    assert here.standing.state == "offline"
    assert [row.ref for row in (await here.queue(QueueQuery())).rows] == [known.ref]
    assert [match.name for match in await here.callers("ann m")] == ["Ann Müller"]
    assert (await here.solutions("dial tone"))[0].key == "K31"
    assert (await here.desk()).desk.name == (await there.desk()).desk.name


async def test_who_asks_while_the_line_comes_back_does_not_keep_the_desk_of_then(far: Far) -> None:
    """Whoever asked a moment before is answered from what was seen; the next outage shows what came since."""
    there, here = await far.there(), await far.open()
    known = await there.submit(c.LogCall(facts=facts(), hand_to="voice-1"))
    await here.take_along()
    far.proxy.cut()
    await here.ticket(known.ref)
    far.proxy.mend()
    async with here._one_by_one:
        await until(lambda: here.standing.state == "catching up")
        await until(lambda: bool(here._one_by_one._waiters))
        asked = asyncio.ensure_future(here.ticket(known.ref))
        await until(lambda: len(here._one_by_one._waiters or ()) == 2)
    assert (await asked).ticket.ref == known.ref
    await until(lambda: here.standing.state == "live")
    await there.submit(c.Amend(ticket=known.record_id, changes={"summary": "Dial tone is back"}))
    await here.take_along()
    far.proxy.cut()
    assert (await here.ticket(known.ref)).ticket.summary == "Dial tone is back"
    assert here.standing.state == "offline"


async def test_what_was_begun_while_the_line_comes_back_is_answered(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy that is being read goes away when the line is back: the question is asked again, of another."""
    there, here = await far.there(), await far.open()
    known = await there.submit(c.LogCall(facts=facts(), hand_to="voice-1"))
    await here.take_along()
    far.proxy.cut()
    await here.ticket(known.ref)
    copied = Provisional.ticket
    asked = 0

    async def lately(copy: Provisional, ref: str | UUID) -> TicketView:
        nonlocal asked
        asked += 1
        if asked == 1:
            far.proxy.mend()
            await until(lambda: here.standing.state == "live")
        return await copied(copy, ref)

    monkeypatch.setattr(Provisional, "ticket", lately)
    assert (await here.ticket(known.ref)).ticket.ref == known.ref
    assert asked == 2


async def test_a_call_logged_offline_comes_through_once_and_keeps_its_reference(far: Far) -> None:
    """R042: the provisional reference names exactly one ticket, forever."""
    here = await far.open()
    await here.take_along()
    far.proxy.cut()
    command = c.LogCall(facts=facts(summary="The till is dead"), hand_to="voice-1")
    saved = await here.submit(command)
    assert saved.ref.endswith("T")
    assert here.standing.waiting == 1
    assert (await here.ticket(saved.ref)).ticket.group == "voice-1"
    assert "saved here" in (await here.ticket(saved.ref)).timeline[0].title
    again = await here.submit(command.model_copy(update={"also": saved.ref}))
    assert again.ref == saved.ref
    await here.submit(c.AddNote(ticket=saved.record_id, text="Rang again"))
    far.proxy.mend()
    await until(lambda: here.standing.state == "live")
    there = await far.there()
    found = await there.ticket(saved.ref)
    assert found.ticket.id == saved.record_id
    assert found.ticket.ref != saved.ref
    assert [entry.kind for entry in found.timeline][-1] != found.timeline[0].kind
    assert (await here.ticket(saved.ref.lower())).ticket.ref == found.ticket.ref
    assert [hit.ref for hit in await here.find(saved.ref)] == [found.ticket.ref]
    sent = await here.outbox()
    assert [each.state for each in sent] == ["confirmed", "confirmed"]
    assert {each.ref for each in sent} == {found.ticket.ref}
    with pytest.raises(Invalid):
        await there.ticket(saved.ref.replace(saved.ref[0], str((int(saved.ref[0]) + 1) % 10), 1))


async def test_the_rules_still_say_no_while_the_line_is_down(far: Far) -> None:
    there, here = await far.there("Nora"), await far.open()
    known = await there.submit(c.LogCall(facts=facts(), hand_to="voice-1"))
    await here.take_along()
    far.proxy.cut()
    with pytest.raises(NotAllowed):
        await here.submit(c.Take(ticket=known.record_id))
    with pytest.raises(Offline):
        await here.submit(c.Undo(ticket=known.record_id))
    assert here.standing.waiting == 0


async def test_what_others_did_meanwhile_stops_it_and_keeps_the_words(far: Far) -> None:
    there, here = await far.there("Lea"), await far.open("Tom")
    known = await there.submit(c.LogCall(facts=facts(), hand_to="voice-1"))
    await here.take_along()
    far.proxy.cut()
    view = await here.ticket(known.ref)
    await here.submit(
        c.HandOff(ticket=known.record_id, to="net-2", reason="It is the router", seen=view.ticket.version)
    )
    await here.submit(c.AddNote(ticket=known.record_id, text="Look at the router"))
    await there.submit(c.HandOff(ticket=known.record_id, to="front", reason="Wrong team"))
    far.proxy.mend()
    await until(lambda: here.standing.state == "live")
    assert (here.standing.waiting, here.standing.stuck) == (1, 1)
    stuck = next(each for each in await here.outbox() if each.state == "stuck")
    assert stuck.command.reason == "It is the router"  # type: ignore[union-attr]
    assert [entry.actor for entry in stuck.changed] == ["Lea"]
    await here.settle(stuck.number, c.AddNote(ticket=known.record_id, text="It is the router"))
    await until(lambda: here.standing.waiting == 0 and here.standing.state == "live")
    thread = (await there.ticket(known.ref)).timeline
    assert [entry.text for entry in thread[-2:]] == ["It is the router", "Look at the router"]
    assert (await there.ticket(known.ref)).ticket.group == "front"


async def test_an_answer_that_is_swallowed_leaves_one_ticket(far: Far) -> None:
    here = await far.open()
    await here.take_along()
    far.proxy.faults.swallow = 2
    saved = await here.submit(c.LogCall(facts=facts(summary="Only once")))
    await until(lambda: here.standing.state == "live" and not here.standing.waiting)
    there = await far.there()
    assert [row.id for row in (await there.queue(QueueQuery())).rows] == [saved.record_id]
    assert (await there.ticket(saved.ref)).ticket.id == saved.record_id
    assert far.proxy.tally.swallowed == 2


async def test_a_call_that_is_submitted_again_keeps_its_reference(far: Far) -> None:
    """A form that tries again, with the same command, gets the same answer: live, and while the line is down."""
    here = await far.open()
    await here.take_along()
    live = c.LogCall(facts=facts(summary="Tried twice"))
    assert await here.submit(live) == await here.submit(live)
    far.proxy.cut()
    later = c.LogCall(facts=facts(summary="Tried twice offline"))
    assert (await here.submit(later)).ref == (await here.submit(later)).ref
    assert here.standing.waiting == 1


async def test_what_is_saved_as_the_line_comes_back_is_sent_before_what_is_given_next(far: Far) -> None:
    """The line comes back between a command's finding it down and its being saved."""
    here = await far.open()
    await here.take_along()
    far.proxy.cut()
    with pytest.raises(Offline):
        await here.submit(c.LoadDesk(name="northgate.toml", source=""))
    async with here._one_by_one:
        saving = asyncio.ensure_future(here.submit(c.LogCall(facts=facts(summary="First"))))
        await until(lambda: bool(here._one_by_one._waiters))
        far.proxy.mend()
        here._stand("live")
    await saving
    await here.submit(c.LogCall(facts=facts(summary="Second")))
    await here.send()
    there = await far.there("Nora")
    assert [row.summary for row in (await there.queue(QueueQuery(view="all"))).rows] == ["Second", "First"]


async def test_a_first_look_that_fails_is_tried_again_though_nothing_happens(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nothing can be done when the line goes down on a quiet desk."""
    here = await far.open(fresh=0.1)
    take_along, tries = here.take_along, [Offline("The line went down in the midst of it."), None]

    async def at_the_second_try() -> None:
        if tries and (trouble := tries.pop(0)):
            raise trouble
        await take_along()

    monkeypatch.setattr(here, "take_along", at_the_second_try)
    watching = here.watch()
    await until(lambda: here._outbox.recall("whole") is not None)
    far.proxy.cut()
    assert (await here.submit(c.LogCall(facts=facts()))).ref.endswith("T")
    await watching.aclose()  # type: ignore[attr-defined]


async def test_nobody_is_seen_anywhere_while_the_line_is_down(far: Far) -> None:
    """Nor is anything taken over: whether somebody writes there, nobody here can know."""
    there, here = await far.there("Lea"), await far.open()
    at = (await there.submit(c.LogCall(facts=facts(), hand_to="voice-1"))).record_id
    await here.take_along()
    await there.attend(at, "writing")
    assert [(each.operator, each.doing) for each in await here.attend(at)] == [("Lea", "writing")]
    assert [each.operator for each in await there.attend(at, "writing")] == ["Nora"]
    far.proxy.cut()
    assert await here.attend(at) == ()
    assert here.standing.state == "offline"
    with pytest.raises(Offline):
        await here.submit(c.TakeOver(ticket=at))
    assert here.standing.waiting == 0
    far.proxy.mend()
    await until(lambda: here.standing.state == "live")
    assert [each.operator for each in await here.attend(at)] == ["Lea"]


async def test_what_is_written_on_a_ticket_of_a_moment_ago_is_kept_though_it_was_not_taken_along(far: Far) -> None:
    here = await far.open()
    await here.take_along()
    logged = await here.submit(c.LogCall(facts=facts()))
    far.proxy.cut()
    saved = await here.submit(c.AddNote(ticket=logged.record_id, text="Their mobile is better"))
    assert (saved.ref, here.standing.waiting) == (logged.ref, 1)
    with pytest.raises(NotFound, match="no such ticket"):
        await here.submit(c.AddNote(ticket=uuid4(), text="On no ticket that anybody told of"))
    far.proxy.mend()
    await until(lambda: here.standing.state == "live")
    there = await far.there("Nora")
    assert [entry.text for entry in (await there.ticket(logged.ref)).timeline].count("Their mobile is better") == 1


async def test_a_note_whose_answer_was_lost_is_not_refused_for_a_ticket_that_is_not_known_here(far: Far) -> None:
    """The server may have done it, and did: it is told of once, as done."""
    there, here = await far.there("Nora"), await far.open()
    await here.take_along()
    fresh = await there.submit(c.LogCall(facts=facts()))
    far.proxy.faults.swallow = 2
    await here.submit(c.AddNote(ticket=fresh.record_id, text="Their mobile is better"))
    await until(lambda: here.standing.state == "live" and not here.standing.waiting)
    assert [entry.text for entry in (await there.ticket(fresh.ref)).timeline].count("Their mobile is better") == 1
    assert [each.state for each in await here.outbox()] == ["confirmed"]


async def test_a_hand_off_whose_answer_was_lost_is_not_refused_because_it_was_done(far: Far) -> None:
    """It came along from the desk meanwhile: here it would be a hand-off to the group that has it already."""
    there, here = await far.there("Nora"), await far.open()
    fresh = await there.submit(c.LogCall(facts=facts(), hand_to="voice-1"))
    handed = c.HandOff(ticket=fresh.record_id, to="net-2", reason="It is the router")
    await there.submit(handed)
    await here.take_along()
    far.proxy.cut()
    saved = await here.submit(handed)
    assert (saved.ref, here.standing.waiting) == (fresh.ref, 1)
    view = await here.ticket(fresh.ref)
    assert [entry.text for entry in view.timeline].count("It is the router") == 1
    far.proxy.mend()
    await until(lambda: here.standing.state == "live" and not here.standing.waiting)
    assert [entry.text for entry in (await there.ticket(fresh.ref)).timeline].count("It is the router") == 1
    assert [each.state for each in await here.outbox()] == ["confirmed"]
