"""What a ticket, a customer or a solution is searched by, and how typed text becomes a full-text question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Literal

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.events import ContactRecorded, Event, Noted, Pended, Resumed
from deskterm.desk.fold import tokens
from deskterm.desk.phone import digits_of, prefixes_of
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.priority import name_of

MOST_WORDS = 2000
"""Different words kept of one ticket; a longer thread stays readable, but is found by its first words only."""
LAST: Final = "\U0010ffff"
"""Sorts behind everything that begins with the same words."""
LONGEST = 40
LONGEST_NAME = 200
"""Letters of a name that it is found by: what strangers write has no bounds, an index has."""
_INDEXED = (2, 5)
"""The shortest and the longest beginnings of words that the full-text tables hold (their `prefix`)."""
_FEWEST_LAST_DIGITS = 4


def joined(texts: Iterable[str]) -> str:
    """The different words of some texts, each after a space, so that " wor" finds what begins a word."""
    # Folded and taken apart in one go: thirty short texts one by one cost three times as much.
    words = tokens(" ".join(texts))
    if max(map(len, words), default=0) > LONGEST:
        words = tuple(word[:LONGEST] for word in words)
    found = dict.fromkeys(words)
    return "".join([f" {word}" for word in islice(found, MOST_WORDS)])


def said_in(event: Event) -> str:
    """The words an event brings in that the ticket's own state does not keep."""
    happening = event.happening
    if isinstance(happening, Noted | Pended | Resumed):
        return happening.text
    if isinstance(happening, ContactRecorded):
        return f"{happening.who} {happening.text}"
    return ""


def of_ticket(ticket: Ticket, said: str, desk: DeskFile) -> str:
    """Everything a ticket is found by: its facts, where it stands, and what was said."""
    return joined(_ticket_texts(ticket, said, desk))


def _ticket_texts(ticket: Ticket, said: str, desk: DeskFile) -> Iterator[str]:
    yield ticket.ref
    yield ticket.ref.replace("-", "")
    yield from (ticket.summary, ticket.company, ticket.contact, ticket.email, ticket.contract, ticket.service)
    yield from (ticket.item, ticket.status, ticket.group or "", ticket.owner or "", ticket.originator)
    yield from phone_words(ticket.phone, desk.desk.country)
    yield name_of(desk.scales.priority, ticket.priority)
    yield (ticket.type or "").replace("_", " ")
    # In the log's order of keys, which need not be the order they were answered in: a rebuild gives the same words.
    yield from (text for _, text in sorted(ticket.fields.items()))
    for caller in ticket.joined:
        yield from (caller.company, caller.contact, *phone_words(caller.phone, desk.desk.country), caller.words)
    for task in ticket.vendor_tasks:
        yield from (task.vendor, task.vendor_reference, task.text)
    yield from (ticket.solution, ticket.successor_of, ticket.duplicate_of, ticket.description)
    if ticket.synopsis:
        yield from (ticket.synopsis.issue, ticket.synopsis.steps, ticket.synopsis.resolution)
    yield said


def phone_words(text: str, country: str) -> tuple[str, ...]:
    """A phone number as it was typed, in full, and without the country code."""
    if not text:
        return ()
    full = digits_of(text, country)
    return (text, full, "".join(c for c in text if c.isdigit()))


def phone_ranges(text: str, country: str) -> Iterator[tuple[Literal["phone", "phone_end"], str]]:
    """What the digits of a number begin with, or, reversed, end in, while it is still being typed."""
    for prefix in prefixes_of(text, country):
        yield "phone", prefix
    if full := digits_of(text, country):
        yield "phone", full
    typed = "".join(c for c in text if c.isdigit())
    # "0123" may be how a number ends, or how a national one begins: its zero is not in the full number then.
    for last in dict.fromkeys((typed, typed.lstrip("0"))):
        if len(last) >= _FEWEST_LAST_DIGITS:
            yield "phone_end", last[::-1]


def indexed(words: Iterable[str]) -> tuple[str, ...]:
    """The words as far as the full-text index holds beginnings ready; of all others it has to gather every place.

    A letter alone is not among them: half of all tickets have a word that begins with it.
    """
    shortest, longest = _INDEXED
    return tuple(word[:longest] for word in words if len(word) >= shortest)


def question(wanted: Iterable[str]) -> tuple[str, ...]:
    """A full-text question for all of these tokens as beginnings of words (see `deskterm.store.phrases`)."""
    return tuple(word[:LONGEST] for word in wanted)
