"""`deskterm board`: what the supervisor's board says, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.board import Board, Times


@command("board")
@pass_shell
def board(shell: Shell) -> None:
    """Show how the desk stands: open, late, waiting, and how the day goes."""
    found = shell.work(lambda store: store.board())
    shell.answer(found, lambda: _page(found))


def _page(board: Board) -> str:
    from deskterm.cli.tables import heading, pairs, table
    from deskterm.desk.board import gap_words
    from deskterm.desk.wording import day_and_time

    lines = [(line.name or "None yet", line.open, line.unowned, line.soon, line.late) for line in board.priorities]
    open_rows = [(name, *(str(count.tickets) for count in counts)) for name, *counts in lines]
    groups = [(line.name or "no group", str(line.open.tickets), str(line.late.tickets)) for line in board.groups]
    times = [(each.priority or "all", *_times(each)) for each in board.today.times if each.resolved]
    parts = (
        heading(day_and_time(board.at, board.zone)),
        pairs(_openings(board)),
        table(("Priority", "Open", "Unowned", "Due in 30 min", "Late"), open_rows),
        table(("Group", "Open", "Late"), groups),
        table(("Waiting on", "Tickets"), [(each.name, str(each.waiting.tickets)) for each in board.waiting]),
        pairs(_presses(board)),
        "\n".join(gap_words(gap, board.at) for gap in board.gaps),
        pairs(_today(board)),
        table(("Resolved today", "Response", "by the wall", "Restore", "by the wall"), times),
        table(("Ticket", "Priority", "Group", "Owner", "Why", "Summary"), _needs(board), kept="Summary"),
    )
    return "\n\n".join(part for part in parts if part)


def _openings(board: Board) -> list[tuple[str, str]]:
    from deskterm.desk.deskfile.centres import state_words

    places = (*board.openings.centres, *board.openings.lines)
    return [(place.title, state_words(place, board.at, board.zone)) for place in places]


def _presses(board: Board) -> list[tuple[str, str]]:
    counts = (
        ("Major incidents", board.major), ("Escalated", board.escalated), ("Callbacks due", board.callbacks),
        ("Chased", board.chased), ("Handed on 3 times or more", board.passed), ("No update for a day", board.quiet),
    )  # fmt: skip
    lines = [(label, str(count.tickets)) for label, count in counts]
    overdue = sum(form.overdue for form in board.forms)
    owed = ("Forms of changes owed", f"{len(board.forms)}, {overdue} overdue" if overdue else str(len(board.forms)))
    return [*lines, owed, ("Customers hit", str(board.affected)), ("Incident reports due", str(board.reports.tickets))]


def _today(board: Board) -> list[tuple[str, str]]:
    today = board.today
    goal = f", target {today.level_1.target} %" if today.level_1.target is not None else ""
    return [
        ("Logged today", str(today.logged.tickets)),
        ("Resolved", str(today.resolved.tickets)),
        ("Closed", str(today.closed.tickets)),
        ("First contact", _percent(today.first_contact.percent)),
        ("Level 1", _percent(today.level_1.percent) + goal),
        ("Hand-offs a ticket", "–" if today.hand_offs is None else f"{today.hand_offs:.1f}"),
        ("Call saved after", _seconds(today.call_seconds)),
        ("After hang-up", _seconds(today.after_seconds)),
        ("Keys after hang-up", "–" if today.after_keys is None else f"{today.after_keys:.0f}"),
    ]


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.0f} s"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0f} %"


def _times(times: Times) -> tuple[str, ...]:
    from deskterm.desk.tickets.due_words import age

    spans = (times.response_work, times.response_wall, times.restore_work, times.restore_wall)
    return tuple("–" if span is None else age(span) for span in spans)


def _needs(board: Board) -> list[tuple[str, ...]]:
    from deskterm.desk.board import concern_words

    return [
        (each.ref, each.priority, each.group, each.owner, concern_words(each, board.at), each.summary)
        for each in board.needs
    ]


COMMANDS = by_name(board)
