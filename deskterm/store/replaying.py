"""Play the log again: to rebuild the projections, or to hold them against what the log says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from deskterm.store import full_text, log, projections
from deskterm.store.base import Unusable
from deskterm.store.projections import Projector
from deskterm.store.schema import presence

_AT_ONCE: Final = 10_000
"""Events projected at one go: a ticket's rows are written once for all that happened to it among them."""
_REMEMBERED: Final = 5000


def rebuild(connection: sa.Connection) -> int:
    """Empty every projection and make it again from the log; returns how many events were played.

    What says who is at which ticket goes as well: whoever is there says so again.
    """
    projections.empty(connection)
    connection.execute(presence.delete())
    return play(connection, log.rows_from(connection))


def play(connection: sa.Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Project the rows of a whole log, in their order, onto nothing; returns how many."""
    projector = Projector(connection, remembered=_REMEMBERED, full_text=False)
    count = 0
    for batch in _batched(iter(rows)):
        try:
            projector.apply([log.read(row) for row in batch])
        except (ValueError, KeyError, TypeError, AttributeError, sa.exc.IntegrityError) as error:
            first, last = batch[0]["position"], batch[-1]["position"]
            raise Unusable(
                f"The log cannot be played again: something in events {first} to {last} is not readable by this "
                f"version ({type(error).__name__}). `deskterm verify` may say more; nothing was changed."
            ) from error
        count += len(batch)
    full_text.index_anew(connection, "ticket_fts")
    return count


def _batched(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, _AT_ONCE)):
        yield batch
