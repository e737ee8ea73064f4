"""The desk itself as rows: the files that came into force, the pool of known solutions, and operators' own views."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.events import DeskLoaded, Event, ViewSaved
from deskterm.desk.fold import tokens
from deskterm.desk.records.customers import Solution
from deskterm.store import ticket_rows
from deskterm.store.desk_books import write_holidays
from deskterm.store.log import canonical
from deskterm.store.schema import desk_file, saved_view, solution, solution_word
from deskterm.store.words import LONGEST

_FORGET_SOURCE = solution.delete().where(solution.c.source == sa.bindparam("origin"))
_FORGET_SOURCE_WORDS = solution_word.delete().where(solution_word.c.source == sa.bindparam("origin"))
_FORGET = solution.delete().where(solution.c.source == sa.bindparam("origin"), solution.c.folded == sa.bindparam("key"))
_FORGET_WORDS = solution_word.delete().where(
    solution_word.c.source == sa.bindparam("origin"), solution_word.c.folded == sa.bindparam("key")
)
_FORGET_VIEW = saved_view.delete().where(saved_view.c.id == sa.bindparam("record"))

_TITLE, _WORD, _CATEGORY = 3, 3, 2
"""How much a word counts that stands in a solution's title, among its own words, or in its category."""


def parse(source: str, name: str) -> DeskFile:
    """Read a desk file's text. Raises DeskFileError."""
    from deskterm.desk.deskfile.check import read_desk

    return read_desk(source, name)


def parse_again(source: str, name: str) -> DeskFile:
    """Read the text of a desk file that came into force. Raises DeskFileError."""
    from deskterm.desk.deskfile.check import read_again

    return read_again(source, name)


def load_desk(connection: sa.Connection, event: Event, loaded: DeskLoaded, before: DeskFile) -> DeskFile:
    """Put a desk file in force: its row, its solutions, and the order that its priority scale gives."""
    row = {
        "position": event.position,
        "name": loaded.name,
        "source": loaded.source,
        "demo": int(loaded.demo),
        "holidays": write_holidays(loaded.holidays),
    }
    connection.execute(desk_file.insert(), row)
    try:
        desk = parse(loaded.source, loaded.name)
    except ValueError:
        # It was fine when it was loaded. A version that asks more of desk files must still play the log.
        return before
    connection.execute(_FORGET_SOURCE, {"origin": "desk"})
    connection.execute(_FORGET_SOURCE_WORDS, {"origin": "desk"})
    for known in desk.solution:
        put_solution(connection, "desk", Solution(key=known.id, **known.model_dump(exclude={"id"})))
    if [step.key for step in before.scales.priority] != [step.key for step in desk.scales.priority]:
        ticket_rows.rank_again(connection, desk)
    return desk


def put_solution(connection: sa.Connection, source: Literal["desk", "pool"], entry: Solution) -> None:
    """Enter a known solution, over an earlier one with its key from the same source."""
    folded = entry.key.strip().casefold()
    connection.execute(_FORGET, {"origin": source, "key": folded})
    connection.execute(_FORGET_WORDS, {"origin": source, "key": folded})
    row: dict[str, Any] = {
        "source": source,
        "folded": folded,
        "record_key": entry.key,
        "title": entry.title,
        "category": entry.category,
        "steps": entry.steps,
        "resolution": entry.resolution,
        "state": canonical(entry.model_dump(mode="json")),
    }
    connection.execute(solution.insert(), row)
    weights: dict[str, int] = {}
    for texts, weight in (((entry.category,), _CATEGORY), (entry.words, _WORD), ((entry.title, entry.key), _TITLE)):
        weights |= dict.fromkeys(_all_tokens(texts), weight)
    rows = [{"word": w, "source": source, "folded": folded, "weight": n} for w, n in sorted(weights.items())]
    if rows:
        connection.execute(solution_word.insert(), rows)


def save_view(connection: sa.Connection, event: Event, saved: ViewSaved) -> None:
    """Keep an operator's view, over an earlier one of the same name."""
    forget_view(connection, event)
    row = {
        "id": event.record_id, "operator": saved.operator, "name": saved.name, "base": saved.base, "filter": saved.text
    }  # fmt: skip
    connection.execute(saved_view.insert(), row)


def forget_view(connection: sa.Connection, event: Event) -> None:
    """Drop an operator's view."""
    connection.execute(_FORGET_VIEW, {"record": event.record_id})


def _all_tokens(texts: Iterable[str]) -> Iterable[str]:
    return (token[:LONGEST] for text in texts for token in tokens(text))
