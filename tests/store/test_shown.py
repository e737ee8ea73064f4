"""What the feed tells of queues is what would be answered if it were asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import BUILT_IN_VIEWS, Behind, QueueQuery
from deskterm.store import showing
from deskterm.store.local import LocalStore
from deskterm.store.log import changes_after
from deskterm.store.remote.operations import adapter
from deskterm.store.serving import ServedDesk
from deskterm.store.shown import WINDOWS, Shown, ShownRow, is_told
from tests.store.conftest import DESK_SOURCE, START, Place, facts, log
from tests.store.night import at_work, planned
from tests.store.test_sight import RESTRICTED

pytestmark = [pytest.mark.anyio, pytest.mark.kept_here]
ROWS = adapter(tuple[ShownRow, ...])
NAMES = ("Nora", "Lea", "Tom", "Sue", "Sol")


async def told(store: LocalStore) -> Shown:
    """What is told to somebody of all that ever happened."""
    found = await store._read(
        lambda connection, desk: showing.shown(connection, changes_after(connection, 0), store.me, desk)
    )
    assert found is not None
    return replace(found, rows=ROWS.validate_json(ROWS.dump_json(found.rows)))


async def happened(place: Place) -> dict[str, LocalStore]:
    """A desk with a ticket in every state, some followed, one of them hidden from most, and whoever looks at it."""
    sue = await place.open("Sue")
    await sue.submit(c.LoadDesk(name="again.toml", source=DESK_SOURCE + RESTRICTED))
    people = {name: await place.open(name) for name in NAMES}
    nora, lea, tom = people["Nora"], people["Lea"], people["Tom"]
    for hand_to in (None, "voice-1", "net-2", "net-2", "net-2", "soc"):
        receipt = await log(nora, hand_to)
        if hand_to == "net-2":
            await nora.submit(c.Follow(ticket=receipt.record_id))
            await tom.submit(c.Take(ticket=receipt.record_id))
            await tom.submit(c.AddNote(ticket=receipt.record_id, text="Looked at"))
    tickets = [row.id for row in (await tom.queue(QueueQuery(view="mine"))).rows]
    await nora.seen(tickets[0], 99)
    await tom.submit(c.Resolve(ticket=tickets[1], solution="K31"))
    await sue.submit(c.Withdraw(ticket=tickets[2], reason="It works again"))
    await lea.submit(c.LogCall(facts=facts(), hand_to="voice-1"))
    return people


async def test_rows_are_those_of_every_view(place: Place) -> None:
    people = await happened(place)
    for name, store in people.items():
        shown = await told(store)
        ids = tuple(each.row.id for each in shown.rows)
        for view in BUILT_IN_VIEWS:
            asked = await store.rows(QueueQuery(view=view.key), ids)
            known = [each.listed(view.key, store.me) for each in shown.rows]
            heard = sorted((row for row in known if row), key=lambda row: row.key)
            # Only who has looked at one since knows that it is read.
            assert [replace(row, unread=False) for row in heard] == [replace(row, unread=False) for row in asked]
            assert {row.id for row in heard if row.unread} >= {row.id for row in asked if row.unread}
            if name != "Nora":
                assert tuple(heard) == asked


async def test_numbers_are_those_of_every_view(place: Place) -> None:
    for store in (await happened(place)).values():
        counts = {each.view.key: each.count for each in await store.counts()}
        assert (await told(store)).numbers.seen_by(store.me) == counts | {WINDOWS: 0}


async def test_windows_are_counted_in_which_work_is_open(place: Place) -> None:
    night = await planned(place)
    assert (await told(night.tom)).numbers.windows == 0
    night = await at_work(place)
    assert (await told(night.tom)).numbers.seen_by(night.tom.me)[WINDOWS] == len(await night.tom.guards()) == 1


async def test_hidden_tickets_are_told_to_members_alone(place: Place) -> None:
    """R226."""
    people = await happened(place)
    groups = {name: {each.row.group for each in (await told(store)).rows} for name, store in people.items()}
    assert [name for name, seen in groups.items() if "soc" in seen] == ["Sol"]


async def test_what_was_looked_at_is_read(place: Place) -> None:
    nora = (await happened(place))["Nora"]
    followed = [each for each in (await told(nora)).rows if "Nora" in each.followers and each.is_open]
    unread = [row for each in followed if (row := each.listed("following", nora.me)) and row.unread]
    assert unread
    for each in followed:
        row = each.listed("following", nora.me, looked_at=each.row.version)
        assert row is not None
        assert not row.unread


async def test_too_many_at_once_are_told_without_rows(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "MOST_ROWS", 2)
    store = await place.open("Nora")
    for _ in range(3):
        await log(store)
    served = ServedDesk(store)
    feed = served.watch_shown(store.me, 0, lambda: True)
    changes, shown = await anext(feed)
    assert changes[-1].position > 0
    assert shown is None


@pytest.mark.parametrize(
    "query",
    [
        QueueQuery(view="open", text="dial"),
        QueueQuery(view="open", group="net-2"),
        QueueQuery(view="open", status="new"),
        QueueQuery(view="open", behind=Behind("late", START, START)),
        QueueQuery(view="one of my own"),
    ],
)
def test_a_narrowed_view_has_to_be_asked_for(query: QueueQuery) -> None:
    assert not is_told(query)
    assert is_told(QueueQuery(view="open"))
