"""What may be asked on the way up: escalate, answer, declare a major incident, record a vendor's word (T16-T19)."""

from __future__ import annotations

from typing import Literal

from deskterm.desk.record import Instant, TicketCommand
from deskterm.desk.records.escalation import EscalationKind, EscalationState


class Escalate(TicketCommand):
    """Move it up by hand: on the customer's demand, or because an operator thinks that it has to (T17, R099-R102).

    Without `to` it goes one rung up the ladder that the desk file has for this kind and trigger.
    """

    kind: Literal["Escalate"] = "Escalate"
    axis: EscalationKind = "hierarchical"
    trigger: Literal["customer", "operator", "monitoring"] = "customer"
    ladder: str = ""
    to: str = ""
    reason: str


class AnswerEscalation(TicketCommand):
    """Take note of an escalation, assess it, agree a plan, begin on it, or calm it down (R103)."""

    kind: Literal["AnswerEscalation"] = "AnswerEscalation"
    number: int | None = None
    """Which escalation, from 1; None means the last one."""
    state: EscalationState | Literal["assessed"]
    text: str = ""


class DeclareMajor(TicketCommand):
    """Declare a major incident, or propose it where one may not declare (T19)."""

    kind: Literal["DeclareMajor"] = "DeclareMajor"
    reason: str


class EndMajor(TicketCommand):
    """Say that it is no longer a major incident."""

    kind: Literal["EndMajor"] = "EndMajor"
    text: str = ""


class DeliverReport(TicketCommand):
    """Record that the incident report of a major incident was delivered: where it is, or what it says (R143)."""

    kind: Literal["DeliverReport"] = "DeliverReport"
    text: str


class AnswerVendorTask(TicketCommand):
    """Record what a vendor said to its task; one of ours does so on the vendor's behalf (T16)."""

    kind: Literal["AnswerVendorTask"] = "AnswerVendorTask"
    task: int | None = None
    """Which vendor task, from 1; None means the last one."""
    state: Literal["acknowledged", "eta", "resolved", "returned"]
    eta: Instant | None = None
    text: str = ""


EscalationCommand = Escalate | AnswerEscalation | DeclareMajor | EndMajor | DeliverReport | AnswerVendorTask
