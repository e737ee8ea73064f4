"""Changes in lists and in the search box, in every store; the closed past costs their windows nothing."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from deskterm.desk.changes.views import ChangeQuery
from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import Header
from deskterm.store import connections
from deskterm.store.base import Invalid
from tests.store.conftest import Place
from tests.store.night import HOUR, planned, window
from tests.store.test_cost import Meter

pytestmark = pytest.mark.anyio


async def test_changes_are_listed_by_window_ticket_and_words(place: Place) -> None:
    night = await planned(place)
    await night.fills_the_form()
    early = await night.lea.submit(c.RaiseChange(facts=window(night.opens - HOUR, night.opens, "sw-9")))
    no_window = await night.lea.submit(c.RaiseChange(facts=Header(title="Some day")))
    listed = [line.ref for line in await night.tom.changes(ChangeQuery())]
    assert listed == [early.ref, night.ref, no_window.ref]
    first = await night.tom.changes(ChangeQuery(limit=2))
    rest = await night.tom.changes(ChangeQuery(limit=2, after=first[-1].key))
    assert [line.ref for line in (*first, *rest)] == listed
    ticket = (await night.tom.change(night.id)).change.ticket_ref
    assert [line.ref for line in await night.tom.changes(ChangeQuery(ticket=ticket))] == [night.ref]
    assert [line.ref for line in await night.tom.changes(ChangeQuery("mine"))] == [night.ref]
    assert [line.ref for line in await night.tom.changes(ChangeQuery(text="fire drops"))] == [night.ref]
    await night.lea.submit(c.CancelChange(change=early.record_id, reason="Not now"))
    assert [line.ref for line in await night.tom.changes(ChangeQuery())] == listed[1:]
    assert {line.ref for line in await night.tom.changes(ChangeQuery("all"))} == set(listed)
    with pytest.raises(Invalid):
        await night.tom.changes(ChangeQuery(after="nowhere"))


async def test_the_search_finds_changes_by_reference_and_title(place: Place) -> None:
    """R027."""
    night = await planned(place, facts=Header(title="Replace the rule set"))
    for text in (night.ref, night.ref.replace("-", ""), "rule set", "repl"):
        found = [each for each in await night.tom.find(text) if each.kind == "change"]
        assert [(each.ref, each.id, each.open) for each in found] == [(night.ref, night.id, True)]
    assert [each for each in await night.tom.find("nothing like it") if each.kind == "change"] == []


@pytest.mark.in_a_file
async def test_windows_guards_and_the_board_read_indexes_of_what_matters_now(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = Meter()
    monkeypatch.setattr(connections, "open_file", meter.on)
    sue = await place.open("Sue")
    now = place.clock.now
    plans = sqlite3.connect(place.path)
    for work in (
        lambda: sue.windows(now, now + timedelta(days=7)), lambda: sue.guards(),
        lambda: sue.changes(ChangeQuery()), lambda: sue.changes(ChangeQuery("forms")), lambda: sue.tick(),
    ):  # fmt: skip
        asked = [each for each in (await meter.read(work())).statements if "change" in each]
        assert asked
        steps = [str(step) for each in asked for *_, step in plans.execute(f"EXPLAIN QUERY PLAN {each}")]
        walks = [step for step in steps if "SCAN change" in step and "USING INDEX change_" not in step]
        assert walks == []
    plans.close()
