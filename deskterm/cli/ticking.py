"""Dealing with what has fallen due, for desks where nobody has the app open all night (DESIGN.md, Timers)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.output import write, write_json_line
from deskterm.cli.shell import Shell
from deskterm.cli.tables import table

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.tickets.views import FellDue
    from deskterm.store.local import LocalStore


@command("tick")
@click.option("--every", type=click.FloatRange(min=1), metavar="SECONDS", help="Go on until stopped.")
@pass_shell
def tick(shell: Shell, every: float | None) -> None:
    """Deal with what has fallen due.

    That is clocks that ran out, rungs of a ladder that age has reached, waits that are over, and the windows of
    changes. The app does the same wherever it is open; however many do it, nothing happens twice.
    """
    if every is not None:
        shell.work(lambda store: _go_on(shell, store, every))
        return
    desk, found = shell.work(_once)
    shell.answer([_plain(each) for each in found], lambda: _told(found, desk) or "Nothing has fallen due.")


async def _once(store: LocalStore) -> tuple[DeskFile, tuple[FellDue, ...]]:
    return await store.desk(), await store.tick()


async def _go_on(shell: Shell, store: LocalStore, every: float) -> None:
    import asyncio

    while True:
        desk, found = await _once(store)
        for each in found if shell.json else ():
            write_json_line(_plain(each))
        if found and not shell.json:
            write(_told(found, desk), flush=True)
        await asyncio.sleep(every)


def _plain(each: FellDue) -> dict[str, Any]:
    return {"ref": each.ref, "what": each.what, "due": each.due, "events": each.events}


def _told(found: tuple[FellDue, ...], desk: DeskFile) -> str:
    from deskterm.desk.wording import day_and_time

    rows = [(each.ref, day_and_time(each.due, desk.desk.zone), each.words) for each in found]
    return table(("Reference", "Fell due", "What"), rows)


COMMANDS = by_name(tick)
