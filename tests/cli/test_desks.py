"""Desk files on the shell: checked, loaded, shown; who may do what; the samples (R076)."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskterm.desk.deskfile.check import SAMPLES
from deskterm.desk.tickets.rights import TRANSITIONS
from tests.cli.conftest import Run


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_sound_loads_and_can_be_begun_with(on: Run, tmp_path: Path, name: str) -> None:
    file, store = tmp_path / "mine.toml", tmp_path / "desk.db"
    file.write_text(on(store, "desk", "samples", name).out)
    checked = on(store, "desk", "check", str(file), "--json")
    assert (checked.code, checked.json["sound"]) == (0, True)
    assert not store.exists(), "checking needs no store"
    loaded = on(store, "desk", "load", name, "--json").json
    assert loaded["operators"] > 0
    shown = on(store, "desk", "show", "--json").json
    assert {"scales", "matrix", "solutions", "intake", "pending", "channels"} <= shown.keys()
    assert len(shown["operators"]) == loaded["operators"]
    assert all(each.keys() >= {"name", "level", "groups", "login"} for each in shown["operators"])
    assert all(each.keys() >= {"name", "level", "title"} for each in shown["groups"])
    assert shown["me"]["level"] == 0, "in a sample whoever comes without a name takes calls"
    assert shown["name"] in on(store, "desk", "show").out


def test_a_broken_file_is_told_line_by_line(on: Run, tmp_path: Path) -> None:
    file, store = tmp_path / "mine.toml", tmp_path / "desk.db"
    source = on(store, "desk", "samples", "it-assistance").out
    file.write_text(source.replace("level = 0", "level = 7").replace("zone =", "zones =", 1))
    people, script = on(store, "desk", "check", str(file)), on(store, "desk", "check", str(file), "--json")
    assert (people.code, people.out, script.code) == (1, "", 1)
    problems = script.json["problems"]
    assert len(problems) >= 2
    assert people.err.splitlines() == [
        ": ".join(filter(None, (f"{p['file']}:{p['line']}", p["key"], p["message"]))) for p in problems
    ]
    assert script.error["kind"] == "desk_file"
    assert on(store, "desk", "load", str(file)).code == 1
    assert on(store, "desk", "show", "--json").error["kind"] == "unusable", "nothing was made of a broken file"


def test_a_file_of_ones_own_knows_nobody_who_is_not_in_it(on: Run, tmp_path: Path) -> None:
    file, store = tmp_path / "mine.toml", tmp_path / "desk.db"
    file.write_text(on(store, "desk", "samples", "it-assistance").out)
    assert on(store, "desk", "load", str(file)).code == 0
    assert on(store, "desk", "show", "--json").json["me"]["level"] == "guest"
    answer = on(store, "log", "--summary", "x", "--json")
    assert (answer.code, answer.error["kind"]) == (1, "not_allowed")
    assert "--as" in answer.error["message"]
    name = on(store, "desk", "show", "--json").json["operators"][0]["name"]
    assert on(store, "log", "--summary", "x", "--as", name).code == 0


def test_the_table_of_rights_is_printed(on: Run, tmp_path: Path) -> None:
    rows = on(tmp_path / "none", "desk", "rights", "--json").json
    assert [(row["rule"], row["act"]) for row in rows] == [(row.rule, row.act) for row in TRANSITIONS]
    people = on(tmp_path / "none", "desk", "rights").out.splitlines()
    assert len(people) == len(TRANSITIONS) + 1
    assert people[0].split() == ["Rule", "Title", "From", "To", "L0", "L1", "L2", "Vendor", "Super", "Needs"]


def test_the_samples_are_listed(on: Run, tmp_path: Path) -> None:
    assert [each["sample"] for each in on(tmp_path / "none", "desk", "samples", "--json").json] == list(SAMPLES)
    assert on(tmp_path / "none", "desk", "samples", "carrier", "--json").json["sample"] == "carrier-noc"


def test_callers_groups_and_solutions_are_found(on: Run, store: Path) -> None:
    """R027, R028, R132."""
    found = on(store, "callers", "07700", "900188", "--json").json
    assert [(each["name"], each["company"]) for each in found] == [("Jon Reed", "Brook & Lane")]
    assert on(store, "card", "jon", "--json").json["company"]["key"] == "BL"
    assert "BL-204" in on(store, "card", "Brook & Lane").out
    several = on(store, "card", "ada", "--json")
    assert (several.code, len(several.json["callers"])) == (1, 2)
    assert on(store, "card", "nobody at all").code == 1
    assert "K31" in [each["key"] for each in on(store, "solutions", "dial", "tone", "--json").json]
    assert len(on(store, "solutions", "--json").json) == 10
    assert on(store, "groups", "--json").json[0].keys() >= {"name", "title", "open", "unowned"}
    on(store, "log", "--summary", "Dial tone")
    assert {each["kind"] for each in on(store, "find", "dial", "--json").json} == {"ticket", "solution"}
    assert on(store, "find", "zzzz").out == "Nothing found.\n"


def test_the_priority_matrix_is_shown_and_exported(on: Run, store: Path) -> None:
    """R061: as a table, as JSON and as a document with what each step means."""
    assert on(store, "desk", "matrix", "--json").json["High"] == {
        "High": "P1 Urgent", "Medium": "P1 Urgent", "Low": "P2 High",
    }  # fmt: skip
    assert "P1 Urgent" in on(store, "desk", "matrix").out
    document = on(store, "desk", "matrix", "--markdown").out
    assert "| High | P1 Urgent | P1 Urgent | P2 High |" in document
    assert "The system cannot be used" in document


def test_the_escalation_matrix_is_a_document_to_hand_over(on: Run, tmp_path: Path) -> None:
    """R106, R107: roles, names, telephones and age limits; of a service with its own, that one."""
    store = tmp_path / "desk.db"
    assert on(store, "desk", "load", "carrier-noc").code == 0
    document = on(store, "desk", "ladders", "--markdown").out
    assert "| 1 | Shift leader, Viktor Dimov | 07700 900410 | 2h |" in document
    assert "desk manager can be called on" in document
    assert "Director of operations" in on(store, "desk", "ladders").out
    own = tmp_path / "own.toml"
    ladder = '[[ladder]]\nname = "gold"\nkind = "hierarchical"\ntrigger = ["customer"]\nservices = ["SV-1"]\n'
    own.write_text(on(store, "desk", "samples", "carrier-noc").out + ladder + 'stage = [{ role = "Gold manager" }]\n')
    assert on(store, "desk", "load", str(own)).code == 0
    named = on(store, "desk", "ladders", "--service", "sv-1", "--json").json
    assert [each["name"] for each in named if each["kind"] == "hierarchical"] == ["gold"]
    assert "Gold manager" not in on(store, "desk", "ladders").out


def test_activity_is_counted_by_each_side(on: Run, store: Path) -> None:
    """R218, R221."""
    assert on(store, "log", "--summary", "x", "--channel", "email", "--as", "ada").code == 0
    (line,) = on(store, "activity", "--by", "channel", "--json").json
    assert (line["name"], line["logged"], line["mean_restore"]) == ("email", 1, None)
    for side in ("priority", "level", "group", "centre"):
        assert on(store, "activity", "--by", side).code == 0
    assert "Logged" in on(store, "activity").out
