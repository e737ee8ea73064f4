"""The way back to service: restore-time, intervene, defer, vendor-answer, out-of-scope (T8, T11, T16; R054-R059)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.acts import Asked, act
from deskterm.cli.base import by_name
from deskterm.cli.kinds import CHANNEL, LONG_WORDS, WORDS, OneOf
from deskterm.cli.writing import joined

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyTicketCommand

_ANSWERS = ("acknowledged", "eta", "resolved", "returned")


@act("restore-time")
@click.argument("when", metavar="WHEN")
@click.option("--who", type=WORDS, default="", help="Who was told; the ticket's contact unless said otherwise.")
@click.option("--channel", type=CHANNEL, default="phone", show_default=True, help="How they were told.")
@click.option("--text", type=LONG_WORDS, default="", help="More about it.")
async def restore_time(asked: Asked, when: str, who: str, channel: Any, text: str) -> AnyTicketCommand:
    """Record the restore time the customer was told.

    WHEN: 16:00, tomorrow 09:00, or 2h for in two hours.
    """
    from deskterm.desk.commands.clocks import GiveRestoreTime

    restore_at = asked.moment(when, ahead=True)
    if restore_at is None:
        raise click.UsageError("Say when the service runs again.")
    return GiveRestoreTime(ticket=asked.ticket.id, restore_at=restore_at, channel=channel, who=who, text=text)


@act("intervene")
@click.option(
    "--repair", type=OneOf("repair", lambda: ("own", "supplier", "both")), default="own", show_default=True,
    help="Whose repair it is.",
)  # fmt: skip
async def intervene(asked: Asked, repair: Any) -> AnyTicketCommand:
    """Go from diagnosis to repair.

    The customer has to have a restore time.
    """
    from deskterm.desk.commands.clocks import BeginIntervention

    return BeginIntervention(ticket=asked.ticket.id, repair=repair)


@act("defer")
@click.option("--customer-agreed", type=LONG_WORDS, default="", help="Who agreed for the customer, in which words.")
@click.option("--desk-agreed", type=LONG_WORDS, default="", help="Who agreed for the desk; you unless said otherwise.")
async def defer(asked: Asked, customer_agreed: str, desk_agreed: str) -> AnyTicketCommand:
    """Let it wait for the next working day.

    Only what affects no service, outside normal hours, when both sides agree.
    """
    from deskterm.desk.commands.clocks import Defer

    return Defer(ticket=asked.ticket.id, customer_agreed=customer_agreed, desk_agreed=desk_agreed)


@act("vendor-answer")
@click.argument("text", type=WORDS, nargs=-1)
@click.option("--state", type=OneOf("state", lambda: _ANSWERS), required=True, help="What the vendor said.")
@click.option("--eta", metavar="WHEN", help="When they expect to be done.")
@click.option("--task", type=click.IntRange(min=1), metavar="N", help="Which vendor task; the last open one.")
async def vendor_answer(
    asked: Asked, text: tuple[str, ...], state: Any, eta: str | None, task: int | None
) -> AnyTicketCommand:  # fmt: skip
    """Record what a vendor said to its task.

    States: acknowledged, eta, resolved, returned. One of ours records it on the vendor's behalf, marked so.
    """
    from deskterm.desk.commands.escalations import AnswerVendorTask

    return AnswerVendorTask(
        ticket=asked.ticket.id, task=task, state=state, eta=asked.moment(eta, ahead=True), text=joined(text)
    )


@act("out-of-scope")
@click.option("--sent-to", type=WORDS, default="", help="Where the customer was sent.")
@click.option("--reason", type=LONG_WORDS, default="", help="Why it is not this desk's.")
async def out_of_scope(asked: Asked, sent_to: str, reason: str) -> AnyTicketCommand:
    """Say that it is not this desk's to do."""
    from deskterm.desk.commands.clocks import DeclareOutOfScope

    return DeclareOutOfScope(ticket=asked.ticket.id, sent_to=sent_to, reason=reason)


COMMANDS = by_name(restore_time, intervene, defer, vendor_answer, out_of_scope)
