"""Keys that operators have given to actions in their settings: what is wrong with them, and what holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from deskterm.actions import BY_ID, PLACES, Action, Place, at, key_name, typed_by

Keymap = dict[str, str]
"""Action id -> keys, separated by commas."""

_MODIFIERS: Final = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMED: Final = frozenset(key.value for key in Keys)
_MOVING: Final = frozenset({"up", "down", "pageup", "pagedown", "home", "end", "j", "k", "g", "G", *"123456789"})
"""Keys that move in lists, or go to a view."""
_LISTS: Final[tuple[Place, ...]] = ("queue", "ticket", "drafts")


def keys_of(action: Action, keymap: Keymap) -> tuple[str, ...]:
    """The keys of an action as Textual names them, after the keymap."""
    keys = keymap.get(action.id, action.keys)
    named = ",".join(key.strip() for key in keys.split(",") if key.strip())
    return tuple(b.key for b in Binding.make_bindings([Binding(named, "none", "")])) if named else ()


def shown_keys(action: Action, keymap: Keymap) -> str:
    """The keys of an action as a person would call them."""
    return " ".join(key_name(key) for key in keys_of(action, keymap))


def first_key(action: Action, keymap: Keymap, *, typing: bool = False) -> str:
    """The key to show where there is room for one; while somebody is typing, one that types nothing."""
    keys = keys_of(action, keymap)
    fit = [key for key in keys if not typing or not typed_by(key)]
    return key_name(fit[0]) if fit else ""


def keymap_problems(keymap: Keymap) -> list[str]:
    """What is wrong with a keymap, one sentence each: unknown actions and keys, and keys that do two things."""
    return list(dict.fromkeys(sentence for _, sentence in _problems(keymap)))


def sound_keymap(keymap: Keymap) -> Keymap:
    """What of a keymap holds: everything that nothing is wrong with."""
    kept = dict(keymap)
    while wrong := {name for name, _ in _problems(kept)}:
        kept = {name: keys for name, keys in kept.items() if name not in wrong}
    return kept


def _problems(keymap: Keymap) -> Iterator[tuple[str, str]]:
    """Each action that has something wrong with its keys, and the sentence that says what."""
    for name in keymap:
        if name not in BY_ID:
            near = get_close_matches(name, BY_ID, 1)
            yield name, f"keys.{name}: there is no such action" + (f"; did you mean {near[0]}?" if near else ".")
            continue
        for key in keys_of(BY_ID[name], keymap):
            if not _is_key(key):
                yield name, f"keys.{name}: there is no key {key}."
            elif "call" in BY_ID[name].places and _is_typed(key):
                yield name, f"keys.{name}: {key_name(key)} is a letter of the call; take a function key or ctrl."
            elif key in _MOVING and set(BY_ID[name].places) & {*_LISTS, "anywhere"}:
                yield name, f"keys.{name}: {key_name(key)} moves in lists already."
    for place in PLACES:
        yield from _clashes(place, keymap)


def _clashes(place: Place, keymap: Keymap) -> Iterator[tuple[str, str]]:
    holders: dict[str, Action] = {}
    for action in at(place):
        for key in keys_of(action, keymap):
            holder = holders.setdefault(key, action)
            if holder is action:
                continue
            # The one whose key was changed is to blame; of two, the later.
            blamed, other = (action, holder) if action.id in keymap else (holder, action)
            if blamed.id in keymap:
                yield blamed.id, f"keys.{blamed.id}: {key_name(key)} is the key of {other.id} already."


def _is_typed(key: str) -> bool:
    return "+" not in key and key not in _NAMED


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+") if key != "+" else [key]
    return set(modifiers) <= _MODIFIERS and (len(last) == 1 or last in _NAMED or _character(last))


def _character(name: str) -> bool:
    """Whether a name stands for a character, as `question_mark` does."""
    try:
        return bool(unicodedata.lookup(name.replace("_", " ").upper()))
    except (KeyError, ValueError):
        return name in KEY_NAME_REPLACEMENTS.values() or bool(typed_by(name))
