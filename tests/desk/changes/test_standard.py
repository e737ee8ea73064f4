"""Standard changes: done as a model of the desk file has them, agreed to beforehand, and watched like all others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskterm.desk.changes.guards import standing_between
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import SYSTEM
from deskterm.desk.records.change import ChangeState, Header, Section
from deskterm.desk.records.customers import record_id
from deskterm.desk.refusal import Wanting
from tests.change_story import ENDS, MODEL, OPENS, drafted, row_id
from tests.people import LEA, TOM

S = ChangeState


def test_a_standard_change_is_its_model_and_skips_the_customer() -> None:
    """C2 and C3 fall away; the window guards it all the same."""
    story = drafted(LEA, model="port-open", facts=Header(starts=OPENS, ends=ENDS, title="Port 7"))
    assert (story.change.kind, story.change.engineer) == ("standard", "Lea")
    assert [row.owner for row in story.change.rows] == ["Lea"] * 6
    story.does(LEA, c.SubmitChange)
    assert (story.change.state, story.change.approval is not None) == (S.APPROVED, True)
    assert story.change.approval is not None
    assert (story.change.approval.by, story.change.approval.model) == (MODEL.approved_by, "port-open")
    story.does(LEA, c.ScheduleChange).ticks(Section.PREREQUISITES, LEA)
    story.refuses(LEA, c.StartChange, "C4")
    story.at(OPENS).does(LEA, c.StartChange)
    story.at(ENDS).does(SYSTEM, c.ChangeFallsDue, what="window-over", due=ENDS)
    assert story.change.state is S.OVERRUN


def test_a_standard_change_that_differs_from_its_model_is_none() -> None:
    story = drafted(TOM, model="PORT-OPEN", facts=Header(starts=OPENS, ends=ENDS))
    story.adds(Section.IMPLEMENTATION, "And one thing more")
    assert "as its model has it" in story.refuses(TOM, c.SubmitChange, "C1").message
    story.does(TOM, c.RemoveRow, row=row_id("And one thing more"))
    story.does(TOM, c.EditRow, row=story.change.rows[3].id, changes={"owner": "Tess"})
    assert story.does(TOM, c.SubmitChange).change.state is S.APPROVED
    with pytest.raises(Wanting, match=r"the desk file has port-open \(T26\)"):
        drafted(TOM, model="port-shut")
    with pytest.raises(Wanting, match="needs a model"):
        drafted(TOM, change_kind="standard")


def test_a_model_is_for_those_who_agreed_to_it() -> None:
    story = drafted(TOM, model="port-open", facts=Header(starts=OPENS, ends=ENDS))
    only = MODEL.model_copy(update={"company": ("alder",)})
    desk = story.context(TOM).desk.model_copy(update={"change_model": (only,)})
    context = replace(story.context(TOM), desk=desk)
    assert "not agreed with this customer" in standing_between(story.change, context)[0].sentence
    theirs = story.change.model_copy(update={"company_id": record_id("company", "alder")})
    assert standing_between(theirs, context) == ()
