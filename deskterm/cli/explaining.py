"""`deskterm explain`: why a ticket's clocks say what they say, in a table that adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.kinds import REF
from deskterm.cli.output import Refused
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.clocks.explaining import Explanation
    from deskterm.desk.records.timekeeping import ClockName

_CLOCKS = ("response", "update", "restore", "promised", "group", "vendor")


@command("explain")
@click.argument("ref", type=REF)
@click.option("--clock", type=click.Choice(_CLOCKS), help="Only this clock.")
@pass_shell
def explain(shell: Shell, ref: str, clock: ClockName | None) -> None:
    """Explain when a ticket is due, and why.

    Every span that counts, every pause, holiday and change of the clocks, with target, calendar and desk file.
    """
    found = shell.work(lambda store: store.explain(ref, clock))
    if not found:
        which = f"no {clock} clock" if clock else "no clocks: nothing was promised for it"
        raise Refused(f"This ticket has {which}.", "not_found")
    shell.answer([_json(each) for each in found], lambda: "\n\n\n".join(_page(each) for each in found))


def _json(explained: Explanation) -> dict[str, Any]:
    from deskterm.cli.pages import clock_json

    rows = [
        {
            "day": row.day, "start": row.start, "end": row.end, "counted_seconds": row.counted.total_seconds(),
            "total_seconds": row.total.total_seconds(), "note": row.note,
        }
        for row in explained.rows
    ]  # fmt: skip
    return {
        "ref": explained.ref,
        **clock_json(explained.clock, explained.now),
        "zone": explained.zone,
        "desk_file": explained.desk_file,
        "contract": explained.contract,
        "priority": explained.priority,
        "rows": rows,
        "counted_seconds": explained.counted.total_seconds(),
        "left_seconds": explained.left.total_seconds() if explained.left is not None else None,
        "late_seconds": explained.over_by.total_seconds() if explained.over_by is not None else None,
        "adds_up": explained.adds_up,
    }


def _page(explained: Explanation) -> str:
    from deskterm.cli.tables import heading, pairs, table
    from deskterm.desk.tickets.due_words import HEADS, cells, hours_and_minutes, reasons, said

    rows = [cells(row, explained.zone) for row in explained.rows]
    total = ("", "", "", hours_and_minutes(explained.counted), hours_and_minutes(explained.counted), "in all")
    parts = (
        heading(f"{explained.ref}  {said(explained)}"),
        pairs(reasons(explained)),
        "",
        table(HEADS, [*rows, total], kept="Why"),
    )
    return "\n".join(parts)


COMMANDS = by_name(explain)
