"""Calls logged, listed and shown on the shell, on a real store."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, quietly

PROMISED = {
    "ref", "status", "type", "summary", "company", "contact", "channel", "impact", "urgency", "priority", "group",
    "owner", "originator", "followers", "incomplete", "version", "opened_at",
}  # fmt: skip


def logged(on: Run, store: Path, *args: str) -> Any:
    answer = on(store, "log", "--json", *args)
    assert (answer.code, answer.err) == (0, "")
    return answer.json


def test_a_call_is_logged_and_handed_on(on: Run, store: Path) -> None:
    """T1, T3, R072: in one go, and whoever handed it on follows it."""
    ticket = logged(
        on, store, "--summary", "No dial tone", "--company", "Brook & Lane", "--contact", "jon reed",
        "--impact", "high", "--urgency", "2", "--to", "net-2",
    )  # fmt: skip
    assert ticket.keys() >= PROMISED
    assert (ticket["status"], ticket["group"], ticket["priority"]) == ("Routed", "net-2", "p1")
    assert (ticket["type"], ticket["channel"], ticket["opened_at"]) == ("incident", "phone", "2025-11-21T10:41:00Z")
    assert ticket["originator"] in ticket["followers"]
    assert (ticket["contact"], ticket["phone"]) == ("Jon Reed", "+44 7700 900188")


def test_the_reference_is_shown_to_be_read_out(on: Run, store: Path) -> None:
    """R038, R073."""
    out = on(store, "log", "--summary", "No dial tone").out
    assert "Reference   1 0 0 0 – 0 9" in out
    assert "Say: We have it on record" in out


def test_a_call_that_may_not_be_handed_on_is_saved_all_the_same(on: Run, store: Path) -> None:
    """T3: nothing is lost; the message says where it is and what is missing."""
    answer = on(store, "log", "--summary", "No dial tone", "--to", "net-2", "--json")
    assert answer.code == 1
    assert answer.error["rule"] == "T3"
    assert answer.json["ticket"]["status"] == "New"
    ref = answer.json["ticket"]["ref"]
    for word in (ref, "impact", "urgency"):
        assert word in answer.error["message"]
    people = on(store, "log", "--summary", "No dial tone", "--to", "nobody", "--impact", "1", "--urgency", "1")
    assert (people.code, "Reference" in people.out) == (1, True)
    assert "There is no group 'nobody'" in people.err
    assert on(store, "show", ref, "--json").json["status"] == "New"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("request", "service_request"),
        ("service-request", "service_request"),
        ("Service_Request", "service_request"),
        ("quer", "query"),
        ("INCIDENT", "incident"),
    ],
)
def test_a_type_is_understood_as_people_write_it(on: Run, store: Path, typed: str, meant: str) -> None:
    assert logged(on, store, "--summary", "x", "--type", typed)["type"] == meant


@pytest.mark.parametrize(
    ("typed", "company", "contact", "contract"),
    [
        (("--company", "brook & lane"), "Brook & Lane", "", "BL-204"),
        (("--company", "bl"), "Brook & Lane", "", "BL-204"),
        (("--company", "Brook & Lane", "--contact", "ada moss"), "Brook & Lane", "Ada Moss", "BL-204"),
        (("--phone", "07700 900123"), "Brook & Lane", "Ada Moss", "BL-204"),
        (("--contact", "Ada Moss", "--phone", "0044 7700 900455"), "Alder Clinic", "Ada Moss", ""),
        (("--contact", "jon reed"), "Brook & Lane", "Jon Reed", "BL-204"),
        (("--contact", "ada moss"), "", "ada moss", ""),
        (("--company", "Nowhere Ltd", "--contact", "Jon Reed"), "Nowhere Ltd", "Jon Reed", ""),
        (("--company", "Brook & Lane", "--contact", "Somebody New"), "Brook & Lane", "Somebody New", "BL-204"),
        (("--contract", "BL-204"), "Brook & Lane", "", "BL-204"),
        (("--company", "AC"), "Alder Clinic", "", ""),
        (("--company", "AC", "--service", "lan-7"), "Alder Clinic", "", "AC-2"),
        (("--service", "SIP-204"), "Brook & Lane", "", "BL-204"),
        (("--item", "2XK-11"), "Brook & Lane", "", "BL-204"),
    ],
)
def test_a_caller_is_recognised_where_one_is_meant(
    on: Run, store: Path, typed: tuple[str, ...], company: str, contact: str, contract: str
) -> None:
    """R011: what names one known customer is filled in; what names none, or several, stays as it was typed."""
    ticket = logged(on, store, "--summary", "x", *typed)
    assert (ticket["company"], ticket["contact"], ticket["contract"]) == (company, contact, contract)
    assert (ticket["company_id"] is not None) == (company in ("Brook & Lane", "Alder Clinic"))
    known = ticket["company_id"] is not None and contact in ("Ada Moss", "Jon Reed")
    assert (ticket["contact_id"] is not None) == known


def test_who_called_before_is_recognised_though_nobody_registered_them(on: Run, store: Path) -> None:
    """R011: `callers` and `card` know them, and `log` fills in what the one who fits said last time."""
    jo = (
        "--contact",
        "Jo Park",
        "--company",
        "Corner Bakery",
        "--phone",
        "07700 900999",
        "--email",
        "jo@corner.example",
    )
    first = logged(on, store, "--summary", "Till has no network", *jo)
    (match,) = on(store, "callers", "0999", "--json").json
    assert (match["name"], match["matched"], match["ref"]) == ("Jo Park", "called before", first["ref"])
    assert (match["contact_id"], match["company_id"]) == (None, None)
    assert "called before" in on(store, "callers", "jo park").out
    card = on(store, "card", "+44 7700 900999").out
    for words in ("Corner Bakery", "Jo Park", "Called before", "Till has no network"):
        assert words in card, words
    for typed in (("--phone", "0044 7700 900999"), ("--contact", "jo park")):
        ticket = logged(on, store, "--summary", "x", *typed)
        assert (ticket["contact"].casefold(), ticket["company"]) == ("jo park", "Corner Bakery")
        assert (ticket["phone"][-6:], ticket["email"], ticket["company_id"]) == ("900999", "jo@corner.example", None)
    assert logged(on, store, "--summary", "x", "--phone", "07700 9009")["contact"] == ""
    assert logged(on, store, "--summary", "x", "--contact", "jo park", "--company", "Other Ltd")["phone"] == ""


def test_answers_go_where_they_belong(on: Run, store: Path) -> None:
    """R008: own facts are facts, the rest are fields of the desk, or of the caller's contract."""
    ticket = logged(
        on, store, "--summary", "x", "--company", "BL", "--field", "serial=2XK-11",
        "--field", "Software-Version=7.1 = new", "--field", "rack=4", "--field", "began=09:10", "--field", "type=query",
    )  # fmt: skip
    assert (ticket["item"], ticket["began"], ticket["type"]) == ("2XK-11", "2025-11-21T09:10:00Z", "query")
    assert ticket["fields"] == {"software_version": "7.1 = new", "rack": "4"}
    assert ticket["incomplete"] == []


def test_what_a_contract_requires_is_listed_as_missing(on: Run, store: Path) -> None:
    """R010."""
    assert logged(on, store, "--summary", "x", "--company", "BL")["incomplete"] == ["rack"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("--field", "serail=1"), "Did you mean serial?"),
        (("--field", "rack=1"), "no 'rack'"),
        (("--field", "serial"), "KEY=VALUE"),
        (("--field", "company_id=x"), "no 'company_id'"),
        (("--field", "fault=bent"), "hardware, software"),
        (("--began", "tomorrow 09:00"), "still to come"),
        (("--began", "whenever"), "Not understood"),
        (("--type", "rumour"), "incident"),
        (("--channel", "pigeon"), "email"),
        (("--limit", "3"), "--limit"),
    ],
)
def test_what_is_not_understood_is_wrong_usage_before_anything_is_saved(
    on: Run, store: Path, typed: tuple[str, ...], says: str
) -> None:
    answer = on(store, "log", "--summary", "x", *typed)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
    assert "Usage: deskterm log" in answer.err
    assert on(store, "list", "--all", "--json").json == []


def test_a_value_that_is_on_no_scale_is_refused_by_the_rules(on: Run, store: Path) -> None:
    """R045."""
    answer = on(store, "log", "--summary", "x", "--impact", "enormous", "--json")
    assert (answer.code, answer.error["kind"], answer.error["rule"]) == (1, "invalid", "R045")


def test_nothing_to_log_is_wrong_usage(on: Run, store: Path) -> None:
    assert on(store, "log").code == 2


def test_long_text_comes_from_standard_input(on: Run, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _type_in(monkeypatch, "Straße\nline two ".encode() + b"\xff\n")
    ticket = logged(on, store, "--summary", "x", "--description", "-")
    assert ticket["description"] == "Straße\nline two \ufffd"
    _type_in(monkeypatch, b"It is\nthe cable\n")
    on(store, "note", ticket["ref"], "-")
    assert on(store, "show", ticket["ref"], "--json").json["timeline"][-1]["text"] == "It is\nthe cable"


@pytest.mark.parametrize("asked", ["--summary", "--description"])
def test_standard_input_is_bounded(on: Run, store: Path, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    _type_in(monkeypatch, b"x" * 1_000_001)
    assert "1 MB" in on(store, "log", asked, "-").err
    _type_in(monkeypatch, b"x" * 1_000_000)
    assert on(store, "log", asked, "-").code == 0


def test_standard_input_is_one_text(on: Run, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _type_in(monkeypatch, b"x")
    assert on(store, "log", "--summary", "-", "--description", "-").code == 2


def _type_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


# -- lists


@pytest.fixture(scope="module")
def filled(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six tickets: three routed, one of them taken and one closed; one withdrawn; two new."""
    path = Path(shutil.copy(furnished, tmp_path_factory.mktemp("filled") / "desk.db"))
    for number, urgency in enumerate(("high", "low", "medium")):
        call = ("--impact", "low", "--urgency", urgency, "--to", "net-2")
        quietly(path, "log", "--summary", f"Routed {number}", *call)
    for word in ("Gone", "New one", "New two"):
        quietly(path, "log", "--summary", word)
    quietly(path, "take", "1000-14", "--as", "wei")
    quietly(path, "take", "1000-23", "--as", "priya")
    quietly(path, "resolve", "1000-23", "--resolution", "Works", "--no-article", "Once only", "--as", "priya")
    quietly(path, "confirm", "1000-23", "--by", "Jon")
    quietly(path, "withdraw", "1000-38", "--reason", "It works again")
    return path


@pytest.fixture
def full(filled: Path, tmp_path: Path) -> Path:
    """The same six tickets in a store of the test's own."""
    return Path(shutil.copy(filled, tmp_path / "desk.db"))


@pytest.mark.parametrize(
    ("asked", "summaries"),
    [
        ((), ["Routed 0", "Routed 1", "New one", "New two"]),
        (("--limit", "2"), ["Routed 0", "Routed 1"]),
        (("--all",), ["New two", "New one", "Gone", "Routed 2", "Routed 1", "Routed 0"]),
        (("--all", "--limit", "1"), ["New two"]),
        (("--group", "NET-2"), ["Routed 0", "Routed 1"]),
        (("--group", "soc"), []),
        (("--status", "closed"), ["Routed 2"]),
        (("--status", "new"), ["New two", "New one"]),
        (("--mine", "--as", "wei"), ["Routed 1"]),
        (("--mine",), []),
        (("--view", "unrouted"), ["New one", "New two"]),
        (("--view", "Unrouted"), ["New one", "New two"]),
        (("--text", "routed"), ["Routed 0", "Routed 1"]),
        (("--all", "--text", "routed", "--status", "Closed"), ["Routed 2"]),
    ],
)
def test_a_list_holds_what_was_asked_for(on: Run, full: Path, asked: tuple[str, ...], summaries: list[str]) -> None:
    answer = on(full, "list", "--json", *asked)
    assert [ticket["summary"] for ticket in answer.json] == summaries
    assert all(ticket.keys() >= PROMISED for ticket in answer.json)
    people = on(full, "list", *asked).out
    assert all(summary in people for summary in summaries) if summaries else people == "No tickets.\n"


def test_a_group_goes_by_its_title_too(on: Run, full: Path) -> None:
    titles = {each["name"]: each["title"] for each in on(full, "desk", "show", "--json").json["groups"]}
    assert len(on(full, "list", "--group", titles["net-2"].upper(), "--json").json) == 2


def test_a_long_list_is_read_page_by_page(on: Run, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deskterm.cli.tickets.PAGE", 2)
    monkeypatch.setattr("deskterm.cli.tickets.SCREENFUL", 3)
    refs = [ticket["ref"] for ticket in on(full, "list", "--all", "--json").json]
    assert len(refs) == len(set(refs)) == 6
    assert len(on(full, "list", "--all", "--limit", "5", "--json").json) == 5
    people = on(full, "list").out
    assert "There are more than these 3" in people
    assert "There are more" not in on(full, "list", "--all").out


def test_a_view_that_is_not_there_is_wrong_usage(on: Run, full: Path) -> None:
    answer = on(full, "list", "--view", "unruoted")
    assert (answer.code, "groups, mine, following" in answer.err) == (2, True)
    assert on(full, "list", "--mine", "--all").code == 2


def test_a_view_of_ones_own(on: Run, full: Path) -> None:
    on(full, "views", "--save", "Calls", "--text", "routed 0")
    assert [ticket["summary"] for ticket in on(full, "list", "--view", "calls", "--json").json] == ["Routed 0"]
    views = {each["view"]["name"]: each["count"] for each in on(full, "views", "--json").json}
    assert views["Calls"] == 1
    assert "Calls" not in on(full, "views", "--forget", "Calls").out


# -- one ticket


def test_a_ticket_is_shown_whole(on: Run, full: Path) -> None:
    ref = on(full, "list", "--mine", "--as", "wei", "--json").json[0]["ref"]
    shown = on(full, "show", ref.replace("-", " "), "--json").json
    assert shown.keys() >= PROMISED | {"timeline", "say", "may"}
    assert [entry["kind"] for entry in shown["timeline"]] == ["call", "hand-off", "take"]
    assert {each["act"]: each["allowed"] for each in shown["may"]}["take"] is False
    assert all(each.keys() >= {"act", "allowed", "rule", "reason"} for each in shown["may"])
    people = on(full, "show", ref).out
    for words in (ref, "Routed 1", "Wei Chen", "Taken", shown["say"], "You may"):
        assert words in people


@pytest.mark.parametrize(("ref", "kind"), [("1000-08", "invalid"), ("2000-02", "not_found"), ("what", "invalid")])
def test_a_wrong_reference_is_refused(on: Run, store: Path, ref: str, kind: str) -> None:
    """R041."""
    answer = on(store, "show", ref, "--json")
    assert (answer.code, answer.error["kind"]) == (1, kind)


def test_facts_are_amended(on: Run, store: Path) -> None:
    """T7: by the same keys as they are logged; the caller is looked up again."""
    ref = logged(on, store, "--summary", "x", "--company", "BL", "--field", "rack=4", "--began", "09:00")["ref"]
    after = on(
        store, "amend", ref, "summary=Dial tone gone", "impact=low", "company=Alder Clinic", "rack=", "make=Harbour",
        "began=", "--json",
    ).json  # fmt: skip
    assert (after["summary"], after["company"], after["began"]) == ("Dial tone gone", "Alder Clinic", None)
    assert after["contract"] == "BL-204", "what nobody changed stays"
    assert after["fields"] == {"rack": "", "make": "Harbour"}
    clinic = logged(on, store, "--summary", "y", "--company", "Alder Clinic")
    assert after["company_id"] == clinic["company_id"]
    assert on(store, "amend", ref, "company=Nowhere Ltd", "--json").json["company_id"] is None
    assert on(store, "amend", ref, "smumary=x").code == 2
    assert on(store, "amend", ref).code == 2


def test_callers_join_and_chase(on: Run, store: Path) -> None:
    """R116, R130."""
    ref = logged(on, store, "--summary", "x", "--company", "BL")["ref"]
    joined = on(store, "join", ref, "Same here", "--contact", "jon reed", "--company", "bl", "--json").json["joined"]
    assert (joined[0]["contact"], joined[0]["phone"], joined[0]["words"]) == (
        "Jon Reed",
        "+44 7700 900188",
        "Same here",
    )
    assert on(store, "join", ref).code == 2
    assert on(store, "chase", ref, "Where", "is it?", "--json").json["chases"] == 1
    told = on(store, "contact", ref, "--out", "--reason", "status", "--channel", "e-mail", "--who", "Jon")
    assert "Jon was told where it stands by e-mail" in told.out


def test_notes_are_internal_unless_said_otherwise(on: Run, store: Path) -> None:
    """R113."""
    ref = logged(on, store, "--summary", "x")["ref"]
    on(store, "note", ref, "between", "us")
    on(store, "note", ref, "for you", "--customer")
    notes = [entry for entry in on(store, "show", ref, "--json").json["timeline"] if entry["kind"] == "note"]
    assert [(note["text"], note["customer_sees"]) for note in notes] == [("between us", False), ("for you", True)]
    assert on(store, "note", ref).code == 2


def test_a_wait_ends_when_it_was_said_to(on: Run, full: Path) -> None:
    """T9."""
    ref = on(full, "list", "--mine", "--as", "wei", "--json").json[0]["ref"]
    on(full, "start", ref, "--as", "wei")
    reasons = [each["key"] for each in on(full, "desk", "show", "--json").json["pending"]]
    waiting = on(full, "pend", ref, "--reason", reasons[0], "--until", "tomorrow 09:00", "--as", "wei", "--json").json
    assert (waiting["status"], waiting["resume_at"]) == ("Pending", "2025-11-22T09:00:00Z")
    assert on(full, "pend", ref, "--reason", reasons[0], "--until", "never", "--as", "wei").code == 2


def test_an_act_tells_people_where_the_ticket_stands(on: Run, full: Path) -> None:
    ref = on(full, "list", "--view", "unrouted", "--json").json[0]["ref"]
    out = on(full, "amend", ref, "impact=low", "urgency=low").out
    assert out.startswith(f"{ref} · ")
    assert "nothing changed" in on(full, "amend", ref, "impact=low").out
    assert "Handed on to Network engineering" in on(full, "hand-off", ref, "--to", "net-2").out


def test_a_text_without_end_is_cut_for_people_only(on: Run, store: Path) -> None:
    ref = logged(on, store, "--summary", "x", "--description", "word " * 50_000)["ref"]
    people = on(store, "show", ref).out
    assert len(people) < 40_000
    assert "--json holds all of it" in people
    assert len(on(store, "show", ref, "--json").json["description"]) == 250_000
