"""The ticket: a record made of its events, and the facts a call brings in (R002, R004, R011-R016)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from deskterm.desk.record import Frozen, Instant, Kept
from deskterm.desk.records.escalation import Callback, Escalation, Major, VendorAnswer, VendorState
from deskterm.desk.records.status import OPEN_STATUSES as OPEN_STATUSES
from deskterm.desk.records.status import Status as Status
from deskterm.desk.records.timekeeping import Duty, Pause, Promise, Timekeeping

ChannelKind = Literal["phone", "missed_call", "email", "portal", "sms", "monitoring", "in_person", "api"]
Phase = Literal["triage", "diagnostics", "intervention"]
"""How far the work on a ticket is, apart from its status (R054)."""
TicketType = Literal["incident", "service_request", "query", "complaint", "alert"]
PING_PONG = 3
"""Hand-offs from group to group at which a ticket needs a supervisor (T4)."""
NOT_GIVEN = "not given"
"""The answer to a field that was asked and could not be told: an answer all the same (R016)."""


class Facts(Kept):
    """What is known about a call: everything an operator may type, and may correct later.

    `company` and `contact` are the words as they were typed or picked; the ids are set when they name known records.
    `fields` holds the desk's own intake fields by key, `NOT_GIVEN` where the caller could not say.
    """

    type: TicketType | None = None
    summary: str = ""
    description: str = ""
    channel: ChannelKind = "phone"
    company: str = ""
    company_id: UUID | None = None
    contact: str = ""
    contact_id: UUID | None = None
    phone: str = ""
    email: str = ""
    contract: str = ""
    service: str = ""
    item: str = ""
    fault: Literal["hardware", "software", ""] = ""
    impact: str | None = None
    urgency: str | None = None
    customer_priority: str | None = None
    """The priority the customer asked for, kept apart from the desk's (R051)."""
    began: Instant | None = None
    """When the trouble began, apart from when it was logged (R014)."""
    fields: dict[str, str] = Field(default_factory=dict)


class Synopsis(Kept):
    """What the customer is told when a ticket is resolved: the issue, the steps and the resolution (R124)."""

    issue: str
    steps: str
    resolution: str


class Confirmation(Kept):
    """Who said, when and how, whether the resolution holds (R125)."""

    by: str
    at: Instant
    channel: ChannelKind
    answer: Literal["yes", "no"]
    words: str = ""


class JoinedCaller(Kept):
    """Somebody else with the same trouble, added to this ticket instead of getting one of their own (R130)."""

    company: str
    contact: str
    phone: str = ""
    contact_id: UUID | None = None
    words: str = ""


class VendorTask(Kept):
    """Work that an outside party does for this ticket (R164)."""

    vendor: str
    vendor_reference: str = ""
    text: str = ""
    opened_at: Instant
    desk: int = 0
    """Position in the log of the desk file that its clock goes by."""
    target: str = ""
    """How soon the vendor has to answer, by its agreement (UC); empty where none is known."""
    calendar: str = ""
    answers: tuple[VendorAnswer, ...] = ()

    @property
    def state(self) -> VendorState:
        """Where it stands."""
        return self.answers[-1].state if self.answers else "open"

    @property
    def is_open(self) -> bool:
        """Whether the vendor still has something to do."""
        return self.state not in ("resolved", "returned")


class Undoable(Frozen):
    """The last act that its author may take back, and how things stood before it."""

    act: Literal["take", "hand_off", "priority", "duplicate"]
    by: str
    version: int
    status: Status
    group: str | None = None
    owner: str | None = None
    priority: str | None = None
    override_reason: str = ""
    hops: int = 0
    pending_reason: str = ""
    resume_at: Instant | None = None
    pended_from: Status | None = None
    last_owner: str | None = None
    new_followers: tuple[str, ...] = ()
    """Followers the act itself made, who leave again when it is taken back."""
    promise: Promise | None = None
    duty: Duty | None = None
    pause: Pause | None = None
    """The pause that the act ended."""


class Absorbed(Frozen):
    """What a duplicate brought along: callers, and followers who did not follow in their own right (R130)."""

    ref: str
    followers: tuple[str, ...]
    callers: tuple[JoinedCaller, ...]


class Ticket(Facts):
    """A ticket as its events made it. `version` counts them; `incomplete` lists required fields still empty."""

    id: UUID
    number: int
    ref: str
    also: str = ""
    """A provisional reference that finds it as well: it may have been given while the line was down (R042)."""
    status: Status
    priority: str | None = None
    matrix_priority: str | None = None
    """What the matrix says, kept beside an overridden priority (R050)."""
    override_reason: str = ""
    group: str | None = None
    owner: str | None = None
    last_owner: str | None = None
    originator: str
    followers: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    bought_levels: Literal["L0", "L0+L1", ""] = ""
    """The levels this ticket's contract buys (R068); empty where no contract says."""
    pending_reason: str = ""
    resume_at: Instant | None = None
    pended_from: Status | None = None
    hops: int = 0
    chases: int = 0
    reopens: int = 0
    refusals: int = 0
    """How often the customer answered no to a resolution (R126)."""
    solution: str = ""
    synopsis: Synopsis | None = None
    article_reason: str = ""
    confirmation: Confirmation | None = None
    duplicate_of: str = ""
    """Reference of the ticket that survives."""
    absorbed: tuple[Absorbed, ...] = ()
    """The duplicates this ticket survives, so that an undo takes back exactly what each brought."""
    successor_of: str = ""
    call_seconds: int | None = None
    """How long the caller had been on the line when it was saved."""
    after_seconds: int | None = None
    """How long after the caller hung up it was saved; None where that is not known."""
    after_keys: int | None = None
    """Keys pressed between the two."""
    joined: tuple[JoinedCaller, ...] = ()
    vendor_tasks: tuple[VendorTask, ...] = ()
    undoable: Undoable | None = None
    opened_at: Instant
    updated_at: Instant
    updated_by: str
    progressed_at: Instant
    """When something was last done for the customer: being followed, joined or chased is no progress (R073)."""
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    version: int
    phase: Phase = "triage"
    repair: Literal["own", "supplier", "both", ""] = ""
    """Whose repair the intervention is (R056)."""
    timekeeping: Timekeeping = Field(default_factory=lambda so_far: Timekeeping(started=so_far["opened_at"]))
    escalations: tuple[Escalation, ...] = ()
    major: Major | None = None
    callback: Callback | None = None
    """A call to the customer that is due."""
    out_of_hours: bool = False
    """Whether it came outside the hours that its contract covers (R084)."""
    out_of_scope: str = ""
    """Where the customer was sent, as it is not this desk's to do (R059)."""

    @property
    def is_escalated(self) -> bool:
        """Whether an escalation still presses."""
        return any(step.is_open for step in self.escalations)

    @property
    def is_major(self) -> bool:
        """Whether it is a major incident now."""
        return self.major is not None and self.major.state == "declared"

    @property
    def owes_report(self) -> bool:
        """Whether a major incident that is over still lacks its incident report (R143)."""
        over = not self.is_major or self.status is Status.RESOLVED or not self.status.is_open
        return self.major is not None and self.major.report_due and over

    @property
    def customers_affected(self) -> int:
        """How many customers it hits, as far as they have called: companies, and people who named none."""
        callers = [(self.company, self.contact, self.phone), *((c.company, c.contact, c.phone) for c in self.joined)]
        named = {next((part for part in caller if part.strip()), "").strip().casefold() for caller in callers}
        return len(named - {""})

    @property
    def is_passed_around(self) -> bool:
        """Whether it was handed on so often that a supervisor has to look at it (T4)."""
        return self.hops >= PING_PONG

    @property
    def waits_for_customer(self) -> bool:
        """Whether it waits for the customer: a desk's keys for such reasons begin with "customer" (R118)."""
        return self.status is Status.PENDING and self.pending_reason.startswith("customer")
