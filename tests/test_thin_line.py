"""The profile for thin lines: chosen by itself where it should be, forced where somebody says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deskterm.cli import main
from deskterm.settings import Settings, SettingsError, load_settings, parse_settings
from deskterm.thin_line import prepare, why_thin


@pytest.mark.parametrize(
    ("line", "environ", "is_thin"),
    [
        (None, {}, False),
        (None, {"SSH_TTY": "/dev/pts/3"}, True),
        (None, {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}, True),
        (None, {"TERM": "linux"}, True),
        (None, {"TERM": "xterm-256color"}, False),
        ("full", {"SSH_TTY": "/dev/pts/3"}, False),
        ("thin", {}, True),
    ],
)
def test_it_is_chosen_by_itself_and_can_be_forced(line: str | None, environ: dict[str, str], is_thin: bool) -> None:
    assert bool(why_thin(Settings(line=line), environ)) == is_thin
    told = dict(environ)
    prepare(Settings(line=line), told)
    assert (told != environ) == is_thin


def test_it_takes_colours_away_and_adds_none() -> None:
    rich, poor = {"COLORTERM": "truecolor"}, {"TERM": "xterm"}
    for environ in (rich, poor):
        prepare(Settings(line="thin"), environ)
    assert rich["TEXTUAL_COLOR_SYSTEM"] == "256"
    assert "TEXTUAL_COLOR_SYSTEM" not in poor


def test_what_the_user_has_set_stays() -> None:
    environ = {"TEXTUAL_FPS": "5", "TEXTUAL_ANIMATIONS": "full"}
    prepare(Settings(line="thin"), environ)
    assert environ["TEXTUAL_FPS"] == "5"
    assert environ["TEXTUAL_ANIMATIONS"] == "full"


def test_the_setting_is_thin_or_full_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    with pytest.raises(SettingsError, match="line 2: line: 'narrow' is neither thin nor full"):
        parse_settings('theme = "deskterm-dark"\nline = "narrow"\n', file)
    file.write_text('line = "thin"\n')
    assert load_settings({"DESKTERM_CONFIG": str(file)}).line == "thin"
    assert load_settings({"DESKTERM_CONFIG": str(file), "DESKTERM_LINE": "full"}).line == "full"


def test_doctor_says_which_and_why(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/3")
    main(["doctor"])
    assert "thin, since SSH_TTY is set" in capfd.readouterr().out
    monkeypatch.setenv("DESKTERM_LINE", "full")
    main(["doctor"])
    assert "thin" not in capfd.readouterr().out


@pytest.mark.slow
def test_textual_hears_of_it() -> None:
    code = (
        "import os; from deskterm.settings import Settings; from deskterm.thin_line import prepare; "
        "prepare(Settings(line='thin'), os.environ); from textual import constants as c; "
        "print(c.COLOR_SYSTEM, c.TEXTUAL_ANIMATIONS, c.MAX_FPS)"
    )
    environ = os.environ | {"COLORTERM": "truecolor"}
    told = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["256", "none", "30"]
