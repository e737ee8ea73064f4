"""What has to be true of a change before an act: each guard of the table as the list of what is still wanting.

The rules refuse by the first entry of the list, and screens show all of it: `standing_between`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deskterm.desk.changes.grounds import ChangeContext
from deskterm.desk.changes.rights import CHANGE_BY_ACT, ONWARD, ChangeAct, change_verdict
from deskterm.desk.changes.window import as_it_is, concerns
from deskterm.desk.records.change import Change, ChangeState, Header, Row, Section
from deskterm.desk.refusal import Forbidden, Refusal, Wanting
from deskterm.desk.wording import day_and_time


@dataclass(frozen=True, slots=True)
class Lack:
    """Something still wanting, as one sentence that names its rule.

    `field` is where to mend it: a fact of the header, a section, `row.<id>`, or empty where nothing can be typed.
    """

    sentence: str
    rule: str
    field: str = ""

    def refusal(self) -> Refusal:
        """The same as an error."""
        return Wanting(self.sentence, self.field, self.rule) if self.field else Forbidden(self.sentence, self.rule)


Lacks = Iterator[Lack]

_HEADER: Final = {
    "title": "what the change is, in a few words is",
    "company": "the company is",
    "ticket_ref": "the case reference is",
    "systems": "the systems impacted are",
    "issued": "the issue date is",
    "engineer": "the engineer is",
    "contact": "the customer's contact is",
    "starts": "the start of the window is",
    "ends": "the end of the window is",
    "customer_zone": "the customer's time zone is",
    "engineer_zone": "the engineer's time zone is",
}
"""The facts of the header without which it is not complete, in the order of the form (R150)."""
_REACHED_BY: Final = {
    "engineer": ("engineer_phone", "engineer_email", "how to reach the engineer is"),
    "contact": ("contact_phone", "contact_email", "how to reach the customer's contact is"),
}


def complete(change: Change, rule: str = "C1") -> Lacks:
    """The form is whole: header, and sections 2-7 with a row each, every row with an owner (C1, R150, R151)."""
    yield from _header(change, rule)
    for section in Section:
        rows = change.rows_of(section)
        name = f"section {section.number}, {section.heading.lower()}"
        if not any(row.text.strip() for row in rows):
            yield Lack(f"{name.capitalize()}: it needs a row ({rule}).", rule, section.value)
            continue
        for number, row in enumerate(rows, 1):
            if not row.text.strip():
                yield Lack(f"{name.capitalize()}: row {number} says nothing ({rule}).", rule, f"row.{row.id}")
            if not row.owner.strip():
                yield Lack(f"{name.capitalize()}: row {number} has no owner ({rule}).", rule, f"row.{row.id}")


def _header(change: Header, rule: str) -> Lacks:
    for name, words in _HEADER.items():
        value = getattr(change, name)
        if not value or (isinstance(value, str) and not value.strip()):
            yield Lack(f"Header: {words} missing ({rule}).", rule, name)
        elif name in _REACHED_BY:
            phone, email, reached = _REACHED_BY[name]
            if not (getattr(change, phone).strip() or getattr(change, email).strip()):
                yield Lack(f"Header: {reached} missing ({rule}).", rule, phone)
    if change.starts and change.ends and change.starts >= change.ends:
        yield Lack(f"Header: the window has to end after it starts ({rule}).", rule, "ends")


def _submit(change: Change, context: ChangeContext) -> Lacks:
    yield from complete(change)
    if change.kind == "standard":
        yield from _as_its_model(change, context)


def _as_its_model(change: Change, context: ChangeContext) -> Lacks:
    """A standard change is done as its model has it, or it is not the change that was agreed to."""
    model = context.desk.change_model_named(change.model)
    if model is None:
        yield Lack(f"The desk file has no change model {change.model!r} any more (C1).", "C1")
        return
    if not concerns(model.company, change):
        yield Lack(f"{model.title} was not agreed with this customer (C1).", "C1", "company")
    for section in Section:
        if [row.text for row in change.rows_of(section)] != [row.text for row in getattr(model, section.value)]:
            where = f"section {section.number}, {section.heading.lower()}"
            yield Lack(f"A standard change is done as its model has it: {where} differs (C1).", "C1", section.value)


def _send(change: Change, context: ChangeContext) -> Lacks:
    yield from complete(change, "C2")
    yield from _ahead(change, context, "C2")


def _resend(change: Change, context: ChangeContext) -> Lacks:
    yield from complete(change, "C9")
    yield from _ahead(change, context, "C9")


def _ahead(change: Change, context: ChangeContext, rule: str) -> Lacks:
    if change.ends is not None and change.ends <= context.now:
        over = _at(change.ends, change, context)
        yield Lack(f"The window ended on {over}: choose one that lies ahead ({rule}).", rule, "starts")


def _schedule(change: Change, context: ChangeContext) -> Lacks:
    yield from _agreed_in_writing(change, "C4")
    yield from _ahead(change, context, "C4")


def _return(change: Change, context: ChangeContext) -> Lacks:
    yield from _agreed_in_writing(change, "C9")
    yield from _ahead(change, context, "C9")


def _agreed_in_writing(change: Change, rule: str) -> Lacks:
    if change.approval is None:
        yield Lack(f"The customer has not agreed in writing: send the form ({rule}).", rule)
    elif change.approval.content != change.content:
        yield Lack(f"What the customer agreed to has been changed since: send the form again ({rule}).", rule)


def _start(change: Change, context: ChangeContext) -> Lacks:
    if not change.agreed:
        yield Lack("Nothing is done to a customer's system without their agreement on record (R146).", "R146")
    for number, row in _undone(change, Section.PREREQUISITES):
        yield Lack(f"Prerequisite {number} is not ticked (C4).", "C4", f"row.{row.id}")
    if change.starts is None or change.ends is None:
        yield Lack("It has no window (C4).", "C4")
    elif context.now < change.starts:
        yield Lack(f"The window opens on {_at(change.starts, change, context)} (C4).", "C4")
    elif context.now >= change.ends:
        yield Lack(f"The window ended on {_at(change.ends, change, context)} (C4).", "C4")


def _test(change: Change, context: ChangeContext) -> Lacks:
    for number, row in _undone(change, Section.IMPLEMENTATION):
        yield Lack(f"Step {number} is not ticked (C5).", "C5", f"row.{row.id}")


def _finish(change: Change, context: ChangeContext) -> Lacks:
    yield from _test(change, context)
    for number, row in enumerate(change.rows_of(Section.TESTING), 1):
        if row.passed is None:
            yield Lack(f"Test {number} has not been made (C5).", "C5", f"row.{row.id}")
        elif not row.passed:
            yield Lack(f"Test {number} failed: roll back, or make it pass (C5).", "C5", f"row.{row.id}")


def _rolled_back(change: Change, context: ChangeContext) -> Lacks:
    for number, row in _undone(change, Section.ROLLBACK):
        yield Lack(f"Roll-back step {number} is not ticked (C9).", "C9", f"row.{row.id}")


def _undone(change: Change, section: Section) -> Iterator[tuple[int, Row]]:
    return ((number, row) for number, row in enumerate(change.rows_of(section), 1) if row.done_at is None)


def _complete_form(change: Change, context: ChangeContext) -> Lacks:
    return complete(change, "C11")


def _review(change: Change, context: ChangeContext) -> Lacks:
    if change.owes_form:
        yield from complete(change, "R149")


def _spoken(change: Change, context: ChangeContext) -> Lacks:
    if change.kind == "standard":
        yield Lack("A standard change was agreed to beforehand; submit it (C10).", "C10")
    linked = context.ticket if context.ticket and context.ticket.id == change.ticket else None
    if linked is None or linked.type != "incident":
        yield Lack("An emergency change needs its incident linked (C10).", "C10", "ticket")
    if change.starts is None or change.ends is None:
        yield Lack("Say from when to when the customer lets us work (C10).", "C10", "ends")
    elif change.starts >= change.ends:
        yield Lack("The window has to end after it starts (C10).", "C10", "ends")
    elif change.ends <= context.now:
        yield Lack(f"The window ended on {_at(change.ends, change, context)} (C10).", "C10", "ends")


def _nothing(change: Change, context: ChangeContext) -> Lacks:
    return iter(())


GUARDS: Final[Mapping[ChangeAct, Callable[[Change, ChangeContext], Lacks]]] = {
    ChangeAct.SUBMIT: _submit,
    ChangeAct.SEND: _send,
    ChangeAct.RESEND: _resend,
    ChangeAct.SPOKEN: _spoken,
    ChangeAct.SCHEDULE: _schedule,
    ChangeAct.RETURN: _return,
    ChangeAct.START: _start,
    ChangeAct.TEST: _test,
    ChangeAct.FINISH: _finish,
    ChangeAct.ROLLED_BACK: _rolled_back,
    ChangeAct.COMPLETE_FORM: _complete_form,
    ChangeAct.REVIEW: _review,
}


def lacks(act: ChangeAct, change: Change, context: ChangeContext) -> tuple[Lack, ...]:
    """All that is wanting of the change itself before an act, in the order of the form."""
    return tuple(GUARDS.get(act, _nothing)(change, context))


def guard(act: ChangeAct, change: Change, context: ChangeContext) -> None:
    """Refuse an act for which something is wanting; raises Wanting or Forbidden with the first thing."""
    for lack in GUARDS.get(act, _nothing)(change, context):
        raise lack.refusal()


def next_act(change: Change) -> ChangeAct | None:
    """What comes next; None once it has ended."""
    if change.state is ChangeState.DRAFT and change.kind == "emergency":
        return ChangeAct.SPOKEN
    if change.state is ChangeState.RESCHEDULED and any(_agreed_in_writing(change, "C9")):
        return ChangeAct.RESEND
    return ONWARD.get(change.state)


def standing_between(change: Change, context: ChangeContext) -> tuple[Lack, ...]:
    """What still stands between a change and its next state, for whoever looks at it: sentences with their rule.

    First whether this person may at all, then what is wanting of the change, then what is to be said with the act.
    """
    now = as_it_is(change, context.now)
    act = next_act(now)
    if act is None:
        return ()
    found = change_verdict(act, context.actor, now)
    may = () if found.allowed else (Lack(found.reason, found.rule),)
    row = CHANGE_BY_ACT[act]
    asked = (Lack(f"To be said: {row.needs} ({found.rule}).", found.rule),) if row.needs else ()
    return (*may, *lacks(act, now, context), *asked)


def _at(moment: datetime, change: Change, context: ChangeContext) -> str:
    zone = change.engineer_zone or context.desk.desk.zone
    return f"{day_and_time(moment, zone)} {zone}"
