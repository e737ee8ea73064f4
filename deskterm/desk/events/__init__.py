"""What can happen: small past-tense facts, and the envelope in which the log keeps each.

An event's `touches` names the facts it changes, so that two people's edits of different facts both hold.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Final, Literal, NamedTuple, get_args
from uuid import UUID

from pydantic import Field, JsonValue

from deskterm.desk.events.changes import ChangeHappening
from deskterm.desk.events.clocks import ClockHappening
from deskterm.desk.events.escalations import EscalationHappening
from deskterm.desk.record import Happening, Instant
from deskterm.desk.records.customers import Entry
from deskterm.desk.records.escalation import Callback
from deskterm.desk.records.file import Attachment
from deskterm.desk.records.ticket import ChannelKind, Confirmation, Facts, JoinedCaller, Synopsis, VendorTask
from deskterm.desk.records.timekeeping import Duty, Promise

Touches = frozenset[str]
STATE: Touches = frozenset({"status", "group", "owner"})


class CallLogged(Happening):
    """A call or another request was saved as a ticket (T1, T2)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["CallLogged"] = "CallLogged"
    number: int
    ref: str
    facts: Facts
    also: str = ""
    """A provisional reference that finds it as well (R042)."""
    priority: str | None = None
    incomplete: tuple[str, ...] = ()
    bought_levels: Literal["L0", "L0+L1", ""] = ""
    successor_of: str = ""
    call_seconds: int | None = None
    """How long the caller had been on the line when it was saved."""
    after_seconds: int | None = None
    after_keys: int | None = None
    """Seconds and keys between the caller's hanging up and saving; None where that is not known."""
    promise: Promise | None = None
    """What the customer is promised from now on; here and below None where nothing is, or nothing changes."""
    callback: Callback | None = None
    out_of_hours: bool = False
    """Whether it came outside the hours that the contract covers (R084)."""


class HandedOff(Happening):
    """A group was given the ticket; whoever handed it on follows it (T3, T4, T14; R072)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["HandedOff"] = "HandedOff"
    rule: Literal["T3", "T4", "T14"]
    to: str
    reason: str = ""
    duty: Duty | None = None
    """How soon the group is to take it, where that was agreed."""


class Taken(Happening):
    """Somebody became the owner (T5)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Taken"] = "Taken"
    owner: str


class TakenOver(Happening):
    """Whoever else was writing here was told to leave it; `owner` is the new one, where the ticket was theirs."""

    touches: ClassVar[Touches] = frozenset({"owner"})
    kind: Literal["TakenOver"] = "TakenOver"
    holders: tuple[str, ...]
    owner: str = ""


class Started(Happening):
    """Work began (T6)."""

    touches: ClassVar[Touches] = frozenset({"status"})
    kind: Literal["Started"] = "Started"


class Noted(Happening):
    """A note was written; internal unless it says otherwise (T7; R113)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["Noted"] = "Noted"
    text: str
    visibility: Literal["internal", "customer"] = "internal"


class ContactRecorded(Happening):
    """A conversation with the customer took place (T7; R114, R116)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["ContactRecorded"] = "ContactRecorded"
    direction: Literal["in", "out"]
    channel: ChannelKind
    reason: Literal["chase", "details", "status", "answer", "other"]
    who: str = ""
    text: str = ""
    by_worker: bool = False
    """Whether whoever recorded it may work on the ticket: reaching the customer, they respond (R090)."""


class CallerJoined(Happening):
    """Another caller with the same trouble was added (T7)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["CallerJoined"] = "CallerJoined"
    caller: JoinedCaller


class Amended(Happening):
    """Facts were corrected or filled in; `changes` holds only those that differ (T7)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["Amended"] = "Amended"
    changes: dict[str, JsonValue]
    priority: str | None = None
    """What the matrix says of the changed impact and urgency."""
    incomplete: tuple[str, ...] = ()
    bought_levels: Literal["L0", "L0+L1", ""] | None = None
    """The levels bought by the contract of a newly named company or contract; None where both stay."""
    promise: Promise | None = None
    callback: Callback | None = None
    """The call that is owed since it got the highest priority (R058); None where none is, or one was before."""


class Pended(Happening):
    """The ticket waits for something (T9)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Pended"] = "Pended"
    reason: str
    resume_at: Instant | None = None
    text: str = ""
    stops: bool = True
    """Whether the clocks stand still meanwhile, by what is promised now (R093)."""


class Resumed(Happening):
    """The wait is over (T10)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Resumed"] = "Resumed"
    text: str = ""
    since: Instant | None = None
    """When the wait was over, where the desk itself noticed it later."""


class VendorTaskOpened(Happening):
    """An outside party was asked to do something (T15)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["VendorTaskOpened"] = "VendorTaskOpened"
    task: VendorTask


class Resolved(Happening):
    """A resolution was found, with a known solution (T12) or a new one (T13)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Resolved"] = "Resolved"
    rule: Literal["T12", "T13"]
    synopsis: Synopsis
    solution: str = ""
    article: str = ""
    """Draft of the article for the level-1 pool, where there is one (T13; R133)."""
    no_article_because: str = ""


class Confirmed(Happening):
    """The customer said that it works; the ticket is closed (T20)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Confirmed"] = "Confirmed"
    confirmation: Confirmation


class Refused(Happening):
    """The customer said that it does not work (T21)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Refused"] = "Refused"
    confirmation: Confirmation


class Reopened(Happening):
    """A closed ticket is open again, with the group that owned it (T22)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Reopened"] = "Reopened"
    reason: str = ""
    promise: Promise | None = None
    """What is promised from now on: the clocks begin anew."""


class Withdrawn(Happening):
    """The customer no longer wants it (T23)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Withdrawn"] = "Withdrawn"
    reason: str


class MarkedDuplicate(Happening):
    """This ticket is the same trouble as another, which goes on for both (T24)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["MarkedDuplicate"] = "MarkedDuplicate"
    survivor: UUID
    survivor_ref: str


class DuplicateAbsorbed(Happening):
    """A duplicate's callers and watchers were taken over (T24)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["DuplicateAbsorbed"] = "DuplicateAbsorbed"
    duplicate: UUID
    duplicate_ref: str
    followers: tuple[str, ...]
    callers: tuple[JoinedCaller, ...]


class DuplicateReleased(Happening):
    """A duplicate link was undone; the followers and callers it had brought along leave again (T24)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["DuplicateReleased"] = "DuplicateReleased"
    duplicate: UUID
    duplicate_ref: str


class PriorityOverridden(Happening):
    """The priority was set by hand, with a reason (T27)."""

    touches: ClassVar[Touches] = frozenset({"priority"})
    kind: Literal["PriorityOverridden"] = "PriorityOverridden"
    priority: str
    reason: str
    promise: Promise | None = None
    callback: Callback | None = None


class Followed(Happening):
    """Somebody follows the ticket."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["Followed"] = "Followed"
    operator: str


class Unfollowed(Happening):
    """Somebody stopped following, and said why where the ticket began with them (R072)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["Unfollowed"] = "Unfollowed"
    operator: str
    reason: str = ""


class Undone(Happening):
    """The author took the last act back; things stand again as they did before it."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["Undone"] = "Undone"
    act: Literal["take", "hand_off", "priority", "duplicate"]
    of_version: int
    promise: Promise | None = None
    """What is promised now, where that is not what was promised before the act."""


class Registered(Happening):
    """A record of the customer base was entered or changed; `entry` is its whole state."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["Registered"] = "Registered"
    entry: Entry


class DeskLoaded(Happening):
    """A desk file came into force. `source` is the file's text, so that the past can be explained by it."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["DeskLoaded"] = "DeskLoaded"
    name: str
    source: str
    demo: bool = False
    """A desk of invented people, where whoever comes without a name acts as its first level-0 operator."""
    holidays: dict[str, dict[date, str]] = Field(default_factory=dict)
    """The public holidays of each list that its calendars name, looked up once when the file came into force, so that
    a newer list of holidays never moves a due time of the past."""


class ViewSaved(Happening):
    """An operator kept a queue view under a name of their own."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["ViewSaved"] = "ViewSaved"
    operator: str
    name: str
    base: str
    text: str = ""


class ViewForgotten(Happening):
    """An operator's own view was dropped."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["ViewForgotten"] = "ViewForgotten"


class FileKept(Happening):
    """A file was kept, as it is; `content` is its bytes in base64. Its record follows from its hash."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["FileKept"] = "FileKept"
    file: Attachment
    content: str


TicketHappening = (
    CallLogged
    | HandedOff
    | Taken
    | TakenOver
    | Started
    | Noted
    | ContactRecorded
    | CallerJoined
    | Amended
    | Pended
    | Resumed
    | VendorTaskOpened
    | Resolved
    | Confirmed
    | Refused
    | Reopened
    | Withdrawn
    | MarkedDuplicate
    | DuplicateAbsorbed
    | DuplicateReleased
    | PriorityOverridden
    | Followed
    | Unfollowed
    | Undone
    | ClockHappening
    | EscalationHappening
)
OtherHappening = Registered | DeskLoaded | ViewSaved | ViewForgotten | FileKept
AnyHappening = TicketHappening | ChangeHappening | OtherHappening
HAPPENINGS: Final[dict[str, type[Happening]]] = {
    each.model_fields["kind"].default: each for each in get_args(AnyHappening)
}
"""What can happen, by its kind."""

RecordKind = Literal[
    "ticket", "change", "company", "contact", "contract", "service", "item", "solution", "desk", "view", "file"
]


class Event(NamedTuple):
    """One line of the desk's log: what happened, to what, by whom, when, and as part of which command.

    `position` counts the whole log from 1 without gaps, `version` the events of one record. `at` is UTC.
    `hash` covers everything else and the previous event of the record, so that an edit shows.

    Nothing is checked here: what happened was checked when it was made, and what is read from the log is let be, since
    a happening from a newer version must not stop an older one.
    """

    position: int
    record_kind: RecordKind
    record_id: UUID
    version: int
    actor: str
    at: datetime
    command_id: UUID
    happening: AnyHappening
    previous_hash: str = ""
    hash: str = ""
