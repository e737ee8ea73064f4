"""Calls come in, and are looked up: log, list, show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.kinds import ANSWER, CHANNEL, GROUP, LONG_WORDS, REF, STATUS, TICKET_TYPE, WORDS
from deskterm.cli.output import Refused, write
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.ticket import Ticket
    from deskterm.desk.tickets.views import QueueQuery, QueueRow, Receipt, TicketView
    from deskterm.store.base import Store

PAGE = 200
SCREENFUL = 50
"""How many tickets people get unless they ask for more."""


@command("log")
@click.option("--summary", type=LONG_WORDS, help='What it is about, in a line. "-" reads standard input.')
@click.option("--description", type=LONG_WORDS, help='The whole story. "-" reads standard input.')
@click.option("--company", type=WORDS, help="Who is calling: the customer's name or key.")
@click.option("--contact", type=WORDS, help="Who is calling: the person.")
@click.option("--phone", type=WORDS, help="Their number, in any spelling.")
@click.option("--email", type=WORDS, help="Their address.")
@click.option("--channel", type=CHANNEL, help="How it came in; by phone unless said otherwise.")
@click.option("--missed", is_flag=True, help="A call that nobody could take: they are to be called back.")
@click.option("--type", "type_", type=TICKET_TYPE, default="incident", show_default=True, help="What sort of call.")
@click.option("--impact", type=WORDS, help="A value of the desk's scale: key, name, rank, or high, medium, low.")
@click.option("--urgency", type=WORDS, help="A value of the desk's scale, as for impact.")
@click.option("--customer-priority", type=WORDS, help="The priority the customer asks for.")
@click.option("--contract", type=WORDS, help="Contract number.")
@click.option("--service", type=WORDS, help="Service id.")
@click.option("--item", type=WORDS, help="Serial number of the equipment.")
@click.option("--fault", type=click.Choice(["hardware", "software"]), help="The kind of fault.")
@click.option(
    "--began",
    metavar="WHEN",
    help="When the trouble began: 10:41, Mon 14:00, 2026-11-21 10:41, or 2h for two hours ago.",
)
@click.option("--field", "fields", type=ANSWER, multiple=True, help="Any other answer; may be repeated.")
@click.option("--to", type=GROUP, help="Hand it on to this group at once.")
@click.option(
    "--escalate", type=LONG_WORDS, default="", help="Escalate it at once: the customer's reason to demand that."
)
@pass_shell
def log(
    shell: Shell, /, type_: str, began: str | None, fields: tuple[Any, ...], to: str | None, escalate: str,
    missed: bool, **typed: Any,
) -> None:  # fmt: skip
    """Save a call as a ticket, and hand it on.

    Whatever is missing, the call is saved; what the desk requires is listed as incomplete.
    """
    typed = {name: value for name, value in typed.items() if value is not None}
    if missed:
        if typed.setdefault("channel", "missed_call") != "missed_call":
            raise click.UsageError("A missed call came by phone; leave out --channel.")
        typed.setdefault("summary", "Missed call")
    if not (typed or fields):
        raise click.UsageError("There is nothing to log; say at least --summary.")
    pairs = (*fields, *([("began", began)] if began else ()))

    async def job(store: Store) -> tuple[Receipt, TicketView]:
        from deskterm.cli.facts import gathered
        from deskterm.desk.commands import LogCall

        facts = await gathered(store, {"type": type_, **typed}, pairs, shell.clock())
        hand_to = group_meant(await store.desk(), to) if to else None
        receipt = await store.submit(LogCall(facts=facts, hand_to=hand_to, escalate=escalate))
        return receipt, await store.ticket(receipt.record_id)

    receipt, view = shell.work(job)
    from deskterm.cli.pages import saved_page, ticket_json

    if receipt.held_back:
        if not shell.json:
            write(saved_page(view))
        message = f"It is saved as {receipt.ref}, but not handed on. {receipt.held_back}"
        raise Refused(message, "invalid", receipt.rule, ticket=ticket_json(view.ticket))
    shell.answer(ticket_json(view.ticket), lambda: saved_page(view))


def group_meant(desk: DeskFile, typed: str) -> str:
    """The group that somebody names, whatever the case, by name or title; what they typed where there is none."""
    wanted = typed.strip().casefold()
    named = [group.name for group in desk.group if wanted in (group.name.casefold(), group.title.casefold())]
    return named[0] if len(named) == 1 else typed.strip()


@command("list")
@click.option("--all", "everything", is_flag=True, help="Ended tickets as well, and however many there are.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help=f"At most so many; people get {SCREENFUL}.")
@click.option("--group", type=GROUP, help="Only this group's.")
@click.option("--status", type=STATUS, help="Only in this status.")
@click.option("--mine", is_flag=True, help="Only those you own.")
@click.option("--view", type=WORDS, help="A view of the queue, by key or name: open, groups, following …")
@click.option("--text", type=WORDS, default="", help="Only those that hold these words.")
@pass_shell
def list_(
    shell: Shell, everything: bool, limit: int | None, group: str | None, status: str | None, mine: bool,
    view: str | None, text: str,
) -> None:  # fmt: skip
    """List tickets, what is due next first.

    Open ones unless asked otherwise; with --all or --status, the newest first.
    """
    if bool(view) + mine + everything > 1:
        raise click.UsageError("--all, --mine and --view each choose a view; give one of them.")
    chosen = "all" if everything or (status and not view and not mine) else "mine" if mine else view or "open"
    most = limit or (None if shell.json or everything else SCREENFUL)

    async def job(store: Store) -> None:
        from deskterm.desk.tickets.views import QueueQuery

        desk = await store.desk()
        base, narrowed = await _view_meant(store, chosen)
        query = QueueQuery(
            view=base, text=f"{narrowed} {text}".strip(), group=group_meant(desk, group) if group else None,
            status=status, limit=min(PAGE, most or PAGE),
        )  # fmt: skip
        await _print_list(shell, desk, _pages(store, query, most))

    shell.work(job)


async def _view_meant(store: Store, typed: str) -> tuple[str, str]:
    """The built-in view and the filter that a view's key or name stands for. Raises UsageError."""
    from deskterm.cli.kinds import meant

    views = await store.views()
    wanted = typed.strip().casefold()
    for each in views:
        if wanted in (each.key.casefold(), each.name.casefold()):
            return each.base or each.key, each.text
    near = meant(typed, [each.name for each in views])
    hint = f"Did you mean {near!r}?" if near else f"The views are {', '.join(each.key for each in views)}."
    raise click.UsageError(f"There is no view {typed!r}. {hint}")


Line = tuple["Ticket", "QueueRow"]
"""A whole ticket, and its line of the queue, which says what is due next."""


async def _pages(store: Store, query: QueueQuery, most: int | None) -> AsyncIterator[tuple[tuple[Line, ...], bool]]:
    """Whole tickets page by page, and whether there are more than was asked for."""
    from dataclasses import replace

    left = most
    while True:
        page = await store.queue(replace(query, limit=min(query.limit, left or query.limit)))
        tickets = await store.tickets(tuple(row.id for row in page.rows))
        rows = {row.id: row for row in page.rows}
        left = None if left is None else left - len(page.rows)
        done = page.next is None or left == 0
        yield tuple((ticket, rows[ticket.id]) for ticket in tickets), done and page.next is not None
        if done:
            return
        query = replace(query, after=page.next)


async def _print_list(shell: Shell, desk: DeskFile, pages: AsyncIterator[tuple[tuple[Line, ...], bool]]) -> None:
    from deskterm.cli.output import as_json
    from deskterm.cli.pages import line_json, tickets_page

    separators: Iterator[str] = chain(["[\n"], repeat(",\n"))
    shown: list[Line] = []
    left_out = wrote = False
    async for lines, more in pages:
        left_out = more
        if not shell.json:
            shown.extend(lines)
            continue
        for line in lines:
            write(next(separators) + as_json(line_json(*line)), end="")
            wrote = True
    if shell.json:
        write("\n]" if wrote else "[]")
        return
    write(tickets_page(shown, desk, shell.clock()))
    if left_out:
        write(f"\nThere are more than these {len(shown)}; --limit N or --all shows them.")


@command("show")
@click.argument("ref", type=REF)
@pass_shell
def show(shell: Shell, ref: str) -> None:
    """Show a ticket: facts, thread, and what to say to a customer."""

    async def job(store: Store) -> tuple[TicketView, DeskFile]:
        return await store.ticket(ref), await store.desk()

    view, desk = shell.work(job)
    from deskterm.cli.pages import ticket_page, view_json

    shell.answer(view_json(view, shell.clock()), lambda: ticket_page(view, desk, shell.clock()))


COMMANDS = by_name(log, list_, show)
