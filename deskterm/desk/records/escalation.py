"""Escalations, major incidents and vendors' answers, as a ticket keeps them (R096-R110, X1).

An escalation is appended and never edited: what is said to it later (taken note of, assessed, planned, calmed down)
is appended too.
"""

from __future__ import annotations

from typing import Literal

from deskterm.desk.record import Instant, Kept

EscalationKind = Literal["functional", "hierarchical", "vendor"]
Trigger = Literal["age-timer", "rule-at-stage", "missed-target", "customer", "operator", "monitoring", "major"]
EscalationState = Literal["raised", "acknowledged", "plan-agreed", "worked", "de-escalated"]
VendorState = Literal["open", "acknowledged", "eta", "resolved", "returned"]


class EscalationAnswer(Kept):
    """Something said to an escalation: by whom, in which role, when (R103)."""

    state: EscalationState | Literal["assessed"]
    by: str
    at: Instant
    text: str = ""


class Escalation(Kept):
    """One step up (R096): which kind, what set it off, from where to where, why, by whom, when."""

    number: int
    """Counts a ticket's escalations from 1."""
    kind: EscalationKind
    trigger: Trigger
    ladder: str = ""
    """Name of the ladder in the desk file, where it went by one."""
    stage: int = 0
    """Which rung it reached, from 1; 0 where there is no ladder."""
    from_: str = ""
    """The group or the role it was with."""
    to: str
    """The role, person or group that has it now."""
    group: str = ""
    """The group that was given the work by it, where one was."""
    reason: str
    by: str
    at: Instant
    due: Instant | None = None
    """When it fell due, where a clock set it off; `at` is when that was noticed."""
    evidence: str = ""
    """The clock that was missed, in words (R100)."""
    assess: tuple[str, ...] = ()
    """Roles that are asked to assess it (R103)."""
    answers: tuple[EscalationAnswer, ...] = ()
    plan: str = ""

    @property
    def state(self) -> EscalationState:
        """Where it stands."""
        steps = [answer.state for answer in self.answers if answer.state != "assessed"]
        return steps[-1] if steps else "raised"

    @property
    def is_open(self) -> bool:
        """Whether it still presses."""
        return self.state != "de-escalated"


class Major(Kept):
    """A major incident: the fast track (R105, R143)."""

    state: Literal["proposed", "declared", "ended"]
    reason: str
    by: str
    at: Instant
    ended: Instant | None = None
    report_due: bool = False
    """Whether an incident report is owed."""


class VendorAnswer(Kept):
    """What a vendor said to its task, written down by itself or by one of us on its behalf (T16)."""

    state: VendorState
    by: str
    at: Instant
    on_behalf: bool = False
    eta: Instant | None = None
    text: str = ""


class Callback(Kept):
    """Somebody waits for a call from us: why, and since when (R058, R081)."""

    reason: Literal["missed-call", "out-of-hours", "priority"]
    since: Instant
