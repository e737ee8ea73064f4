"""What may be asked of a change: its form filled in row by row, its way through the states, its window (C1-C13)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from deskterm.desk.record import Command, Instant, new_id
from deskterm.desk.records.change import ChangeKind, Header, Outcome, Section
from deskterm.desk.records.file import Attachment
from deskterm.desk.records.ticket import ChannelKind


class ChangeCommand(Command):
    """A command about a change, named by its record id."""

    change: UUID


class RaiseChange(Command):
    """Begin a change as a draft (T26). With a ticket its header is filled from it, with a model its sections too.

    What `facts` says is kept; only what it leaves empty is filled in.
    """

    kind: Literal["RaiseChange"] = "RaiseChange"
    change: UUID = Field(default_factory=new_id)
    ticket: UUID | None = None
    change_kind: ChangeKind = "normal"
    model: str = ""
    facts: Header = Header()


class AmendChange(ChangeCommand):
    """Correct or fill in the header (C1). `changes` maps names of `Header` to new values."""

    kind: Literal["AmendChange"] = "AmendChange"
    changes: dict[str, JsonValue]


class AddRow(ChangeCommand):
    """Add a row to a section, at its end or after another row (C1). Without an owner it is the engineer's."""

    kind: Literal["AddRow"] = "AddRow"
    row: UUID = Field(default_factory=new_id)
    section: Section
    text: str
    owner: str = ""
    starts: Instant | None = None
    ends: Instant | None = None
    after: UUID | None = None


class EditRow(ChangeCommand):
    """Change a row (C1). `changes` maps names of `RowFacts` to new values."""

    kind: Literal["EditRow"] = "EditRow"
    row: UUID
    changes: dict[str, JsonValue]


class MoveRow(ChangeCommand):
    """Move a row within its section: after another one, or to the beginning (C1)."""

    kind: Literal["MoveRow"] = "MoveRow"
    row: UUID
    after: UUID | None = None


class SplitRow(ChangeCommand):
    """Make two rows of one: what stands from character `at` on becomes a row of its own below (C1)."""

    kind: Literal["SplitRow"] = "SplitRow"
    row: UUID
    at: int
    new_row: UUID = Field(default_factory=new_id)


class RemoveRow(ChangeCommand):
    """Take a row out (C1)."""

    kind: Literal["RemoveRow"] = "RemoveRow"
    row: UUID


class TickRow(ChangeCommand):
    """Say that a prerequisite, a step or a roll-back step is done, or after all is not (C4, C5, C6).

    `at` may name an earlier moment only where a form is completed after the event.
    """

    kind: Literal["TickRow"] = "TickRow"
    row: UUID
    done: bool = True
    at: Instant | None = None


class RecordTest(ChangeCommand):
    """Say whether a test passed (C5); None takes the result back."""

    kind: Literal["RecordTest"] = "RecordTest"
    row: UUID
    passed: bool | None
    remark: str = ""
    at: Instant | None = None


class SubmitChange(ChangeCommand):
    """Give the form in (C1). A standard change is approved with that, by its model."""

    kind: Literal["SubmitChange"] = "SubmitChange"


class AssessChange(ChangeCommand):
    """Begin to assess it; what clashes with its window is put on record (C2)."""

    kind: Literal["AssessChange"] = "AssessChange"


class SendForm(ChangeCommand):
    """Send the form to the customer, for the first time (C2) or because its content changed (C9)."""

    kind: Literal["SendForm"] = "SendForm"
    to: str = ""
    """Who gets it; empty means the customer's contact on the form."""
    channel: ChannelKind = "email"


class RecordApproval(ChangeCommand):
    """Record the customer's agreement: contact, channel and evidence (C3)."""

    kind: Literal["RecordApproval"] = "RecordApproval"
    by: str
    by_id: UUID | None = None
    channel: ChannelKind | None = None
    evidence: str = ""
    """Where it can be read again: a message, a file, a letter."""
    file: Attachment | None = None
    """The message itself, kept before (`KeepFile`)."""
    at: Instant | None = None
    words: str = ""


class RecordRejection(ChangeCommand):
    """Record that the customer does not agree: contact, channel and evidence (C3)."""

    kind: Literal["RecordRejection"] = "RecordRejection"
    by: str
    by_id: UUID | None = None
    channel: ChannelKind | None = None
    evidence: str = ""
    file: Attachment | None = None
    at: Instant | None = None
    words: str = ""


class RecordSpokenApproval(ChangeCommand):
    """Record the customer's spoken agreement in an emergency (C10). Its author is who it was said to.

    `starts` and `ends` set the window that was agreed on the phone; left out, that of the form stands.
    """

    kind: Literal["RecordSpokenApproval"] = "RecordSpokenApproval"
    by: str
    at: Instant | None = None
    said: str
    phone: str = ""
    starts: Instant | None = None
    ends: Instant | None = None


class ScheduleChange(ChangeCommand):
    """Put it into its window (C4; C9 after a roll-back)."""

    kind: Literal["ScheduleChange"] = "ScheduleChange"


class StartChange(ChangeCommand):
    """Begin the work (C4)."""

    kind: Literal["StartChange"] = "StartChange"


class BeginTests(ChangeCommand):
    """Begin the tests (C5)."""

    kind: Literal["BeginTests"] = "BeginTests"


class FinishChange(ChangeCommand):
    """Say that the change is made (C5)."""

    kind: Literal["FinishChange"] = "FinishChange"


class RollBack(ChangeCommand):
    """Begin to roll back (C6, C9)."""

    kind: Literal["RollBack"] = "RollBack"
    reason: str = ""


class FinishRollBack(ChangeCommand):
    """Say that all is as it was before (C9)."""

    kind: Literal["FinishRollBack"] = "FinishRollBack"


class RecordExtension(ChangeCommand):
    """Record the customer's return message, which lets work go on until a new end (C8)."""

    kind: Literal["RecordExtension"] = "RecordExtension"
    by: str
    received: Instant | None = None
    channel: ChannelKind = "email"
    evidence: str = ""
    file: Attachment | None = None
    words: str = ""
    new_end: Instant


class RescheduleChange(ChangeCommand):
    """Give it another window after a roll-back (C9)."""

    kind: Literal["RescheduleChange"] = "RescheduleChange"
    starts: Instant
    ends: Instant


class ReviewChange(ChangeCommand):
    """Take it to review: made (C12), its form completed (C11), or rolled back for good (C12)."""

    kind: Literal["ReviewChange"] = "ReviewChange"


class CloseChange(ChangeCommand):
    """Close it with an outcome and a word on what was learnt (C12)."""

    kind: Literal["CloseChange"] = "CloseChange"
    outcome: Outcome
    note: str


class CancelChange(ChangeCommand):
    """Call it off (C13)."""

    kind: Literal["CancelChange"] = "CancelChange"
    reason: str


class NoteOnChange(ChangeCommand):
    """Write a note, internal by default (T7)."""

    kind: Literal["NoteOnChange"] = "NoteOnChange"
    text: str
    visibility: Literal["internal", "customer"] = "internal"


class RecordCallOnChange(ChangeCommand):
    """Record that the customer and the desk spoke about the change (T7)."""

    kind: Literal["RecordCallOnChange"] = "RecordCallOnChange"
    direction: Literal["in", "out"] = "in"
    channel: ChannelKind = "phone"
    who: str = ""
    text: str = ""


class ChangeFallsDue(ChangeCommand):
    """The desk itself finds that a moment of a change has come (C7, C11). Its id follows from what and when.

    `what` is the name of the moment (see `deskterm.desk.changes.window`), `due` when it fell due.
    """

    kind: Literal["ChangeFallsDue"] = "ChangeFallsDue"
    what: str
    due: Instant


RowCommand = AddRow | EditRow | MoveRow | SplitRow | RemoveRow | TickRow | RecordTest
AnyChangeCommand = (
    RaiseChange
    | AmendChange
    | RowCommand
    | SubmitChange
    | AssessChange
    | SendForm
    | RecordApproval
    | RecordRejection
    | RecordSpokenApproval
    | ScheduleChange
    | StartChange
    | BeginTests
    | FinishChange
    | RollBack
    | FinishRollBack
    | RecordExtension
    | RescheduleChange
    | ReviewChange
    | CloseChange
    | CancelChange
    | NoteOnChange
    | RecordCallOnChange
    | ChangeFallsDue
)
