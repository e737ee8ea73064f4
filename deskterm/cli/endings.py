"""How a ticket ends, and comes back: resolve, confirm, refuse, reopen, withdraw, duplicate, undo (T12-T24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from deskterm.cli.acts import Act, Asked, act
from deskterm.cli.base import by_name
from deskterm.cli.kinds import CHANNEL, LONG_WORDS, REF, WORDS

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyTicketCommand


@act("resolve")
@click.option("--solution", type=WORDS, default="", help="A known solution, by its id; fills in what is not said here.")
@click.option("--issue", type=LONG_WORDS, default="", help="What was wrong; the summary unless said otherwise.")
@click.option("--steps", type=LONG_WORDS, default="", help="What was done.")
@click.option("--resolution", type=LONG_WORDS, default="", help="What resolved it, for the customer to read.")
@click.option("--article", type=LONG_WORDS, default="", help="A draft for the pool of known solutions.")
@click.option("--no-article", type=LONG_WORDS, default="", help="Why no article is needed.")
async def resolve(
    asked: Asked, solution: str, issue: str, steps: str, resolution: str, article: str, no_article: str
) -> AnyTicketCommand:
    """Resolve a ticket, with a known solution or a new one."""
    from deskterm.desk.commands import Resolve
    from deskterm.desk.records.ticket import Synopsis

    return Resolve(
        ticket=asked.ticket.id,
        solution=solution,
        synopsis=Synopsis(issue=issue, steps=steps, resolution=resolution),
        article=article,
        no_article_because=no_article,
    )


def _answer_options(ask: Act) -> Act:
    """The options of a customer's answer, whichever it is."""
    options = (
        click.option("--by", type=WORDS, default="", help="Who answered; the ticket's contact unless said otherwise."),
        click.option("--channel", type=CHANNEL, help="How; as the ticket came in unless said otherwise."),
        click.option("--at", metavar="WHEN", help="When; now unless said otherwise."),
        click.option("--words", type=LONG_WORDS, default="", help="What they said."),
    )
    for option in reversed(options):
        ask = option(ask)
    return ask


def _answered(
    asked: Asked, answer: Literal["yes", "no"], by: str, channel: Any, at: str | None, words: str
) -> AnyTicketCommand:
    from deskterm.desk.commands import RecordAnswer

    return RecordAnswer(ticket=asked.ticket.id, answer=answer, by=by, channel=channel, at=asked.moment(at), words=words)


@act("confirm")
@click.option("--answer", type=click.Choice(["yes", "no"]), default="yes", show_default=True, help="Does it work?")
@_answer_options
async def confirm(asked: Asked, answer: Literal["yes", "no"], **told: Any) -> AnyTicketCommand:
    """Record that the customer says it works; closes the ticket."""
    return _answered(asked, answer, **told)


@act("refuse")
@_answer_options
async def refuse(asked: Asked, **told: Any) -> AnyTicketCommand:
    """Record that the customer says it does not work.

    The ticket goes back to its last owner.
    """
    return _answered(asked, "no", **told)


@act("reopen")
@click.option("--reason", type=LONG_WORDS, default="", help="Why.")
async def reopen(asked: Asked, reason: str) -> AnyTicketCommand:
    """Open a closed ticket again.

    Long after closing it is a new ticket that carries the old one on.
    """
    from deskterm.desk.commands import Reopen

    return Reopen(ticket=asked.ticket.id, reason=reason)


@act("withdraw")
@click.option("--reason", type=LONG_WORDS, default="", help="What the customer said.")
async def withdraw(asked: Asked, reason: str) -> AnyTicketCommand:
    """End a ticket because the customer no longer wants it."""
    from deskterm.desk.commands import Withdraw

    return Withdraw(ticket=asked.ticket.id, reason=reason)


@act("duplicate")
@click.option("--of", "survivor", type=REF, required=True, help="The ticket that goes on for both.")
async def duplicate(asked: Asked, survivor: str) -> AnyTicketCommand:
    """Link a ticket to another about the same trouble."""
    from deskterm.desk.commands import MarkDuplicate

    return MarkDuplicate(ticket=asked.ticket.id, survivor=(await asked.store.ticket(survivor)).ticket.id)


@act("undo")
async def undo(asked: Asked) -> AnyTicketCommand:
    """Take your own last act back.

    A take, a hand-off, a priority or a duplicate link, until work goes on.
    """
    from deskterm.desk.commands import Undo

    return Undo(ticket=asked.ticket.id)


COMMANDS = by_name(resolve, confirm, refuse, reopen, withdraw, duplicate, undo)
