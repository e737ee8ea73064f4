"""A desk, described by one file: the model of its parts. Reading and checking the file is `deskcheck`.

Every list keeps the file's order: scales run from most to least severe, intake fields in the order they are asked.
Rows: R003, R008, R044-R047, R069, R075, R077.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from deskterm.desk.deskfile.models import ChangeHabits, ChangeModel, Freeze
from deskterm.desk.hours.promises import Calendar, Centre, ContractLevel, Ladder, Target
from deskterm.desk.record import Frozen
from deskterm.desk.records.ticket import ChannelKind, TicketType
from deskterm.desk.spelling import Duration, WeekHours, Zone

Level = Literal[0, 1, 2, 3, "supervisor", "vendor", "system", "guest"]
"""Support level of an operator or a group. Supervisors, vendors, the desk itself and somebody who has not said
who they are stand beside the ladder."""


class Identity(Frozen):
    """Who the desk is, and the habits that belong to it as a whole."""

    name: str = Field(min_length=1)
    zone: Zone = "UTC"
    """The zone in which the desk reads clocks where nothing nearer says another."""
    country: str = Field(default="GB", pattern=r"^[A-Z]{2}$")
    """ISO 3166 code; telephone numbers typed without a country code are read as this country's."""
    language: str = "en"
    """The language the desk speaks with its customers."""
    reopen_days: int = Field(default=14, ge=0)
    """Calendar days after closing within which a ticket reopens; later a linked successor is made (R128)."""
    level_1_target: int | None = Field(default=None, ge=0, le=100)
    """What share of tickets, in percent, level 1 is to resolve itself (R220)."""
    classification: str = ""
    """The mark that exports carry, such as `Confidential` (R222)."""
    portal: str = ""
    """Address of the customers' portal."""
    remote_products: tuple[str, ...] = ()
    """What operators look at a customer's screen with (R158)."""
    remind_portal: bool = False
    """Whether operators are reminded to recommend the portal (R023)."""


class ReferenceStyle(Frozen):
    """How ticket references look: prefix, and the first number handed out."""

    prefix: str = Field(default="", pattern=r"^[A-Z]{0,4}$")
    """Up to four capital letters before the number; callers need not say them."""
    first: int = Field(default=10000, ge=1000, le=9_000_000)
    """The first ticket's number, before its check digit."""


class Step(Frozen):
    """One value of a named scale, with the definition shown beside the choice (R047)."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    """What the matrix and other parts call it."""
    name: str = Field(min_length=1)
    """What people read."""
    short: str = ""
    """A letter or two for narrow columns; never colour alone (R052)."""
    definition: str = ""
    """When it is the right choice."""


class Scales(Frozen):
    """The desk's named scales, each from most to least severe (R045, R046)."""

    impact: tuple[Step, ...] = Field(min_length=1)
    urgency: tuple[Step, ...] = Field(min_length=1)
    priority: tuple[Step, ...] = Field(min_length=1)


class Group(Frozen):
    """A team with a queue: an internal line, or an outside provider (`level = "vendor"`) (R075)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    """Short and speakable: operators type it to hand a ticket on."""
    title: str = ""
    """The name in full, as a customer may hear it."""
    level: Literal[0, 1, 2, 3, "vendor"]
    """Its line of support."""
    centre: str | None = None
    """Name of the operations centre where it sits."""
    restricted: bool = False
    """Whether only its members see its tickets, and the changes for them (R226)."""
    good_for: tuple[str, ...] = ()
    """Words that, found in a call, make this group the better guess to hand it to."""
    answers_within: Duration | None = None
    """How soon it takes what it is given, as agreed inside the house, or with a provider (OLA, UC)."""
    minimum_intervention: Duration | None = None
    """How soon a provider comes at the earliest (R109)."""


class Operator(Frozen):
    """Somebody who acts at the desk."""

    name: str = Field(min_length=1)
    level: Level
    """What they may do: see the table of rights."""
    groups: tuple[str, ...] = ()
    """Names of the groups whose queues are theirs."""
    login: str = ""
    """The account under which they work, so that deskterm knows who they are."""
    skills: tuple[str, ...] = ()
    """What they know, by vendor, product or trade (R161)."""
    automated: bool = False
    """An identity that is a program, such as an automated level 0 (R062)."""


class Shift(Frozen):
    """When somebody is on duty in a centre, every week (R087)."""

    centre: str
    """Name of the centre. One that is `staffed` and has shifts is watched: a gap in its hours shows on the board."""
    operator: str
    """Who is on duty, by name."""
    hours: WeekHours
    """`Mon-Fri 06:00-14:00`, in the centre's zone."""
    first: date | None = None
    """The first day of it; left out, it has always been so."""
    last: date | None = None
    """The last day of it; left out, it goes on."""


SYSTEM = Operator(name="deskterm", level="system", automated=True)
"""The desk itself, which receives what no person types in (T2)."""


class Channel(Frozen):
    """A way in: its kind, and the numbers, addresses or links that lead here (R003)."""

    kind: ChannelKind
    name: str = ""
    addresses: tuple[str, ...] = ()
    """Numbers, mail addresses or links."""
    region: str | None = None
    """Where its callers come from (R020, R032)."""
    calendar: str | None = None
    """Name of the calendar that says when it is answered, apart from the centres' (R080)."""
    recommended: bool = False
    """Whether customers are asked to come this way (R023)."""


class IntakeField(Frozen):
    """One thing to ask for while logging, and how badly it is wanted (R008-R016)."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """A fact that every ticket has (`type`, `summary`, `description`, `company`, `contact`, `phone`, `email`,
    `contract`, `service`, `item` for a serial number, `fault`, `impact`, `urgency`, `customer_priority`, `began`), or
    a field of the desk's own under any other key."""
    label: str = ""
    """The words before the field; made from the key when left out."""
    need: Literal["asked", "required", "hidden"] = "asked"
    """Asked and required fields are listed while empty; an empty required one also marks the ticket incomplete.
    None blocks saving."""
    channels: tuple[ChannelKind, ...] = ()
    """Only on these channels; empty means on every one."""
    fault: Literal["hardware", "software", ""] = ""
    """Only for faults of this kind; empty means for any."""
    kind: Literal["text", "choice", "yes_no", "time", "ip"] = "text"
    """What an answer looks like."""
    choices: tuple[str, ...] = ()
    """What may be answered, where the kind is `choice`."""
    hint: str = ""
    """A few words on how to ask, or what an answer looks like."""


class KnownSolution(Frozen):
    """A defined solution level 1 may resolve with (R066, R132)."""

    id: str = Field(pattern=r"^[A-Z]{1,4}[0-9]+$")
    """Capital letters and a number, `K12`: what operators call it."""
    title: str = Field(min_length=1)
    category: str = ""
    words: tuple[str, ...] = ()
    """Words a caller may use for it, by which it is found."""
    steps: str = Field(min_length=1)
    """What to do, step by step."""
    resolution: str = Field(min_length=1)
    """What the customer is told was done."""


class PendingReason(Frozen):
    """Why a ticket may wait, and what that does to its clocks (R093)."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1)
    pauses: bool = False
    """Whether targets stand still meanwhile, unless a contract says otherwise. The ticket's age never does."""


class Question(Frozen):
    """One question of a bank; its answer becomes a field of the ticket under `key`."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    ask: str = Field(min_length=1)
    choices: tuple[str, ...] = ()


class QuestionBank(Frozen):
    """The questions that guide diagnosis for one category of trouble (R135)."""

    category: str = Field(min_length=1)
    words: tuple[str, ...] = ()
    """Words that, found in a call, bring this bank up."""
    question: tuple[Question, ...] = Field(min_length=1)


class DeskFile(Frozen):
    """A whole desk. Calendars, targets, ladders and question banks are checked and kept for later use."""

    desk: Identity
    reference: ReferenceStyle = ReferenceStyle()
    scales: Scales
    matrix: dict[str, tuple[str, ...]]
    """One row for each impact, by its key: one priority key for each urgency, in the scale's order (R044)."""
    ticket_types: tuple[TicketType, ...] = ("incident", "service_request", "query", "complaint", "alert")
    """The types of ticket this desk uses (R004)."""
    group: tuple[Group, ...] = ()
    operator: tuple[Operator, ...] = ()
    channel: tuple[Channel, ...] = ()
    intake: tuple[IntakeField, ...] = ()
    pending: tuple[PendingReason, ...] = ()
    solution: tuple[KnownSolution, ...] = ()
    calendar: tuple[Calendar, ...] = ()
    centre: tuple[Centre, ...] = ()
    shift: tuple[Shift, ...] = ()
    contract_level: tuple[ContractLevel, ...] = ()
    target: tuple[Target, ...] = ()
    ladder: tuple[Ladder, ...] = ()
    question_bank: tuple[QuestionBank, ...] = ()
    change: ChangeHabits = ChangeHabits()
    change_model: tuple[ChangeModel, ...] = ()
    freeze: tuple[Freeze, ...] = ()

    def group_named(self, name: str) -> Group | None:
        """Find a group by its name."""
        return next((g for g in self.group if g.name == name), None)

    def change_model_named(self, key: str) -> ChangeModel | None:
        """Find a model of a standard change by its key."""
        return next((model for model in self.change_model if model.key == key.strip().casefold()), None)

    def hidden_from(self, operator: Operator) -> tuple[str, ...]:
        """The restricted groups whose tickets an operator does not see, as they are no member (R226)."""
        if operator.level == "system":
            return ()
        return tuple(g.name for g in self.group if g.restricted and g.name not in operator.groups)

    def operator_named(self, name: str) -> Operator | None:
        """Find an operator by name or login, whatever the case."""
        wanted = name.casefold()
        if not wanted:
            return None  # as the login is of who has none
        return next((o for o in self.operator if wanted in (o.name.casefold(), o.login.casefold())), None)
