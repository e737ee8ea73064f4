"""How each event changes a change. `evolve_change` never refuses: what is in the log happened.

An event this version does not know, or one about a row that is gone, leaves the change as it was, but for its version
and last change.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any, Final
from uuid import UUID

from deskterm.desk.events import Event
from deskterm.desk.events import changes as e
from deskterm.desk.record import Happening
from deskterm.desk.records.change import Change, ChangeState, Header, Row, Window

Changes = dict[str, Any]


def evolve_change(change: Change | None, event: Event) -> Change:
    """Return the change as it stands after the event. The first event of a change is `ChangeRaised`."""
    happening: Happening = event.happening
    if isinstance(happening, e.ChangeRaised):
        return _born(event, happening)
    if change is None:
        raise ValueError(f"the log of change {event.record_id} does not begin with ChangeRaised")
    stamp = {"version": event.version, "updated_at": event.at, "updated_by": event.actor}
    return change.model_copy(update={**stamp, **_changes(happening, change, event)})


def _born(event: Event, raised: e.ChangeRaised) -> Change:
    return Change(
        **{name: getattr(raised.header, name) for name in Header.model_fields},
        id=event.record_id,
        number=raised.number,
        ref=raised.ref,
        kind=raised.change_kind,
        model=raised.model,
        state=ChangeState.DRAFT,
        requester=event.actor,
        rows=raised.rows,
        opened_at=event.at,
        updated_at=event.at,
        updated_by=event.actor,
        version=event.version,
    )


@singledispatch
def _changes(happening: Happening, change: Change, event: Event) -> Changes:
    return {}


# -- the form


@_changes.register
def _(happening: e.ChangeAmended, change: Change, event: Event) -> Changes:
    header = {name: getattr(change, name) for name in Header.model_fields}
    amended = Header.model_validate(header | happening.changes)
    return {name: getattr(amended, name) for name in happening.changes}


@_changes.register
def _(happening: e.RowAdded, change: Change, event: Event) -> Changes:
    return {"rows": _placed(change.rows, happening.row, happening.after)}


def _placed(rows: tuple[Row, ...], row: Row, after: UUID | None, *, first: bool = False) -> tuple[Row, ...]:
    """Put a row after another of its section; at the end of it (or at its beginning) where there is none such."""
    places = [place for place, other in enumerate(rows) if other.section is row.section]
    found = next((place for place in places if rows[place].id == after), None)
    if found is not None:
        place = found + 1
    elif first and places:
        place = places[0]
    else:
        place = places[-1] + 1 if places else len(rows)
    return (*rows[:place], row, *rows[place:])


def _replaced(change: Change, row: UUID, make: Callable[[Row], Row]) -> Changes:
    return {"rows": tuple(make(each) if each.id == row else each for each in change.rows)}


@_changes.register
def _(happening: e.RowEdited, change: Change, event: Event) -> Changes:
    return _replaced(change, happening.row, lambda row: Row.model_validate({**row.model_dump(), **happening.changes}))


@_changes.register
def _(happening: e.RowMoved, change: Change, event: Event) -> Changes:
    row = change.row(happening.row)
    if row is None:
        return {}
    others = tuple(each for each in change.rows if each.id != row.id)
    return {"rows": _placed(others, row, happening.after, first=happening.after is None)}


@_changes.register
def _(happening: e.RowSplit, change: Change, event: Event) -> Changes:
    kept = _replaced(change, happening.row, lambda row: row.model_copy(update={"text": happening.text}))
    return {"rows": _placed(kept["rows"], happening.new, happening.row)}


@_changes.register
def _(happening: e.RowRemoved, change: Change, event: Event) -> Changes:
    return {"rows": tuple(row for row in change.rows if row.id != happening.row)}


@_changes.register
def _(happening: e.RowTicked, change: Change, event: Event) -> Changes:
    done = {"done_at": happening.done_at, "done_by": event.actor if happening.done_at else ""}
    return _replaced(change, happening.row, lambda row: row.model_copy(update=done))


@_changes.register
def _(happening: e.ResultRecorded, change: Change, event: Event) -> Changes:
    result = {
        "passed": happening.passed,
        "remark": happening.remark,
        "done_at": happening.done_at,
        "done_by": event.actor if happening.done_at else "",
    }
    return _replaced(change, happening.row, lambda row: row.model_copy(update=result))


# -- on the way to the window


@_changes.register
def _(happening: e.ChangeSubmitted, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.SUBMITTED}


@_changes.register
def _(happening: e.ChangeAssessed, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.ASSESSING, "clashes": happening.clashes}


@_changes.register
def _(happening: e.ChangeSent, change: Change, event: Event) -> Changes:
    # What was agreed to before was another text: until the customer answers, there is no agreement.
    return {"state": ChangeState.AWAITING, "sent": happening.sent, "approval": None, "spoken": None}


@_changes.register
def _(happening: e.ChangeApproved, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.APPROVED, "approval": happening.approval}


@_changes.register
def _(happening: e.ChangeRejected, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.REJECTED, "rejection": happening.answer}


@_changes.register
def _(happening: e.ChangeSpokenFor, change: Change, event: Event) -> Changes:
    return {
        "state": ChangeState.VERBALLY_APPROVED,
        "kind": "emergency",
        "spoken": happening.approval,
        "starts": happening.starts,
        "ends": happening.ends,
    }


@_changes.register
def _(happening: e.ChangeScheduled, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.SCHEDULED}


@_changes.register
def _(happening: e.ChangeCancelled, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.CANCELLED, "cancelled_because": happening.reason}


# -- in the window


_NO_ATTEMPT: Final[Changes] = {"warned": (), "overran_at": None, "roll_back_reason": "", "rolled_back_at": None}


@_changes.register
def _(happening: e.ChangeStarted, change: Change, event: Event) -> Changes:
    return {**_NO_ATTEMPT, "state": ChangeState.IMPLEMENTING, "implementing_at": event.at}


@_changes.register
def _(happening: e.ChangePutToTest, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.TESTING}


@_changes.register
def _(happening: e.ChangeImplemented, change: Change, event: Event) -> Changes:
    state = ChangeState.FORM_OUTSTANDING if happening.form_outstanding else ChangeState.IMPLEMENTED
    return {"state": state, "implemented_at": event.at}


@_changes.register
def _(happening: e.WindowWarned, change: Change, event: Event) -> Changes:
    return {"warned": (*change.warned, happening.minutes)}


@_changes.register
def _(happening: e.WindowOverran, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.OVERRUN, "overran_at": happening.due}


@_changes.register
def _(happening: e.WindowExtended, change: Change, event: Event) -> Changes:
    state = ChangeState.IMPLEMENTING if change.state is ChangeState.OVERRUN else change.state
    extensions = (*change.extensions, happening.extension)
    return {"state": state, "ends": happening.extension.new_end, "extensions": extensions, "warned": ()}


@_changes.register
def _(happening: e.RollBackBegun, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.ROLLING_BACK, "roll_back_reason": happening.reason}


@_changes.register
def _(happening: e.RolledBack, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.ROLLED_BACK, "rolled_back_at": event.at}


# -- after it


_UNDONE: Final[Changes] = {"done_at": None, "done_by": "", "passed": None, "remark": ""}


@_changes.register
def _(happening: e.ChangeRescheduled, change: Change, event: Event) -> Changes:
    if change.starts is None or change.ends is None:
        return {"state": ChangeState.RESCHEDULED, "starts": happening.starts, "ends": happening.ends}
    later = happening.starts - change.starts
    rows = tuple(
        row.model_copy(
            update={
                **_UNDONE,
                "starts": row.starts and row.starts + later,
                "ends": row.ends and row.ends + later,
            }
        )
        for row in change.rows
    )
    earlier = change.earlier_windows
    if change.state is ChangeState.ROLLED_BACK:
        earlier = (*earlier, Window(starts=change.starts, ends=change.ends))
    return {
        "state": ChangeState.RESCHEDULED,
        "starts": happening.starts,
        "ends": happening.ends,
        "rows": rows,
        "earlier_windows": earlier,
    }


@_changes.register
def _(happening: e.ChangeUnderReview, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.IN_REVIEW, "form_complete": change.form_complete or happening.form_completed}


@_changes.register
def _(happening: e.FormFellDue, change: Change, event: Event) -> Changes:
    return {"form_overdue": True}


@_changes.register
def _(happening: e.ChangeClosed, change: Change, event: Event) -> Changes:
    return {"state": ChangeState.CLOSED, "outcome": happening.outcome, "review": happening.note}
