"""The queue: its order, its pages, its filters, and what it costs."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery, QueueRow
from deskterm.store import queue
from deskterm.store.base import Invalid, NotFound
from deskterm.store.local import LocalStore
from tests.store.conftest import Place, busy, log

pytestmark = pytest.mark.anyio

URGENCY = {"p1": ("high", "high"), "p2": ("medium", "medium"), "p3": ("low", "low")}


async def fill(place: Place, number: int = 30) -> list[str]:
    """Log tickets of all priorities; their references in the order they were logged."""
    nora = await place.open("Nora")
    refs = []
    for i in range(number):
        impact, urgency = list(URGENCY.values())[i % 3]
        refs.append((await log(nora, "voice-1", summary=f"Trouble {i}", impact=impact, urgency=urgency)).ref)
    return refs


async def test_open_views_run_by_priority_then_age(place: Place) -> None:
    """R053."""
    refs = await fill(place, 9)
    rows = (await (await place.open("Lea")).queue(QueueQuery(view="groups"))).rows
    assert [row.ref for row in rows] == [refs[i] for i in (0, 3, 6, 1, 4, 7, 2, 5, 8)]
    assert [row.priority_rank for row in rows] == [1, 1, 1, 2, 2, 2, 3, 3, 3]


async def test_everything_runs_newest_first(place: Place) -> None:
    refs = await fill(place, 5)
    rows = (await (await place.open("Lea")).queue(QueueQuery(view="all"))).rows
    assert [row.ref for row in rows] == refs[::-1]


@pytest.mark.parametrize("view", ["open", "groups", "all", "following"])
@pytest.mark.parametrize("text", ["", "trouble"])
async def test_pages_by_key_show_every_ticket_once(place: Place, view: str, text: str) -> None:
    await fill(place, 25)
    store = await place.open("Nora" if view == "following" else "Tom")
    whole = (await store.queue(QueueQuery(view=view, text=text))).rows
    rows: list[QueueRow] = []
    query: QueueQuery | None = QueueQuery(view=view, text=text, limit=7)
    while query:
        page = await store.queue(query)
        assert page.total == (None if text else 25)
        rows += page.rows
        query = QueueQuery(view=view, text=text, limit=7, after=page.next) if page.next else None
    assert rows == list(whole)
    assert len(rows) == 25


@pytest.mark.parametrize("text", ["x", "trouble"], ids=["by letters", "by words"])
async def test_pages_from_among_the_newest_show_every_ticket_once(
    place: Place, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page is looked for among the newest that the pages before it left, and past those where they hold none."""
    monkeypatch.setattr(queue, "AMONG", 8)
    monkeypatch.setattr(queue, "ALIKE", 2)
    nora = await place.open("Nora")
    refs = []
    for number in range(25):
        summary = "Trouble with a xylophone" if 2 < number < 20 else "Troubadour with a drum"
        refs.append((await log(nora, summary=summary)).ref)
    found: list[str] = []
    query: QueueQuery | None = QueueQuery(view="all", text=text, limit=4)
    while query:
        page = await nora.queue(query)
        assert len(page.rows) == 4 or page.next is None
        found += [row.ref for row in page.rows]
        query = QueueQuery(view="all", text=text, limit=4, after=page.next) if page.next else None
    assert found == refs[3:20][::-1]


async def test_a_key_of_no_page_is_refused(place: Place) -> None:
    store = await place.open("Tom")
    for after in ("x", "1.2", "1.2.3.4.5", str(2**70)):
        with pytest.raises(Invalid):
            await store.queue(QueueQuery(view="open", after=after))


async def test_views_hold_what_they_say_and_counts_agree(place: Place) -> None:
    await busy(place)
    await fill(place, 4)
    for name in ("Nora", "Lea", "Tom", "Sue"):
        store = await place.open(name)
        for count in await store.counts():
            rows = (await store.queue(QueueQuery(view=count.view.key))).rows
            assert count.count == len(rows), (name, count.view.key)
    lea = await place.open("Lea")
    held = {view: (await lea.queue(QueueQuery(view=view))).rows for view in ("mine", "pending", "resolved", "unrouted")}
    assert [row.owner for row in held["mine"]] == ["Lea"]
    assert [row.status for row in held["pending"]] == ["Pending"]
    assert held["resolved"] == held["unrouted"] == ()


async def test_group_and_status_narrow_a_view(place: Place) -> None:
    await busy(place)
    store = await place.open("Tom")
    page = await store.queue(QueueQuery(view="all", status="in progress"))
    assert page.rows == ()
    assert page.total == 0
    page = await store.queue(QueueQuery(view="all", group="voice-1", status="closed"))
    assert len(page.rows) == page.total == 1
    page = await store.queue(QueueQuery(view="groups", group="net-2"))
    assert page.rows == ()
    assert page.total == 0
    with pytest.raises(Invalid):
        await store.queue(QueueQuery(status="lost"))
    with pytest.raises(NotFound):
        await store.queue(QueueQuery(view="nowhere"))


@pytest.mark.parametrize("view", ["open", "all"])
async def test_a_filter_understands_words_references_and_where_a_ticket_stands(place: Place, view: str) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    first = await log(nora, "voice-1", summary="It's C++ on user@host: naïve “quotes” AND (syntax)")
    second = await log(nora, summary="Printer", company="Hollow & Lane", urgency="low")
    await lea.submit(c.Take(ticket=first.record_id))
    await lea.submit(c.AddNote(ticket=first.record_id, text="Tried turning it off"))
    number = first.ref.replace("-", "")
    wanted = {
        "naive": [first], "it's": [first], "C++": [first], "user@ho": [first], "syn qu": [first], "AND": [first],
        number: [first], first.ref: [first], number[:5]: [first], " ".join(number): [first],
        "voice": [first], "lea": [first], "accepted": [first], "new print": [second], "p1": [first], "p2": [second],
        "turning": [first], "hollow print": [second], "07700 900123": [second, first], "447700": [second, first],
        "zzz": [], '"': [second, first], "first*": [], "x" * 500: [],
    }  # fmt: skip
    for text, receipts in wanted.items():
        rows = (await nora.queue(QueueQuery(view=view, text=text))).rows
        assert {row.ref for row in rows} == {r.ref for r in receipts}, text


async def test_rows_are_those_of_the_named_tickets_that_the_query_lists(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    low = await log(nora, "voice-1", impact="low", urgency="low")
    high = await log(nora, "voice-1")
    other = await log(nora, "net-2")
    ids = (low.record_id, high.record_id, other.record_id)
    query = QueueQuery(view="groups", after="not looked at", limit=1)
    assert [row.ref for row in await lea.rows(query, ids)] == [high.ref, low.ref]
    assert await lea.rows(query, ()) == ()
    assert [r.ref for r in await lea.rows(QueueQuery(view="all", text="dial"), ids)] == [other.ref, high.ref, low.ref]


async def test_a_follower_sees_what_others_changed_until_it_is_looked_at(place: Place) -> None:
    """R072."""
    nora, lea = await place.open("Nora"), await place.open("Lea")
    receipt = await log(nora, "voice-1")

    async def unread(store: LocalStore) -> bool:
        (row,) = (await store.queue(QueueQuery(view="open"))).rows
        return row.unread

    assert not await unread(nora)
    taken = await lea.submit(c.Take(ticket=receipt.record_id))
    assert await unread(nora)
    assert not await unread(lea)
    await nora.seen(receipt.record_id, taken.version)
    assert not await unread(nora)
    await nora.seen(receipt.record_id, 1)
    assert not await unread(nora)
    await lea.submit(c.Start(ticket=receipt.record_id))
    assert await unread(nora)


async def test_a_closed_ticket_leaves_the_open_views_and_comes_back_when_reopened(place: Place) -> None:
    nora, tom = await place.open("Nora"), await place.open("Tom")
    receipt = await log(nora, "net-2")
    await tom.submit(c.Take(ticket=receipt.record_id))
    await tom.submit(c.Resolve(ticket=receipt.record_id, solution="K31"))
    assert [r.ref for r in (await nora.queue(QueueQuery(view="resolved"))).rows] == [receipt.ref]
    await nora.submit(c.RecordAnswer(ticket=receipt.record_id, answer="yes"))
    for view in ("open", "following", "resolved"):
        assert (await nora.queue(QueueQuery(view=view))).rows == ()
    await nora.submit(c.Reopen(ticket=receipt.record_id))
    for view in ("open", "following"):
        assert [r.ref for r in (await nora.queue(QueueQuery(view=view))).rows] == [receipt.ref]


@pytest.mark.in_a_file
@pytest.mark.kept_here
async def test_no_queue_statement_reads_the_closed_past(place: Place) -> None:
    """Every view but a search of everything goes through an index that holds, or begins with, what is open."""
    store = await place.open("Tom")

    def plans(connection: sa.Connection) -> dict[str, str]:
        found = {}
        for view in ("groups", "mine", "following", "unrouted", "open", "pending", "resolved"):
            shape = queue._Shape(view, group=view == "groups", after=view != "resolved")
            compiled = queue._statement(shape).compile(connection)
            values = (0,) * len(compiled.positiontup or ())
            found[view] = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()[0][3]
        return found

    for view, plan in (await store._connections.read(plans)).items():
        assert "ticket_open" in plan or "operator=? AND is_open=?" in plan or "ticket_status" in plan, (view, plan)
