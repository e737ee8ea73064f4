"""Random walks: whoever does whatever to a change whenever, it goes only where the table lets it (C1-C13, R146)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deskterm.desk.changes.rights import CHANGE_TRANSITIONS
from deskterm.desk.changes.window import command_for, moments
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import SYSTEM
from deskterm.desk.records.change import Change, ChangeState, Header, Section
from deskterm.desk.refusal import Refusal
from tests.change_story import APPROVED_BY, CUSTOMER, DESK, ENDS, OPENS, ChangeStory, change_to, drafted
from tests.people import GUEST, LEA, NORA, SUE, TESS, TOM, VERA

S = ChangeState
WAYS: Final[frozenset[tuple[ChangeState, ChangeState]]] = frozenset(
    (source, to) for row in CHANGE_TRANSITIONS for source in row.sources for to in row.leads_to
) - {(S.OVERRUN, S.TESTING)}
"""Every step from one state to another that the table has; an extension leads from an overrun to the work only (C8)."""
WORKING: Final = (S.IMPLEMENTING, S.TESTING)
DAY: Final = timedelta(days=1)

SIMPLE: Final[Mapping[type[c.ChangeCommand], dict[str, Any]]] = {
    c.SubmitChange: {},
    c.AssessChange: {},
    c.SendForm: {},
    c.RecordApproval: APPROVED_BY,
    c.RecordRejection: APPROVED_BY,
    c.ScheduleChange: {},
    c.StartChange: {},
    c.BeginTests: {},
    c.FinishChange: {},
    c.RollBack: {},
    c.FinishRollBack: {},
    c.ReviewChange: {},
    c.CancelChange: {"reason": "No."},
}
BEGUN: Final = (
    drafted().fills_the_form(),
    drafted(change_kind="emergency").fills_the_form(),
    drafted(LEA, model="port-open", facts=Header(starts=OPENS, ends=ENDS)),
    *(change_to(state) for state in (S.AWAITING, S.SCHEDULED, S.IMPLEMENTING, S.TESTING, S.OVERRUN)),
    *(change_to(state) for state in (S.ROLLING_BACK, S.ROLLED_BACK, S.RESCHEDULED, S.FORM_OUTSTANDING)),
)
"""Where walks begin: at a draft, or further on."""
NEXT: Final[dict[ChangeState, tuple[Any, type[c.ChangeCommand]]]] = {
    S.DRAFT: (TOM, c.SubmitChange),
    S.SUBMITTED: (TOM, c.AssessChange),
    S.ASSESSING: (SUE, c.SendForm),
    S.AWAITING: (TESS, c.RecordApproval),
    S.APPROVED: (TOM, c.ScheduleChange),
    S.SCHEDULED: (TOM, c.StartChange),
    S.VERBALLY_APPROVED: (TOM, c.StartChange),
    S.IMPLEMENTING: (TOM, c.BeginTests),
    S.TESTING: (TOM, c.FinishChange),
    S.OVERRUN: (TOM, c.RollBack),
    S.ROLLING_BACK: (TOM, c.FinishRollBack),
    S.RESCHEDULED: (TOM, c.ScheduleChange),
    S.IMPLEMENTED: (TOM, c.ReviewChange),
    S.FORM_OUTSTANDING: (TOM, c.ReviewChange),
}
"""Who takes the next step, so that walks get far."""
PEOPLE = st.sampled_from([TOM, TOM, TOM, LEA, LEA, SUE, TESS, NORA, VERA, GUEST, SYSTEM])
ONWARD = st.sampled_from([command for command in SIMPLE if command not in (c.CancelChange, c.RecordRejection)])


class Walk(RuleBasedStateMachine):
    """A change among people who try everything; what is remembered here knows nothing of the code's guards."""

    story: ChangeStory

    @initialize(begun=st.sampled_from(BEGUN))
    def begins(self, begun: ChangeStory) -> None:
        kinds = {event.happening.kind for event in begun.events}
        self.written, self.spoken = "ChangeApproved" in kinds, "ChangeSpokenFor" in kinds
        self.story = ChangeStory(at=begun.now)
        self.story.change = begun.change

    def tries(self, who: Any, command: type[c.ChangeCommand], **asked: Any) -> None:
        """Try it; a refusal changes nothing, and whatever happens goes a way that the table has."""
        before = self.story.change
        try:
            self.story.does(who, command, **asked)
        except Refusal:
            assert self.story.change is before
        else:
            self.happened(before)

    def happened(self, before: Change) -> None:
        after, kinds = self.story.change, [happening.kind for happening in self.story.last]
        on_the_way = [before.state]
        on_the_way += [S.OVERRUN] if "WindowOverran" in kinds and after.state is not S.OVERRUN else []
        for one, next_ in zip(on_the_way, [*on_the_way[1:], after.state], strict=True):
            assert one is next_ or (one, next_) in WAYS, (kinds, one, next_)
        self.written = self.written or "ChangeApproved" in kinds
        self.spoken = self.spoken or "ChangeSpokenFor" in kinds
        if "ChangeSent" in kinds:
            self.written = False
        if (before.state, after.state) == (S.DRAFT, S.APPROVED):
            assert before.kind == "standard"
        if "ChangeImplemented" in kinds:
            assert (after.state is S.IMPLEMENTED) == self.written, "R149: by word alone the form is outstanding"
        if "ChangeStarted" in kinds:
            assert self.written or self.spoken, "R146"
        if after.state in WORKING and before.state not in WORKING:
            assert after.ends is not None
            assert self.story.now - timedelta(seconds=1) < after.ends, "C4, C8: work begins within a window only"
        if kinds and kinds[-1] in ("RowTicked", "ChangePutToTest", "ChangeImplemented") and before.state in WORKING:
            assert before.ends is not None
            assert self.story.now - timedelta(seconds=1) < before.ends, "C7: no work past the window"

    @precondition(lambda self: self.story.change.state in NEXT)
    @rule(in_time=st.booleans(), steps=st.integers(1, 4))
    def goes_on(self, in_time: bool, steps: int) -> None:
        for _ in range(steps):
            if self.story.change.state in NEXT:
                self.goes_a_step(in_time)

    def goes_a_step(self, in_time: bool) -> None:
        """Take the next step as those would who mean well."""
        change = self.story.change
        who, command = NEXT[change.state]
        if in_time and change.starts and change.state in (S.SCHEDULED, S.VERBALLY_APPROVED):
            self.story.at(max(self.story.now, change.starts))
        self.ticks(TOM, set(Section))
        self.tries(who, command, **SIMPLE[command])

    @rule(who=PEOPLE, command=ONWARD)
    def does(self, who: Any, command: type[c.ChangeCommand]) -> None:
        self.tries(who, command, **SIMPLE[command])

    @rule(who=PEOPLE, command=st.sampled_from([c.CancelChange, c.RecordRejection]), really=st.integers(0, 15))
    def gives_up(self, who: Any, command: type[c.ChangeCommand], really: int) -> None:
        if not really:
            self.tries(who, command, **SIMPLE[command])

    @rule(who=st.sampled_from([TOM, LEA]), section=st.sampled_from(list(Section)))
    def does_a_section(self, who: Any, section: Section) -> None:
        self.ticks(who, {section})

    def ticks(self, who: Any, sections: set[Section]) -> None:
        """Try to do all rows of some sections."""
        for row in self.story.change.rows:
            if row.section is Section.TESTING and row.section in sections:
                self.tries(who, c.RecordTest, row=row.id, passed=True)
            elif row.section in sections:
                self.tries(who, c.TickRow, row=row.id)

    @rule(who=PEOPLE, section=st.sampled_from(list(Section)), text=st.sampled_from(["More", "Another"]))
    def adds_a_row(self, who: Any, section: Section, text: str) -> None:
        self.tries(who, c.AddRow, section=section, text=text)

    @rule(who=PEOPLE, outcome=st.sampled_from(["successful", "rolled back"]))
    def closes(self, who: Any, outcome: str) -> None:
        self.tries(who, c.CloseChange, outcome=outcome, note="Seen.")

    @rule(who=PEOPLE, minutes=st.integers(-30, 120), channel=st.sampled_from(["email", "phone"]))
    def extends(self, who: Any, minutes: int, channel: str) -> None:
        end = self.story.now + timedelta(minutes=minutes)
        self.tries(who, c.RecordExtension, by=CUSTOMER, evidence="message 9", channel=channel, new_end=end)

    @rule(who=PEOPLE)
    def is_told_to_go_ahead(self, who: Any) -> None:
        end = self.story.now + timedelta(hours=1)
        self.tries(who, c.RecordSpokenApproval, by=CUSTOMER, said="Go ahead.", starts=self.story.now, ends=end)

    @rule(who=PEOPLE)
    def gets_another_window(self, who: Any) -> None:
        self.tries(who, c.RescheduleChange, starts=self.story.now + DAY, ends=self.story.now + DAY + DAY / 12)

    @precondition(lambda self: self.story.change.state in (*WORKING, S.SCHEDULED, S.VERBALLY_APPROVED))
    @rule(where=st.sampled_from(["before", "opens", "last second", "end", "after"]))
    def time_passes(self, where: str) -> None:
        change = self.story.change
        assert change.starts is not None
        assert change.ends is not None
        second = timedelta(seconds=1)
        moment = {
            "before": change.starts - second,
            "opens": change.starts,
            "last second": change.ends - second,
            "end": change.ends,
            "after": change.ends + second,
        }[where]
        self.story.at(max(self.story.now, moment))

    @rule()
    def the_desk_ticks(self) -> None:
        for moment in moments(self.story.change, DESK):
            before, now = self.story.change, self.story.now
            try:
                self.story.submits(SYSTEM, command_for(self.story.change.id, moment))
            except Refusal:
                assert moment.at > now
            else:
                assert moment.at <= now
                self.happened(before)

    @invariant()
    def no_work_without_agreement(self) -> None:
        if hasattr(self, "story") and self.story.change.state in (*WORKING, S.OVERRUN, S.IMPLEMENTED, S.SCHEDULED):
            assert self.written or self.spoken

    @invariant()
    def who_stands_on_the_spoken_word_owes_a_form(self) -> None:
        if hasattr(self, "story") and self.story.change.state is S.CLOSED:
            assert not self.story.change.owes_form


WalkTest = pytest.mark.slow(Walk.TestCase)
Walk.TestCase.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)


def test_walks_get_everywhere() -> None:
    """The stories reach each state by ways of the table, so the walk above is held to no empty promise."""
    reached = {S.DRAFT}
    while more := {to for source, to in WAYS if source in reached} - reached:
        reached |= more
    assert reached == set(S)
