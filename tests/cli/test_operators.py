"""`deskterm operator` and `deskterm token`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from deskterm.store.base import Unusable
from deskterm.store.remote import credentials
from tests.cli.conftest import NOW, Run
from tests.store.conftest import DESK_SOURCE


@pytest.fixture
def store(on: Run, tmp_path: Path) -> Path:
    """A desk in a file."""
    desk, store = tmp_path / "northgate.toml", tmp_path / "desk.db"
    desk.write_text(DESK_SOURCE)
    assert on(store, "desk", "load", str(desk)).code == 0
    return store


def test_an_added_operator_stands_beside_those_of_the_desk_file(on: Run, store: Path) -> None:
    assert on(store, "operator", "add", "Zoe", "--level", "1", "--group", "voice-1").out == (
        "Zoe may act at this desk, level 1.\n"
    )
    found = {each["name"]: each["from"] for each in on(store, "--json", "operator", "list").json}
    assert found == {"Nora": "desk file", "Lea": "desk file", "Tom": "desk file", "Sue": "desk file", "Zoe": "store"}
    facts = ("--summary", "No dial tone", "--type", "incident", "--impact", "high", "--urgency", "high")
    ref = on(store, "--as", "Nora", "--json", "log", *facts, "--to", "voice-1").json["ref"]
    assert on(store, "--as", "zoe", "take", ref).code == 0
    assert on(store, "operator", "add", "Nora", "--level", "supervisor").code == 0
    assert "supervisor" in on(store, "operator", "list").out.splitlines()[1]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("Zoe", "--level", "1", "--group", "nowhere"), "no group 'nowhere'"),
        (("nora ", "--level", "1", "--login", "LEA"), "Lea has that name or login"),
        (("Zoe", "--level", "guest"), "level"),
    ],
)
def test_what_the_desk_does_not_know_is_refused(on: Run, store: Path, args: tuple[str, ...], words: str) -> None:
    answer = on(store, "operator", "add", *args)
    assert answer.code != 0
    assert words in answer.err


def test_a_disabled_operator_is_nobody_until_enabled_again(on: Run, store: Path) -> None:
    assert on(store, "operator", "disable", "nora").code == 0
    assert on(store, "--as", "Nora", "list").code == 1
    assert on(store, "--json", "operator", "list").json[0]["disabled_at"] is not None
    assert on(store, "token", "create", "--for", "Nora").code == 1
    assert on(store, "operator", "disable", "Nora", "--again").code == 0
    assert on(store, "--as", "Nora", "list").code == 0
    assert on(store, "operator", "disable", "Nobody").code == 1


def test_a_token_is_shown_once_and_only_its_hash_is_kept(on: Run, store: Path) -> None:
    made = on(store, "--json", "token", "create", "--for", "lea", "--days", "2", "--label", "laptop").json
    assert (made["operator"], made["scopes"], made["label"]) == ("Lea", ["read", "write"], "laptop")
    secret = made["token"]
    assert secret.startswith("deskterm_")
    assert len(secret) > 50
    kept = b"".join(each.read_bytes() for each in store.parent.iterdir())
    assert secret.encode() not in kept
    assert secret not in on(store, "--json", "token", "list").out
    assert on(store, "--json", "token", "list").json[0]["ended"] == ""
    assert on(store, "token", "revoke", made["id"][:13]).out == "One token lets nobody in any more.\n"
    assert on(store, "--json", "token", "list").json[0]["ended"] == "revoked"
    assert on(store, "token", "revoke", "nothing").code == 1
    assert on(store, "token", "create", "--for", "Lea", "--scope", "everything").code == 1
    assert on(store, "token", "create", "--for", "").code == 1
    assert made["expires_at"] == f"{NOW.replace(day=NOW.day + 2):%Y-%m-%dT%H:%M:%SZ}"


def test_a_token_is_kept_where_only_its_owner_reads_it(
    on: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_keyring", lambda: None)
    monkeypatch.setenv("DESKTERM_CONFIG", str(tmp_path / "settings.toml"))
    monkeypatch.delenv("DESKTERM_TOKEN", raising=False)
    (tmp_path / "settings.toml").touch()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"deskterm_abc\n")))
    monkeypatch.setenv("DESKTERM_STORE", "https://desk.example/")
    from deskterm.cli.entry import run

    assert run(["token", "keep"]) == 0
    file = tmp_path / "tokens.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert credentials.token_for("https://desk.example") == "deskterm_abc"
    file.chmod(0o644)
    with pytest.raises(Unusable, match="chmod 600"):
        credentials.token_for("https://desk.example")
    monkeypatch.setenv("DESKTERM_TOKEN", "deskterm_env")
    assert credentials.token_for("https://desk.example") == "deskterm_env"


def test_what_is_no_token_is_not_kept_for_one(on: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKTERM_CONFIG", str(tmp_path / "settings.toml"))
    (tmp_path / "settings.toml").touch()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"This lets Nora in until 2027-11-22.\n")))
    monkeypatch.setenv("DESKTERM_STORE", "https://desk.example/")
    from deskterm.cli.entry import run

    assert run(["token", "keep"]) == 1
    assert not (tmp_path / "tokens.toml").exists()


def test_a_server_is_not_where_operators_are_kept(on: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKTERM_STORE", "")
    answer = on(Path("desk.db"), "token", "keep")
    assert (answer.code, "https://desk.example" in answer.err) == (1, True)
