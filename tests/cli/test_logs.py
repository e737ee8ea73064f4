"""Logs and customers in and out by the shell."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_log_goes_round_and_comes_out_the_same(on: Run, store: Path, tmp_path: Path) -> None:
    on(store, "log", "--summary", "Straße \x1b[31m", "--impact", "1", "--urgency", "1", "--to", "noc")
    file, copy = tmp_path / "log.jsonl", tmp_path / "copy.db"
    assert on(store, "export", str(file), "--json").json == {"file": str(file)}
    assert file.stat().st_mode & 0o777 == 0o600
    exported = on(store, "export").out
    assert exported == file.read_text()
    imported = on(copy, "import", str(file), "--json").json
    assert (imported["sound"], imported["events"]) == (True, on(store, "verify", "--json").json["events"])
    assert on(copy, "export").out == exported
    assert on(copy, "list", "--json").json == on(store, "list", "--json").json
    again = on(copy, "import", str(file), "--json")
    assert (again.code, again.error["kind"]) == (1, "invalid")


def test_an_export_cut_short_leaves_the_old_one(on: Run, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text("the old one")
    assert on(tmp_path / "none.db", "export", str(file)).code == 1
    assert file.read_text() == "the old one"
    assert [each.name for each in tmp_path.iterdir() if "unfinished" in each.name] == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}\n", b'{"deskterm":1,"events":2,"head":""}\n', b"[1,2"])
def test_what_is_no_log_is_refused(on: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(content)
    answer = on(tmp_path / "new.db", "import", str(file), "--json")
    assert (answer.code, answer.error["kind"] in ("invalid", "unreadable")) == (1, True), answer


def test_a_change_by_hand_is_found(on: Run, store: Path) -> None:
    """R225."""
    on(store, "log", "--summary", "x")
    assert "as they were written" in on(store, "verify").out
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE event SET actor = 'Somebody Else' WHERE position = 5")
    people, script = on(store, "verify"), on(store, "verify", "--json")
    assert (people.code, script.code, script.json["sound"]) == (1, 1, False)
    assert script.error["kind"] == "tampered"
    assert script.json["faults"]
    assert all(fault in people.out for fault in script.json["faults"])
    assert on(store, "doctor", "--json").code == 1


def test_everything_read_is_made_anew(on: Run, store: Path) -> None:
    on(store, "log", "--summary", "x")
    before = on(store, "list", "--json").json
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DELETE FROM ticket")
    assert on(store, "rebuild", "--json").json["events"] == on(store, "verify", "--json").json["events"]
    assert on(store, "list", "--json").json == before


def test_customers_come_from_a_file(on: Run, store: Path, tmp_path: Path) -> None:
    """R179: a dry run first, safe to repeat, changes told apart."""
    file = tmp_path / "companies.csv"
    file.write_text("Number;Name\nHC;Hill & Co\nBL;Brook & Lane Ltd\n")
    asked = ("import", "--kind", "companies", str(file))
    planned = on(store, *asked, "--dry-run", "--json").json
    assert (planned["dry_run"], planned["new"], planned["changed"]) == (True, 1, 1)
    assert "HC" in on(store, *asked, "--dry-run").out
    assert on(store, "card", "HC").code == 1, "a dry run writes nothing"
    assert "1 new, 1 changed, 0 as they were" in on(store, *asked).out
    assert on(store, "card", "HC", "--json").json["company"]["name"] == "Hill & Co"
    again = on(store, *asked, "--json").json
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert on(store, *asked, "--dry-run").out.startswith("Nothing to do")


def test_a_wrong_line_stops_all_of_a_file(on: Run, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("Company,Name,Phone\nBL,Tom Hill,07700 900001\nXX,Una Vale,07700 900002\n")
    people = on(store, "import", "--kind", "contacts", str(file))
    script = on(store, "import", "--kind", "contacts", str(file), "--json")
    assert (people.code, script.code, script.error["kind"]) == (1, 1, "import")
    assert people.err.startswith(f"{file}:3: Company: ")
    assert [problem["line"] for problem in script.json["problems"]] == [3]
    assert on(store, "callers", "Tom Hill", "--json").json == []


def test_every_line_of_an_export_is_json(on: Run, store: Path) -> None:
    out = on(store, "export").out
    assert out.isascii()
    assert len([json.loads(line) for line in out.splitlines()]) > 10
