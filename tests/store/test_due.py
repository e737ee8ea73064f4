"""What is due, as the store keeps it: rows that follow from the log, the order of the queue, holidays kept for good."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.desk_books import holidays_for, read_holidays, write_holidays
from deskterm.store.local import LocalStore
from tests.store.conftest import DESK_SOURCE, Place, log

pytestmark = pytest.mark.anyio

OFFICE = """
[[calendar]]
name = "office"
zone = "Europe/London"
hours = "Mon-Fri 09:00-17:00"
holidays = ["GB-ENG"]

[[target]]
priority = "p2"
calendar = "office"
response = "2h"
restore = "1d"
"""


@pytest.fixture
async def sue(place: Place) -> LocalStore:
    """The supervisor of a desk with working hours and holidays."""
    sue = await place.open("Sue")
    await sue.submit(c.LoadDesk(name="office.toml", source=DESK_SOURCE + OFFICE))
    return sue


async def due(store: LocalStore) -> list[tuple[str, str]]:
    """What is listed, with what is due of it."""
    return [(row.summary, row.due_what) for row in (await store.queue(QueueQuery(view="open"))).rows]


async def test_the_queue_runs_by_what_is_due_next(place: Place, sue: LocalStore) -> None:
    """R053: late first, then soonest; what stands still and what has no clock come last, by priority."""
    nora, lea = await place.open("Nora"), await place.open("Lea")
    late = await log(nora, "voice-1", summary="An old P1")
    place.clock.forward(hours=2)
    await log(nora, "voice-1", summary="A new P1")
    await log(nora, summary="Not known how bad", impact=None)
    paused = await log(nora, "voice-1", summary="Waits", impact="medium")
    assert await due(sue) == [
        ("An old P1", "response"), ("A new P1", "response"), ("Waits", "response"), ("Not known how bad", ""),
    ]  # fmt: skip
    rows = (await sue.queue(QueueQuery(view="open"))).rows
    assert rows[0].id == late.record_id
    assert rows[0].due_at is not None
    assert rows[0].due_at < place.clock.now
    assert rows[0].at_risk_at is not None
    await lea.submit(c.Take(ticket=paused.record_id))
    await lea.submit(c.Start(ticket=paused.record_id))
    assert [row.due_what for row in (await sue.queue(QueueQuery(view="open"))).rows][2] == "restore"


@pytest.mark.kept_here
async def test_rows_of_due_times_are_made_again_from_the_log(place: Place, sue: LocalStore) -> None:
    nora = await place.open("Nora")
    await log(nora, "voice-1", impact="medium")
    before = (await sue.queue(QueueQuery(view="open"))).rows
    await sue.submit(c.LoadDesk(name="other.toml", source=DESK_SOURCE + OFFICE.replace("09:00-17:00", "12:00-14:00")))
    await sue.rebuild()
    assert (await sue.queue(QueueQuery(view="open"))).rows == before
    assert await place.faults() == ()


@pytest.mark.in_a_file
async def test_a_desk_keeps_the_holidays_it_was_loaded_with(place: Place, sue: LocalStore) -> None:
    """A newer list of holidays never moves a due time of the past: Christmas is closed by what was kept."""
    place.clock.forward(days=34)  # Friday 25 December 2026, a holiday
    nora = await place.open("Nora")
    found = await log(nora, "voice-1", impact="medium")
    (restore,) = await sue.explain(found.record_id, "restore")
    assert "Holiday: Christmas Day" in [row.note for row in restore.rows]
    assert restore.adds_up
    assert restore.desk_file == "office.toml"
    engine = sa.create_engine(f"sqlite:///{place.path}")
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT holidays FROM desk_file ORDER BY position DESC LIMIT 1").scalar_one()
    engine.dispose()
    assert "Christmas Day" in read_holidays(kept)["GB-ENG"].values()


async def test_the_same_file_is_loaded_once(place: Place, sue: LocalStore) -> None:
    again = await sue.submit(c.LoadDesk(name="office.toml", source=DESK_SOURCE + OFFICE))
    assert again.events == 0


async def test_a_list_of_holidays_that_nobody_knows_is_refused(place: Place) -> None:
    from deskterm.store.base import Invalid

    sue = await place.open("Sue")
    with pytest.raises(Invalid, match="XX"):
        await sue.submit(c.LoadDesk(name="x.toml", source=DESK_SOURCE + OFFICE.replace("GB-ENG", "XX")))


def test_holidays_survive_being_written() -> None:
    _, desk = load_sample("managed-network")
    found = holidays_for(desk, 2026)
    assert found.keys() == {"GB-ENG", "ZA"}
    assert read_holidays(write_holidays(found)) == found
