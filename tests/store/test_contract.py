"""What every store does, whatever it keeps a desk in: one body of tests for all of them."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from deskterm.desk import commands as c
from deskterm.desk.record import new_id
from deskterm.desk.records.customers import Company, Contact, Contract, Solution, record_id
from deskterm.desk.records.ticket import Status
from deskterm.desk.reference import write
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.base import Conflict, Invalid, NotAllowed, NotFound
from tests.store.conftest import DESK_SOURCE, START, Place, facts, log

pytestmark = pytest.mark.anyio


async def test_a_call_is_logged_handed_on_and_read_back(place: Place) -> None:
    nora = await place.open("Nora")
    receipt = await log(nora, "voice-1")
    view = await nora.ticket(receipt.ref)
    assert (view.ticket.status, view.ticket.group, view.ticket.priority) == (Status.ROUTED, "voice-1", "p1")
    assert [entry.version for entry in view.timeline] == [1, 2]
    assert view.say
    assert {verdict.rule for verdict in view.may} >= {"T5", "T20"}
    assert (receipt.events, receipt.version, receipt.held_back) == (2, 2, "")


async def test_an_incomplete_call_is_saved_and_says_what_held_it_back(place: Place) -> None:
    """R010: a missing field never blocks saving."""
    nora = await place.open("Nora")
    receipt = await log(nora, "voice-1", impact=None, service="")
    view = await nora.ticket(receipt.record_id)
    assert view.ticket.status is Status.NEW
    assert receipt.rule == "T3"
    assert "impact" in receipt.held_back
    assert set(view.ticket.incomplete) >= {"service"}
    assert "Service ID" in view.still_to_ask


async def test_a_ticket_opens_by_any_spelling_of_its_reference(place: Place) -> None:
    nora = await place.open("Nora")
    receipt = await log(nora)
    number = receipt.ref.replace("-", "")
    for spelling in (receipt.ref, number, " ".join(number), f" {receipt.ref} ", str(receipt.record_id)):
        assert (await nora.ticket(spelling)).ticket.id == receipt.record_id
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    with pytest.raises(Invalid) as bad:
        await nora.ticket(wrong)
    assert bad.value.field == "ref"
    with pytest.raises(NotFound):
        await nora.ticket(uuid4())
    with pytest.raises(NotFound):
        await nora.ticket(write(54321))


async def test_submitting_twice_is_submitting_once(place: Place) -> None:
    nora = await place.open("Nora")
    call = c.LogCall(facts=facts(), hand_to="voice-1")
    first = await nora.submit(call)
    assert await nora.submit(call) == first
    again = await (await place.open("Nora")).submit(call)
    assert again == first
    assert (await nora.queue(QueueQuery(view="all"))).total == 1


async def test_a_command_submitted_at_once_from_many_places_happens_once(place: Place) -> None:
    stores = [await place.open("Nora") for _ in range(4)]
    call = c.LogCall(facts=facts())
    receipts = await asyncio.gather(*(store.submit(call) for store in stores for _ in range(3)))
    assert len(set(receipts)) == 1
    assert (await stores[0].queue(QueueQuery(view="all"))).total == 1


async def test_the_same_command_id_with_another_body_is_refused(place: Place) -> None:
    nora = await place.open("Nora")
    command_id = new_id()
    await nora.submit(c.LogCall(id=command_id, facts=facts()))
    with pytest.raises(Invalid) as refused:
        await nora.submit(c.LogCall(id=command_id, facts=facts(summary="Something else")))
    assert refused.value.field == "id"


async def test_a_refused_command_leaves_nothing_and_may_be_tried_again(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    receipt = await log(nora)
    take = c.Take(ticket=receipt.record_id)
    with pytest.raises(NotAllowed) as refused:
        await nora.submit(take)
    assert refused.value.rule == "T5"
    assert (await nora.ticket(receipt.ref)).ticket.version == 1
    await nora.submit(c.HandOff(ticket=receipt.record_id, to="voice-1"))
    assert (await lea.submit(take)).version == 3


async def test_a_missing_reason_names_its_field(place: Place) -> None:
    nora = await place.open("Nora")
    receipt = await log(nora, "voice-1")
    with pytest.raises(Invalid) as refused:
        await nora.submit(c.HandOff(ticket=receipt.record_id, to="net-2"))
    assert (refused.value.field, refused.value.rule) == ("reason", "T4")


async def test_a_command_that_changes_nothing_still_has_a_receipt(place: Place) -> None:
    nora = await place.open("Nora")
    receipt = await log(nora, "voice-1")
    follow = await nora.submit(c.Follow(ticket=receipt.record_id))
    assert (follow.events, follow.version, follow.ref) == (0, 2, receipt.ref)


async def test_a_ticket_that_is_not_there(place: Place) -> None:
    nora = await place.open("Nora")
    with pytest.raises(NotFound):
        await nora.submit(c.AddNote(ticket=uuid4(), text="Hello"))


async def test_time_never_runs_backwards_on_a_ticket(place: Place) -> None:
    nora = await place.open("Nora")
    receipt = await log(nora)
    place.clock.forward(hours=-5)
    await nora.submit(c.AddNote(ticket=receipt.record_id, text="Written on a slow clock"))
    moments = [entry.at for entry in (await nora.ticket(receipt.ref)).timeline]
    assert moments == sorted(moments)
    assert moments[0] >= START


async def test_what_no_database_keeps_is_replaced_and_all_else_is_kept(place: Place) -> None:
    nora = await place.open("Nora")
    words = "a\x00b \ud800 \x1b[31m ‮ [/b] 😀\r\n\t"
    receipt = await log(nora, description=words, fields={"k\x00": "v\x00"})
    ticket = (await nora.ticket(receipt.ref)).ticket
    assert ticket.description == words.replace("\x00", "�").replace("\ud800", "�")
    assert ticket.fields == {"k�": "v�"}


# -- two people at once


async def test_edits_of_different_facts_both_hold(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    receipt = await log(nora, "voice-1", fields={"site": "north"})
    seen = receipt.version
    await nora.submit(c.Amend(ticket=receipt.record_id, seen=seen, changes={"summary": "Dead line"}))
    await lea.submit(c.Amend(ticket=receipt.record_id, seen=seen, changes={"contact": "Bob Ode"}))
    await nora.submit(c.Amend(ticket=receipt.record_id, seen=seen, changes={"fields": {"room": "4"}}))
    await lea.submit(c.Amend(ticket=receipt.record_id, seen=seen, changes={"fields": {"site": "south"}}))
    await nora.submit(c.AddNote(ticket=receipt.record_id, seen=seen, text="Both may write"))
    ticket = (await lea.ticket(receipt.ref)).ticket
    assert (ticket.summary, ticket.contact) == ("Dead line", "Bob Ode")
    assert ticket.fields == {"site": "south", "room": "4"}


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [({"summary": "A"}, {"summary": "B"}), ({"fields": {"site": "n"}}, {"fields": {"site": "s"}})],
)
async def test_edits_of_one_fact_conflict_and_say_what_changed(
    place: Place, theirs: dict[str, object], mine: dict[str, object]
) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    receipt = await log(nora, "voice-1")
    await lea.submit(c.Amend(ticket=receipt.record_id, changes=theirs))
    with pytest.raises(Conflict) as conflict:
        await nora.submit(c.Amend(ticket=receipt.record_id, seen=receipt.version, changes=mine))
    assert [entry.actor for entry in conflict.value.changed] == ["Lea"]
    assert conflict.value.version == 3
    assert "Lea" in conflict.value.message


async def test_taking_what_somebody_just_took_is_a_conflict_not_a_lecture(place: Place) -> None:
    nora, lea, tom = await place.open("Nora"), await place.open("Lea"), await place.open("Tom")
    receipt = await log(nora, "voice-1")
    await lea.submit(c.Take(ticket=receipt.record_id, seen=2))
    with pytest.raises(Conflict):
        await tom.submit(c.Take(ticket=receipt.record_id, seen=2))
    with pytest.raises(NotAllowed):
        await tom.submit(c.Take(ticket=receipt.record_id, seen=3))
    with pytest.raises(NotAllowed):
        await nora.submit(c.Take(ticket=receipt.record_id, seen=2))


async def test_undo_of_a_duplicate_finds_the_survivor(place: Place) -> None:
    nora = await place.open("Nora")
    first, second = await log(nora), await log(nora, contact="Bob Ode")
    await nora.submit(c.MarkDuplicate(ticket=second.record_id, survivor=first.record_id))
    assert len((await nora.ticket(first.ref)).ticket.joined) == 1
    await nora.submit(c.Undo(ticket=second.record_id))
    assert (await nora.ticket(first.ref)).ticket.joined == ()
    assert (await nora.ticket(second.ref)).ticket.status is Status.NEW


async def test_reopening_too_late_makes_a_successor_whose_receipt_names_it(place: Place) -> None:
    """R128."""
    nora, tom = await place.open("Nora"), await place.open("Tom")
    receipt = await log(nora, "net-2")
    await tom.submit(c.Take(ticket=receipt.record_id))
    await tom.submit(c.Resolve(ticket=receipt.record_id, solution="k31"))
    await nora.submit(c.RecordAnswer(ticket=receipt.record_id, answer="yes"))
    place.clock.forward(days=40)
    again = await nora.submit(c.Reopen(ticket=receipt.record_id, reason="Broken again"))
    assert again.ref != receipt.ref
    assert (await nora.ticket(again.ref)).ticket.successor_of == receipt.ref


# -- who is acting


async def test_operators_are_known_by_name_or_login_and_others_are_listed(place: Place) -> None:
    assert (await place.open("nora")).me.name == "Nora"
    for stranger in ("Zoe", " "):
        with pytest.raises(NotAllowed, match="Nora, Lea, Tom, Sue"):
            await place.open(stranger)


@pytest.mark.kept_here
async def test_without_a_name_the_login_decides_and_else_one_is_a_guest(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "nora")
    assert (await place.open()).me.name == "Nora"
    monkeypatch.setenv("LOGNAME", "passer-by")
    guest = await place.open()
    assert (guest.me.name, guest.me.level) == ("passer-by", "guest")
    await guest.submit(c.Register(entry=Company(key="G", name="Guestly")))
    for command in (
        c.LogCall(facts=facts()),
        c.SaveView(name="v", base="open"),
        c.Follow(ticket=uuid4()),
    ):
        with pytest.raises(NotAllowed, match="--as"):
            await guest.submit(command)


@pytest.mark.kept_here
async def test_in_a_demo_a_stranger_is_the_first_level_0_operator(bare: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "passer-by")
    store = await bare.open()
    assert store.me.level == "guest"
    with pytest.raises(NotFound, match="desk load"):
        await store.desk()
    await store.submit(c.LoadDesk(name="northgate.toml", source=DESK_SOURCE, demo=True))
    assert store.me.name == "Nora"
    assert (await store.desk()).desk.name == "Northgate Desk"


async def test_a_broken_desk_file_is_refused_with_file_and_line(place: Place) -> None:
    nora, sue = await place.open("Nora"), await place.open("Sue")
    with pytest.raises(Invalid, match=r"broken\.toml:\d+"):
        await sue.submit(c.LoadDesk(name="broken.toml", source=DESK_SOURCE.replace("level = 0", "level = 9")))
    assert (await nora.desk()).desk.name == "Northgate Desk"


async def test_a_new_desk_file_is_in_force_for_everybody_and_brings_its_solutions(place: Place) -> None:
    nora, lea, sue = await place.open("Nora"), await place.open("Lea"), await place.open("Sue")
    await nora.submit(c.Register(entry=Solution(key="P1", title="Pooled", steps="a", resolution="b")))
    assert [known.key for known in await lea.solutions("", 10)] == ["K31", "K32", "P1"]
    newer = DESK_SOURCE.replace('id = "K32"', 'id = "K40"').replace("Northgate Desk", "Southgate Desk")
    await sue.submit(c.LoadDesk(name="newer.toml", source=newer))
    assert (await lea.desk()).desk.name == "Southgate Desk"
    assert [known.key for known in await lea.solutions("", 10)] == ["K31", "K40", "P1"]


async def test_loading_the_same_desk_file_again_changes_nothing(place: Place) -> None:
    sue = await place.open("Sue")
    same = c.LoadDesk(name="northgate.toml", source=DESK_SOURCE)
    receipt = await sue.submit(same)
    assert (receipt.events, receipt.version, receipt.ref) == (0, 1, "northgate.toml")
    assert (await sue.submit(same.model_copy(update={"id": new_id(), "demo": True}))).events == 1


# -- customers


async def test_registering_the_same_again_changes_nothing(place: Place) -> None:
    nora = await place.open("Nora")
    company = Company(key="HF", name="Harbour Foods")
    same = await nora.submit(c.Register(entry=company))
    assert (same.events, same.version, same.ref, same.record_id) == (0, 1, "HF", record_id("company", "HF"))
    changed = await nora.submit(c.Register(entry=company.model_copy(update={"region": "north"})))
    assert (changed.events, changed.version, changed.record_id) == (1, 2, record_id("company", "hf"))


async def test_a_contact_needs_a_company(place: Place) -> None:
    nora = await place.open("Nora")
    with pytest.raises(Invalid) as refused:
        await nora.submit(c.Register(entry=Contact(key="x", company="nowhere", name="X")))
    assert refused.value.field == "company"


async def test_a_contract_is_found_by_number_or_by_being_the_only_one(place: Place) -> None:
    """R008, R068: what a contract requires is asked whether or not its number was typed."""
    nora = await place.open("Nora")
    for known in ({"contract": "hf-1", "company": "Elsewhere"}, {"company": "harbour foods"}):
        asked = await nora.still_to_ask(facts(**known))
        assert "location" in [field.key for field in asked]
        receipt = await log(nora, **known)
        assert (await nora.ticket(receipt.ref)).ticket.bought_levels == "L0+L1"
    await nora.submit(c.Register(entry=Contract(key="HF-2", company="HF")))
    assert "location" not in [field.key for field in await nora.still_to_ask(facts())]


# -- views


async def test_views_of_ones_own(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    await log(nora, "voice-1")
    await log(nora, "voice-1", summary="Router down")
    await nora.submit(c.SaveView(name="Dial tones", base="open", text="dial"))
    own = (await nora.views())[-1]
    assert (own.name, own.base, own.text, own.own) == ("Dial tones", "open", "dial", True)
    assert not any(view.own for view in await lea.views())
    assert {count.view.name: count.count for count in await nora.counts()}["Dial tones"] == 1
    assert len((await nora.queue(QueueQuery(view=own.key))).rows) == 1
    for name, base in (("", "open"), ("mine", "open"), ("x", "nonsense")):
        with pytest.raises(Invalid):
            await nora.submit(c.SaveView(name=name, base=base))
    await nora.submit(c.ForgetView(name="Dial tones"))
    assert not any(view.own for view in await nora.views())
    with pytest.raises(NotFound):
        await nora.submit(c.ForgetView(name="Dial tones"))


async def test_a_closed_store_ends_its_feed_and_refuses_politely(place: Place) -> None:
    nora = await place.open("Nora")
    feed = nora.watch()
    waiting = asyncio.ensure_future(anext(feed))
    await log(nora)
    assert [change.kind for change in await waiting] == ["CallLogged"]
    waiting = asyncio.ensure_future(anext(feed))
    await asyncio.sleep(0)
    await nora.close()
    await nora.close()
    with pytest.raises(StopAsyncIteration):
        await waiting
    with pytest.raises(Exception, match="closed"):
        await nora.desk()
