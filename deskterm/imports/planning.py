"""Compare an import with what a store knows, and write what differs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final
from uuid import UUID, uuid5

from deskterm.desk.commands import Register
from deskterm.desk.fold import fold
from deskterm.desk.record import new_id
from deskterm.desk.records.customers import Entry, record_id
from deskterm.imports.columns import MODELS, ImportProblem
from deskterm.imports.rows import Row, Rows
from deskterm.store.base import Invalid
from deskterm.store.batch import Submission
from deskterm.store.local import LocalStore

_REFERENCES: Final = ("company", "contract", "service")
"""Columns that name another record by its key; each is called as the kind of that record."""
_SPACE: Final = UUID("b3f0f6c0-26cd-5d0d-8f52-9bb0b7b5f3aa")
_MOST_HINTS: Final = 50
"""Nearest keys are looked up for so many; a file that is wrong throughout should not take minutes to say so."""
_AT_ONCE: Final = 200
"""Rows written in one transaction: fast, and nobody at the desk waits long for their own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing would do. With problems nothing is imported at all."""

    new: tuple[Row, ...]
    changed: tuple[Row, ...]
    unchanged: tuple[Row, ...]
    problems: tuple[ImportProblem, ...]
    commands: tuple[Register, ...] = ()
    """What carrying it out submits; each has its id already, so that doing so twice is doing so once."""


async def plan(store: LocalStore, rows: Rows) -> Plan:
    """Compare rows with what the store knows: what is new, what changes, and which references lead nowhere."""
    problems = [*rows.problems, *[problem async for problem in _dangling(store, rows)]]
    kind = MODELS[rows.kind].model_fields["kind"].default
    known = await store.entries(kind, [row.entry.key for row in rows.rows])
    new = tuple(row for row in rows.rows if row.entry.key not in known)
    same = tuple(row for row in rows.rows if known.get(row.entry.key) == row.entry)
    changed = tuple(row for row in rows.rows if row.entry.key in known and known[row.entry.key] != row.entry)
    commands = [Register(id=_id_of(row.entry), entry=row.entry) for row in new]
    # Not made from the content: a record may be changed back to what it was, and that is a change, too.
    commands += [Register(id=new_id(), entry=row.entry) for row in changed]
    return Plan(new, changed, same, tuple(sorted(problems)), tuple(commands))


async def carry_out(store: LocalStore, planned: Plan) -> None:
    """Write what is new and what changed. Raises Invalid when the plan has problems, and then writes nothing."""
    if planned.problems:
        raise Invalid("\n".join(["Nothing was imported.", *map(str, planned.problems)]))
    for first in range(0, len(planned.commands), _AT_ONCE):
        some = planned.commands[first : first + _AT_ONCE]
        await store.submit_all([Submission(command) for command in some])


def _id_of(entry: Entry) -> UUID:
    return uuid5(_SPACE, f"{record_id(entry.kind, entry.key)}:{entry.model_dump_json()}")


async def _dangling(store: LocalStore, rows: Rows) -> AsyncIterator[ImportProblem]:
    """Problems with keys that name records nobody knows, each with the nearest key there is."""
    for field in _REFERENCES:
        if field not in MODELS[rows.kind].model_fields:
            continue
        wanted = {key: None for row in rows.rows if (key := getattr(row.entry, field))}
        known = await store.entries(field, list(wanted))
        if len(known) == len(wanted):
            continue
        keys = {fold(key): key for key in await store.keys(field)}
        lost = [key for key in wanted if key not in known]
        hints = dict.fromkeys(lost, "") | {key: _near(key, keys) for key in lost[:_MOST_HINTS]}
        for row in rows.rows:
            key = getattr(row.entry, field)
            if key in hints:
                cure = f"Did you mean {hints[key]}?" if hints[key] else f"Import the {field} first."
                yield ImportProblem(row.line, rows.columns.get(field, field), f"There is no {field} {key!r}. {cure}")


def _near(key: str, keys: dict[str, str]) -> str:
    near = get_close_matches(fold(key), keys, 1)
    return keys[near[0]] if near else ""
