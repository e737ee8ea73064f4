"""Who is there to take a ticket, as the groups and the ticket itself tell it (R077, R082)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deskterm.desk.tickets.due_words import group_words, opening_words
from deskterm.desk.tickets.views import GroupLoad
from deskterm.store.base import Store
from deskterm.store.opening import open_store
from tests.robot import Clock, furnish, log_ticket, store_url

pytestmark = pytest.mark.anyio
LONDON = ZoneInfo("Europe/London")


async def desk_at(folder: Path, moment: datetime, operator: str = "freya") -> tuple[Store, Clock]:
    """The desk of two centres as it stands at a moment."""
    clock = Clock(moment.astimezone(UTC))
    await furnish(folder, "follow-the-sun")
    return await open_store(store_url(folder), operator=operator, clock=clock), clock


async def loads(folder: Path, moment: datetime, text: str = "") -> dict[str, GroupLoad]:
    store, _ = await desk_at(folder, moment)
    found = await store.groups(text)
    await store.close()
    return {load.name: load for load in found}


async def test_a_group_tells_its_centre_and_when_that_opens(tmp_path: Path) -> None:
    """Before both centres: London opens first, New York in the middle of London's day; a provider sits nowhere."""
    early = datetime(2026, 3, 16, 8, 40, tzinfo=LONDON)
    found = await loads(tmp_path, early)
    uk, us, vendor = found["uk-2"], found["us-2"], found["lattice"]
    assert (uk.centre, uk.is_open, uk.opens_at) == ("uk", False, early.replace(hour=9, minute=0))
    # Summer time begins earlier in America: for two weeks it opens an hour earlier by London's clocks.
    assert (us.centre, us.is_open, us.opens_at) == ("us", False, early.replace(hour=10, minute=0))
    assert (vendor.centre, vendor.is_open, vendor.opens_at) == ("", None, None)


async def test_the_centre_that_opens_next_comes_first(tmp_path: Path) -> None:
    """A crash on Friday evening is offered to New York, at 08:40 to London, later as the words say."""

    async def first(moment: datetime) -> str:
        return next(iter(await loads(tmp_path, moment, "crash of the import")))

    assert await first(datetime(2026, 3, 13, 19, 0, tzinfo=LONDON)) == "us-2"
    assert await first(datetime(2026, 3, 16, 8, 40, tzinfo=LONDON)) == "uk-2"
    assert await first(datetime(2026, 3, 16, 15, 0, tzinfo=LONDON)) == "uk-2"


async def test_holidays_count_as_they_were_kept(tmp_path: Path) -> None:
    """On Good Friday London is shut and says so until Tuesday."""
    found = await loads(tmp_path, datetime(2026, 4, 3, 12, 0, tzinfo=LONDON))
    assert found["uk-2"].opens_at == datetime(2026, 4, 7, 9, 0, tzinfo=LONDON)
    assert found["us-2"].is_open


async def test_how_soon_a_group_answers(tmp_path: Path) -> None:
    """R109: where only a provider's earliest coming was agreed, that is told."""
    found = await loads(tmp_path, datetime(2026, 3, 16, 12, 0, tzinfo=LONDON))
    assert found["us-2"].answers_within == "2h"
    assert found["lattice"].answers_within == "4h"


async def test_the_sentence_says_when_a_closed_centre_is_back(tmp_path: Path) -> None:
    early = datetime(2026, 3, 16, 8, 40, tzinfo=LONDON)
    store, clock = await desk_at(tmp_path, early)
    ref = await log_ticket(tmp_path, clock, operator="freya", to="us-2", summary="The import crashes")
    view = await store.ticket(ref)
    assert view.opens_at == early.replace(hour=10, minute=0)
    assert "who are back today at 10:00" in view.say
    clock.moment = datetime(2026, 3, 16, 10, 30, tzinfo=UTC)
    assert "who are back" not in (await store.ticket(ref)).say
    await store.close()


async def test_words_for_it() -> None:
    """The hour alone for today, with the day later; nothing of hours that are not known."""
    now = datetime(2026, 3, 16, 8, 40, tzinfo=UTC)
    load = GroupLoad("us-2", "US", "2", 5, 2, is_open=False, opens_at=datetime(2026, 3, 16, 11, 0, tzinfo=UTC))
    assert group_words(load, now, "Europe/London") == "opens 11:00, 2 waiting"
    assert opening_words(load, datetime(2026, 3, 15, 8, 0, tzinfo=UTC), "Europe/London") == "opens Mon 11:00"
    assert opening_words(load, now, "Europe/Sofia") == "opens 13:00"
    assert group_words(GroupLoad("x", "X", "vendor", 0, 0), now, "UTC") == "none waiting"
    assert group_words(GroupLoad("x", "X", "1", 3, 3, is_open=True), now, "UTC") == "open, 3 waiting"
