"""Groups to hand a call on to: how much waits there, who is there, and which one the words point at (R075, R082)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.centres import HoursNamed, place_of, taken_up
from deskterm.desk.fold import tokens
from deskterm.desk.records.ticket import OPEN_STATUSES
from deskterm.desk.tickets.heard import how_many
from deskterm.desk.tickets.views import GroupLoad
from deskterm.store.schema import tally

_TALLY = sa.select(tally).where(tally.c.status.in_([status.value for status in OPEN_STATUSES]))
_TAKES_CALLS = "0"


def groups(
    connection: sa.Connection, text: str, desk: DeskFile, at: datetime, hours: HoursNamed
) -> tuple[GroupLoad, ...]:
    """The desk's groups, the best guess for the words first, then in the desk file's order.

    Those that only take calls come last: nobody hands work to them, unless the words say so. Where nobody is in the
    centre of the best guess, whoever takes its work up meanwhile comes before it. `hours` are those of the desk's
    calendars.
    """
    said = tokens(text)
    waiting: dict[str, int] = {}
    unowned: dict[str, int] = {}
    for row in connection.execute(_TALLY):
        waiting[row.group_name] = waiting.get(row.group_name, 0) + row.tickets
        unowned[row.group_name] = unowned.get(row.group_name, 0) + (0 if row.owned else row.tickets)
    found = []
    for group in desk.group:
        place = place_of(desk, group, at, hours)
        found.append(
            GroupLoad(
                name=group.name,
                title=group.title or group.name,
                level=str(group.level),
                open=waiting.get(group.name, 0),
                unowned=unowned.get(group.name, 0),
                guess=how_many(group.good_for, said),
                centre=place.name if place else "",
                is_open=place.is_open if place else None,
                opens_at=place.changes_at if place and not place.is_open else None,
                answers_within=group.answers_within or group.minimum_intervention or "",
            )
        )
    found.sort(key=lambda load: (-load.guess, load.level == _TAKES_CALLS))
    if found and found[0].is_open is False:
        taker = taken_up(desk, found[0].name, at, hours).group
        found.sort(key=lambda load: load.name != taker)
    return tuple(found)
