"""How clocks are put into words and signs: the queue's Due column, a ticket's facts, the lines of an explanation.

State is always told by text and sign, so that it shows without colour: ‼ late, ▲ at risk, "paused" (R052).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from deskterm.desk.records.status import CUSTOMER_CLOCKS
from deskterm.desk.wording import day_and_time, when

if TYPE_CHECKING:
    from deskterm.desk.clocks import Clock, ClockState
    from deskterm.desk.clocks.explaining import ExplainedRow, Explanation
    from deskterm.desk.records.timekeeping import ClockName
    from deskterm.desk.tickets.views import GroupLoad

SIGNS: Final[dict[ClockState, str]] = {"late": "‼", "at risk": "▲", "missed": "‼", "met": "✓"}
LABELS: Final[dict[ClockName, str]] = {
    "response": "Response", "update": "Update", "restore": "Restore", "promised": "Promised", "group": "To take",
    "vendor": "Vendor due",
}  # fmt: skip
"""What the clocks are called where there is little room."""
HEADS: Final = ("Day", "From", "To", "Counted", "Together", "Why")
"""What stands over the cells of an explanation's rows."""
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SOON: Final = timedelta(hours=10)
"""What is due within this is told by how long that is; later, by day and time."""
_UNITS: Final = {"d": "working day", "h": "hour", "m": "minute"}


def due_cell(
    due: datetime | None, at_risk: datetime | None, paused: bool, now: datetime, zone: str
) -> tuple[str, ClockState | None]:
    """What is due next in at most nine cells, with its state: "0:12 ▲", "-0:05 ‼", "Mon 9:00", "paused", or nothing."""
    if due is None:
        return ("paused", "paused") if paused else ("", None)
    if now > due:
        return f"-{age(now - due)} {SIGNS['late']}", "late"
    if at_risk is not None and now >= at_risk:
        return f"{age(due - now)} {SIGNS['at risk']}", "at risk"
    local, today = due.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    if due - now < _SOON:
        return age(due - now), "running"
    return _day_and_time(local, today), "running"


def _day_and_time(local: datetime, today: date) -> str:
    if (local.date() - today).days < len(_DAYS):
        return f"{_DAYS[local.weekday()]} {local.hour}:{local:%M}"
    return f"{local.day} {_MONTHS[local.month - 1]}"


def group_words(load: GroupLoad, now: datetime, zone: str, whose: str = "") -> str:
    """Whether anybody is there to take a ticket, and how much waits: "open, 2 waiting"."""
    waiting = f"{load.unowned or 'none'} waiting"
    return ", ".join(filter(None, (opening_words(load, now, zone, whose), waiting)))


def opening_words(load: GroupLoad, now: datetime, zone: str, whose: str = "") -> str:
    """Whether a group's centre is open, else when it opens; empty where it keeps no hours that are known (R082).

    `whose` says whose time that is, where the viewer's zone is another than the desk's.
    """
    if load.is_open is None:
        return ""
    if load.is_open or load.opens_at is None:
        return "open" if load.is_open else "closed"
    local, today = load.opens_at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    at = f"{local.hour}:{local:%M}" if local.date() == today else _day_and_time(local, today)
    return f"opens {at} {whose}".rstrip()


def age(span: timedelta) -> str:
    """How long, in at most six cells: 0:07, 3:20, 2d04h, 12d."""
    minutes = max(0, int(span.total_seconds() // 60))
    hours, days = minutes // 60, minutes // 1440
    if hours < 24:
        return f"{hours}:{minutes % 60:02d}"
    return f"{days}d{hours % 24:02d}h" if days < 10 else f"{days}d"


def hours_and_minutes(span: timedelta) -> str:
    """A length of time to be summed: 8:30, or 0:00:30 where seconds count."""
    seconds = round(span.total_seconds())
    rest = f":{seconds % 60:02}" if seconds % 60 else ""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}{rest}"


def standing_of(clock: Clock, now: datetime, zone: str) -> str:
    """Where a clock stands, in a few words: "due today at 14:30, 3:05 left", "late since 9:00", "met"."""
    state = clock.state(now)
    if clock.due is None:
        return "paused"
    at = when(clock.due, now, zone)
    words = {
        "running": f"due {at}, {age(clock.due - now)} left",
        "at risk": f"due {at}, {age(clock.due - now)} left {SIGNS['at risk']} at risk",
        "late": f"{SIGNS['late']} late by {age(now - clock.due)}, was due {at}",
        "met": "met",
        "missed": f"{SIGNS['missed']} missed, was due {at}",
        "paused": "paused",
    }
    return words[state]


def short_clocks(clocks: Iterable[Clock], now: datetime, zone: str) -> list[tuple[str, ClockState]]:
    """The customer's clocks that run, each in a few words: "Update 0:12 ▲", "Restore Mon 9:00"."""
    running = [clock for clock in clocks if clock.ended is None and clock.name in CUSTOMER_CLOCKS]
    words = ((clock, *due_cell(clock.due, clock.at_risk, True, now, zone)) for clock in running)
    return [(f"{LABELS[clock.name]} {text}", state) for clock, text, state in words if state is not None]


def clock_lines(clocks: Iterable[Clock], now: datetime, zone: str) -> list[tuple[str, str, ClockState]]:
    """Label, words and state of every clock that still matters: running, or missed for the customer."""
    known = ((clock, clock.state(now)) for clock in clocks)
    return [
        (LABELS[clock.name], _of(clock) + standing_of(clock, now, zone), state)
        for clock, state in known
        if clock.ended is None or (state == "missed" and clock.name in CUSTOMER_CLOCKS)
    ]


def _of(clock: Clock) -> str:
    return f"{clock.detail}: " if clock.name in ("group", "vendor") and clock.detail else ""


def _title(clock: Clock) -> str:
    return f"{clock.title} {_of(clock)[:-2]}".strip()


# -- an explanation


def said(explained: Explanation) -> str:
    """The answer before the reasons: which clock, when it is due, how it stands."""
    clock = explained.clock
    where = f" ({explained.zone})" if clock.due else ""
    at = f"due {day_and_time(clock.due, explained.zone)}{where}" if clock.due else "stands still now"
    return f"{_title(clock)}: {at}, {_state(explained)}."


def _state(explained: Explanation) -> str:
    left = age(explained.left) if explained.left is not None else ""
    over = age(explained.over_by) if explained.over_by is not None else ""
    return {
        "running": f"{left} left",
        "at risk": f"{SIGNS['at risk']} at risk, {left} left",
        "late": f"{SIGNS['late']} late by {over}",
        "paused": f"{left} left when it goes on",
        "met": f"{SIGNS['met']} met",
        "missed": f"{SIGNS['missed']} missed by {over}",
    }[explained.state]


def reasons(explained: Explanation) -> tuple[tuple[str, str], ...]:
    """What the due time stands on, as labels and words; those without words are left out."""
    clock, zone = explained.clock, explained.zone
    desk_file = f"{explained.desk_file}, loaded as event {clock.desk}" if explained.desk_file else ""
    facts = (
        ("Target", target_words(clock.target) if clock.target else "the time that was told"),
        ("Because", clock.detail),
        ("Priority", explained.priority),
        ("Contract", explained.contract),
        ("Counts in", f"{explained.calendar}, {zone}" if explained.calendar else "time that really passes"),
        ("Began", day_and_time(clock.began, zone)),
        ("Ended", day_and_time(clock.ended, zone) if clock.ended else ""),
        ("At risk", day_and_time(clock.at_risk, zone) if clock.at_risk and not clock.ended else ""),
        ("Desk file", desk_file),
    )
    return tuple((label, words) for label, words in facts if words)


def target_words(target: str) -> str:
    """A target as one says it: "1 working day", "4 hours"."""
    parts, number = [], ""
    for sign in target:
        if sign.isdigit():
            number += sign
        else:
            parts.append(f"{number} {_UNITS[sign]}{'' if number == '1' else 's'}")
            number = ""
    return " ".join(parts)


def cells(row: ExplainedRow, zone: str) -> tuple[str, ...]:
    """The cells of a row, under `HEADS`; times are those of the clock on the wall."""
    there = ZoneInfo(zone)
    day = f"{_DAYS[row.day.weekday()]} {row.day.day} {_MONTHS[row.day.month - 1]}"
    if row.start == row.end:
        at = "" if row.note.startswith(_WHOLE_DAYS) else f"{row.start.astimezone(there):%H:%M}"
        return (day, at, "", "", hours_and_minutes(row.total), row.note)
    start, end = (moment.astimezone(there) for moment in (row.start, row.end))
    to = "24:00" if end.hour == end.minute == 0 and end.date() != start.date() else f"{end:%H:%M}"
    counted = hours_and_minutes(row.counted) if row.counted else "–"
    return (day, f"{start:%H:%M}", to, counted, hours_and_minutes(row.total), row.note)


_WHOLE_DAYS: Final = ("Closed", "Holiday", "Outside hours")
