"""The invented desk of `tests.people` with promises to keep: levels, targets, agreements, and calendars as books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from deskterm.desk.clocks import Clock, clocks
from deskterm.desk.clocks.explaining import Explanation, explain
from deskterm.desk.clocks.promising import calendar_named
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.hours import Hours, hours_of
from deskterm.desk.hours.promises import Calendar, ContractLevel, Target
from deskterm.desk.records.customers import Contract
from deskterm.desk.records.timekeeping import ClockName
from tests.people import DESK, NORA, Story, facts

HOLIDAYS = {date(2026, 5, 25): "Spring Bank Holiday"}
OFFICE = Calendar(
    name="uk", title="UK hours", zone="Europe/London", hours="Mon-Fri 09:00-18:00", holidays=("GB-ENG",),
    dates={date(2026, 12, 24): "09:00-13:00"},
)  # fmt: skip
ALWAYS = Calendar(name="always", zone="Europe/London", hours="always")
GOLD = Contract(key="BL-204", company="BL", service_level="Gold")
SILVER = Contract(key="BL-100", company="BL", service_level="silver")
BESPOKE = Contract(key="BL-9", company="BL", service_level="silver", cover="bespoke", hours="Mon-Sat 08:00-20:00")

TIMED: DeskFile = DESK.model_copy(
    update={
        "calendar": (OFFICE, ALWAYS),
        "contract_level": (
            ContractLevel(name="gold", title="Gold", calendar="always", pauses=("customer-info",)),
            ContractLevel(name="silver", calendar="uk"),
            ContractLevel(name="iron", calendar="uk", pauses=()),
        ),
        "target": (
            Target(
                priority="p1", contract_level="gold", response="15m", update="1h", escalated_update="20m", restore="4h"
            ),
            Target(priority="p1", calendar="uk", response="30m", update="2h", escalated_update="1h", restore="8h"),
            Target(priority="p2", response="1h", update="4h", restore="1d"),
            Target(priority="p3", calendar="uk", response="4h", restore="3d"),
        ),
        "group": tuple(
            group.model_copy(update={"centre": "uk", "answers_within": "30m"}) if group.name == "net-2"
            else group.model_copy(update={"minimum_intervention": "4h"}) if group.level == "vendor"
            else group
            for group in DESK.group
        ),
    }
)  # fmt: skip


class Kept:
    """The calendars of some desk files by their position in the log, with one list of holidays."""

    def __init__(self, desks: Mapping[int, DeskFile] | None = None) -> None:
        self._desks = desks or {0: TIMED}

    def hours(self, desk: int, calendar: str) -> Hours | None:
        """A calendar of the desk file at a position."""
        found = calendar_named(self._desks[desk].calendar, calendar) if desk in self._desks else None
        return hours_of(found, HOLIDAYS if found.holidays else {}) if found else None


BOOKS = Kept()


def utc(day: int, hour: int, minute: int = 0, *, month: int = 5) -> datetime:
    """A moment of May 2026, when London is an hour ahead of UTC; Friday is the 22nd."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def called(at: datetime, contract: Contract | None = None, **known: Any) -> Story:
    """A call logged at a moment on the desk with promises: P1 unless said otherwise."""
    return Story(at=at, contract=contract, desk=TIMED).logs(NORA, facts(**known))


P2: dict[str, Any] = {"impact": "medium", "urgency": "medium"}
P3: dict[str, Any] = {"impact": "low", "urgency": "low"}


def clock(story: Story, name: ClockName) -> Clock:
    """One clock of the story's ticket."""
    return next(each for each in clocks(story.ticket, BOOKS) if each.name == name)


def explained(story: Story, name: ClockName, now: datetime | None = None) -> Explanation:
    """Why it says what it says."""
    found = explain(story.ticket, name, BOOKS, now or story.now)
    assert found is not None
    return found
