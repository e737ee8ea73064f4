"""Each guard of the change table, named by its rule; and what still stands between a change and its next state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deskterm.desk.changes.guards import next_act, standing_between
from deskterm.desk.changes.rights import ChangeAct
from deskterm.desk.changes.views import agreement
from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import ChangeState, Section
from deskterm.desk.refusal import Forbidden, Wanting
from tests.change_story import (
    APPROVED_BY,
    CUSTOMER,
    ENDS,
    EXTENSION,
    OPENS,
    SPOKEN,
    ChangeStory,
    change_to,
    drafted,
    row_id,
)
from tests.people import LEA, START, SUE, TOM, facts, logged

SECOND = timedelta(seconds=1)
S = ChangeState


def standing(story: ChangeStory, who: Any = TOM) -> list[str]:
    """What stands between the change and its next state, in words."""
    return [lack.sentence for lack in standing_between(story.change, story.context(who))]


# -- C1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"company": " "}, "company"),
        ({"ticket_ref": "", "ticket": None}, "ticket_ref"),
        ({"systems": []}, "systems"),
        ({"issued": None}, "issued"),
        ({"engineer": ""}, "engineer"),
        ({"engineer_phone": "", "engineer_email": ""}, "engineer_phone"),
        ({"contact": ""}, "contact"),
        ({"contact_phone": ""}, "contact_phone"),
        ({"starts": None}, "starts"),
        ({"ends": None}, "ends"),
        ({"ends": OPENS.isoformat()}, "ends"),
        ({"customer_zone": ""}, "customer_zone"),
        ({"engineer_zone": ""}, "engineer_zone"),
    ],
)
def test_a_form_is_submitted_with_its_header_complete(changes: dict[str, Any], field: str) -> None:
    """C1, R150."""
    story = drafted().fills_the_form().does(TOM, c.AmendChange, changes=changes)
    refusal = story.refuses(TOM, c.SubmitChange, "C1")
    assert isinstance(refusal, Wanting)
    assert refusal.field == field
    assert refusal.message in standing(story)


@pytest.mark.parametrize("section", Section)
def test_a_form_is_submitted_with_a_row_in_each_section(section: Section) -> None:
    """C1, R151: above all, a way back."""
    story = drafted().fills_the_form()
    for row in story.change.rows_of(section):
        story.does(TOM, c.RemoveRow, row=row.id)
    refusal = story.refuses(TOM, c.SubmitChange, "C1")
    assert refusal.message == f"Section {section.number}, {section.heading.lower()}: it needs a row (C1)."
    assert standing(story) == [refusal.message]


def test_every_row_has_an_owner() -> None:
    """C1, R151."""
    story = drafted().fills_the_form()
    story.does(TOM, c.EditRow, row=row_id("Second of testing"), changes={"owner": ""})
    refusal = story.refuses(TOM, c.SubmitChange, "C1")
    assert refusal.message == "Section 6, post-implementation tests: row 2 has no owner (C1)."


def test_a_window_is_read_in_a_zone_that_there_is() -> None:
    """R152."""
    story = drafted()
    refusal = story.refuses(TOM, c.AmendChange, "R152", changes={"customer_zone": "Europe/Lundon"})
    assert 'did you mean "Europe/London"' in refusal.message


# -- C2, C3


def test_the_form_waits_with_the_customer() -> None:
    """C2, R147: it says who got it; once there, it is not written in any more."""
    story = change_to(S.ASSESSING).does(TOM, c.SendForm)
    assert story.change.sent is not None
    assert (story.change.sent.to, story.change.sent.channel) == (CUSTOMER, "email")
    story.refuses(TOM, c.AmendChange, "C1", changes={"title": "Something else"})
    story.refuses(TOM, c.AddRow, "C1", section=Section.ROLLBACK, text="More")
    story.refuses(TOM, c.StartChange, "C4")


def test_a_form_that_lost_a_row_since_is_not_sent() -> None:
    story = change_to(S.ASSESSING)
    for row in story.change.rows_of(Section.ROLLBACK):
        story.does(TOM, c.RemoveRow, row=row.id)
    story.refuses(TOM, c.SendForm, "C2")


@pytest.mark.parametrize(
    ("asked", "rule", "field"),
    [
        ({"by": " "}, "C3", "by"),
        ({"by": "Tess"}, "C3", "by"),
        ({"channel": None}, "C3", "channel"),
        ({"evidence": " "}, "C3", "evidence"),
        ({"at": START + timedelta(days=1)}, "C3", "at"),
        ({"at": START - timedelta(days=1)}, "C3", "at"),
        ({"channel": "phone"}, "R148", "channel"),
    ],
)
def test_an_approval_names_a_contact_a_channel_and_the_evidence(asked: dict[str, Any], rule: str, field: str) -> None:
    """C3, R146: and it is written, later than the form, and not ours."""
    refusal = change_to(S.AWAITING).refuses(LEA, c.RecordApproval, rule, **{**APPROVED_BY, **asked})
    assert isinstance(refusal, Wanting)
    assert refusal.field == field


def test_an_engineer_from_outside_does_not_approve_either() -> None:
    """C3: also where the engineer is nobody in the desk file."""
    story = drafted().fills_the_form().does(TOM, c.AmendChange, changes={"engineer": "Otto Kranz"})
    story.does(TOM, c.SubmitChange).does(TOM, c.AssessChange).does(TOM, c.SendForm)
    refusal = story.refuses(LEA, c.RecordApproval, "C3", **{**APPROVED_BY, "by": "otto kranz"})
    assert refusal.message == "No engineer approves their own change (C3)."


def test_a_time_that_was_said_is_good_to_the_minute() -> None:
    """C3, C8: an answer of 09:00 answers a form sent at 09:00:13."""
    story = change_to(S.AWAITING)
    story.does(LEA, c.RecordApproval, **{**APPROVED_BY, "at": START.replace(second=0)})
    assert story.change.approval is not None
    assert story.change.approval.at == START


def test_a_rejected_change_has_ended() -> None:
    story = change_to(S.REJECTED)
    assert next_act(story.change) is None
    assert not story.change.state.is_open
    story.refuses(TOM, c.ScheduleChange, "C4")


# -- C4


def test_work_starts_inside_the_window_and_to_the_second() -> None:
    """C4: at its start a window is open, at its end it is over."""
    story = change_to(S.SCHEDULED).ticks(Section.PREREQUISITES)
    for moment in (OPENS - SECOND, ENDS, ENDS + SECOND):
        refusal = story.at(moment).refuses(TOM, c.StartChange, "C4")
        assert isinstance(refusal, Forbidden)
        assert "Europe/London" in refusal.message
    assert story.at(OPENS).does(TOM, c.StartChange).change.state is S.IMPLEMENTING
    late = change_to(S.SCHEDULED).ticks(Section.PREREQUISITES)
    assert late.at(ENDS - SECOND).does(TOM, c.StartChange).change.state is S.IMPLEMENTING


def test_work_starts_with_every_prerequisite_ticked() -> None:
    """C4."""
    story = change_to(S.SCHEDULED).at(OPENS)
    story.does(TOM, c.TickRow, row=row_id("First of prerequisites"))
    assert standing(story) == ["Prerequisite 2 is not ticked (C4)."]
    assert story.refuses(TOM, c.StartChange, "C4").message == "Prerequisite 2 is not ticked (C4)."


def test_nothing_starts_without_an_agreement_on_record() -> None:
    """R146: whatever the state says."""
    story = change_to(S.SCHEDULED).ticks(Section.PREREQUISITES).at(OPENS)
    story.change = story.change.model_copy(update={"approval": None})
    story.refuses(TOM, c.StartChange, "R146")
    story.change = change_to(S.SCHEDULED).change.model_copy(update={"title": "Something else entirely"})
    story.refuses(TOM, c.StartChange, "R146")


# -- C5, C6


def test_tests_begin_when_every_step_is_ticked() -> None:
    """C5."""
    story = change_to(S.IMPLEMENTING).does(TOM, c.TickRow, row=row_id("First of implementation"))
    assert story.change.rows_of(Section.IMPLEMENTATION)[0].done_by == "Tom"
    assert story.refuses(TOM, c.BeginTests, "C5").message == "Step 2 is not ticked (C5)."


def test_a_change_is_made_when_every_test_passed() -> None:
    """C5, C6: a failed test leaves rolling back."""
    story = change_to(S.TESTING).does(TOM, c.RecordTest, row=row_id("First of testing"), passed=True)
    assert story.refuses(TOM, c.FinishChange, "C5").message == "Test 2 has not been made (C5)."
    story.does(TOM, c.RecordTest, row=row_id("Second of testing"), passed=False, remark="Sessions drop.")
    assert "Test 2 failed" in story.refuses(TOM, c.FinishChange, "C5").message
    story.does(TOM, c.RollBack, reason="Sessions drop.")
    assert (story.change.state, story.change.roll_back_reason) == (S.ROLLING_BACK, "Sessions drop.")
    assert story.last[0].rule == "C6"  # type: ignore[union-attr]


# -- C8, C9


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"by": ""}, "by"),
        ({"by": "Tom"}, "by"),
        ({"channel": "phone"}, "channel"),
        ({"channel": "sms"}, "channel"),
        ({"evidence": ""}, "evidence"),
        ({"new_end": ENDS}, "new_end"),
        ({"received": ENDS + timedelta(days=1)}, "received"),
        ({"received": OPENS - timedelta(minutes=1)}, "received"),
    ],
)
def test_only_the_customers_return_e_mail_extends_a_window(asked: dict[str, Any], field: str) -> None:
    """C8, R154, X14: not a call, not our own word, not a message from before the work."""
    story = change_to(S.OVERRUN)
    refusal = story.refuses(TOM, c.RecordExtension, "C8", **{**EXTENSION, **asked})
    assert isinstance(refusal, Wanting)
    assert refusal.field == field
    story.refuses(TOM, c.TickRow, "C7", row=row_id("First of implementation"))


def test_an_extension_is_recorded_before_work_goes_on() -> None:
    """C8."""
    story = change_to(S.OVERRUN).does(TOM, c.RecordExtension, **EXTENSION)
    assert (story.change.state, story.change.ends) == (S.IMPLEMENTING, EXTENSION["new_end"])
    assert story.does(TOM, c.TickRow, row=row_id("First of implementation")).change.state is S.IMPLEMENTING


def test_an_extension_may_come_in_time() -> None:
    """C8: recorded before the end it never comes to an overrun."""
    story = change_to(S.TESTING).does(TOM, c.RecordExtension, **EXTENSION)
    assert (story.change.state, story.change.ends) == (S.TESTING, EXTENSION["new_end"])


def test_rolled_back_means_every_roll_back_step() -> None:
    """C9."""
    story = change_to(S.ROLLING_BACK).does(TOM, c.TickRow, row=row_id("First of rollback"))
    assert story.refuses(TOM, c.FinishRollBack, "C9").message == "Roll-back step 2 is not ticked (C9)."


def test_another_window_lies_ahead_and_all_is_to_be_done_again() -> None:
    """C9, R153."""
    story = change_to(S.ROLLED_BACK)
    story.refuses(TOM, c.RescheduleChange, "C9", starts=OPENS, ends=ENDS)
    story.refuses(TOM, c.RescheduleChange, "C9", starts=story.now, ends=story.now - SECOND)
    story = change_to(S.RESCHEDULED)
    assert all(row.done_at is None for row in story.change.rows)
    assert [window.starts for window in story.change.earlier_windows] == [OPENS]
    assert story.does(TOM, c.ScheduleChange).change.state is S.SCHEDULED


def test_a_changed_content_takes_a_fresh_approval() -> None:
    """C9: a new time does not, another word does, and so does a row added during the work."""
    story = change_to(S.RESCHEDULED)
    story.does(TOM, c.EditRow, row=row_id("First of implementation"), changes={"text": "Another way"})
    assert "changed since" in story.refuses(TOM, c.ScheduleChange, "C9").message
    assert next_act(story.change) is ChangeAct.RESEND
    story.does(TOM, c.SendForm).refuses(TOM, c.ScheduleChange, "C4")
    assert agreement(story.change) == "The customer has not agreed yet."
    story.does(LEA, c.RecordApproval, **APPROVED_BY).does(TOM, c.ScheduleChange)
    assert story.change.state is S.SCHEDULED


def test_the_window_of_an_agreed_change_is_not_typed_over() -> None:
    """C9: it moves by its own acts only."""
    story = change_to(S.RESCHEDULED)
    later = (ENDS + timedelta(days=2)).isoformat()
    assert "can no longer be typed over" in story.refuses(TOM, c.AmendChange, "C1", changes={"ends": later}).message


# -- C10, C11


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"by": ""}, "by"),
        ({"by": "Lea"}, "by"),
        ({"said": " "}, "said"),
        ({"at": START + timedelta(days=1)}, "at"),
        ({"ends": None}, "ends"),
        ({"ends": START - SECOND}, "ends"),
    ],
)
def test_a_spoken_approval_says_who_when_what_and_to_whom(asked: dict[str, Any], field: str) -> None:
    """C10, R148."""
    refusal = drafted().refuses(LEA, c.RecordSpokenApproval, "C10", **{**SPOKEN, **asked})
    assert isinstance(refusal, Wanting)
    assert refusal.field == field


def test_an_emergency_has_its_incident() -> None:
    """C10: a service request is no emergency."""
    story = ChangeStory()
    story.ticket = logged(facts(type="service_request")).ticket
    story.raises(ticket=story.ticket.id)
    story.refuses(LEA, c.RecordSpokenApproval, "C10", **SPOKEN)
    story = ChangeStory()
    story.ticket = None
    story.raises(ticket=None).refuses(LEA, c.RecordSpokenApproval, "C10", **SPOKEN)


def test_after_a_spoken_approval_the_form_follows() -> None:
    """C11, R149: outstanding until it is complete, and then what was done can be written down with its times."""
    story = change_to(S.FORM_OUTSTANDING)
    assert story.change.owes_form
    assert "Section 7, roll-back plan: it needs a row (C11)." in standing(story)
    story.refuses(TOM, c.ReviewChange, "C11")
    story.refuses(SUE, c.CloseChange, "C12", outcome="successful", note="Good.")
    story.does(TOM, c.AmendChange, changes={"contact_phone": "+44 7700 900123", "systems": ["fw-1"]})
    for section in Section:
        story.adds(section, f"Afterwards: {section.value}")
    earlier = START + timedelta(seconds=2)
    story.does(TOM, c.TickRow, row=row_id("Afterwards: implementation"), at=earlier)
    assert standing(story) == []
    story.does(TOM, c.ReviewChange)
    assert (story.change.state, story.change.owes_form, story.last[0].rule) == (S.IN_REVIEW, False, "C11")  # type: ignore[union-attr]


def test_an_emergency_rolled_back_owes_its_form_too() -> None:
    """R149."""
    story = change_to(S.VERBALLY_APPROVED).does(TOM, c.StartChange).does(TOM, c.RollBack).does(TOM, c.FinishRollBack)
    story.refuses(TOM, c.ReviewChange, "R149")
    day = timedelta(days=1)
    story.does(TOM, c.RescheduleChange, starts=OPENS + day, ends=ENDS + day)
    assert "not agreed in writing" in story.refuses(TOM, c.ScheduleChange, "C9").message


# -- C12, C13


def test_a_change_closes_with_an_outcome_that_fits() -> None:
    """C12."""
    story = change_to(S.IN_REVIEW)
    story.refuses(SUE, c.CloseChange, "C12", outcome="rolled back", note="It was.")
    story.refuses(SUE, c.CloseChange, "C12", outcome="successful", note=" ")
    assert (
        story.does(SUE, c.CloseChange, outcome="successful with issues", note="A fan is loud.").change.state is S.CLOSED
    )
    undone = change_to(S.ROLLED_BACK).does(TOM, c.ReviewChange)
    undone.refuses(SUE, c.CloseChange, "C12", outcome="successful", note="Nearly.")
    assert undone.does(SUE, c.CloseChange, outcome="rolled back", note="Not now.").change.outcome == "rolled back"


def test_calling_it_off_takes_a_reason() -> None:
    """C13."""
    change_to(S.SCHEDULED).refuses(TOM, c.CancelChange, "C13", reason="")


# -- what still stands


def test_what_stands_between_names_first_who_may_not() -> None:
    story = change_to(S.AWAITING)
    assert standing(story) == [
        "Nobody records the approval of their own change: ask a colleague to (C3).",
        "To be said: the customer's contact, the channel and the evidence (C3).",
    ]
    assert standing(story, LEA) == ["To be said: the customer's contact, the channel and the evidence (C3)."]


@pytest.mark.parametrize("state", [state for state in S if state.is_open])
def test_something_comes_next_in_every_open_state(state: ChangeState) -> None:
    story = change_to(state)
    assert next_act(story.change) is not None
    assert all(lack.sentence.endswith(f"({lack.rule}).") for lack in standing_between(story.change, story.context(TOM)))
