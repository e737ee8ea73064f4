"""The forms behind a change's acts: what each asks for, and the command its values make. Data, one maker an act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from deskterm.desk.changes.rights import ChangeAct
from deskterm.screens.acts_forms import CHANNELS, SIDES, desk_of
from deskterm.screens.base import Host
from deskterm.screens.form import Field, Form, Values
from deskterm.store.base import Invalid
from deskterm.widgets.choice import Option

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView
    from deskterm.desk.commands.changes import AnyChangeCommand
    from deskterm.desk.records.change import Change

_A = ChangeAct
WRITTEN: Final = (
    Option("email", "E-mail"),
    Option("portal", "Portal"),
    Option("in_person", "Signed on paper"),
    Option("sms", "Text message"),
)
_ANSWERED: Final = (*WRITTEN[:3], Option("phone", "Phone"))
AT_ONCE: Final[dict[ChangeAct, tuple[str, str]]] = {
    _A.SUBMIT: ("SubmitChange", "{ref} is submitted."),
    _A.ASSESS: ("AssessChange", "{ref}: you assess it. What clashes with its window is on record."),
    _A.SCHEDULE: ("ScheduleChange", "{ref} is scheduled."),
    _A.RETURN: ("ScheduleChange", "{ref} is scheduled again."),
    _A.START: ("StartChange", "{ref}: the work has begun."),
    _A.TEST: ("BeginTests", "{ref}: the tests have begun."),
    _A.FINISH: ("FinishChange", "{ref}: the change is made."),
    _A.ROLLED_BACK: ("FinishRollBack", "{ref}: all is as it was before."),
    _A.COMPLETE_FORM: ("ReviewChange", "{ref}: the form is complete, and the change is in review."),
    _A.REVIEW: ("ReviewChange", "{ref} is in review."),
}
"""Acts that ask for nothing: the name of their command, and what to say afterwards."""


@dataclass(frozen=True, slots=True)
class ActForm:
    """A form about a change: its fields, the command that their values make, and what to say afterwards."""

    form: Form
    make: Callable[[Values], AnyChangeCommand]
    said: str


Maker = Callable[[Host, "ChangeView", str], ActForm]


def read_moment(
    host: Host, change: Change, words: str, field: str, *, ahead: bool = False, base: datetime | None = None
) -> datetime | None:
    """Read a moment by the engineer's clock, seen from `base` or else now; None for no words. Raises Invalid."""
    from deskterm.desk.moment import UnclearMoment, moment

    if not words.strip():
        return None
    zone = change.engineer_zone or desk_of(host).desk.zone
    try:
        return moment(words, base or host.now(), zone, ahead=ahead)
    except UnclearMoment as error:
        raise Invalid(str(error), field=field) from error


def read_window(host: Host, change: Change, values: Values) -> tuple[datetime | None, datetime | None]:
    """Read start and end as typed; the end counts from the start: "23:30" is the next such time, "90m" a length."""
    starts = read_moment(host, change, values.get("starts", ""), "starts", ahead=True)
    ends = read_moment(host, change, values.get("ends", ""), "ends", ahead=True, base=starts)
    return starts, ends


def moment_words(moment: datetime | None, change: Change, host: Host) -> str:
    """Write a moment by the engineer's clock so that it is read back as the same one."""
    zone = change.engineer_zone or desk_of(host).desk.zone
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if moment else ""


def _form(
    act: str, view: ChangeView, title: str, does: str, said: str, fields: tuple[Field, ...],
    make: Callable[[Any, Values], AnyChangeCommand],
) -> ActForm:  # fmt: skip
    from deskterm.desk.commands import changes as commands

    change = view.change
    form = Form(act, f"{title} {change.ref}  {change.title}", does, fields, change.ref)
    return ActForm(form, lambda values: make(commands, values), said)


def _send(host: Host, view: ChangeView, argument: str, *, again: bool = False) -> ActForm:
    fields = (
        Field("to", "To", value=argument or view.change.contact, hint="who gets the form", needed=True),
        Field("channel", "By", "choice", "email", WRITTEN),
    )
    return _form(
        "resend" if again else "send", view, "Send the form of", "It was sent",
        "{ref}: the form went to the customer. Their answer is recorded with F8.", fields,
        lambda c, v: c.SendForm(change=view.change.id, seen=view.change.version, **v),
    )  # fmt: skip


def _resend(host: Host, view: ChangeView, argument: str) -> ActForm:
    return _send(host, view, argument, again=True)


_FILE: Final = Field("file", "File", hint="path of the message on this machine, to attach it")


def _evidence(values: Values) -> str:
    """Where the answer can be read again; a file that is attached says it by its name."""
    return values["evidence"] or PurePath(values["file"]).name


def _answer(host: Host, view: ChangeView, argument: str, *, agrees: bool) -> ActForm:
    fields = (
        Field("by", "Who says so", value=view.change.contact, hint="the customer's contact", needed=True),
        Field("channel", "By", "choice", "email" if agrees else "", WRITTEN if agrees else _ANSWERED, needed=True),
        Field("evidence", "Evidence", value=argument, hint="where it can be read again: message, file, letter",
              needed=True, adds=True, unless=("file",)),
        _FILE,
        Field("words", "Words", hint="what they wrote, if it matters"),
        Field("at", "When", hint="09:10 or Mon 14:00, if not now"),
    )  # fmt: skip

    def make(c: Any, v: Values) -> AnyChangeCommand:
        command = c.RecordApproval if agrees else c.RecordRejection
        same = v["by"] == view.change.contact
        made: AnyChangeCommand = command(
            change=view.change.id, seen=view.change.version, by=v["by"], channel=v["channel"] or None,
            by_id=view.change.contact_id if same else None, evidence=_evidence(v), words=v["words"],
            at=read_moment(host, view.change, v["at"], "at"),
        )  # fmt: skip
        return made

    if agrees:
        said = "{ref} is approved. F8 puts it into its window."
        return _form("approve", view, "The customer agrees to", "Record the approval", said, fields, make)
    said = "{ref}: the customer does not agree. Nothing is changed."
    return _form("reject", view, "The customer does not agree to", "Record it", said, fields, make)


def _approve(host: Host, view: ChangeView, argument: str) -> ActForm:
    return _answer(host, view, argument, agrees=True)


def _reject(host: Host, view: ChangeView, argument: str) -> ActForm:
    return _answer(host, view, argument, agrees=False)


def _spoken(host: Host, view: ChangeView, argument: str) -> ActForm:
    change = view.change
    fields = (
        Field("said", "Said", value=argument, hint="in their words, as near as can be", needed=True, adds=True),
        Field("by", "Who said it", value=change.contact, hint="the customer's contact", needed=True),
        Field("phone", "Spoken on", value=change.contact_phone, hint="telephone number"),
        Field("at", "When", hint="09:10, if not just now"),
        Field("starts", "Work from", value=moment_words(change.starts, change, host), hint="now, if empty"),
        Field("ends", "Work until", value=moment_words(change.ends, change, host), hint="2h or 23:30", needed=True),
    )  # fmt: skip

    def make(c: Any, v: Values) -> AnyChangeCommand:
        starts, ends = read_window(host, change, v)
        made: AnyChangeCommand = c.RecordSpokenApproval(
            change=change.id, seen=change.version, by=v["by"], said=v["said"], phone=v["phone"],
            at=read_moment(host, change, v["at"], "at"), starts=starts, ends=ends,
        )  # fmt: skip
        return made

    return _form(
        "spoken", view, "The customer agrees by word to", "Record what was said",
        "{ref} is agreed by word of mouth. F8 starts; its form is outstanding until it is complete.", fields, make,
    )  # fmt: skip


def _roll_back(host: Host, view: ChangeView, argument: str) -> ActForm:
    fields = (Field("reason", "Reason", value=argument, hint="what failed, in a few words", adds=True),)
    return _form(
        "roll-back", view, "Roll back", "Begin to roll back", "{ref}: rolling back. Tick the steps as they are done.",
        fields, lambda c, v: c.RollBack(change=view.change.id, seen=view.change.version, reason=v["reason"]),
    )  # fmt: skip


def _extend(host: Host, view: ChangeView, argument: str) -> ActForm:
    change = view.change
    fields = (
        Field("new_end", "New end", value=argument, hint="23:45 or 45m after the old end", needed=True, adds=True),
        Field("evidence", "E-mail", hint="where it can be read again: message, file", needed=True, unless=("file",)),
        _FILE,
        Field("by", "Who says so", value=change.contact, hint="the customer's contact", needed=True),
        Field("words", "Words", hint="what they wrote"),
        Field("received", "Received", hint="23:10, if not just now"),
    )

    def make(c: Any, v: Values) -> AnyChangeCommand:
        new_end = read_moment(host, change, v["new_end"], "new_end", ahead=True, base=change.ends)
        assert new_end is not None
        made: AnyChangeCommand = c.RecordExtension(
            change=change.id, seen=change.version, by=v["by"], evidence=_evidence(v), words=v["words"],
            received=read_moment(host, change, v["received"], "received"), new_end=new_end,
        )  # fmt: skip
        return made

    return _form(
        "extend", view, "The customer's return message extends", "Record it", "{ref}: the window is extended.",
        fields, make,
    )  # fmt: skip


def _reschedule(host: Host, view: ChangeView, argument: str) -> ActForm:
    change = view.change
    first, last = (moment_words(each, change, host) for each in view.proposed or (None, None))
    fields = (
        Field("starts", "Starts", value=argument or first, hint="Sat 22:00", needed=True),
        Field("ends", "Ends", value=last, hint="23:30 or 90m", needed=True),
    )  # fmt: skip

    def make(c: Any, v: Values) -> AnyChangeCommand:
        starts, ends = read_window(host, change, v)
        made: AnyChangeCommand = c.RescheduleChange(change=change.id, seen=change.version, starts=starts, ends=ends)
        return made

    return _form(
        "reschedule", view, "Another window for", "Give it this window", "{ref} has another window.", fields, make
    )


_OUTCOMES: Final = (Option("successful", "Successful"), Option("successful with issues", "With issues"))


def _close(host: Host, view: ChangeView, argument: str) -> ActForm:
    was_undone = view.change.rolled_back_at is not None
    options = (Option("rolled back", "Rolled back"),) if was_undone else _OUTCOMES
    fields = (
        Field("outcome", "Outcome", "choice", "rolled back" if was_undone else "", options, needed=True),
        Field("note", "Review note", value=argument, hint="what was learnt", needed=True, adds=True),
    )
    return _form(
        "close", view, "Close", "Close", "{ref} is closed.", fields,
        lambda c, v: c.CloseChange(change=view.change.id, seen=view.change.version, **v),
    )  # fmt: skip


def _cancel(host: Host, view: ChangeView, argument: str) -> ActForm:
    return _form(
        "cancel", view, "Call off", "Call it off", "{ref} is called off.",
        (Field("reason", "Reason", value=argument, hint="why it is not made", needed=True, adds=True),),
        lambda c, v: c.CancelChange(change=view.change.id, seen=view.change.version, **v),
    )  # fmt: skip


def _note(host: Host, view: ChangeView, argument: str) -> ActForm:
    fields = (
        Field("text", "Words", "text", argument, hint="what was found, done or heard", needed=True, adds=True),
        Field("visibility", "Who sees it", "choice", "internal", SIDES),
    )
    return _form(
        "note", view, "Note on", "Save the note", "{ref}: noted.", fields,
        lambda c, v: c.NoteOnChange(change=view.change.id, **v),
    )  # fmt: skip


def call_form(host: Host, view: ChangeView, argument: str) -> ActForm:
    """The customer spoke about the change; level 0 records that too (T7)."""
    fields = (
        Field("text", "Words", value=argument, hint="what was said", adds=True),
        Field("direction", "Who began", "choice", "in", (Option("in", "The customer did"), Option("out", "We did"))),
        Field("channel", "By", "choice", "phone", CHANNELS),
        Field("who", "With", value=view.change.contact),
    )
    return _form(
        "contact", view, "Spoke about", "Record", "{ref}: the contact is recorded.", fields,
        lambda c, v: c.RecordCallOnChange(change=view.change.id, **v),
    )  # fmt: skip


FORMS: Final[dict[str, Maker]] = {
    _A.SEND: _send,
    _A.RESEND: _resend,
    _A.APPROVE: _approve,
    _A.REJECT: _reject,
    _A.SPOKEN: _spoken,
    _A.ROLL_BACK: _roll_back,
    _A.EXTEND: _extend,
    _A.RESCHEDULE: _reschedule,
    _A.CLOSE: _close,
    _A.CANCEL: _cancel,
    _A.NOTE: _note,
    "contact": call_form,
}
"""By the word of the act, which is also the kind that unsaved words are kept under."""
