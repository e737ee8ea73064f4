"""The small forms behind the acts: what is typed arrives, and no word of it is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.desk.commands import clocks as cc
from deskterm.desk.commands import escalations as ec
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.views import GroupLoad
from deskterm.screens.form import FormScreen
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket
from tests.screens.elsewhere import Act, elsewhere

pytestmark = pytest.mark.anyio

TAKEN: tuple[Act, ...] = ((c.Take, {}), (c.Start, {}))
SOLVED: tuple[Act, ...] = ((c.Take, {}), (c.Resolve, {"solution": "K31"}))
CLOSED: tuple[Act, ...] = (*SOLVED, (c.RecordAnswer, {"answer": "yes", "by": "Rosa Amadi", "channel": "phone"}))
GONE: Act = (c.Withdraw, {"reason": "Not wanted any more"})


ESCALATED: Act = (ec.Escalate, {"reason": "It takes too long"})
TOLD: Act = (cc.GiveRestoreTime, {"restore_at": datetime(2030, 1, 1, tzinfo=UTC)})


@dataclass(frozen=True)
class Case:
    """A form: who opens it with which key, what they do there, and what has come of it in the end.

    Steps are keys, or free text where they begin with a quotation mark. `words` are those that must not be lost.
    """

    name: str
    key: str
    steps: tuple[str, ...]
    words: str
    came: Callable[[Ticket], bool]
    who: str = "ada"
    group: str | None = "voice-1"
    before: tuple[Act, ...] = ()
    spoil: Act = field(default=GONE)
    """What somebody else does meanwhile, so that the desk refuses."""
    facts: tuple[tuple[str, str], ...] = ()
    hours: int = 0
    """How much later than the morning it is."""


CASES = (
    Case("hand-off", "h", ('"net-2', "enter", '"Theirs', "enter"), "Theirs", lambda t: t.group == "net-2"),
    Case("escalate", "e", ('"Too long', "enter"), "Too long", lambda t: t.escalations[0].trigger == "customer"),
    Case(
        "escalate to the next line", "e", ('"Too deep', "tab", "2", "enter"), "Too deep",
        lambda t: t.group == "net-2" and t.escalations[0].kind == "functional", who="ines",
    ),
    Case(
        "escalate to somebody", "e", ('"Too long', "tab", "tab", "tab", '"ruth c', "enter"), "Too long",
        lambda t: "Ruth Calder" in t.escalations[0].to,
    ),
    Case(
        "answer-escalation", "A", ("3", '"Change the card', "enter"), "Change the card",
        lambda t: t.escalations[0].plan == "Change the card", who="priya", before=(ESCALATED,),
    ),
    Case("major", "M", ('"All sites', "enter"), "All sites", lambda t: t.major is not None and not t.is_major),
    Case("major, level 2", "M", ('"All sites', "enter"), "All sites", lambda t: t.is_major, who="priya", group="net-2"),
    Case("end-major", "M", ('"All is well', "enter"), "All is well", lambda t: not t.is_major, who="ruth",
         before=((ec.DeclareMajor, {"reason": "All sites"}),), group="net-2"),
    Case(
        "restore-time", "T", ('"2h', "enter"), "2h", lambda t: t.timekeeping.restore is not None, who="ines",
        before=TAKEN,
    ),
    Case(
        "intervene", "I", ("2", "enter"), "supplier", lambda t: (t.phase, t.repair) == ("intervention", "supplier"),
        who="ines", before=(*TAKEN, TOLD),
    ),
    Case(
        "defer", "D", ('"Rosa: Monday', "enter"), "Rosa: Monday", lambda t: t.pending_reason == "deferred",
        who="ines", facts=(("impact", "low"),), hours=12,
    ),
    Case(
        "vendor-answer", "L", ("1", '"They look', "enter"), "They look", lambda t: t.vendor_tasks[0].state != "open",
        who="ines", before=((c.OpenVendorTask, {"vendor": "redline"}),),
    ),
    Case("out-of-scope", "S", ('"the landlord', "enter"), "the landlord", lambda t: t.out_of_scope == "the landlord"),
    Case("assign", "t", ('"kofi', "enter"), "kofi", lambda t: t.owner == "Kofi Mensah", who="ruth"),
    Case("chase", "c", ('"When?', "enter"), "When?", lambda t: t.chases == 1),
    Case("contact", "l", ('"Told them', "enter"), "Told them", lambda t: t.version == 3),
    Case("note", "n", ('"Looked at it', "f8"), "Looked at it", lambda t: t.version == 3),
    Case(
        "resolve, level 1", "r", ('"k31', "enter"), "k31", lambda t: t.solution == "K31", who="ines", before=TAKEN
    ),
    Case(
        "resolve, level 2",
        "r",
        ("enter", '"Changed the card', "enter", '"Calls work', "enter", '"It was the card', "enter"),
        "Changed the card",
        lambda t: t.synopsis is not None and t.synopsis.resolution == "Calls work" and not t.solution,
        who="priya",
        group="net-2",
        before=TAKEN,
    ),
    Case("confirm", "y", ('"All well', "enter"), "All well", lambda t: t.status == "Closed", before=SOLVED),
    Case("refuse", "N", ('"Still dead', "enter"), "Still dead", lambda t: t.refusals == 1, before=SOLVED),
    Case(
        "pend",
        "w",
        ("1", '"Their list', "enter"),
        "Their list",
        lambda t: t.pending_reason == "customer-info",
        who="ines",
        before=TAKEN,
    ),
    Case(
        "priority", "P", ("3", '"A spare line', "enter"), "A spare line", lambda t: t.priority == "p3", who="ines"
    ),
    Case("duplicate", "d", ('"phones', "enter"), "phones", lambda t: t.status == "Duplicate"),
    Case(
        "vendor-task",
        "o",
        ('"redl', "enter", '"Please look', "enter"),
        "Please look",
        lambda t: t.vendor_tasks[0].vendor == "redline",
        who="ines",
    ),
    Case(
        "reopen",
        "O",
        ('"It is back', "enter"),
        "It is back",
        lambda t: t.reopens == 1,
        before=CLOSED,
        spoil=(c.Reopen, {"reason": "Mine"}),
    ),
    Case("withdraw", "X", ('"Bought new', "enter"), "Bought new", lambda t: t.status == "Withdrawn"),
    Case(
        "amend",
        "m",
        ('"SV-9', "enter"),
        "SV-9",
        lambda t: t.service == "SV-9",
        facts=(("description", "Both handsets"), ("phone", "112"), ("email", "r@b.example"), ("contract", "BL-204")),
    ),
)  # fmt: skip


@pytest.fixture
async def clock(tmp_path: Path) -> Clock:
    await furnish(tmp_path)
    return Clock()


async def prepared(folder: Path, clock: Clock, case: Case) -> str:
    """The ticket that a case is about, and another one of the same company."""
    clock.forward(hours=case.hours)
    await log_ticket(folder, clock, summary="Phones are dead")
    ref = await log_ticket(folder, clock, summary="No dial tone", to=case.group, **dict(case.facts))
    worker = "priya" if case.group == "net-2" else "ines"
    await elsewhere(folder, clock, worker, ref, *case.before)
    return ref


async def fill(robot: Robot, steps: tuple[str, ...]) -> None:
    """Press keys, and type what begins with a quotation mark."""
    for step in steps:
        await (robot.types(step[1:]) if step.startswith('"') else robot.press(step))


async def open_form(robot: Robot, ref: str, case: Case) -> None:
    """Open the ticket and on it the form."""
    robot.app.open_ticket(ref)
    await robot.settle()
    await robot.press(case.key)
    assert isinstance(robot.screen, FormScreen)


def typed(robot: Robot) -> str:
    """Everything that stands in the fields of the form in front."""
    form = robot.screen
    assert isinstance(form, FormScreen)
    return " ".join(form._value(f) for f in form.form.fields)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_escape_keeps_the_words_and_what_is_saved_leaves_no_draft(
    tmp_path: Path, clock: Clock, case: Case
) -> None:
    ref = await prepared(tmp_path, clock, case)
    async with at_the_desk(tmp_path, clock=clock, operator=case.who) as robot:
        await open_form(robot, ref, case)
        await fill(robot, case.steps[:-1])
        await robot.press("escape")
        assert not isinstance(robot.screen, FormScreen)
        assert len(robot.app.journal.drafts()) == 1
        await robot.press(case.key)
        assert case.words.casefold() in typed(robot).casefold()
        await robot.press("f8")
        assert not isinstance(robot.screen, FormScreen)
        assert case.came(await robot.ticket(ref))
        assert robot.app.journal.drafts() == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_refusal_keeps_the_words_in_the_form(tmp_path: Path, clock: Clock, case: Case) -> None:
    """The last key saves; a colleague came first and the desk refuses: the words stay where they are."""
    ref = await prepared(tmp_path, clock, case)
    async with at_the_desk(tmp_path, clock=clock, operator=case.who) as robot:
        await open_form(robot, ref, case)
        await fill(robot, case.steps[:-1])
        await elsewhere(tmp_path, clock, "ines", ref, case.spoil)
        await robot.press(case.steps[-1])
        assert isinstance(robot.screen, FormScreen)
        assert robot.shows("✗")
        assert case.words.casefold() in typed(robot).casefold() or case.name == "duplicate"
        assert len(robot.app.journal.drafts()) == 1


async def test_an_untouched_form_leaves_nothing_behind(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("n", "escape")
        assert robot.app.journal.drafts() == []


async def test_words_given_with_the_command_come_after_those_kept(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("n")
        await robot.types("First half")
        await robot.press("escape", "colon")
        await robot.types("note second half")
        await robot.press("enter")
        assert "First half second half" in typed(robot)


async def test_the_foot_names_the_key_that_goes_on(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("h")
        assert robot.shows("Enter Next")
        await robot.types("net-2")
        await robot.press("enter")
        await robot.types("Theirs")
        assert robot.shows("Enter Hand on")
        await robot.press("escape", "n")
        assert robot.shows("F8 Save the note")


async def test_enter_before_the_offers_have_come_takes_none_that_were_for_other_letters(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fast typist hands on to the group they typed, not to the one that stood there before."""
    ref = await log_ticket(tmp_path, clock, summary="Core switch reboots", to="desk-1")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("h")
        gate = asyncio.Event()
        answer = robot.store.groups

        async def slow(text: str = "") -> tuple[GroupLoad, ...]:
            await gate.wait()
            return await answer(text)

        monkeypatch.setattr(robot.store, "groups", slow)
        await robot.pilot.press(*"voice", "enter")
        assert "voice-1" not in typed(robot)
        gate.set()
        await robot.settle()
        assert "voice-1" in typed(robot)


async def test_a_conflict_is_told_and_the_next_enter_goes_through(tmp_path: Path, clock: Clock) -> None:
    """Who has been told what changed meanwhile decides again with the same words."""
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock, operator="ines") as robot:
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("h")
        await robot.types("net-2")
        await robot.press("enter")
        await robot.types("Theirs")
        await elsewhere(tmp_path, clock, "ben", ref, (c.HandOff, {"to": "desk-1", "reason": "Ours"}))
        await robot.settle()
        await robot.press("enter")
        assert robot.shows("was changed meanwhile")
        await robot.press("enter")
        assert (await robot.ticket(ref)).group == "net-2"


async def test_a_wait_says_until_when_and_a_moment_not_understood_is_told(tmp_path: Path, clock: Clock) -> None:
    """T9: a reason and, if known, when to go on."""
    case = next(case for case in CASES if case.name == "pend")
    ref = await prepared(tmp_path, clock, case)
    async with at_the_desk(tmp_path, clock=clock, operator=case.who) as robot:
        await open_form(robot, ref, case)
        await fill(robot, ("1", '"Their list', "tab", '"whenever', "f8"))
        assert robot.shows("Not understood")
        await robot.press(*["backspace"] * len("whenever"))
        await fill(robot, ('"tomorrow 09:00', "f8"))
        ticket = await robot.ticket(ref)
        assert (ticket.status, ticket.resume_at) == ("Pending", datetime(2026, 3, 17, 9, 0, tzinfo=UTC))


async def test_enter_alone_resolves_nothing(tmp_path: Path, clock: Clock) -> None:
    """What is offered first is a suggestion: letters or an arrow choose it, an accident does not."""
    case = next(case for case in CASES if case.name == "pend")
    ref = await prepared(tmp_path, clock, case)
    async with at_the_desk(tmp_path, clock=clock, operator=case.who) as robot:
        robot.app.open_ticket(ref)
        await robot.settle()
        await robot.press("r", "enter")
        assert robot.shows("Solution is needed.")
        assert (await robot.ticket(ref)).status != "Resolved"
        await robot.press("down", "up", "enter")
        assert (await robot.ticket(ref)).status == "Resolved"
