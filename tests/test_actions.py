"""One object an action: what it is called, where its key works, and that somebody carries it out."""

from __future__ import annotations

from collections import defaultdict

import pytest

from deskterm.actions import ACTIONS, BY_ID, PLACES, Action, Place, at, bindings, key_name, named
from deskterm.app import DeskApp
from deskterm.desk.changes.rights import ChangeAct
from deskterm.desk.tickets.rights import Act
from deskterm.screens.base import DeskScreen
from deskterm.screens.board import BoardScreen
from deskterm.screens.calendar import CalendarScreen
from deskterm.screens.call import CallScreen
from deskterm.screens.change import ChangeScreen
from deskterm.screens.changes import ChangesScreen
from deskterm.screens.drafts import DraftsScreen
from deskterm.screens.outgoing import OutgoingScreen
from deskterm.screens.queue import QueueScreen
from deskterm.screens.ticket import TicketScreen
from deskterm.screens.triage import TriageScreen

SCREENS: dict[str, type[DeskScreen]] = {
    "queue": QueueScreen,
    "ticket": TicketScreen,
    "call": CallScreen,
    "saved-call": CallScreen,
    "drafts": DraftsScreen,
    "outbox": OutgoingScreen,
    "triage": TriageScreen,
    "board": BoardScreen,
    "change": ChangeScreen,
    "changes": ChangesScreen,
    "calendar": CalendarScreen,
}


def keys(action: Action) -> list[str]:
    return [key for key in action.keys.split(",") if key]


def test_every_action_has_an_id_of_its_own() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS) == len(BY_ID)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_says_what_it_does(action: Action) -> None:
    assert action.name
    assert action.help.endswith(".")
    assert len(action.help) <= 70
    assert action.places
    assert set(action.places) <= set(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_a_key_means_one_thing_in_one_place(place: Place) -> None:
    holders = defaultdict(list)
    for action in at(place):
        for key in keys(action):
            holders[key].append(action.id)
    assert {key: ids for key, ids in holders.items() if len(ids) > 1} == {}


def test_a_letter_means_the_same_everywhere() -> None:
    """Not so for keys that mean what is nearest: open or done, back or park, mark or tick, and those of forms."""
    meant = defaultdict(set)
    for action in ACTIONS:
        for key in keys(action):
            meant[key].add(action.id)
    assert {key: ids for key, ids in meant.items() if len(ids) > 1} == {
        "enter": {"open", "done"},
        "escape": {"back", "park"},
        "space": {"mark", "tick"},
        "f5": {"ask", "take-over"},
        "f6": {"caller", "roll-back"},
        "f8": {"save-and-hand-on", "onward"},
        "f9": {"save-and-escalate", "extend"},
    }


@pytest.mark.parametrize("place", [place for place in PLACES if place != "anywhere"])
def test_somebody_carries_every_action_out(place: str) -> None:
    screen = SCREENS[place]
    missing = [
        action.id for action in ACTIONS if place in action.places and not callable(getattr(screen, action.method, None))
    ]
    assert missing == []


def test_the_app_carries_out_what_works_anywhere() -> None:
    everywhere = [action for action in ACTIONS if "anywhere" in action.places]
    assert everywhere
    assert [action.id for action in everywhere if not callable(getattr(DeskApp, action.method, None))] == []


@pytest.mark.parametrize("place", PLACES)
def test_every_action_of_a_place_can_be_given_a_key(place: Place) -> None:
    """Also those that have none at first: a keymap finds its binding by the action's id."""
    assert {binding.id for binding in bindings(place)} == {action.id for action in at(place)}


def test_an_action_without_a_key_hides_no_other() -> None:
    assert BY_ID["theme"] in at("queue")


def test_acts_are_words_of_the_rights_table() -> None:
    known = {str(act) for act in Act} | {str(act) for act in ChangeAct} | {"log", "hand-off", "resolve", ""}
    assert [action.id for action in ACTIONS if action.act not in known] == []


def test_the_promised_keys_are_kept() -> None:
    promised = {"f2": "new-call", "slash": "filter", "colon": "command", "question_mark": "help", "f1": "help"}
    promised |= {"ctrl+p": "palette", "escape": "back"}
    held = {key: action.id for action in at("queue") for key in keys(action)}
    assert promised.items() <= held.items()


def test_a_word_may_be_cut_short_while_it_is_the_only_one() -> None:
    assert named("hand", "queue") is BY_ID["hand-off"]
    assert named("save", "call") is BY_ID["save"], "the whole word goes before a longer one"
    assert named("re", "queue") is None
    assert named("hand", "drafts") is None


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("question_mark", "?"),
        ("f2", "F2"),
        ("ctrl+p", "^p"),
        ("shift+tab", "⇧Tab"),
        ("t", "t"),
        ("T", "T"),
        ("f", "f"),
        ("slash", "/"),
    ],
)
def test_keys_have_names_for_people(key: str, said: str) -> None:
    assert key_name(key) == said
