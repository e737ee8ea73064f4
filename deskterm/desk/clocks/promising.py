"""Which times are promised to whom: by contract level, priority and calendar, from the desk file in force (R088).

A target of the contract's own level goes before the target of everybody. Times count in the hours that a bespoke
contract names itself (R180, R181), else in the target's calendar, else in the level's, else in the desk's own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from deskterm.desk.deskfile import DeskFile, Group
from deskterm.desk.hours.promises import Calendar, ContractLevel, Target
from deskterm.desk.records.customers import Contract
from deskterm.desk.records.ticket import Ticket, VendorTask
from deskterm.desk.records.timekeeping import Duty, Promise
from deskterm.desk.spelling import ALWAYS, week

_BESIDES: Final = {"since", "desk"}
"""What a promise holds besides its terms."""


def promise_for(
    desk: DeskFile, contract: Contract | None, priority: str | None, now: datetime, position: int
) -> Promise | None:
    """What a customer is promised from now on; None where no target applies, as before triage.

    `position` is that of the desk file in the log.
    """
    level = _level(desk, contract)
    target = _target(desk, level, priority)
    calendar = _calendar(desk, contract, level, target)
    if target is None or not calendar:
        return None
    return Promise(
        since=now,
        desk=position,
        priority=target.priority or "",
        contract=contract.key if contract else "",
        level=level.name if level else "",
        calendar=calendar,
        response=target.response or "",
        update=target.update or "",
        urgent_update=target.escalated_update or "",
        restore=target.restore or "",
        pauses=_pauses(desk, level),
    )


def promise_anew(
    ticket: Ticket, desk: DeskFile, contract: Contract | None, priority: str | None, now: datetime, position: int
) -> Promise | None:
    """What an open ticket is promised after its priority or contract changed; None where its terms stay as they are.

    Where no target applies any more, the promise holds no times.
    """
    before = ticket.timekeeping.promise
    after = promise_for(desk, contract, priority, now, position)
    if after is None:
        nothing = Promise(since=now, desk=position, priority=priority or "", calendar="")
        return nothing if before is not None and before.calendar else None
    return None if same_terms(before, after) else after


def same_terms(one: Promise | None, other: Promise | None) -> bool:
    """Whether two promises say the same, whenever they were made."""
    if one is None or other is None:
        return one is other
    return one.model_dump(exclude=_BESIDES) == other.model_dump(exclude=_BESIDES)


def duty_for(desk: DeskFile, name: str, now: datetime, position: int) -> Duty | None:
    """How soon a group has to take what it is given (OLA); None where nothing was agreed."""
    group = desk.group_named(name)
    target, calendar = _agreed(desk, group)
    if group is None or not target:
        return None
    return Duty(group=group.name, since=now, desk=position, calendar=calendar, target=target)


def with_agreement(task: VendorTask, desk: DeskFile, position: int) -> VendorTask:
    """A vendor task with how soon the vendor has to answer it, by its agreement with the desk (UC, R109, R164)."""
    target, calendar = _agreed(desk, desk.group_named(task.vendor))
    if not target:
        return task
    return task.model_copy(update={"desk": position, "target": target, "calendar": calendar})


def stands_still(desk: DeskFile, ticket: Ticket, reason: str) -> bool:
    """Whether the clocks of a ticket stand still while it waits for this reason (R093)."""
    promise = ticket.timekeeping.promise
    return reason in (promise.pauses if promise else _pauses(desk, None))


def calendar_named(calendars: tuple[Calendar, ...], name: str) -> Calendar | None:
    """The calendar that a promise means: one of the desk file's, perhaps with a contract's own hours after its name."""
    base, _, own = name.partition(" ")
    found = next((calendar for calendar in calendars if calendar.name == base), None)
    if found is None or not own:
        return found
    # The day's own hours in the desk file are those of its usual week; a contract's hours know closed days only.
    update = {"title": f"The contract's own hours: {own}", "hours": own, "dates": {}}
    return found.model_copy(update=update)


def _level(desk: DeskFile, contract: Contract | None) -> ContractLevel | None:
    wanted = contract.service_level.strip().casefold() if contract else ""
    named = (level for level in desk.contract_level if wanted in (level.name.casefold(), level.title.casefold()))
    return next(named, None) if wanted else None


def _target(desk: DeskFile, level: ContractLevel | None, priority: str | None) -> Target | None:
    mine = [target for target in desk.target if target.priority == priority]
    own = (target for target in mine if level is not None and target.contract_level == level.name)
    return next(own, next((target for target in mine if target.contract_level is None), None))


def _calendar(desk: DeskFile, contract: Contract | None, level: ContractLevel | None, target: Target | None) -> str:
    named = (target.calendar if target else None) or (level.calendar if level else None)
    own = _own_hours(contract) if contract else ""
    if own:
        # A contract says hours; zone and holidays are those of the calendar that it would have without them.
        base = (level.calendar if level else None) or named or desk_calendar(desk)
        return f"{base} {own}" if base else ""
    if named:
        return named
    base = desk_calendar(desk)
    return f"{base} {ALWAYS}" if base and contract and contract.cover == "always" else base


def _own_hours(contract: Contract) -> str:
    """The hours that a contract brings along, where they can be read."""
    hours = " ".join(contract.hours.split())
    if contract.cover != "bespoke" or not hours:
        return ""
    try:
        week(hours)
    except ValueError:
        return ""
    return hours


def desk_calendar(desk: DeskFile) -> str:
    """The hours a desk goes by where nothing nearer names a calendar: the normal ones of its first centre."""
    for centre in desk.centre:
        return centre.normal_calendar or centre.calendar
    return desk.calendar[0].name if desk.calendar else ""


def _pauses(desk: DeskFile, level: ContractLevel | None) -> tuple[str, ...]:
    if level is not None and "pauses" in level.model_fields_set:
        return level.pauses
    return tuple(reason.key for reason in desk.pending if reason.pauses)


def _agreed(desk: DeskFile, group: Group | None) -> tuple[str, str]:
    """How soon a group has to answer, and in which calendar: its centre's, else the desk's."""
    if group is None:
        return "", ""
    centre = next((centre for centre in desk.centre if centre.name == group.centre), None)
    calendar = centre.calendar if centre else desk_calendar(desk)
    return (group.answers_within or group.minimum_intervention or "", calendar) if calendar else ("", "")
