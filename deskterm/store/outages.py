"""Known outages that a call may be about, from the few tickets marked as such (R105, R213)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.records.ticket import Facts, Ticket
from deskterm.desk.tickets.outages import REASONS, likeness
from deskterm.desk.tickets.views import KnownOutage, OpenTicket
from deskterm.store.schema import standing, ticket
from deskterm.store.sight import unhidden

_MOST: Final = 200
"""So many outages are looked at, major ones and the newest first; a storm of alerts costs no more."""
_KNOWN: Final = (
    sa.select(ticket.c.state)
    .join(standing, standing.c.number == ticket.c.number)
    .where(standing.c.outage == sa.literal_column("1"))
    .order_by(standing.c.major.desc(), standing.c.number.desc())
    .limit(_MOST)
)


def outages(connection: sa.Connection, call: Facts, desk: DeskFile, me: Operator) -> tuple[KnownOutage, ...]:
    """Those that a call may be about, the likeliest first."""
    states = connection.execute(unhidden(_KNOWN, desk.hidden_from(me))).scalars()
    known = [(each, likeness(desk, each, call)) for each in map(Ticket.model_validate_json, states)]
    likely = sorted(((each, why) for each, why in known if why), key=lambda pair: REASONS.index(pair[1]))
    return tuple(KnownOutage(_open(each), why, each.is_major, each.customers_affected) for each, why in likely)


def _open(it: Ticket) -> OpenTicket:
    return OpenTicket(
        it.id, it.ref, it.summary, it.priority or "", it.status, it.group or "", it.opened_at, same_caller=False
    )
