"""From what was typed about a change to one command: facts of its form, rows by their number, actions by their word.

Whether it is allowed is for the desk to say. What is refused here is what could not even be asked, with the rule of the
table that wants it said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import click

from deskterm.cli.facts import recognised
from deskterm.cli.output import Refused
from deskterm.desk.changes.rights import CHANGE_BY_ACT, ChangeAct
from deskterm.desk.changes.views import ChangeView
from deskterm.desk.changes.window import FORM_DUE, WARNINGS, WINDOW_OVER
from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.moment import UnclearMoment, moment
from deskterm.desk.records.change import Change, Header, Outcome, Row, RowFacts, Section
from deskterm.desk.records.ticket import ChannelKind, Facts
from deskterm.desk.spelling import nearest

if TYPE_CHECKING:
    from deskterm.store.base import Store

CALL: Final = "call"
"""A talk with the customer about the change; in the table it is a note."""
_A = ChangeAct
ACTIONS: Final = (CALL, *(act.value for act in _A if act not in (_A.RAISE, _A.FILL)))
_COMMAND_OF: Final[dict[str, type[c.ChangeCommand]]] = {
    CALL: c.RecordCallOnChange,
    _A.NOTE: c.NoteOnChange,
    _A.SUBMIT: c.SubmitChange,
    _A.ASSESS: c.AssessChange,
    _A.SEND: c.SendForm,
    _A.RESEND: c.SendForm,
    _A.APPROVE: c.RecordApproval,
    _A.REJECT: c.RecordRejection,
    _A.SPOKEN: c.RecordSpokenApproval,
    _A.PREPARE: c.TickRow,
    _A.STEP: c.TickRow,
    _A.UNDO_STEP: c.TickRow,
    _A.RESULT: c.RecordTest,
    _A.SCHEDULE: c.ScheduleChange,
    _A.RETURN: c.ScheduleChange,
    _A.START: c.StartChange,
    _A.TEST: c.BeginTests,
    _A.FINISH: c.FinishChange,
    _A.ROLL_BACK: c.RollBack,
    _A.ROLLED_BACK: c.FinishRollBack,
    _A.EXTEND: c.RecordExtension,
    _A.RESCHEDULE: c.RescheduleChange,
    _A.COMPLETE_FORM: c.ReviewChange,
    _A.REVIEW: c.ReviewChange,
    _A.CLOSE: c.CloseChange,
    _A.CANCEL: c.CancelChange,
    _A.WARN: c.ChangeFallsDue,
    _A.OVERRUN: c.ChangeFallsDue,
    _A.FORM_DUE: c.ChangeFallsDue,
}
_FALLS_DUE: Final = {_A.WARN: f"warn-{WARNINGS[0]}", _A.OVERRUN: WINDOW_OVER, _A.FORM_DUE: FORM_DUE}
_SECTION_OF: Final = {
    _A.PREPARE: Section.PREREQUISITES,
    _A.STEP: Section.IMPLEMENTATION,
    _A.RESULT: Section.TESTING,
    _A.UNDO_STEP: Section.ROLLBACK,
}
_AHEAD: Final = frozenset({"starts", "ends", "new_end"})
_MOMENTS: Final = _AHEAD | {"at", "received"}
_YES, _NO = ("yes", "y", "true", "pass", "passed"), ("no", "n", "false", "fail", "failed")
_OWN: Final = frozenset({"id", "seen", "kind", "change", "by_id", "what", "due", "file"})


# -- the head of the form


async def header_changes(
    store: Store, change: Change, desk: DeskFile, answers: Iterable[tuple[str, str]], now: datetime
) -> dict[str, Any]:
    """Read KEY=VALUE answers as changes of the header. Raises UsageError for a key or a moment that is none."""
    known = [name for name in Header.model_fields if name not in ("company_id", "contact_id", "ticket_ref")]
    changes: dict[str, Any] = {}
    for key, words in answers:
        if key not in known:
            raise click.UsageError(f"The form has no {key!r}. {_hint(key, known)}")
        changes[key] = _fact(key, words, change, desk, now)
    if "company" in changes:
        found = await recognised(store, Facts(company=changes["company"], contact=changes.get("contact", "")))
        changes |= {"company": found.company, "company_id": str(found.company_id) if found.company_id else None}
    return changes


def _fact(key: str, words: str, change: Change, desk: DeskFile, now: datetime) -> Any:
    if key == "systems":
        return [each.strip() for each in words.split(",") if each.strip()]
    if key in ("starts", "ends", "issued", "ticket") and not words.strip():
        return None
    if key in _AHEAD:
        return read_moment(key, words, change, desk, now).isoformat()
    if key == "issued":
        try:
            return date.fromisoformat(words.strip()).isoformat()
        except ValueError:
            raise click.UsageError(f"issued: {words!r} is no date; write one as 2026-03-02.") from None
    return words


def read_moment(key: str, words: str, change: Change, desk: DeskFile, now: datetime) -> datetime:
    """Read a moment by the engineer's clock. Raises UsageError."""
    try:
        return moment(words, now, change.engineer_zone or desk.desk.zone, ahead=key in _AHEAD)
    except UnclearMoment as error:
        raise click.UsageError(f"{key}: {error}") from None


def _hint(key: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = nearest(key, names)
    return f"Did you mean {near}?" if near else f"There is {', '.join(names)}." if names else "It takes none."


# -- rows


def row_command(
    change: Change, desk: DeskFile, section: str, text: str, options: Mapping[str, Any], now: datetime
) -> c.AnyChangeCommand:
    """The command that adds a row, or that changes, moves or removes one that is named by its number."""
    rows = change.rows_of(Section(section))
    after = options["after"]
    behind = _numbered(rows, after, section).id if after else None
    said: dict[str, Any] = {
        name: read_moment(name, options[name], change, desk, now) for name in ("starts", "ends") if options[name]
    }
    if (number := options["number"]) is None:
        if options["remove"]:
            raise click.UsageError("Say with --number which row to take out.")
        # Behind nothing is at the end for a new row: the beginning is where it is moved to.
        return c.AddRow(
            change=change.id, section=Section(section), text=text, owner=options["owner"], after=behind, **said
        )
    row = _numbered(rows, number, section)
    if options["remove"]:
        return c.RemoveRow(change=change.id, row=row.id)
    typed = {"text": text, "owner": options["owner"]}
    changes = {name: value for name, value in typed.items() if value}
    changes |= {name: at.isoformat() for name, at in said.items()}
    if after is not None:
        if changes:
            raise click.UsageError("Move a row, or change what it says: one at a time.")
        return c.MoveRow(change=change.id, row=row.id, after=behind)
    assert changes.keys() <= RowFacts.model_fields.keys()
    return c.EditRow(change=change.id, row=row.id, changes=changes)


def _numbered(rows: tuple[Row, ...], number: int, section: str, rule: str = "C1") -> Row:
    if number > len(rows):
        raise Refused(f"There is no row {number} in {section}: it has {len(rows)} ({rule}).", "not_found", rule)
    return rows[number - 1]


# -- actions


def command_of(
    action: str, view: ChangeView, desk: DeskFile, fields: Mapping[str, str], now: datetime
) -> c.AnyChangeCommand:
    """The command that an action stands for, with what was said. Raises UsageError, or Refused with the rule."""
    change, kind = view.change, _COMMAND_OF[action]
    act = _A.NOTE if action == CALL else ChangeAct(action)
    found = next(verdict for verdict in view.may if verdict.act is act)
    if not found.allowed:
        # Said before what is wanting: two actions share a command, and only one of them may fit the state.
        raise Refused(found.reason, "not_allowed", found.rule)
    if issubclass(kind, c.ChangeFallsDue):
        return c.ChangeFallsDue(change=change.id, what=_FALLS_DUE[act], due=change.ends or now)
    names = [name for name in kind.model_fields if name not in _OWN]
    for key in fields:
        if key not in names:
            raise click.UsageError(f"{action} takes no {key!r}. {_hint(key, names)}")
    values = {key: _value(key, words, change, desk, now) for key, words in fields.items() if key != "row"}
    if "row" in names:
        values["row"] = _row_meant(act, change, fields, found.rule).id
    if kind is c.RecordTest:
        values.setdefault("passed", True)
    for name in names:
        field = kind.model_fields[name]
        if field.is_required() and name not in values:
            if field.annotation is not str:
                raise _wanting(act, found.rule)
            values[name] = ""  # the desk says what is wanting, and by which rule
    return cast("c.AnyChangeCommand", kind(change=change.id, **values))


def takes_file(action: str) -> None:
    """Make sure that a message can be attached to an action. Raises UsageError."""
    if "file" not in _COMMAND_OF[action].model_fields:
        known = ", ".join(name for name, kind in _COMMAND_OF.items() if "file" in kind.model_fields)
        raise click.UsageError(f"{action} takes no file; there is {known}.")


def _wanting(act: ChangeAct, rule: str) -> Refused:
    return Refused(f"To be said: {CHANGE_BY_ACT[act].needs} ({rule}).", "invalid", rule)


def _value(key: str, words: str, change: Change, desk: DeskFile, now: datetime) -> Any:
    if key in _MOMENTS:
        return read_moment(key, words, change, desk, now) if words.strip() else None
    if key in ("passed", "done"):
        return _yes_or_no(key, words)
    vocabulary = {"channel": get_args(ChannelKind), "outcome": get_args(Outcome),
                  "visibility": ("internal", "customer"), "direction": ("in", "out")}.get(key)  # fmt: skip
    if vocabulary is not None and words not in vocabulary:
        raise click.UsageError(f"{key}: {words!r} is none of {', '.join(vocabulary)}.")
    return words


def _yes_or_no(key: str, words: str) -> bool | None:
    typed = words.strip().casefold()
    if typed in (*_YES, *_NO):
        return typed in _YES
    if key == "passed" and not typed:
        return None
    raise click.UsageError(f"{key}: say yes or no.")


def _row_meant(act: ChangeAct, change: Change, fields: Mapping[str, str], rule: str) -> Row:
    """The row that an action is about: by its number, or the next that is not done."""
    section = _SECTION_OF[act]
    rows = change.rows_of(section)
    if (typed := fields.get("row", "").strip()) != "":
        if not typed.isdecimal() or len(typed) > 6 or int(typed) < 1:
            raise click.UsageError(f"row: {typed[:24]!r} is no number of a row.")
        return _numbered(rows, int(typed), section.value, rule)
    undone = next((row for row in rows if row.done_at is None), None)
    if undone is None:
        how = "every row is done; name one with --field row=N" if rows else "there is no row yet"
        raise Refused(f"{section.heading}: {how} ({rule}).", "not_found", rule)
    return undone
