"""Desks by name on the shell: which one a command works on, and how they are listed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from deskterm.cli import demo
from deskterm.cli.entry import run
from deskterm.cli.root import root
from deskterm.cli.shell import Shell
from deskterm.store.offline.kept import OUTBOX, folder_of, waiting_for
from deskterm.store.offline.outbox import Outbox
from tests.cli.conftest import Answer

Type = Callable[..., Answer]


@pytest.fixture
def types(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Type:
    """A user whose settings name three desks, the first of which is the furnished one; types command lines."""
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'[connections.live]\nstore = "{store}"\noperator = "wei"\ncolour = "red"\n'
        '[connections.far]\nstore = "https://desk.example"\n'
        '[connections.big]\nstore = "postgresql://mara:s3cret@db.example/desk"\n'
    )
    monkeypatch.setenv("DESKTERM_CONFIG", str(settings))
    monkeypatch.setenv("DESKTERM_STATE_DIR", str(tmp_path / "state"))

    def go(*args: str) -> Answer:
        capfd.readouterr()
        return Answer(run(args, Shell()), *capfd.readouterr())

    return go


def test_connections_are_listed(types: Type, store: Path) -> None:
    found = types("connections", "--json").json
    assert found[0] == {
        "name": "live", "store": str(store), "operator": "wei", "colour": "red", "waiting": 0, "in_use": True,
    }  # fmt: skip
    assert [each["store"] for each in found[1:]] == ["https://desk.example", "postgresql://mara:***@db.example/desk"]
    people = types("connections")
    assert "▸  live" in people.out
    assert "s3cret" not in people.out
    assert [each["in_use"] for each in types("-c", "big", "connections", "--json").json] == [False, False, True]


def test_no_connections_say_how_to_name_one(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["connections"], Shell()) == 0
    assert "[connections.NAME]" in capfd.readouterr().out
    assert run(["connections", "--json"], Shell()) == 0
    assert json.loads(capfd.readouterr().out) == []


def test_a_command_works_on_the_desk_that_is_named(
    types: Type, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def me(*args: str) -> str:
        return str(types("desk", "show", "--json", *args).json["me"]["name"])

    assert me() == "Wei Chen", "the first desk, as its operator"
    assert me("--as", "tom") == "Tom Hale"
    monkeypatch.setenv("DESKTERM_OPERATOR", "ines")
    assert me("--connection", "live") == "Ines Duarte"
    monkeypatch.delenv("DESKTERM_OPERATOR")
    monkeypatch.setenv("DESKTERM_CONNECTION", "far")
    assert types("locations", "--json").json["store"] == "https://desk.example"
    assert me("-c", "live") == "Wei Chen", "the command line goes before the environment"
    monkeypatch.setenv("DESKTERM_STORE", str(tmp_path / "none.db"))
    assert types("locations", "--json").json["store"] == str(tmp_path / "none.db")
    assert me("-c", "live") == "Wei Chen"
    assert me("-c", "far", "--store", str(store), "--as", "tom") == "Tom Hale", "and --store before all"


def test_a_name_that_nobody_knows_is_met_with_those_known(types: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = types("list", "-c", "nowhere", "--json")
    assert (answer.code, answer.error["kind"]) == (1, "settings")
    assert "There is no connection 'nowhere'; known are live, far, big." in answer.err
    monkeypatch.setenv("DESKTERM_CONNECTION", "livee")
    assert "DESKTERM_CONNECTION: there is no connection 'livee'; did you mean live?" in types("list").err


def test_a_name_is_completed(types: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDS", "deskterm -c l")
    monkeypatch.setenv("COMP_CWORD", "2")
    answer = CliRunner().invoke(root, prog_name="deskterm", env={"_DESKTERM_COMPLETE": "bash_complete"})
    assert answer.output.split() == ["plain,live"]


def test_a_token_is_kept_for_a_desk_by_its_name(types: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deskterm.store.remote.credentials._keyring", lambda: None)
    monkeypatch.setattr("deskterm.cli.operators.read_stdin", lambda: "deskterm_secret\n")
    assert types("token", "keep", "--connection", "far").code == 0
    assert (tmp_path / "tokens.toml").read_text() == '"https://desk.example" = "deskterm_secret"\n'
    assert "deskterm_secret" not in (tmp_path / "settings.toml").read_text()


def test_what_waits_for_a_desk_is_counted(types: Type, tmp_path: Path) -> None:
    """Also while its outbox is open, and without disturbing it."""
    path = folder_of("https://desk.example") / "somebody" / OUTBOX
    box = Outbox(path)
    with closing(sqlite3.connect(path)) as beside:
        row = "INSERT INTO outgoing(id, ticket, command, at, ref, given, state) VALUES (?, '', '{}', '', '', '', ?)"
        beside.executemany(row, [(state, state) for state in ("saved", "sent", "stuck", "confirmed", "aside")])
        beside.commit()
    assert [each["waiting"] for each in types("connections", "--json").json] == [0, 3, 0]
    assert "3 waiting" in types("connections").out
    assert box.counts() == (2, 1)
    box.close()
    assert waiting_for("https://desk.example/") == 3
    path.write_bytes(b"damaged")
    assert waiting_for("https://desk.example") == 0


def test_a_demo_fills_no_desk_that_has_a_name(types: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that is still empty, unless it is named for it."""
    filled: list[str] = []
    monkeypatch.setattr(demo, "_is_new", lambda *_: True)
    monkeypatch.setattr(demo, "_fill", lambda _shell, url, *_: filled.append(url))
    monkeypatch.setenv("DESKTERM_DATA_DIR", str(tmp_path / "data"))
    for shell in (Shell(), Shell(connection="far"), Shell(store="/srv/new.db")):
        demo._url_for(shell, demo.TICKETS, demo.SEED, demo.DESK)
    assert filled == [f"sqlite:///{tmp_path}/data/demo.sqlite", "https://desk.example", "/srv/new.db"]
