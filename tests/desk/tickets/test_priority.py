"""Impact times urgency gives priority, by the desk's own matrix (R044-R047)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskterm.desk.deskfile import Step
from deskterm.desk.deskfile.check import SAMPLES, load_sample
from deskterm.desk.tickets.priority import UnknownStep, name_of, priority_of, rank, step_named

THREE = (
    Step(key="service-affecting", name="Service-affecting", short="SA"),
    Step(key="degradation", name="Degradation", short="DG"),
    Step(key="nsa", name="Non-service-affecting", short="NS"),
)
FOUR = tuple(Step(key=f"p{n}", name=name) for n, name in enumerate(("Urgent", "High", "Medium", "Low"), 1))

MATRICES = {
    "follow-the-sun": "high high medium / high medium low / medium low low",
    "managed-network": "p1 p1 p2 / p1 p2 p3 / p2 p3 p4",
    "level-0-1-2": "high high medium / high medium low / medium low low",
    "carrier-noc": "p1 p1 p2 / p1 p2 p3 / p3 p4 p4",
    "it-assistance": "high high medium / high medium low / medium low low",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_cell_of_every_sample_is_the_one_in_the_file(name: str) -> None:
    _, desk = load_sample(name)
    rows = [row.split() for row in MATRICES[name].split(" / ")]
    for impact, row in zip(desk.scales.impact, rows, strict=True):
        for urgency, priority in zip(desk.scales.urgency, row, strict=True):
            assert priority_of(desk, impact.key, urgency.key) == priority


@pytest.mark.parametrize("name", SAMPLES)
def test_more_impact_or_urgency_never_makes_a_ticket_less_important(name: str) -> None:
    _, desk = load_sample(name)
    scales = desk.scales
    ranks = [
        [rank(scales.priority, priority_of(desk, impact.key, urgency.key)) for urgency in scales.urgency]
        for impact in scales.impact
    ]
    assert all(row == sorted(row) for row in ranks)
    assert all(list(column) == sorted(column) for column in zip(*ranks, strict=True))


@pytest.mark.parametrize(("impact", "urgency"), [(None, "high"), ("high", None), (None, None), ("", "high")])
def test_there_is_no_priority_while_a_side_is_unknown(impact: str | None, urgency: str | None) -> None:
    assert priority_of(load_sample("managed-network")[1], impact, urgency) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("service-affecting", "service-affecting"),
        (" Service_Affecting ", "service-affecting"),
        ("sa", "service-affecting"),
        ("1", "service-affecting"),
        ("3", "nsa"),
        ("deg", "degradation"),
        ("non-service", "nsa"),
        ("HIGH", "service-affecting"),
        ("medium", "degradation"),
        ("low", "nsa"),
    ],
)
def test_a_step_is_found_by_every_word_people_use_for_it(text: str, key: str) -> None:
    assert step_named(THREE, text).key == key


@pytest.mark.parametrize("text", ["", " ", "0", "4", "x", "s a", "nothing", "\x1b[31m"])
def test_an_unknown_word_is_told_which_there_are(text: str) -> None:
    with pytest.raises(UnknownStep, match="service-affecting, degradation, nsa"):
        step_named(THREE, text)


def test_a_start_that_fits_two_steps_finds_neither() -> None:
    with pytest.raises(UnknownStep):
        step_named(FOUR, "p")


def test_everyday_words_mean_ranks_only_where_there_are_three() -> None:
    """High is the second of four, by its own name, and never the first."""
    assert step_named(FOUR, "high").key == "p2"
    with pytest.raises(UnknownStep):
        step_named(FOUR[:1] + FOUR[:1] + FOUR[:1] + FOUR[:1], "low")


@given(st.sampled_from(FOUR), st.sampled_from(["key", "name"]), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_never_matters(step: Step, part: str, spelled: Callable[[str], str]) -> None:
    assert step_named(FOUR, spelled(getattr(step, part))) == step


def test_ranks_run_from_most_severe_and_what_is_unset_sorts_last() -> None:
    """R045: each scale has an internal rank."""
    assert [rank(FOUR, key) for key in ("p1", "p2", "p3", "p4", None, "gone")] == [1, 2, 3, 4, 5, 5]


def test_names_are_for_people_and_a_key_that_is_gone_shows_as_it_is() -> None:
    assert (name_of(FOUR, "p1"), name_of(FOUR, None), name_of(FOUR, "gone")) == ("Urgent", "", "gone")
