"""`deskterm change`: a night from the draft to the closed change, the whole table, the paper, and how it says no."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deskterm.cli.change_acts import ACTIONS
from deskterm.cli.entry import run
from deskterm.cli.shell import Shell
from deskterm.desk.changes.guards import lacks
from deskterm.desk.changes.rights import CHANGE_BY_ACT, ChangeAct, ChangeRight, change_table, is_own, rule_of
from deskterm.desk.changes.timeline import change_entry
from deskterm.desk.changes.views import ChangeView, view_of
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.records.change import ChangeState, Section
from deskterm.desk.refusal import Forbidden, Refusal
from deskterm.desk.tickets.rights import role_of
from deskterm.desk.tickets.views import Receipt
from deskterm.store.base import Invalid, NotAllowed, Standing
from tests.change_story import DESK, ENDS, OPENS, ChangeStory, change_to
from tests.cli.conftest import NOW, Answer, Run
from tests.people import LEA, NORA, SUE, TOM

TONIGHT = datetime(2025, 11, 21, 22, 0, tzinfo=UTC)
WHO = {"n": "Ada Okafor", "l": "Ben Ortega", "t": "Priya Raman", "s": "Ruth Calder"}
"""Level 0, level 1, level 2 and the supervisor of the sample desk."""
AGREED = ("--field", "by=Ada Moss", "--field", "channel=email", "--field", "evidence=message <7@brook.example>")
HEADER = (
    "company=Brook & Lane", "contact=Ada Moss", "contact_phone=+44 7700 900123", "engineer_phone=+44 7700 900100",
    "systems=fw-1, fw-2", "starts=2025-11-21T22:00:00Z", "ends=2025-11-21T23:30:00Z",
)  # fmt: skip


class Line:
    """A shell on one store, by a clock of its own, under any name."""

    def __init__(self, store: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.store, self.capfd, self.now = store, capfd, NOW
        self.ref = ""

    def __call__(self, who: str, *args: str) -> Answer:
        """Run a command of `deskterm change`."""
        return self.run("change", *args, "--as", WHO[who])

    def run(self, *args: str) -> Answer:
        """Run any command."""
        self.now += timedelta(seconds=1)
        self.capfd.readouterr()
        code = run(args, Shell(store=str(self.store), clock=lambda: self.now))
        return Answer(code, *self.capfd.readouterr())

    def does(self, who: str, action: str, *fields: str) -> dict[str, Any]:
        """Take the change a step on, which has to succeed; gives the change as it then stands."""
        done = self(who, "do", self.ref, action, *fields, "--json")
        assert done.code == 0, done.out
        found: dict[str, Any] = done.json
        return found

    def refuses(self, who: str, action: str, *fields: str) -> str:
        """The rule by which a step is refused."""
        done = self(who, "do", self.ref, action, *fields, "--json")
        assert (done.code, bool(done.err)) == (1, True), done.out
        assert f"({done.error['rule']})" in done.error["message"]
        return done.error["rule"]

    def state(self) -> str:
        """Where the change stands."""
        return str(self("t", "show", self.ref, "--json").json["state"])

    def raises(self, *more: str) -> dict[str, Any]:
        """Log an incident and raise a change from it."""
        said = ("--summary", "Firewall drops calls", "--type", "incident", "--company", "Brook & Lane")
        ticket = self.run("log", *said, "--contact", "Ada Moss", "--as", WHO["n"], "--json").json["ref"]
        found: dict[str, Any] = self("t", "new", "--for", ticket, *more, "--json").json
        self.ref = found["ref"]
        return found

    def fills_the_form(self, *rows: str) -> None:
        """All that a form needs, a row in each section, or those that are named."""
        assert self("t", "set", self.ref, *HEADER).code == 0
        for section in Section:
            for text in rows or ("First",):
                assert self("t", "row", self.ref, section, text, "step", "--owner", WHO["t"]).code == 0

    def is_scheduled(self, *rows: str) -> None:
        """From a draft to Scheduled."""
        self.fills_the_form(*rows)
        for action in ("submit", "assess", "send"):
            self.does("t", action)
        self.does("l", "approve", *AGREED)
        self.does("t", "schedule")

    def begins(self) -> None:
        """From Scheduled to Implementing."""
        self.does("t", "prepare")
        self.now = TONIGHT
        assert self.does("t", "start")["state"] == "Implementing"


@pytest.fixture
def line(store: Path, capfd: pytest.CaptureFixture[str]) -> Line:
    """A shell on a furnished store."""
    return Line(store, capfd)


@pytest.mark.slow
def test_a_night_that_goes_well(line: Line) -> None:
    """C1-C5, C12, from the ticket to the closed change; each word of the shell leads to its state."""
    raised = line.raises("--title", "Replace firewall rule set")
    assert (raised["state"], raised["title"], raised["contact"]) == ("Draft", "Replace firewall rule set", "Ada Moss")
    assert line.refuses("t", "submit") == "C1"
    line.is_scheduled("First", "Second")
    assert line.refuses("t", "start") == "C4"
    line.does("t", "prepare", "--field", "row=2")
    line.begins()
    assert line.refuses("t", "test") == "C5"
    for _ in range(2):
        line.does("t", "step")
    line.does("t", "test")
    line.does("t", "result")
    assert line.refuses("t", "finish") == "C5"
    line.does("t", "result", "--field", "row=2", "--field", "passed=no", "--field", "remark=One way only")
    assert line.refuses("t", "finish") == "C5"
    line.does("t", "result", "--field", "row=2", "--field", "passed=yes")
    assert line.does("t", "finish")["state"] == "Implemented"
    line.does("t", "review")
    done = line.does("s", "close", "--field", "outcome=successful", "--field", "note=As planned.")
    assert (done["state"], done["outcome"]) == ("Closed", "successful")
    assert line.run("verify").code == 0


def test_a_night_that_fails_and_is_rolled_back(line: Line) -> None:
    """C6, C9: and returns by the window that is proposed."""
    line.raises()
    line.is_scheduled()
    line.begins()
    line.does("t", "roll-back", "--field", "reason=The second step failed.")
    assert line.refuses("t", "rolled-back") == "C9"
    line.does("t", "undo-step")
    line.does("t", "rolled-back")
    proposed = line("t", "show", line.ref, "--json").json["proposed"]
    window = [f"--field={name}={moment}" for name, moment in proposed.items()]
    assert line.does("t", "reschedule", *window)["state"] == "Rescheduled"
    assert line.does("t", "return")["state"] == "Scheduled"


def test_a_night_that_overruns_and_is_extended(line: Line) -> None:
    """C7, C8: by the customer's return e-mail alone, and with nobody's app open."""
    line.raises()
    line.is_scheduled()
    line.begins()
    line.now = TONIGHT + timedelta(minutes=90)
    page = line.run("tick").out
    assert "15 minutes are left of the window." in page
    assert "The window is over with work open." in page
    assert line.state() == "Overrun"
    assert line.refuses("t", "step") == "C7"
    assert line.refuses("t", "extend") == "C8"
    later = ("--field", "new_end=2025-11-22T00:30:00Z", "--field", "by=Ada Moss")
    assert line.refuses("t", "extend", *later) == "C8"
    assert line.does("t", "extend", *later, "--field", "evidence=message 8")["state"] == "Implementing"
    line.does("t", "step")


def test_an_emergency_by_telephone_with_the_form_afterwards(line: Line) -> None:
    """C10, C11."""
    line.raises("--kind", "emergency")
    assert line.refuses("l", "spoken", "--field", "by=Ada Moss") == "C10"
    line.does("l", "spoken", "--field", "by=Ada Moss", "--field", "said=Go ahead, we are down", "--field", "ends=2h")
    for action in ("start", "test", "finish"):
        line.does("t", action)
    assert line.state() == "Implemented – form outstanding"
    (listed,) = line("s", "list", "--forms", "--json").json
    assert (listed["ref"], listed["form_outstanding"]) == (line.ref, True)
    assert line.refuses("t", "complete-form") == "C11"
    for section in Section:
        line("t", "row", line.ref, section, "Done as said")
    line("t", "set", line.ref, "systems=fw-1", "contact_phone=+44 7700 900123", "engineer_phone=+44 7700 900100")
    assert line.does("t", "complete-form")["state"] == "In review"


@pytest.mark.slow
def test_what_else_can_be_done_with_it(line: Line) -> None:
    """C3, C9, C13, T7: the answer no, a changed form, calling it off, notes and calls."""
    line.raises()
    assert line.does("n", "call", "--field", "who=Ada Moss", "--field", "text=When is it?")["state"] == "Draft"
    assert line.does("t", "note", "--field", "text=Ask for the key")["timeline"][-1]["text"] == "Ask for the key"
    line.is_scheduled()
    assert line.does("t", "cancel", "--field", "reason=Not needed")["state"] == "Cancelled"
    line.raises()
    line.fills_the_form()
    for action in ("submit", "assess", "send"):
        line.does("t", action)
    assert line.refuses("t", "approve", *AGREED) == "C3"
    assert line.does("t", "reject", *AGREED)["state"] == "Rejected"
    line.raises()
    line.is_scheduled()
    line.begins()
    line.does("t", "roll-back")
    line.does("t", "undo-step")
    line.does("t", "rolled-back")
    line.does("t", "reschedule", "--field", "starts=tomorrow 22:00", "--field", "ends=tomorrow 23:00")
    line("t", "row", line.ref, "implementation", "One more step")
    assert line.refuses("t", "return") == "C9"
    assert line.does("t", "resend")["state"] == "Awaiting customer approval"


def test_rows_are_changed_moved_and_taken_out(line: Line) -> None:
    line.raises()
    for text in ("a", "b", "c"):
        line("t", "row", line.ref, "implementation", text)
    line("t", "row", line.ref, "implementation", "B", "--number", "2", "--owner", "Vendor")
    line("t", "row", line.ref, "implementation", "--number", "3", "--after", "0")
    line("t", "row", line.ref, "outages", "No calls", "--from", "22:00", "--until", "23:00")
    line("t", "row", line.ref, "implementation", "--number", "2", "--remove")
    told = line("t", "show", line.ref, "--json").json["rows"]
    assert [(row["text"], row["owner"]) for row in told if row["section"] == "implementation"] == [
        ("c", WHO["t"]), ("B", "Vendor"),
    ]  # fmt: skip
    assert [bool(row["ends"]) for row in told if row["section"] == "outages"] == [True]
    assert line("t", "row", line.ref, "implementation", "--number", "7", "--remove").code == 1
    assert line("t", "row", line.ref, "implementation", "--remove").code == 2
    assert line("t", "row", line.ref, "nowhere", "x").code == 2


# -- the table


class StoryDesk:
    """A change's story behind the store's protocol, for one operator."""

    standing = Standing()

    def __init__(self, story: ChangeStory, me: Operator) -> None:
        self.story, self.me = story, me

    async def change(self, ref: object) -> ChangeView:
        """The change as it stands."""
        told = (change_entry(event, DESK) for event in self.story.events)
        return view_of(self.story.change, self.story.context(self.me), (each for each in told if each is not None))

    async def desk(self) -> DeskFile:
        """The desk file."""
        return DESK

    async def submit(self, command: Any) -> Receipt:
        """Let the rules decide."""
        try:
            self.story.submits(self.me, command)
        except Refusal as refusal:
            kind = NotAllowed if isinstance(refusal, Forbidden) else Invalid
            raise kind(refusal.message, rule=refusal.rule) from refusal
        it = self.story.change
        return Receipt(command.id, 1, it.id, it.version, it.ref)

    async def close(self) -> None:
        """There is nothing to let go of."""


SAID = {
    "by": "Ana Petrova", "channel": "email", "evidence": "message 7", "said": "Go ahead.", "reason": "It failed.",
    "text": "Hello", "outcome": "successful", "note": "As planned.", "ends": (ENDS + timedelta(days=3)).isoformat(),
    "starts": (OPENS + timedelta(days=3)).isoformat(), "new_end": (ENDS + timedelta(hours=2)).isoformat(),
}  # fmt: skip
WANTED = {
    "note": "text", "approve": "by channel evidence", "reject": "by channel evidence", "spoken": "by said ends",
    "extend": "by evidence new_end", "reschedule": "starts ends", "close": "outcome note", "cancel": "reason",
}  # fmt: skip


@pytest.fixture
def as_told(capfd: pytest.CaptureFixture[str]) -> Callable[[StoryDesk, str], Answer]:
    """Ask a desk in memory for an action, with all that may have to be said."""

    def go(desk: StoryDesk, action: str) -> Answer:
        async def opener(*_how: object) -> Any:
            return desk

        capfd.readouterr()
        fields = [f"--field={name}={SAID[name]}" for name in WANTED.get(action, "").split()]
        code = run(
            ["change", "do", "C-0117", action, *fields, "--json"], Shell(opener=opener, clock=lambda: desk.story.now)
        )
        return Answer(code, *capfd.readouterr())

    return go


@pytest.mark.parametrize("state", ChangeState)
@pytest.mark.parametrize("who", [NORA, LEA, TOM, SUE], ids=lambda who: str(who.name))
def test_every_state_action_and_role_as_the_table_has_it(
    as_told: Callable[[StoryDesk, str], Answer], state: ChangeState, who: Operator
) -> None:
    """C1-C13: what the table forbids is refused by its rule; what it allows leads where it says, or says what lacks."""
    for action in ACTIONS:
        act = ChangeAct.NOTE if action == "call" else ChangeAct(action)
        row, story = CHANGE_BY_ACT[act], change_to(state)
        before, version = story.change, story.change.version
        right = row.rights.get(role_of(who.level), ChangeRight.NO)
        own = is_own(who.name, before)
        fits = {ChangeRight.NO: False, ChangeRight.YES: True, ChangeRight.STANDARD: before.kind == "standard",
                ChangeRight.OWN: before.requester == who.name, ChangeRight.OTHERS: not own}[right]  # fmt: skip
        done = as_told(StoryDesk(story, who), action)
        if state not in row.sources or not fits:
            assert done.code == 1, (action, done.out)
            assert done.error["kind"] == "not_allowed", action
            assert done.error["rule"] in (rule_of(act, state), "C7"), action
            assert story.change.version == version
        elif done.code == 0:
            assert story.change.state in (row.leads_to or (state,)), action
        else:
            assert done.error["rule"], action
            context = story.context(who)
            assert lacks(act, before, context) or row.needs or done.error["kind"] == "not_found", (action, done.out)


def test_the_rights_can_be_printed(on: Run, store: Path) -> None:
    assert on(store, "change", "rights", "--json").json == change_table()
    page = on(store, "change", "rights").out
    assert {row["act"] for row in change_table()} <= set(page.split())


# -- read and printed


def test_a_change_reads_well(line: Line) -> None:
    line.raises()
    line.fills_the_form()
    page = line("t", "show", line.ref).out
    for words in (line.ref, "Brook & Lane", "4. Prerequisites", "1. First step", "What happened", "Say"):
        assert words in page
    assert "Still wanting" not in page
    told = line("t", "list").out
    assert line.ref in told
    assert line("t", "list", "--text", "nothing like it").out == "No changes.\n"
    assert [each["ref"] for each in line("t", "list", "--mine", "--json").json] == [line.ref]
    assert line.ref in line.run("find", line.ref).out


def test_the_form_is_printed(line: Line, tmp_path: Path) -> None:
    line.raises("--title", "Rules \x1b[31m of [/b] fw-1")
    line.fills_the_form()
    assert "First step" in line("t", "export", line.ref).out
    assert "\x1b" not in line("t", "export", line.ref, "--format", "md").out
    assert json.loads(line("t", "export", line.ref, "--format", "json").out)["form"]
    file = tmp_path / "form.md"
    answer = line("t", "export", line.ref, "--format", "md", "--output", str(file), "--json").json
    assert (answer["bytes"], answer["ref"]) == (file.stat().st_size, line.ref)
    pytest.importorskip("typst")
    pdf = tmp_path / "form.pdf"
    assert line("t", "export", line.ref, "--format", "pdf", "--output", str(pdf)).code == 0
    assert pdf.read_bytes().startswith(b"%PDF")


def test_what_was_mistyped_is_said(line: Line) -> None:
    line.raises()
    for args in (
        ("do", line.ref, "sumbit"), ("do", line.ref, "submit", "--field", "who=me"), ("set", line.ref, "titel=x"),
        ("set", line.ref, "starts=soonish"), ("set", line.ref, "issued=tomorrow"),
        ("do", line.ref, "note", "--field", "visibility=some"), ("set", line.ref),
        ("do", line.ref, "prepare", "--field", f"row={'9' * 5000}"),
    ):  # fmt: skip
        done = line("t", *args)
        assert (done.code, done.out) == (2, ""), args
    assert line("t", "export", line.ref, "--json", "--format", "pdf").error["kind"] == "usage"
    wrong = line.ref[:-1] + str((int(line.ref[-1]) + 1) % 10)
    refused = line("t", "show", wrong, "--json")
    assert (refused.code, refused.error["rule"]) == (1, "R041")
    assert line("n", "new", "--title", "No").code == 1
    assert line("t", "set", line.ref, "customer_zone=Europe/Nowhere", "--json").error["rule"] == "R152"
    assert line("t", "new", "--model", "nothing-like-it", "--json").error["rule"] == "T26"


def test_the_head_is_filled_and_cleared(line: Line) -> None:
    line.raises()
    line("t", "set", line.ref, "systems=a, b,", "starts=tomorrow 22:00", "issued=2025-11-20", "company=Alder Clinic")
    told = line("t", "show", line.ref, "--json").json
    assert (told["systems"], told["issued"], told["company"]) == (["a", "b"], "2025-11-20", "Alder Clinic")
    assert told["company_id"]
    assert told["starts"].startswith("2025-11-22T2")
    line("t", "set", line.ref, "starts=", "systems=")
    told = line("t", "show", line.ref, "--json").json
    assert (told["starts"], told["systems"]) == (None, [])
