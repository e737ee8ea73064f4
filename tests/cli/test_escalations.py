"""The way up on the shell: every escalation can be read back with kind, trigger, from, to, reason, by and at."""

from __future__ import annotations

from deskterm.desk.records.ticket import Status
from tests.cli.conftest import Run
from tests.cli.memory import MemoryDesk
from tests.people import LEA, NORA, SUE, TOM, story_to

WANTED = {"kind", "trigger", "from", "to", "reason", "by", "at"}


def test_every_escalation_can_be_read_back(on: Run) -> None:
    """R096: and what was said to it, in `escalations` and in `show`."""
    desk = MemoryDesk(story_to(Status.ROUTED), NORA)
    ref = desk.ticket_now.ref
    made = on(desk, "escalate", ref, "--reason", "They wait since Monday.", "--json").json["escalations"][0]
    assert made.keys() >= WANTED
    assert (made["kind"], made["trigger"], made["from"], made["by"]) == ("hierarchical", "customer", "Network", "Nora")
    desk.me = TOM
    on(desk, "escalate", ref, "--operator", "--to", "Sue", "--reason", "Too deep.")
    on(desk, "answer-escalation", ref, "--number", "1", "--state", "plan", "A new", "trunk.")
    told = on(desk, "escalations", ref, "--json").json
    assert [(step["number"], step["trigger"], step["state"]) for step in told] == [
        (1, "customer", "plan-agreed"), (2, "operator", "raised"),
    ]  # fmt: skip
    assert (told[0]["plan"], told[0]["answers"][0]["by"]) == ("A new trunk.", "Tom")
    assert on(desk, "show", ref, "--json").json["escalations"] == told


def test_people_read_them_too(on: Run) -> None:
    desk = MemoryDesk(story_to(Status.ROUTED), NORA)
    ref = desk.ticket_now.ref
    assert "It was not escalated." in on(desk, "escalations", ref).out
    on(desk, "escalate", ref, "--reason", "They wait since Monday.")
    page = on(desk, "escalations", ref).out
    assert "hierarchical, customer: Network to Desk manager, Sue" in page
    assert "They wait since Monday." in page
    assert "escalated to Desk manager, Sue (raised)" in on(desk, "show", ref).out


def test_a_call_is_logged_and_escalated_in_one_line(on: Run) -> None:
    """R099."""
    desk = MemoryDesk(story_to(Status.NEW), NORA)
    saved = on(desk, "log", "--summary", "All is down", "--escalate", "Wants the manager", "--json").json
    assert [step["reason"] for step in saved["escalations"]] == ["Wants the manager"]


def test_a_major_incident_is_proposed_declared_and_ended(on: Run) -> None:
    """T19, R143: a report is owed until it is delivered, which it is once all is over."""
    desk = MemoryDesk(story_to(Status.ROUTED), NORA)
    ref = desk.ticket_now.ref
    assert on(desk, "major", ref, "--reason", "All call.", "--json").json["major"]["state"] == "proposed"
    desk.me = SUE
    assert on(desk, "major", ref, "--reason", "They do.", "--json").json["major"]["state"] == "declared"
    assert on(desk, "report", ref, "Too early", "--json").error["rule"] == "R143"
    assert on(desk, "end-major", ref, "--json").json["major"]["state"] == "ended"
    assert on(desk, "report", ref, "On the share, as IR-12", "--json").json["major"]["report_due"] is False
    assert on(desk, "report", ref, "Again", "--json").error["rule"] == "R143"


def test_what_is_wanting_is_said(on: Run) -> None:
    desk = MemoryDesk(story_to(Status.IN_PROGRESS), LEA)
    ref = desk.ticket_now.ref
    assert on(desk, "escalate", ref, "--json").error["rule"] == "T17"
    assert on(desk, "intervene", ref, "--json").error["rule"] == "R055"
    assert on(desk, "restore-time", ref, "2h", "--json").json["timekeeping"]["restore"]["by"] == "Lea"
    assert on(desk, "intervene", ref, "--repair", "supplier", "--json").json["repair"] == "supplier"
    assert on(desk, "restore-time", ref, "soonish").code == 2
