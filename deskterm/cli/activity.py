"""`deskterm activity`: what the desk did over the last days, by priority, level, group, centre or channel."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.activity import ActivityLine, Cell, Side
    from deskterm.desk.deskfile import DeskFile
    from deskterm.store.base import Store

_SIDES = ("priority", "level", "group", "centre", "channel")


@command("activity")
@click.option("--by", "side", type=click.Choice(_SIDES), default="priority", show_default=True, help="Told apart by.")
@click.option("--days", type=click.IntRange(1, 3660), default=7, show_default=True, help="Logged in so many last days.")
@pass_shell
def activity(shell: Shell, side: Side, days: int) -> None:
    """Count what was logged in the last days, and what became of it."""
    until = shell.clock()

    async def job(store: Store) -> tuple[DeskFile, tuple[Cell, ...]]:
        return await store.desk(), await store.activity(until - timedelta(days=days), until)

    desk, cells = shell.work(job)
    from deskterm.desk.activity import activity_by

    lines = activity_by(cells, desk, side)
    shell.answer([_json(line) for line in lines], lambda: _page(lines, side))


def _json(line: ActivityLine) -> dict[str, Any]:
    from dataclasses import asdict

    counts = {name: value for name, value in asdict(line.counts).items() if not isinstance(value, timedelta)}
    means = {"mean_response": line.counts.mean_response, "mean_restore": line.counts.mean_restore}
    seconds = {name: round(mean.total_seconds()) if mean is not None else None for name, mean in means.items()}
    return {"name": line.name, **counts, **seconds}


def _page(lines: tuple[ActivityLine, ...], side: str) -> str:
    from deskterm.cli.tables import table

    heads = (
        side.capitalize(), "Logged", "Solved", "Hand-offs", "Chased", "Reopened", "Said no", "To makers", "Response",
        "Restore",
    )  # fmt: skip
    return table(heads, map(_row, lines)) or "Nothing was logged."


def _row(line: ActivityLine) -> tuple[str, ...]:
    from deskterm.desk.tickets.due_words import age

    it = line.counts
    counted = (it.logged, it.resolved, it.hand_offs, it.chases, it.reopens, it.refusals, it.vendor_escalations)
    means = (it.mean_response, it.mean_restore)
    return (line.name, *map(str, counted), *("–" if mean is None else age(mean) for mean in means))


COMMANDS = by_name(activity)
