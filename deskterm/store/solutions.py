"""The pool of known solutions, searched by the words of a call (R066, R131)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from deskterm.desk.fold import tokens
from deskterm.desk.tickets.views import SolutionMatch
from deskterm.store.schema import solution, solution_word
from deskterm.store.words import LAST, LONGEST

_WORD = (
    sa.select(solution_word.c.folded, sa.func.max(solution_word.c.weight).label("weight"))
    .where(solution_word.c.word >= sa.bindparam("least"), solution_word.c.word < sa.bindparam("beyond"))
    .group_by(solution_word.c.folded)
    .limit(500)
)
_COLUMNS = (
    solution.c.folded, solution.c.record_key, solution.c.title, solution.c.category, solution.c.steps,
    solution.c.resolution,
)  # fmt: skip
_NAMED = (
    sa.select(*_COLUMNS)
    .where(solution.c.folded.in_(sa.bindparam("keys", expanding=True)))
    .order_by(solution.c.folded, solution.c.source)
)
_ALL = (
    sa.select(*_COLUMNS).order_by(solution.c.folded, solution.c.source).limit(sa.bindparam("most"))
)  # fmt: skip
_SHORT = 3
"""Shorter words count only as they stand: "in" is not the beginning of "install"."""


def solutions(
    connection: sa.Connection, text: str, limit: int, *, every_word: bool = False
) -> tuple[SolutionMatch, ...]:
    """Known solutions that fit the words, best first; all of them, by id, for empty words.

    With `every_word` only those that have all the words. The last word may still be being typed.
    """
    wanted = tuple(dict.fromkeys(word[:LONGEST] for word in tokens(text)))
    if not wanted:
        # Twice as many, since one that was entered may stand before the desk file's of the same id.
        return tuple(_matches(connection.execute(_ALL, {"most": 2 * limit})).values())[:limit]
    scores: defaultdict[str, int] = defaultdict(int)
    hits: defaultdict[str, int] = defaultdict(int)
    for word in wanted:
        whole = len(word) < _SHORT and word != wanted[-1]
        values = {"least": word, "beyond": word + ("\x01" if whole else LAST)}
        for row in connection.execute(_WORD, values):
            scores[row.folded] += row.weight
            hits[row.folded] += 1
    keys = [key for key in scores if not every_word or hits[key] == len(wanted)]
    keys.sort(key=lambda key: (-hits[key], -scores[key], key))
    found = _matches(connection.execute(_NAMED, {"keys": keys[:limit]}))
    return tuple(found[key] for key in keys[:limit] if key in found)


def _matches(rows: Any) -> dict[str, SolutionMatch]:
    """By key; of two with one key the entered one, which comes last, stands."""
    return {
        row.folded: SolutionMatch(row.record_key, row.title, row.category, row.steps, row.resolution) for row in rows
    }
