"""A desk, described by one file: the model of its parts. Reading and checking the file is `deskcheck`.

Every list keeps the file's order: scales run from most to least severe, intake fields in the order they are asked.
Rows: R003, R008, R044-R047, R069, R075, R077.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from deskterm.desk.record import Frozen

Level = Literal[0, 1, 2, 3, "supervisor", "vendor", "system", "guest"]
"""Support level of an operator or a group. Supervisors, vendors, the desk itself and somebody who has not said
who they are stand beside the ladder."""


class Identity(Frozen):
    """Who the desk is, and the habits that belong to it as a whole."""

    name: str
    zone: str = "UTC"
    country: str = "GB"
    """ISO 3166 code; telephone numbers typed without a country code are read as this country's."""
    language: str = "en"
    reopen_days: int = Field(default=14, ge=0)
    """Calendar days after closing within which a ticket reopens; later a linked successor is made (R128)."""
    classification: str = ""
    portal: str = ""
    remote_products: tuple[str, ...] = ()
    remind_portal: bool = False


class ReferenceStyle(Frozen):
    """How ticket references look: prefix, and the first number handed out."""

    prefix: str = Field(default="", pattern=r"^[A-Z]{0,4}$")
    first: int = Field(default=10000, ge=1000)


class Step(Frozen):
    """One value of a named scale, with the definition shown beside the choice (R047)."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    short: str = ""
    """A letter or two for narrow columns; never colour alone (R052)."""
    definition: str = ""


class Scales(Frozen):
    """The desk's named scales, each from most to least severe (R045, R046)."""

    impact: tuple[Step, ...] = Field(min_length=1)
    urgency: tuple[Step, ...] = Field(min_length=1)
    priority: tuple[Step, ...] = Field(min_length=1)


class Group(Frozen):
    """A team with a queue: an internal line, or an outside provider (`level = "vendor"`) (R075)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = ""
    level: Level
    centre: str | None = None
    restricted: bool = False
    good_for: tuple[str, ...] = ()
    """Words that, found in a call, make this group the better guess to hand it to."""
    minimum_intervention: str | None = None


class Operator(Frozen):
    """Somebody who acts at the desk. `login` is the name of their account on the machine."""

    name: str
    level: Level
    groups: tuple[str, ...] = ()
    login: str = ""
    skills: tuple[str, ...] = ()
    automated: bool = False
    """An identity that is a program, such as an automated level 0 (R062)."""


SYSTEM = Operator(name="deskterm", level="system", automated=True)
"""The desk itself, which receives what no person types in (T2)."""


class Channel(Frozen):
    """A way in: its kind, and the numbers, addresses or links that lead here (R003)."""

    kind: Literal["phone", "missed_call", "email", "portal", "sms", "monitoring", "in_person", "api"]
    name: str = ""
    addresses: tuple[str, ...] = ()
    region: str | None = None
    calendar: str | None = None
    recommended: bool = False


class IntakeField(Frozen):
    """One thing to ask for while logging, and how badly it is wanted (R008-R016)."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = ""
    need: Literal["asked", "required", "hidden"] = "asked"
    channels: tuple[str, ...] = ()
    """Only on these channels; empty means on every one."""
    fault: Literal["hardware", "software", ""] = ""
    """Only for faults of this kind; empty means for any."""
    kind: Literal["text", "choice", "yes_no", "time", "ip"] = "text"
    choices: tuple[str, ...] = ()
    hint: str = ""


class KnownSolution(Frozen):
    """A defined solution level 1 may resolve with (R066, R132)."""

    id: str = Field(pattern=r"^[A-Z]{1,4}[0-9]+$")
    title: str
    category: str = ""
    words: tuple[str, ...] = ()
    steps: str
    resolution: str


class PendingReason(Frozen):
    """Why a ticket may wait, and what that does to its clocks (R093)."""

    key: str
    name: str
    pauses: bool = False


class DeskFile(Frozen):
    """A whole desk. Parts that later give calendars, targets and ladders life are kept as they were written."""

    desk: Identity
    reference: ReferenceStyle = ReferenceStyle()
    scales: Scales
    matrix: dict[str, tuple[str, ...]]
    """Impact key -> priority keys, one for each urgency in the scale's order (R044)."""
    ticket_types: tuple[str, ...] = ("incident", "service_request", "query", "complaint", "alert")
    group: tuple[Group, ...] = ()
    operator: tuple[Operator, ...] = ()
    channel: tuple[Channel, ...] = ()
    intake: tuple[IntakeField, ...] = ()
    pending: tuple[PendingReason, ...] = ()
    solution: tuple[KnownSolution, ...] = ()
    calendar: tuple[dict[str, Any], ...] = ()
    centre: tuple[dict[str, Any], ...] = ()
    target: tuple[dict[str, Any], ...] = ()
    ladder: tuple[dict[str, Any], ...] = ()
    contract_level: tuple[dict[str, Any], ...] = ()
    question_bank: tuple[dict[str, Any], ...] = ()

    def group_named(self, name: str) -> Group | None:
        """Find a group by its name."""
        return next((g for g in self.group if g.name == name), None)

    def operator_named(self, name: str) -> Operator | None:
        """Find an operator by name or login, whatever the case."""
        wanted = name.casefold()
        return next((o for o in self.operator if wanted in (o.name.casefold(), o.login.casefold())), None)
