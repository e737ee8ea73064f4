"""Known outages: whether somebody who calls may be calling about one, and why that is likely (R105, R213).

A major incident is one, and so is what monitoring has seen. The nearest reason counts: the same service, the same
equipment, the same place, the same customer, and for a major incident also the same kind.
"""

from __future__ import annotations

from typing import Final

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.fold import fold, tokens
from deskterm.desk.records.status import Status
from deskterm.desk.records.ticket import NOT_GIVEN, Facts, Ticket
from deskterm.desk.tickets.heard import questions_for

REASONS: Final = ("same service", "same equipment", "same place", "same customer", "same kind", "alike")
"""Why a call may be about an outage, the most telling first."""
_PLACES: Final = ("location", "site", "circuit", "circuit_id", "address")
"""Intake keys that say where something is."""
_TELLING: Final = 5
"""Letters from which on a word tells one trouble from another."""
_ALIKE: Final = 2
"""So many telling words in common make two troubles alike."""


def is_outage(ticket: Ticket) -> bool:
    """Whether the next caller may be calling about it."""
    is_alert = ticket.type == "alert" or ticket.channel == "monitoring"
    return ticket.status.is_open and ticket.status is not Status.RESOLVED and (ticket.is_major or is_alert)


def likeness(desk: DeskFile, outage: Ticket, call: Facts) -> str:
    """Why a call may be about an outage: one of `REASONS`, empty where nothing speaks for it."""
    if _same(outage.service, call.service):
        return "same service"
    if _same(outage.item, call.item):
        return "same equipment"
    if any(_same(outage.fields.get(key, ""), call.fields.get(key, "")) for key in _PLACES):
        return "same place"
    if _same_customer(outage, call):
        return "same customer"
    return _same_trouble(desk, outage, call) if outage.is_major else ""


def _same(one: str, other: str) -> bool:
    first, second = fold(one.strip()), fold(other.strip())
    return bool(first) and first == second and first != NOT_GIVEN


def _same_customer(outage: Ticket, call: Facts) -> bool:
    if outage.company_id and call.company_id:
        return outage.company_id == call.company_id
    return _same(outage.company, call.company)


def _same_trouble(desk: DeskFile, outage: Ticket, call: Facts) -> str:
    what = outage.major.reason if outage.major else ""
    known, said = f"{outage.summary} {outage.description} {what}", f"{call.summary} {call.description}"
    bank = questions_for(desk, said)
    if bank is not None and bank == questions_for(desk, known):
        return "same kind"
    return "alike" if len(_telling(known) & _telling(said)) >= _ALIKE else ""


def _telling(text: str) -> set[str]:
    return {word for word in tokens(text) if len(word) >= _TELLING}
