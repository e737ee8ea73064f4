"""What happens on the way up: escalations and what is said to them, major incidents, vendors' answers (T16-T19)."""

from __future__ import annotations

from typing import ClassVar, Literal

from deskterm.desk.record import Happening
from deskterm.desk.records.escalation import Escalation, EscalationAnswer, Major, VendorAnswer

Touches = frozenset[str]


class Escalated(Happening):
    """It went a step up (T17, T18). `escalation.by` and `.at` are the event's own."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["Escalated"] = "Escalated"
    escalation: Escalation


class EscalationAnswered(Happening):
    """Somebody took note of an escalation, assessed it, agreed a plan, or found that it no longer presses (R103)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["EscalationAnswered"] = "EscalationAnswered"
    number: int
    answer: EscalationAnswer


class MajorProposed(Happening):
    """Somebody thinks that this is a major incident (T19)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["MajorProposed"] = "MajorProposed"
    major: Major


class MajorDeclared(Happening):
    """It is a major incident: levels are skipped and updates are due more often (T19, R105)."""

    touches: ClassVar[Touches] = frozenset({"major"})
    kind: Literal["MajorDeclared"] = "MajorDeclared"
    major: Major


class MajorEnded(Happening):
    """It is no longer a major incident."""

    touches: ClassVar[Touches] = frozenset({"major"})
    kind: Literal["MajorEnded"] = "MajorEnded"
    text: str = ""


class ReportDelivered(Happening):
    """The incident report that a major incident called for was delivered (R143)."""

    touches: ClassVar[Touches] = frozenset({"report"})
    kind: Literal["ReportDelivered"] = "ReportDelivered"
    text: str


class VendorTaskAnswered(Happening):
    """A vendor took note of its task, gave a time, did its part or gave it back (T16)."""

    touches: ClassVar[Touches] = frozenset()
    kind: Literal["VendorTaskAnswered"] = "VendorTaskAnswered"
    task: int
    """Which of the ticket's vendor tasks, from 1."""
    answer: VendorAnswer


EscalationHappening = (
    Escalated | EscalationAnswered | MajorProposed | MajorDeclared | MajorEnded | ReportDelivered | VendorTaskAnswered
)
