"""Backup and restore by the shell."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_a_backup_is_restored(on: Run, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "safe.db"
    on(store, "log", "--summary", "Before", "--to", "noc", "--impact", "1", "--urgency", "1")
    made = on(store, "backup", str(file), "--json")
    assert (made.code, made.json["sound"], made.json["faults"]) == (0, True, [])
    assert made.json["events"] == on(store, "verify", "--json").json["events"]
    assert made.json["bytes"] == file.stat().st_size
    again = on(store, "backup", str(file), "--json")
    assert (again.code, again.error["kind"]) == (1, "invalid")
    assert "--force" in again.err
    assert on(store, "backup", "--force", str(file)).out.startswith(str(file))
    on(store, "log", "--summary", "After")
    assert on(store, "restore", str(file)).code == 1
    assert len(on(store, "list", "--json").json) == 2
    done = on(store, "restore", str(file), "--force", "--json").json
    assert [row["summary"] for row in on(store, "list", "--json").json] == ["Before"]
    assert done["kept"] == f"{store}.replaced-20251121T104100Z"
    assert len(on(Path(done["kept"]), "list", "--json").json) == 2
    told = on(store, "restore", str(file), "--force").out
    assert "is kept as" in told


def test_a_backup_goes_where_there_is_no_desk_yet(on: Run, store: Path, tmp_path: Path) -> None:
    file, new = tmp_path / "safe.db", tmp_path / "new.db"
    on(store, "backup", str(file))
    done = on(new, "restore", str(file), "--json")
    assert (done.code, done.json["kept"]) == (0, None)
    assert on(new, "desk", "show", "--json").json == on(store, "desk", "show", "--json").json


def test_what_is_no_backup_is_refused(on: Run, store: Path, tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("Dear desk, please restart my router.")
    before = store.read_bytes()
    for file, kind in (
        (text, "unusable"),
        (tmp_path / "none", "not_found"),
        (tmp_path, "unusable"),
        (store, "invalid"),
    ):
        refused = on(store, "restore", "--force", str(file), "--json")
        assert (refused.code, refused.error["kind"]) == (1, kind)
    assert store.read_bytes() == before
