"""The first start: a demo, a sample or a file of one's own, and who is at the keyboard. Nothing is ever overwritten."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from deskterm.desk.deskfile.check import SAMPLES, load_sample
from deskterm.screens.desk_file import DeskFileScreen, opening_words
from deskterm.screens.welcome import WelcomeScreen
from deskterm.screens.who import WhoScreen
from deskterm.settings import may_remember_operator, remember_operator
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file and a place for the demo of this test alone; neither is there yet."""
    file = tmp_path / "home" / "settings.toml"
    monkeypatch.setenv("DESKTERM_CONFIG", str(file))
    monkeypatch.setenv("DESKTERM_DATA_DIR", str(tmp_path / "data"))
    return file


def front(robot: Robot) -> str:
    """What kind of screen is in front."""
    return type(robot.app.screen).__name__


async def test_an_empty_store_offers_a_beginning(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator=None, desk=None) as robot:
        assert isinstance(robot.screen, WelcomeScreen)
        assert robot.shows("1 Try the demo")
        for name in SAMPLES:
            assert robot.shows(load_sample(name)[1].desk.name)
        await robot.press("q")
        assert robot.app.return_code == 0


async def test_the_demo_is_made_apart_and_opened(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator=None, desk=None) as robot:
        await robot.pilot.press("1")  # not settled: making the demo takes longer than a key may
        await robot.until(lambda: front(robot) == "QueueScreen" and bool(robot.app.queue_screen.table.rows), 60)
        assert robot.shows("Northgate Desk")
        assert robot.store.me.level == 0, "in the demo one is the first who answers calls"
        assert (tmp_path / "data" / "demo.sqlite").exists()
    async with at_the_desk(tmp_path, operator=None, desk=None) as robot:
        assert front(robot) == "WelcomeScreen", "the store that was named is as empty as it was"


async def test_a_sample_is_shown_and_then_loaded(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator=None, desk=None) as robot:
        await robot.press("4")
        assert robot.shows("Tally Helpdesk")
        assert robot.shows("outsourced helpdesk")
        await robot.press("escape")
        assert front(robot) == "WelcomeScreen", "looking loads nothing"
        await robot.press("4", "enter")
        assert isinstance(robot.app.screen, WhoScreen)
        assert robot.app.desk is not None
        assert robot.app.desk.desk.name == "Tally Helpdesk"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_says_what_it_is(name: str) -> None:
    assert opening_words(load_sample(name)[0]).startswith("A desk file")


async def test_a_file_with_faults_is_told_by_line_and_loaded_once_mended(tmp_path: Path) -> None:
    source, _ = load_sample("managed-network")
    file = tmp_path / "my-desk.toml"
    file.write_text(source.replace('zone = "Europe/London"', 'zon = "Europe/London"', 1), encoding="utf-8")
    async with at_the_desk(tmp_path, operator=None, desk=None) as robot:
        await robot.press("f")
        await robot.types(str(file))
        await robot.press("enter")
        assert isinstance(robot.screen, DeskFileScreen)
        assert robot.shows("One thing is wrong with it.")
        assert robot.shows("line 14 desk.zon:")
        file.write_text(source, encoding="utf-8")
        await robot.press("enter")
        assert front(robot) == "WhoScreen"


async def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator=None, desk=None) as robot:
        await robot.press("f")
        await robot.types("nowhere.toml")
        await robot.press("enter")
        assert robot.shows("nowhere.toml cannot be read: No such file or directory.")
        await robot.press("escape")
        assert front(robot) == "WelcomeScreen"


async def test_a_damaged_store_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "desk.db"
    file.write_bytes(b"not a database, but somebody's")
    async with at_the_desk(tmp_path, operator=None, desk=None) as robot:
        assert robot.shows("The desk cannot be opened.")
        assert robot.shows("deskterm doctor")
        assert not robot.shows("Load a desk file")
        await robot.press("2", "f", "f2", "q")
        assert robot.app.return_code == 0
    assert file.read_bytes() == b"not a database, but somebody's"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("desk.db")] == ["desk.db"]


# -- who


async def test_a_guest_says_who_they_are(tmp_path: Path) -> None:
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, Clock(), summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, operator=None) as robot:
        assert isinstance(robot.app.screen, WhoScreen)
        assert robot.shows("Who are you?")
        await robot.press("down", "down", "down", "down", "down", "enter")
        assert robot.store.me.name == "Kofi Mensah"
        assert front(robot) == "QueueScreen"
        await robot.press("t")
        assert (await robot.ticket(ref)).owner == "Kofi Mensah"


async def test_a_digit_picks(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, operator=None) as robot:
        await robot.press("2")
        assert robot.store.me.name == "Tom Hale"


async def test_a_name_that_nobody_has_is_said(tmp_path: Path) -> None:
    """Settings of another desk: its operator is not one of this one's."""
    async with at_the_desk(tmp_path, operator="zoe") as robot:
        assert isinstance(robot.app.screen, WhoScreen)
        assert robot.shows("There is no operator 'zoe' at this desk.")
        await robot.press("1")
        assert robot.store.me.name == "Ada Okafor"


async def test_a_guest_may_look_but_not_touch(tmp_path: Path) -> None:
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, Clock(), summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, operator=None) as robot:
        await robot.press("escape")
        assert robot.store.me.level == "guest"
        assert robot.shows("No dial tone")
        await robot.press("t")
        assert (await robot.ticket(ref)).owner is None


async def test_the_choice_is_remembered_only_when_asked_and_confirmed(tmp_path: Path, settings_file: Path) -> None:
    async with at_the_desk(tmp_path, operator=None) as robot:
        await robot.press("s")
        assert robot.shows('Write operator = "Ada Okafor" into')
        await robot.press("n")
        assert not settings_file.exists()
        await robot.press("s", "y")
        assert robot.store.me.name == "Ada Okafor"
    assert tomllib.loads(settings_file.read_text()) == {"operator": "Ada Okafor"}


async def test_settings_that_name_somebody_are_not_written(tmp_path: Path, settings_file: Path) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text('operator = "zoe"\n', encoding="utf-8")
    async with at_the_desk(tmp_path, operator="zoe") as robot:
        assert not robot.shows("remember it")
        await robot.press("s")
        assert front(robot) == "WhoScreen"
    assert settings_file.read_text() == 'operator = "zoe"\n'


def test_what_stands_in_the_settings_stays(settings_file: Path) -> None:
    """Comments and tables too; the file keeps its mode, and a link to it stays a link."""
    before = '# mine\ntheme = "ansi-dark"\n\n[keys]\ntake = "z"  # as ever\n'
    settings_file.parent.mkdir()
    elsewhere = settings_file.with_name("kept-elsewhere.toml")
    elsewhere.write_text(before, encoding="utf-8")
    elsewhere.chmod(0o600)
    settings_file.symlink_to(elsewhere)
    assert may_remember_operator()
    assert remember_operator('Zoë "Z" \\ Müller') == settings_file
    assert settings_file.read_text(encoding="utf-8").endswith(before)
    assert tomllib.loads(settings_file.read_text(encoding="utf-8"))["operator"] == 'Zoë "Z" \\ Müller'
    assert settings_file.is_symlink()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600
    assert not may_remember_operator()


def test_settings_that_cannot_be_read_are_not_written(settings_file: Path) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("this is [not TOML", encoding="utf-8")
    assert not may_remember_operator()
