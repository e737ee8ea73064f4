"""Calls outside the hours that a contract covers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.customers import Contract
from deskterm.desk.records.ticket import Facts, Ticket
from deskterm.store.base import Store
from tests.store.conftest import DESK_SOURCE, Place

pytestmark = pytest.mark.anyio

OFFICE = """
[[contract_level]]
name = "office"
calendar = "office"

[[calendar]]
name = "office"
zone = "UTC"
hours = "Mon-Fri 09:00-17:00"

[[target]]
priority = "p1"
contract_level = "office"
response = "1h"
"""


async def logged(store: Store, **facts: Any) -> Ticket:
    known = {"type": "incident", "summary": "No dial tone", "impact": "high", "urgency": "high"}
    receipt = await store.submit(c.LogCall(facts=Facts.model_validate(known | facts)))
    return (await store.ticket(receipt.ref)).ticket


async def test_a_call_outside_its_contracts_hours_is_marked(place: Place) -> None:
    """R084."""
    store = await place.open("Nora")
    await (await place.open("Sue")).submit(c.LoadDesk(name="office.toml", source=DESK_SOURCE + OFFICE))
    await store.submit(c.Register(entry=Contract(key="HL-1", company="HL", service_level="office")))
    place.clock.now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert not (await logged(store, contract="HL-1")).out_of_hours
    place.clock.now = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    assert (await logged(store, contract="HL-1")).out_of_hours
    assert not (await logged(store)).out_of_hours, "who has no contract has no hours"
