"""Who may do what, level by level and status by status: the requirements' table, copied out and walked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from deskterm.desk import commands as c
from deskterm.desk.commands import clocks as cc
from deskterm.desk.commands import escalations as ec
from deskterm.desk.decide import decide
from deskterm.desk.deskfile import SYSTEM, Operator
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.ticket import Status, Synopsis, Ticket, VendorTask
from deskterm.desk.refusal import Forbidden
from deskterm.desk.tickets.rights import TRANSITIONS, Act, hand_on_act, role_of, table, verdict, verdicts
from tests.people import (
    BUYS_L0,
    EVERYBODY,
    GUEST,
    LEA,
    NORA,
    OLE,
    START,
    SUE,
    TARA,
    TOM,
    VERA,
    Story,
    facts,
    logged,
    story_to,
    ticket_id,
    ticket_in,
)
from tests.rulings import EVENING, ripe

# REQUIREMENTS.md §4, row by row: rule, act, from, to, level 0, level 1, level 2, vendor, supervisor.
# Written by hand and kept apart from the code: a slip in the code's table has to disagree with it.
OPEN = "New Routed Accepted In-progress Pending Resolved"
SPECIFICATION = """
T1  | log           |                               | New         | y               | y              | y      | -        | y
T2  | receive       |                               | New         | -               | -              | -      | -        | -
T3  | route         | New                           | Routed      | y               | y              | y      | -        | y
T4  | re-route      | Routed                        | Routed      | own             | y              | y      | -        | y
T5  | take          | Routed                        | Accepted    | -               | y              | y      | -        | assign
T6  | start         | Accepted                      | In-progress | -               | y              | y      | -        | -
T7  | note          | OPEN                          |             | y               | y              | y      | own task | y
T8  | restore-time  | In-progress                   |             | -               | y              | y      | y        | -
T9  | pend          | In-progress                   | Pending     | -               | y              | y      | -        | y
T10 | resume        | Pending                       | In-progress | -               | y              | y      | own task | y
T11 | defer         | New Routed Pending            | Pending     | -               | y              | y      | -        | y
T12 | resolve-known | Accepted In-progress          | Resolved    | -               | known solution | y      | -        | -
T13 | resolve-new   | Accepted In-progress          | Resolved    | -               | -              | y      | -        | -
T14 | pass-on       | Accepted In-progress Pending  | Routed      | -               | y              | y      | -        | y
T15 | vendor-task   | Routed Accepted In-progress Pending |       | -               | y              | y      | -        | y
T16 | vendor-answer | OPEN                          |             | -               | on the vendor's behalf | on the vendor's behalf | own task | -
T17 | escalate      | OPEN                          |             | y               | y              | y      | -        | y
T18 | auto-escalate | OPEN                          |             | -               | -              | -      | -        | -
T19 | major         | OPEN                          |             | propose         | propose        | y      | -        | y
T19 | end-major     | OPEN                          |             | -               | -              | y      | -        | y
R143 | report       | OPEN Closed                   |             | -               | -              | y      | -        | y
T20 | confirm       | Resolved                      | Closed      | y               | y              | y      | -        | y
T21 | refuse        | Resolved                      | In-progress | to last owner   | y              | y      | -        | y
T22 | reopen        | Closed                        | Routed      | y               | y              | y      | -        | y
T23 | withdraw      | OPEN                          | Withdrawn   | customer's word | y              | y      | -        | y
T24 | duplicate     | OPEN                          | Duplicate   | y               | y              | y      | -        | y
T27 | priority      | OPEN                          |             | -               | reason         | reason | -        | reason
R056 | intervene    | In-progress                   |             | -               | y              | y      | -        | -
R059 | out-of-scope | OPEN                          |             | y               | y              | y      | -        | y
R103 | answer-escalation | OPEN                     |             | -               | y              | y      | -        | y
"""  # fmt: skip  # noqa: E501


class Row(NamedTuple):
    """One row of the specification."""

    rule: str
    act: Act
    sources: frozenset[Status]
    to: Status | None
    rights: dict[str, str]


def _statuses(words: str) -> frozenset[Status]:
    return frozenset(Status(word.replace("-", " ")) for word in words.replace("OPEN", OPEN).split())


def _rows() -> list[Row]:
    found = []
    for line in SPECIFICATION.strip().splitlines():
        rule, act, sources, to, *cells = (cell.strip() for cell in line.split("|"))
        rights = dict(zip(("0", "1", "2", "vendor", "supervisor"), cells, strict=True))
        found.append(Row(rule, Act(act), _statuses(sources), next(iter(_statuses(to)), None), rights))
    return found


ROWS = _rows()
DONE_BY_PEOPLE = [row for row in ROWS if row.sources and set(row.rights.values()) != {"-"}]
"""What somebody at the desk can do with a ticket; the rest the desk does itself."""
PEOPLE = (NORA, OLE, LEA, TOM, TARA, VERA, SUE, GUEST, SYSTEM)
COLUMN = {0: "0", 1: "1", 2: "2", 3: "2", "vendor": "vendor", "supervisor": "supervisor"}

_SYNOPSIS = Synopsis(issue="No dial tone", steps="Restarted", resolution="It rings")
ASK: dict[Act, tuple[type[TicketCommand], dict[str, Any]]] = {
    Act.ROUTE: (c.HandOff, {"to": "voice-1", "reason": "They know it."}),
    Act.REROUTE: (c.HandOff, {"to": "voice-1", "reason": "They know it."}),
    Act.PASS_ON: (c.HandOff, {"to": "voice-1", "reason": "They know it."}),
    Act.TAKE: (c.Take, {}),
    Act.START: (c.Start, {}),
    Act.NOTE: (c.AddNote, {"text": "Looked at it."}),
    Act.PEND: (c.Pend, {"reason": "vendor"}),
    Act.RESUME: (c.Resume, {}),
    Act.RESOLVE_KNOWN: (c.Resolve, {"solution": "K31"}),
    Act.RESOLVE_NEW: (c.Resolve, {"synopsis": _SYNOPSIS, "no_article_because": "Only once."}),
    Act.VENDOR_TASK: (c.OpenVendorTask, {"vendor": "makers"}),
    Act.CONFIRM: (c.RecordAnswer, {"answer": "yes"}),
    Act.REFUSE: (c.RecordAnswer, {"answer": "no"}),
    Act.REOPEN: (c.Reopen, {}),
    Act.WITHDRAW: (c.Withdraw, {"reason": "They do not need it any more."}),
    Act.DUPLICATE: (c.MarkDuplicate, {"survivor": ticket_id("20000")}),
    Act.PRIORITY: (c.OverridePriority, {"priority": "p1", "reason": "The board meets today."}),
    Act.RESTORE_TIME: (cc.GiveRestoreTime, {"restore_at": START + timedelta(days=1)}),
    Act.DEFER: (cc.Defer, {"customer_agreed": "Ada Moss: Monday will do."}),
    Act.VENDOR_ANSWER: (ec.AnswerVendorTask, {"state": "acknowledged"}),
    Act.ESCALATE: (ec.Escalate, {"reason": "They wait since Monday."}),
    Act.MAJOR: (ec.DeclareMajor, {"reason": "All sites are down."}),
    Act.END_MAJOR: (ec.EndMajor, {}),
    Act.REPORT: (ec.DeliverReport, {"text": "On the share."}),
    Act.INTERVENE: (cc.BeginIntervention, {}),
    Act.OUT_OF_SCOPE: (cc.DeclareOutOfScope, {"sent_to": "the landlord"}),
    Act.ANSWER_ESCALATION: (ec.AnswerEscalation, {"state": "acknowledged"}),
}
"""A well-formed command for each act: only the rights decide on it."""


def attempt(act: Act, who: Operator, ticket: Ticket, story: Story) -> Ticket | Forbidden:
    """Try an act on a ticket; what comes of it is the ticket afterwards or the refusal."""
    command, asked = ASK[act]
    if act is Act.TAKE and who is SUE:
        asked = {"owner": "Tom"}
    ticket = story.tickets[ticket.id] = ripe(act, ticket)
    story.now = max(story.now, EVENING)
    other = logged(by=OLE, number=20000).ticket if act is Act.DUPLICATE else None
    try:
        return story.does(who, command, related=other, **asked).ticket
    except Forbidden as refusal:
        return refusal


def expected(row: Row, who: Operator, ticket: Ticket) -> bool:
    """What the specification says, apart from all code of the rules."""
    if ticket.status not in row.sources or who.level not in COLUMN:
        return False
    right = row.rights[COLUMN[who.level]]
    if right == "own":
        return ticket.originator == who.name
    if right == "own task":
        return any(task.vendor in who.groups for task in ticket.vendor_tasks)
    if right == "on the vendor's behalf":
        return bool(ticket.vendor_tasks)
    return right != "-"


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: f"{who.name}-{who.level}")
def test_nobody_acts_in_the_name_of_a_clock(who: Operator) -> None:
    """T18: a moment falls due by itself; one that the ticket does not have asks for nothing."""
    story = story_to(Status.ROUTED)
    if who is SYSTEM:
        assert story.does(who, cc.FallDue, what="moon", due=START).decision.steps == ()
    else:
        with pytest.raises(Forbidden, match=r"\(T18\)"):
            story.does(who, cc.FallDue, what="moon", due=START)


def test_the_table_in_the_code_is_the_table_of_the_requirements() -> None:
    """R076."""
    assert [(t.rule, t.act, frozenset(t.sources), t.leads_to) for t in TRANSITIONS] == [
        (row.rule, row.act, row.sources, row.to) for row in ROWS
    ]
    names = {"0": "level 0", "1": "level 1", "2": "level 2", "vendor": "vendor", "supervisor": "supervisor"}
    for printed, row in zip(table(), ROWS, strict=True):
        assert {column: printed[name] for column, name in names.items()} == row.rights, row.rule


@pytest.mark.parametrize("with_task", [False, True], ids=["", "with a vendor task"])
@pytest.mark.parametrize("status", Status, ids=str)
@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: f"{who.name}-{who.level}")
def test_every_act_by_every_level_in_every_status(who: Operator, status: Status, with_task: bool) -> None:
    """R063, R065, R066, R067, R076: the rules do what the table says, and a refusal names its row."""
    story = story_to(status)
    ticket = story.ticket
    if with_task:
        ticket = ticket.model_copy(update={"vendor_tasks": (VendorTask(vendor="makers", opened_at=START),)})
    greyed = {found.act: found for found in verdicts(who, ticket)}
    for row in DONE_BY_PEOPLE:
        if row.act in (Act.ROUTE, Act.REROUTE, Act.PASS_ON) and row.act is not hand_on_act(status):
            continue  # handing on is one command, whose row the status chooses
        allowed = expected(row, who, ticket)
        outcome = attempt(row.act, who, ticket, story)
        said = f"{who.name} {row.act} {status}: {outcome}"
        assert isinstance(outcome, Ticket) == allowed, said
        assert greyed[row.act].allowed == allowed, said
        if isinstance(outcome, Ticket):
            assert outcome.status is (row.to or status), said
        else:
            assert outcome.message.endswith(f"({outcome.rule})."), said
            assert greyed[row.act].reason.endswith(f"({row.rule}).")


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: f"{who.name}-{who.level}")
def test_logging_a_call_by_every_level(who: Operator) -> None:
    """T1, T2: everybody at the desk logs; the desk itself receives; vendors and guests do neither."""
    command = c.LogCall(facts=facts())
    context = Story().context(who)
    if who.level in ("vendor", "guest"):
        with pytest.raises(Forbidden, match=r"\(T1\)"):
            decide(None, command, context)
    else:
        assert len(decide(None, command, context).steps) == 1


@pytest.mark.parametrize("status", Status, ids=str)
def test_where_level_0_alone_was_bought_level_1_has_its_rights(status: Status) -> None:
    """R068: same verdicts as a level-0 operator who did not take the call in."""
    ticket = ticket_in(status).model_copy(update={"bought_levels": "L0"})
    mine = {found.act: found.allowed for found in verdicts(LEA, ticket)}
    assert mine == {found.act: found.allowed for found in verdicts(OLE, ticket)}
    assert not mine[Act.TAKE]
    assert "buys level 0 only" in verdict(Act.TAKE, LEA, ticket).reason


def test_both_levels_bought_leave_level_1_its_rights() -> None:
    """R068."""
    ticket = ticket_in(Status.ROUTED).model_copy(update={"bought_levels": "L0+L1"})
    assert verdict(Act.TAKE, LEA, ticket).allowed


def test_a_contract_never_widens_what_level_0_may() -> None:
    """R069."""
    story = logged(contract=BUYS_L0).does(NORA, c.HandOff, to="net-2")
    assert role_of(0, "L0+L1") == role_of(0) == "level 0"
    assert not verdict(Act.TAKE, NORA, story.ticket).allowed


@pytest.mark.parametrize(
    ("act", "status", "words"),
    [
        (Act.START, Status.NEW, "Start: the ticket is New; it has to be Accepted (T6)."),
        (Act.PASS_ON, Status.NEW, "Pass on: the ticket is New; it has to be Accepted, In progress or Pending (T14)."),
        (Act.NOTE, Status.CLOSED, "Note: the ticket is Closed; it has to be open (T7)."),
    ],
)
def test_a_greyed_key_says_what_status_it_takes(act: Act, status: Status, words: str) -> None:
    assert verdict(act, TOM, ticket_in(status)).reason == words


def test_level_0_is_told_why_it_does_not_work_a_ticket() -> None:
    """R063."""
    found = verdict(Act.START, NORA, ticket_in(Status.ACCEPTED))
    assert found.reason == "Level 0 hands on and follows; it does not work on tickets (T6)."
