"""The rules of a change's way: agreed, made within its window, rolled back or reviewed (C1-C13)."""

from __future__ import annotations

from typing import Final

from deskterm.desk.changes.grounds import (
    WRITTEN,
    ChangeContext,
    ChangeSteps,
    allow_change,
    customers_word,
    moment_past,
    older,
)
from deskterm.desk.changes.guards import guard
from deskterm.desk.changes.rights import ChangeAct, change_verdict, is_own
from deskterm.desk.changes.window import FORM_DUE, WINDOW_OVER, clashes, freezes, moments
from deskterm.desk.commands import changes as c
from deskterm.desk.events import changes as e
from deskterm.desk.records.change import (
    Approval,
    Change,
    ChangeState,
    Extension,
    FormSent,
    SpokenApproval,
)
from deskterm.desk.refusal import Forbidden, Wanting
from deskterm.desk.tickets.grounds import demand


def submit(command: c.SubmitChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Give the form in (C1); a standard change is agreed to already, so C2 and C3 fall away."""
    allow_change(ChangeAct.SUBMIT, change, context)
    guard(ChangeAct.SUBMIT, change, context)
    yield e.ChangeSubmitted()
    model = context.desk.change_model_named(change.model) if change.kind == "standard" else None
    if model is not None:
        yield e.ChangeApproved(
            approval=Approval(
                by=model.approved_by,
                channel="email",
                evidence=model.evidence,
                at=context.now,
                recorded_by=context.actor.name,
                content=change.content,
                model=model.key,
            )
        )


def assess(command: c.AssessChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Begin to assess it, with what clashes with its window before one's eyes (C2)."""
    allow_change(ChangeAct.ASSESS, change, context)
    shown = [clash.booked.ref for clash in clashes(change, context.others)]
    yield e.ChangeAssessed(clashes=(*shown, *(freeze.name for freeze in freezes(change, context.desk))))


def send(command: c.SendForm, change: Change, context: ChangeContext) -> ChangeSteps:
    """Send the form and wait (C2, R147); after a roll-back because its content changed (C9)."""
    act = ChangeAct.RESEND if change.state is ChangeState.RESCHEDULED else ChangeAct.SEND
    rule = allow_change(act, change, context).rule
    guard(act, change, context)
    if command.channel not in WRITTEN:
        raise Wanting(f"A form is sent in writing ({rule}).", "channel", rule)
    to = demand(command.to.strip() or change.contact, "to", "Say who gets the form", rule)
    sent = FormSent(to=to, channel=command.channel, at=context.now, by=context.actor.name)
    yield e.ChangeSent(rule="C9" if act is ChangeAct.RESEND else "C2", sent=sent)


def record_approval(command: c.RecordApproval, change: Change, context: ChangeContext) -> ChangeSteps:
    """Record that the customer agrees (C3, R146)."""
    allow_change(ChangeAct.APPROVE, change, context)
    yield e.ChangeApproved(approval=_answer(command, change, context))


def record_rejection(command: c.RecordRejection, change: Change, context: ChangeContext) -> ChangeSteps:
    """Record that the customer does not agree (C3)."""
    allow_change(ChangeAct.REJECT, change, context)
    yield e.ChangeRejected(answer=_answer(command, change, context))


def _answer(command: c.RecordApproval | c.RecordRejection, change: Change, context: ChangeContext) -> Approval:
    by = customers_word(command.by, context, "by", "C3")
    if is_own(by, change):
        raise Wanting("No engineer approves their own change (C3).", "by", "C3")
    if command.channel is None:
        raise Wanting("Say by which channel the answer came (C3).", "channel", "C3")
    if isinstance(command, c.RecordApproval) and command.channel not in WRITTEN:
        raise Wanting("The spoken word suffices in an emergency only: ask for it in writing (R148).", "channel", "R148")
    evidence = demand(command.evidence, "evidence", "Say where the answer can be read again", "C3")
    at = moment_past(command.at, context, "at", "C3")
    if change.sent is not None and older(at, change.sent.at):
        raise Wanting("The answer cannot be older than the form it answers (C3).", "at", "C3")
    return Approval(
        by=by,
        by_id=command.by_id,
        channel=command.channel,
        evidence=evidence,
        file=command.file,
        at=at,
        recorded_by=context.actor.name,
        words=command.words,
        content=change.content,
    )


def record_spoken_approval(command: c.RecordSpokenApproval, change: Change, context: ChangeContext) -> ChangeSteps:
    """Record the customer's word in an emergency: who, when, what was said and to whom (C10, R148)."""
    allow_change(ChangeAct.SPOKEN, change, context)
    window = {"starts": command.starts or change.starts or context.now, "ends": command.ends or change.ends}
    agreed = change.model_copy(update=window)
    guard(ChangeAct.SPOKEN, agreed, context)
    by = customers_word(command.by, context, "by", "C10")
    said = demand(command.said, "said", "Write down what was said", "C10")
    approval = SpokenApproval(
        by=by, at=moment_past(command.at, context, "at", "C10"), said=said, to=context.actor.name, phone=command.phone
    )
    assert agreed.starts is not None
    assert agreed.ends is not None
    yield e.ChangeSpokenFor(approval=approval, starts=agreed.starts, ends=agreed.ends)


def schedule(command: c.ScheduleChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Put it into its window (C4), after a roll-back into the next one (C9)."""
    act = ChangeAct.RETURN if change.state is ChangeState.RESCHEDULED else ChangeAct.SCHEDULE
    allow_change(act, change, context)
    guard(act, change, context)
    yield e.ChangeScheduled(rule="C9" if act is ChangeAct.RETURN else "C4")


# -- in the window


def start(command: c.StartChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Begin the work: inside the window, prerequisites ticked, never without the customer's agreement (C4, R146)."""
    allow_change(ChangeAct.START, change, context)
    guard(ChangeAct.START, change, context)
    yield e.ChangeStarted()


def begin_tests(command: c.BeginTests, change: Change, context: ChangeContext) -> ChangeSteps:
    """Begin the tests, once every step is ticked (C5)."""
    allow_change(ChangeAct.TEST, change, context)
    guard(ChangeAct.TEST, change, context)
    yield e.ChangePutToTest()


def finish(command: c.FinishChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Say that it is made, once every test passed (C5)."""
    allow_change(ChangeAct.FINISH, change, context)
    guard(ChangeAct.FINISH, change, context)
    yield e.ChangeImplemented(form_outstanding=change.owes_form)


def roll_back(command: c.RollBack, change: Change, context: ChangeContext) -> ChangeSteps:
    """Begin to roll back, after a failure (C6) or because the window is over (C9)."""
    rule = allow_change(ChangeAct.ROLL_BACK, change, context).rule
    yield e.RollBackBegun(rule="C9" if rule == "C9" else "C6", reason=command.reason)


def finish_roll_back(command: c.FinishRollBack, change: Change, context: ChangeContext) -> ChangeSteps:
    """Say that all is as before, once every roll-back step is ticked (C9)."""
    allow_change(ChangeAct.ROLLED_BACK, change, context)
    guard(ChangeAct.ROLLED_BACK, change, context)
    yield e.RolledBack()


def record_extension(command: c.RecordExtension, change: Change, context: ChangeContext) -> ChangeSteps:
    """Record the customer's return message before work goes on; nothing else extends a window (C8, R154, X14)."""
    allow_change(ChangeAct.EXTEND, change, context)
    by = customers_word(command.by, context, "by", "C8")
    if command.channel != "email":
        raise Wanting("Only the customer's return e-mail extends a window, not the spoken word (C8).", "channel", "C8")
    evidence = demand(command.evidence, "evidence", "Say where the return e-mail can be read again", "C8")
    received = moment_past(command.received, context, "received", "C8")
    if change.implementing_at is not None and older(received, change.implementing_at):
        raise Wanting("A message from before the work began cannot extend its window (C8).", "received", "C8")
    if command.new_end <= context.now or (change.ends is not None and command.new_end <= change.ends):
        raise Wanting("The new end has to lie ahead, and after the old one (C8).", "new_end", "C8")
    yield e.WindowExtended(
        extension=Extension(
            by=by,
            received=received,
            evidence=evidence,
            file=command.file,
            words=command.words,
            new_end=command.new_end,
            recorded_by=context.actor.name,
            recorded=context.now,
        )
    )


# -- after it


def reschedule(command: c.RescheduleChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Give it another window; all that was done in the last is to be done again (C9, R153)."""
    allow_change(ChangeAct.RESCHEDULE, change, context)
    if command.starts >= command.ends:
        raise Wanting("The window has to end after it starts (C9).", "ends", "C9")
    if command.starts <= context.now:
        raise Wanting("The new window has to lie ahead (C9).", "starts", "C9")
    yield e.ChangeRescheduled(starts=command.starts, ends=command.ends)


def review(command: c.ReviewChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Take it to review; what stood on the spoken word alone needs its form complete (C11, C12, R149)."""
    late = change.state is ChangeState.FORM_OUTSTANDING
    act = ChangeAct.COMPLETE_FORM if late else ChangeAct.REVIEW
    allow_change(act, change, context)
    guard(act, change, context)
    yield e.ChangeUnderReview(rule="C11" if late else "C12", form_completed=change.owes_form)


def close(command: c.CloseChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Close it with the outcome that fits what happened, and a review note (C12)."""
    allow_change(ChangeAct.CLOSE, change, context)
    was_undone = change.rolled_back_at is not None
    if (command.outcome == "rolled back") != was_undone:
        fits = "rolled back" if was_undone else "successful, or successful with issues"
        raise Wanting(f"The outcome does not fit what happened: it was {fits} (C12).", "outcome", "C12")
    yield e.ChangeClosed(
        outcome=command.outcome, note=demand(command.note, "note", "Write down what the review found", "C12")
    )


def cancel(command: c.CancelChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Call it off before any work is done (C13)."""
    allow_change(ChangeAct.CANCEL, change, context)
    yield e.ChangeCancelled(reason=demand(command.reason, "reason", "Say why it is called off", "C13"))


def note(command: c.NoteOnChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Write a note (T7)."""
    allow_change(ChangeAct.NOTE, change, context)
    yield e.ChangeNoted(text=demand(command.text, "text", "Write the note first", "T7"), visibility=command.visibility)


def record_call(command: c.RecordCallOnChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Record that customer and desk spoke about it; level 0 may (T7)."""
    allow_change(ChangeAct.NOTE, change, context)
    yield e.ChangeCallRecorded(direction=command.direction, channel=command.channel, who=command.who, text=command.text)


# -- by itself

_ACT_OF: Final = {WINDOW_OVER: ChangeAct.OVERRUN, FORM_DUE: ChangeAct.FORM_DUE}


def fall_due(command: c.ChangeFallsDue, change: Change, context: ChangeContext) -> ChangeSteps:
    """Let a moment come: a warning, the end of the window, an outstanding form (C7, C11).

    What no longer falls due (the window was extended, the form is complete) leads to nothing; what has not come yet is
    refused.
    """
    found = change_verdict(_ACT_OF.get(command.what, ChangeAct.WARN), context.actor)
    if not found.allowed:
        raise Forbidden(found.reason, found.rule)
    if not any((each.what, each.at) == (command.what, command.due) for each in moments(change, context.desk)):
        return
    if context.now < command.due:
        raise Forbidden(f"It is not time yet ({found.rule}).", found.rule)
    if command.what == WINDOW_OVER:
        yield e.WindowOverran(due=command.due)
    elif command.what == FORM_DUE:
        yield e.FormFellDue(due=command.due)
    else:
        yield e.WindowWarned(minutes=int(command.what.removeprefix("warn-")), due=command.due)
