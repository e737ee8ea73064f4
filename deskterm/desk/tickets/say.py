"""The sentence an operator reads aloud to a customer who chases: where it stands, who has it, what comes next (R073).

A team is named, never a person: owners change, and a customer who was given a name calls past the desk. Nothing that
was written inside the desk is repeated, since whatever is read out is said to a customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from deskterm.desk.clocks import Clock
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.teams import our_team
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.wording import when

_STATE: Final = {
    Status.NEW: "We have it on record, and it goes to the right team next. It was last updated {updated}.",
    Status.ROUTED: "It is with {team} and waits for the next free colleague there. It was last updated {updated}.",
    Status.ACCEPTED: "It is in the hands of {team}, and work on it starts next. It was last updated {updated}.",
    Status.IN_PROGRESS: "It is being worked on by {team}. It was last updated {updated}, "
    "and we tell you when it is solved.",
    Status.RESOLVED: "As far as we can tell, {team} solved it {resolved}. Please tell us whether all is well, "
    "so that we can close it.",
    Status.CLOSED: "It was closed {closed}, when we were told that all is well. {return_}",
    Status.WITHDRAWN: "It was withdrawn {closed}, as we were asked to. Should you need it after all, we log it again.",
    Status.DUPLICATE: "It is the same trouble as {survivor}, and has been worked on under that number since {closed}. "
    "Please use that number from now on.",
}
"""What to say in each status but Pending."""

_WAITING: Final = {
    "customer-info": ("It is with {team}, who need some details from your side.", "once we have them"),
    "customer-action": ("It is with {team}, who wait for a step on your side.", "once that is done"),
    "vendor": ("It is with {team}, who have asked a supplier for help and wait for the answer.", "once we have it"),
    "change": ("It is with {team}, who wait until an agreed change to your systems can be made.", "once it is made"),
    "parts": ("It is with {team}, who wait for a part.", "once it is here"),
    "scheduled": ("It is with {team}, who have planned the work for a later time.", "at that time"),
    "deferred": ("It is with {team} and, as was agreed, waits for the next working day.", "then"),
}
"""What to say of a wait by the beginning of the desk's key for it, and when it then goes on."""
_SOME_WAIT: Final = ("It is with {team} and has to wait for now.", "as soon as we can")

_NOBODY_THERE: Final = "It is with {team}, who are back {opens}. It was last updated {updated}."
"""What to say while nobody is in the centre of its group (R082)."""
_NOT_OURS: Final = "This is not something our desk can do for you; {sent_to} can, so please turn to them."
_MAJOR: Final = " We treat it as a major incident, and it goes before everything else."
_ESCALATED: Final = " It has been escalated here, and our management follows it."

_HEAR_BY: Final = " Your next update is due {due}."
_OWE: Final = " Your update was due {due}; you get it as soon as we can."
_WITHIN_LIMIT: Final = "If the trouble comes back, tell us and we open it again."
_PAST_LIMIT: Final = "If the trouble comes back, tell us and we log it anew."


def sentence(
    ticket: Ticket, desk: DeskFile, now: datetime, clocks: Iterable[Clock] = (), opens_at: datetime | None = None
) -> str:
    """A few sentences to read to the customer, with times in the desk's zone. `now` is an aware instant.

    `clocks` are the ticket's: where the customer was promised to hear from the desk, they say by when. `opens_at` is
    when the centre of its group opens, where that is closed.
    """

    def at(moment: datetime | None) -> str:
        return when(moment or ticket.progressed_at, now, desk.desk.zone)

    words = {
        "team": our_team(desk, ticket.group),
        "updated": at(ticket.progressed_at),
        "resolved": at(ticket.resolved_at),
        "closed": at(ticket.closed_at),
        "survivor": ticket.duplicate_of,
        "return_": _after_closing(ticket, desk, now),
    }
    if ticket.out_of_scope and ticket.status.is_open:
        return _NOT_OURS.format(sent_to=ticket.out_of_scope)
    presses = _next_word(clocks, now, desk.desk.zone) + _pressing(ticket)
    if ticket.status is Status.ROUTED and opens_at is not None and opens_at > now:
        return _NOBODY_THERE.format_map(words | {"opens": at(opens_at)}) + presses
    if ticket.status is not Status.PENDING:
        return _STATE[ticket.status].format_map(words) + presses
    waits, then = _wait(ticket.pending_reason)
    goes_on = at(ticket.resume_at) if ticket.resume_at and ticket.resume_at > now else then
    return waits.format_map(words) + f" It was last updated {words['updated']}, and we go on again {goes_on}." + presses


def _pressing(ticket: Ticket) -> str:
    """What to add where it is escalated or a major incident; nobody who was called on is named."""
    if not ticket.status.is_open or ticket.status is Status.RESOLVED:
        return ""
    if ticket.is_major:
        return _MAJOR
    return _ESCALATED if ticket.is_escalated else ""


def _next_word(clocks: Iterable[Clock], now: datetime, zone: str) -> str:
    update = next((clock for clock in clocks if clock.name == "update" and clock.ended is None), None)
    if update is None or update.due is None:
        return ""
    words = _HEAR_BY if update.due > now else _OWE
    return words.format(due=when(update.due, now, zone))


def _wait(reason: str) -> tuple[str, str]:
    key = reason.replace("_", "-").casefold()
    return next((words for begin, words in _WAITING.items() if key.startswith(begin)), _SOME_WAIT)


def _after_closing(ticket: Ticket, desk: DeskFile, now: datetime) -> str:
    limit = timedelta(days=desk.desk.reopen_days)
    return _WITHIN_LIMIT if ticket.closed_at and now - ticket.closed_at <= limit else _PAST_LIMIT
