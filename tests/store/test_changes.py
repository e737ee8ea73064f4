"""Changes in every store: kept, read back, watched by the window, and worked on by two engineers at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from deskterm.desk import commands
from deskterm.desk.changes.rights import ChangeAct
from deskterm.desk.changes.views import ChangeQuery
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import Operator
from deskterm.desk.records.change import ChangeState, Section
from deskterm.desk.reference import write_change
from deskterm.desk.tickets.views import Receipt
from deskterm.store.base import Conflict, Invalid, NotAllowed, NotFound
from tests.store.conftest import DESK_SOURCE, Place
from tests.store.night import HOUR, at_work, planned, window

pytestmark = pytest.mark.anyio

TIMES = {"warn-15": -timedelta(minutes=15), "warn-5": -timedelta(minutes=5), "window-over": timedelta()}


async def test_a_night_from_draft_to_closed(place: Place) -> None:
    """C1-C5, C12: it is kept, read back, and each step has its place in the thread."""
    night = await planned(place)
    view = await night.tom.change(night.ref)
    assert (view.change.title, view.change.company) == ("Firewall drops calls", "Harbour Foods")
    assert view.change.state is ChangeState.DRAFT
    assert view.standing
    await night.fills_the_form()
    assert (await night.tom.change(night.id)).standing == ()
    await night.is_agreed()
    await night.begins()
    assert [guard.ref for guard in await night.tom.guards()] == [night.ref]
    assert [change.ref for change in (await night.sue.board()).changes] == [night.ref]
    await night.ticks(Section.IMPLEMENTATION)
    await night.does(night.tom, c.BeginTests)
    await night.ticks(Section.TESTING)
    await night.does(night.tom, c.FinishChange)
    await night.does(night.tom, c.ReviewChange)
    done = await night.does(night.sue, c.CloseChange, outcome="successful", note="As planned.")
    view = await night.lea.change(night.ref)
    assert view.change.state is ChangeState.CLOSED
    assert (done.ref, done.version) == (night.ref, view.change.version)
    assert [entry.version for entry in view.timeline] == list(range(1, view.change.version + 1))
    assert await night.tom.guards() == ()
    assert (await night.sue.board()).changes == ()
    assert await place.faults() == ()


async def test_a_change_opens_by_any_spelling_of_its_reference(place: Place) -> None:
    night = await planned(place)
    assert night.ref == write_change(1)
    for spelling in (night.ref, night.ref.replace("-", " ").lower(), str(night.id)):
        assert (await night.tom.change(spelling)).change.id == night.id
    with pytest.raises(Invalid) as refused:
        await night.tom.change(night.ref[:-1] + str((int(night.ref[-1]) + 1) % 10))
    assert refused.value.rule == "R041"
    for nobody in (uuid4(), write_change(999)):
        with pytest.raises(NotFound):
            await night.tom.change(nobody)
    with pytest.raises(NotFound):
        await night.tom.submit(c.SubmitChange(change=uuid4()))


async def test_a_change_is_raised_once_and_numbered_without_gaps(place: Place) -> None:
    tom, lea = await place.open("Tom"), await place.open("Lea")
    one = c.RaiseChange()
    receipts = await asyncio.gather(*(store.submit(one) for store in (tom, lea, tom)), return_exceptions=True)
    assert len({each for each in receipts if isinstance(each, Receipt)}) == 1
    with pytest.raises(Invalid):
        await tom.submit(c.RaiseChange(change=one.change))
    others = await asyncio.gather(*(store.submit(c.RaiseChange()) for store in (tom, lea, tom)))
    assert {each.ref for each in others} == {write_change(number) for number in (2, 3, 4)}


async def test_the_rules_refuse_with_their_row(place: Place) -> None:
    night = await planned(place)
    nora, guest = await place.open("Nora"), await place.open()
    guest.me = Operator(name="stranger", level="guest")
    for who, command, rule in (
        (nora, c.SubmitChange(change=night.id), "C1"),
        (night.tom, c.StartChange(change=night.id), "C4"),
        (night.lea, c.CloseChange(change=night.id, outcome="successful", note="Done."), "C12"),
    ):
        with pytest.raises(NotAllowed) as refused:
            await who.submit(command)
        assert refused.value.rule == rule
    with pytest.raises(Invalid) as wanting:
        await night.tom.submit(c.SubmitChange(change=night.id))
    assert (wanting.value.rule, bool(wanting.value.field)) == ("C1", True)
    assert await night.state() is ChangeState.DRAFT


# -- two engineers at once


async def test_rows_edited_by_two_engineers_at_once_both_survive(place: Place) -> None:
    night = await planned(place)
    await night.fills_the_form()
    seen = (await night.tom.change(night.id)).change
    one, other = seen.rows_of(Section.IMPLEMENTATION)[0].id, seen.rows_of(Section.ROLLBACK)[0].id

    def edit(row: UUID, text: str) -> c.EditRow:
        return c.EditRow(change=night.id, seen=seen.version, row=row, changes={"text": text})

    added = c.AddRow(change=night.id, seen=seen.version, section=Section.IMPLEMENTATION, text="Save")
    await asyncio.gather(
        night.tom.submit(edit(one, "Load the rules")), night.lea.submit(edit(other, "Load the old rules")),
        night.lea.submit(added), night.tom.submit(c.TickRow(change=night.id, seen=seen.version, row=prepared(seen))),
        night.sue.submit(c.AmendChange(change=night.id, seen=seen.version, changes={"title": "New rules"})),
    )  # fmt: skip
    after = (await night.sue.change(night.id)).change
    assert [row.text for row in after.rows_of(Section.IMPLEMENTATION)] == ["Load the rules", "Save"]
    assert [row.text for row in after.rows_of(Section.ROLLBACK)] == ["Load the old rules"]
    assert after.title == "New rules"
    assert after.rows_of(Section.PREREQUISITES)[0].done_by == "Tom"
    assert await place.faults() == ()


def prepared(change: Any) -> UUID:
    """The row of the first prerequisite."""
    row: UUID = change.rows_of(Section.PREREQUISITES)[0].id
    return row


async def test_the_same_row_edited_twice_is_a_conflict_that_says_who(place: Place) -> None:
    night = await planned(place)
    await night.fills_the_form()
    seen = (await night.tom.change(night.id)).change
    row = seen.rows_of(Section.OUTAGES)[0].id
    await night.does(night.lea, c.EditRow, row=row, changes={"text": "None"})
    with pytest.raises(Conflict) as conflict:
        await night.does(night.tom, c.EditRow, seen=seen.version, row=row, changes={"text": "Five minutes"})
    assert [entry.actor for entry in conflict.value.changed] == ["Lea"]
    assert night.ref in conflict.value.message


async def test_a_step_that_somebody_took_meanwhile_is_a_conflict_not_a_lecture(place: Place) -> None:
    night = await planned(place)
    await night.fills_the_form()
    seen = (await night.tom.change(night.id)).change.version
    await night.does(night.tom, c.SubmitChange, seen=seen)
    with pytest.raises(Conflict):
        await night.does(night.tom, c.SubmitChange, seen=seen)


async def test_a_colleague_hears_of_every_row_at_once(place: Place) -> None:
    night = await planned(place)
    feed = night.lea.watch()
    waiting = asyncio.ensure_future(anext(feed))
    await night.lea.change(night.id)  # what she is asked comes after the beginning of her feed, wherever the desk is
    receipt = await night.does(night.tom, c.AddRow, section=Section.TESTING, text="Call in")
    found = await asyncio.wait_for(waiting, 10)
    assert [(each.record_kind, each.record_id, each.kind) for each in found] == [("change", night.id, "RowAdded")]
    assert (await night.lea.change(night.id)).change.version == receipt.version


# -- the window


async def test_the_window_ends_with_the_app_closed(place: Place) -> None:
    """C7: whoever ticks first deals with it, in order, once, with the true times."""
    night = await at_work(place)
    await place.close()
    place.clock.now = night.ends + 2 * HOUR
    again = await place.open("Nora")
    found = [each for each in await again.tick() if each.record == night.id]
    assert [(each.what, each.due - night.ends) for each in found] == list(TIMES.items())
    assert all(each.words and each.ref == night.ref for each in found)
    assert [each for each in await again.tick() if each.record == night.id] == []
    change = (await again.change(night.id)).change
    assert (change.state, change.overran_at, change.warned) == (ChangeState.OVERRUN, night.ends, (15, 5))
    assert await place.faults() == ()


@pytest.mark.parametrize(("seconds", "state"), [(-1, ChangeState.IMPLEMENTING), (0, ChangeState.OVERRUN)])
async def test_the_window_ends_to_the_second(place: Place, seconds: int, state: ChangeState) -> None:
    """The clock goes on a second before each look, so that this is the very end, or the second before."""
    night = await at_work(place)
    await night.tom.tick()
    place.clock.now = night.ends + timedelta(seconds=seconds - 1)
    assert await night.state() is state


async def test_work_after_the_window_is_refused_also_before_any_tick(place: Place) -> None:
    night = await at_work(place)
    row = (await night.tom.change(night.id)).change.rows_of(Section.IMPLEMENTATION)[0].id
    place.clock.now = night.ends
    with pytest.raises(NotAllowed) as refused:
        await night.does(night.tom, c.TickRow, row=row)
    assert refused.value.rule == "C7"
    (guard,) = await night.tom.guards()
    assert (guard.alarm, guard.state) == ("over", ChangeState.OVERRUN)
    made = {"by": "Ana Petrova", "evidence": "message <8@northwind.example>", "new_end": night.ends + HOUR}
    await night.does(night.tom, c.RecordExtension, **made)
    assert await night.state() is ChangeState.IMPLEMENTING
    assert [each for each in await night.tom.tick() if each.record == night.id] == []
    place.clock.now = night.ends + HOUR
    assert [each.what for each in await night.tom.tick() if each.record == night.id] == list(TIMES)


async def test_an_overrun_is_rolled_back_and_gets_another_window(place: Place) -> None:
    """C9: the next free window is proposed, beside what others have booked."""
    night = await at_work(place)
    place.clock.now = night.ends
    await night.tom.tick()
    await night.does(night.tom, c.RollBack)
    await night.ticks(Section.ROLLBACK)
    await night.does(night.tom, c.FinishRollBack)
    day = timedelta(days=1)
    other = await night.lea.submit(c.RaiseChange(facts=window(night.opens + day, night.ends + day, "fw-1")))
    view = await night.tom.change(night.id)
    assert view.proposed == (night.opens + 2 * day, night.ends + 2 * day)
    starts, ends = view.proposed
    await night.does(night.tom, c.RescheduleChange, starts=starts, ends=ends)
    await night.does(night.tom, c.ScheduleChange)
    assert [each.ref for each in await night.tom.windows(night.opens, ends)] == [other.ref, night.ref]
    assert await place.faults() == ()


async def test_what_clashes_is_shown_and_put_on_record(place: Place) -> None:
    """C2."""
    night = await planned(place)
    await night.fills_the_form()
    other = await night.lea.submit(c.RaiseChange(facts=window(night.opens, night.ends, "FW-1")))
    view = await night.tom.change(night.id)
    assert [clash.booked.ref for clash in view.clashes] == [other.ref]
    await night.does(night.tom, c.SubmitChange)
    await night.does(night.tom, c.AssessChange)
    assert (await night.tom.change(night.id)).change.clashes == (other.ref,)
    assert await night.tom.windows(night.ends, night.ends + HOUR) == ()


async def test_the_form_of_an_emergency_falls_due(place: Place) -> None:
    """C10, C11: from the telephone to the supervisor's board."""
    night = await planned(place, change_kind="emergency")
    until = place.clock.now + 2 * HOUR
    await night.does(night.lea, c.RecordSpokenApproval, by="Ana Petrova", said="Go ahead", ends=until)
    await night.does(night.tom, c.StartChange)
    await night.does(night.tom, c.BeginTests)
    await night.does(night.tom, c.FinishChange)
    assert await night.state() is ChangeState.FORM_OUTSTANDING
    (line,) = await night.sue.changes(ChangeQuery("forms"))
    assert (line.ref, line.form_outstanding, line.form_overdue) == (night.ref, True, False)
    place.clock.forward(hours=24)
    assert [each.what for each in await night.tom.tick() if each.record == night.id] == ["form-due"]
    (line,) = await night.sue.changes(ChangeQuery("forms"))
    assert line.form_overdue


async def test_a_desk_file_sets_when_forms_fall_due(place: Place) -> None:
    night = await planned(place, change_kind="emergency")
    until = place.clock.now + 2 * HOUR
    await night.does(night.lea, c.RecordSpokenApproval, by="Ana Petrova", said="Go ahead", ends=until)
    for command in (c.StartChange, c.BeginTests, c.FinishChange):
        await night.does(night.tom, command)
    await night.sue.submit(commands.LoadDesk(name="n.toml", source=f"{DESK_SOURCE}\n[change]\nform_hours = 2\n"))
    place.clock.forward(hours=3)
    assert [each.what for each in await night.tom.tick() if each.record == night.id] == ["form-due"]


# -- kept


@pytest.mark.in_a_file
@pytest.mark.kept_here
async def test_a_change_survives_rebuild_export_and_backup(place: Place, tmp_path: Path) -> None:
    night = await at_work(place)
    await night.tom.tick()
    before = (await night.tom.change(night.id)).change
    await night.tom.rebuild()
    assert (await night.tom.change(night.id)).change == before
    lines: list[str] = []
    await night.tom.export(lines.append)
    (tmp_path / "copy").mkdir()
    copy = type(place)(tmp_path / "copy")
    copy.clock = place.clock
    imported = await copy.open("Tom")
    await imported.import_log(lines)
    assert (await imported.change(night.ref)).change == before
    assert (await imported.verify()).faults == ()
    assert (await night.tom.backup(tmp_path / "backup.db")).sound
    place.clock.now = night.ends
    assert [each.what for each in await imported.tick() if each.record == night.id] == list(TIMES)
    await copy.close()


async def test_what_may_be_done_is_the_viewers(place: Place) -> None:
    night = await planned(place)
    nora = await place.open("Nora")
    may = {verdict.act for verdict in (await nora.change(night.id)).may if verdict.allowed}
    assert may == {ChangeAct.NOTE}
    assert (await nora.change(night.id)).say
