"""The JSON of all that is said at a desk: events, commands, and what a later version may add to them."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from deskterm.desk import commands as c
from deskterm.desk import events as e
from deskterm.desk.commands import changes as ch
from deskterm.desk.commands import clocks as cc
from deskterm.desk.commands import escalations as ec
from deskterm.desk.evolve import evolve
from deskterm.desk.record import new_id, told_apart
from deskterm.desk.records import customers
from deskterm.desk.records.change import Header, Section
from deskterm.desk.records.ticket import JoinedCaller, Status, Synopsis
from tests.people import (
    START,
    everything_that_happened,
    facts,
    story_to,
)


def _models(union: Any) -> list[type[BaseModel]]:
    return list(get_args(union))


EVENTS = everything_that_happened()
HAPPENING = told_apart(tuple(e.HAPPENINGS.values()))


def test_the_example_log_leaves_no_happening_out() -> None:
    assert {type(event.happening) for event in EVENTS} == set(_models(e.TicketHappening))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.happening.kind)
def test_every_event_survives_json(event: e.Event) -> None:
    assert HAPPENING.validate_json(HAPPENING.dump_json(event.happening)) == event.happening


def _with_news(value: Any) -> Any:
    """The same JSON as a later version might write it: one more field in every object the log keeps."""
    if isinstance(value, dict):
        return {
            "newer": {"since": 2},
            **{key: _with_news(inner) for key, inner in value.items() if key not in _OPEN},
        } | {key: value[key] for key in _OPEN if key in value}
    return [_with_news(inner) for inner in value] if isinstance(value, list) else value


_OPEN = ("fields", "changes")  # maps from key to value, which have no fields of their own


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.happening.kind)
def test_fields_of_a_newer_version_survive(event: e.Event) -> None:
    """And change nothing of what this version understands."""
    written = _with_news(HAPPENING.dump_python(event.happening, mode="json"))
    read = HAPPENING.validate_python(written)
    assert HAPPENING.dump_python(read, mode="json") == written
    before = None if isinstance(read, e.CallLogged) else story_to(Status.IN_PROGRESS).ticket
    newer = evolve(before, event._replace(happening=read))
    older = evolve(before, event)
    bearing_news = {"synopsis", "confirmation", "joined", "vendor_tasks", "absorbed", "escalations", "major"}
    assert newer.model_dump(exclude=bearing_news) == older.model_dump(exclude=bearing_news)


def test_a_customer_record_of_a_newer_version_survives() -> None:
    entry = {"kind": "contact", "key": "1", "company": "b", "name": "Ada Moss", "pronouns": "she/her"}
    read = HAPPENING.validate_python({"kind": "Registered", "entry": entry})
    assert HAPPENING.dump_python(read, mode="json")["entry"]["pronouns"] == "she/her"


COMMANDS: list[Any] = [
    c.LogCall(facts=facts(began=START, fields={"serial": "2XK"}), hand_to="net-2", call_seconds=91),
    c.HandOff(ticket=new_id(), to="net-2", reason="r"),
    c.Take(ticket=new_id(), owner="Tom", seen=4),
    c.Start(ticket=new_id()),
    c.AddNote(ticket=new_id(), text="\x1b[31m\n\u202e", visibility="customer"),
    c.RecordContact(ticket=new_id(), reason="chase"),
    c.JoinCaller(ticket=new_id(), caller=JoinedCaller(company="Alder", contact="Ben", contact_id=new_id())),
    c.Amend(ticket=new_id(), changes={"impact": None, "fields": {"serial": "2XK"}}),
    c.Pend(ticket=new_id(), reason="parts", resume_at=START),
    c.Resume(ticket=new_id()),
    c.OpenVendorTask(ticket=new_id(), vendor="makers"),
    c.Resolve(ticket=new_id(), solution="K31", synopsis=Synopsis(issue="i", steps="s", resolution="r")),
    c.RecordAnswer(ticket=new_id(), answer="no", at=START),
    c.Reopen(ticket=new_id()),
    c.Withdraw(ticket=new_id(), reason="r"),
    c.MarkDuplicate(ticket=new_id(), survivor=new_id()),
    c.OverridePriority(ticket=new_id(), priority="p1", reason="r"),
    c.Follow(ticket=new_id()),
    c.Unfollow(ticket=new_id(), reason="r"),
    c.Undo(ticket=new_id()),
    c.TakeOver(ticket=new_id(), seen=3),
    cc.GiveRestoreTime(ticket=new_id(), restore_at=START),
    cc.BeginIntervention(ticket=new_id(), repair="both"),
    cc.Defer(ticket=new_id(), customer_agreed="Ada Moss"),
    cc.DeclareOutOfScope(ticket=new_id(), sent_to="the landlord"),
    cc.FallDue(ticket=new_id(), what="clock:response", due=START),
    ec.Escalate(ticket=new_id(), axis="vendor", trigger="operator", reason="r"),
    ec.AnswerEscalation(ticket=new_id(), number=2, state="plan-agreed", text="p"),
    ec.DeclareMajor(ticket=new_id(), reason="r"),
    ec.EndMajor(ticket=new_id()),
    ec.DeliverReport(ticket=new_id(), text="On the share."),
    ec.AnswerVendorTask(ticket=new_id(), state="eta", eta=START),
    c.Register(entry=customers.Contact(key="1", company="b", name="Ada Moss")),
    c.LoadDesk(name="desk.toml", source="[desk]"),
    c.SaveView(name="Mine, loud", base="mine", text="p1"),
    c.KeepFile(name="Agreed.eml", content="R28gYWhlYWQu"),
    c.ForgetView(name="Mine, loud"),
]


_IT: dict[str, Any] = {"change": new_id(), "seen": 3}
_ROW: dict[str, Any] = {**_IT, "row": new_id()}
COMMANDS += [
    ch.RaiseChange(ticket=new_id(), change_kind="emergency", facts=Header(title="\x1b[31m", starts=START)),
    ch.AmendChange(**_IT, changes={"systems": ["fw-1"], "starts": None}),
    ch.AddRow(**_ROW, section=Section.OUTAGES, text="None", starts=START, after=new_id()),
    ch.EditRow(**_ROW, changes={"text": "None"}),
    ch.MoveRow(**_ROW),
    ch.SplitRow(**_ROW, at=4),
    ch.RemoveRow(**_ROW),
    ch.TickRow(**_ROW, done=False, at=START),
    ch.RecordTest(**_ROW, passed=None, remark="r"),
    *(simple(**_IT) for simple in (ch.SubmitChange, ch.AssessChange, ch.ScheduleChange, ch.StartChange)),
    *(simple(**_IT) for simple in (ch.BeginTests, ch.FinishChange, ch.FinishRollBack, ch.ReviewChange)),
    ch.SendForm(**_IT, to="Ada Moss"),
    ch.RecordApproval(**_IT, by="Ada Moss", by_id=new_id(), channel="email", evidence="m", at=START),
    ch.RecordRejection(**_IT, by="Ada Moss", words="No"),
    ch.RecordSpokenApproval(**_IT, by="Ada Moss", said="Yes", ends=START),
    ch.RollBack(**_IT, reason="r"),
    ch.RecordExtension(**_IT, by="Ada Moss", evidence="m", new_end=START),
    ch.RescheduleChange(**_IT, starts=START, ends=START),
    ch.CloseChange(**_IT, outcome="successful with issues", note="n"),
    ch.CancelChange(**_IT, reason="r"),
    ch.NoteOnChange(**_IT, text="n", visibility="customer"),
    ch.RecordCallOnChange(**_IT, direction="out", who="Ada Moss"),
    ch.ChangeFallsDue(**_IT, what="window-over", due=START),
]


def test_the_example_commands_leave_none_out() -> None:
    assert {type(command) for command in COMMANDS} == set(_models(c.AnyCommand))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.kind)
def test_every_command_survives_json(command: Any) -> None:
    """The outbox keeps it so, and the server gets it so; the same id makes it the same command."""
    assert c.any_command().validate_json(c.any_command().dump_json(command)) == command


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.kind)
def test_a_command_says_nothing_unknown(command: Any) -> None:
    with pytest.raises(ValidationError):
        c.any_command().validate_python({**command.model_dump(), "loud": True})


def test_unknown_words_inside_a_command_are_refused_too() -> None:
    with pytest.raises(ValidationError, match="caller has no shoe"):
        c.JoinCaller.model_validate({"ticket": new_id(), "caller": {"company": "A", "contact": "B", "shoe": 9}})
    with pytest.raises(ValidationError, match="entry has no shoe"):
        c.Register.model_validate({"entry": {"kind": "company", "key": "1", "name": "A", "shoe": 9}})


@given(text=st.text())
def test_any_text_survives_json(text: str) -> None:
    happening = e.Noted(text=text)
    assert HAPPENING.validate_json(HAPPENING.dump_json(happening)) == happening
