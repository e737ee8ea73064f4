"""The five desks that come with deskterm: whole, of invented people, and true to their sources (REQUIREMENTS.md §7)."""

from __future__ import annotations

import re

import pytest

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.check import SAMPLES, load_sample, read_desk


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_stands_and_survives_json(name: str) -> None:
    source, desk = load_sample(name)
    assert desk == read_desk(source, name)
    assert DeskFile.model_validate_json(desk.model_dump_json()) == desk


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_has_the_people_groups_and_habits_of_a_desk(name: str) -> None:
    _, desk = load_sample(name)
    levels = [operator.level for operator in desk.operator]
    assert levels[:2] == [0, 0]
    assert levels[-1] == "supervisor"
    assert levels.count(1) >= 2
    assert levels.count(2) >= 2
    assert {1, 2} <= {group.level for group in desk.group}
    assert all(group.good_for for group in desk.group)
    assert all(re.fullmatch("[a-z]+", operator.login) for operator in desk.operator)
    assert all(operator.groups for operator in desk.operator)
    assert 6 <= len(desk.solution) <= 12
    wanted = {"customer-info", "customer-action", "vendor", "change", "parts", "scheduled", "deferred"}
    assert {reason.key for reason in desk.pending} == wanted
    assert all(step.definition for scale in (desk.scales.impact, desk.scales.priority) for step in scale)
    hardware = {field.key for field in desk.intake if field.fault == "hardware"}
    assert hardware == {"item", "location"}, "R016: serial number and location, always"


@pytest.mark.parametrize("name", SAMPLES)
def test_what_no_source_gives_is_marked_as_assumed(name: str) -> None:
    source, _ = load_sample(name)
    lines = source.splitlines()
    matrix = lines[lines.index("[matrix]") + 1 :]
    rows = [line for line in matrix[: matrix.index("")] if not line.startswith("#")]
    times = [line for line in lines if re.match(r"(response|update|restore|reopen_days|minimum_intervention) =", line)]
    assert rows
    assert times
    assert all("# assumed" in line for line in rows + times)


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_use_only_numbers_and_addresses_reserved_for_fiction(name: str) -> None:
    source, _ = load_sample(name)
    assert all(number.startswith("+44 7700 900") for number in re.findall(r"\+\d[\d ]{6,}", source))
    assert all(domain.endswith(".example") for domain in re.findall(r"(?:@|//)([\w.-]*\w)", source))


def test_the_five_desks_are_the_five_of_the_requirements() -> None:
    """R046, R077-R080, R083, R086: what sets each desk apart is in its file."""
    desks = {name: load_sample(name)[1] for name in SAMPLES}
    hours = {calendar.name: calendar.hours for calendar in desks["follow-the-sun"].calendar}
    assert hours == {"phone-uk": "Mon-Fri 08:30-17:30", "uk": "Mon-Fri 09:00-18:00", "us": "Mon-Fri 06:00-16:00"}
    network = desks["managed-network"]
    assert [step.short for step in network.scales.priority] == ["P1", "P2", "P3", "P4"]
    assert [group.name for group in network.group if group.restricted] == ["soc"]
    assert not [field for field in network.intake if field.need == "required"], "asked, never blocking"
    assert [level.levels for level in desks["level-0-1-2"].contract_level] == ["L0", "L0+L1"]
    assert any(operator.automated for operator in desks["level-0-1-2"].operator)
    carrier = desks["carrier-noc"]
    assert [step.key for step in carrier.scales.impact] == ["service-affecting", "degradation", "nsa"]
    required = [field.key for field in carrier.intake if field.need == "required"]
    assert required == ["service", "began", "summary", "impact"]
    assert carrier.desk.remind_portal
    assert carrier.centre[0].normal_calendar == "normal"
    suppliers = [group for group in desks["it-assistance"].group if group.level == "vendor"]
    assert suppliers
    assert all(group.minimum_intervention for group in suppliers)


def test_an_unknown_sample_is_told_which_there_are() -> None:
    with pytest.raises(KeyError, match="managed-network"):
        load_sample("../../etc/passwd")
