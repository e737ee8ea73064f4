"""How a ticket is named on a screen in a few words: where it stands, who called, when something was."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from deskterm.desk.phone import looks_like_phone, pretty
from deskterm.desk.tickets.priority import name_of

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.ticket import Ticket

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def standing(ticket: Ticket, desk: DeskFile) -> str:
    """Where it stands: priority, status, group and owner, with dots between."""
    priority = name_of(desk.scales.priority, ticket.priority) or "no priority yet"
    return " · ".join(part for part in (priority, ticket.status, ticket.group or "", ticket.owner or "") if part)


def caller_of(ticket: Ticket, desk: DeskFile) -> str:
    """Who called, from which company, and where to reach them."""
    who = ", ".join(name for name in (ticket.company, ticket.contact) if name)
    return " · ".join(part for part in (who, phone_of(ticket.phone, desk) or ticket.email) if part) or "No caller known"


def phone_of(phone: str, desk: DeskFile) -> str:
    """A phone number as the desk's country writes it; as it was typed where it is none."""
    return pretty(phone, desk.desk.country) if phone and looks_like_phone(phone) else phone


def clock(moment: datetime, zone: str) -> str:
    """The time of day in a zone: 10:41."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def short_moment(moment: datetime, now: datetime, zone: str) -> str:
    """A moment in at most six cells: 10:41 today, the day of the week before that, else the date."""
    day, today = day_of(moment, zone), day_of(now, zone)
    if day == today:
        return clock(moment, zone)
    return _DAYS[day.weekday()] if 0 < (today - day).days < len(_DAYS) else f"{day.day}.{day.month}."
