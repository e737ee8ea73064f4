"""A small invented desk and the people at it, for tests of the rules: who they are, and a ticket in any status.

story = logged(facts(summary="No dial tone")).does(NORA, c.HandOff, to="voice-1").does(LEA, c.Take)
assert story.ticket.owner == "Lea"
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from deskterm.desk import commands as c
from deskterm.desk.commands import clocks as cc
from deskterm.desk.commands import escalations as ec
from deskterm.desk.decide import Context, Decision, decide
from deskterm.desk.deskfile import (
    SYSTEM,
    DeskFile,
    Group,
    Identity,
    IntakeField,
    Operator,
    PendingReason,
    ReferenceStyle,
    Scales,
    Step,
)
from deskterm.desk.events import Event
from deskterm.desk.events.clocks import ClockMissed
from deskterm.desk.evolve import evolve
from deskterm.desk.hours.promises import Calendar, Centre
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.customers import Contract, Solution
from deskterm.desk.records.ticket import Facts, JoinedCaller, Status, Synopsis, Ticket
from deskterm.desk.tickets.grounds import Step as StepTo

START = datetime(2025, 11, 21, 9, 0, tzinfo=UTC)
"""A Friday morning."""

NORA = Operator(name="Nora", level=0, groups=("front",), login="nora")
OLE = Operator(name="Ole", level=0, groups=("front",), login="ole")
LEA = Operator(name="Lea", level=1, groups=("voice-1",), login="lea")
LIN = Operator(name="Lin", level=1, groups=("voice-1",), login="lin")
TOM = Operator(name="Tom", level=2, groups=("net-2",), login="tom")
TESS = Operator(name="Tess", level=2, groups=("net-2",), login="tess")
TARA = Operator(name="Tara", level=3, groups=("net-2",), login="tara")
VERA = Operator(name="Vera", level="vendor", groups=("makers",), login="vera")
SUE = Operator(name="Sue", level="supervisor", login="sue")
GUEST = Operator(name="somebody", level="guest")
EVERYBODY = (NORA, OLE, LEA, LIN, TOM, TESS, TARA, VERA, SUE, SYSTEM, GUEST)

DESK = DeskFile(
    desk=Identity(name="Northgate Desk", zone="Europe/London", reopen_days=14),
    reference=ReferenceStyle(prefix="", first=10000),
    scales=Scales(
        impact=(Step(key="high", name="High"), Step(key="medium", name="Medium"), Step(key="low", name="Low")),
        urgency=(Step(key="high", name="High"), Step(key="medium", name="Medium"), Step(key="low", name="Low")),
        priority=(Step(key="p1", name="P1 Urgent"), Step(key="p2", name="P2 High"), Step(key="p3", name="P3 Medium")),
    ),
    matrix={"high": ("p1", "p1", "p2"), "medium": ("p1", "p2", "p3"), "low": ("p2", "p3", "p3")},
    group=(
        Group(name="front", title="Front desk", level=0),
        Group(name="voice-1", title="Voice", level=1),
        Group(name="net-2", title="Network", level=2),
        Group(name="makers", title="Handset Makers Ltd", level="vendor"),
    ),
    operator=tuple(person for person in EVERYBODY if person not in (SYSTEM, GUEST)),
    intake=(
        IntakeField(key="service", label="Service ID", need="required"),
        IntakeField(key="began", label="Began", need="asked"),
        IntakeField(key="diagnosis", label="Diagnosis tried", need="asked"),
        IntakeField(key="serial", label="Serial number", need="required", fault="hardware"),
        IntakeField(key="location", label="Location", need="required", fault="hardware"),
        IntakeField(key="circuit", label="Circuit", need="asked", channels=("portal",)),
    ),
    pending=(
        PendingReason(key="customer-info", name="Information from the customer", pauses=True),
        PendingReason(key="customer-action", name="An action of the customer", pauses=True),
        PendingReason(key="vendor", name="A vendor"),
        PendingReason(key="change", name="A change"),
        PendingReason(key="parts", name="Parts or an RMA"),
        PendingReason(key="scheduled", name="A date"),
        PendingReason(key="deferred", name="The next working day"),
    ),
    calendar=(Calendar(name="uk", zone="Europe/London", hours="Mon-Fri 09:00-18:00"),),
    centre=(Centre(name="uk", zone="Europe/London", calendar="uk"),),
)

RESTART = Solution(key="K31", title="No dial tone after a power cut", steps="Restart it.", resolution="It rings again.")
BUYS_L0 = Contract(key="HF-1", company="harbour", levels="L0", requires=("location",))
BUYS_BOTH = Contract(key="HF-2", company="harbour", levels="L0+L1")


def ticket_id(name: str) -> UUID:
    """A record id that is the same in every run."""
    return uuid5(UUID(int=7), name)


def facts(**known: Any) -> Facts:
    """The facts of an ordinary call, ready to hand on, but for what is said otherwise."""
    ordinary: dict[str, Any] = {
        "type": "incident",
        "summary": "No dial tone at reception",
        "company": "Brook & Lane",
        "contact": "Ada Moss",
        "phone": "+44 7700 900123",
        "service": "SIP-204",
        "impact": "high",
        "urgency": "medium",
    }
    return Facts(**(ordinary | known))


class Story:
    """What happens to one ticket, or to two that are linked, a minute after each other."""

    def __init__(
        self, number: int = 10482, at: datetime = START, contract: Contract | None = None, desk: DeskFile = DESK
    ) -> None:
        self.desk = desk
        self.id = ticket_id(str(number))
        self.number = number
        self.now = at
        self.contract = contract
        self.tickets: dict[UUID, Ticket] = {}
        self.events: list[Event] = []
        self.decision = Decision(())

    @property
    def ticket(self) -> Ticket:
        """The ticket the story is about."""
        return self.tickets[self.id]

    def context(self, who: Operator, related: Ticket | None = None, solution: Solution | None = None) -> Context:
        """What the rules may know at this moment."""
        return Context(
            desk=self.desk,
            actor=who,
            now=self.now,
            next_number=self.number,
            related=related,
            contract=self.contract,
            solution=solution,
        )

    def logs(self, who: Operator, known: Facts | None = None, **more: Any) -> Story:
        """Log the call."""
        command = c.LogCall(ticket=self.id, facts=known or facts(), **more)
        self.decision = decide(None, command, self.context(who))
        self._happen(who, command)
        return self

    def does(
        self,
        who: Operator,
        command: type[TicketCommand],
        /,
        related: Ticket | None = None,
        writing: tuple[str, ...] = (),
        **asked: Any,
    ) -> Story:
        """Carry a command out, or let its refusal through.

        `related` is the other ticket of a duplicate link, `writing` names who else is writing on it.
        """
        if related is not None:
            self.tickets[related.id] = related
        made: Any = command(ticket=self.id, **asked)
        known = RESTART if asked.get("solution") == RESTART.key else None
        context = replace(self.context(who, related, known), writing=writing)
        self.decision = decide(self.ticket, made, context)
        self._happen(who, made)
        return self

    def later(self, **time: float) -> Story:
        """Let time pass."""
        self.now += timedelta(**time)
        return self

    def _happen(self, who: Operator, command: c.LogCall | TicketCommand) -> None:
        for step in self.decision.steps:
            before = self.tickets.get(step.record)
            event = Event(
                position=len(self.events) + 1,
                record_kind="ticket",
                record_id=step.record,
                version=before.version + 1 if before else 1,
                actor=who.name,
                at=self.now,
                command_id=command.id,
                happening=step.happening,
            )
            self.events.append(event)
            self.tickets[step.record] = evolve(before, event)
        self.now += timedelta(minutes=1)


def logged(known: Facts | None = None, *, by: Operator = NORA, number: int = 10482, **more: Any) -> Story:
    """A story that begins with a logged call."""
    return Story(number, **more).logs(by, known)


def story_to(status: Status, *, by: Operator = NORA, number: int = 10482, **more: Any) -> Story:
    """A story that has led a ticket to a status, by the shortest way."""
    story = logged(by=by, number=number, **more)
    if status is Status.NEW:
        return story
    if status is Status.WITHDRAWN:
        return story.does(by, c.Withdraw, reason="It works again by itself.")
    story.does(by, c.HandOff, to="net-2")
    if status is Status.DUPLICATE:
        other = logged(by=OLE, number=20000).ticket
        return story.does(by, c.MarkDuplicate, survivor=other.id, related=other)
    for reached, who, command, asked in _ONWARD:
        if story.ticket.status is status:
            break
        story.does(who, command, **asked)
        if reached is status:
            break
    return story


_DONE = Synopsis(issue="No dial tone", steps="Gateway restarted", resolution="Calls work again")
_ONWARD: tuple[tuple[Status, Operator, type[TicketCommand], dict[str, Any]], ...] = (
    (Status.ACCEPTED, TOM, c.Take, {}),
    (Status.IN_PROGRESS, TOM, c.Start, {}),
    (Status.PENDING, TOM, c.Pend, {"reason": "customer-info"}),
    (Status.IN_PROGRESS, TOM, c.Resume, {}),
    (Status.RESOLVED, TOM, c.Resolve, {"synopsis": _DONE, "no_article_because": "It was a power cut."}),
    (Status.CLOSED, NORA, c.RecordAnswer, {"answer": "yes"}),
)


def ticket_in(status: Status, *, by: Operator = NORA) -> Ticket:
    """A ticket in a status, reached by the shortest way."""
    return story_to(status, by=by).ticket


def everything_that_happened() -> list[Event]:
    """A log in which every happening of a ticket occurs."""
    story = logged().does(NORA, c.HandOff, to="net-2").does(NORA, c.HandOff, to="voice-1", reason="Ours.")
    story.does(NORA, c.AddNote, text="Rang back.").does(NORA, c.RecordContact, reason="chase")
    story.does(OLE, c.JoinCaller, caller=JoinedCaller(company="Alder", contact="Ben"))
    story.does(NORA, c.Amend, changes={"began": "2025-11-21T08:00:00Z", "fields": {"serial": "2XK"}})
    story.does(LEA, c.OverridePriority, priority="p3", reason="A spare line.").does(LEA, c.Undo)
    story.does(TOM, c.Follow).does(TOM, c.Unfollow).does(LEA, c.Take).does(LEA, c.Start)
    story.does(NORA, c.TakeOver, writing=("Lea",))
    story.does(LEA, c.OpenVendorTask, vendor="makers").does(LEA, c.Pend, reason="parts").does(LEA, c.Resume)
    story.does(LEA, c.Resolve, solution="K31").does(NORA, c.RecordAnswer, answer="no")
    story.does(LEA, c.Resolve, solution="K31").does(NORA, c.RecordAnswer, answer="yes").does(NORA, c.Reopen)
    other = logged(by=OLE, number=20000).ticket
    story.does(NORA, c.MarkDuplicate, survivor=other.id, related=other)
    story.does(NORA, c.Undo, related=story.tickets[other.id]).does(NORA, c.Withdraw, reason="It is gone.")
    return [*story.events, *_the_way_up()]


def _the_way_up() -> list[Event]:
    """A second ticket, which is escalated, repaired and deferred."""
    story = logged(facts(impact="low"), number=10483, at=START + timedelta(hours=12))
    story.does(LEA, cc.Defer, customer_agreed="Ada Moss: Monday will do.").does(LEA, c.Resume)
    story.does(NORA, cc.DeclareOutOfScope, sent_to="the landlord").does(NORA, c.HandOff, to="net-2")
    story.does(NORA, ec.Escalate, reason="They wait since Monday.").does(TOM, c.Take).does(TOM, c.Start)
    story.does(TOM, ec.AnswerEscalation, state="assessed", text="It is the line.")
    story.does(NORA, ec.DeclareMajor, reason="All sites are down.").does(TOM, ec.DeclareMajor, reason="They are.")
    story.does(TOM, cc.GiveRestoreTime, restore_at=story.now + timedelta(hours=2)).does(TOM, cc.BeginIntervention)
    story.does(TOM, c.OpenVendorTask, vendor="makers").does(VERA, ec.AnswerVendorTask, state="resolved")
    missed = ClockMissed(clock="response", due=story.now, target="1h")
    story.decision = Decision((StepTo(story.id, missed),))
    story._happen(SYSTEM, cc.FallDue(ticket=story.id, what="clock:response", due=story.now))
    return story.does(TOM, ec.EndMajor, text="It is over.").does(SUE, ec.DeliverReport, text="On the share.").events
