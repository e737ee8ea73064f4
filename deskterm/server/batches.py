"""`POST /v1/commands/batch`: what was written while the line was down, in its order, each command by itself.

    {"commands": [{"command": {…}, "own": ["…"]}, …]}   ->   [{"receipt": {…}}, {"problem": {…}}, {"held": true}, …]

`own` names commands on the same ticket that the author knew of. A command that is refused holds back those behind it
on the same ticket, until its author has decided; all others go on. Sending a batch again changes nothing.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from deskterm.desk.commands import AnyCommand, any_command
from deskterm.server import rights
from deskterm.server.asking import json_of, read_as
from deskterm.server.auth import Door
from deskterm.server.limits import Limits, read_body
from deskterm.server.replies import Refused, send
from deskterm.store.base import Invalid, StoreError
from deskterm.store.batch import Submission
from deskterm.store.carried import MOST_TOGETHER, Answered, Outwards
from deskterm.store.local import LocalStore
from deskterm.store.problems import problem_of
from deskterm.store.serving import Bearer, ServedDesk

IN_ONE: Final = 20
"""Commands in one transaction: so few that whoever else writes hardly waits, so many that each costs little."""
_SENT: Final = TypeAdapter(tuple[Outwards, ...])
_ANSWERS: Final = TypeAdapter(tuple[Answered, ...])


class Batching:
    """The batch as an ASGI app."""

    def __init__(self, desk: ServedDesk, door: Door, limits: Limits) -> None:
        self._desk = desk
        self._door = door
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, to: Send) -> None:
        """Carry the commands out, each once, and answer each."""
        bearer = await self._door.enter(scope, "submit_many")
        scope["deskterm.operator"] = bearer.operator.name
        found = json_of(await read_body(scope, receive, self._limits))
        if not isinstance(found, dict) or found.keys() != {"commands"}:
            raise Invalid('A batch is an object with "commands".', field="commands")
        sent: tuple[Outwards, ...] = read_as(_SENT, found["commands"])
        if len(sent) > MOST_TOGETHER:
            raise Invalid(f"A batch has {MOST_TOGETHER} commands at most.", field="commands")
        store = self._desk.seen_by(bearer.operator)
        held: set[UUID] = set()
        answers: list[Answered] = []
        for start in range(0, len(sent), IN_ONE):
            some = sent[start : start + IN_ONE]
            together = await self._together(bearer, store, some, held)
            answers += together or [await self._answer(bearer, store, each, held) for each in some]
        await send(to, 200, _ANSWERS.dump_json(tuple(answers), exclude_defaults=True))

    async def _together(
        self, bearer: Bearer, store: LocalStore, some: tuple[Outwards, ...], held: set[UUID]
    ) -> list[Answered]:
        """Carry some out in one transaction; nothing is done, nor answered, where any of them is to be refused."""
        if not held.isdisjoint(_ticket_of(each.command) for each in some):
            return []
        try:
            receipts = await store.submit_all([self._allowed(bearer, each) for each in some])
        except (Refused, StoreError):
            return []
        return [Answered(receipt=receipt) for receipt in receipts]

    def _allowed(self, bearer: Bearer, each: Outwards) -> Submission:
        """A command that the bearer may give. Raises Refused, and Invalid for what is none."""
        command: AnyCommand = read_as(any_command(), each.command)
        self._door.allow(bearer, rights.COMMANDS.get(command.kind), f"the command {command.kind}")
        return Submission(command, own=frozenset(each.own))

    async def _answer(self, bearer: Bearer, store: LocalStore, each: Outwards, held: set[UUID]) -> Answered:
        ticket = _ticket_of(each.command)
        if ticket in held:
            return Answered(held=True)
        try:
            (receipt,) = await store.submit_all([self._allowed(bearer, each)])
            return Answered(receipt=receipt)
        except Refused as refused:
            problem = refused.problem
        except StoreError as error:
            problem = problem_of(error)
        if problem.status >= 500:
            # Nothing is decided: what comes behind it would overtake it.
            raise Refused(problem.status, problem.kind, problem.detail)
        if ticket is not None:
            held.add(ticket)
        return Answered(problem=problem)


def _ticket_of(command: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(command.get("ticket")))
    except ValueError:
        return None
