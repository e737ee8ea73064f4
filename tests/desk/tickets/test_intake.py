"""What to ask a caller, and what is still missing (R008-R016). A missing answer is listed and never in the way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from deskterm.desk.deskfile import DeskFile, IntakeField
from deskterm.desk.deskfile.check import SAMPLES, load_sample
from deskterm.desk.records.customers import Contract
from deskterm.desk.records.ticket import NOT_GIVEN, Facts
from deskterm.desk.tickets.intake import answer, asked, incomplete, missing

FIELDS = (
    IntakeField(key="company", need="asked"),
    IntakeField(key="summary", need="required"),
    IntakeField(key="item", need="required", fault="hardware"),
    IntakeField(key="location", fault="hardware"),
    IntakeField(key="version", fault="software"),
    IntakeField(key="menu_choice", channels=("phone",)),
    IntakeField(key="email", need="required", channels=("email", "portal")),
    IntakeField(key="badge", need="hidden"),
)
DESK = load_sample("managed-network")[1].model_copy(update={"intake": FIELDS})
CONTRACT = Contract(key="C-1", company="acme", requires=("version", "purchase_order", "badge"))


def keys(fields: Iterable[IntakeField]) -> list[str]:
    return [field.key for field in fields]


def test_only_what_fits_channel_and_fault_is_asked_in_the_file_s_order() -> None:
    """R008: required, asked or hidden, per channel and kind of fault."""
    assert keys(asked(DESK, Facts())) == ["company", "summary", "menu_choice"]
    assert keys(asked(DESK, Facts(channel="email"))) == ["company", "summary", "email"]
    assert keys(asked(DESK, Facts(channel="sms", fault="software"))) == ["company", "summary", "version"]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_hardware_fault_always_asks_for_serial_number_and_location(name: str) -> None:
    """R016, on every sample and channel."""
    _, desk = load_sample(name)
    for channel in desk.channel:
        found = keys(asked(desk, Facts(channel=channel.kind, fault="hardware")))
        assert {"item", "location"} <= set(found)
        assert not {"item", "location"} & set(keys(asked(desk, Facts(channel=channel.kind))))


def test_required_fields_are_missing_first_then_the_asked_ones_in_order() -> None:
    """R009: what is empty is listed."""
    assert keys(missing(DESK, Facts(fault="hardware"))) == ["summary", "item", "company", "location", "menu_choice"]
    assert missing(DESK, Facts(company="Acme", summary="No tone", fields={"menu_choice": "2"})) == ()


def test_only_empty_required_fields_make_a_ticket_incomplete() -> None:
    """R010."""
    assert incomplete(DESK, Facts(fault="hardware")) == ("summary", "item")
    assert incomplete(DESK, Facts(summary="No tone")) == ()


def test_asked_and_not_given_is_an_answer() -> None:
    """R016."""
    facts = Facts(summary="Dead", fault="hardware", item=NOT_GIVEN, fields={"location": NOT_GIVEN})
    assert keys(missing(DESK, facts)) == ["company", "menu_choice"]
    assert incomplete(DESK, facts) == ()


def test_a_contract_requires_over_what_the_file_says() -> None:
    """R008: also a field that the file hides, asks for other faults only, or does not know."""
    found = asked(DESK, Facts(channel="sms"), CONTRACT)
    assert keys(found) == ["company", "summary", "version", "badge", "purchase_order"]
    assert {field.key for field in found if field.need == "required"} == {
        "summary",
        "version",
        "badge",
        "purchase_order",
    }
    assert incomplete(DESK, Facts(summary="x", channel="sms"), CONTRACT) == ("version", "badge", "purchase_order")


def test_an_answer_is_found_among_the_facts_or_the_desk_s_own_fields() -> None:
    facts = Facts(company="Acme", began=datetime(2026, 3, 2, 9, 10, tzinfo=UTC), fields={"badge": "77"})
    assert answer(facts, "company") == "Acme"
    assert answer(facts, "badge") == "77"
    assert answer(facts, "began").startswith("2026-03-02")
    assert answer(facts, "impact") == ""
    assert answer(facts, "nowhere") == ""
    assert answer(facts, "fields") == ""


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_that_is_missing_is_asked_for_twice(name: str) -> None:
    _, desk = load_sample(name)
    for fault in ("", "hardware", "software"):
        found = keys(missing(desk, Facts(fault=fault), CONTRACT))
        assert len(found) == len(set(found))


def test_a_desk_may_ask_for_nothing() -> None:
    bare = DeskFile.model_validate(DESK.model_dump() | {"intake": ()})
    assert not asked(bare, Facts())
    assert not missing(bare, Facts())
    assert not incomplete(bare, Facts())
