"""What a half-typed command line may become: words of the place, then what the word takes, or a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskterm.actions import Action, Place, at, named
from deskterm.desk.reference import (
    BadReference,
    looks_like,
    looks_like_change,
    looks_like_provisional,
    read,
    read_change,
    read_provisional,
    write,
    write_change,
)
from deskterm.screens.base import Host
from deskterm.settings import where
from deskterm.store.base import StoreError
from deskterm.themes import THEMES

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import Found

WhyNot = Callable[[Action], str | None]
MOST = 40
"""Completions that are asked of the store at once."""
_OPENED = ("ticket", "change")
"""Kinds of records that have a screen; of others it is told that they are there."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that may be meant: the line it makes, the word that is new in it, and what it does."""

    line: str
    word: str
    help: str
    is_possible: bool = True
    """False for what would be refused now; `help` says why."""


@dataclass(frozen=True, slots=True)
class HalfLine:
    """A half-typed line, taken apart."""

    word: str
    rest: str
    has_word: bool
    """Whether the word is finished, so that what it takes is asked for."""

    @classmethod
    def of(cls, line: str) -> HalfLine:
        """Take a line apart."""
        word, space, rest = line.lstrip().partition(" ")
        return cls(word, rest.strip(), bool(space))


def reference_in(line: str, host: Host) -> Completion | None:
    """The ticket or change that a line names, or what is wrong with its reference; None if it is something else."""
    prefix = host.desk.reference.prefix if host.desk else ""
    try:
        if looks_like(line, prefix):
            reference = write(read(line, prefix), prefix)
            return Completion(reference, reference, "Open this ticket.")
        if looks_like_provisional(line):
            reference = read_provisional(line)
            return Completion(reference, reference, "Open the ticket that was given this reference.")
        if looks_like_change(line):
            reference = write_change(read_change(line))
            return Completion(reference, reference, "Open this change.")
    except BadReference as error:
        return Completion(line.strip(), line.strip(), str(error), is_possible=False)
    return None


def words(begun: str, place: Place, why_not: WhyNot) -> tuple[Completion, ...]:
    """Actions whose word or name fits, best first."""
    wanted = begun.casefold()
    fit = [a for a in at(place) if wanted in f"{a.id} {a.name}".casefold()]
    refusals = {action.id: why_not(action) for action in fit}
    fit.sort(key=lambda action: (_distance(action.id, wanted), refusals[action.id] is not None))
    return tuple(
        Completion(a.id + (" " if a.argument else ""), a.id, refusals[a.id] or a.help, refusals[a.id] is None)
        for a in fit
    )


def arguments(half: HalfLine, place: Place, host: Host) -> tuple[Completion, ...] | None:
    """What the word of a line takes, as far as it is known here; None if the store has to be asked."""
    action = named(half.word, place)
    if action is None or action.argument in ("", "text"):
        return ()
    if action.argument == "theme":
        return _fitting(action, half.rest, ((theme.name, "") for theme in THEMES))
    if action.argument == "connection":
        desks = host.settings.connections.values()
        return _fitting(action, half.rest, ((each.name, where(each.store)) for each in desks))
    if host.desk is None:
        return ()
    if action.argument == "group":
        return _fitting(action, half.rest, ((group.name, group.title) for group in host.desk.group))
    return None


async def fetched(line: str, half: HalfLine, place: Place, host: Host) -> tuple[Completion, ...]:
    """What only the store knows: its views, solutions and tickets. What it refuses is shown, not raised."""
    action = named(half.word, place)
    try:
        if reference := reference_in(line, host):
            return (Completion(reference.line, reference.word, await _named(reference.word, host)),)
        if action is None:
            return ()
        if action.argument == "view":
            return _fitting(action, half.rest, ((view.name, "") for view in await host.store.views()))
        if action.argument == "solution":
            solutions = await host.store.solutions(half.rest, limit=MOST)
            return tuple(Completion(f"{action.id} {s.key}", s.key, s.title) for s in solutions)
        found = await host.store.find(half.rest, limit=MOST) if half.rest else ()
        if action.argument == "found":
            return tuple(Completion(f"{action.id} {f.ref}", f.ref, told_of(f), f.kind in _OPENED) for f in found)
        return tuple(Completion(f"{action.id} {f.ref}", f.ref, f.title) for f in found if f.kind == "ticket" and f.open)
    except StoreError as error:
        return (Completion(line, half.rest or half.word, error.message, is_possible=False),)


async def _named(reference: str, host: Host) -> str:
    if looks_like_change(reference):
        return (await host.store.change(reference)).change.title or "A change without a title yet."
    return (await host.store.ticket(reference)).ticket.summary


def told_of(found: Found) -> str:
    """What was found, in one line: what it is called, and where it stands."""
    return " · ".join(filter(None, (found.title, found.detail)))


def _fitting(action: Action, begun: str, names: Iterable[tuple[str, str]]) -> tuple[Completion, ...]:
    wanted = begun.casefold()
    fit = [(name, title) for name, title in names if wanted in f"{name} {title}".casefold()]
    fit.sort(key=lambda offer: _distance(offer[0], wanted))
    return tuple(Completion(f"{action.id} {name}", name, title) for name, title in fit)


def _distance(name: str, wanted: str) -> int:
    """How far a name is from what was typed: the same, begun so, or only holding it."""
    name = name.casefold()
    return 0 if name == wanted else 1 if name.startswith(wanted) else 2
