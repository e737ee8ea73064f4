"""What a half-typed command line may become: words of the place, then what the word takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from deskterm.actions import Place, at, named
from deskterm.desk.reference import looks_like
from deskterm.screens.base import Host
from deskterm.themes import THEMES


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that may be meant: the line it makes, the word that is new in it, and what it does."""

    line: str
    word: str
    help: str


def completions(line: str, place: Place, host: Host) -> tuple[Completion, ...]:
    """What a line may become, best first."""
    word, space, rest = line.lstrip().partition(" ")
    prefix = host.desk.reference.prefix if host.desk else ""
    if line.strip() and looks_like(line, prefix):
        return (Completion(line.strip(), line.strip(), "Open the ticket"),)
    if not space:
        return tuple(_words(word, place))
    action = named(word, place)
    if action is None:
        return ()
    wanted = rest.strip().casefold()
    fit = [(name, help) for name, help in _arguments(action.argument, host) if wanted in f"{name} {help}".casefold()]
    fit.sort(key=lambda offer: not offer[0].casefold().startswith(wanted))
    return tuple(Completion(f"{action.id} {name}", name, help) for name, help in fit)


def _words(begun: str, place: Place) -> Iterable[Completion]:
    for action in at(place):
        if action.id.startswith(begun.casefold()):
            yield Completion(action.id + (" " if action.argument else ""), action.id, action.help)


def _arguments(kind: str, host: Host) -> Iterable[tuple[str, str]]:
    desk = host.desk
    if kind == "theme":
        return [(theme.name, "") for theme in THEMES]
    if desk is None:
        return []
    if kind == "group":
        return [(group.name, group.title) for group in desk.group]
    if kind == "solution":
        return [(solution.id, solution.title) for solution in desk.solution]
    return []
