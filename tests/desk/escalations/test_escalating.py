"""The way up: by hand from every level, by rule at each stage, by missed clocks, as a major incident (R096-R110)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskterm.desk import commands as c
from deskterm.desk.commands import escalations as ec
from deskterm.desk.decide import decide
from deskterm.desk.deskfile import SYSTEM
from deskterm.desk.escalations.escalating import automatic, on_missed
from deskterm.desk.escalations.ladders import falls_due, fitting, next_rung
from deskterm.desk.events import Followed, HandedOff
from deskterm.desk.events.escalations import Escalated
from deskterm.desk.records.ticket import Status, Ticket
from deskterm.desk.records.timekeeping import Missed
from deskterm.desk.tickets.grounds import Steps
from deskterm.desk.tickets.say import sentence
from tests.desk.laddered_desk import LADDERED, LINES, MANAGEMENT, TRUNKS, called, last
from tests.desk.timed_desk import BOOKS, TIMED
from tests.people import DESK, LEA, NORA, OLE, START, SUE, TOM, Story, facts, logged
from tests.rulings import kinds, refuses

# -- by hand


def test_level_0_escalates_on_the_customer_s_word() -> None:
    """R096, R099, R101, R103: the bottom rung first, and every role of the ladder is asked to assess it."""
    story = called().does(OLE, ec.Escalate, reason="They wait since Monday.")
    step = last(story)
    assert (step.kind, step.trigger, step.ladder, step.stage) == ("hierarchical", "customer", "management", 1)
    assert (step.from_, step.to, step.reason, step.by) == (
        "Nora",
        "Shift leader, Una Day",
        "They wait since Monday.",
        "Ole",
    )
    assert step.assess == ("Shift leader", "Head of the desk", "Director")
    assert step.at == story.events[-1].at == story.events[-2].at
    assert story.ticket.is_escalated
    assert story.ticket.group is None, "nobody is given the work"


def test_each_time_it_goes_one_rung_higher_and_at_the_top_it_stays() -> None:
    story = called()
    reached = []
    for _ in range(4):
        story.does(NORA, ec.Escalate, reason="Still nothing.")
        reached.append((last(story).number, last(story).from_, last(story).to))
    assert reached == [
        (1, "Nora", "Shift leader, Una Day"),
        (2, "Shift leader, Una Day", "Head of the desk, Ida Fell"),
        (3, "Head of the desk, Ida Fell", "Director, Sue"),
        (4, "Director, Sue", "Director, Sue"),
    ]


def test_what_has_calmed_down_starts_at_the_bottom_again() -> None:
    story = called().does(NORA, ec.Escalate, reason="Now!")
    story.does(SUE, ec.AnswerEscalation, state="de-escalated", text="They are content.")
    assert not story.ticket.is_escalated
    assert last(story.does(NORA, ec.Escalate, reason="Now!")).stage == 1


def test_without_a_ladder_it_goes_to_the_desk_manager() -> None:
    """R102: always."""
    story = logged().does(NORA, ec.Escalate, reason="Now!")
    assert story.ticket.escalations[0].to == "Desk manager, Sue"
    assert "Sue" in story.ticket.followers, "so that it turns up in front of her"


def test_the_ladder_of_a_service_goes_before_the_others() -> None:
    """R106."""
    story = called(service="sip-900").does(NORA, ec.Escalate, reason="Now!")
    assert last(story).ladder == "trunks"
    assert fitting(LADDERED, called().ticket, "hierarchical", "customer") == (MANAGEMENT,)


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("director", "Director, Sue"), ("Ida Fell", "Head of the desk, Ida Fell"), ("net-2", "Network"),
        ("Lea", "Lea"), ("Account manager for Brook & Lane", "Account manager for Brook & Lane"),
    ],
)  # fmt: skip
def test_it_goes_straight_to_whom_somebody_names(to: str, found: str) -> None:
    """R102: a role, a person, a group, or the account manager."""
    assert last(called().does(LEA, ec.Escalate, reason="Now!", to=to)).to == found


def test_a_functional_step_gives_the_next_line_the_work() -> None:
    """R102, T14: and whoever escalates follows."""
    story = called().does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take)
    story.does(LEA, ec.Escalate, axis="functional", trigger="operator", reason="Too deep.")
    assert kinds(story)[:2] == ["Escalated", "HandedOff"]
    assert (story.ticket.status, story.ticket.group, story.ticket.owner) == (Status.ROUTED, "net-2", None)
    assert (last(story).group, last(story).from_) == ("net-2", "Voice")
    assert "Lea" in story.ticket.followers
    story.does(LEA, ec.Escalate, axis="functional", trigger="operator", reason="Deeper.")
    assert story.ticket.group == "core-3"


@pytest.mark.parametrize(("who", "rule"), [(NORA, "T14"), (OLE, "T14")])
def test_level_0_does_not_take_work_out_of_hands_by_escalating(who: object, rule: str) -> None:
    story = called().does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take)
    refuses(story, who, ec.Escalate, rule, axis="functional", reason="Now!")  # type: ignore[arg-type]


def test_what_is_not_triaged_goes_up_but_not_on() -> None:
    """T3, R101."""
    story = called(impact=None)
    refuses(story, NORA, ec.Escalate, "T3", axis="functional", reason="Now!")
    assert story.does(NORA, ec.Escalate, reason="Now!").ticket.is_escalated


def test_a_vendor_is_escalated_up_its_own_ladder_with_a_task_of_its_own() -> None:
    """R108."""
    story = called().does(NORA, c.HandOff, to="net-2").does(TOM, c.Take)
    story.does(TOM, ec.Escalate, axis="vendor", trigger="operator", reason="No answer.")
    assert kinds(story) == ["VendorTaskOpened", "Escalated"]
    story.does(TOM, ec.Escalate, axis="vendor", trigger="operator", reason="Still none.")
    assert kinds(story) == ["Escalated"]
    assert [step.to for step in story.ticket.escalations] == ["Help centre manager", "System engineer"]
    assert story.ticket.group == "net-2"


def test_an_escalation_needs_a_reason_and_a_ladder_that_there_is() -> None:
    refuses(called(), NORA, ec.Escalate, "T17", reason=" ")
    refuses(called(), NORA, ec.Escalate, "T17", reason="Now!", ladder="rope")
    refuses(called(), NORA, ec.Escalate, "T17", reason="Now!", axis="functional", to="nowhere")


def test_a_call_is_escalated_as_it_is_saved() -> None:
    """R099: one command, so that the demand is never lost between two."""
    story = Story(desk=LADDERED).logs(NORA, facts(), hand_to="voice-1", escalate="The whole site is down.")
    assert kinds(story)[:3] == ["CallLogged", "HandedOff", "Escalated"]
    assert (last(story).trigger, last(story).from_, last(story).reason) == (
        "customer",
        "Voice",
        "The whole site is down.",
    )


def test_missed_clocks_are_the_evidence() -> None:
    """R100: also those that nobody has noticed yet."""
    story = Story(desk=TIMED).logs(NORA, facts()).later(hours=3)
    context = story.context(NORA)
    context = type(context)(desk=TIMED, actor=NORA, now=story.now, books=BOOKS)
    (step, *_) = decide(story.ticket, ec.Escalate(ticket=story.id, reason="No call back."), context).steps
    assert isinstance(step.happening, Escalated)
    assert "the response clock ran out on Friday 21 November 2025, 09:30" in step.happening.escalation.evidence


def test_the_customer_hears_that_it_is_escalated_and_no_name() -> None:
    story = called().does(NORA, ec.Escalate, reason="Now!")
    said = sentence(story.ticket, LADDERED, story.now)
    assert "escalated" in said
    assert "Una" not in said
    assert "major incident" in sentence(story.does(SUE, ec.DeclareMajor, reason="All.").ticket, LADDERED, story.now)


# -- by the desk itself


def _steps(found: Steps) -> list[str]:
    return [type(step).__name__ for step in found]


def _with(ticket: Ticket, **changes: object) -> Ticket:
    return ticket.model_copy(update=changes)


def test_age_reaches_one_management_level_after_the_other() -> None:
    """R098: what was reached before, by whomever, is passed by."""
    story = called()
    due = falls_due(story.ticket, MANAGEMENT.stage[0])
    assert due == START + timedelta(hours=2)
    step = next(automatic(story.ticket, MANAGEMENT, 1, "age-timer", story.later(hours=3).context(SYSTEM), due=due))
    assert isinstance(step, Escalated)
    made = step.escalation
    assert (made.trigger, made.by, made.due, made.at) == ("age-timer", "deskterm", due, story.now)
    story.does(NORA, ec.Escalate, reason="Now!").does(NORA, ec.Escalate, reason="Now!")
    assert _steps(automatic(story.ticket, MANAGEMENT, 2, "age-timer", story.context(SYSTEM))) == []
    assert _steps(automatic(story.ticket, MANAGEMENT, 3, "age-timer", story.context(SYSTEM)))[0] == "Escalated"


def test_reopened_it_climbs_from_the_bottom() -> None:
    """R128: the clocks begin anew."""
    story = called().does(NORA, ec.Escalate, reason="Now!")
    kept = story.ticket.timekeeping.model_copy(update={"started": story.now})
    again = _with(story.ticket, timekeeping=kept)
    assert _steps(automatic(again, MANAGEMENT, 1, "age-timer", story.context(SYSTEM)))[0] == "Escalated"


def test_rules_are_looked_at_on_each_step_to_another_status() -> None:
    """R097: the highest rung that its age has reached, and nobody loses work they hold."""
    story = called().does(NORA, c.HandOff, to="voice-1").later(hours=5).does(LEA, c.Take)
    assert kinds(story) == ["Taken", "Escalated"]
    step = last(story)
    assert (step.trigger, step.ladder, step.stage, step.to, step.by) == (
        "rule-at-stage",
        "lines",
        2,
        "Third line",
        "deskterm",
    )
    assert (story.ticket.owner, story.ticket.group, step.group) == ("Lea", "voice-1", "")
    assert kinds(story.does(LEA, c.Start)) == ["Started"], "once is enough"
    assert kinds(story.does(LEA, c.AddNote, text="Looking.")) == ["Noted"], "a note is no other status"


def test_the_line_that_has_it_already_is_passed_by() -> None:
    """R097."""
    story = called().does(NORA, c.HandOff, to="net-2").later(hours=2).does(TOM, c.Take)
    assert kinds(story) == ["Taken"]
    assert next_rung(LADDERED, story.ticket, LINES).role == "Third line"  # type: ignore[union-attr]


def test_work_that_nobody_has_in_hand_moves_by_itself() -> None:
    """R097, T14: and it is told by which rule."""
    story = called().does(NORA, c.HandOff, to="voice-1").later(hours=2)
    steps = list(automatic(story.ticket, LINES, 1, "rule-at-stage", story.context(SYSTEM)))
    assert next(s for s in steps if isinstance(s, HandedOff)).to == "net-2"
    unready = _with(story.ticket, status=Status.NEW, group=None, impact=None)
    assert "HandedOff" not in _steps(automatic(unready, LINES, 1, "rule-at-stage", story.context(SYSTEM)))


def test_a_resolved_ticket_is_left_in_peace() -> None:
    story = called().does(NORA, c.HandOff, to="voice-1")
    for status in (Status.RESOLVED, Status.CLOSED):
        assert _steps(automatic(_with(story.ticket, status=status), LINES, 1, "age-timer", story.context(SYSTEM))) == []


def test_a_missed_clock_goes_up_each_ladder_for_it_with_the_evidence() -> None:
    """R098, R100, T18."""
    story = called().does(NORA, c.HandOff, to="voice-1").later(hours=1)
    missed = Missed(clock="response", due=story.now)
    made = [s.escalation for s in on_missed(story.ticket, missed, story.context(SYSTEM)) if isinstance(s, Escalated)]
    assert [(step.number, step.kind, step.to) for step in made] == [
        (1, "functional", "Second line"), (2, "hierarchical", "Shift leader, Una Day"),
    ]  # fmt: skip
    assert all("response clock ran out" in step.evidence for step in made)
    own = list(on_missed(story.ticket, Missed(clock="group", due=story.now), story.context(SYSTEM)))
    assert own == [], "a promise among ourselves is none to the customer"
    vendor = list(on_missed(story.ticket, Missed(clock="vendor", due=story.now), story.context(SYSTEM)))
    assert [s.escalation.kind for s in vendor if isinstance(s, Escalated)] == ["vendor"]


def test_the_third_hand_off_reaches_the_supervisor() -> None:
    """T4, R074."""
    story = called().does(NORA, c.HandOff, to="voice-1")
    for n, to in enumerate(("net-2", "voice-1", "net-2"), 1):
        assert not story.ticket.is_passed_around
        story.does(LEA, c.HandOff, to=to, reason=f"Not ours {n}.")
    assert story.ticket.is_passed_around
    assert any(isinstance(s.happening, Followed) and s.happening.operator == "Sue" for s in story.decision.steps)


# -- major incidents


def test_a_major_incident_goes_past_the_levels_to_the_stage_it_needs() -> None:
    """R105, T19: a report is due, and supervisors see it."""
    story = called().does(NORA, c.HandOff, to="voice-1").does(TOM, ec.DeclareMajor, reason="All sites.")
    assert kinds(story)[:2] == ["MajorDeclared", "Escalated"]
    assert (last(story).trigger, last(story).stage, story.ticket.group) == ("major", 2, "core-3")
    assert story.ticket.major is not None
    assert (story.ticket.major.state, story.ticket.major.report_due) == ("declared", True)
    assert "Sue" in story.ticket.followers
    refuses(story, SUE, ec.DeclareMajor, "T19", reason="Again.")
    story.does(TOM, ec.EndMajor, text="All is well.")
    ended = story.ticket.major
    assert (ended.state, ended.report_due) == ("ended", True), "the report is still owed"
    refuses(story, TOM, ec.EndMajor, "T19")


def test_a_major_incident_leaves_first_line_hands_and_no_others() -> None:
    """R105."""
    story = called().does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take).does(SUE, ec.DeclareMajor, reason="All.")
    assert (story.ticket.group, story.ticket.owner) == ("core-3", None)
    story = called().does(NORA, c.HandOff, to="net-2").does(TOM, c.Take).does(TOM, ec.DeclareMajor, reason="All.")
    assert (story.ticket.group, story.ticket.owner, last(story).to) == ("net-2", "Tom", "Third line")


def test_level_0_and_1_propose_a_major_incident() -> None:
    """T19."""
    story = called().does(NORA, ec.DeclareMajor, reason="Everybody calls.")
    assert story.ticket.major is not None
    assert (story.ticket.major.state, story.ticket.is_major) == ("proposed", False)
    assert "Sue" in story.ticket.followers
    refuses(story, LEA, ec.DeclareMajor, "T19", reason="Me too.")
    assert story.does(SUE, ec.DeclareMajor, reason="They are right.").ticket.is_major


# -- answers


def test_an_escalation_is_assessed_planned_and_calmed_down() -> None:
    """R096, R103: every answer is kept, and none goes back."""
    story = called().does(NORA, ec.Escalate, reason="Now!")
    story.does(TOM, ec.AnswerEscalation, state="assessed", text="It is the trunk.")
    story.does(LEA, ec.AnswerEscalation, state="acknowledged")
    story.does(TOM, ec.AnswerEscalation, state="plan-agreed", text="A new trunk tonight.")
    story.does(TOM, ec.AnswerEscalation, state="assessed", text="And the router.")
    assert (last(story).state, last(story).plan) == ("plan-agreed", "A new trunk tonight.")
    refuses(story, TOM, ec.AnswerEscalation, "R103", state="acknowledged")
    refuses(story, TOM, ec.AnswerEscalation, "R103", state="de-escalated")
    refuses(story, TOM, ec.AnswerEscalation, "R103", state="worked", number=2)
    story.does(SUE, ec.AnswerEscalation, state="de-escalated", text="It works.")
    assert [answer.state for answer in last(story).answers] == [
        "assessed", "acknowledged", "plan-agreed", "assessed", "de-escalated",
    ]  # fmt: skip
    refuses(story, TOM, ec.AnswerEscalation, "R103", state="worked")
    refuses(called(), TOM, ec.AnswerEscalation, "R103", state="acknowledged")


def test_two_people_escalate_at_once_and_both_count() -> None:
    """Escalations touch no fact, so neither is a conflict; each has a number of its own."""
    story = called().does(NORA, ec.Escalate, reason="A.").does(LEA, ec.Escalate, reason="B.")
    assert Escalated.touches == frozenset()
    assert [step.number for step in story.ticket.escalations] == [1, 2]


def test_ladders_without_services_or_triggers_fit_as_before() -> None:
    assert fitting(DESK, logged().ticket, "hierarchical") == ()
    assert TRUNKS not in fitting(LADDERED, called().ticket, "hierarchical")
