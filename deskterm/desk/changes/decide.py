"""What a command about a change leads to: `decide_change` gives events, or refuses with the rule that says no.

Pure, as `decide` is for tickets. One small function per command stands in `change_form` and `change_steps`; who may
do it at all is looked up in the table of `change_rights`, what has to be true of the change in `change_guards`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from deskterm.desk.changes import form, steps
from deskterm.desk.changes.grounds import ChangeContext, ChangeSteps
from deskterm.desk.changes.window import as_it_is
from deskterm.desk.commands import changes as c
from deskterm.desk.events.changes import ChangeHappening, WindowOverran
from deskterm.desk.records.change import Change

_RULES: Final[Mapping[type[c.ChangeCommand], Callable[..., ChangeSteps]]] = {
    c.AmendChange: form.amend,
    c.AddRow: form.add_row,
    c.EditRow: form.edit_row,
    c.MoveRow: form.move_row,
    c.SplitRow: form.split_row,
    c.RemoveRow: form.remove_row,
    c.TickRow: form.tick_row,
    c.RecordTest: form.record_test,
    c.SubmitChange: steps.submit,
    c.AssessChange: steps.assess,
    c.SendForm: steps.send,
    c.RecordApproval: steps.record_approval,
    c.RecordRejection: steps.record_rejection,
    c.RecordSpokenApproval: steps.record_spoken_approval,
    c.ScheduleChange: steps.schedule,
    c.StartChange: steps.start,
    c.BeginTests: steps.begin_tests,
    c.FinishChange: steps.finish,
    c.RollBack: steps.roll_back,
    c.FinishRollBack: steps.finish_roll_back,
    c.RecordExtension: steps.record_extension,
    c.RescheduleChange: steps.reschedule,
    c.ReviewChange: steps.review,
    c.CloseChange: steps.close,
    c.CancelChange: steps.cancel,
    c.NoteOnChange: steps.note,
    c.RecordCallOnChange: steps.record_call,
    c.ChangeFallsDue: steps.fall_due,
}


def decide_change(
    change: Change | None, command: c.AnyChangeCommand, context: ChangeContext
) -> tuple[ChangeHappening, ...]:
    """Decide a command about a change (None where it raises one). Raises Forbidden or Wanting.

    A window that has passed is over, also when no tick has said so yet: whatever a person then does comes after the
    overrun, and work is refused (C7).
    """
    if isinstance(command, c.RaiseChange):
        return tuple(form.raise_change(command, context))
    assert change is not None, "only RaiseChange makes a change"
    rule = _RULES[type(command)]
    now = as_it_is(change, context.now)
    if now is change or isinstance(command, c.ChangeFallsDue):
        return tuple(rule(command, change, context))
    found = tuple(rule(command, now, context))
    assert change.ends is not None
    return (WindowOverran(due=change.ends), *found) if found else ()


def ticket_of(command: c.AnyChangeCommand, change: Change | None) -> UUID | str | None:
    """Which ticket the decision needs, by record id or reference; None for most commands."""
    if isinstance(command, c.RaiseChange):
        return command.ticket
    if isinstance(command, c.AmendChange) and (named := command.changes.get("ticket")):
        return _uuid(str(named))
    return change.ticket if change and isinstance(command, c.RecordSpokenApproval) else None


def _uuid(text: str) -> UUID | str:
    try:
        return UUID(text)
    except ValueError:
        return text
