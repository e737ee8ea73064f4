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
