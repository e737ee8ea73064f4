"""What several processes, restarts and other eyes make of it; and what a slow line costs."""

from __future__ import annotations

import asyncio
import os
import stat
from collections import Counter

import pytest

from deskterm.desk import commands as c
from deskterm.desk.changes.views import ChangeQuery
from deskterm.desk.commands.changes import RaiseChange
from deskterm.desk.records.change import Header
from deskterm.desk.records.file import packed
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.base import NotFound
from tests.store.conftest import DESK_SOURCE, facts
from tests.store.offline.conftest import Far, until


async def test_two_processes_share_one_outbox_and_one_of_them_sends(far: Far) -> None:
    """As two processes do: each has its own connection to the files, and nothing else in common."""
    one, two = await far.open(), await far.open()
    await one.take_along()
    far.proxy.cut()
    first = await one.submit(c.LogCall(facts=facts(summary="From the one")))
    second = await two.submit(c.LogCall(facts=facts(summary="From the other")))
    assert first.ref != second.ref
    await one.submit(c.AddNote(ticket=second.record_id, text="Seen by the one"))
    assert (await two.ticket(second.ref)).timeline[-1].text == "Seen by the one"
    far.proxy.mend()
    await asyncio.gather(one.send(), two.send())
    await until(lambda: one.standing.state == two.standing.state == "live")
    there = await far.there("Nora")
    rows = (await there.queue(QueueQuery())).rows
    assert Counter(row.summary for row in rows) == {"From the one": 1, "From the other": 1}
    assert [entry.text for entry in (await there.ticket(second.ref)).timeline].count("Seen by the one") == 1


async def test_a_restart_without_the_line_goes_on_where_it_was(far: Far) -> None:
    before = await far.open()
    await before.take_along()
    far.proxy.cut()
    saved = await before.submit(c.LogCall(facts=facts(summary="Before the restart")))
    await before.close()
    after = await far.open()
    assert (after.me.name, after.standing.state, after.standing.waiting) == ("Nora", "offline", 1)
    assert (await after.ticket(saved.ref)).ticket.summary == "Before the restart"
    other = await after.submit(c.LogCall(facts=facts(summary="After it")))
    assert other.ref != saved.ref
    far.proxy.mend()
    assert (await after.send()).state == "live"
    there = await far.there("Nora")
    assert {(await there.ticket(each.ref)).ticket.id for each in (saved, other)} == {saved.record_id, other.record_id}


async def test_what_is_kept_is_private_and_copies_go_when_they_are_done_with(far: Far) -> None:
    here = await far.open()
    await here.take_along()
    far.proxy.cut()
    await here.queue(QueueQuery())
    kept = [path for path in far.state.rglob("*") if path.is_file()]
    assert len(kept) >= 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert any(path.name.startswith(f"here-{os.getpid()}") for path in kept)
    await here.close()
    assert not list(far.state.rglob("here-*"))


async def test_what_was_closed_or_changed_there_is_followed(far: Far) -> None:
    there, here = await far.there("Nora"), await far.open()
    old = await there.submit(c.LogCall(facts=facts(summary="Long over")))
    await there.submit(c.Withdraw(ticket=old.record_id, reason="Solved itself"))
    known = await there.submit(c.LogCall(facts=facts(summary="Still open")))
    await here.take_along()
    await there.submit(c.AddNote(ticket=known.record_id, text="News"))
    await there.submit(c.AddNote(ticket=known.record_id, text="More news"))
    gone = await there.submit(c.LogCall(facts=facts(summary="Soon over")))
    await there.submit(c.Withdraw(ticket=gone.record_id, reason="Solved itself"))
    await here.take_along()
    far.proxy.cut()
    assert [row.summary for row in (await here.queue(QueueQuery())).rows] == ["Still open"]
    assert [entry.text for entry in (await here.ticket(known.ref)).timeline[-2:]] == ["News", "More news"]


async def test_a_slow_line_costs_one_round_trip_a_ticket(far: Far) -> None:
    """Issue 6, done when 7: 150 ms more there and back; each question is asked once."""
    there, here = await far.there("Nora"), await far.open()
    logged = [await there.submit(c.LogCall(facts=facts(summary=f"Call {n}"))) for n in range(3)]
    page = await here.queue(QueueQuery())
    far.proxy.faults.delay = 0.075
    tally = far.proxy.tally
    before = tally.asked
    view = await here.ticket(logged[0].ref)
    assert view.ticket.summary == "Call 0"
    assert tally.asked - before == 1, tally.said[before:]
    before = tally.asked
    await here.rows(QueueQuery(), tuple(row.id for row in page.rows))
    assert tally.asked - before == 1
    before = tally.asked
    await here.submit(c.AddNote(ticket=logged[0].record_id, text="One way there, one way back"))
    assert tally.asked - before == 1


async def test_two_change_one_ticket_while_one_of_them_has_no_line(far: Far) -> None:
    """Issue 6, done when 3: different facts both hold; of one fact, the later one is shown beside the other's."""
    there, here = await far.there("Lea"), await far.open("Tom")
    known = await there.submit(c.LogCall(facts=facts(), hand_to="voice-1"))
    await here.take_along()
    far.proxy.cut()
    seen = (await here.ticket(known.ref)).ticket.version
    await here.submit(c.Amend(ticket=known.record_id, seen=seen, changes={"summary": "Dead line"}))
    await there.submit(c.Amend(ticket=known.record_id, seen=seen, changes={"contact": "Bob Ode"}))
    far.proxy.mend()
    assert (await here.send()).stuck == 0
    ticket = (await there.ticket(known.ref)).ticket
    assert (ticket.summary, ticket.contact) == ("Dead line", "Bob Ode")
    await here.take_along()
    far.proxy.cut()
    seen = (await here.ticket(known.ref)).ticket.version
    await here.submit(c.Amend(ticket=known.record_id, seen=seen, changes={"summary": "Tom says so"}))
    await there.submit(c.Amend(ticket=known.record_id, seen=seen, changes={"summary": "Lea says so"}))
    far.proxy.mend()
    assert (await here.send()).stuck == 1
    (stuck,) = (each for each in await here.outbox() if each.state == "stuck")
    assert [entry.actor for entry in stuck.changed] == ["Lea"]
    assert stuck.command.changes == {"summary": "Tom says so"}  # type: ignore[union-attr]
    assert (await there.ticket(known.ref)).ticket.summary == "Lea says so"
    await here.settle(stuck.number, stuck.command)
    assert (await here.send()).stuck == 0
    assert (await there.ticket(known.ref)).ticket.summary == "Tom says so"


async def test_what_is_for_others_eyes_is_not_taken_along(far: Far) -> None:
    """R226: a ticket that goes to a restricted group goes from the copies on other machines too, and its changes go."""
    there = await far.there("Nora")
    restricted = DESK_SOURCE.replace('name = "net-2"', 'name = "net-2"\nrestricted = true', 1)
    boss = await far.there("Sue")
    await boss.submit(c.LoadDesk(name="restricted.toml", source=restricted))
    one = await there.submit(c.LogCall(facts=facts(summary="Hidden from the start"), hand_to="net-2"))
    two = await there.submit(c.LogCall(facts=facts(summary="Hidden later"), hand_to="voice-1"))
    for tom, ticket in (("Tom", one), ("Lea", two)):
        who = await far.there(tom)
        await who.submit(RaiseChange(ticket=ticket.record_id, facts=Header(title=f"Hidden by {tom}")))
    await boss.submit(c.KeepFile(name="evidence.txt", content=packed(b"Agreed")))
    here = await far.open()
    await here.take_along()
    far.proxy.cut()
    assert [row.summary for row in (await here.queue(QueueQuery())).rows] == ["Hidden later"]
    assert [line.title for line in await here.changes(ChangeQuery())] == ["Hidden by Lea"]
    far.proxy.mend()
    await here.send()
    await boss.submit(c.HandOff(ticket=two.record_id, to="net-2", reason="Theirs after all"))
    await here.take_along()
    far.proxy.cut()
    assert (await here.queue(QueueQuery())).rows == ()
    assert await here.changes(ChangeQuery()) == ()
    kept = b"".join(path.read_bytes() for path in far.state.rglob("here-*"))
    assert b"Hidden" not in kept
    assert b"evidence.txt" not in kept, "files are read where they are kept"
    with pytest.raises(NotFound):
        await here.ticket(one.record_id)
