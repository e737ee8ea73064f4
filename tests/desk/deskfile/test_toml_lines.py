"""Where the keys of a TOML file stand: never guessed, whatever the file looks like."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskterm.desk.deskfile.check import SAMPLES, load_sample
from deskterm.desk.deskfile.toml_lines import DEEPEST, TooDeep, line_at, lines_of


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every path in parsed data: what the line index has to know."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key), each
        yield from paths(each, (*path, key))


EACH_NUMBER_IS_ITS_LINE = """\
top = 1
"quoted [key] = # no comment" = 2   # not = 9
text = \"""
[not.a.table]
key = 5 \\\""" still in it
\"""\""
'literal' = '''
[[nor.this]] = 9 '''''
after = 9
a.b . "c" = 10
lists = [ 11, [ 11,
  12, # ], 99
  { x = 13, y.z = 13 }, "]", '}',
], ]

[table]
key = 17
[table.inner.deep]
key = 19
[[rows]]
name = 21
[rows.more]
key = 23
[[rows.parts]]
key = 25
[[rows.parts]]
key = 27

[[rows]]
name = 30
parts = [{ key = 31 },
  { key = 32, "\\u00e9" = 32 }, {}]
moments = [1979-05-27T07:32:00, 1979-05-27 07:32:00, 1.5, inf]
"""


def test_every_number_of_this_file_is_the_line_it_stands_on() -> None:
    lines, data = lines_of(EACH_NUMBER_IS_ITS_LINE), tomllib.loads(EACH_NUMBER_IS_ITS_LINE)
    numbers = {path: value for path, value in paths(data) if isinstance(value, int)}
    assert len(numbers) == 19
    assert {path: lines[path] for path in numbers} == numbers


def test_windows_line_ends_change_no_line() -> None:
    assert lines_of(EACH_NUMBER_IS_ITS_LINE.replace("\n", "\r\n")) == lines_of(EACH_NUMBER_IS_ITS_LINE)


@pytest.mark.parametrize("source", [EACH_NUMBER_IS_ITS_LINE, *(load_sample(name)[0] for name in SAMPLES)])
def test_knows_exactly_the_paths_that_are_in_the_file(source: str) -> None:
    assert set(lines_of(source)) == {path for path, _ in paths(tomllib.loads(source))}


def test_headers_stand_where_they_are_written_and_missing_keys_at_their_header() -> None:
    lines = lines_of(EACH_NUMBER_IS_ITS_LINE)
    assert lines[("table",)] == 16
    assert lines[("table", "inner", "deep")] == 18
    assert [lines[("rows", i)] for i in (0, 1)] == [20, 29]
    assert line_at(lines, ("rows", 1, "missing", "deeper")) == 29
    assert line_at(lines, ("rows", 0, "parts", 1, "missing")) == 26
    assert line_at(lines, ("nowhere",)) == 1


def test_a_table_opened_by_its_child_gets_its_own_line_later() -> None:
    assert lines_of("[a.b]\nx = 1\n[a]\ny = 2\n")[("a",)] == 3


_KEY = st.sampled_from(["a", "b", "c-d", '"e f"', "'g#'"])
_STRING = st.text(alphabet="a \"'\\#[]{}=,\n", max_size=12)


def _written(value: Any, line_ends: str) -> str:
    """Write a value as TOML, with line ends between the entries of lists."""
    if isinstance(value, list):
        return "[" + ",".join(line_ends + _written(each, line_ends) for each in value) + line_ends + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_written(each, '')}" for key, each in value.items()) + "}"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"""{escaped}"""' if line_ends else '"' + escaped.replace("\n", "\\n") + '"'
    return str(value).lower()


_VALUE = st.recursive(
    st.integers() | st.booleans() | _STRING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEY, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(_KEY, _VALUE, max_size=4), max_size=4), st.sampled_from(["", "\n", " # ,]\n"]))
def test_any_file_written_from_data_is_known_path_by_path(tables: list[dict[str, Any]], line_ends: str) -> None:
    text = "\n".join(
        "[[rows]]\n" + "".join(f"{key} = {_written(value, line_ends)}\n" for key, value in table.items())
        for table in tables
    )
    assert set(lines_of(text)) == {path for path, _ in paths(tomllib.loads(text))}


@given(st.text(alphabet="a.=[]{}\"'\n#,\\ ", max_size=60))
def test_text_that_is_no_toml_does_no_harm(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for line in lines_of(text).values())


@pytest.mark.parametrize("deep", ["a = " + "[" * 9999, "\n" + ".".join("k" * 9999) + " = 1", "a = " + "{b=" * 9999])
def test_hostile_depth_is_refused_with_its_line(deep: str) -> None:
    with pytest.raises(TooDeep) as refused:
        lines_of(deep)
    assert refused.value.line == 1 + deep.startswith("\n")
    assert str(DEEPEST) in str(refused.value)
