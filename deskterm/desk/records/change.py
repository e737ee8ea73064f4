"""The change: a record made of its events, with the form that the customer agrees to (R146-R155)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from deskterm.desk.record import Instant, Kept
from deskterm.desk.records.file import Attachment
from deskterm.desk.records.ticket import ChannelKind

ChangeKind = Literal["normal", "standard", "emergency"]
Outcome = Literal["successful", "successful with issues", "rolled back"]


class ChangeState(StrEnum):
    """Where a change stands (REQUIREMENTS.md §4)."""

    DRAFT = "Draft"
    SUBMITTED = "Submitted"
    ASSESSING = "Assessing"
    AWAITING = "Awaiting customer approval"
    APPROVED = "Approved"
    VERBALLY_APPROVED = "Verbally approved"
    SCHEDULED = "Scheduled"
    IMPLEMENTING = "Implementing"
    TESTING = "Testing"
    OVERRUN = "Overrun"
    ROLLING_BACK = "Rolling back"
    ROLLED_BACK = "Rolled back"
    RESCHEDULED = "Rescheduled"
    IMPLEMENTED = "Implemented"
    FORM_OUTSTANDING = "Implemented – form outstanding"
    IN_REVIEW = "In review"
    CLOSED = "Closed"
    REJECTED = "Rejected"
    CANCELLED = "Cancelled"

    @property
    def is_open(self) -> bool:
        """Whether anything is left to do."""
        return self not in ENDED

    @property
    def is_work(self) -> bool:
        """Whether somebody is working on the customer's system within a window: the time that the window bounds."""
        return self in WORK


ENDED: Final = frozenset({ChangeState.CLOSED, ChangeState.REJECTED, ChangeState.CANCELLED})
WORK: Final = frozenset({ChangeState.IMPLEMENTING, ChangeState.TESTING})
AHEAD: Final = (
    ChangeState.DRAFT,
    ChangeState.SUBMITTED,
    ChangeState.ASSESSING,
    ChangeState.AWAITING,
    ChangeState.APPROVED,
    ChangeState.VERBALLY_APPROVED,
    ChangeState.SCHEDULED,
    ChangeState.RESCHEDULED,
)
"""The states before Implementing."""


class Section(StrEnum):
    """A section of the form that has rows; the introduction is the first section and has none."""

    MOTIVATION = "motivation"
    OUTAGES = "outages"
    PREREQUISITES = "prerequisites"
    IMPLEMENTATION = "implementation"
    TESTING = "testing"
    ROLLBACK = "rollback"

    @property
    def number(self) -> int:
        """Its number on the form, from 2."""
        return list(Section).index(self) + 2

    @property
    def heading(self) -> str:
        """What it is called on the form."""
        return _HEADINGS[self]


_HEADINGS: Final = {
    Section.MOTIVATION: "Motivation and description",
    Section.OUTAGES: "Expected outages",
    Section.PREREQUISITES: "Prerequisites",
    Section.IMPLEMENTATION: "Implementation plan",
    Section.TESTING: "Post-implementation tests",
    Section.ROLLBACK: "Roll-back plan",
}
DONE_IN: Final = (Section.PREREQUISITES, Section.IMPLEMENTATION, Section.TESTING, Section.ROLLBACK)
"""Sections whose rows are done; the rows of the others only say something."""


class RowFacts(Kept):
    """What one types into a row. `starts` and `ends` are for outages: from when to when (R151)."""

    text: str = ""
    owner: str = ""
    """Who does it: an engineer, a group, a vendor or the customer."""
    starts: Instant | None = None
    ends: Instant | None = None


class Row(RowFacts):
    """A row of a section. Done rows carry their time; tests also whether they passed."""

    id: UUID
    section: Section
    done_at: Instant | None = None
    done_by: str = ""
    passed: bool | None = None
    """Of a test: whether it passed; None before it was made."""
    remark: str = ""
    """Of a test: what was seen."""
    late: bool = False
    """Added while the work was under way, so after the customer had agreed."""


class Header(Kept):
    """What one types above the sections (R150, R155), and section 1, the introduction.

    `company` and `contact` are the words as typed or picked; the ids are set when they name known records. The window
    runs from `starts` to `ends`, instants; the zones are those in which each side reads it (R152).
    """

    title: str = ""
    company: str = ""
    company_id: UUID | None = None
    ticket: UUID | None = None
    ticket_ref: str = ""
    systems: tuple[str, ...] = ()
    """The configuration items it touches."""
    issued: date | None = None
    engineer: str = ""
    engineer_phone: str = ""
    engineer_email: str = ""
    contact: str = ""
    contact_id: UUID | None = None
    contact_phone: str = ""
    contact_email: str = ""
    starts: Instant | None = None
    ends: Instant | None = None
    customer_zone: str = ""
    engineer_zone: str = ""
    introduction: str = ""


class Approval(Kept):
    """The customer's agreement: who, how, and where it can be read again (C3). `content` is what was agreed to."""

    by: str
    by_id: UUID | None = None
    channel: ChannelKind
    evidence: str
    file: Attachment | None = None
    """The message itself, where it was attached."""
    at: Instant
    recorded_by: str
    words: str = ""
    content: str = ""
    model: str = ""
    """Key of the model, where it was agreed beforehand."""


class SpokenApproval(Kept):
    """The customer's spoken agreement in an emergency: who, when, what was said and to whom (C10, R148)."""

    by: str
    at: Instant
    said: str
    to: str
    phone: str = ""


class FormSent(Kept):
    """The form went out to the customer (C2, R147)."""

    to: str
    channel: ChannelKind
    at: Instant
    by: str


class Extension(Kept):
    """The customer's written return message that lets work go on (C8, R154)."""

    by: str
    received: Instant
    evidence: str
    file: Attachment | None = None
    words: str
    new_end: Instant
    recorded_by: str
    recorded: Instant


class Window(Kept):
    """A window that is past: the change was rolled back in it and got another."""

    starts: Instant
    ends: Instant


class Change(Header):
    """A change as its events made it. `version` counts them."""

    id: UUID
    number: int
    ref: str
    kind: ChangeKind
    model: str = ""
    state: ChangeState
    requester: str
    rows: tuple[Row, ...] = ()
    clashes: tuple[str, ...] = ()
    """What was shown when it was assessed: references of clashing changes and names of freezes (C2)."""
    sent: FormSent | None = None
    approval: Approval | None = None
    spoken: SpokenApproval | None = None
    rejection: Approval | None = None
    implementing_at: Instant | None = None
    implemented_at: Instant | None = None
    warned: tuple[int, ...] = ()
    """Minutes before the end of this window at which those concerned were warned."""
    overran_at: Instant | None = None
    extensions: tuple[Extension, ...] = ()
    roll_back_reason: str = ""
    rolled_back_at: Instant | None = None
    """When the last attempt had been undone; None once another one begins."""
    earlier_windows: tuple[Window, ...] = ()
    form_overdue: bool = False
    form_complete: bool = False
    """Of a change by word of mouth: whether its form was completed afterwards."""
    outcome: Outcome | None = None
    review: str = ""
    cancelled_because: str = ""
    opened_at: Instant
    updated_at: Instant
    updated_by: str
    version: int

    def rows_of(self, section: Section) -> tuple[Row, ...]:
        """The rows of a section, in their order."""
        return tuple(row for row in self.rows if row.section is section)

    def row(self, id_: UUID) -> Row | None:
        """Find a row."""
        return next((row for row in self.rows if row.id == id_), None)

    @property
    def content(self) -> str:
        """A fingerprint of what a customer agrees to: what is done to which systems, whenever it is done."""
        return content_of(self, self.rows)

    @property
    def agreed(self) -> bool:
        """Whether the customer agreed to it as it stands: in writing, beforehand by a model, or by word (R146)."""
        return self.spoken is not None if self.approval is None else self.approval.content == self.content

    @property
    def owes_form(self) -> bool:
        """Whether it stands on the spoken word alone, so that its form is still outstanding (R149)."""
        return self.spoken is not None and self.approval is None and not self.form_complete


def evidence_of(answer: Approval | Extension) -> str:
    """Where the customer's word can be read again, and what of it is attached."""
    attached = f"attached {answer.file.words}" if answer.file else ""
    said = answer.evidence if not answer.file or answer.evidence != answer.file.name else ""
    return "; ".join(filter(None, (said, attached)))


def content_of(header: Header, rows: Iterable[Row]) -> str:
    """Fingerprint a form. Times are left out: a new window is not a new change (C9)."""
    said = [header.title, header.company, sorted(header.systems), header.introduction]
    told = [[row.section.value, row.text, row.owner] for section in Section for row in rows if row.section is section]
    return hashlib.sha256(json.dumps([said, told], ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def window_over(change: Change, now: datetime) -> bool:
    """Whether the window has passed; at its end exactly, it has."""
    return change.ends is not None and now >= change.ends
