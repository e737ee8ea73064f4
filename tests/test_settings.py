"""Settings: the file, the environment over it, and errors that say where and what."""

import subprocess
import sys
from pathlib import Path

import pytest

from deskterm.settings import (
    Settings,
    SettingsError,
    config_path,
    data_dir,
    default_store_url,
    demo_store_url,
    load_settings,
    locations,
    log_path,
    parse_settings,
    state_dir,
)

FILE = Path("settings.toml")


def test_a_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('store = "sqlite:////srv/desk.sqlite"\noperator = "mara"\n[keys]\nlog_call = "f2,n"\n')
    environ = {"DESKTERM_CONFIG": str(path), "DESKTERM_OPERATOR": "jonas"}
    settings = load_settings(environ)
    assert settings == Settings(store="sqlite:////srv/desk.sqlite", operator="jonas", keys={"log_call": "f2,n"})
    assert load_settings({**environ, "DESKTERM_STORE": "sqlite:////tmp/x"}).store == "sqlite:////tmp/x"


def test_no_file_means_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings({}) == Settings()


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_settings({"DESKTERM_CONFIG": str(tmp_path / "absent.toml")})


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ('store = "x"\noperater = "mara"', 2, "operater", "did you mean operator?"),
        ("wibble = 1", 1, "wibble", "known are store"),
        ("\n\n[kees]\nx = 'f2'", 3, "kees", "did you mean keys?"),
        ("[keys]\nlog_call = 'f2'\nnote = 3", 3, "keys.note", "string"),
        ("keys.note = 3", 1, "keys.note", "string"),
        ("[keys]\nlog_call = 'f2,'", 2, "keys.log_call", "a key is missing"),
        ("theme = ['x']", 1, "theme", "string"),
        ("keys = 'f2'", 1, "keys", ""),
        ("line = 'thin'\nzone = 'Mars/Base'", 2, "zone", "no zone"),
        ("store = \nx = 1", 1, "", "not TOML"),
    ],
)
def test_a_bad_setting_is_named_with_its_place(text: str, line: int, key: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, FILE)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert says in str(caught.value)
    assert f"settings.toml, line {line}: {key}" in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings({"DESKTERM_CONFIG": str(path)})


def test_the_environment_moves_the_files(tmp_path: Path) -> None:
    environ = {"DESKTERM_STATE_DIR": str(tmp_path / "s"), "DESKTERM_DATA_DIR": str(tmp_path / "d")}
    assert state_dir(environ) == tmp_path / "s"
    assert log_path(environ) == tmp_path / "s" / "deskterm.log"
    assert data_dir(environ) == tmp_path / "d"
    assert default_store_url(environ) == f"sqlite:///{tmp_path}/d/desk.sqlite"
    assert demo_store_url(environ) == f"sqlite:///{tmp_path}/d/demo.sqlite"
    assert not (tmp_path / "s").exists()
    assert config_path({"DESKTERM_CONFIG": "/etc/x.toml"}) == Path("/etc/x.toml")


def test_locations_hide_the_password() -> None:
    shown = locations({"DESKTERM_STORE": "postgresql://mara:s3cret@db.example/desk"})
    assert shown["store"] == "postgresql://mara:***@db.example/desk"
    assert shown["drafts"] == state_dir({}) / "drafts"


def test_starting_without_a_file_loads_no_pydantic(tmp_path: Path) -> None:
    check = "import sys; from deskterm.settings import *; load_settings(); print('pydantic' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
    )
    assert answer.stdout.strip() == "False"
