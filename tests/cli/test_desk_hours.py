"""`deskterm desk due` and `deskterm desk open`, for people and for scripts (R077-R085)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

NOWHERE = Path("/nonexistent/desk.db")
UK = ("--desk", "follow-the-sun", "--calendar", "uk")
LUNCH = "Mon-Fri 09:00-13:00,14:00-18:00; Sat 09:00-12:00"
FRIDAY = "2026-03-27T17:00+00:00"


def test_a_target_over_the_weekend_in_which_clocks_go_forward(on: Run) -> None:
    """§6: four hours of a UK centre from Friday 17:00 GMT end on Monday at 12:00 BST."""
    found = on(NOWHERE, "desk", "due", *UK, "--from", FRIDAY, "--target", "4h", "--json")
    assert found.code == 0
    assert found.json["due"] == "2026-03-30T11:00:00Z"
    assert found.json["spans"] == [
        {"start": "2026-03-27T17:00:00Z", "end": "2026-03-27T18:00:00Z"},
        {"start": "2026-03-30T08:00:00Z", "end": "2026-03-30T11:00:00Z"},
    ]
    assert (found.json["calendar"], found.json["zone"], found.json["counted_seconds"]) == ("uk", "Europe/London", 14400)
    people = on(NOWHERE, "desk", "due", *UK, "--from", FRIDAY, "--target", "4h").out.splitlines()
    assert people[0] == "Due Monday 30 March 2026, 12:00 in Europe/London (2026-03-30 11:00 UTC)."
    assert [line.split() for line in people[3:]] == [
        ["Fri", "2026-03-27", "17:00", "18:00", "1:00", "1:00"],
        ["Mon", "2026-03-30", "09:00", "12:00", "3:00", "4:00"],
    ]


def test_a_file_of_ones_own_and_the_desk_in_force(on: Run, tmp_path: Path, store: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(on(NOWHERE, "desk", "samples", "it-assistance").out)
    args = ("desk", "due", "--from", "2026-06-01T09:00Z", "--target", "1d", "--json")
    only = on(NOWHERE, *args, "--desk", str(file))
    assert (only.json["calendar"], only.json["due"]) == ("office", "2026-06-03T09:00:00Z"), "2 June is a holiday there"
    assert on(store, *args, "--calendar", "business-za").json["zone"] == "Africa/Johannesburg"
    named = on(store, *args)
    assert (named.code, "business-uk" in named.error["message"]) == (2, True), "it has several"


def test_hours_can_be_tried_out_without_a_desk(on: Run) -> None:
    tried = ("desk", "due", "--zone", "Europe/London", "--json", "--target")
    lunch = on(NOWHERE, *tried, "5h", "--hours", LUNCH, "--from", "2026-03-27T12:00Z").json
    assert lunch["due"] == "2026-03-27T18:00:00Z"
    always = on(NOWHERE, *tried, "48h", "--hours", "always", "--from", "2028-02-28T12:00Z").json
    assert always["due"] == "2028-03-01T12:00:00Z"
    days = (*tried, "5d", "--hours", LUNCH, "--from", "2026-12-22T15:00Z")
    assert on(NOWHERE, *days).json["due"] == "2026-12-28T15:00:00Z", "Saturday is one of them"
    assert on(NOWHERE, *days, "--holidays", "GB-ENG").json["due"] == "2026-12-31T15:00:00Z"
    both = on(NOWHERE, *days, "--holidays", "GB-ENG", "--holidays", "AT").json
    assert both["due"] == "2026-12-31T15:00:00Z"
    local = on(NOWHERE, *tried, "1h", "--hours", "always", "--from", "2026-07-01 12:00").json
    assert local["from"] == "2026-07-01T11:00:00Z", "without an offset, by the clock of the zone"


def test_why_days_differ_is_told_to_people(on: Run) -> None:
    out = on(
        NOWHERE, "desk", "due", "--zone", "Europe/London", "--hours", "always", "--holidays", "GB-ENG",
        "--from", "2026-03-28T12:00Z", "--target", "30h",
    ).out  # fmt: skip
    assert "Clocks go forward by 1 h" in out
    easter = on(NOWHERE, "desk", "due", *UK, "--from", "2026-04-02T16:00Z", "--target", "4h").out
    assert "Holiday: Good Friday" in easter
    assert "Holiday: Easter Monday" in easter


def test_pauses_do_not_count(on: Run) -> None:
    """R093."""
    pauses = (
        "--pause", "2026-03-27T17:30Z/2026-03-30T08:30Z",
        "--pause", "2026-03-30T10:00Z/2026-03-30T10:10Z",
    )  # fmt: skip
    found = on(NOWHERE, "desk", "due", *UK, "--from", FRIDAY, "--target", "4h", *pauses, "--json").json
    assert found["due"] == "2026-03-30T12:10:00Z"
    assert len(found["pauses"]) == 2
    assert len(found["spans"]) == 3


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--zone", "Europe/Lodon", "--hours", "always"), 2, 'did you mean "Europe/London"'),
        (("--zone", "UTC", "--hours", "allways"), 2, '"allways" is no weekly hours'),
        (("--zone", "UTC"), 2, "both --zone and --hours"),
        (("--zone", "UTC", "--hours", "always", "--holidays", "England"), 2, '"GB-ENG"'),
        (("--zone", "UTC", "--hours", "always", "--holidays", "XX"), 1, '"XX" are not known'),
        (("--zone", "UTC", "--hours", "always", *UK), 2, "not both"),
        (("--desk", "follow-the-sun", "--calendar", "ukk"), 2, 'did you mean "uk"'),
        (("--desk", "follow-the-sun"), 2, "phone-uk, uk, us"),
        (("--desk", "follow-the-moon"), 1, "did you mean the sample follow-the-sun"),
        ((*UK, "--target", "4x"), 2, '"4x" is no duration'),
        ((*UK, "--from", "whenever"), 2, "--from"),
        ((*UK, "--from", "2026-03-29 01:30"), 2, "the clocks went forward"),
        ((*UK, "--from", "0001-01-01T00:00Z"), 1, "from 1900 to 2200"),
        ((*UK, "--pause", "2026-03-27T17:30Z"), 2, "FROM/TO"),
        ((*UK, "--pause", "2026-03-27T17:30Z/2026-03-27T17:00Z"), 2, "ends before it begins"),
        ((*UK, "--target", "9999d"), 1, "within 20 years"),
    ],
)
def test_what_cannot_be_counted_is_told(on: Run, args: tuple[str, ...], code: int, words: str) -> None:
    given = args if "--target" in args else (*args, "--target", "4h")
    found = on(NOWHERE, "desk", "due", *given, "--json")
    assert found.code == code
    assert words in found.error["message"]


def test_what_is_open_and_what_opens_next(on: Run) -> None:
    """R080, R083, X5: at 08:40 the line is answered, and no centre is open yet."""
    args = ("desk", "open", "--desk", "follow-the-sun", "--at", "2026-11-23T08:40+00:00")
    people = on(NOWHERE, *args).out
    assert "No centre is open. London opens next, today at 09:00." in people
    assert "UK line   ● open    until today at 17:30" in people
    found = on(NOWHERE, *args, "--json").json
    assert [(each["name"], each["is_open"], each["changes_at"]) for each in found["centres"]] == [
        ("uk", False, "2026-11-23T09:00:00Z"),
        ("us", False, "2026-11-23T11:00:00Z"),
    ]
    assert [(each["name"], each["is_open"]) for each in found["lines"]] == [("UK line", True)]
    assert (found["opens_next"]["name"], found["changes_at"]) == ("uk", "2026-11-23T09:00:00Z")


def test_a_desk_that_never_closes_says_so(on: Run, store: Path) -> None:
    out = on(store, "desk", "open").out
    assert "Network operations centre   ● open  always" in out
    assert "South Africa line" in out
    assert "opens next" not in out


def test_a_file_that_names_a_region_without_known_holidays_is_refused(on: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    source = on(NOWHERE, "desk", "samples", "it-assistance").out
    file.write_text(source.replace('holidays = ["IT"]', 'holidays = ["IT", "IT-ZZ"]'))
    line = source[: source.index("holidays = [")].count("\n") + 1
    found = on(NOWHERE, "desk", "check", str(file))
    words = 'calendar[1].holidays[2]: The public holidays of "IT-ZZ" are not known.'
    assert (found.code, found.err.strip()) == (1, f"mine.toml:{line}: {words}")


def test_holidays_are_loaded_only_by_who_asks_for_them() -> None:
    code = (
        "import sys; from deskterm.cli import main; main(sys.argv[1:]); "
        "sys.exit(9 if 'holidays' in sys.modules else 0)"
    )  # fmt: skip

    def loads(*args: str) -> bool:
        done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, check=False, timeout=60)
        return done.returncode == 9

    tried = ("desk", "due", "--zone", "UTC", "--hours", "Mon-Fri 09:00-17:00", "--target", "4h")
    assert not loads("--version")
    assert not loads(*tried)
    assert loads(*tried, "--holidays", "GB-ENG")
