"""R226: the tickets of a restricted group, and changes for them, are for its members alone, through every door."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final, get_args
from uuid import UUID

import pytest

from deskterm.desk import commands as c
from deskterm.desk.changes.views import ChangeList, ChangeQuery
from deskterm.desk.commands.changes import (
    AddRow,
    AmendChange,
    AssessChange,
    BeginTests,
    FinishChange,
    NoteOnChange,
    RaiseChange,
    RecordApproval,
    RecordSpokenApproval,
    SendForm,
    StartChange,
    SubmitChange,
)
from deskterm.desk.record import new_id
from deskterm.desk.records.change import Header, Section
from deskterm.desk.records.customers import record_id
from deskterm.desk.records.file import attachment_of, packed
from deskterm.desk.tickets.views import BUILT_IN_VIEWS, QueueQuery, Receipt
from deskterm.store.base import NotAllowed, Store
from deskterm.store.first_look import first_look
from deskterm.store.opening import open_store
from tests.store.conftest import DESK_SOURCE, START, Place, facts, log

pytestmark = pytest.mark.anyio

RESTRICTED = """
[[group]]
name = "soc"
title = "Security"
level = 2
restricted = true

[[operator]]
name = "Sol"
level = 2
groups = ["soc"]

[[operator]]
name = "Sid"
level = 2
groups = ["soc"]
"""
SECRET = "Zebrafish"
"""A word that only the hidden ticket holds."""
PARTS = (record_id("contact", "ann"), record_id("company", "HF"))


async def queue(store: Store, ref: str, id_: UUID) -> object:
    pages = [await store.queue(QueueQuery(view=view.key)) for view in BUILT_IN_VIEWS]
    pages += [await store.queue(QueueQuery(view=view, text=SECRET)) for view in ("open", "all")]
    pages += [
        await store.queue(QueueQuery(view="all", group="soc")),
        await store.queue(QueueQuery(view="all", text=ref)),
    ]
    return [(page.rows, page.total) for page in pages]


async def refused(asked: Awaitable[object]) -> object:
    """What is answered, or nothing where it is refused; a refusal may name the ticket that was asked for."""
    try:
        return await asked
    except NotAllowed as error:
        return None if error.rule == "R226" else error


async def feed(store: Store, ref: str, id_: UUID) -> list[tuple[str, str, UUID | None]]:
    async with aclosing(store.watch(0)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            return [(each.kind, each.actor, each.command_id) for each in batch if each.record_id == id_]
    return []


async def board(store: Store, ref: str, id_: UUID) -> object:
    found = await store.board()
    return {name: value for name, value in asdict(found).items() if name not in ("at", "openings")}


READS: dict[str, Callable[[Store, str, UUID], Awaitable[object]]] = {
    "queue": queue,
    "rows": lambda store, ref, id_: store.rows(QueueQuery(view="all"), (id_,)),
    "counts": lambda store, ref, id_: store.counts(),
    "ticket": lambda store, ref, id_: refused(store.ticket(ref)),
    "explain": lambda store, ref, id_: refused(store.explain(id_)),
    "tickets": lambda store, ref, id_: store.tickets((id_,)),
    "changes": lambda store, ref, id_: refused(store.changes(ChangeQuery(ticket=ref))),
    "find": lambda store, ref, id_: _both(store.find(SECRET), store.find(ref)),
    "callers": lambda store, ref, id_: store.callers("Quill"),
    "card": lambda store, ref, id_: _both(
        store.card(*PARTS), store.card(None, None, facts(company="", contact="Zoe Quill", phone="07700 900999"))
    ),
    "outages": lambda store, ref, id_: store.outages(facts(summary="Everything is phishing")),
    "board": board,
    "activity": lambda store, ref, id_: store.activity(START - timedelta(days=1), START + timedelta(days=1)),
    "watch": feed,
}  # fmt: skip
"""Every read of the store that tells of tickets."""
TELLS_OF_NO_TICKET = {
    "desk", "views", "solutions", "groups", "openings", "still_to_ask",
}  # fmt: skip
LISTS: Final[tuple[ChangeList, ...]] = get_args(ChangeList)
OF_CHANGES: dict[str, Callable[[Store, str, UUID], Awaitable[object]]] = {
    "change": lambda store, ref, id_: _both(refused(store.change(ref)), refused(store.change(id_))),
    "changes": lambda store, ref, id_: _both(*(store.changes(ChangeQuery(which=which)) for which in LISTS)),
    "changes with": lambda store, ref, id_: store.changes(ChangeQuery(which="all", text=SECRET)),
    "find": READS["find"],
    "board": board,
    "guards": lambda store, ref, id_: store.guards(),
    "windows": lambda store, ref, id_: store.windows(START, START + timedelta(days=9)),
}
"""Every read of the store that tells of changes, but for the feed."""
TRIED_APART = {"file"}
WRITES = {"submit", "tick", "seen", "close", "outbox", "send", "settle", "attend"}


async def _both(*asked: Awaitable[object]) -> object:
    return [await each for each in asked]


def test_every_read_of_a_store_is_in_the_table() -> None:
    public = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if not name.startswith("_")}
    assert public == READS.keys() | (OF_CHANGES.keys() - {"changes with"}) | TELLS_OF_NO_TICKET | TRIED_APART | WRITES


async def with_a_restricted_group(place: Place) -> None:
    """Bring the desk file with the group into force, where the desk is kept."""
    there = await open_store(place.url, operator="Sue", clock=place.clock)
    await there.submit(c.LoadDesk(name="northgate.toml", source=DESK_SOURCE + RESTRICTED))
    await there.close()


async def restricted(place: Place) -> Receipt:
    await with_a_restricted_group(place)
    nora = await place.open("Nora")
    hidden = await log(
        nora, "soc", summary=f"{SECRET} phishing", contact="Zoe Quill", phone="07700 900999", channel="monitoring"
    )
    place.clock.forward(days=2)
    return hidden


def seen_in(answer: object, ref: str, id_: UUID) -> bool:
    return any(word in repr(answer) for word in (ref, SECRET, str(id_)))


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("name", ["Nora", "Tom", "Sue"])
async def test_who_is_no_member_sees_nothing_of_it(place: Place, read: str, name: str) -> None:
    """Neither its originator nor the supervisor: only members."""
    await with_a_restricted_group(place)
    outsider = await place.open(name)
    nothing = UUID(int=1)
    without = await READS["counts"](outsider, "", nothing) if read == "counts" else None
    hidden = await restricted(place)
    answer = await READS[read](outsider, hidden.ref, hidden.record_id)
    assert not seen_in(answer, hidden.ref, hidden.record_id), answer
    if read == "counts":
        assert answer == without
    if read == "activity":
        assert answer == ()
    if read == "queue":
        assert answer == [((), 0 if total is not None else None) for _, total in answer]  # type: ignore[attr-defined]
    if read == "watch":
        assert isinstance(answer, list)
        assert set(answer) == {("Hidden", "", None)}


@pytest.mark.parametrize("read", sorted(READS.keys() - {"counts", "changes", "board", "watch", "activity"}))
async def test_a_member_sees_it(place: Place, read: str) -> None:
    hidden = await restricted(place)
    member = await place.open("Sol")
    assert seen_in(await READS[read](member, hidden.ref, hidden.record_id), hidden.ref, hidden.record_id)


async def test_figures_count_what_one_may_see_and_what_stands_behind_them_agrees(place: Place) -> None:
    await restricted(place)
    member, outsider = await (await place.open("Sol")).board(), await (await place.open("Sue")).board()
    assert (member.open, member.late, member.quiet.tickets, member.today.logged.tickets) == (1, 1, 1, 0)
    assert (outsider.open, outsider.late, outsider.quiet.tickets) == (0, 0, 0)
    assert (outsider.needs, outsider.oldest, outsider.top, outsider.groups) == ((), (), (), ())
    sue = await place.open("Sue")
    assert not (await sue.queue(member.priorities[0].open.query)).rows


@pytest.mark.parametrize(
    "command",
    [
        lambda id_: c.AddNote(ticket=id_, text="I look in."),
        lambda id_: c.HandOff(ticket=id_, to="net-2", reason="Back to us"),
        lambda id_: c.Undo(ticket=id_),
        lambda id_: c.Follow(ticket=id_),
        lambda id_: RaiseChange(ticket=id_, facts=Header(title="Move it")),
    ],
)
async def test_who_does_not_see_it_does_nothing_to_it(place: Place, command: Callable[[UUID], Any]) -> None:
    hidden = await restricted(place)
    with pytest.raises(NotAllowed) as no:
        await (await place.open("Tom")).submit(command(hidden.record_id))
    assert no.value.rule == "R226"
    assert SECRET not in no.value.message


async def test_nothing_is_linked_to_what_one_does_not_see(place: Place) -> None:
    hidden = await restricted(place)
    nora = await place.open("Nora")
    other = await log(nora)
    with pytest.raises(NotAllowed):
        await nora.submit(c.MarkDuplicate(ticket=other.record_id, survivor=hidden.record_id))


@pytest.mark.parametrize("name", ["Nora", "Tom", "Sue"])
async def test_a_change_for_it_is_seen_by_members_alone(place: Place, name: str) -> None:
    """At work, and when its form is owed."""
    change = await under_way(place)
    outsider, sol, sid = [await place.open(who) for who in (name, "Sol", "Sid")]
    for _ in range(2):
        for read, asked in OF_CHANGES.items():
            answer = await asked(outsider, change.ref, change.record_id)
            assert not seen_in(answer, change.ref, change.record_id), (read, answer)
            shown = seen_in(await asked(sid, change.ref, change.record_id), change.ref, change.record_id)
            assert shown or read in ("guards", "windows"), read
        assert set(await feed(outsider, "", change.record_id)) == {("Hidden", "", None)}
        assert ("ChangeRaised", "Sol") in [each[:2] for each in await feed(sid, "", change.record_id)]
        if not await sol.guards():
            break
        for command in (BeginTests, FinishChange):
            await sol.submit(command(change=change.record_id))


async def test_who_does_not_see_a_change_does_nothing_to_it_and_links_nothing_to_its_ticket(place: Place) -> None:
    change = await under_way(place)
    nora, tom, sol = await place.open("Nora"), await place.open("Tom"), await place.open("Sol")
    hidden = (await sol.change(change.ref)).change.ticket_ref
    with pytest.raises(NotAllowed, match=f"^{change.ref} is with soc") as no:
        await tom.submit(NoteOnChange(change=change.record_id, text="I look in."))
    assert (no.value.rule, SECRET in no.value.message) == ("R226", False)
    own = RaiseChange(ticket=(await log(nora, "net-2")).record_id, facts=Header(title="Mine"))
    await tom.submit(own)
    with pytest.raises(NotAllowed, match="R226"):
        await tom.submit(AmendChange(change=own.change, changes={"ticket": hidden}))


async def test_that_a_window_is_taken_is_for_all_to_know_but_not_what_for(place: Place) -> None:
    """C2: who plans for the same customer is told that something is under way there."""
    change = await under_way(place)
    nora, tom, sol = await place.open("Nora"), await place.open("Tom"), await place.open("Sol")
    window = {"starts": place.clock.now, "ends": place.clock.now + timedelta(hours=1)}
    mine = Header(title="Mine", systems=("Firewall",), **window)
    raised = await tom.submit(RaiseChange(ticket=(await log(nora, "net-2")).record_id, facts=mine))
    (clash,) = (await tom.change(raised.ref)).clashes
    assert (clash.booked.ref, clash.systems) == ("another change", ("firewall",))
    assert not seen_in((await tom.change(raised.ref)).clashes[0].booked.title, change.ref, change.record_id)
    assert "quill-laptop" not in repr(clash), "what they do not share is nobody's business"
    (clash,) = (await sol.change(raised.ref)).clashes
    assert (clash.booked.ref, SECRET in clash.booked.title) == (change.ref, True)


async def under_way(place: Place) -> Receipt:
    """A change that somebody of the restricted group works on, for one of its tickets."""
    hidden = await restricted(place)
    sol, sid = await place.open("Sol"), await place.open("Sid")
    facts = Header(title=f"{SECRET} is cut off", systems=("firewall", "quill-laptop"))
    raised = await sol.submit(RaiseChange(ticket=hidden.record_id, change_kind="emergency", facts=facts))
    await sol.submit(AddRow(change=raised.record_id, section=Section.ROLLBACK, text="Plug it in"))
    until = place.clock.now + timedelta(hours=2)
    await sid.submit(RecordSpokenApproval(change=raised.record_id, by="Ann Müller", said="Do it now", ends=until))
    await sol.submit(StartChange(change=raised.record_id))
    return raised


async def test_handed_out_of_the_group_everybody_sees_it_again(place: Place) -> None:
    hidden = await restricted(place)
    sol, tom = await place.open("Sol"), await place.open("Tom")
    change = await sol.submit(RaiseChange(ticket=hidden.record_id, facts=Header(title="Cut it off")))
    await sol.submit(c.HandOff(ticket=hidden.record_id, to="net-2", reason="No attack after all"))
    assert (await tom.ticket(hidden.ref)).ticket.group == "net-2"
    assert (await tom.find(SECRET))[0].ref == hidden.ref
    assert [each.ref for each in await tom.changes(ChangeQuery(ticket=hidden.ref))] == [change.ref]


async def test_timers_of_hidden_tickets_go_on(place: Place) -> None:
    await restricted(place)
    place.clock.forward(hours=1)
    assert await (await place.open("Nora")).tick()


@pytest.mark.in_a_file
@pytest.mark.parametrize("name", ["Nora", "Tom", "Sue"])
async def test_the_first_look_keeps_it_hidden_too(place: Place, name: str) -> None:
    hidden = await restricted(place)
    sol = await place.open("Sol")
    assert [row.ref for row in _looked(place, "Sol")] == [hidden.ref]
    assert not _looked(place, name)
    await sol.submit(c.HandOff(ticket=hidden.record_id, to="net-2", reason="No attack"))
    assert [row.ref for row in _looked(place, name)] == [hidden.ref]


def _looked(place: Place, name: str) -> tuple[Any, ...]:
    found = first_look(place.url, name)
    assert found is not None
    return found.rows


async def test_a_file_of_a_hidden_ticket_is_read_by_members_alone(place: Place) -> None:
    """What is evidence for a change that was raised from it; a change that one sees makes its own files readable."""
    hidden = await restricted(place)
    sol, tom, nora = await place.open("Sol"), await place.open("Tom"), await place.open("Nora")
    file = attachment_of("approval.eml", b"Agreed.")
    await sol.submit(c.KeepFile(name=file.name, content=packed(b"Agreed.")))
    assert (await tom.file(file.digest)).file == file  # nothing says yet whose it is
    change = await awaiting(sol, hidden.record_id)
    agreed = RecordApproval(change=change, by="Ann Müller", channel="email", evidence="Mail", file=file)
    sid, lea = await place.open("Sid"), await place.open("Lea")
    await sid.submit(agreed)  # nobody records the approval of their own change
    assert (await sol.file(file.digest)).file == file
    other = await awaiting(tom, (await log(nora, "net-2")).record_id)
    for refused_one in (
        tom.file(file.digest),
        lea.submit(RecordApproval(**(dict(agreed) | {"id": new_id(), "change": other}))),
    ):
        with pytest.raises(NotAllowed) as no:
            await refused_one
        assert no.value.rule == "R226"
    await sol.submit(RecordApproval(**(dict(agreed) | {"id": new_id(), "change": other})))
    assert (await tom.file(file.digest)).file == file


async def awaiting(who: Any, ticket: UUID) -> UUID:
    """A change on a ticket, raised by somebody and sent to the customer."""
    opens = START + timedelta(days=9)
    header = Header(title="Move it", systems=("fw-1",), starts=opens, ends=opens + timedelta(hours=1))
    header = header.model_copy(update={"engineer_phone": "+44 7700 900100"})
    change: UUID = (await who.submit(RaiseChange(ticket=ticket, facts=header))).record_id
    for section in Section:
        await who.submit(AddRow(change=change, section=section, text="A row"))
    for command in (SubmitChange, AssessChange, SendForm):
        await who.submit(command(change=change))
    return change


@pytest.mark.kept_here
async def test_an_export_is_whole_as_a_backup_is(place: Place) -> None:
    """It is there for whoever has the file or the database, and only where these are; a server exports nothing."""
    await restricted(place)
    sue = await place.open("Sue")
    written: list[str] = []
    assert await sue.export(written.append)
    assert any(SECRET in line for line in written)
