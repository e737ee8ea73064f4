"""Who may do what with a ticket, at which level, in which status: one table (REQUIREMENTS.md §4).

The rules decide by it, the app greys keys by it, `deskterm desk rights` prints it and the tests walk it. What a
table cannot say (a reason given, a known solution named) stands in `needs` as words and is checked in `decide`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from deskterm.desk.records.status import OPEN_STATUSES, Status
from deskterm.desk.wording import listed

if TYPE_CHECKING:
    from deskterm.desk.deskfile import Level, Operator
    from deskterm.desk.records.ticket import Ticket


class Role(StrEnum):
    """A column of the table. L2 includes third line."""

    L0 = "level 0"
    L1 = "level 1"
    L2 = "level 2"
    VENDOR = "vendor"
    SUPERVISOR = "supervisor"
    SYSTEM = "the system"
    GUEST = "a guest"


class Right(StrEnum):
    """A cell of the table."""

    NO = "-"
    YES = "y"
    OWN = "own"
    """Only on tickets one took in oneself."""
    KNOWN = "known solution"
    ASSIGN = "assign"
    """To somebody else."""
    OWN_TASK = "own task"
    WITH_REASON = "reason"
    ON_WORD = "customer's word"
    LAST_OWNER = "to last owner"
    ON_BEHALF = "on the vendor's behalf"
    """Writing down what a vendor said that has no account here, marked so."""
    PROPOSE = "propose"


class Act(StrEnum):
    """Something one can do with a ticket; the value is the word for it in the shell."""

    LOG = "log"
    RECEIVE = "receive"
    ROUTE = "route"
    REROUTE = "re-route"
    TAKE = "take"
    START = "start"
    NOTE = "note"
    PEND = "pend"
    RESUME = "resume"
    RESOLVE_KNOWN = "resolve-known"
    RESOLVE_NEW = "resolve-new"
    PASS_ON = "pass-on"
    VENDOR_TASK = "vendor-task"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    DUPLICATE = "duplicate"
    PRIORITY = "priority"
    RESTORE_TIME = "restore-time"
    DEFER = "defer"
    VENDOR_ANSWER = "vendor-answer"
    ESCALATE = "escalate"
    AUTO_ESCALATE = "auto-escalate"
    MAJOR = "major"
    END_MAJOR = "end-major"
    REPORT = "report"
    INTERVENE = "intervene"
    OUT_OF_SCOPE = "out-of-scope"
    ANSWER_ESCALATION = "answer-escalation"


@dataclass(frozen=True, slots=True)
class Transition:
    """A row: its number in the requirements, the act, where it starts from, where it leads, and who may."""

    rule: str
    act: Act
    title: str
    sources: tuple[Status, ...]
    leads_to: Status | None
    rights: dict[Role, Right]
    needs: str = ""


def _rights(l0: Right, l1: Right, l2: Right, vendor: Right, supervisor: Right) -> dict[Role, Right]:
    return {Role.L0: l0, Role.L1: l1, Role.L2: l2, Role.VENDOR: vendor, Role.SUPERVISOR: supervisor}


_N, _Y = Right.NO, Right.YES
_S = Status
_WORKED: Final = (_S.ACCEPTED, _S.IN_PROGRESS, _S.PENDING)

TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition("T1", Act.LOG, "Save", (), _S.NEW, _rights(_Y, _Y, _Y, _N, _Y)),
    Transition(
        "T2", Act.RECEIVE, "Receive", (), _S.NEW, {**_rights(_N, _N, _N, _N, _N), Role.SYSTEM: _Y}
    ),
    Transition(
        "T3", Act.ROUTE, "Hand on", (_S.NEW,), _S.ROUTED, _rights(_Y, _Y, _Y, _N, _Y),
        "type, impact and urgency",
    ),
    Transition(
        "T4", Act.REROUTE, "Hand on again", (_S.ROUTED,), _S.ROUTED, _rights(Right.OWN, _Y, _Y, _N, _Y),
        "a reason",
    ),
    Transition(
        "T5", Act.TAKE, "Take", (_S.ROUTED,), _S.ACCEPTED, _rights(_N, _Y, _Y, _N, Right.ASSIGN)
    ),
    Transition("T6", Act.START, "Start", (_S.ACCEPTED,), _S.IN_PROGRESS, _rights(_N, _Y, _Y, _N, _N)),
    Transition("T7", Act.NOTE, "Note", OPEN_STATUSES, None, _rights(_Y, _Y, _Y, Right.OWN_TASK, _Y)),
    Transition(
        "T8", Act.RESTORE_TIME, "Give a restore time", (_S.IN_PROGRESS,), None, _rights(_N, _Y, _Y, _Y, _N),
        "when, and that the customer was told",
    ),
    Transition(
        "T9", Act.PEND, "Wait", (_S.IN_PROGRESS,), _S.PENDING, _rights(_N, _Y, _Y, _N, _Y),
        "a reason for waiting",
    ),
    Transition(
        "T10", Act.RESUME, "Resume", (_S.PENDING,), _S.IN_PROGRESS, _rights(_N, _Y, _Y, Right.OWN_TASK, _Y)
    ),
    Transition(
        "T11", Act.DEFER, "Defer to the next working day", (_S.NEW, _S.ROUTED, _S.PENDING), _S.PENDING,
        _rights(_N, _Y, _Y, _N, _Y), "the least impact, out of hours, and both sides' agreement",
    ),
    Transition(
        "T12", Act.RESOLVE_KNOWN, "Resolve", (_S.ACCEPTED, _S.IN_PROGRESS), _S.RESOLVED,
        _rights(_N, Right.KNOWN, _Y, _N, _N), "a known solution",
    ),
    Transition(
        "T13", Act.RESOLVE_NEW, "Resolve with a new solution", (_S.ACCEPTED, _S.IN_PROGRESS), _S.RESOLVED,
        _rights(_N, _N, _Y, _N, _N), "a synopsis, and an article or a reason for none",
    ),
    Transition(
        "T14", Act.PASS_ON, "Pass on", _WORKED, _S.ROUTED, _rights(_N, _Y, _Y, _N, _Y)
    ),
    Transition(
        "T15", Act.VENDOR_TASK, "Ask a vendor", (_S.ROUTED, *_WORKED), None, _rights(_N, _Y, _Y, _N, _Y),
        "a vendor",
    ),
    Transition(
        "T16", Act.VENDOR_ANSWER, "Record a vendor's answer", OPEN_STATUSES, None,
        _rights(_N, Right.ON_BEHALF, Right.ON_BEHALF, Right.OWN_TASK, _N), "an open vendor task",
    ),
    Transition(
        "T17", Act.ESCALATE, "Escalate", OPEN_STATUSES, None, _rights(_Y, _Y, _Y, _N, _Y), "a reason"
    ),
    Transition(
        "T18", Act.AUTO_ESCALATE, "Escalate by rule", OPEN_STATUSES, None,
        {**_rights(_N, _N, _N, _N, _N), Role.SYSTEM: _Y}, "an age, a stage or a missed target",
    ),
    Transition(
        "T19", Act.MAJOR, "Major incident", OPEN_STATUSES, None,
        _rights(Right.PROPOSE, Right.PROPOSE, _Y, _N, _Y), "a reason",
    ),
    Transition("T19", Act.END_MAJOR, "End the major incident", OPEN_STATUSES, None, _rights(_N, _N, _Y, _N, _Y)),
    Transition(
        "R143", Act.REPORT, "Deliver the incident report", (*OPEN_STATUSES, _S.CLOSED), None,
        _rights(_N, _N, _Y, _N, _Y), "a major incident that is over",
    ),
    Transition(
        "T20", Act.CONFIRM, "Confirm and close", (_S.RESOLVED,), _S.CLOSED, _rights(_Y, _Y, _Y, _N, _Y),
        "who confirmed, when and by which channel",
    ),
    Transition(
        "T21", Act.REFUSE, "Customer says no", (_S.RESOLVED,), _S.IN_PROGRESS,
        _rights(Right.LAST_OWNER, _Y, _Y, _N, _Y), "who said no, when and by which channel",
    ),
    Transition("T22", Act.REOPEN, "Reopen", (_S.CLOSED,), _S.ROUTED, _rights(_Y, _Y, _Y, _N, _Y)),
    Transition(
        "T23", Act.WITHDRAW, "Withdraw", OPEN_STATUSES, _S.WITHDRAWN,
        _rights(Right.ON_WORD, _Y, _Y, _N, _Y), "the customer's reason",
    ),
    Transition(
        "T24", Act.DUPLICATE, "Link as duplicate", OPEN_STATUSES, _S.DUPLICATE, _rights(_Y, _Y, _Y, _N, _Y),
        "the ticket that survives",
    ),
    Transition(
        "T27", Act.PRIORITY, "Override priority", OPEN_STATUSES, None,
        _rights(_N, Right.WITH_REASON, Right.WITH_REASON, _N, Right.WITH_REASON), "a reason",
    ),
    Transition(
        "R056", Act.INTERVENE, "Begin the intervention", (_S.IN_PROGRESS,), None, _rights(_N, _Y, _Y, _N, _N),
        "a restore time that the customer was told",
    ),
    Transition(
        "R059", Act.OUT_OF_SCOPE, "Out of scope", OPEN_STATUSES, None, _rights(_Y, _Y, _Y, _N, _Y),
        "where the customer was sent",
    ),
    Transition(
        "R103", Act.ANSWER_ESCALATION, "Answer an escalation", OPEN_STATUSES, None, _rights(_N, _Y, _Y, _N, _Y),
        "an escalation",
    ),
)  # fmt: skip
BY_ACT: Final = {row.act: row for row in TRANSITIONS}

_BY_THE_SYSTEM: Final = (Act.RECEIVE, Act.AUTO_ESCALATE)
_ONLY: Final = {
    **dict.fromkeys(_BY_THE_SYSTEM, "Only the system does that"),
    Act.END_MAJOR: "Only second line and supervisors say when a major incident is over",
    Act.REPORT: "Only second line and supervisors deliver an incident report",
}
_WHY_NOT: Final = {
    Role.L0: "Level 0 hands on and follows; it does not work on tickets",
    Role.L1: "Level 1 resolves with known solutions only",
    Role.VENDOR: "A vendor works on its own task, not on our ticket",
    Role.SUPERVISOR: "A supervisor assigns work and does not do it",
    Role.GUEST: "The desk has to know who you are; name yourself with --as or DESKTERM_OPERATOR",
    Role.SYSTEM: "The desk itself only receives tickets, and acts when something falls due",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an act is allowed here and now, the rule that says so and, if not, why in one sentence."""

    act: Act
    title: str
    allowed: bool
    rule: str
    reason: str = ""
    right: Right = Right.NO


def role_of(level: Level, bought_levels: str = "") -> Role:
    """The table's column for a level; a contract that buys level 0 only makes level 1 act as level 0 (R068)."""
    if level == "system":
        return Role.SYSTEM
    if level == "guest":
        return Role.GUEST
    if level == "supervisor":
        return Role.SUPERVISOR
    if level == "vendor":
        return Role.VENDOR
    if level == 0 or (level == 1 and bought_levels == "L0"):
        return Role.L0
    return Role.L1 if level == 1 else Role.L2


def hand_on_act(status: Status) -> Act:
    """Which row of the table handing on means in this status."""
    if status is Status.NEW:
        return Act.ROUTE
    return Act.REROUTE if status is Status.ROUTED else Act.PASS_ON


def verdict(act: Act, actor: Operator, ticket: Ticket | None = None, *, whatever_status: bool = False) -> Verdict:
    """Look an act up in the table for this operator and ticket. None stands for a ticket still to be made.

    `whatever_status` asks about the operator alone, for what goes with an act at any time (undoing it, following).
    """
    row = BY_ACT[act]
    role = role_of(actor.level, ticket.bought_levels if ticket else "")
    right = row.rights.get(role, Right.NO)
    if right is Right.NO:
        why = _ONLY.get(act) or _refusal_of(role, actor)
        return Verdict(act, row.title, False, row.rule, f"{why} ({row.rule}).", right)
    if ticket is not None and ticket.status not in row.sources and not whatever_status:
        where = "open" if row.sources == OPEN_STATUSES else listed(row.sources, "or")
        why = f"{row.title}: the ticket is {ticket.status}; it has to be {where} ({row.rule})."
        return Verdict(act, row.title, False, row.rule, why, right)
    if right is Right.OWN and ticket is not None and ticket.originator != actor.name:
        why = f"Level 0 hands on again only what it took in itself ({row.rule})."
        return Verdict(act, row.title, False, row.rule, why, right)
    if right is Right.OWN_TASK and ticket is not None and not _has_task(ticket, actor):
        why = f"A vendor may do that only where it has a task of its own ({row.rule})."
        return Verdict(act, row.title, False, row.rule, why, right)
    if right is Right.ON_BEHALF and ticket is not None and not ticket.vendor_tasks:
        why = f"No vendor was asked yet, so there is nothing to answer ({row.rule})."
        return Verdict(act, row.title, False, row.rule, why, right)
    return Verdict(act, row.title, True, row.rule, "", right)


def may_work(operator: Operator, ticket: Ticket) -> bool:
    """Whether somebody of this level may work on the ticket at all, whatever its status (T6)."""
    return BY_ACT[Act.START].rights[role_of(operator.level, ticket.bought_levels)] is Right.YES


def verdicts(actor: Operator, ticket: Ticket) -> tuple[Verdict, ...]:
    """The verdict on every act that somebody can do with an existing ticket, in the table's order."""
    done = (row.act for row in TRANSITIONS if row.sources and row.act not in _BY_THE_SYSTEM)
    return tuple(verdict(act, actor, ticket) for act in done)


def table() -> list[dict[str, str]]:
    """The table as rows of text, by column, for people and for JSON."""
    columns = (Role.L0, Role.L1, Role.L2, Role.VENDOR, Role.SUPERVISOR, Role.SYSTEM)
    return [
        {
            "rule": row.rule,
            "act": row.act.value,
            "title": row.title,
            "from": "any open" if row.sources == OPEN_STATUSES else ", ".join(row.sources),
            "to": row.leads_to.value if row.leads_to else "",
            **{role.value: row.rights.get(role, Right.NO).value for role in columns},
            "needs": row.needs,
        }
        for row in TRANSITIONS
    ]


def _has_task(ticket: Ticket, actor: Operator) -> bool:
    return any(task.vendor in (actor.name, *actor.groups) for task in ticket.vendor_tasks)


def _refusal_of(role: Role, actor: Operator) -> str:
    if role is Role.L0 and actor.level == 1:
        return "This customer's contract buys level 0 only, so level 1 acts as level 0 here"
    return _WHY_NOT[role]
