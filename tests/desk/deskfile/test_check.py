"""Desk files: what is broken is found, all of it, each with its file, line, key and cure."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskterm.desk.deskfile import DeskFile, toml_lines
from deskterm.desk.deskfile.check import (
    LARGEST,
    MOST_PROBLEMS,
    SAMPLES,
    DeskFileError,
    Problem,
    decode,
    load_sample,
    read_again,
    read_desk,
    read_desk_file,
)

DESK = """\
[desk]
name = "Test Desk"
zone = "Europe/London"
[reference]
prefix = "TD"
[scales]
impact = [
  { key = "high", name = "High" },
  { key = "low", name = "Low" },
]
urgency = [{ key = "now", name = "Now" }, { key = "later", name = "Later" }]
priority = [{ key = "p1", name = "First" }, { key = "p2", name = "Second" }]
[matrix]
high = ["p1", "p2"]
low = ["p2", "p2"]
[[calendar]]
name = "office"
zone = "Europe/London"
hours = "Mon-Fri 09:00-13:00,14:00-18:00; Sat 09:00-12:00"
[[centre]]
name = "leeds"
zone = "Europe/London"
calendar = "office"
[[group]]
name = "desk-1"
level = 1
centre = "leeds"
[[group]]
name = "net-2"
level = 2
[[operator]]
name = "Ada Okafor"
level = 0
login = "ada"
[[operator]]
name = "Ben Ortega"
level = 1
login = "ben"
groups = ["desk-1",
  "net-2"]
[[channel]]
kind = "phone"
calendar = "office"
[[intake]]
key = "summary"
need = "required"
[[intake]]
key = "pattern"
kind = "choice"
choices = ["comes and goes", "stays"]
[[pending]]
key = "parts"
name = "Waiting for parts"
[[solution]]
id = "K1"
title = "No tone"
steps = "Restart it."
resolution = "It was restarted."
[[contract_level]]
name = "gold"
calendar = "office"
[[target]]
priority = "p1"
response = "30m"
[[ladder]]
name = "up"
kind = "functional"
trigger = ["operator"]
[[ladder.stage]]
role = "Second line"
group = "net-2"
after = "4h"
"""


def problems_of(source: str) -> Sequence[Problem]:
    with pytest.raises(DeskFileError) as refused:
        read_desk(source, "my.toml")
    return refused.value.problems


def problems_if_any(source: str) -> Sequence[Problem]:
    try:
        read_desk(source, "my.toml")
    except DeskFileError as error:
        return error.problems
    return []


def changed(old: str, new: str) -> str:
    assert DESK.count(old) >= 1, old
    return DESK.replace(old, new, 1)


def test_the_desk_these_tests_break_is_whole() -> None:
    desk = read_desk(DESK, "my.toml")
    assert desk.desk.name == "Test Desk"
    assert [group.name for group in desk.group] == ["desk-1", "net-2"]
    assert desk.ladder[0].stage[0].after == "4h"


BROKEN = [
    # change                                            line  key                    words of the message
    ('name = "Test Desk"\n', "", 1, "desk.name", "missing; add name ="),
    ('name = "Test Desk"', 'name = ""', 2, "desk.name", "must not be empty"),
    ('name = "Test Desk"', "name = 5", 2, "desk.name", "must be text in quotes"),
    ('name = "Test Desk"', 'name_ = "x"\nname = "x"', 2, "desk.name_", 'no key "name_"; did you mean "name"?'),
    ('"Europe/London"', '"Europe/Londn"', 3, "desk.zone", 'did you mean "Europe/London"?'),
    ('"Europe/London"', '"../../etc/passwd"', 3, "desk.zone", "no zone"),
    ('"Europe/London"\n', '"Europe/London"\ncountry = "gb"\n', 4, "desk.country", 'such as "GB"'),
    ('"Europe/London"\n', '"Europe/London"\nremind_portal = "often"\n', 4, "desk.remind_portal", "true or false"),
    ('"Europe/London"\n', '"Europe/London"\nreopen_days = -1\n', 4, "desk.reopen_days", "at least 0"),
    ('prefix = "TD"', 'prefix = "Ticket "', 5, "reference.prefix", "capital letters"),
    ('prefix = "TD"', "first = 3", 5, "reference.first", "at least 1000"),
    ("[reference]", "[[reference]]", 4, "reference", "[reference] with one bracket"),
    ('key = "low", name = "Low"', 'key = "low"', 9, "scales.impact[2].name", "missing; add name"),
    ('key = "low", name', 'key = "Low!", name', 9, "scales.impact[2].key", "small letters"),
    ('key = "low", name = "Low"', 'key = "low", name = "HIGH"', 9, "scales.impact[2].name", "taken already"),
    ('low = ["p2", "p2"]\n', "", 13, "matrix.low", 'add low = ["…", "…"]'),
    ('high = ["p1", "p2"]', 'high = ["p1"]', 14, "matrix.high", "has 1 priorities; it needs 2"),
    ('high = ["p1", "p2"]', 'high = ["p1", "p3"]', 14, "matrix.high[2]", 'no priority "p3"; known are p1, p2'),
    ("low = [", "lwo = [", 15, "matrix.lwo", 'no impact "lwo"; did you mean "low"?'),
    ('low = ["p2", "p2"]', 'low = "p2"', 15, "matrix.low", 'put "p2" in square brackets'),
    ("Mon-Fri 09:00-13:00", "Mon-Fry 09:00-13:00", 19, "calendar[1].hours", "no day; they are Mon"),
    ("09:00-13:00", "13:00-09:00", 19, "calendar[1].hours", "ends before it starts"),
    (",14:00", ",12:00", 19, "calendar[1].hours", "before the span in front of it"),
    ("; Sat", "; Fri", 19, "calendar[1].hours", "Fri has hours twice"),
    ("Mon-Fri 09:00-13:00", "9 to 5", 19, "calendar[1].hours", '"Mon-Fri 09:00-17:30" or "always"'),
    ('[[centre]]\nname = "leeds"', 'dates = { 2026-13-01 = "09:00-12:00" }\n[[centre]]\nname = "leeds"', 20,
     "calendar[1].dates.2026-13-01", "must be a date"),
    ('[[centre]]\nname = "leeds"', 'holidays = ["England"]\n[[centre]]\nname = "leeds"', 20,
     "calendar[1].holidays[1]", '"GB-ENG"'),
    ('calendar = "office"', 'calendar = "ofice"', 23, "centre[1].calendar", 'did you mean "office"?'),
    ('centre = "leeds"', 'centre = "hull"', 27, "group[1].centre", 'no centre "hull"; known are leeds'),
    ('name = "net-2"\nlevel = 2', 'name = "DESK-1"\nlevel = 2', 29, "group[2].name", "small letters"),
    ('name = "net-2"\nlevel = 2', 'name = "desk-1"\nlevel = 2', 29, "group[2].name", "taken already by group 1"),
    ('name = "net-2"\nlevel = 2', 'name = "net-2"\nlevel = "2"', 30, "group[2].level", "write 2 without quotes"),
    ('name = "net-2"\nlevel = 2', 'name = "net-2"\nlevel = 4', 30, "group[2].level", "write one of"),
    ('[[group]]\nname = "net-2"\n', "[[group]]\n", 28, "group[2].name", "missing; add name"),
    ('login = "ben"', 'login = "ADA"', 38, "operator[2].login", '"ADA" is taken already by operator 1'),
    ('login = "ben"', 'login = "ada okafor"', 38, "operator[2].login", "taken already by operator 1"),
    ('"net-2"]', '"net2"]', 40, "operator[2].groups[2]", 'no group "net2"; did you mean "net-2"?'),
    ('level = 1\nlogin = "ben"', 'level = "superviser"', 37, "operator[2].level", 'did you mean "supervisor"?'),
    ('level = 1\nlogin = "ben"', 'level = "guest"', 37, "operator[2].level", 'No person has the level "guest"'),
    ('level = 1\nlogin = "ben"', "level = 5", 37, "operator[2].level", '0, 1, 2, 3, "supervisor", "vendor".'),
    ('login = "ben"', 'login = "Deskterm"', 38, "operator[2].login", "is the desk itself"),
    ('groups = ["desk-1",\n  "net-2"]', 'groups = "desk-1"', 39, "operator[2].groups", "in square brackets"),
    ('kind = "phone"', 'kind = "fone"', 42, "channel[1].kind", 'did you mean "phone"?'),
    ('need = "required"', 'need = "require"', 46, "intake[1].need", 'did you mean "required"?'),
    ('need = "required"', 'channels = ["sms"]', 46, "intake[1].channels[1]", 'no channel "sms"; known are phone'),
    ('choices = ["comes and goes", "stays"]\n', "", 47, "intake[2].choices", "needs its choices"),
    ('kind = "choice"\n', "", 49, "intake[2].choices", 'add kind = "choice"'),
    ('key = "pattern"', 'key = "summary"', 48, "intake[2].key", "taken already by intake 1"),
    ('key = "pattern"', 'key = "company_id"', 48, "intake[2].key", "choose another key"),
    ('id = "K1"', 'id = "k-1"', 55, "solution[1].id", '"K12"'),
    ("[[contract_level]]", '[[solution]]\nid = "K1"\ntitle = "a"\nsteps = "b"\nresolution = "c"\n[[contract_level]]',
     60, "solution[2].id", "taken already by solution 1"),
    ('priority = "p1"\nresp', 'contract_level = "glod"\npriority = "p1"\nresp', 63, "target[1].contract_level",
     'did you mean "gold"?'),
    ('response = "30m"', 'response = "half an hour"', 64, "target[1].response", 'like "30m"'),
    ('response = "30m"\n', "", 62, "target[1]", "add response, update or restore"),
    ('priority = "p1"\nresp', 'priority = "p9"\nresp', 63, "target[1].priority", "no priority"),
    ('trigger = ["operator"]', 'trigger = ["age"]', 68, "ladder[1].trigger[1]", "write one of"),
    ('group = "net-2"\nafter', 'group = "net-3"\nafter', 71, "ladder[1].stage[1].group", 'did you mean "net-2"?'),
    ('after = "4h"', 'after = "0h"', 72, "ladder[1].stage[1].after", "no duration"),
    ("[[pending]]", "[[pending_]]", 51, "pending_", 'did you mean "pending"?'),
    ('[[channel]]\nkind = "phone"\ncalendar = "office"', '[channel]\nkind = "phone"', 41, "channel", "[[channel]]"),
    ("[matrix]", "[matrx]", 1, "matrix", "missing; add [matrix]"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "words"), BROKEN, ids=[f"{row[3]}-{row[4]}" for row in BROKEN])
def test_a_broken_file_is_told_where_and_what_to_do(old: str, new: str, line: int, key: str, words: str) -> None:
    found = [problem for problem in problems_of(changed(old, new)) if problem.key == key]
    assert found, problems_of(changed(old, new))
    problem = next((each for each in found if words in each.message), found[0])
    assert (problem.file, problem.line, problem.key) == ("my.toml", line, key)
    assert words in problem.message
    assert str(problem) == f"my.toml:{line}: {key}: {problem.message}"


def test_all_problems_are_listed_at_once_in_the_order_of_the_file() -> None:
    source = changed('"Europe/London"', '"Mars"').replace('centre = "leeds"', 'centre = "hull"')
    source = source.replace('"net-2"]', '"net2"]').replace('after = "4h"', 'after = "soon"') + "colour = 1\n"
    found = problems_of(source)
    assert [problem.key for problem in found] == [
        "desk.zone",
        "group[1].centre",
        "operator[2].groups[2]",
        "ladder[1].stage[1].after",
        "ladder[1].stage[1].colour",
    ]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    with pytest.raises(DeskFileError) as refused:
        read_desk(source, "my.toml")
    assert str(refused.value).splitlines() == [str(problem) for problem in found]


def test_one_mistake_is_one_problem() -> None:
    for old, new in (('kind = "phone"', 'kind = "fone"'), ("level = 2", "level = 7"), ('"Europe/London"', '"Mars"')):
        assert len(problems_of(changed(old, new))) == 1


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        (DESK + "x = \n", 73, "not TOML at column 5"),
        (DESK.replace('"Test Desk"', '"Test Desk'), 2, "not TOML at column"),
        (DESK + '[desk]\nname = "again"\n', 73, "[desk] stands here a second time"),
        (DESK + 'role = "Again"\n', 73, "has a value already"),
        (DESK + 'name = """never ended\n\n', 73, "at the end of the file"),
        ("a = " + "1" * 5000, 1, "not TOML"),
    ],
)
def test_text_that_is_no_toml_is_told_where(source: str, line: int, words: str) -> None:
    (problem,) = problems_of(source)
    assert problem.line == line
    assert words in problem.message


def test_an_empty_file_is_told_what_a_desk_needs() -> None:
    assert {problem.key for problem in problems_of("")} >= {"desk", "scales", "matrix", "group", "operator"}
    assert {problem.line for problem in problems_of("")} == {1}


@pytest.mark.parametrize(
    "source",
    [
        "x" * (LARGEST + 1),
        "# " + "x\n" * (3 * LARGEST),
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 100_000,
        ".".join("a" * 100_000) + " = 1",
        "[" + ".".join("a" * 100_000) + "]",
        "".join(f"key{i} = 1\n" for i in range(20_000)),
        "a = 1\n" * 50_000,
        "\x00\x1b]0;title\x07 = 1",
        '"\\u001b[31m" = 1\n' + DESK,
        '"' * 300_000,
        "'''" * 100_001,
        "\\" * 300_000,
        DESK + "".join(f'[[group]]\nname = "g{i}"\nlevel = 9\n' for i in range(4_000)),
    ],
    ids=range(14),
)
def test_a_hostile_file_gets_a_clear_answer_in_little_time(source: str) -> None:
    began = time.perf_counter()
    found = problems_of(source)
    assert time.perf_counter() - began < 10
    assert 1 <= len(found) <= MOST_PROBLEMS + 1
    assert all(problem.message.endswith((".", "?", "…")) for problem in found)
    assert all(str(problem).isprintable() and len(str(problem)) < 1_000 for problem in found)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_damage_to_a_file_makes_anything_but_a_list_of_problems(data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(DESK)))
    end = data.draw(st.integers(begin, min(len(DESK), begin + 30)))
    damaged = DESK[:begin] + data.draw(st.text(alphabet='[]{}="\n.,#az1', max_size=8)) + DESK[end:]
    last = damaged.count("\n") + 1
    assert all(1 <= problem.line <= last for problem in problems_if_any(damaged))


@pytest.mark.parametrize("value", ["1", "true", '"x"', "[]", "{}", "[1]", "[{}]", "[[]]", "1.5", "2026-01-01"])
@pytest.mark.parametrize("key", list(DeskFile.model_fields))
def test_any_part_of_any_shape_is_a_problem_and_no_accident(key: str, value: str) -> None:
    assert problems_of(f"{key} = {value}\n")


def test_a_file_that_is_not_utf_8_is_told_at_which_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes('[desk]\nname = "M\xfcller"\n'.encode("latin-1"))
    with pytest.raises(DeskFileError, match=r"^latin\.toml:2: This is not UTF-8 text"):
        read_desk_file(file)
    with pytest.raises(DeskFileError, match=r"^x:1: "):
        decode(b"\xff", "x")


def test_a_file_is_read_with_its_text_whatever_its_line_ends_and_mark(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_bytes(b"\xef\xbb\xbf" + DESK.replace("\n", "\r\n").encode())
    source, desk = read_desk_file(file)
    assert desk == read_desk(DESK, "x") == read_desk(source, "x")


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "huge.toml"
    file.write_bytes(b"a = 1\n" * 900_000)
    with pytest.raises(DeskFileError, match="more than 512 KB"):
        read_desk_file(file)


# -- the reference


def test_the_smallest_desk_of_the_reference_has_ten_lines_and_passes() -> None:
    text = (Path(__file__).parents[3] / "docs" / "desk-file.md").read_text(encoding="utf-8")
    (smallest,) = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    assert len(smallest.splitlines()) == 10
    assert read_desk(smallest, "smallest.toml").operator_named("ada")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_in_force_is_read_again_without_its_lines(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source, desk = load_sample(name)
    monkeypatch.setattr(toml_lines, "lines_of", lambda _source: pytest.fail("looked up lines of a file that is right"))
    assert read_again(f"\ufeff{source}".replace("\n", "\r\n"), name) == desk


@pytest.mark.parametrize(
    "wrong", ["[desk", "[desk]\nname = 1", DESK.replace("high = [", "low = ["), "a = " + "[" * 999]
)
def test_a_file_in_force_that_became_wrong_is_told_with_its_lines(wrong: str) -> None:
    """What does not fit together is found as well as what has the wrong shape."""
    with pytest.raises(DeskFileError) as first:
        read_desk(wrong, "desk.toml")
    with pytest.raises(DeskFileError) as again:
        read_again(wrong, "desk.toml")
    assert again.value.problems == first.value.problems
