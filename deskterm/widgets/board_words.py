"""What stands on the board, and where: pieces of text on a grid of cells, the figures among them to be opened.

At 80 columns everything that presses; where there is more room, also what explains it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from deskterm.desk.board import SOON as DUE_SOON
from deskterm.desk.board import concern_words, gap_words
from deskterm.desk.tickets.due_words import SIGNS, age
from deskterm.text import cell

if TYPE_CHECKING:
    from deskterm.desk.board import Board, Concern, Count, Named
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.tickets.views import QueueQuery

LATE, SOON, CALM, STRONG, ACCENT = "bold $text-error", "bold $text-warning", "$text-muted", "bold", "$text-accent"
ROOMY: Final = 100
"""From so many columns on there is room for what explains."""
_BLOCK: Final = "█"
_MOST_CHANGES: Final = 3
_MOST_GAPS: Final = 2
_ROSTER_AHEAD: Final = timedelta(days=2)
"""A gap in the roster that comes within this needs somebody now."""
_NOTHING: Final = "–"
_CONCERNS: Final[dict[Concern, tuple[str, str]]] = {
    "major": (SIGNS["late"], LATE), "late": (SIGNS["late"], LATE), "soon": (SIGNS["at risk"], SOON),
}  # fmt: skip
_COLUMNS: Final = (("open", 5), ("unowned", 8), ("<30 min", 8), ("late", 6))


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure opens: a list of tickets under a title, one ticket, one change, or the forms outstanding."""

    title: str
    query: QueueQuery | None = None
    ticket: UUID | None = None
    change: UUID | None = None
    forms: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text at a place, in cells from the left and lines from the top. `key` names a figure across refreshes."""

    x: int
    y: int
    text: str
    style: str = ""
    key: str = ""
    target: Target | None = None


@dataclass(slots=True)
class _Sheet:
    """Pieces put down so far."""

    board: Board
    short: dict[str, str]
    pieces: list[Piece] = field(default_factory=list)

    def put(self, x: int, y: int, text: str, style: str = "", key: str = "", target: Target | None = None) -> None:
        """Put a text down at a column and a line."""
        self.pieces.append(Piece(x, y, text, style, key, target))

    def number(self, right: int, y: int, count: Count, title: str, style: str = STRONG, sign: str = "") -> None:
        """Put a count with its last digit before a column; none is a dash, and opens nothing."""
        if not count.tickets:
            self.put(right - 1, y, _NOTHING, CALM)
            return
        text = f"{sign} {count.tickets}" if sign else str(count.tickets)
        self.put(right - len(text), y, text, style, title, Target(title, count.query))

    def fact(self, x: int, y: int, width: int, label: str, text: str, style: str = STRONG) -> None:
        """Put a label and, at the right, what it tells."""
        self.put(x, y, cell(label, max(0, width - len(text) - 1)).rstrip(), CALM)
        self.put(x + width - len(text), y, text, style)

    def named(self, x: int, y: int, width: int, ticket: Named, key: str) -> None:
        """Put a line about a ticket; its reference opens it."""
        sign, words, style = self.concern(ticket)
        self.put(x, y, sign, style)
        self.put(x + 2, y, ticket.ref, STRONG, f"{key} {ticket.id}", Target(ticket.ref, ticket=ticket.id))
        at = x + 4 + len(ticket.ref)
        self.put(at, y, words, style)
        at += len(words) + 2
        group = ticket.group if x + width - at >= len(ticket.group) else ""
        room = x + width - at - len(group) - 2
        if room >= 20:
            self.put(at, y, cell(ticket.summary, room).rstrip())
        self.put(x + width - len(group), y, group, CALM)

    def concern(self, ticket: Named) -> tuple[str, str, str]:
        """Why a ticket is named: sign, words, style."""
        sign, style = _CONCERNS.get(ticket.concern, (" ", ""))
        unowned = ", unowned" if not ticket.owner and ticket.concern in ("late", "soon", "oldest") else ""
        words = f"{self.short.get(ticket.priority, '')} {concern_words(ticket, self.board.at)}{unowned}"
        return sign, words.strip(), style


def pieces(board: Board, desk: DeskFile, width: int, height: int) -> tuple[Piece, ...]:
    """Everything on the board, for a space of so many cells. The first line is left for an alarm."""
    sheet = _Sheet(board, {step.key: step.short or step.name for step in desk.scales.priority})
    right = 42 if width >= ROOMY else 30
    left = width - right - 3
    y = _top(sheet, left, width)
    _rule(sheet, y, width)
    y += 1
    roomy = height >= 30
    end = _groups(sheet, y, left, 10 if roomy else max(4, height - y - 8))
    _needs(sheet, end + 1, left, height)
    _today(sheet, y, left + 3, right, height)
    return tuple(sheet.pieces)


def _rule(sheet: _Sheet, y: int, width: int) -> None:
    sheet.put(0, y, "─" * width, "$rule")


# -- what is open


def _top(sheet: _Sheet, left: int, width: int) -> int:
    """Open by priority, what is waited for, and what else presses; returns the line after."""
    board, roomy = sheet.board, width >= ROOMY
    label = 20 if roomy else 10
    ends, at = [], label
    for name, wide in _COLUMNS:
        at += wide + (3 if roomy else 0)
        ends.append(at)
        sheet.put(at - len(name), 1, name, CALM)
    lines = [line for line in board.priorities if line.key or line.open.tickets]
    lines = [line for line in lines if line.key in sheet.short or line.open.tickets]
    for y, line in enumerate(lines, 2):
        name = line.name if line.key else "None yet"
        sheet.put(0, y, cell(name, label).rstrip(), STRONG)
        sheet.number(ends[0], y, line.open, f"{name}, open")
        sheet.number(ends[1], y, line.unowned, f"{name}, unowned", "")
        sheet.number(ends[2], y, line.soon, f"{name}, due within 30 minutes", SOON, SIGNS["at risk"])
        sheet.number(ends[3], y, line.late, f"{name}, late", LATE, SIGNS["late"])
    waiting = at + (7 if roomy else 3)
    other = width - (24 if roomy else 17)
    room = other - waiting - (7 if roomy else 3)
    rows = max(len(lines), 6)
    sheet.put(waiting, 1, "Waiting on", CALM)
    for y, each in enumerate(board.waiting[:rows], 2):
        sheet.put(waiting, y, cell(_unled(each.name), room - 4).rstrip())
        sheet.number(waiting + room, y, each.waiting, f"Waiting: {each.name}")
    if not board.waiting:
        sheet.put(waiting, 2, "nothing", CALM)
    end = _presses(sheet, other, width)
    return max(2 + len(lines), 2 + min(rows, len(board.waiting)), end)


def _unled(name: str) -> str:
    """A reason without its article: the column is narrow, and the word that tells is the next."""
    for article in ("An ", "A ", "The "):
        if name.startswith(article):
            return name.removeprefix(article).capitalize()
    return name


def _presses(sheet: _Sheet, x: int, width: int) -> int:
    board = sheet.board
    reports = (("Reports due", board.reports, SOON, "▲"),) if board.reports.tickets else ()
    lines = (
        ("Major", board.major, LATE, "‼"),
        ("Escalated", board.escalated, SOON, "▲"),
        ("Callbacks", board.callbacks, SOON, "☎"),
        ("Chased", board.chased, STRONG, ""),
        ("Handed on ≥3", board.passed, STRONG, ""),
        ("Quiet a day", board.quiet, STRONG, ""),
        *reports,
    )
    for y, (label, count, style, sign) in enumerate(lines, 1):
        sheet.put(x, y, label, CALM if not count.tickets else "")
        sheet.number(width, y, count, label, style, sign)
    y = 1 + len(lines)
    if forms := board.forms:
        # Only while there are any: the board has no line to spare (R149).
        overdue = any(form.overdue for form in forms)
        text, style = f"{'‼' if overdue else '▲'} {len(forms)}", LATE if overdue else SOON
        sheet.put(x, y, "Forms owed")
        sheet.put(width - len(text), y, text, style, "forms", Target("Forms outstanding", forms=True))
        y += 1
    if board.affected:
        text = str(board.affected)
        sheet.put(x, y, "Customers hit")
        opens = Target("Major incidents", board.major.query)
        sheet.put(width - len(text), y, text, STRONG, "Customers hit", opens)
        y += 1
    if board.oldest:
        oldest = board.oldest[0]
        text = age(board.at - oldest.since)
        sheet.put(x, y, "Oldest", "")
        sheet.put(width - len(text), y, text, STRONG, "oldest", Target(oldest.ref, ticket=oldest.id))
    return y + 1


# -- who has it, what needs you


def _groups(sheet: _Sheet, y: int, width: int, most: int) -> int:
    """The fullest groups, a bar for each; returns the line after."""
    board = sheet.board
    shown = board.groups[:most]
    fullest = max((line.open.tickets for line in shown), default=1)
    room = width - 10 - 6 - 9
    for row, line in enumerate(shown, y):
        name = line.name or "no group"
        bar = _BLOCK * max(1, round(room * line.open.tickets / fullest))
        sheet.put(0, row, cell(name, 9).rstrip())
        sheet.put(10, row, bar, "$rule")
        at = 10 + len(bar) + 1
        sheet.number(at + len(str(line.open.tickets)), row, line.open, f"{name}, open")
        if line.late.tickets:
            text = f"‼ {line.late.tickets} late"
            sheet.put(width - len(text), row, text, LATE, f"{name} late", Target(f"{name}, late", line.late.query))
    if not shown:
        sheet.put(0, y, "Nothing is open.", CALM)
    return y + max(1, len(shown))


def _needs(sheet: _Sheet, y: int, width: int, height: int) -> None:
    """What needs the supervisor; where there is room, also who is chased most, quiet longest and oldest."""
    board = sheet.board
    soon = [gap for gap in board.gaps if gap.starts < board.at + _ROSTER_AHEAD][:_MOST_GAPS]
    sheet.put(0, y, "Needs you" if board.needs or soon else "Nothing needs you now.", CALM)
    for gap in soon:
        y += 1
        sheet.put(0, y, SIGNS["at risk"], SOON)
        sheet.put(2, y, cell(gap_words(gap, board.at), width - 2).rstrip(), SOON)
    y += 1
    roomy = height >= 30
    most = max(0, height - y - (9 if roomy else 0))
    for row, ticket in enumerate(board.needs[:most], y):
        sheet.named(0, row, width, ticket, "needs")
    if not roomy:
        return
    y += min(most, len(board.needs)) + 1
    known = {ticket.id for ticket in board.needs[:most]}
    others = {ticket.id: ticket for ticket in (*board.oldest[:2], *board.longest_quiet[:3], *board.most_chased[:3])}
    further = [ticket for ticket in reversed(others.values()) if ticket.id not in known][: max(0, height - y - 1)]
    if further:
        sheet.put(0, y, "Most chased, longest without an update, oldest", CALM)
    for row, ticket in enumerate(further, y + 1):
        sheet.named(0, row, width, ticket, ticket.concern)


# -- the day


def _today(sheet: _Sheet, y: int, x: int, width: int, height: int) -> None:
    """How the day goes, and what changes are made just now."""
    today = sheet.board.today
    sheet.put(x, y, "Today", CALM)
    counts = (("Logged", today.logged), ("Resolved", today.resolved), ("Closed", today.closed))
    for row, (label, count) in enumerate(counts, y + 1):
        sheet.put(x, row, label, CALM)
        sheet.number(x + width, row, count, f"{label} today")
    row = y + 1 + len(counts)
    for label, rate in (("First contact", today.first_contact), ("Level 1", today.level_1)):
        goal = f"of {rate.target} % " if rate.target is not None else ""
        missed = rate.target is not None and rate.percent is not None and rate.percent < rate.target
        text = _NOTHING if rate.percent is None else f"{rate.percent:.0f} %"
        sheet.put(x, row, f"{label} {goal}".rstrip(), CALM)
        at = x + width - len(text)
        if rate.percent is None:
            sheet.put(at, row, text, CALM)
        else:
            style = SOON if missed else STRONG
            if missed:
                sheet.put(at - 2, row, SIGNS["at risk"], SOON)
            sheet.put(at, row, text, style, label, Target(f"{label} today", rate.query))
        row += 1
    hand_offs = _NOTHING if today.hand_offs is None else f"{today.hand_offs:.1f}"
    seconds = _NOTHING if today.call_seconds is None else _minutes(today.call_seconds)
    sheet.fact(x, row, width, "Hand-offs a ticket", hand_offs)
    sheet.fact(x, row + 1, width, "Call saved after", seconds)
    row += 2
    if today.after_seconds is not None:
        keys = f", {today.after_keys:.0f} keys" if today.after_keys is not None else ""
        sheet.fact(x, row, width, "After hang-up", _minutes(today.after_seconds) + keys)
        row += 1
    row = _changes(sheet, row, x, width)
    _times(sheet, row, x, width, height)


def _times(sheet: _Sheet, y: int, x: int, width: int, height: int) -> None:
    """Medians by priority: working time, and behind it that of the wall clock."""
    times = sheet.board.today.times[: max(0, height - y - 1)]
    if not times or not times[0].resolved:
        return
    middle = x + (width + 3) // 2
    for end, name in ((middle, "response"), (x + width, "restore")):
        sheet.put(end - len(name), y, name, CALM)
    for row, each in enumerate(times, y + 1):
        sheet.put(x, row, sheet.short.get(each.priority, each.priority)[:3] if each.priority else "all", CALM)
        spans = ((middle, each.response_work, each.response_wall), (x + width, each.restore_work, each.restore_wall))
        for end, work, wall in spans:
            text = _span(work, wall)
            sheet.put(end - len(text), row, text, STRONG)


def _span(work: timedelta | None, wall: timedelta | None) -> str:
    if wall is None:
        return _NOTHING
    return f"{age(work)} ({age(wall)})" if work is not None else f"({age(wall)})"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _changes(sheet: _Sheet, y: int, x: int, width: int) -> int:
    """Changes that are made just now, those that end first; returns the line after."""
    shown = sorted(sheet.board.changes, key=lambda change: change.ends_at)[:_MOST_CHANGES]
    if not shown:
        return y
    sheet.put(x, y, "Changes in window", CALM)
    for row, change in enumerate(shown, y + 1):
        left = change.ends_at - sheet.board.at
        over = left < timedelta()
        sign, style = (SIGNS["late"], LATE) if over else (SIGNS["at risk"], SOON) if left <= DUE_SOON else ("", STRONG)
        words = f"over by {age(-left)}" if over else f"ends in {age(left)}"
        text = f"{sign} {words}".strip()
        sheet.put(x, row, change.ref, STRONG, f"change {change.id}", Target(change.ref, change=change.id))
        at = x + len(change.ref) + 2
        sheet.put(at, row, cell(change.title, x + width - len(text) - 1 - at).rstrip())
        sheet.put(x + width - len(text), row, text, style)
    return y + 1 + len(shown)
