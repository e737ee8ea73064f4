"""Who has a ticket, and how work on it goes on: hand-off, take, start, pend, resume, vendor-task (T3-T15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deskterm.cli.acts import Asked, act
from deskterm.cli.base import by_name
from deskterm.cli.kinds import GROUP, LONG_WORDS, WORDS

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyTicketCommand


@act("hand-off")
@click.option("--to", type=GROUP, required=True, help="The group that is to have it.")
@click.option("--reason", type=LONG_WORDS, default="", help="Why; needed when it is handed on again.")
async def hand_off(asked: Asked, to: str, reason: str) -> AnyTicketCommand:
    """Hand a ticket on to a group. You follow it from then on."""
    from deskterm.cli.tickets import group_meant
    from deskterm.desk.commands import HandOff

    return HandOff(ticket=asked.ticket.id, to=group_meant(asked.desk, to), reason=reason)


@act("take")
@click.option("--for", "owner", type=WORDS, help="Give it to this operator, as a supervisor does.")
async def take(asked: Asked, owner: str | None) -> AnyTicketCommand:
    """Take a ticket: you become its owner."""
    from deskterm.desk.commands import Take

    return Take(ticket=asked.ticket.id, owner=owner)


@act("start")
async def start(asked: Asked) -> AnyTicketCommand:
    """Begin to work on a ticket."""
    from deskterm.desk.commands import Start

    return Start(ticket=asked.ticket.id)


@act("pend")
@click.option("--reason", type=WORDS, default="", help="What it waits for: a key of the desk file.")
@click.option("--until", metavar="WHEN", help="When to go on: 14:00, tomorrow 09:00, or 2h for in two hours.")
@click.option("--text", type=LONG_WORDS, default="", help="More about it.")
async def pend(asked: Asked, reason: str, until: str | None, text: str) -> AnyTicketCommand:
    """Let a ticket wait, for a reason."""
    from deskterm.desk.commands import Pend

    return Pend(ticket=asked.ticket.id, reason=reason, resume_at=asked.moment(until, ahead=True), text=text)


@act("resume")
@click.option("--text", type=LONG_WORDS, default="", help="What ended the wait.")
async def resume(asked: Asked, text: str) -> AnyTicketCommand:
    """Go on with a ticket that waits."""
    from deskterm.desk.commands import Resume

    return Resume(ticket=asked.ticket.id, text=text)


@act("vendor-task")
@click.option("--vendor", type=WORDS, default="", help="The outside party.")
@click.option("--reference", type=WORDS, default="", help="Their own number for it.")
@click.option("--text", type=LONG_WORDS, default="", help="What they are asked to do.")
async def vendor_task(asked: Asked, vendor: str, reference: str, text: str) -> AnyTicketCommand:
    """Ask a vendor to do its part."""
    from deskterm.desk.commands import OpenVendorTask

    return OpenVendorTask(ticket=asked.ticket.id, vendor=vendor, vendor_reference=reference, text=text)


COMMANDS = by_name(hand_off, take, start, pend, resume, vendor_task)
