"""Acts on a ticket: each command of the shell asks one thing of the desk, and tells what came of it.

An act is a function that turns options into one command about a ticket. `act` makes a shell command of it, which looks
the ticket up, submits the command, and answers with the ticket as it then stands. Whether it is allowed is for the
desk to say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import DeskCommand, pass_shell
from deskterm.cli.kinds import REF
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.commands import AnyTicketCommand
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.ticket import Ticket
    from deskterm.desk.tickets.views import TicketView
    from deskterm.store.base import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """What an act is about: the ticket as it stands, the desk that keeps it, and the time."""

    ticket: Ticket
    desk: DeskFile
    store: Store
    now: datetime

    def moment(self, typed: str | None, *, ahead: bool = False) -> datetime | None:
        """Read a moment that was typed; none where none was. Raises UsageError."""
        from deskterm.desk.moment import UnclearMoment, moment

        try:
            return moment(typed, self.now, self.desk.desk.zone, ahead=ahead) if typed else None
        except UnclearMoment as error:
            raise click.UsageError(str(error)) from None


Act = Callable[..., Awaitable["AnyTicketCommand"]]


def act(name: str) -> Callable[[Act], click.Command]:
    """Make `deskterm NAME REF …` of a function that takes what is `Asked` and the options, and gives a command."""

    def made(ask: Act) -> click.Command:
        @pass_shell
        def run(shell: Shell, /, ref: str, **options: Any) -> None:
            _carry_out(shell, ref, ask, options)

        params = [click.Argument(["ref"], type=REF), *reversed(getattr(ask, "__click_params__", []))]
        return DeskCommand(name, callback=run, params=params, help=ask.__doc__)

    return made


def _carry_out(shell: Shell, ref: str, ask: Act, options: dict[str, Any]) -> None:
    async def job(store: Store) -> tuple[TicketView, int, DeskFile]:
        before, desk = (await store.ticket(ref)).ticket, await store.desk()
        receipt = await store.submit(await ask(Asked(before, desk, store, shell.clock()), **options))
        return await store.ticket(receipt.record_id), before.version if receipt.record_id == before.id else 0, desk

    view, before, desk = shell.work(job)
    from deskterm.cli.pages import changed_page, ticket_json

    shell.answer(ticket_json(view.ticket), lambda: changed_page(view, before, desk))
