"""`deskterm explain`, and what list and show say of due times (R088-R095)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run, quietly

# It is Friday 21 November 2025, 10:41; everybody's P1 is 30 minutes, 2 hours and 8 hours of UK working hours.
CALL = ("log", "--summary", "No dial tone", "--impact", "high", "--urgency", "high", "--to", "net-2")


@pytest.fixture
def ref(on: Run, store: Path) -> str:
    answer = on(store, *CALL, "--json")
    found: str = answer.json["ref"]
    return found


def test_every_clock_is_explained_in_a_table_that_adds_up(on: Run, store: Path, ref: str) -> None:
    found = {each["clock"]: each for each in on(store, "explain", ref, "--json").json}
    assert {"response", "update", "restore", "group"} <= found.keys()
    for each in found.values():
        assert each["adds_up"]
        assert sum(row["counted_seconds"] for row in each["rows"]) == each["counted_seconds"]
    restore = found["restore"]
    assert (restore["target"], restore["due"], restore["state"]) == ("8h", "2025-11-24T10:11:00Z", "running")
    assert restore["counted_seconds"] == 8 * 3600
    assert [row["note"] for row in restore["rows"]] == ["", "Closed", "Closed", ""]
    assert restore["desk_file"]


def test_people_read_the_answer_before_the_reasons(on: Run, store: Path, ref: str) -> None:
    out = on(store, "explain", ref, "--clock", "restore").out
    assert "Restore: due Monday 24 November 2025, 10:11 (Europe/London), 8:00 left." in out
    for words in ("8 hours", "P1 Urgent", "UK working hours", "Closed", "Together", "in all"):
        assert words in out


def test_a_clock_that_there_is_not_is_said(on: Run, store: Path, ref: str) -> None:
    answer = on(store, "explain", ref, "--clock", "vendor")
    assert (answer.code, answer.out) == (1, "")
    assert "no vendor clock" in answer.err


def test_list_and_show_say_what_is_due(on: Run, store: Path, ref: str) -> None:
    (line,) = on(store, "list", "--json").json
    assert (line["due_at"], line["due_what"], line["paused"]) == ("2025-11-21T11:11:00Z", "response", False)
    assert datetime.fromisoformat(line["at_risk_at"]) < datetime.fromisoformat(line["due_at"])
    assert "0:30" in on(store, "list").out
    shown = on(store, "show", ref, "--json").json
    assert shown["due_at"] == line["due_at"]
    assert {clock["clock"]: clock["state"] for clock in shown["clocks"]}["restore"] == "running"
    assert "Your next update is due today at 12:41." in shown["say"]
    assert "Restore" in on(store, "show", ref).out


def test_the_list_runs_by_what_is_due_next_and_undated_tickets_come_last(on: Run, store: Path, ref: str) -> None:
    """R053."""
    quietly(store, "log", "--summary", "Not triaged")
    quietly(store, "log", "--summary", "A question", "--impact", "low", "--urgency", "low", "--to", "net-2")
    assert [each["summary"] for each in on(store, "list", "--json").json] == [
        "No dial tone", "A question", "Not triaged",
    ]  # fmt: skip
