"""Keys of one's own: what is wrong with them is said, the rest holds, and the real app obeys."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from textual.keys import _character_to_key as character_to_key

from deskterm.actions import ACTIONS, BY_ID
from deskterm.keymap import Keymap, first_key, keymap_problems, keys_of, shown_keys, sound_keymap
from deskterm.settings import Settings
from tests.robot import Clock, at_the_desk, furnish, log_ticket


@pytest.mark.parametrize(
    ("keymap", "problem"),
    [
        ({"tkae": "z"}, "keys.tkae: there is no such action; did you mean take?"),
        ({"take": "ctlr+t"}, "keys.take: there is no key ctlr+t."),
        ({"take": "notakey"}, "keys.take: there is no key notakey."),
        ({"take": "not\udbafakey"}, "keys.take: there is no key not\udbafakey."),
        ({"take": "h"}, "keys.take: h is the key of hand-off already."),
        ({"hand-off": "t"}, "keys.hand-off: t is the key of take already."),
        ({"new-call": "t"}, "keys.new-call: t is the key of take already."),
        ({"take": "?"}, "keys.take: ? is the key of help already."),
        ({"take": "j"}, "keys.take: j moves in lists already."),
        ({"mark": "3"}, "keys.mark: 3 moves in lists already."),
        ({"save": "s"}, "keys.save: s is a letter of the call; take a function key or ctrl."),
        ({"take": "Z", "chase": "Z"}, "keys.chase: Z is the key of take already."),
    ],
)
def test_what_is_wrong_is_said(keymap: Keymap, problem: str) -> None:
    assert keymap_problems(keymap) == [problem]


@pytest.mark.parametrize(
    "keymap",
    [
        {},
        {"take": "Z"},
        {"take": "t, f9"},
        {"take": "s", "start": "t"},
        {"command": ";"},
        {"theme": "f10"},
        {"help": "f1"},
        {"save": "ctrl+s"},
    ],
)
def test_what_is_right_is_let_be(keymap: Keymap) -> None:
    assert keymap_problems(keymap) == []
    assert sound_keymap(keymap) == keymap


def test_one_wrong_line_does_not_take_the_others_along() -> None:
    assert sound_keymap({"take": "Z", "start": "h", "nonsense": "y"}) == {"take": "Z"}


def test_a_key_left_to_its_owner_again_is_seen() -> None:
    """Half of a swap is wrong, and so is then the other half."""
    assert sound_keymap({"take": "s", "start": "notakey"}) == {}


def test_every_default_key_is_a_key() -> None:
    assert keymap_problems({action.id: action.keys for action in ACTIONS if action.keys}) == []


def test_keys_are_named_as_they_are_now() -> None:
    assert keys_of(BY_ID["help"], {}) == ("question_mark", "f1")
    assert shown_keys(BY_ID["help"], {"help": ";, f1"}) == "; F1"


@pytest.mark.anyio
async def test_the_app_obeys_a_keymap(tmp_path: Path) -> None:
    """Two keys swapped, one moved, one given to an action that had none; the old ones do nothing any more."""
    await furnish(tmp_path)
    ref = await log_ticket(tmp_path, Clock(), summary="No dial tone", to="voice-1")
    settings = Settings(keys={"take": "s", "start": "t", "filter": "f8, ctrl+f", "theme": "f11"})
    async with at_the_desk(tmp_path, operator="kofi", settings=settings) as robot:
        await robot.press("t")
        assert (await robot.ticket(ref)).owner is None
        await robot.press("s")
        assert (await robot.ticket(ref)).owner == "Kofi Mensah"
        await robot.press("slash")
        assert not robot.screen.query_one("#filter").display
        await robot.press("ctrl+f")
        assert robot.screen.query_one("#filter").display
        await robot.press("escape", "f11")
        assert robot.app.theme == "deskterm-light"


@pytest.mark.anyio
async def test_who_means_to_leave_is_told_how(tmp_path: Path) -> None:
    """Ctrl+C is a habit; no toast answers it."""
    async with at_the_desk(tmp_path, settings=Settings(keys={"quit": "f10"})) as robot:
        await robot.press("ctrl+c")
        assert robot.shows("F10 leaves deskterm.")


@pytest.mark.anyio
async def test_the_hints_show_the_keys_as_they_are(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path, settings=Settings(keys={"new-call": "f11"})) as robot:
        assert robot.shows("F11 New call")


@pytest.mark.parametrize(
    ("action", "key"), [("help", "F1"), ("back", "Esc"), ("filter", ""), ("take", ""), ("mark", "")]
)
def test_while_somebody_types_only_keys_that_type_nothing_are_shown(action: str, key: str) -> None:
    assert first_key(BY_ID[action], {}, typing=True) == key


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (Settings(keys={"take": "h"}), "keys.take: h is the key of hand-off already."),
        (Settings(theme="mauve"), "there is no theme 'mauve'"),
    ],
)
async def test_the_app_says_what_is_wrong_with_the_settings(tmp_path: Path, settings: Settings, sentence: str) -> None:
    async with at_the_desk(tmp_path, settings=settings) as robot:
        assert robot.shows(sentence)


@pytest.mark.anyio
async def test_no_character_ends_the_app(tmp_path: Path) -> None:
    """Textual calls `_key_at` for "@", whatever that is: nothing may be named like a key that is no answer to it."""
    async with at_the_desk(tmp_path) as robot:
        await robot.press("down", "@", "~", "^", "@")
        assert robot.app.is_running
        named = {name for character in string.printable for name in (character_to_key(character), character)}
        for node in (robot.app, robot.screen, robot.app.focused):
            found = {name: getattr(node, f"_key_{name}", None) or getattr(node, f"key_{name}", None) for name in named}
            assert {name: handler for name, handler in found.items() if handler and not callable(handler)} == {}
