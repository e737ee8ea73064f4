"""The window, watched to the second: warnings, overrun, outstanding forms, clashes, freezes, the next free one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskterm.desk.changes.views import calendar_week, is_concerned, view_of, window_guard
from deskterm.desk.changes.window import (
    UNSEEN,
    Booked,
    Clash,
    booked,
    clashes,
    command_for,
    freeze_span,
    freezes,
    in_words,
    moments,
    next_window,
    veiled,
)
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import SYSTEM
from deskterm.desk.deskfile.models import Freeze
from deskterm.desk.records.change import ChangeState, Section
from tests.change_story import DESK, ENDS, EXTENSION, OPENS, ChangeStory, change_to, drafted, row_id
from tests.people import EVERYBODY, LEA, START, TOM, ticket_id

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
S = ChangeState


def tick(story: ChangeStory) -> list[str]:
    """Let the desk tick: all that has fallen due is submitted, in order; tell what came of it."""
    told: list[str] = []
    for moment in moments(story.change, DESK):
        if moment.at <= story.now:
            now = story.now
            story.submits(SYSTEM, command_for(story.change.id, moment)).at(now)
            told += [happening.kind for happening in story.last]
    return told


# -- what falls due


@pytest.mark.parametrize("state", [S.IMPLEMENTING, S.TESTING])
@pytest.mark.parametrize(
    ("what", "before"), [("warn-15", 15 * MINUTE), ("warn-5", 5 * MINUTE), ("window-over", 0 * MINUTE)]
)
def test_each_moment_comes_to_the_second(state: ChangeState, what: str, before: timedelta) -> None:
    """C7: a second before it nothing happens, at it and after it the moment has come."""
    story = change_to(state)
    due = ENDS - before
    assert [moment.at for moment in moments(story.change, DESK) if moment.what == what] == [due]
    story.at(due - SECOND).refuses(SYSTEM, c.ChangeFallsDue, "C7", what=what, due=due)
    for later in (0 * SECOND, SECOND):
        fresh = change_to(state).at(due + later).does(SYSTEM, c.ChangeFallsDue, what=what, due=due)
        assert (fresh.change.state is S.OVERRUN) == (what == "window-over")
        assert [getattr(happening, "due", None) for happening in fresh.last] == [due]


def test_ticking_twice_changes_nothing_and_ids_are_the_same() -> None:
    story = change_to(S.IMPLEMENTING).at(ENDS - 4 * MINUTE)
    ids = [command_for(story.change.id, moment).id for moment in moments(story.change, DESK)]
    assert tick(story) == ["WindowWarned", "WindowWarned"]
    assert tick(story) == []
    assert [command_for(story.change.id, moment).id for moment in moments(story.change, DESK)] == ids[2:]
    assert len(set(ids)) == 3


def test_a_moment_is_told_in_words() -> None:
    told = [in_words(moment.what) for moment in moments(change_to(S.TESTING).change, DESK)]
    assert told == [
        "15 minutes are left of the window.", "5 minutes are left of the window.", "The window is over with work open.",
    ]  # fmt: skip
    (form,) = moments(change_to(S.FORM_OUTSTANDING).change, DESK)
    assert in_words(form.what) == "The form of the emergency change is overdue."


def test_a_desk_that_was_closed_catches_up_in_order_with_the_true_times() -> None:
    """C7: the overrun is known to have been at the end, whenever it was noticed."""
    story = change_to(S.TESTING).at(ENDS + 3 * DAY)
    assert tick(story) == ["WindowWarned", "WindowWarned", "WindowOverran"]
    assert (story.change.state, story.change.overran_at) == (S.OVERRUN, ENDS)


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (c.TickRow, {"row": row_id("First of implementation")}),
        (c.BeginTests, {}),
        (c.AddRow, {"section": Section.ROLLBACK, "text": "More"}),
    ],
)
def test_work_stands_still_from_the_end_on_though_nobody_ticked(
    command: type[c.ChangeCommand], asked: dict[str, Any]
) -> None:
    """C7: with the app closed and no timer run, the window holds all the same, to the second."""
    change_to(S.IMPLEMENTING).at(ENDS).refuses(TOM, command, "C7", **asked)
    story = change_to(S.IMPLEMENTING).at(ENDS - SECOND)
    if command is not c.BeginTests:
        assert story.does(TOM, command, **asked).last


def test_a_change_is_made_in_time_or_not_at_all() -> None:
    """C5, C7: the last second counts, the end does not."""
    story = change_to(S.TESTING).ticks(Section.TESTING)
    story.at(ENDS).refuses(TOM, c.FinishChange, "C7")
    assert story.at(ENDS - SECOND).does(TOM, c.FinishChange).change.state is S.IMPLEMENTED


def test_what_one_does_after_the_end_comes_after_the_overrun() -> None:
    """C9: rolling back without a tick puts the overrun on record first."""
    story = change_to(S.IMPLEMENTING).at(ENDS + SECOND).does(TOM, c.RollBack)
    assert [happening.kind for happening in story.last] == ["WindowOverran", "RollBackBegun"]
    assert (story.change.overran_at, story.last[1].rule) == (ENDS, "C9")  # type: ignore[union-attr]
    story = change_to(S.TESTING).at(ENDS + SECOND).does(TOM, c.RecordExtension, **EXTENSION)
    assert [happening.kind for happening in story.last] == ["WindowOverran", "WindowExtended"]
    assert story.change.state is S.IMPLEMENTING


def test_an_extended_window_is_watched_anew() -> None:
    """C8: and what was due of the old end leads to nothing."""
    story = change_to(S.IMPLEMENTING).at(ENDS - 2 * MINUTE)
    stale = command_for(story.change.id, moments(story.change, DESK)[-1])
    tick(story)
    story.does(TOM, c.RecordExtension, **EXTENSION)
    new_end = EXTENSION["new_end"]
    assert [moment.at for moment in moments(story.change, DESK)] == [
        new_end - 15 * MINUTE, new_end - 5 * MINUTE, new_end,
    ]  # fmt: skip
    assert story.at(ENDS + SECOND).submits(SYSTEM, stale).last == ()
    assert story.change.state is S.IMPLEMENTING


def test_nobody_is_warned_of_what_was_past_when_the_work_began() -> None:
    story = change_to(S.SCHEDULED).ticks(Section.PREREQUISITES).at(ENDS - 10 * MINUTE).does(TOM, c.StartChange)
    assert [moment.what for moment in moments(story.change, DESK)] == ["warn-5", "window-over"]


def test_a_form_falls_due_after_the_desks_time_for_it() -> None:
    """C11, R149: to the second, once, and not when it was completed before."""
    story = change_to(S.FORM_OUTSTANDING)
    (moment,) = moments(story.change, DESK)
    assert story.change.implemented_at is not None
    assert (moment.what, moment.at) == ("form-due", story.change.implemented_at + timedelta(hours=24))
    story.at(moment.at - SECOND).refuses(SYSTEM, c.ChangeFallsDue, "C11", what="form-due", due=moment.at)
    assert tick(story.at(moment.at)) == ["FormFellDue"]
    assert story.change.form_overdue
    assert moments(story.change, DESK) == ()


@pytest.mark.parametrize("state", [s for s in S if s not in (S.IMPLEMENTING, S.TESTING, S.FORM_OUTSTANDING)])
def test_nothing_falls_due_by_itself_elsewhere(state: ChangeState) -> None:
    assert moments(change_to(state).change, DESK) == ()


# -- the guard on the screen


@pytest.mark.parametrize(
    ("before", "alarm", "words"),
    [
        (20 * MINUTE, "", "C-0117 ends in 0:20"),
        (15 * MINUTE + SECOND, "", "C-0117 ends in 0:16"),
        (15 * MINUTE, "15", "C-0117 ends in 0:15"),
        (5 * MINUTE + SECOND, "15", "C-0117 ends in 0:06"),
        (5 * MINUTE, "5", "C-0117 ends in 0:05"),
        (SECOND, "5", "C-0117 ends in 0:01"),
        (0 * SECOND, "over", "C-0117 is over its window by 0:00"),
        (-61 * SECOND, "over", "C-0117 is over its window by 0:01"),
    ],
)
def test_the_guard_counts_down(before: timedelta, alarm: str, words: str) -> None:
    guard = window_guard(change_to(S.IMPLEMENTING).change, ENDS - before)
    assert guard is not None
    assert (guard.alarm, guard.words) == (alarm, words)


def test_the_view_says_what_the_rules_would_though_nobody_ticked() -> None:
    """The screen never shows work going on after the end."""
    story = change_to(S.IMPLEMENTING).at(ENDS)
    view = view_of(story.change, story.context(TOM))
    assert view.change.state is S.OVERRUN
    assert view.next_act == "roll-back"
    assert view.standing == ()
    assert view.guard is not None
    assert view.proposed == (OPENS + DAY, ENDS + DAY)


def test_the_guard_is_shown_to_those_concerned() -> None:
    """Who raised it, who makes it, who owns a row by name or by group, and supervisors; nobody else."""
    story = drafted(LEA).does(TOM, c.AmendChange, changes={"engineer": "Tom"})
    assert [who.name for who in EVERYBODY if is_concerned(story.change, who)] == ["Lea", "Tom", "Sue"]
    story.adds(Section.ROLLBACK, "Ask them", owner="makers").adds(Section.TESTING, "Ring", owner="nora")
    assert [who.name for who in EVERYBODY if is_concerned(story.change, who)] == ["Nora", "Lea", "Tom", "Vera", "Sue"]


# -- clashes and freezes


def other(starts: datetime, ends: datetime, **said: Any) -> Booked:
    """Another change's window."""
    known = {"company": "Elsewhere", "company_id": None, "systems": ("fw-1",), "state": S.SCHEDULED, **said}
    return Booked(id=ticket_id("another"), ref="C-0124", title="Another", starts=starts, ends=ends, **known)


@pytest.mark.parametrize(
    ("starts", "ends", "said", "clash"),
    [
        (OPENS - DAY, OPENS, {}, False),
        (OPENS - DAY, OPENS + SECOND, {}, True),
        (ENDS, ENDS + DAY, {}, False),
        (ENDS - SECOND, ENDS + DAY, {}, True),
        (OPENS, ENDS, {"systems": ("FW-1",)}, True),
        (OPENS, ENDS, {"systems": ("sw-1",)}, False),
        (OPENS, ENDS, {"systems": (), "company": "northwind foods"}, True),
    ],
)
def test_windows_clash_on_a_system_or_for_a_customer(
    starts: datetime, ends: datetime, said: dict[str, Any], clash: bool
) -> None:
    """C2: half-open, so that windows may follow each other."""
    change = change_to(S.SUBMITTED).change
    assert bool(clashes(change, [other(starts, ends, **said)])) == clash


def test_a_change_does_not_clash_with_itself_or_with_what_is_done() -> None:
    change = change_to(S.SCHEDULED).change
    mine = booked(change)
    assert mine is not None
    assert clashes(change, [mine]) == ()
    for state in (S.CANCELLED, S.REJECTED, S.CLOSED, S.ROLLED_BACK, S.IMPLEMENTED):
        assert booked(change.model_copy(update={"state": state})) is None


def test_a_window_whose_change_one_may_not_see_clashes_all_the_same_and_says_no_more() -> None:
    """R226: who plans is told when something is under way and on what of theirs, but not what, nor on what else."""
    change = change_to(S.SUBMITTED).change
    taken = other(OPENS, ENDS, systems=(change.systems[0].upper(), "a-laptop"))
    (clash,) = clashes(change, [veiled(taken, change)])
    assert clash == Clash(clash.booked, (change.systems[0].upper(),))
    assert (clash.booked.ref, clash.booked.starts, clash.booked.ends) == (UNSEEN, taken.starts, taken.ends)
    for secret in (taken.ref, taken.title, "a-laptop"):
        assert secret not in repr(clash)


def test_the_assessment_puts_on_record_what_was_shown() -> None:
    """C2."""
    story = change_to(S.SUBMITTED)
    story.others = (other(OPENS, ENDS),)
    day = timedelta(days=3)
    story.does(TOM, c.AmendChange, changes={"starts": (OPENS + day).isoformat(), "ends": (ENDS + day).isoformat()})
    assert story.does(TOM, c.AssessChange).change.clashes == ("year-end",)
    story = change_to(S.SUBMITTED)
    story.others = (other(OPENS, ENDS),)
    assert story.does(TOM, c.AssessChange).change.clashes == ("C-0124",)


def test_a_freeze_is_whole_days_of_the_desk() -> None:
    """In the desk's zone, summer time and all."""
    summer = Freeze(name="s", title="S", first_day=datetime(2026, 7, 1).date(), last_day=datetime(2026, 7, 1).date())  # noqa: DTZ001
    assert freeze_span(summer, DESK) == (
        datetime(2026, 6, 30, 23, tzinfo=UTC), datetime(2026, 7, 1, 23, tzinfo=UTC),
    )  # fmt: skip
    begin, end = freeze_span(DESK.freeze[0], DESK)
    change = change_to(S.DRAFT).change

    def frozen(starts: datetime, ends: datetime) -> bool:
        return bool(freezes(change.model_copy(update={"starts": starts, "ends": ends}), DESK))

    assert not frozen(begin - DAY, begin)
    assert frozen(begin - DAY, begin + SECOND)
    assert frozen(end - SECOND, end + DAY)
    assert not frozen(end, end + DAY)


def test_a_freeze_may_be_for_some_customers() -> None:
    change = change_to(S.DRAFT).change.model_copy(update={"starts": OPENS, "ends": ENDS})
    day = START.date()

    def with_freeze(*company: str) -> bool:
        freeze = Freeze(name="x", title="X", first_day=day, last_day=day, company=company)
        return bool(freezes(change, DESK.model_copy(update={"freeze": (freeze,)})))

    assert with_freeze()
    assert with_freeze("Northwind Foods")
    assert not with_freeze("alder")


# -- the next free one


def test_the_next_window_is_the_next_day_at_the_same_time() -> None:
    """C9, R153."""
    change = change_to(S.ROLLED_BACK).change
    assert next_window(change, (), DESK, ENDS) == (OPENS + DAY, ENDS + DAY)


def test_the_next_window_passes_over_clashes_and_freezes() -> None:
    change = change_to(S.ROLLED_BACK).change
    taken = other(OPENS + DAY, OPENS + DAY + MINUTE)
    # Saturday is taken and Sunday free; were Sunday taken too, Monday and Tuesday are frozen.
    assert next_window(change, [taken], DESK, ENDS) == (OPENS + 2 * DAY, ENDS + 2 * DAY)
    weekend = other(OPENS + DAY, OPENS + 2 * DAY + MINUTE)
    assert next_window(change, [weekend], DESK, ENDS) == (OPENS + 5 * DAY, ENDS + 5 * DAY)


def test_the_next_window_keeps_the_customers_clock_over_a_change_of_the_clocks() -> None:
    saturday = datetime(2026, 3, 28, 22, tzinfo=UTC)
    change = change_to(S.ROLLED_BACK).change.model_copy(update={"starts": saturday, "ends": saturday + 90 * MINUTE})
    assert next_window(change, (), DESK, saturday) == (
        datetime(2026, 3, 29, 21, tzinfo=UTC), datetime(2026, 3, 29, 22, 30, tzinfo=UTC),
    )  # fmt: skip


def test_there_may_be_no_free_window() -> None:
    change = change_to(S.ROLLED_BACK).change
    assert next_window(change, [other(OPENS, OPENS + 200 * DAY)], DESK, ENDS) is None
    assert next_window(change.model_copy(update={"starts": None}), (), DESK, ENDS) is None


@given(st.integers(0, 40 * 24 * 60), st.lists(st.tuples(st.integers(0, 30 * 24), st.integers(1, 48)), max_size=6))
def test_a_proposed_window_lies_ahead_and_is_free(minutes: int, taken: list[tuple[int, int]]) -> None:
    change, now = ROLLED_BACK, ENDS + minutes * MINUTE
    hour = timedelta(hours=1)
    others = [other(OPENS + begin * hour, OPENS + (begin + long) * hour) for begin, long in taken]
    found = next_window(change, others, DESK, now)
    assert found is not None
    proposed = change.model_copy(update={"starts": found[0], "ends": found[1]})
    assert found[0] > now
    assert found[1] - found[0] == ENDS - OPENS
    assert not clashes(proposed, others)
    assert not freezes(proposed, DESK)


ROLLED_BACK = change_to(S.ROLLED_BACK).change


# -- the calendar


def test_the_calendar_shows_a_week_from_monday() -> None:
    mine = booked(change_to(S.SCHEDULED).change)
    assert mine is not None
    night = other(datetime(2025, 11, 22, 23, tzinfo=UTC), datetime(2025, 11, 23, 1, tzinfo=UTC))
    week = calendar_week(START.date(), [night, mine], DESK, "Europe/London")
    assert [day.day.day for day in week] == [17, 18, 19, 20, 21, 22, 23]
    assert [[window.ref for window in day.windows] for day in week[4:]] == [["C-0117"], ["C-0124"], ["C-0124"]]
    following = calendar_week(START.date() + 7 * DAY, [], DESK, "Europe/London")
    assert [bool(day.freezes) for day in following] == [True, True, False, False, False, False, False]
