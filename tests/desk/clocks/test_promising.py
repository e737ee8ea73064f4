"""Which times are promised: by contract level, priority and calendar (R088, R180, R181)."""

from __future__ import annotations

import pytest

from deskterm.desk import commands as c
from deskterm.desk.clocks.promising import duty_for, promise_for
from deskterm.desk.events import Amended, PriorityOverridden, VendorTaskOpened
from deskterm.desk.hours.promises import Target
from deskterm.desk.records.customers import Contract
from tests.desk.timed_desk import BESPOKE, BOOKS, GOLD, P2, P3, SILVER, TIMED, called, utc
from tests.people import DESK, LEA, NORA, TOM, Story, facts

NOW = utc(22, 9)


def test_a_level_s_own_target_goes_before_that_of_everybody() -> None:
    gold, plain = promise_for(TIMED, GOLD, "p1", NOW, 7), promise_for(TIMED, None, "p1", NOW, 7)
    assert gold is not None
    assert plain is not None
    assert (gold.response, gold.calendar, gold.level, gold.contract) == ("15m", "always", "gold", "BL-204")
    assert (plain.response, plain.calendar, plain.level, plain.desk) == ("30m", "uk", "", 7)


def test_a_level_without_a_target_of_its_own_gets_that_of_everybody_in_its_own_hours() -> None:
    promise = promise_for(TIMED, GOLD, "p2", NOW, 1)
    assert promise is not None
    assert (promise.restore, promise.calendar) == ("1d", "always")


def test_without_a_target_nothing_is_promised() -> None:
    assert promise_for(TIMED, GOLD, None, NOW, 1) is None
    assert promise_for(DESK, GOLD, "p1", NOW, 1) is None


def test_without_any_calendar_it_is_the_desk_s_own() -> None:
    promise = promise_for(TIMED, None, "p2", NOW, 1)
    assert promise is not None
    assert promise.calendar == "uk"
    always = promise_for(TIMED, Contract(key="X", company="BL", cover="always"), "p2", NOW, 1)
    assert always is not None
    assert always.calendar == "uk always"


def test_a_bespoke_contract_brings_its_own_hours() -> None:
    """R180, R181: the hours are the contract's; zone and holidays are those of the calendar it would have had."""
    promise = promise_for(TIMED, BESPOKE, "p1", NOW, 0)
    assert promise is not None
    assert promise.calendar == "uk Mon-Sat 08:00-20:00"
    hours = BOOKS.hours(0, promise.calendar)
    assert hours is not None
    assert hours.calendar.zone == "Europe/London"
    assert hours.is_open(utc(23, 18, 30))
    assert not hours.is_open(utc(25, 12))


def test_hours_that_cannot_be_read_are_no_hours() -> None:
    promise = promise_for(TIMED, BESPOKE.model_copy(update={"hours": "office hours"}), "p1", NOW, 0)
    assert promise is not None
    assert promise.calendar == "uk"


@pytest.mark.parametrize(
    ("level", "pauses"),
    [
        ("gold", ("customer-info",)),
        ("silver", ("customer-info", "customer-action")),
        ("iron", ()),
    ],
)
def test_clocks_pause_for_what_the_level_names_else_for_what_the_desk_says(level: str, pauses: tuple[str, ...]) -> None:
    """R093: a level that names no reasons at all leaves it to the desk file; one that names none allows none."""
    contract = Contract(key="X", company="BL", service_level=level)
    promise = promise_for(TIMED, contract, "p1", NOW, 1)
    assert promise is not None
    assert promise.pauses == pauses


def test_a_call_is_promised_what_its_contract_buys() -> None:
    assert called(NOW, GOLD).ticket.timekeeping.promises[0].response == "15m"


def test_a_group_and_a_vendor_answer_as_was_agreed() -> None:
    """OLA and UC (R109, R164)."""
    duty = duty_for(TIMED, "net-2", NOW, 3)
    assert duty is not None
    assert (duty.target, duty.calendar, duty.desk) == ("30m", "uk", 3)
    assert duty_for(TIMED, "voice-1", NOW, 3) is None
    story = called(NOW).does(NORA, c.HandOff, to="net-2").does(TOM, c.Take).does(TOM, c.Start)
    story.does(TOM, c.OpenVendorTask, vendor="makers")
    opened = story.events[-1].happening
    assert isinstance(opened, VendorTaskOpened)
    assert (opened.task.target, opened.task.calendar) == ("4h", "uk")


def test_an_amendment_promises_anew_only_where_the_terms_change() -> None:
    story = called(NOW, SILVER, **P2)
    story.does(NORA, c.Amend, changes={"summary": "Something else"})
    same = story.events[-1].happening
    story.does(NORA, c.Amend, changes=P3)
    other = story.events[-1].happening
    assert isinstance(same, Amended)
    assert same.promise is None
    assert isinstance(other, Amended)
    assert other.promise is not None
    assert other.promise.restore == "3d"
    story.contract = GOLD
    story.does(NORA, c.Amend, changes={"contract": "BL-204"})
    assert [promise.level for promise in story.ticket.timekeeping.promises] == ["silver", "silver", "gold"]


def test_an_overridden_priority_promises_its_own_times_and_the_undo_takes_them_back() -> None:
    story = called(NOW, **P3).does(NORA, c.HandOff, to="voice-1")
    before = story.ticket.timekeeping.promises
    story.does(LEA, c.OverridePriority, priority="p1", reason="The boss calls.")
    happened = story.events[-1].happening
    assert isinstance(happened, PriorityOverridden)
    assert happened.promise is not None
    assert happened.promise.response == "30m"
    story.does(LEA, c.Undo)
    assert story.ticket.timekeeping.promises == before


def test_the_undo_keeps_what_the_matrix_said_meanwhile() -> None:
    story = called(NOW, **P3).does(NORA, c.HandOff, to="voice-1")
    story.does(LEA, c.OverridePriority, priority="p1", reason="The boss calls.")
    story.does(NORA, c.Amend, changes=P2).does(LEA, c.Undo)
    promise = story.ticket.timekeeping.promise
    assert story.ticket.priority == "p2"
    assert promise is not None
    assert promise.priority == "p2"


def test_a_priority_without_a_target_promises_nothing_any_more() -> None:
    desk = TIMED.model_copy(update={"target": tuple(t for t in TIMED.target if t.priority != "p3")})
    story = called(NOW, **P2)
    story.desk = desk
    story.does(NORA, c.Amend, changes=P3)
    promise = story.ticket.timekeeping.promise
    assert promise is not None
    assert not (promise.response)
    assert not (promise.update)
    assert not (promise.restore)


def test_before_it_has_a_priority_the_first_contact_clock_runs_from_opening() -> None:
    """R090: by the target without a priority; once there is one, its own target counts from the same moment."""
    first = Target(response="1h", calendar="uk")
    desk = TIMED.model_copy(update={"target": (first, *TIMED.target)})
    story = Story(at=NOW, desk=desk).logs(NORA, facts(impact=None, urgency=None))
    (promise,) = story.ticket.timekeeping.promises
    assert (promise.priority, promise.response, promise.restore) == ("", "1h", "")
    story.later(minutes=10).does(NORA, c.Amend, changes={"impact": "high", "urgency": "high"})
    assert [each.priority for each in story.ticket.timekeeping.promises] == ["", "p1"]
    assert story.ticket.timekeeping.started == NOW
