"""Who may do what with a change, level by level and state by state: C1-C13 of the requirements, walked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from deskterm.desk.changes.rights import (
    CHANGE_TRANSITIONS,
    ChangeAct,
    change_table,
    change_verdict,
    change_verdicts,
    rule_of,
)
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import SYSTEM, Operator
from deskterm.desk.records.change import ChangeState, Section
from deskterm.desk.refusal import Forbidden, Refusal, Wanting
from tests.change_story import APPROVED_BY, CUSTOMER, ENDS, INCIDENT, OPENS, SPOKEN, ChangeStory, change_to, drafted
from tests.people import EVERYBODY, GUEST, LEA, NORA, SUE, TARA, TESS, TOM, VERA

# REQUIREMENTS.md §4: rule, act, from, to, level 0, level 1, level 2, vendor, supervisor, the system. The supervisor is
# the change manager. Written by hand and kept apart from the code: a slip in the code's table has to disagree with it.
AHEAD = "Draft, Submitted, Assessing, Awaiting customer approval, Approved, Verbally approved, Scheduled, Rescheduled"
FORM = "Draft, Submitted, Assessing, Verbally approved, Rescheduled, Implemented – form outstanding, Rolled back"
SPECIFICATION = """
T26 | raise           |                                            | Draft                     | - | y | y | - | y | -
C1  | fill            | FORM, Implementing, Testing, Rolling back  |                           | - | y | y | - | y | -
T7  | note            | ANY                                        |                           | y | y | y | - | y | -
C1  | submit          | Draft                                      | Submitted, Approved       | - | standard | y | - | - | -
C2  | assess          | Submitted                                  | Assessing                 | - | - | y | - | y | -
C2  | send            | Assessing                                  | Awaiting customer approval | - | - | y | - | y | -
C3  | approve         | Awaiting customer approval                 | Approved                  | - | not own | not own | - | not own | -
C3  | reject          | Awaiting customer approval                 | Rejected                  | - | y | y | - | y | -
C10 | spoken          | Draft                                      | Verbally approved         | - | y | y | - | y | -
C4  | prepare         | AHEAD                                      |                           | - | standard | y | - | - | -
C4  | schedule        | Approved                                   | Scheduled                 | - | standard | y | - | - | -
C4  | start           | Scheduled, Verbally approved               | Implementing              | - | standard | y | - | - | -
C5  | step            | Implementing, Implemented – form outstanding |                         | - | standard | y | - | - | -
C5  | test            | Implementing                               | Testing                   | - | standard | y | - | - | -
C5  | result          | Testing, Implemented – form outstanding    |                           | - | standard | y | - | - | -
C5  | finish          | Testing                                    | Implemented, Implemented – form outstanding | - | standard | y | - | - | -
C7  | warn            | Implementing, Testing                      |                           | - | - | - | - | - | y
C6  | roll-back       | Implementing, Testing, Overrun             | Rolling back              | - | standard | y | - | - | -
C7  | overrun         | Implementing, Testing                      | Overrun                   | - | - | - | - | - | y
C8  | extend          | Overrun, Implementing, Testing             | Implementing, Testing     | - | standard | y | - | y | -
C6  | undo-step       | Rolling back                               |                           | - | standard | y | - | - | -
C9  | rolled-back     | Rolling back                               | Rolled back               | - | standard | y | - | - | -
C9  | reschedule      | Rolled back, Rescheduled                   | Rescheduled               | - | standard | y | - | - | -
C9  | return          | Rescheduled                                | Scheduled                 | - | standard | y | - | - | -
C9  | resend          | Rescheduled                                | Awaiting customer approval | - | - | y | - | y | -
C11 | complete-form   | Implemented – form outstanding             | In review                 | - | - | y | - | - | -
C12 | review          | Implemented, Rolled back                   | In review                 | - | standard | y | - | y | -
C12 | close           | In review                                  | Closed                    | - | - | - | - | y | -
C13 | cancel          | AHEAD                                      | Cancelled                 | - | own | y | - | own | -
C11 | form-due        | Implemented – form outstanding, Rolled back |                          | - | - | - | - | - | y
"""  # noqa: E501
ANY = ", ".join(ChangeState)


class Line(NamedTuple):
    """One line of the specification."""

    rule: str
    act: ChangeAct
    sources: frozenset[ChangeState]
    to: frozenset[ChangeState]
    rights: dict[str, str]


def _states(words: str) -> frozenset[ChangeState]:
    for name, meant in (("AHEAD", AHEAD), ("FORM", FORM), ("ANY", ANY)):
        words = words.replace(name, meant)
    return frozenset(ChangeState(word.strip()) for word in words.split(",") if word.strip())


def _lines() -> list[Line]:
    found = []
    for line in SPECIFICATION.strip().splitlines():
        rule, act, sources, to, *cells = (cell.strip() for cell in line.split("|"))
        columns = ("level 0", "level 1", "level 2", "vendor", "supervisor", "the system")
        found.append(Line(rule, ChangeAct(act), _states(sources), _states(to), dict(zip(columns, cells, strict=True))))
    return found


LINES = _lines()
COLUMN: dict[Any, str] = {
    0: "level 0", 1: "level 1", 2: "level 2", 3: "level 2", "vendor": "vendor", "supervisor": "supervisor",
    "system": "the system",
}  # fmt: skip


def ask(act: ChangeAct, story: ChangeStory) -> tuple[type[c.ChangeCommand], dict[str, Any]]:
    """A well-formed command for an act: only rights and guards decide on it."""

    def first(section: Section) -> Any:
        rows = story.change.rows_of(section)
        return rows[0].id if rows else INCIDENT.id

    day = timedelta(days=2)
    asked: dict[ChangeAct, tuple[type[c.ChangeCommand], dict[str, Any]]] = {
        ChangeAct.FILL: (c.AddRow, {"section": Section.ROLLBACK, "text": "One more"}),
        ChangeAct.NOTE: (c.RecordCallOnChange, {"text": "They asked when it starts."}),
        ChangeAct.SUBMIT: (c.SubmitChange, {}),
        ChangeAct.ASSESS: (c.AssessChange, {}),
        ChangeAct.SEND: (c.SendForm, {}),
        ChangeAct.RESEND: (c.SendForm, {}),
        ChangeAct.APPROVE: (c.RecordApproval, APPROVED_BY),
        ChangeAct.REJECT: (c.RecordRejection, APPROVED_BY),
        ChangeAct.SPOKEN: (c.RecordSpokenApproval, {"by": CUSTOMER, "said": "Go ahead."}),
        ChangeAct.PREPARE: (c.TickRow, {"row": first(Section.PREREQUISITES)}),
        ChangeAct.SCHEDULE: (c.ScheduleChange, {}),
        ChangeAct.RETURN: (c.ScheduleChange, {}),
        ChangeAct.START: (c.StartChange, {}),
        ChangeAct.STEP: (c.TickRow, {"row": first(Section.IMPLEMENTATION)}),
        ChangeAct.TEST: (c.BeginTests, {}),
        ChangeAct.RESULT: (c.RecordTest, {"row": first(Section.TESTING), "passed": True}),
        ChangeAct.FINISH: (c.FinishChange, {}),
        ChangeAct.ROLL_BACK: (c.RollBack, {}),
        ChangeAct.EXTEND: (
            c.RecordExtension,
            {"by": CUSTOMER, "evidence": "message 8", "new_end": story.now + timedelta(hours=9)},
        ),
        ChangeAct.UNDO_STEP: (c.TickRow, {"row": first(Section.ROLLBACK)}),
        ChangeAct.ROLLED_BACK: (c.FinishRollBack, {}),
        ChangeAct.RESCHEDULE: (c.RescheduleChange, {"starts": story.now + day, "ends": story.now + day + day}),
        ChangeAct.COMPLETE_FORM: (c.ReviewChange, {}),
        ChangeAct.REVIEW: (c.ReviewChange, {}),
        ChangeAct.CLOSE: (c.CloseChange, {"outcome": "successful", "note": "As planned."}),
        ChangeAct.CANCEL: (c.CancelChange, {"reason": "Not needed."}),
        ChangeAct.WARN: (c.ChangeFallsDue, {"what": "warn-15", "due": ENDS - timedelta(minutes=15)}),
        ChangeAct.OVERRUN: (c.ChangeFallsDue, {"what": "window-over", "due": story.change.ends or ENDS}),
        ChangeAct.FORM_DUE: (c.ChangeFallsDue, {"what": "form-due", "due": story.now}),
    }
    return asked[act]


def other_act(act: ChangeAct, state: ChangeState) -> bool:
    """Whether the command of an act means another act in this state: one command, whose row the state chooses."""
    rescheduled = state is ChangeState.RESCHEDULED
    if act in (ChangeAct.SEND, ChangeAct.SCHEDULE):
        return rescheduled
    if act in (ChangeAct.RESEND, ChangeAct.RETURN):
        return not rescheduled
    if act is ChangeAct.REVIEW:
        return state is ChangeState.FORM_OUTSTANDING
    return act is ChangeAct.COMPLETE_FORM and state is not ChangeState.FORM_OUTSTANDING


def may(line: Line, who: Operator, story: ChangeStory) -> bool:
    """What the specification says, apart from all code of the rules."""
    change = story.change
    if change.state not in line.sources or who.level not in COLUMN:
        return False
    right = line.rights[COLUMN[who.level]]
    return {
        "y": True,
        "-": False,
        "standard": change.kind == "standard",
        "own": change.requester == who.name,
        "not own": who.name not in (change.requester, change.engineer),
    }[right]


def test_the_table_in_the_code_is_the_table_of_the_requirements() -> None:
    """R152."""
    assert [(t.rule, t.act, frozenset(t.sources), frozenset(t.leads_to)) for t in CHANGE_TRANSITIONS] == [
        (line.rule, line.act, line.sources, line.to) for line in LINES
    ]
    for printed, line in zip(change_table(), LINES, strict=True):
        assert {column: printed[column] for column in line.rights} == line.rights, line.rule


STORIES = {state: change_to(state) for state in ChangeState}


@pytest.mark.parametrize("kind", ["normal", "standard"])
@pytest.mark.parametrize("state", ChangeState, ids=str)
@pytest.mark.parametrize("who", [NORA, LEA, TOM, TARA, VERA, SUE, GUEST, SYSTEM], ids=lambda who: f"{who.level}")
def test_every_act_by_every_level_in_every_state(who: Operator, state: ChangeState, kind: str) -> None:
    """R152: the rules do what the table says; a refusal by the table is Forbidden, names its row and greys the key."""
    told = STORIES[state]
    for line in (line for line in LINES if line.sources):
        story = ChangeStory(at=told.now)
        story.change = told.change.model_copy(update={"kind": kind} if kind == "standard" else {})
        allowed = may(line, who, story)
        found = change_verdict(line.act, who, story.change)
        said = f"{who.name} {line.act} {state}: {found.reason}"
        assert found.allowed == allowed, said
        assert found.reason.endswith(f"({found.rule}).") or allowed, said
        if other_act(line.act, state):
            continue
        command, asked = ask(line.act, story)
        if command is c.ChangeFallsDue:
            _by_itself(story, who, asked)
            continue
        refusal = attempt(story, who, command, asked)
        if refusal is None:
            assert allowed, said
            assert story.change.state in (line.to or {state}), said
            continue
        assert refusal.message.endswith(f"({refusal.rule})."), said
        if not allowed and not asked.get("row"):
            assert (refusal.rule, refusal.message) == (found.rule, found.reason), said


def attempt(story: ChangeStory, who: Operator, command: type[c.ChangeCommand], asked: dict[str, Any]) -> Refusal | None:
    """The refusal of a command; None where it went well."""
    try:
        story.does(who, command, **asked)
    except Refusal as refusal:
        return refusal
    return None


def _by_itself(story: ChangeStory, who: Operator, asked: dict[str, Any]) -> None:
    """What falls due is the system's alone; out of its time it leads to nothing."""
    before = story.change
    if who is not SYSTEM:
        story.refuses(who, c.ChangeFallsDue, "C11" if asked["what"] == "form-due" else "C7", **asked)
        return
    early = attempt(story, who, c.ChangeFallsDue, asked)
    assert early is None or "not time yet" in early.message
    assert story.change.state in (before.state, ChangeState.OVERRUN)


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: f"{who.name}-{who.level}")
def test_raising_a_change_by_every_level(who: Operator) -> None:
    """T26: level 1 proposes, by a draft that level 2 submits; level 0, vendors and guests do not."""
    if who.level in (1, 2, 3, "supervisor"):
        assert drafted(who).change.state is ChangeState.DRAFT
    else:
        with pytest.raises(Forbidden, match=r"\(T26\)"):
            drafted(who)


def test_the_screen_hears_the_verdict_on_every_act() -> None:
    acts = [found.act for found in change_verdicts(TOM, change_to(ChangeState.DRAFT).change)]
    assert acts == [act for act in (line.act for line in LINES) if act is not ChangeAct.RAISE]


@pytest.mark.parametrize(
    ("act", "state", "words"),
    [
        (ChangeAct.START, ChangeState.DRAFT,
         "Start: the change is Draft; it has to be Scheduled or Verbally approved (C4)."),
        (ChangeAct.CANCEL, ChangeState.IMPLEMENTING,
         "Cancel: the change is Implementing; it has to be before Implementing (C13)."),
        (ChangeAct.STEP, ChangeState.OVERRUN,
         "The window is over: roll back, or record the customer's return e-mail before work goes on (C7)."),
    ],
)  # fmt: skip
def test_a_greyed_key_says_what_state_it_takes(act: ChangeAct, state: ChangeState, words: str) -> None:
    assert change_verdict(act, TOM, STORIES[state].change).reason == words


def test_rolling_back_has_its_rule_by_what_came_before() -> None:
    """C6 after a failure, C9 after an overrun."""
    assert rule_of(ChangeAct.ROLL_BACK, ChangeState.TESTING) == "C6"
    assert rule_of(ChangeAct.ROLL_BACK, ChangeState.OVERRUN) == "C9"


@pytest.mark.parametrize("who", [TOM, TESS], ids=["raised it", "makes it"])
def test_no_engineer_approves_their_own_change(who: Operator) -> None:
    """C3: neither who raised it nor who makes it records the approval, and neither is the one who agrees."""
    story = drafted(TOM).fills_the_form()
    story.does(TOM, c.AmendChange, changes={"engineer": "Tess"})
    story.does(TOM, c.SubmitChange).does(TOM, c.AssessChange).does(TOM, c.SendForm)
    story.refuses(who, c.RecordApproval, "C3", **APPROVED_BY)
    for name in ("Tom", " tess ", "TOM", "lea"):
        refusal = story.refuses(LEA, c.RecordApproval, "C3", **{**APPROVED_BY, "by": name})
        assert isinstance(refusal, Wanting)
        assert refusal.field == "by"
    story.does(LEA, c.RecordApproval, **APPROVED_BY)
    assert story.change.approval is not None
    assert (story.change.approval.by, story.change.approval.recorded_by) == (CUSTOMER, "Lea")


def test_level_1_makes_standard_changes_only() -> None:
    story = drafted().fills_the_form()
    story.refuses(LEA, c.SubmitChange, "C1")
    assert "standard changes only" in change_verdict(ChangeAct.SUBMIT, LEA, story.change).reason


def test_level_0_tells_and_records_a_call() -> None:
    """Level 0 reads the window and the state to the customer, and records that they called."""
    story = change_to(ChangeState.SCHEDULED).does(NORA, c.RecordCallOnChange, who=CUSTOMER, text="Is it still on?")
    assert story.last[0].kind == "ChangeCallRecorded"


def test_only_the_requester_and_level_2_call_it_off() -> None:
    """C13."""
    story = drafted(LEA)
    assert not change_verdict(ChangeAct.CANCEL, SUE, story.change).allowed
    story.does(LEA, c.CancelChange, reason="It solved itself.")
    assert story.change.cancelled_because == "It solved itself."


def test_spoken_words_of_an_emergency_are_taken_by_any_level_but_0() -> None:
    """C10: level 1, level 2 and supervisors, the engineer too: at night there is nobody else."""
    for who in (LEA, TOM, SUE):
        story = drafted(TOM, change_kind="emergency").does(who, c.RecordSpokenApproval, **SPOKEN)
        assert story.change.spoken is not None
        assert story.change.spoken.to == who.name
    drafted(TOM, change_kind="emergency").refuses(NORA, c.RecordSpokenApproval, "C10", **SPOKEN)


def test_the_window_bounds_what_the_story_says() -> None:
    assert (STORIES[ChangeState.SCHEDULED].change.starts, STORIES[ChangeState.SCHEDULED].change.ends) == (OPENS, ENDS)
