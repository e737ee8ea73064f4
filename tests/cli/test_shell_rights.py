"""Every level, status and act through the shell: refused or done as the table of the requirements says (R076)."""

from __future__ import annotations

import pytest

from deskterm.desk.deskfile import Operator
from deskterm.desk.records.ticket import Status, Ticket, VendorTask
from deskterm.desk.tickets.rights import Act, hand_on_act
from tests.cli.conftest import Run
from tests.cli.memory import MemoryDesk
from tests.desk.tickets.test_rights import DONE_BY_PEOPLE, expected
from tests.people import GUEST, LEA, NORA, OLE, START, SUE, TARA, TOM, VERA, logged, story_to
from tests.rulings import ripe

OTHER = logged(by=OLE, number=20000).ticket
TRY: dict[Act, tuple[str, ...]] = {
    Act.ROUTE: ("hand-off", "--to", "voice-1", "--reason", "They know it."),
    Act.REROUTE: ("hand-off", "--to", "voice-1", "--reason", "They know it."),
    Act.PASS_ON: ("hand-off", "--to", "voice-1", "--reason", "They know it."),
    Act.TAKE: ("take",),
    Act.START: ("start",),
    Act.NOTE: ("note", "Looked", "at it."),
    Act.PEND: ("pend", "--reason", "vendor"),
    Act.RESUME: ("resume",),
    Act.RESOLVE_KNOWN: ("resolve", "--solution", "K31"),
    Act.RESOLVE_NEW: ("resolve", "--resolution", "It rings", "--no-article", "Only once."),
    Act.VENDOR_TASK: ("vendor-task", "--vendor", "makers"),
    Act.CONFIRM: ("confirm", "--by", "Ada Moss"),
    Act.REFUSE: ("refuse", "--by", "Ada Moss"),
    Act.REOPEN: ("reopen",),
    Act.WITHDRAW: ("withdraw", "--reason", "They do not need it any more."),
    Act.DUPLICATE: ("duplicate", "--of", OTHER.ref),
    Act.PRIORITY: ("priority", "p1", "--reason", "The board meets today."),
    Act.RESTORE_TIME: ("restore-time", "2h"),
    Act.DEFER: ("defer", "--customer-agreed", "Ada Moss: Monday will do."),
    Act.VENDOR_ANSWER: ("vendor-answer", "--state", "acknowledged"),
    Act.ESCALATE: ("escalate", "--reason", "They wait since Monday."),
    Act.MAJOR: ("major", "--reason", "All sites are down."),
    Act.END_MAJOR: ("end-major",),
    Act.REPORT: ("report", "On", "the", "share"),
    Act.INTERVENE: ("intervene",),
    Act.OUT_OF_SCOPE: ("out-of-scope", "--sent-to", "the landlord"),
    Act.ANSWER_ESCALATION: ("answer-escalation", "--state", "acknowledged"),
}
"""How each act is asked for on the shell, well-formed: only the rights decide on it."""
PEOPLE = (NORA, OLE, LEA, TOM, TARA, VERA, SUE, GUEST)


def command_line(act: Act, ticket: Ticket, who: Operator) -> tuple[str, ...]:
    word, *rest = TRY[act]
    return (word, ticket.ref, *rest, *(("--for", "Tom") if act is Act.TAKE and who is SUE else ()), "--json")


@pytest.mark.parametrize("status", Status, ids=str)
@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: f"{who.name}-{who.level}")
def test_every_act_by_every_level_in_every_status(on: Run, who: Operator, status: Status) -> None:
    """R063, R065, R066, R067, R076."""
    story = story_to(status).later(hours=11)
    task = VendorTask(vendor="makers", opened_at=START)
    ticket = story.ticket.model_copy(update={"vendor_tasks": (task,)})
    desk = MemoryDesk(story, who, OTHER)
    may = {each["act"]: each for each in on(desk.as_it_was(who, ticket), "show", ticket.ref, "--json").json["may"]}
    for row in DONE_BY_PEOPLE:
        if row.act in (Act.ROUTE, Act.REROUTE, Act.PASS_ON) and row.act is not hand_on_act(status):
            continue  # handing on is one command, whose row the status chooses
        ripened = ripe(row.act, ticket)
        before = desk.as_it_was(who, ripened)
        answer = on(before, *command_line(row.act, ripened, who))
        said = f"{who.name} {row.act} {status}: {answer}"
        allowed = expected(row, who, ticket)
        assert answer.code == (0 if allowed else 1), said
        assert may[row.act]["allowed"] == allowed, said
        if allowed:
            assert answer.json["status"] == (row.to or status), said
            assert answer.err == "", said
        else:
            assert answer.error["kind"] == "not_allowed", said
            assert answer.error["rule"] in answer.error["message"], said
            assert answer.err == answer.error["message"] + "\n", said
            assert before.ticket_now == ripened, "a refusal changes nothing"


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: f"{who.name}-{who.level}")
def test_logging_by_every_level(on: Run, who: Operator) -> None:
    """T1: everybody at the desk logs, but vendors and guests."""
    desk = MemoryDesk(story_to(Status.NEW), who)
    answer = on(desk, "log", "--summary", "No dial tone", "--json")
    if who.level in ("vendor", "guest"):
        assert (answer.code, answer.error["rule"]) == (1, "T1")
    else:
        assert answer.code == 0
        assert (answer.json["status"], answer.json["originator"]) == ("New", who.name)


def test_every_act_of_the_table_is_tried() -> None:
    assert {row.act for row in DONE_BY_PEOPLE} == set(TRY)


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_confirm_takes_either_answer(on: Run, answer: str) -> None:
    """T20, T21."""
    desk = MemoryDesk(story_to(Status.RESOLVED), NORA)
    done = on(desk, "confirm", desk.ticket_now.ref, "--answer", answer, "--by", "Ada Moss", "--json")
    assert done.json["status"] == ("Closed" if answer == "yes" else "In progress")


def test_undo_gives_back_what_was_taken(on: Run) -> None:
    """R225: only by its author."""
    desk = MemoryDesk(story_to(Status.ROUTED), TOM)
    ref = desk.ticket_now.ref
    assert on(desk, "take", ref, "--json").json["owner"] == "Tom"
    desk.me = LEA
    assert on(desk, "undo", ref, "--json").error["kind"] == "not_allowed"
    desk.me = TOM
    assert on(desk, "undo", ref, "--json").json["owner"] is None


def test_the_originator_says_why_it_stops_following(on: Run) -> None:
    """R072."""
    desk = MemoryDesk(story_to(Status.ROUTED), NORA)
    ref = desk.ticket_now.ref
    assert on(desk, "unfollow", ref, "--json").error["rule"] == "R072"
    assert "Nora" not in on(desk, "unfollow", ref, "--reason", "On leave", "--json").json["followers"]
    assert "Nora" in on(desk, "follow", ref, "--json").json["followers"]
