"""The calendar of changes, a week at a time: a line for each window, a cell for each hour, freezes and clashes marked.

Windows below each other in the same hours are seen to overlap; those that touch the same systems or the same customer
carry a sign (C2, R147).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from deskterm.actions import bindings
from deskterm.desk.changes.views import CalendarDay, calendar_week
from deskterm.desk.changes.window import Booked, clashes, freezes
from deskterm.desk.wording import day_named
from deskterm.screens.change_table import ChangeTable
from deskterm.text import safe
from deskterm.widgets.change_words import FREEZE, line_words
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.table import Column, TableRow, Tone

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.deskfile.models import Freeze

_HOURS: Final = "0     6     12    18    "
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DayLine:
    """A line of the calendar: a window on a day, a freeze, or a day without either."""

    day: date
    is_first: bool
    """The day is named on its first line only."""
    hours: str
    """24 cells, one an hour."""
    window: Booked | None = None
    times: str = ""
    clashes: bool = False
    """With another window on the same systems or for the same customer, or with a freeze."""
    freeze: Freeze | None = None

    @property
    def id(self) -> UUID:
        """Names the line across refreshes."""
        what = self.window.id if self.window else self.freeze.name if self.freeze else ""
        return uuid5(NAMESPACE_OID, f"{self.day}/{what}")


def day_lines(days: Iterable[CalendarDay], desk: DeskFile, now: datetime, zone: str) -> list[DayLine]:
    """The lines of some days; `now` is marked in its hour."""
    there = ZoneInfo(zone)
    local_now, known = now.astimezone(there), list(days)
    windows = {window.id: window for each in known for window in each.windows}.values()
    lines = []
    for each in known:
        hour = local_now.hour if local_now.date() == each.day else None
        shown: list[DayLine] = [
            DayLine(each.day, is_first=False, hours=FREEZE * 24, freeze=freeze) for freeze in each.freezes
        ]
        for window in each.windows:
            first, last = window.starts.astimezone(there), window.ends.astimezone(there)
            clashing = bool(clashes(window, windows) or freezes(window, desk))
            shown.append(
                DayLine(
                    each.day, is_first=False, hours=_bar(each.day, window, hour, there), window=window,
                    times=_times(each.day, first, last), clashes=clashing,
                )
            )  # fmt: skip
        first_line, *others = shown or [DayLine(each.day, is_first=True, hours=_blank(hour))]
        lines += [_named(first_line), *others]
    return lines


def _named(line: DayLine) -> DayLine:
    return DayLine(line.day, True, line.hours, line.window, line.times, line.clashes, line.freeze)


def _blank(hour: int | None) -> str:
    return "".join("│" if each == hour else "·" for each in range(24))


def _bar(day: date, window: Booked, hour: int | None, there: ZoneInfo) -> str:
    """The hours of a day that a window touches, filled."""
    midnight = datetime.combine(day, time())
    edges = [(midnight + timedelta(hours=n)).replace(tzinfo=there) for n in range(25)]
    filled = (window.starts < after and before < window.ends for before, after in pairwise(edges))
    return "".join("█" if full else sign for full, sign in zip(filled, _blank(hour), strict=True))


def _times(day: date, first: datetime, last: datetime) -> str:
    """From when until when on this day; an arrow where it comes from the day before or goes on into the next."""
    begins = first.date() == day
    ends = last.date() == day or last == datetime.combine(day + timedelta(days=1), time(), last.tzinfo)
    if begins and ends:
        return f"{first:%H:%M}–{last:%H:%M}"
    return f"{first:%H:%M} →" if begins else f"    → {last:%H:%M}" if ends else "all day"


class CalendarScreen(ChangeTable[DayLine]):
    """A week of windows."""

    place = "calendar"
    BINDINGS: ClassVar = [*bindings("calendar")]

    def __init__(self, at: datetime | None = None) -> None:
        """`at` is a moment of the week to show; None shows the week of now."""
        super().__init__()
        self._at = at
        self._day: date

    def above(self) -> ComposeResult:
        """Which week it is."""
        yield Static(id="week")

    def on_mount(self) -> None:
        """Begin with the week that was asked for."""
        self._day = (self._at or self.host.now()).astimezone(ZoneInfo(self.zone)).date()
        self.heading("Calendar of changes", calls_open(len(self.host.calls)))
        super().on_mount()

    def columns(self) -> tuple[Column[DayLine], ...]:
        """Day, hours, and the window in words."""
        return (
            Column("", 1, self._sign),
            Column("Day", 6, lambda line: (_day_cell(line), "accent" if line.day == self._today else "plain")),
            Column(_HOURS, 24, lambda line: (line.hours, self._tone(line))),
            Column("Window", 11, lambda line: (line.times, "plain")),
            Column("Ref", 7, lambda line: (line.window.ref if line.window else "", "accent")),
            Column("Change", 0, self._what),
            Column("Company", 16, lambda line: (line.window.company if line.window else "", "muted"), gives_way=1),
            Column("State", 16, self._state, gives_way=2),
        )

    @property
    def _today(self) -> date:
        return self.host.now().astimezone(ZoneInfo(self.zone)).date()

    def _sign(self, line: DayLine) -> tuple[str, Tone]:
        if line.freeze:
            return FREEZE, "risk"
        if line.window is None:
            return " ", "plain"
        sign, _, tone = line_words(line.window.state)
        return ("▲", "risk") if line.clashes and tone != "late" else (sign, tone)

    def _tone(self, line: DayLine) -> Tone:
        if line.window is None:
            return "risk" if line.freeze else "muted"
        tone = line_words(line.window.state)[2]
        return "late" if tone == "late" else "risk" if line.clashes else "muted" if tone == "muted" else "accent"

    def _what(self, line: DayLine) -> tuple[str, Tone]:
        if line.freeze:
            return f"Frozen: {line.freeze.title}", "risk"
        return (line.window.title or "No title yet", "plain") if line.window else ("", "muted")

    def _state(self, line: DayLine) -> tuple[str, Tone]:
        if line.window is None:
            return "", "muted"
        _, words, tone = line_words(line.window.state)
        return words, tone

    def change_of(self, line: DayLine) -> UUID | None:
        """The change whose window the line shows."""
        return line.window.id if line.window else None

    def nothing(self) -> str:
        """What a line without a window tells."""
        row = self.table.current
        if row is None or row.value.freeze is None:
            return "No window here."
        freeze = row.value.freeze
        whom = f" For {', '.join(freeze.company)}." if freeze.company else ""
        first, last = day_named(freeze.first_day), day_named(freeze.last_day)
        return f"{freeze.title}: systems are left alone from {first} to {last}, both included.{whom}"

    # -- rows

    async def load(self, *, to_top: bool = False) -> bool:
        """Read the week; at first the cursor goes to the window nearest to come."""
        day, desk = self._day, self.host.desk
        if desk is None:
            return False
        there = ZoneInfo(self.zone)
        monday = day - timedelta(days=day.weekday())
        first, last = (datetime.combine(each, time(), there) for each in (monday, monday + _WEEK))
        windows = await self.host.store.windows(first, last)
        if day != self._day:
            return False
        lines = day_lines(calendar_week(day, windows, desk, self.zone), desk, self.host.now(), self.zone)
        self.table.replace((TableRow(line.id, line) for line in lines), to_top=to_top)
        if to_top:
            self.table.action_move(self._nearest(lines))
        self._draw_week(monday, len({line.window.id for line in lines if line.window}), lines)
        return True

    def _nearest(self, lines: list[DayLine]) -> int:
        moment = self._at or self.host.now()
        ahead = [n for n, line in enumerate(lines) if line.window and line.window.ends > moment]
        return min(ahead, default=next((n for n, line in enumerate(lines) if line.day == self._day), 0))

    def _draw_week(self, monday: date, windows: int, lines: list[DayLine]) -> None:
        number = monday.isocalendar().week
        first, last = _short(monday), _short(monday + timedelta(days=6))
        clashing = len({line.window.id for line in lines if line.window and line.clashes})
        count = {0: "no window", 1: "1 window"}.get(windows, f"{windows} windows")
        self.query_one("#week", Static).update(
            Content.assemble(
                (f"Week {number}", "bold"),
                (safe(f"  {first} – {last} {(monday + timedelta(days=6)).year}, {self.zone}"), "$text-muted"),
                (f"   {count}", ""),
                (f"   ▲ {clashing} clash" if clashing else "", "$text-warning"),
            )
        )

    # -- weeks

    def act_next_week(self, argument: str) -> None:
        """A week on."""
        self._go_to(self._day + _WEEK)

    def act_previous_week(self, argument: str) -> None:
        """A week back."""
        self._go_to(self._day - _WEEK)

    def act_this_week(self, argument: str) -> None:
        """Back to today."""
        self._at = None
        self._go_to(self._today)

    def _go_to(self, day: date) -> None:
        self._day = day
        self.reload(to_top=True)


def _day_cell(line: DayLine) -> str:
    return _short(line.day)[:6] if line.is_first else ""


def _short(day: date) -> str:
    """A day in ten cells: "Mon 16 Mar"."""
    name, number, month, _ = day_named(day).split()
    return f"{name[:3]} {number:>2} {month[:3]}"
