"""Who may do what with a change, in which state: one table (REQUIREMENTS.md §4, C1-C13).

The rules decide by it, the app greys keys by it, `deskterm change rights` prints it and the tests walk it. What has to
be true of the change itself is in `change_guards`; what a command has to say stands in `needs` as words. A desk's
change manager is its supervisor. A standard change is level 1's as much as level 2's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from deskterm.desk.deskfile import Operator
from deskterm.desk.records.change import AHEAD, Change, ChangeState, Row
from deskterm.desk.tickets.rights import Role, role_of
from deskterm.desk.wording import listed


class ChangeRight(StrEnum):
    """A cell of the table."""

    NO = "-"
    YES = "y"
    STANDARD = "standard"
    """Standard changes only."""
    OWN = "own"
    """Only what one raised oneself."""
    OTHERS = "not own"
    """Not of changes that one raised or makes oneself."""


class ChangeAct(StrEnum):
    """Something one can do with a change; the value is the word for it in the shell."""

    RAISE = "raise"
    FILL = "fill"
    NOTE = "note"
    SUBMIT = "submit"
    ASSESS = "assess"
    SEND = "send"
    APPROVE = "approve"
    REJECT = "reject"
    SPOKEN = "spoken"
    PREPARE = "prepare"
    SCHEDULE = "schedule"
    START = "start"
    STEP = "step"
    TEST = "test"
    RESULT = "result"
    FINISH = "finish"
    WARN = "warn"
    ROLL_BACK = "roll-back"
    OVERRUN = "overrun"
    EXTEND = "extend"
    UNDO_STEP = "undo-step"
    ROLLED_BACK = "rolled-back"
    RESCHEDULE = "reschedule"
    RETURN = "return"
    RESEND = "resend"
    COMPLETE_FORM = "complete-form"
    REVIEW = "review"
    CLOSE = "close"
    CANCEL = "cancel"
    FORM_DUE = "form-due"


@dataclass(frozen=True, slots=True)
class ChangeTransition:
    """A row: its number in the requirements, the act, where it starts from, where it leads, and who may."""

    rule: str
    act: ChangeAct
    title: str
    sources: tuple[ChangeState, ...]
    leads_to: tuple[ChangeState, ...]
    """Empty where the state stays."""
    rights: dict[Role, ChangeRight]
    guard: str = ""
    """What has to be true of the change, in words."""
    needs: str = ""
    """What has to be said with it, in words."""


def _rights(*cells: str) -> dict[Role, ChangeRight]:
    columns = (Role.L0, Role.L1, Role.L2, Role.VENDOR, Role.SUPERVISOR, Role.SYSTEM)
    return {role: ChangeRight(cell) for role, cell in zip(columns, cells, strict=True)}


_S, _A = ChangeState, ChangeAct
_Rights = dict[Role, ChangeRight]


def _row(
    rule: str, act: ChangeAct, title: str, sources: tuple[ChangeState, ...], to: ChangeState | tuple[ChangeState, ...],
    rights: _Rights, guard: str = "", needs: str = "",
) -> ChangeTransition:  # fmt: skip
    leads_to = (to,) if isinstance(to, ChangeState) else to
    return ChangeTransition(rule, act, title, sources, leads_to, rights, guard, needs)


ALL: Final = tuple(_S)
FORM: Final = (
    _S.DRAFT, _S.SUBMITTED, _S.ASSESSING, _S.VERBALLY_APPROVED, _S.RESCHEDULED, _S.FORM_OUTSTANDING, _S.ROLLED_BACK,
)  # fmt: skip
"""Where the form is open; from there on it stands as the customer agreed to it."""
ADDING: Final = (_S.IMPLEMENTING, _S.TESTING, _S.ROLLING_BACK)
"""Where only rows that turn out to be needed are added, marked as added late."""

_COMPLETE = "header complete; sections 2-7 with a row each, every row with an owner; the window ends after it starts"
_WORKER = _rights("-", "standard", "y", "-", "-", "-")
_ENGINEER = _rights("-", "-", "y", "-", "-", "-")
_SYSTEM = _rights("-", "-", "-", "-", "-", "y")
_MANAGER = _rights("-", "-", "-", "-", "y", "-")
_BOTH = _rights("-", "-", "y", "-", "y", "-")
_WHO_SAID = "the customer's contact, the channel and the evidence"

CHANGE_TRANSITIONS: Final[tuple[ChangeTransition, ...]] = (
    _row("T26", _A.RAISE, "Raise a change", (), _S.DRAFT, _rights("-", "y", "y", "-", "y", "-")),
    _row("C1", _A.FILL, "Fill in the form", FORM + ADDING, (), _rights("-", "y", "y", "-", "y", "-"),
       "while the work is under way, rows are added only"),
    _row("T7", _A.NOTE, "Note", ALL, (), _rights("y", "y", "y", "-", "y", "-"), "", "what was said"),
    _row("C1", _A.SUBMIT, "Submit", (_S.DRAFT,), (_S.SUBMITTED, _S.APPROVED), _WORKER,
       f"{_COMPLETE}; a standard change as its model has it"),
    _row("C2", _A.ASSESS, "Assess", (_S.SUBMITTED,), _S.ASSESSING, _BOTH, "clashing windows are shown"),
    _row("C2", _A.SEND, "Send the form", (_S.ASSESSING,), _S.AWAITING, _BOTH, _COMPLETE),
    _row("C3", _A.APPROVE, "Customer agrees", (_S.AWAITING,), _S.APPROVED,
       _rights("-", "not own", "not own", "-", "not own", "-"), "no engineer approves their own change", _WHO_SAID),
    _row("C3", _A.REJECT, "Customer does not agree", (_S.AWAITING,), _S.REJECTED,
       _rights("-", "y", "y", "-", "y", "-"), "", _WHO_SAID),
    _row("C10", _A.SPOKEN, "Customer agrees by word", (_S.DRAFT,), _S.VERBALLY_APPROVED,
       _rights("-", "y", "y", "-", "y", "-"), "an emergency, with its incident linked",
       "who agreed, when and what was said"),
    _row("C4", _A.PREPARE, "Tick a prerequisite", AHEAD, (), _WORKER),
    _row("C4", _A.SCHEDULE, "Schedule", (_S.APPROVED,), _S.SCHEDULED, _WORKER, "the customer's agreement on record"),
    _row("C4", _A.START, "Start", (_S.SCHEDULED, _S.VERBALLY_APPROVED), _S.IMPLEMENTING, _WORKER,
       "now inside the window; every prerequisite ticked; the customer's agreement on record"),
    _row("C5", _A.STEP, "Tick a step", (_S.IMPLEMENTING, _S.FORM_OUTSTANDING), (), _WORKER),
    _row("C5", _A.TEST, "Begin the tests", (_S.IMPLEMENTING,), _S.TESTING, _WORKER, "every step ticked"),
    _row("C5", _A.RESULT, "Record a test", (_S.TESTING, _S.FORM_OUTSTANDING), (), _WORKER),
    _row("C5", _A.FINISH, "Change is made", (_S.TESTING,), (_S.IMPLEMENTED, _S.FORM_OUTSTANDING), _WORKER,
       "every test passed; after a spoken agreement the form is outstanding from here"),
    _row("C7", _A.WARN, "Warn of the window's end", (_S.IMPLEMENTING, _S.TESTING), (), _SYSTEM,
       "15 and 5 minutes before the end"),
    _row("C6", _A.ROLL_BACK, "Roll back", (_S.IMPLEMENTING, _S.TESTING, _S.OVERRUN), _S.ROLLING_BACK, _WORKER),
    _row("C7", _A.OVERRUN, "Window is over", (_S.IMPLEMENTING, _S.TESTING), _S.OVERRUN, _SYSTEM,
       "the window has ended"),
    _row("C8", _A.EXTEND, "Customer's return message", (_S.OVERRUN, _S.IMPLEMENTING, _S.TESTING),
       (_S.IMPLEMENTING, _S.TESTING),
       _rights("-", "standard", "y", "-", "y", "-"), "before work goes on",
       "the customer's contact, their return e-mail and the new end"),
    _row("C6", _A.UNDO_STEP, "Tick a roll-back step", (_S.ROLLING_BACK,), (), _WORKER),
    _row("C9", _A.ROLLED_BACK, "All is as before", (_S.ROLLING_BACK,), _S.ROLLED_BACK, _WORKER,
       "every roll-back step ticked"),
    _row("C9", _A.RESCHEDULE, "Give it another window", (_S.ROLLED_BACK, _S.RESCHEDULED), _S.RESCHEDULED, _WORKER,
       "", "a window that lies ahead"),
    _row("C9", _A.RETURN, "Schedule again", (_S.RESCHEDULED,), _S.SCHEDULED, _WORKER,
       "the customer agreed to it in writing, and its content has not changed since"),
    _row("C9", _A.RESEND, "Send the changed form", (_S.RESCHEDULED,), _S.AWAITING, _BOTH, _COMPLETE),
    _row("C11", _A.COMPLETE_FORM, "Form is complete", (_S.FORM_OUTSTANDING,), _S.IN_REVIEW, _ENGINEER, _COMPLETE),
    _row("C12", _A.REVIEW, "Review", (_S.IMPLEMENTED, _S.ROLLED_BACK), _S.IN_REVIEW, _rights(
        "-", "standard", "y", "-", "y", "-"), "rolled back after a spoken agreement: the form complete"),
    _row("C12", _A.CLOSE, "Close", (_S.IN_REVIEW,), _S.CLOSED, _MANAGER, "", "the outcome and a review note"),
    _row("C13", _A.CANCEL, "Cancel", AHEAD, _S.CANCELLED, _rights("-", "own", "y", "-", "own", "-"), "", "a reason"),
    _row("C11", _A.FORM_DUE, "Form is overdue", (_S.FORM_OUTSTANDING, _S.ROLLED_BACK), (), _SYSTEM,
       "the form of an emergency change is still outstanding after the desk's time for it"),
)  # fmt: skip
CHANGE_BY_ACT: Final = {row.act: row for row in CHANGE_TRANSITIONS}

ONWARD: Final[dict[ChangeState, ChangeAct]] = {
    _S.DRAFT: _A.SUBMIT,
    _S.SUBMITTED: _A.ASSESS,
    _S.ASSESSING: _A.SEND,
    _S.AWAITING: _A.APPROVE,
    _S.APPROVED: _A.SCHEDULE,
    _S.VERBALLY_APPROVED: _A.START,
    _S.SCHEDULED: _A.START,
    _S.IMPLEMENTING: _A.TEST,
    _S.TESTING: _A.FINISH,
    _S.OVERRUN: _A.ROLL_BACK,
    _S.ROLLING_BACK: _A.ROLLED_BACK,
    _S.ROLLED_BACK: _A.RESCHEDULE,
    _S.RESCHEDULED: _A.RETURN,
    _S.IMPLEMENTED: _A.REVIEW,
    _S.FORM_OUTSTANDING: _A.COMPLETE_FORM,
    _S.IN_REVIEW: _A.CLOSE,
}
"""What comes next in each open state: one key away, and what `standing_between` asks about."""

_HELD: Final = (_A.FILL, _A.STEP, _A.TEST, _A.RESULT, _A.FINISH)
"""Work, which stands still after the window."""

_WHY_NOT: Final = {
    Role.L0: "Level 0 tells the customer the window and the state of a change; it does not move one",
    Role.L1: "Level 1 does not do that with a change",
    Role.L2: "That is for the change manager, who is a supervisor here",
    Role.VENDOR: "A vendor may own rows of a change; it does not move one",
    Role.SUPERVISOR: "A supervisor manages changes and does not make them",
    Role.GUEST: "The desk has to know who you are; name yourself with --as or DESKTERM_OPERATOR",
    Role.SYSTEM: "The desk itself only watches the window and the form",
}


@dataclass(frozen=True, slots=True)
class ChangeVerdict:
    """Whether an act is allowed here and now, the rule that says so and, if not, why in one sentence."""

    act: ChangeAct
    title: str
    allowed: bool
    rule: str
    reason: str = ""
    right: ChangeRight = ChangeRight.NO


def rule_of(act: ChangeAct, state: ChangeState | None) -> str:
    """The number of the row: rolling back is C6 after a failure, C9 after an overrun."""
    return "C9" if act is ChangeAct.ROLL_BACK and state is ChangeState.OVERRUN else CHANGE_BY_ACT[act].rule


def change_verdict(act: ChangeAct, actor: Operator, change: Change | None = None) -> ChangeVerdict:
    """Look an act up in the table for this operator and change. None stands for a change still to be raised."""
    row = CHANGE_BY_ACT[act]
    role = role_of(actor.level)
    right = row.rights.get(role, ChangeRight.NO)
    rule = rule_of(act, change.state if change else None)
    if right is ChangeRight.NO:
        why = f"Only the system does that ({rule})." if row.rights is _SYSTEM else f"{_WHY_NOT[role]} ({rule})."
    elif change is None:
        why = ""
    elif change.state is ChangeState.OVERRUN and act in _HELD:
        rule = "C7"
        why = "The window is over: roll back, or record the customer's return e-mail before work goes on (C7)."
    elif change.state not in row.sources:
        where = "before Implementing" if row.sources == AHEAD else listed(row.sources, "or")
        why = f"{row.title}: the change is {change.state}; it has to be {where} ({rule})."
    else:
        why = _not_this_one(right, actor, change, rule)
    return ChangeVerdict(act, row.title, not why, rule, why, right)


def _not_this_one(right: ChangeRight, actor: Operator, change: Change, rule: str) -> str:
    """Why not this very change, where the right depends on it; empty where it may."""
    if right is ChangeRight.STANDARD and change.kind != "standard":
        return f"Level 1 makes standard changes only, from a model of the desk file ({rule})."
    if right is ChangeRight.OWN and change.requester != actor.name:
        return f"Only {change.requester}, who raised it, or level 2 may do that ({rule})."
    if right is ChangeRight.OTHERS and is_own(actor.name, change):
        return f"Nobody records the approval of their own change: ask a colleague to ({rule})."
    return ""


def why_row_stands(row: Row, change: Change) -> str:
    """Why a row may not be written in: while the work is under way, only what came up then and is not done (C1)."""
    if change.state not in ADDING or (row.late and row.done_at is None):
        return ""
    if row.late:
        return "What is done stays as it was done (C1)."
    return "While the work is under way, what the customer agreed to stays as it is; + adds a row (C1)."


def is_own(name: str, change: Change) -> bool:
    """Whether a change is somebody's own: raised by them, or theirs to make."""
    return name.strip().casefold() in (change.requester.strip().casefold(), change.engineer.strip().casefold())


def change_verdicts(actor: Operator, change: Change) -> tuple[ChangeVerdict, ...]:
    """The verdict on every act one can do with an existing change, in the table's order."""
    return tuple(change_verdict(row.act, actor, change) for row in CHANGE_TRANSITIONS if row.sources)


_GROUPS: Final = {ALL: "any", AHEAD: "any before Implementing"}


def change_table() -> list[dict[str, str]]:
    """The table as rows of text, by column, for people and for JSON."""
    columns = (Role.L0, Role.L1, Role.L2, Role.VENDOR, Role.SUPERVISOR, Role.SYSTEM)
    return [
        {
            "rule": row.rule,
            "act": row.act.value,
            "title": row.title,
            "from": _GROUPS.get(row.sources) or ", ".join(row.sources),
            "to": ", ".join(row.leads_to),
            **{role.value: row.rights.get(role, ChangeRight.NO).value for role in columns},
            "guard": row.guard,
            "needs": row.needs,
        }
        for row in CHANGE_TRANSITIONS
    ]
