"""Read a desk file and say everything that is wrong with it, each problem with its line and what to do about it.

    source, desk = load_sample("managed-network")
    desk = read_desk(source, "managed-network.toml")      # or raises DeskFileError, listing every problem

What a value must look like is in the model (`deskfile`); what must fit together is in `deskcross`.
Rows: R003, R008, R044.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deskterm.desk.deskfile import DeskFile, toml_lines
from deskterm.desk.deskfile.cross import Finding, cross_check
from deskterm.desk.deskfile.words import explain
from deskterm.desk.hours.public_holidays import UnknownHolidays, public_holidays

SAMPLES = ("follow-the-sun", "managed-network", "level-0-1-2", "carrier-noc", "it-assistance")
"""The desk files that come with deskterm; the demo is `managed-network`."""
LARGEST = 512 * 1024
"""Characters in the largest desk file that is read."""
_SOME_YEAR = 2026
MOST_PROBLEMS = 200
"""How many problems are listed; a file with more is no desk file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the line (from 1), the dotted key (lists count from 1) and what to do."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        """Write it as editors and compilers do: file, line, key, message."""
        return ": ".join(filter(None, (f"{self.file}:{self.line}", self.key, self.message)))


class DeskFileError(ValueError):
    """A desk file cannot be used. `problems` lists all that is wrong with it, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read_desk(source: str, name: str) -> DeskFile:
    """Read the text of a desk file; `name` is what to call it in problems. Raises DeskFileError with all of them."""
    if len(source) > LARGEST:
        raise _too_large(name)
    source = _plain(source)
    try:
        lines = toml_lines.lines_of(source)
        raw = tomllib.loads(source)
    except toml_lines.TooDeep as error:
        raise _one(name, error.line, "Tables, lists or dotted keys are nested too deep; a desk needs few.") from None
    except (ValueError, RecursionError) as error:
        raise _syntax(error, source, name) from None
    desk, findings = _validated(raw)
    wrong = {finding.path for finding in findings}
    findings += [finding for finding in cross_check(raw) if finding.path not in wrong]
    if desk is None or findings:
        found = {(toml_lines.line_at(lines, f.path), dotted(f.path), f.message) for f in findings}
        raise DeskFileError(_capped([Problem(name, *each) for each in sorted(found)]))
    return desk


def read_again(source: str, name: str) -> DeskFile:
    """Read the text of a desk file that was found right before. Where its lines stand is looked up only if it is not.

    Raises DeskFileError as `read_desk` does: a later version may ask more of a desk file.
    """
    with suppress(ValueError, RecursionError):
        raw = tomllib.loads(_plain(source))
        if not cross_check(raw):
            return DeskFile.model_validate(raw)
    return read_desk(source, name)


def decode(data: bytes, name: str) -> str:
    """Decode the bytes of a desk file; raises DeskFileError with the line where they are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _one(name, line, "This is not UTF-8 text; save the file as UTF-8.") from None


def read_desk_file(path: Path) -> tuple[str, DeskFile]:
    """Read a desk file from disk, as its text and the desk. Raises DeskFileError; OSError if it cannot be opened."""
    with path.open("rb") as file:
        data = file.read(4 * LARGEST + 1)
    if len(data) > 4 * LARGEST:
        raise _too_large(path.name)
    source = decode(data, path.name)
    desk = read_desk(source, path.name)
    if problems := _unknown_holidays(source, desk, path.name):
        raise DeskFileError(problems)
    return source, desk


def _unknown_holidays(source: str, desk: DeskFile, name: str) -> list[Problem]:
    """Regions without known holidays. Asked where a file comes in, and never of one in force: asking takes a while."""
    lines = toml_lines.lines_of(_plain(source))
    found = []
    for number, calendar in enumerate(desk.calendar):
        for place, region in enumerate(calendar.holidays):
            try:
                public_holidays(region, _SOME_YEAR)
            except UnknownHolidays as error:
                path = ("calendar", number, "holidays", place)
                found.append(Problem(name, toml_lines.line_at(lines, path), dotted(path), str(error)))
    return _capped(found)


def load_sample(name: str) -> tuple[str, DeskFile]:
    """Load one of `SAMPLES`, as its text and the desk. Raises KeyError, naming the samples, for another name."""
    from importlib.resources import files

    if name not in SAMPLES:
        raise KeyError(f"There is no sample desk {name!r}; the samples are {', '.join(SAMPLES)}.")
    source = files("deskterm").joinpath("desks", f"{name}.toml").read_text(encoding="utf-8")
    return source, read_desk(source, f"{name}.toml")


def _plain(source: str) -> str:
    return source.removeprefix("\ufeff").replace("\r\n", "\n")


_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")


def dotted(path: toml_lines.Path) -> str:
    """Write a path for people: ("operator", 1, "groups") is "operator[2].groups"."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += ("." if text else "") + (part if _BARE.fullmatch(part) else repr(part[:60]))
    return text


def _capped(problems: list[Problem]) -> list[Problem]:
    left_out = problems[MOST_PROBLEMS:]
    if not left_out:
        return problems
    more = Problem(left_out[0].file, left_out[0].line, "", f"… and {len(left_out)} more problems from here on.")
    return [*problems[:MOST_PROBLEMS], more]


def _validated(raw: dict[str, Any]) -> tuple[DeskFile | None, list[Finding]]:
    try:
        return DeskFile.model_validate(raw), []
    except ValidationError as error:
        return None, list(_explained(error))


def _explained(error: ValidationError) -> Iterator[Finding]:
    for each in error.errors(include_url=False)[: 2 * MOST_PROBLEMS]:
        if each["type"] == "too_short" and each["input"]:
            continue  # Only its broken entries are missing, and each of them is told.
        path = tuple(part for part in each["loc"] if part != "[key]")
        yield Finding(path, explain(path, each))


_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

_TWICE = re.compile(r"Cannot declare \((.*?),?\) twice")


def _syntax(error: Exception, source: str, name: str) -> DeskFileError:
    if isinstance(error, RecursionError):
        return _one(name, 1, "The file is nested too deep to be read.")
    what = str(error)
    where = _WHERE.search(what)
    if where is None:
        return _one(name, 1, f"This is not TOML: {what[:200]}.")
    line = int(where[1]) if where[1] else source.count("\n", 0, len(source.rstrip())) + 1
    place = f" at column {where[2]}" if where[2] else " at the end of the file"
    return _one(name, line, f"This is not TOML{place}: {_plainer(what[: where.start()])}")


def _plainer(what: str) -> str:
    """Put the parser's most common complaints into words for whoever writes the file."""
    if (twice := _TWICE.fullmatch(what)) is not None:
        table = ".".join(re.findall(r"'(.*?)'", twice[1]))[:60]
        return f"[{table}] stands here a second time; where there can be several, write [[{table}]] each time."
    if what == "Cannot overwrite a value":
        return "this key has a value already; keep one of the two."
    return f"{what}."


def _too_large(name: str) -> DeskFileError:
    return _one(name, 1, f"The file has more than {LARGEST // 1024} KB; a desk file is a few pages long.")


def _one(name: str, line: int, message: str) -> DeskFileError:
    return DeskFileError([Problem(name, line, "", message)])
