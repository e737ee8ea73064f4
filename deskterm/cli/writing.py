"""What is written about a ticket by whoever may: notes, talks with the customer, corrections, following (T7, T27)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.acts import Asked, act
from deskterm.cli.base import by_name
from deskterm.cli.kinds import ANSWER, CHANNEL, LONG_WORDS, WORDS, OneOf, read_stdin

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyTicketCommand

_REASONS = ("chase", "details", "status", "answer", "other")
_CALLER = frozenset({"company", "contact", "phone", "email", "contract"})


def joined(words: tuple[str, ...]) -> str:
    """Words as they stood on the line; a single "-" stands for standard input."""
    return WORDS.convert(read_stdin() if words == ("-",) else " ".join(words), None, None)


@act("note")
@click.argument("text", type=WORDS, nargs=-1, required=True)
@click.option("--customer", is_flag=True, help="The customer may read it; else it is internal.")
async def note(asked: Asked, text: tuple[str, ...], customer: bool) -> AnyTicketCommand:
    """Write a note, internal unless said otherwise. "-" reads standard input."""
    from deskterm.desk.commands import AddNote

    return AddNote(ticket=asked.ticket.id, text=joined(text), visibility="customer" if customer else "internal")


@act("contact")
@click.argument("text", type=WORDS, nargs=-1)
@click.option(
    "--reason",
    type=OneOf("reason", lambda: _REASONS),
    default="other",
    show_default=True,
    help="Why you talked; an answer ends a wait.",
)
@click.option("--out", is_flag=True, help="You called them; else they called you.")
@click.option("--channel", type=CHANNEL, default="phone", show_default=True, help="How you talked.")
@click.option("--who", type=WORDS, default="", help="Whom with; the ticket's contact unless said otherwise.")
async def contact(
    asked: Asked, text: tuple[str, ...], reason: Any, out: bool, channel: Any, who: str
) -> AnyTicketCommand:  # fmt: skip
    """Record a talk with the customer."""
    from deskterm.desk.commands import RecordContact

    return RecordContact(
        ticket=asked.ticket.id, direction="out" if out else "in", channel=channel, reason=reason, who=who,
        text=joined(text),
    )  # fmt: skip


@act("chase")
@click.argument("text", type=WORDS, nargs=-1)
@click.option("--channel", type=CHANNEL, default="phone", show_default=True, help="How they asked.")
@click.option("--who", type=WORDS, default="", help="Who asked; the ticket's contact unless said otherwise.")
async def chase(asked: Asked, text: tuple[str, ...], channel: Any, who: str) -> AnyTicketCommand:
    """Record that the customer asked for progress."""
    from deskterm.desk.commands import RecordContact

    return RecordContact(ticket=asked.ticket.id, channel=channel, reason="chase", who=who, text=joined(text))


@act("join")
@click.argument("text", type=WORDS, nargs=-1)
@click.option("--company", type=WORDS, default="", help="The customer's name or key.")
@click.option("--contact", type=WORDS, default="", help="The person.")
@click.option("--phone", type=WORDS, default="", help="Their number.")
async def join(asked: Asked, text: tuple[str, ...], company: str, contact: str, phone: str) -> AnyTicketCommand:
    """Add another caller with the same trouble to a ticket."""
    from deskterm.cli.facts import recognised
    from deskterm.desk.commands import JoinCaller
    from deskterm.desk.records.ticket import Facts, JoinedCaller

    if not (company or contact or phone):
        raise click.UsageError("Say who is calling: --company, --contact or --phone.")
    known = await recognised(asked.store, Facts(company=company, contact=contact, phone=phone))
    caller = JoinedCaller(
        company=known.company, contact=known.contact, phone=known.phone, contact_id=known.contact_id,
        words=joined(text),
    )  # fmt: skip
    return JoinCaller(ticket=asked.ticket.id, caller=caller)


@act("amend")
@click.argument("answers", type=ANSWER, nargs=-1, required=True)
async def amend(asked: Asked, answers: tuple[tuple[str, str], ...]) -> AnyTicketCommand:
    """Correct or fill in what is known.

    KEY=VALUE, as many as you like, by the keys of log and of the desk's fields; KEY= clears one.
    """
    from deskterm.cli.facts import answered, recognised, refuse_unknown
    from deskterm.desk.commands import Amend
    from deskterm.desk.records.ticket import Facts

    own, fields = answered(answers, asked.desk, asked.now)
    before = {name: getattr(asked.ticket, name) for name in Facts.model_fields}
    facts = Facts.model_validate({**before, **own, "fields": {**asked.ticket.fields, **fields}})
    await refuse_unknown(asked.store, asked.desk, facts, fields)
    if _CALLER & own.keys():
        known = await recognised(asked.store, facts)
        own |= {name: getattr(known, name) for name in (*_CALLER, "company_id", "contact_id")}
    changes = Facts.model_validate({**before, **own}).model_dump(mode="json", include=set(own))
    return Amend(ticket=asked.ticket.id, changes=changes | ({"fields": fields} if fields else {}))


@act("priority")
@click.argument("priority", type=WORDS)
@click.option("--reason", type=LONG_WORDS, default="", help="Why the matrix is not right here.")
async def priority(asked: Asked, priority: str, reason: str) -> AnyTicketCommand:
    """Set the priority by hand, with a reason.

    What the matrix says stays beside it.
    """
    from deskterm.desk.commands import OverridePriority

    return OverridePriority(ticket=asked.ticket.id, priority=priority, reason=reason)


@act("follow")
async def follow(asked: Asked) -> AnyTicketCommand:
    """Follow a ticket."""
    from deskterm.desk.commands import Follow

    return Follow(ticket=asked.ticket.id)


@act("unfollow")
@click.option("--reason", type=LONG_WORDS, default="", help="Why; needed for a call that you took in.")
async def unfollow(asked: Asked, reason: str) -> AnyTicketCommand:
    """Stop following a ticket."""
    from deskterm.desk.commands import Unfollow

    return Unfollow(ticket=asked.ticket.id, reason=reason)


COMMANDS = by_name(note, contact, chase, join, amend, priority, follow, unfollow)
