"""The way up: escalate, escalations, answer-escalation, major, end-major (T17, T19; R096-R110)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from deskterm.cli.acts import Asked, act
from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.kinds import LONG_WORDS, REF, WORDS, OneOf
from deskterm.cli.shell import Shell
from deskterm.cli.writing import joined

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyTicketCommand
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.ticket import Ticket
    from deskterm.store.base import Store


def _states() -> tuple[str, ...]:
    from deskterm.desk.records.escalation import EscalationState

    return ("assessed", *get_args(EscalationState)[1:])


@act("escalate")
@click.option("--reason", type=LONG_WORDS, default="", help="Why; on the customer's word, in the customer's words.")
@click.option("--customer", "trigger", flag_value="customer", default=True, help="The customer demands it (as usual).")
@click.option("--operator", "trigger", flag_value="operator", help="You think that it has to go up.")
@click.option("--monitoring", "trigger", flag_value="monitoring", help="An alert says so.")
@click.option("--functional", "axis", flag_value="functional", help="Give the work to the next line.")
@click.option("--vendor", "axis", flag_value="vendor", help="Go up the vendor's own ladder.")
@click.option("--to", type=WORDS, default="", help="Straight to this role, person or group.")
@click.option("--ladder", type=WORDS, default="", help="Up this ladder of the desk file.")
async def escalate(
    asked: Asked, reason: str, trigger: Any, axis: Any, to: str, ladder: str
) -> AnyTicketCommand:  # fmt: skip
    """Escalate a ticket: one rung up its ladder.

    To management unless said otherwise; --functional gives the work to the next line.
    """
    from deskterm.desk.commands.escalations import Escalate

    return Escalate(
        ticket=asked.ticket.id, axis=axis or "hierarchical", trigger=trigger, ladder=ladder, to=to, reason=reason
    )


@act("answer-escalation")
@click.argument("text", type=WORDS, nargs=-1)
@click.option("--state", type=OneOf("state", _states), required=True, help="What is said: acknowledged, assessed …")
@click.option("--number", type=click.IntRange(min=1), metavar="N", help="Which escalation; the last open one.")
async def answer_escalation(asked: Asked, text: tuple[str, ...], state: Any, number: int | None) -> AnyTicketCommand:
    """Answer an escalation: note it, assess it, plan.

    States: assessed, acknowledged, plan-agreed, worked, de-escalated.
    """
    from deskterm.desk.commands.escalations import AnswerEscalation

    return AnswerEscalation(ticket=asked.ticket.id, number=number, state=state, text=joined(text))


@act("major")
@click.option("--reason", type=LONG_WORDS, default="", help="What makes it a major incident.")
async def major(asked: Asked, reason: str) -> AnyTicketCommand:
    """Declare a major incident, or propose it."""
    from deskterm.desk.commands.escalations import DeclareMajor

    return DeclareMajor(ticket=asked.ticket.id, reason=reason)


@act("end-major")
@click.option("--text", type=LONG_WORDS, default="", help="How it ended.")
async def end_major(asked: Asked, text: str) -> AnyTicketCommand:
    """Say that it is no longer a major incident."""
    from deskterm.desk.commands.escalations import EndMajor

    return EndMajor(ticket=asked.ticket.id, text=text)


@act("report")
@click.argument("text", type=WORDS, nargs=-1, required=True)
async def report(asked: Asked, text: tuple[str, ...]) -> AnyTicketCommand:
    """Record that the incident report was delivered.

    Say where it is, or what it says. A major incident that is over owes one until then.
    """
    from deskterm.desk.commands.escalations import DeliverReport

    return DeliverReport(ticket=asked.ticket.id, text=joined(text))


@command("escalations")
@click.argument("ref", type=REF)
@pass_shell
def escalations(shell: Shell, ref: str) -> None:
    """List all escalations of a ticket, with their answers."""

    async def job(store: Store) -> tuple[Ticket, DeskFile]:
        return (await store.ticket(ref)).ticket, await store.desk()

    ticket, desk = shell.work(job)
    from deskterm.cli.pages import escalation_json, escalations_page

    told = [escalation_json(step) for step in ticket.escalations]
    shell.answer(told, lambda: escalations_page(ticket, desk, shell.clock()))


COMMANDS = by_name(escalate, escalations, answer_escalation, major, end_major, report)
