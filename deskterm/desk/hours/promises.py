"""When a desk is open and what it promises: calendars, centres, contract levels, targets and ladders.

They are read, checked and kept as written; clocks and escalation give them life. Rows: R077-R080, R088-R091, R096-R106.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from deskterm.desk.record import Frozen
from deskterm.desk.spelling import DayHours, Duration, WeekHours, Zone

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
"""A short name that other parts of the file refer to."""
HolidayList = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
"""Whose public holidays: an ISO 3166 country, or a part of one, such as `GB-ENG`."""


class Calendar(Frozen):
    """Hours of a week in a zone of its own, holidays, and days that differ (R078, R079, R085)."""

    name: Name
    title: str = ""
    zone: Zone
    hours: WeekHours
    """`Mon-Fri 09:00-13:00,14:00-18:00; Sat 09:00-12:00`, or `always`."""
    holidays: tuple[HolidayList, ...] = ()
    """Whose public holidays are closed days."""
    closed: tuple[date, ...] = ()
    """Own closed days."""
    dates: dict[date, DayHours] = Field(default_factory=dict)
    """Own hours on single dates, holidays and closed days among them: `2026-12-24 = "09:00-13:00"`."""


class Centre(Frozen):
    """An operations centre: where groups sit and when they work (R077)."""

    name: Name
    title: str = ""
    zone: Zone
    calendar: str
    """Name of the calendar it works by."""
    normal_calendar: str | None = None
    """The normal hours of a centre that never closes: for working days, and for what may wait (R078, R086)."""
    staffed: bool = False
    """Whether somebody must always be on duty in its hours (R087)."""


class ContractLevel(Frozen):
    """An entry of the catalogue that contracts pick their service from (R088, R179-R184)."""

    name: Name
    title: str = ""
    calendar: str
    """Name of the calendar of its hours of cover."""
    levels: Literal["L0", "L0+L1", ""] = ""
    """The support levels it buys, where it buys less than all (R068)."""
    hardware: Duration | None = None
    """How soon a replacement is there; `1d` is the next day of the calendar (R167)."""
    engineer: bool = False
    """Whether an engineer comes with the replacement (R168)."""
    pauses: tuple[str, ...] = ()
    """Keys of the pending reasons for which clocks stand still under it (R093)."""
    note: str = ""


class Target(Frozen):
    """What is promised for a priority: the longest times to respond, update and restore (R088-R091)."""

    priority: str | None = None
    """Key of the priority; left out, the target is for tickets that have none yet: the first-contact clock then runs
    from opening on (R090)."""
    contract_level: str | None = None
    """Name of the contract level; left out, the target is for everybody without a nearer one."""
    calendar: str | None = None
    """Name of the calendar the times count in; left out, the contract level's own."""
    response: Duration | None = None
    """Until somebody works on it."""
    update: Duration | None = None
    """Between one word to the customer and the next."""
    escalated_update: Duration | None = None
    """The same while the ticket is escalated or major; left out, it stays as it is (R092)."""
    restore: Duration | None = None
    """Until the service runs again."""


class Stage(Frozen):
    """One rung of a ladder: who is told, and after how long at the latest (R106)."""

    role: str = Field(min_length=1)
    after: Duration | None = None
    """Age at which it is reached by itself; left out, it is reached by hand only."""
    group: str | None = None
    """Name of the group that gets the work."""
    name: str = ""
    phone: str = ""


class Ladder(Frozen):
    """How a ticket moves up: its kind, what sets it off, and its stages from the bottom (R096, X1)."""

    name: Name
    title: str = ""
    kind: Literal["functional", "hierarchical", "vendor"]
    trigger: tuple[
        Literal["age-timer", "rule-at-stage", "customer", "operator", "missed-target", "monitoring", "major"], ...
    ] = Field(min_length=1)
    """What sets it off."""
    priority: tuple[str, ...] = ()
    """Keys of the priorities it is for; empty means every one."""
    services: tuple[str, ...] = ()
    """Ids of the services it is for, as customers have them; empty means every one. The closest fit counts (R106)."""
    stage: tuple[Stage, ...] = Field(min_length=1)
