"""Read a CSV file as records: every row that is right, and what is wrong with each of the others."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin
from uuid import UUID

from pydantic.fields import FieldInfo

from deskterm.desk.records.customers import Entry, record_id
from deskterm.imports.columns import MODELS, ImportProblem, Line, fields_of

_YES: Final = frozenset({"yes", "y", "true", "1", "x"})
_NO: Final = frozenset({"no", "n", "false", "0"})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file and the record it describes."""

    line: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file holds: its good rows, and the problems of the others. `columns` are its headers by field."""

    kind: str
    rows: tuple[Row, ...]
    problems: tuple[ImportProblem, ...]
    columns: dict[str, str]


def read(kind: str, source: Path | str) -> Rows:
    """Read a CSV file, or its text, as rows of a kind. Raises OSError where the file cannot be opened."""
    problems: list[ImportProblem] = []
    text = source if isinstance(source, str) else _decoded(source.read_bytes(), problems)
    rows: list[Row] = []
    columns: dict[str, str] = {}
    lines = _lines(text.removeprefix("\ufeff"), problems)
    header = next(lines, None)
    if header is None:
        if not problems:
            problems.append(ImportProblem(1, "", "The file is empty: its first line has to name the columns."))
        return Rows(kind, (), tuple(problems), columns)
    fields = fields_of(kind, header, problems)
    columns = {field: name.strip() for field, name in zip(fields, header[1], strict=True) if field}
    if not problems:
        rows = list(_read_rows(kind, fields, columns, lines, problems))
    return Rows(kind, tuple(rows), tuple(sorted(problems)), columns)


def _decoded(data: bytes, problems: list[ImportProblem]) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(
            ImportProblem(line, "", "This is not UTF-8. Save the file as UTF-8 (spreadsheets call it 'CSV UTF-8').")
        )
        return ""


def _lines(text: str, problems: list[ImportProblem]) -> Iterator[Line]:
    """The lines that hold anything, each with its number in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    begun = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begun, cells
            begun = reader.line_num + 1
    except csv.Error as error:
        problems.append(ImportProblem(begun, "", f"This line cannot be read ({error}). Is a quote missing?"))


def _separator(text: str) -> str:
    first = re.sub(r'"[^"]*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    return max(",;\t", key=first.count)


def _read_rows(
    kind: str, fields: list[str], columns: dict[str, str], lines: Iterator[Line], problems: list[ImportProblem]
) -> Iterator[Row]:
    seen: dict[UUID, Row] = {}
    for line, cells in lines:
        if len(cells) > len(fields) and any(cell.strip() for cell in cells[len(fields) :]):
            message = f"There are {len(cells)} cells but {len(fields)} columns. Put quotes around text with separators."
            problems.append(ImportProblem(line, "", message))
            continue
        entry = _entry(kind, dict(zip(fields, cells, strict=False)), line, columns, problems)
        if entry is None:
            continue
        row = Row(line, entry)
        record = record_id(entry.kind, entry.key)
        before = seen.setdefault(record, row)
        if before is row:
            yield row
        elif before.entry != entry:
            message = f"{entry.key!r} stands on line {before.line} already, with other values."
            problems.append(ImportProblem(line, columns.get("key", "key"), message))


def _entry(
    kind: str, cells: dict[str, str], line: int, columns: dict[str, str], problems: list[ImportProblem]
) -> Entry | None:
    model = MODELS[kind]
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field, cell in cells.items():
        if cell := cell.strip():
            try:
                values[field] = _value(model.model_fields[field], cell)
            except ValueError as error:
                wrong[field] = str(error)
    if kind == "contacts" and "key" not in values:
        # Not by address: small companies share one.
        values["key"] = f"{values.get('company', '')}/{values.get('name', '')}"
    for field, about in model.model_fields.items():
        if about.is_required() and field not in values:
            wrong.setdefault(field, "This cell is empty, and has to be filled.")
    problems += [ImportProblem(line, columns.get(field, field), message) for field, message in wrong.items()]
    return model.model_validate(values) if not wrong else None


def _value(about: FieldInfo, cell: str) -> Any:
    """Read a cell as the field wants it; raises ValueError with a sentence for the person who made the file."""
    kind = about.annotation
    if kind is bool:
        word = cell.casefold()
        if word not in _YES | _NO:
            raise ValueError(f"{cell!r} is neither yes nor no.")
        return word in _YES
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in re.split(r"[|;,]", cell) if part.strip())
    if date in get_args(kind):
        try:
            return date.fromisoformat(cell)
        except ValueError:
            raise ValueError(f"{cell!r} is no date; write it as 2026-11-21.") from None
    if get_origin(kind) is Literal:
        return _choice(cell, [str(value) for value in get_args(kind) if value])
    return cell


def _choice(cell: str, choices: list[str]) -> str:
    plain = {re.sub(r"[\s_-]", "", choice).casefold(): choice for choice in choices}
    word = re.sub(r"[\s_-]", "", cell).casefold()
    if word in plain:
        return plain[word]
    near = get_close_matches(word, plain, 1)
    hint = f" Did you mean {plain[near[0]]}?" if near else ""
    raise ValueError(f"{cell!r} is none of {', '.join(choices)}.{hint}")
