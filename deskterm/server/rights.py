"""Who may use which route, and with which scope of token: one table, and what has no row in it is refused.

A row opens a route to a role; what may be done behind it, to which ticket, is decided by the rules of the desk
(`deskterm.desk.tickets.rights`), and which tickets are seen by the store. `check` fails for a route without a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from deskterm.desk.commands import AnyCommand
from deskterm.desk.deskfile import Operator
from deskterm.desk.record import Command
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.rights import Role, role_of
from deskterm.store.remote.operations import OPERATIONS

Scope = Literal["read", "write", "desk", "metrics"]

_DESK: Final = frozenset({Role.L0, Role.L1, Role.L2, Role.SUPERVISOR})
_EVERYBODY: Final = _DESK | {Role.VENDOR}
_SUPERVISOR: Final = frozenset({Role.SUPERVISOR})
_NOBODY: Final[frozenset[Role]] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """Who may use a route, and the scope that their token needs."""

    scope: Scope
    roles: frozenset[Role] = _DESK


ROUTES: Final[dict[str, Row]] = {
    "me": Row("read", _EVERYBODY),
    "desk": Row("read"),
    "queue": Row("read"),
    "rows": Row("read"),
    "views": Row("read"),
    "counts": Row("read"),
    # A vendor sees a ticket on which it has a task, and nothing else: see `sees`.
    "ticket": Row("read", _EVERYBODY),
    "explain": Row("read"),
    "tickets": Row("read"),
    "seen": Row("write"),
    "change": Row("read"),
    "changes": Row("read"),
    "windows": Row("read"),
    "guards": Row("read"),
    "file": Row("read"),
    "find": Row("read"),
    "callers": Row("read"),
    "card": Row("read"),
    "solutions": Row("read"),
    "groups": Row("read"),
    "openings": Row("read"),
    "outages": Row("read"),
    "board": Row("read"),
    "activity": Row("read"),
    "still_to_ask": Row("read"),
    "tick": Row("write"),
    "attend": Row("write"),
    "along": Row("read"),
    "along_of": Row("read"),
    "terminal": Row("write"),
    "submit": Row("write", _EVERYBODY),
    "submit_many": Row("write", _EVERYBODY),
    "watch": Row("read"),
    "metrics": Row("metrics"),
}
"""Route -> its row. A command needs its own row beside that of `submit`."""

_BY_ANYBODY: Final = ("AddNote", "RecordContact", "Resume", "AnswerVendorTask", "GiveRestoreTime")
"""What the table of rights lets a vendor do on a task of its own."""
_BY_THE_DESK: Final = (
    "LogCall", "HandOff", "Take", "Start", "JoinCaller", "Amend", "Pend", "OpenVendorTask", "Resolve", "RecordAnswer",
    "Reopen", "Withdraw", "MarkDuplicate", "OverridePriority", "Follow", "Unfollow", "Undo", "BeginIntervention",
    "Defer", "DeclareOutOfScope", "Escalate", "AnswerEscalation", "DeclareMajor", "EndMajor", "DeliverReport",
    "RaiseChange",
    "AmendChange", "AddRow", "EditRow", "MoveRow", "SplitRow", "RemoveRow", "TickRow", "RecordTest", "SubmitChange",
    "AssessChange", "SendForm", "RecordApproval", "RecordRejection", "RecordSpokenApproval", "ScheduleChange",
    "StartChange", "BeginTests", "FinishChange", "RollBack", "FinishRollBack", "RecordExtension", "RescheduleChange",
    "ReviewChange", "CloseChange", "CancelChange", "NoteOnChange", "RecordCallOnChange", "Register", "SaveView",
    "ForgetView", "KeepFile", "TakeOver",
)  # fmt: skip
COMMANDS: Final[dict[str, Row]] = {
    **{name: Row("write", _EVERYBODY) for name in _BY_ANYBODY},
    **{name: Row("write") for name in _BY_THE_DESK},
    # Whoever brings a desk file into force says who may do what.
    "LoadDesk": Row("desk", _SUPERVISOR),
    # By the desk itself, when their moment has come: see `tick`.
    "FallDue": Row("write", _NOBODY),
    "ChangeFallsDue": Row("write", _NOBODY),
}
"""Kind of command -> its row."""


def kinds_of_commands() -> tuple[str, ...]:
    """The names of all commands there are."""
    return tuple(command.model_fields["kind"].default for command in _flat(AnyCommand))


def _flat(union: object) -> Iterable[type[Command]]:
    for part in get_args(union):
        if get_args(part):
            yield from _flat(part)
        else:
            yield part


def check() -> None:
    """Fail where a route or a command has no row, or a row no route. The server does not start then."""
    routes = {operation.name for operation in OPERATIONS} | {"submit", "submit_many", "watch", "metrics"}
    for what, wanted, known in (
        ("route", routes, set(ROUTES)),
        ("command", set(kinds_of_commands()), set(COMMANDS)),
    ):
        if wanted ^ known:
            raise LookupError(f"Without both a {what} and its row in deskterm.server.rights: {sorted(wanted ^ known)}")


def refusal(row: Row | None, operator: Operator, scopes: Iterable[str], what: str) -> str:
    """Why somebody may not use a route, or send a command, in one sentence; empty where they may."""
    if row is None or role_of(operator.level) not in row.roles:
        return f"{operator.name} ({role_of(operator.level).value}) may not use {what} over the network."
    if row.scope not in scopes:
        return f"This token is not good for {what}: it lacks the scope {row.scope!r}."
    return ""


def sees(operator: Operator, ticket: Ticket) -> bool:
    """Whether somebody may see a ticket at all: a vendor only where it has a task of its own."""
    if role_of(operator.level) is not Role.VENDOR:
        return True
    return any(task.vendor in (operator.name, *operator.groups) for task in ticket.vendor_tasks)
