"""What happens to a ticket's clocks: times given, waits agreed, targets missed (T8, T11, T18)."""

from __future__ import annotations

from typing import ClassVar, Literal

from deskterm.desk.record import Happening, Instant
from deskterm.desk.records.ticket import ChannelKind, Phase
from deskterm.desk.records.timekeeping import ClockName

Touches = frozenset[str]


class RestoreTimeGiven(Happening):
    """The customer was told by when the service runs again (T8, R055)."""

    touches: ClassVar[Touches] = frozenset({"restore"})
    kind: Literal["RestoreTimeGiven"] = "RestoreTimeGiven"
    restore_at: Instant
    channel: ChannelKind = "phone"
    who: str = ""
    text: str = ""


class PhaseBegun(Happening):
    """Diagnosis or intervention began; an intervention says whose repair it is (R054-R056)."""

    touches: ClassVar[Touches] = frozenset({"phase"})
    kind: Literal["PhaseBegun"] = "PhaseBegun"
    phase: Phase
    repair: Literal["own", "supplier", "both", ""] = ""


class Deferred(Happening):
    """Both sides agreed that it waits for the next working day (T11, R086)."""

    touches: ClassVar[Touches] = frozenset({"status", "group", "owner"})
    kind: Literal["Deferred"] = "Deferred"
    reason: str
    """Key of the desk's pending reason for it."""
    resume_at: Instant
    customer_agreed: str
    """Who agreed for the customer, and in which words."""
    desk_agreed: str


class OutOfScope(Happening):
    """It is not this desk's to do; the customer was told where to go (R059)."""

    touches: ClassVar[Touches] = frozenset({"out_of_scope"})
    kind: Literal["OutOfScope"] = "OutOfScope"
    sent_to: str
    reason: str = ""


class ClockMissed(Happening):
    """A clock ran out before what it was set for was done (R089). `due` is when; the event's time is when noticed."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["ClockMissed"] = "ClockMissed"
    clock: ClockName
    due: Instant
    target: str = ""
    detail: str = ""


ClockHappening = RestoreTimeGiven | PhaseBegun | Deferred | OutOfScope | ClockMissed
