"""The rules of the form: the header, and rows that are added, changed, moved, split, removed and done (C1, C4-C6).

Each row is a fact of its own, by its id: people who work on different rows at once do not get into each other's way.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from deskterm.desk.changes.grounds import ChangeContext, ChangeSteps, allow_change, moment_past
from deskterm.desk.changes.rights import ADDING, ChangeAct, why_row_stands
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile.models import ENGINEER, ChangeModel
from deskterm.desk.events import changes as e
from deskterm.desk.records.change import Change, ChangeState, Header, Row, RowFacts, Section
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.reference import write_change
from deskterm.desk.refusal import Forbidden, Wanting
from deskterm.desk.spelling import Zone
from deskterm.desk.tickets.grounds import demand
from deskterm.desk.tickets.rights import Role, role_of
from deskterm.desk.wording import listed

_ZONE: Final[TypeAdapter[str]] = TypeAdapter(Zone)
_BEFORE_AGREEMENT: Final = (ChangeState.DRAFT, ChangeState.SUBMITTED, ChangeState.ASSESSING)
_AGREED_FACTS: Final = frozenset({"starts", "ends", "company", "company_id", "ticket", "ticket_ref"})
"""What stays once the customer has been asked: the window moves only as C8, C9 and C10 say."""
_LATE_SECTIONS: Final = {
    ChangeState.IMPLEMENTING: (Section.IMPLEMENTATION, Section.TESTING, Section.ROLLBACK),
    ChangeState.TESTING: (Section.TESTING, Section.ROLLBACK),
    ChangeState.ROLLING_BACK: (Section.ROLLBACK,),
}
_ACT_OF: Final = {
    Section.PREREQUISITES: ChangeAct.PREPARE,
    Section.IMPLEMENTATION: ChangeAct.STEP,
    Section.TESTING: ChangeAct.RESULT,
    Section.ROLLBACK: ChangeAct.UNDO_STEP,
}
"""The act that doing a row of a section is."""


# -- the draft


def raise_change(command: c.RaiseChange, context: ChangeContext) -> ChangeSteps:
    """Begin a draft, filled in from the ticket and the model as far as they go (T26, R150)."""
    allow_change(ChangeAct.RAISE, None, context)
    if command.ticket is not None and context.ticket is None:
        raise Wanting("There is no such ticket (T26).", "ticket", "T26")
    if command.facts.ticket != command.ticket and command.facts.ticket is not None:
        raise Wanting("Name the ticket that the change is for beside its facts (T26).", "ticket", "T26")
    model = context.desk.change_model_named(command.model) if command.model else None
    if command.model and model is None:
        known = listed([each.key for each in context.desk.change_model], "or") or "none"
        raise Wanting(f"There is no change model {command.model!r}: the desk file has {known} (T26).", "model", "T26")
    if command.change_kind == "standard" and model is None:
        raise Wanting("A standard change needs a model of the desk file (T26).", "model", "T26")
    header = _prefilled(command.facts, context, model)
    yield e.ChangeRaised(
        number=context.next_number,
        ref=write_change(context.next_number),
        change_kind="standard" if model else command.change_kind,
        model=model.key if model else "",
        header=header,
        rows=_rows_of(model, command.change, header) if model else (),
    )


def _prefilled(typed: Header, context: ChangeContext, model: ChangeModel | None) -> Header:
    desk = context.desk
    lines = {channel.kind: channel.addresses[0] for channel in reversed(desk.channel) if channel.addresses}
    makes_it = role_of(context.actor.level) is Role.L2 or (model and role_of(context.actor.level) is Role.L1)
    known: dict[str, Any] = {
        "title": model.title if model else "",
        "issued": context.now.astimezone(ZoneInfo(desk.desk.zone)).date(),
        "engineer": context.actor.name if makes_it else "",
        "engineer_phone": lines.get("phone", ""),
        "engineer_email": lines.get("email", ""),
        "customer_zone": desk.desk.zone,
        "engineer_zone": desk.desk.zone,
        "introduction": desk.change.introduction,
    }
    if context.ticket is not None:
        known |= {name: value for name, value in _from_ticket(context.ticket).items() if value}
    filled = {name: value for name, value in known.items() if not getattr(typed, name)}
    return _checked(Header.model_validate({**_facts(typed), **filled}))


def _from_ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "title": ticket.summary,
        "company": ticket.company,
        "company_id": ticket.company_id,
        "ticket": ticket.id,
        "ticket_ref": ticket.ref,
        "systems": tuple(filter(None, (ticket.item, ticket.service))),
        "contact": ticket.contact,
        "contact_id": ticket.contact_id,
        "contact_phone": ticket.phone,
        "contact_email": ticket.email,
    }


def _rows_of(model: ChangeModel, change: UUID, header: Header) -> tuple[Row, ...]:
    return tuple(
        Row(
            id=uuid5(change, f"{section.value}:{number}"),
            section=section,
            text=row.text,
            owner=header.engineer if row.owner == ENGINEER else row.owner,
        )
        for section in Section
        for number, row in enumerate(getattr(model, section.value))
    )


def _facts(header: Header) -> dict[str, Any]:
    return {name: getattr(header, name) for name in Header.model_fields}


def _checked(header: Header) -> Header:
    for name in ("customer_zone", "engineer_zone"):
        if zone := getattr(header, name):
            try:
                _ZONE.validate_python(zone)
            except ValidationError as error:
                raise Wanting(f"{_plain(error)} (R152).", name, "R152") from error
    return header


def _plain(error: ValidationError) -> str:
    return error.errors()[0]["msg"].removeprefix("Value error, ").rstrip(".")


# -- the header


def amend(command: c.AmendChange, change: Change, context: ChangeContext) -> ChangeSteps:
    """Correct the header or fill it in (C1)."""
    _open_form(change, context)
    if unknown := [name for name in command.changes if name not in Header.model_fields]:
        names = listed([repr(name) for name in unknown], "or")
        raise Wanting(f"The form has no fact {names} (C1).", unknown[0], "C1")
    before = Header.model_validate(_facts(change))
    wanted = {**command.changes, **_linked(command.changes, context)}
    after = _checked(_read(Header, {**_facts(before), **wanted}))
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    changes = {name: new[name] for name in Header.model_fields if new[name] != old[name]}
    if not changes:
        return
    if change.state in ADDING:
        raise Forbidden("While the work is under way the header stays as the customer agreed to it (C1).", "C1")
    if change.state not in _BEFORE_AGREEMENT and (agreed := sorted(_AGREED_FACTS & changes.keys())):
        raise Wanting(
            f"Once the customer has been asked, {listed([name.replace('_', ' ') for name in agreed])} can no longer "
            "be typed over (C1).", agreed[0], "C1",
        )  # fmt: skip
    yield e.ChangeAmended(changes=changes)


def _open_form(change: Change, context: ChangeContext) -> None:
    allow_change(ChangeAct.FILL, change, context)
    if change.state is ChangeState.ROLLED_BACK and not change.owes_form:
        raise Forbidden("What was done stays as it was; give the change another window first (C9).", "C9")


def _linked(changes: dict[str, Any], context: ChangeContext) -> dict[str, Any]:
    """The ticket that is to be linked, under its id and its reference."""
    if not changes.get("ticket"):
        return {}
    if context.ticket is None:
        raise Wanting("There is no such ticket (C1).", "ticket", "C1")
    return {"ticket": context.ticket.id, "ticket_ref": context.ticket.ref}


def _read(model: Any, values: dict[str, Any]) -> Any:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        field = str(problem["loc"][0]) if problem["loc"] else ""
        raise Wanting(f"{field.replace('_', ' ').capitalize()}: {_plain(error)} (C1).", field, "C1") from error


# -- rows


def add_row(command: c.AddRow, change: Change, context: ChangeContext) -> ChangeSteps:
    """Add a row; while the work is under way it is marked as added late (C1)."""
    _open_form(change, context)
    late = change.state in ADDING
    if late and command.section not in _LATE_SECTIONS[change.state]:
        raise Forbidden(f"While {change.state}, section {command.section.number} stays as it is (C1).", "C1")
    if change.row(command.row) is not None:
        raise Wanting("There is a row with this id already (C1).", "row", "C1")
    row = Row(
        id=command.row,
        section=command.section,
        text=demand(command.text, "text", "Say what the row is about", "C1"),
        owner=command.owner.strip() or change.engineer,
        starts=command.starts,
        ends=command.ends,
        late=late,
    )
    _in_order(row)
    yield e.RowAdded(row=row, after=command.after)


def edit_row(command: c.EditRow, change: Change, context: ChangeContext) -> ChangeSteps:
    """Change what a row says, its owner, or the times of an outage (C1)."""
    row = _open_row(command.row, change, context)
    if unknown := [name for name in command.changes if name not in RowFacts.model_fields]:
        raise Wanting(f"A row has no {listed(unknown, 'or')} (C1).", unknown[0], "C1")
    before = RowFacts.model_validate({name: getattr(row, name) for name in RowFacts.model_fields})
    after: RowFacts = _read(RowFacts, {**before.model_dump(), **command.changes})
    demand(after.text, "text", "A row has to say something; take it out instead", "C1")
    _in_order(after)
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    if changes := {name: new[name] for name in RowFacts.model_fields if new[name] != old[name]}:
        yield e.RowEdited(row=row.id, text=after.text, changes=changes)


def move_row(command: c.MoveRow, change: Change, context: ChangeContext) -> ChangeSteps:
    """Put a row elsewhere in its section (C1)."""
    row = _open_row(command.row, change, context)
    if command.after == row.id:
        return
    after = change.row(command.after) if command.after else None
    if command.after and (after is None or after.section is not row.section):
        raise Wanting("A row moves within its section only (C1).", "after", "C1")
    rows = change.rows_of(row.section)
    place = rows.index(row)
    if (rows[place - 1].id if place else None) != command.after:
        yield e.RowMoved(row=row.id, text=row.text, after=command.after)


def split_row(command: c.SplitRow, change: Change, context: ChangeContext) -> ChangeSteps:
    """Make two rows of one (C1)."""
    row = _open_row(command.row, change, context)
    first, second = row.text[: max(command.at, 0)].strip(), row.text[max(command.at, 0) :].strip()
    if not first or not second:
        raise Wanting("A row is split where both halves say something (C1).", "at", "C1")
    if change.row(command.new_row) is not None:
        raise Wanting("There is a row with this id already (C1).", "new_row", "C1")
    new = Row(
        id=command.new_row, section=row.section, text=second, owner=row.owner, starts=row.starts, ends=row.ends,
        late=row.late,
    )  # fmt: skip
    yield e.RowSplit(row=row.id, text=first, new=new)


def remove_row(command: c.RemoveRow, change: Change, context: ChangeContext) -> ChangeSteps:
    """Take a row out (C1)."""
    row = _open_row(command.row, change, context)
    yield e.RowRemoved(row=row.id, text=row.text)


def _row(id_: UUID, change: Change, rule: str) -> Row:
    row = change.row(id_)
    if row is None:
        raise Wanting(f"There is no such row on this change ({rule}).", "row", rule)
    return row


def _open_row(id_: UUID, change: Change, context: ChangeContext) -> Row:
    """A row that may be written in: while the work is under way, only one that was added then and is not done."""
    _open_form(change, context)
    row = _row(id_, change, "C1")
    if reason := why_row_stands(row, change):
        raise Forbidden(reason, "C1")
    return row


def _in_order(row: RowFacts) -> None:
    if row.starts and row.ends and row.starts >= row.ends:
        raise Wanting("The outage has to end after it starts (C1).", "ends", "C1")


# -- rows that are done


def tick_row(command: c.TickRow, change: Change, context: ChangeContext) -> ChangeSteps:
    """Tick a prerequisite (C4), a step (C5) or a roll-back step (C6), or take the tick back."""
    row = _row(command.row, change, "C5")
    if row.section not in _ACT_OF or row.section is Section.TESTING:
        what = "a test passes or fails" if row.section is Section.TESTING else "there is nothing to do in it"
        raise Wanting(f"Section {row.section.number} is not ticked: {what} (C5).", "row", "C5")
    rule = allow_change(_ACT_OF[row.section], change, context).rule
    done_at = _when_done(command.at, change, context, rule) if command.done else None
    if command.done != (row.done_at is not None):
        yield e.RowTicked(row=row.id, text=row.text, done_at=done_at)


def record_test(command: c.RecordTest, change: Change, context: ChangeContext) -> ChangeSteps:
    """Record how a test ended (C5)."""
    row = _row(command.row, change, "C5")
    if row.section is not Section.TESTING:
        raise Wanting("Only a test passes or fails; tick this row instead (C5).", "row", "C5")
    rule = allow_change(ChangeAct.RESULT, change, context).rule
    done_at = None if command.passed is None else _when_done(command.at, change, context, rule)
    if (command.passed, command.remark) != (row.passed, row.remark):
        yield e.ResultRecorded(row=row.id, text=row.text, passed=command.passed, remark=command.remark, done_at=done_at)


def _when_done(at: Any, change: Change, context: ChangeContext, rule: str) -> Any:
    if at is not None and change.state is not ChangeState.FORM_OUTSTANDING:
        raise Wanting(f"A row is ticked when it is done, at that moment ({rule}).", "at", rule)
    return moment_past(at, context, "at", rule)
