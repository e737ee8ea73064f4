"""A change's story for tests of its rules: told command by command, to any state by the shortest way.

story = drafted().fills_the_form().does(TOM, c.SubmitChange)
assert story.change.state is ChangeState.SUBMITTED
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from deskterm.desk.changes.decide import decide_change
from deskterm.desk.changes.evolve import evolve_change
from deskterm.desk.changes.grounds import ChangeContext
from deskterm.desk.changes.window import Booked
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import SYSTEM, Channel, DeskFile, Operator
from deskterm.desk.deskfile.models import ChangeHabits, ChangeModel, Freeze, ModelRow
from deskterm.desk.events import Event
from deskterm.desk.events.changes import ChangeHappening
from deskterm.desk.records.change import Change, ChangeState, Section
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.refusal import Refusal
from tests.people import DESK as PLAIN_DESK
from tests.people import LEA, START, SUE, TOM, facts, logged, ticket_id

OPENS = START + timedelta(hours=13)
"""When the window opens: 22:00 in London on the Friday on which the change is raised."""
ENDS = OPENS + timedelta(minutes=90)
CUSTOMER = "Ana Petrova"

MODEL = ChangeModel(
    key="port-open",
    title="Open a switch port",
    approved_by="Ben Hartley",
    evidence="Standing agreement 12 of March 2025",
    minutes=30,
    **{section.value: (ModelRow(text=f"The {section.value} of a port"),) for section in Section},
)
DESK: DeskFile = PLAIN_DESK.model_copy(
    update={
        "channel": (Channel(kind="phone", addresses=("+44 7700 900100",)),),
        "change": ChangeHabits(introduction="We work by two pairs of eyes.", form_hours=24),
        "change_model": (MODEL,),
        "freeze": (
            Freeze(name="year-end", title="Year end", first_day=START.date() + timedelta(days=3),
                   last_day=START.date() + timedelta(days=4)),
        ),
    }
)  # fmt: skip
INCIDENT: Ticket = logged(facts(type="incident", item="fw-1", phone="+44 7700 900123")).ticket


class ChangeStory:
    """One change, a second after each command."""

    def __init__(self, number: int = 11, at: datetime = START, others: tuple[Booked, ...] = ()) -> None:
        self.id = ticket_id(f"change {number}")
        self.number = number
        self.now = at
        self.others = others
        self.ticket: Ticket | None = INCIDENT
        self.events: list[Event] = []
        self.last: tuple[ChangeHappening, ...] = ()
        self._change: Change | None = None

    @property
    def change(self) -> Change:
        """The change as it stands."""
        assert self._change is not None
        return self._change

    @change.setter
    def change(self, change: Change) -> None:
        self._change = change

    def context(self, who: Operator) -> ChangeContext:
        """What the rules may know at this moment."""
        return ChangeContext(
            desk=DESK, actor=who, now=self.now, next_number=self.number, ticket=self.ticket, others=self.others
        )

    def raises(self, who: Operator = TOM, **asked: Any) -> ChangeStory:
        """Raise it, from the incident unless something else is said."""
        return self.submits(who, c.RaiseChange(change=self.id, **{"ticket": INCIDENT.id, **asked}))

    def does(self, who: Operator, command: type[c.ChangeCommand], /, **asked: Any) -> ChangeStory:
        """Carry a command out, or let its refusal through."""
        made: Any = command(change=self.id, **asked)
        return self.submits(who, made)

    def submits(self, who: Operator, command: c.AnyChangeCommand) -> ChangeStory:
        """Carry out a command that was made elsewhere."""
        self.last = decide_change(self._change, command, self.context(who))
        for happening in self.last:
            told: Any = happening
            kind: Any = "change"
            event = Event(
                position=len(self.events) + 1,
                record_kind=kind,
                record_id=self.id,
                version=self._change.version + 1 if self._change else 1,
                actor=who.name,
                at=self.now,
                command_id=command.id,
                happening=told,
            )
            self.events.append(event)
            self._change = evolve_change(self._change, event)
        self.now += timedelta(seconds=1)
        return self

    def at(self, moment: datetime) -> ChangeStory:
        """Let it be this moment."""
        self.now = moment
        return self

    def fills_the_form(self, who: Operator = TOM) -> ChangeStory:
        """Fill in all that a form needs: two rows in each section."""
        self.does(
            who,
            c.AmendChange,
            changes={
                "title": "Replace firewall rule set",
                "company": "Northwind Foods",
                "systems": ["fw-1", "fw-2"],
                "contact": CUSTOMER,
                "contact_phone": "+44 7700 900123",
                "engineer": "Tom",
                "starts": OPENS.isoformat(),
                "ends": ENDS.isoformat(),
            },
        )
        for section in Section:
            self.adds(section, f"First of {section.value}", who=who).adds(
                section, f"Second of {section.value}", who=who
            )
        return self

    def adds(self, section: Section, text: str, who: Operator = TOM, **asked: Any) -> ChangeStory:
        """Add a row, whose id follows from what it says."""
        return self.does(who, c.AddRow, row=row_id(text), section=section, text=text, **asked)

    def ticks(self, section: Section, who: Operator = TOM) -> ChangeStory:
        """Tick every row of a section, or let every test pass."""
        for row in self.change.rows_of(section):
            if section is Section.TESTING:
                self.does(who, c.RecordTest, row=row.id, passed=True)
            else:
                self.does(who, c.TickRow, row=row.id)
        return self

    def refuses(self, who: Operator, command: type[c.ChangeCommand], rule: str, /, **asked: Any) -> Refusal:
        """The refusal of a command, which names its rule in words and as a value, and changes nothing."""
        before = self._change
        with pytest.raises(Refusal) as found:
            self.does(who, command, **asked)
        assert found.value.rule == rule, found.value.message
        assert found.value.message.endswith(f"({rule}).")
        assert self._change == before
        return found.value


def row_id(text: str) -> UUID:
    """The id of the row that says so."""
    return uuid5(INCIDENT.id, text)


def drafted(who: Operator = TOM, **asked: Any) -> ChangeStory:
    """A change raised from the incident."""
    return ChangeStory().raises(who, **asked)


APPROVED_BY: dict[str, Any] = {"by": CUSTOMER, "channel": "email", "evidence": "message <7@northwind.example>"}
SPOKEN: dict[str, Any] = {"by": CUSTOMER, "said": "Go ahead now, we are down.", "ends": START + timedelta(hours=2)}
EXTENSION: dict[str, Any] = {
    "by": CUSTOMER, "evidence": "message <8@northwind.example>", "new_end": ENDS + timedelta(minutes=45),
}  # fmt: skip

_WAY: tuple[tuple[ChangeState, Operator, type[c.ChangeCommand], dict[str, Any]], ...] = (
    (ChangeState.SUBMITTED, TOM, c.SubmitChange, {}),
    (ChangeState.ASSESSING, TOM, c.AssessChange, {}),
    (ChangeState.AWAITING, TOM, c.SendForm, {}),
    (ChangeState.APPROVED, LEA, c.RecordApproval, APPROVED_BY),
    (ChangeState.SCHEDULED, TOM, c.ScheduleChange, {}),
    (ChangeState.IMPLEMENTING, TOM, c.StartChange, {}),
    (ChangeState.TESTING, TOM, c.BeginTests, {}),
    (ChangeState.IMPLEMENTED, TOM, c.FinishChange, {}),
    (ChangeState.IN_REVIEW, TOM, c.ReviewChange, {}),
    (ChangeState.CLOSED, SUE, c.CloseChange, {"outcome": "successful", "note": "As planned."}),
)


def change_to(state: ChangeState) -> ChangeStory:
    """A story that has led a normal change to a state; an emergency one where only that gets there."""
    if state in (ChangeState.VERBALLY_APPROVED, ChangeState.FORM_OUTSTANDING):
        return _emergency_to(state)
    story = drafted().fills_the_form()
    if state is ChangeState.CANCELLED:
        return story.does(TOM, c.CancelChange, reason="Not needed any more.")
    undone = (ChangeState.ROLLING_BACK, ChangeState.ROLLED_BACK, ChangeState.RESCHEDULED)
    until = {ChangeState.REJECTED: ChangeState.AWAITING, ChangeState.OVERRUN: ChangeState.IMPLEMENTING}.get(
        state, state
    )
    until = ChangeState.IMPLEMENTING if state in undone else until
    for reached, who, command, asked in _WAY:
        if story.change.state is until:
            break
        if reached is ChangeState.IMPLEMENTING:
            story.ticks(Section.PREREQUISITES).at(OPENS)
        elif reached is ChangeState.TESTING:
            story.ticks(Section.IMPLEMENTATION)
        elif reached is ChangeState.IMPLEMENTED:
            story.ticks(Section.TESTING)
        story.does(who, command, **asked)
    return _aside(story, state)


def _aside(story: ChangeStory, state: ChangeState) -> ChangeStory:
    if state is ChangeState.REJECTED:
        story.does(LEA, c.RecordRejection, **APPROVED_BY)
    elif state is ChangeState.OVERRUN:
        story.at(ENDS).does(SYSTEM, c.ChangeFallsDue, what="window-over", due=ENDS)
    elif state in (ChangeState.ROLLING_BACK, ChangeState.ROLLED_BACK, ChangeState.RESCHEDULED):
        story.does(TOM, c.RollBack, reason="The second step failed.")
        if state is not ChangeState.ROLLING_BACK:
            story.ticks(Section.ROLLBACK).does(TOM, c.FinishRollBack)
        if state is ChangeState.RESCHEDULED:
            day = timedelta(days=1)
            story.does(TOM, c.RescheduleChange, starts=OPENS + day, ends=ENDS + day)
    assert story.change.state is state
    return story


def _emergency_to(state: ChangeState) -> ChangeStory:
    story = drafted(change_kind="emergency").does(LEA, c.RecordSpokenApproval, **SPOKEN)
    if state is ChangeState.FORM_OUTSTANDING:
        story.does(TOM, c.StartChange).adds(Section.IMPLEMENTATION, "Restart the standby unit")
        story.ticks(Section.IMPLEMENTATION).does(TOM, c.BeginTests).does(TOM, c.FinishChange)
    assert story.change.state is state
    return story
