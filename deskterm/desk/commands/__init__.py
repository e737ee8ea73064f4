"""What somebody may ask of the desk: one small model per command, the only way anything is written."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args
from uuid import UUID

from pydantic import Field, JsonValue, TypeAdapter

from deskterm.desk.commands.changes import AnyChangeCommand
from deskterm.desk.commands.clocks import ClockCommand
from deskterm.desk.commands.escalations import EscalationCommand
from deskterm.desk.record import Command, Instant, TicketCommand, new_id, told_apart
from deskterm.desk.records.customers import Entry
from deskterm.desk.records.ticket import ChannelKind, Facts, JoinedCaller, Synopsis


class LogCall(Command):
    """Save a call as a ticket and, where `hand_to` names a group, hand it on in the same breath (T1, T3).

    The call is saved whatever is missing. If it may not be handed on, it stays New and the receipt says why.
    `escalate` holds the words in which the customer demands that it goes up at once (R099).
    """

    kind: Literal["LogCall"] = "LogCall"
    ticket: UUID = Field(default_factory=new_id)
    facts: Facts
    hand_to: str | None = None
    escalate: str = ""
    also: str = ""
    """The provisional reference that the caller was given or may have been, to find the ticket by forever after."""
    call_seconds: int | None = None
    after_seconds: int | None = Field(default=None, ge=0)
    after_keys: int | None = Field(default=None, ge=0)
    """Seconds and keys since the caller hung up, where that is known."""


class HandOff(TicketCommand):
    """Give the ticket to a group (T3 from New, T4 when routed already, T14 once somebody worked on it)."""

    kind: Literal["HandOff"] = "HandOff"
    to: str
    reason: str = ""
    changes: dict[str, JsonValue] = Field(default_factory=dict)
    """Facts to correct in the same breath, as `Amend` has them: a triage is saved and handed on, or neither."""


class Take(TicketCommand):
    """Become its owner, or make `owner` its owner as a supervisor (T5)."""

    kind: Literal["Take"] = "Take"
    owner: str | None = None


class TakeOver(TicketCommand):
    """Take over from whoever else is writing on it now: a soft claim, so that two people do not do the same work.

    A ticket that is owned by one of them is the author's from now on, if the author may work on it; its status stays.
    Nobody's words are touched. Where nobody else is writing there is nothing to take over, and it is refused (T7).
    """

    kind: Literal["TakeOver"] = "TakeOver"


class Start(TicketCommand):
    """Begin to work on it (T6)."""

    kind: Literal["Start"] = "Start"


class AddNote(TicketCommand):
    """Write a note, internal by default (T7)."""

    kind: Literal["AddNote"] = "AddNote"
    text: str
    visibility: Literal["internal", "customer"] = "internal"


class RecordContact(TicketCommand):
    """Record a conversation with the customer; `reason="chase"` counts as one (T7, R116)."""

    kind: Literal["RecordContact"] = "RecordContact"
    direction: Literal["in", "out"] = "in"
    channel: ChannelKind = "phone"
    reason: Literal["chase", "details", "status", "answer", "other"] = "other"
    who: str = ""
    text: str = ""


class JoinCaller(TicketCommand):
    """Add a caller to this ticket instead of logging a second one (T7, R130)."""

    kind: Literal["JoinCaller"] = "JoinCaller"
    caller: JoinedCaller


class Amend(TicketCommand):
    """Correct or fill in facts (T7). `changes` maps names of `Facts` to new values; `fields` is merged key by key."""

    kind: Literal["Amend"] = "Amend"
    changes: dict[str, JsonValue]


class Pend(TicketCommand):
    """Let it wait for a reason of the desk file, perhaps until a moment (T9)."""

    kind: Literal["Pend"] = "Pend"
    reason: str
    resume_at: Instant | None = None
    text: str = ""


class Resume(TicketCommand):
    """End the wait (T10)."""

    kind: Literal["Resume"] = "Resume"
    text: str = ""


class OpenVendorTask(TicketCommand):
    """Ask an outside party for its part (T15)."""

    kind: Literal["OpenVendorTask"] = "OpenVendorTask"
    vendor: str
    vendor_reference: str = ""
    text: str = ""


class Resolve(TicketCommand):
    """Resolve with a known solution (T12), or with a new one and an article or a reason for none (T13).

    Empty parts of the synopsis are filled from the ticket's summary and the known solution.
    """

    kind: Literal["Resolve"] = "Resolve"
    solution: str = ""
    synopsis: Synopsis = Synopsis(issue="", steps="", resolution="")
    article: str = ""
    no_article_because: str = ""


class RecordAnswer(TicketCommand):
    """Record the customer's answer to a resolution: yes closes (T20), no goes back to the last owner (T21)."""

    kind: Literal["RecordAnswer"] = "RecordAnswer"
    answer: Literal["yes", "no"]
    by: str = ""
    """Who answered; empty means the ticket's contact."""
    channel: ChannelKind | None = None
    at: Instant | None = None
    words: str = ""


class Reopen(TicketCommand):
    """Open a closed ticket again; past the desk's limit a linked successor is made instead (T22)."""

    kind: Literal["Reopen"] = "Reopen"
    reason: str = ""
    successor: UUID = Field(default_factory=new_id)


class Withdraw(TicketCommand):
    """End it on the customer's word (T23)."""

    kind: Literal["Withdraw"] = "Withdraw"
    reason: str


class MarkDuplicate(TicketCommand):
    """Link it to the ticket that survives (T24)."""

    kind: Literal["MarkDuplicate"] = "MarkDuplicate"
    survivor: UUID


class OverridePriority(TicketCommand):
    """Set the priority by hand, with a reason (T27)."""

    kind: Literal["OverridePriority"] = "OverridePriority"
    priority: str
    reason: str


class Follow(TicketCommand):
    """Follow the ticket."""

    kind: Literal["Follow"] = "Follow"


class Unfollow(TicketCommand):
    """Stop following it; whoever took it in has to say why (R072)."""

    kind: Literal["Unfollow"] = "Unfollow"
    reason: str = ""


class Undo(TicketCommand):
    """Take one's own last act back: a take, a hand-off, a priority or a duplicate link."""

    kind: Literal["Undo"] = "Undo"


class Register(Command):
    """Enter or change a record of the customer base."""

    kind: Literal["Register"] = "Register"
    entry: Entry


class LoadDesk(Command):
    """Bring a desk file into force. `source` is the whole text of the file, `name` what to call it in errors."""

    kind: Literal["LoadDesk"] = "LoadDesk"
    name: str
    source: str
    demo: bool = False


class SaveView(Command):
    """Keep a queue view (a base view and a filter text) under a name of one's own."""

    kind: Literal["SaveView"] = "SaveView"
    name: str
    base: str
    text: str = ""


class ForgetView(Command):
    """Drop a view of one's own."""

    kind: Literal["ForgetView"] = "ForgetView"
    name: str


AnyTicketCommand = (
    LogCall
    | HandOff
    | Take
    | TakeOver
    | Start
    | AddNote
    | RecordContact
    | JoinCaller
    | Amend
    | Pend
    | Resume
    | OpenVendorTask
    | Resolve
    | RecordAnswer
    | Reopen
    | Withdraw
    | MarkDuplicate
    | OverridePriority
    | Follow
    | Unfollow
    | Undo
    | ClockCommand
    | EscalationCommand
)


class KeepFile(Command):
    """Keep a file, so that what it is evidence of can name it (R017, C3); kept already, nothing happens.

    `content` is its bytes in base64, up to `deskterm.desk.records.file.MOST_BYTES` of them.
    """

    kind: Literal["KeepFile"] = "KeepFile"
    name: str
    content: str


AnyCommand = AnyTicketCommand | AnyChangeCommand | Register | LoadDesk | SaveView | ForgetView | KeepFile


@cache
def any_command() -> TypeAdapter[AnyCommand]:
    """Read any command back from its JSON form (outbox, server)."""
    return told_apart(get_args(AnyCommand))
