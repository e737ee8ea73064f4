"""`deskterm desk matrix` and `desk ladders`: the tables that people decide and escalate by, also as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import command, pass_shell
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile


@command("matrix")
@click.option("--markdown", is_flag=True, help="As a document, with what each step means.")
@pass_shell
def desk_matrix(shell: Shell, markdown: bool) -> None:
    """Show which priority follows from impact and urgency."""
    desk = shell.work(lambda store: store.desk())
    names = {step.key: step.name for step in desk.scales.priority}
    rows = {step.name: [names[key] for key in desk.matrix[step.key]] for step in desk.scales.impact}
    heads = [step.name for step in desk.scales.urgency]

    def page() -> str:
        from deskterm.cli.tables import table
        from deskterm.paper.matrices import priority_document

        found = ((impact, *priorities) for impact, priorities in rows.items())
        return priority_document(desk) if markdown else table(("Impact, urgency →", *heads), found)

    answer = {impact: dict(zip(heads, priorities, strict=True)) for impact, priorities in rows.items()}
    shell.answer(answer, page)


@command("ladders")
@click.option("--service", default="", metavar="ID", help="For one service, as its customer is given it.")
@click.option("--markdown", is_flag=True, help="As a document, to hand over.")
@pass_shell
def desk_ladders(shell: Shell, service: str, markdown: bool) -> None:
    """Show who is called on when: the escalation matrix.

    With --markdown as a document, to be handed over when a service is activated.
    """
    desk = shell.work(lambda store: store.desk())
    from deskterm.paper.matrices import escalation_document

    shell.answer(_json(desk, service), lambda: escalation_document(desk, service) if markdown else _page(desk, service))


def _json(desk: DeskFile, service: str) -> list[dict[str, Any]]:
    from deskterm.paper.matrices import ladders_for

    return [ladder.model_dump(mode="json") for ladder in ladders_for(desk, service)]


def _page(desk: DeskFile, service: str) -> str:
    from deskterm.cli.tables import heading, table
    from deskterm.paper.matrices import ROLE_HEADS, ladders_for, stages_of

    parts = (
        f"{heading(ladder.title or ladder.name)}\n{table(ROLE_HEADS, stages_of(ladder, desk))}"
        for ladder in ladders_for(desk, service)
    )
    return "\n\n".join(parts) or "This desk file has no ladders; the desk manager can always be called on."
