"""What can happen to a change: small past-tense facts, each naming the facts it touches, down to the single row."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import JsonValue

from deskterm.desk.record import Happening, Instant
from deskterm.desk.records.change import (
    Approval,
    ChangeKind,
    Extension,
    FormSent,
    Header,
    Outcome,
    Row,
    SpokenApproval,
)
from deskterm.desk.records.ticket import ChannelKind

Touches = frozenset[str]
STATE: Touches = frozenset({"state"})
WINDOW: Touches = frozenset({"starts", "ends"})


class ChangeRaised(Happening):
    """A change was drafted (T26)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["ChangeRaised"] = "ChangeRaised"
    number: int
    ref: str
    change_kind: ChangeKind
    model: str = ""
    header: Header
    rows: tuple[Row, ...] = ()


class ChangeAmended(Happening):
    """The header was corrected or filled in; `changes` holds only what differs (C1)."""

    kind: Literal["ChangeAmended"] = "ChangeAmended"
    changes: dict[str, JsonValue]

    @property
    def touches(self) -> Touches:
        """The facts of the header that changed."""
        return frozenset(self.changes)


class RowAdded(Happening):
    """A row was added: at the end of its section, or after another row (C1)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["RowAdded"] = "RowAdded"
    row: Row
    after: UUID | None = None


class RowHappening(Happening):
    """Something happened to a row. `text` is what it said then, so that the thread needs no second look."""

    row: UUID
    text: str = ""

    @property
    def touches(self) -> Touches:
        """The row."""
        return frozenset({f"row.{self.row}"})


class RowEdited(RowHappening):
    """A row was changed; `changes` holds only what differs (C1)."""

    kind: Literal["RowEdited"] = "RowEdited"
    changes: dict[str, JsonValue]


class RowMoved(RowHappening):
    """A row was put after another one of its section, or first (C1)."""

    kind: Literal["RowMoved"] = "RowMoved"
    after: UUID | None = None

    @property
    def touches(self) -> Touches:
        """The place of the row, not what it says."""
        return frozenset({f"row.{self.row}.place"})


class RowSplit(RowHappening):
    """A row became two: `text` is what it kept, `new` the row below (C1)."""

    kind: Literal["RowSplit"] = "RowSplit"
    new: Row


class RowRemoved(RowHappening):
    """A row was taken out (C1)."""

    kind: Literal["RowRemoved"] = "RowRemoved"


class RowTicked(RowHappening):
    """A row was done at a moment, or after all not; None says not (C4, C5, C6)."""

    kind: Literal["RowTicked"] = "RowTicked"
    done_at: Instant | None

    @property
    def touches(self) -> Touches:
        """Whether the row is done, not what it says."""
        return frozenset({f"row.{self.row}.done"})


class ResultRecorded(RowHappening):
    """A test passed or failed at a moment; None takes the result back (C5)."""

    kind: Literal["ResultRecorded"] = "ResultRecorded"
    passed: bool | None
    remark: str = ""
    done_at: Instant | None

    @property
    def touches(self) -> Touches:
        """The result of the test, not what it says."""
        return frozenset({f"row.{self.row}.done"})


class ChangeSubmitted(Happening):
    """The form was given in (C1)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeSubmitted"] = "ChangeSubmitted"


class ChangeAssessed(Happening):
    """Its assessment began; `clashes` is what was shown as clashing with its window (C2)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeAssessed"] = "ChangeAssessed"
    clashes: tuple[str, ...] = ()


class ChangeSent(Happening):
    """The form went to the customer (C2; C9 where its content changed after a roll-back)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeSent"] = "ChangeSent"
    rule: Literal["C2", "C9"] = "C2"
    sent: FormSent


class ChangeApproved(Happening):
    """The customer agreed (C3), or had agreed beforehand by a model."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeApproved"] = "ChangeApproved"
    approval: Approval


class ChangeRejected(Happening):
    """The customer did not agree (C3)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeRejected"] = "ChangeRejected"
    answer: Approval


class ChangeSpokenFor(Happening):
    """The customer agreed by word of mouth, in an emergency (C10)."""

    touches: ClassVar[Touches] = STATE | WINDOW
    kind: Literal["ChangeSpokenFor"] = "ChangeSpokenFor"
    approval: SpokenApproval
    starts: Instant
    ends: Instant


class ChangeScheduled(Happening):
    """It was put into its window (C4, C9)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeScheduled"] = "ChangeScheduled"
    rule: Literal["C4", "C9"] = "C4"


class ChangeStarted(Happening):
    """The work began (C4)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeStarted"] = "ChangeStarted"


class ChangePutToTest(Happening):
    """The tests began (C5)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangePutToTest"] = "ChangePutToTest"


class ChangeImplemented(Happening):
    """The change was made (C5); `form_outstanding` where only the spoken word stands behind it (R149)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeImplemented"] = "ChangeImplemented"
    form_outstanding: bool = False


class WindowWarned(Happening):
    """So many minutes were left of the window (C7)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["WindowWarned"] = "WindowWarned"
    minutes: int
    due: Instant


class WindowOverran(Happening):
    """The window ended with work open (C7). `due` is when; the event's time is when noticed."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["WindowOverran"] = "WindowOverran"
    due: Instant


class WindowExtended(Happening):
    """The customer's return message lets work go on until a new end (C8)."""

    touches: ClassVar[Touches] = STATE | WINDOW
    kind: Literal["WindowExtended"] = "WindowExtended"
    extension: Extension


class RollBackBegun(Happening):
    """Rolling back began (C6 after a failure, C9 after an overrun)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["RollBackBegun"] = "RollBackBegun"
    rule: Literal["C6", "C9"]
    reason: str = ""


class RolledBack(Happening):
    """All is as it was before (C9)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["RolledBack"] = "RolledBack"


class ChangeRescheduled(Happening):
    """It got another window; what was done in the last one is to be done again (C9)."""

    touches: ClassVar[Touches] = STATE | WINDOW
    kind: Literal["ChangeRescheduled"] = "ChangeRescheduled"
    starts: Instant
    ends: Instant


class ChangeUnderReview(Happening):
    """It went to review; with `form_completed` its form was completed after the event (C11, C12)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeUnderReview"] = "ChangeUnderReview"
    rule: Literal["C11", "C12"] = "C12"
    form_completed: bool = False


class FormFellDue(Happening):
    """The form of an emergency change was still outstanding when it should have been complete (C11, R149)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["FormFellDue"] = "FormFellDue"
    due: Instant


class ChangeClosed(Happening):
    """It was closed with an outcome (C12)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeClosed"] = "ChangeClosed"
    outcome: Outcome
    note: str


class ChangeCancelled(Happening):
    """It was called off (C13)."""

    touches: ClassVar[Touches] = STATE
    kind: Literal["ChangeCancelled"] = "ChangeCancelled"
    reason: str


class ChangeNoted(Happening):
    """A note was written; internal unless it says otherwise."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["ChangeNoted"] = "ChangeNoted"
    text: str
    visibility: Literal["internal", "customer"] = "internal"


class ChangeCallRecorded(Happening):
    """The customer and the desk spoke about it."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["ChangeCallRecorded"] = "ChangeCallRecorded"
    direction: Literal["in", "out"]
    channel: ChannelKind
    who: str = ""
    text: str = ""


ChangeHappening = (
    ChangeRaised
    | ChangeAmended
    | RowAdded
    | RowEdited
    | RowMoved
    | RowSplit
    | RowRemoved
    | RowTicked
    | ResultRecorded
    | ChangeSubmitted
    | ChangeAssessed
    | ChangeSent
    | ChangeApproved
    | ChangeRejected
    | ChangeSpokenFor
    | ChangeScheduled
    | ChangeStarted
    | ChangePutToTest
    | ChangeImplemented
    | WindowWarned
    | WindowOverran
    | WindowExtended
    | RollBackBegun
    | RolledBack
    | ChangeRescheduled
    | ChangeUnderReview
    | FormFellDue
    | ChangeClosed
    | ChangeCancelled
    | ChangeNoted
    | ChangeCallRecorded
)
