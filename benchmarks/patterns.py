"""Lives of tickets as patterns: decided by the desk's own rules, with blanks where each call says something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Final
from uuid import UUID

from deskterm.demo.cast import Cast
from deskterm.demo.troubles import Trouble, sector, sectors_of
from deskterm.desk import commands as c
from deskterm.desk.decide import decide
from deskterm.desk.deskfile import DeskFile, Group, Operator
from deskterm.desk.evolve import evolve
from deskterm.desk.records.customers import Contract, Solution
from deskterm.desk.records.ticket import Facts, Ticket
from deskterm.desk.reference import write
from deskterm.desk.tickets.grounds import Context
from deskterm.store import log
from deskterm.store.submitting import request_of
from deskterm.store.words import said_in

SAMPLE: Final = "managed-network"
_DESK_FILE: Final = 1
"""Position of the desk file in the log: a history begins with it."""
_HOUR, _SECOND = timedelta(hours=1), timedelta(seconds=1)
_SOON: Final = 25 * 60
"""Seconds at most from one step to the next of what presses: an hour late, a rule would escalate it."""
_NUMBER: Final = 918273645
_NOW: Final = datetime(1999, 9, 9, 9, 9, 9, tzinfo=UTC)
"""When a life begins, in working hours; its steps follow a minute apart, so that each moment can be told."""
_STEPS: Final = 6
_LEFT: Final = "1999-09-09T"
_TICKET, _COMMAND, _CONTACT, _COMPANY = (UUID(int=7 << 76 | 2 << 62 | n) for n in range(1, 5))
_SAID: Final = ("company", "contact", "who", "phone", "email", "contract", "item", "site", "n", "words", "word", "more")
_STAND_IN: Final = {name: f"<{name}>" for name in _SAID}


def moment_of(step: int) -> str:
    """The blank for the moment of a life's step, counted from 0."""
    return f"now{step}"


def _at(step: int) -> datetime:
    return _NOW + timedelta(minutes=step)


_BLANKS: Final = {
    **{text: name for name, text in _STAND_IN.items()},
    f'"{_CONTACT}"': "contact_id",
    str(_COMPANY): "company_id",
    str(_TICKET): "ticket",
    str(_COMMAND): "command",
    str(_NUMBER): "number",
    **{f"{_at(step):%Y-%m-%dT%H:%M:%S}Z": moment_of(step) for step in range(_STEPS)},
}


@lru_cache
def _blanks(prefix: str) -> tuple[Callable[[str], list[str]], dict[str, str]]:
    """What takes a text apart at what stands in for its blanks, and their names."""
    names = _BLANKS | {write(_NUMBER, prefix): "ref"}
    return re.compile(f"({'|'.join(map(re.escape, names))})").split, names


class Blank:
    """A text with blanks to be filled in."""

    def __init__(self, text: str, prefix: str) -> None:
        split, names = _blanks(prefix)
        parts = split(text)
        self._fixed, self._names = parts[::2], [names[part] for part in parts[1::2]]
        assert not any(_LEFT in fixed for fixed in self._fixed), "a moment that is no step's"

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with these values; they have to be fit to stand in JSON."""
        parts = [self._fixed[0]]
        for name, fixed in zip(self._names, self._fixed[1:], strict=True):
            parts += (values[name], fixed)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Step:
    """What one command of a life led to, `pause` after the one before: its request, and kinds and payloads.

    `ticket` is how the ticket stands then, and `said` what was said about it so far.
    """

    pause: timedelta
    actor: str
    request: Blank
    events: tuple[tuple[str, Blank], ...]
    ticket: Blank
    said: Blank


class Patterns:
    """Dices lives: of a call that is handed on, taken, mostly written about, resolved and confirmed."""

    def __init__(self, desk: DeskFile, rng: Random) -> None:
        self.desk, self.rng = desk, rng
        self.cast = Cast(desk)
        self._troubles = [trouble for name in sectors_of(SAMPLE) for trouble in sector(name)]
        self._known = [Solution(key=s.id, **s.model_dump(exclude={"id"})) for s in desk.solution]
        self._contract = Contract(key=_STAND_IN["contract"], company="C1", service_level="standard")
        self._pressing = {step.key for step in desk.scales.priority[:2]}
        self._ticket: Ticket | None = None
        self._end = log.Last()
        self._said: list[str] = []
        self._done = 0

    def life(self) -> tuple[Step, ...]:
        """One more."""
        self._ticket, self._end, self._said, self._done = None, log.Last(), [], 0
        return tuple(self._steps())

    def _steps(self) -> Iterator[Step]:
        trouble = self.rng.choice(self._troubles)
        group = self.cast.group_for(f"{trouble.summary} {trouble.detail}", self.rng)
        worker = self.cast.worker(group, "", self.rng) or self.cast.first_line[0]
        known = self.rng.choice(self._known)
        slow = self.rng.choices((1, 8, 40, 300), (45, 30, 20, 5))[0] * _HOUR // _SECOND
        yield self._step(timedelta(), self._call(trouble, group), self.cast.originator(self.rng))
        if self._ticket is not None and self._ticket.priority in self._pressing:
            slow = min(slow, _SOON)

        def later(command: c.AnyTicketCommand, who: Operator) -> Step:
            return self._step(_SECOND * self.rng.randrange(slow), command, who, known)

        about: dict[str, UUID] = {"id": _COMMAND, "ticket": _TICKET}
        yield later(c.Take(**about), worker)
        if self.rng.random() < 0.5:
            checks = self.rng.choice(self._troubles).checks
            yield later(c.AddNote(**about, text=f"{_said(self.rng.choice(checks))} <more>"), worker)
        yield later(c.Resolve(**about, solution=known.key), worker)
        yield later(c.RecordAnswer(**about, answer="yes", channel="phone"), self.rng.choice(self.cast.answering))

    def _call(self, trouble: Trouble, group: Group) -> c.LogCall:
        scales = self.desk.scales
        facts = Facts(
            type=trouble.type,
            summary=f"{_said(trouble.summary)} <word>",
            description=f"{_said(trouble.detail)} <words>",
            company_id=_COMPANY,
            contact_id=_CONTACT,
            fault=trouble.fault,
            impact=scales.impact[trouble.impact - 1].key,
            urgency=scales.urgency[trouble.urgency - 1].key,
            **{name: _STAND_IN[name] for name in ("company", "contact", "phone", "email", "contract", "item")},
        )
        return c.LogCall(id=_COMMAND, ticket=_TICKET, facts=facts, hand_to=group.name)

    def _step(
        self, pause: timedelta, command: c.AnyTicketCommand, who: Operator, known: Solution | None = None
    ) -> Step:
        number, now = 0 if self._ticket else _NUMBER, _at(self._done)
        self._done += 1
        solution = known if isinstance(command, c.Resolve) else None
        context = Context(self.desk, who, now, number, contract=self._contract, solution=solution, position=_DESK_FILE)
        told = []
        for step in decide(self._ticket, command, context).steps:
            addition = log.Addition("ticket", step.record, step.happening)
            row = log.chained(addition, 1, self._end, actor=who.name, now=now, command=_COMMAND)
            self._end = log.end_of(row)
            event = log.event_of(row, step.happening)
            self._ticket = evolve(self._ticket, event)
            self._said.append(said_in(event))
            told.append((row["kind"], self._blank(row["payload"])))
        request = request_of(command)
        assert self._ticket is not None
        stands = self._ticket.model_dump_json(exclude_defaults=True)
        return Step(
            pause, who.name, self._blank(request), tuple(told), self._blank(stands), self._blank(" ".join(self._said))
        )

    def _blank(self, text: str) -> Blank:
        return Blank(text, self.desk.reference.prefix)


def _said(text: str) -> str:
    return text.format(who="<who>", place="<site>", site="<site>", item="<item>", n="<n>", since="<n> h ago")
