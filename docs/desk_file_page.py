"""Writes the reference of the desk file from its models: their fields, defaults and docstrings."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.words import DESK_S_OWN

SMALLEST = """\
group = [{ name = "desk-1", level = 1 }]
operator = [{ name = "Ada Okafor", level = 0, login = "ada" }, { name = "Ben Ortega", level = 1, groups = ["desk-1"] }]
matrix = { high = ["first", "first"], low = ["first", "then"] }
[desk]
name = "Small Desk"
zone = "Europe/London"
[scales]
impact = [{ key = "high", name = "High" }, { key = "low", name = "Low" }]
urgency = [{ key = "now", name = "Now" }, { key = "later", name = "Later" }]
priority = [{ key = "first", name = "First" }, { key = "then", name = "Then" }]
"""

INTRODUCTION = f"""\
A desk file describes one service desk: who works there, what they ask, what comes first, when they are open, what
they promise. It is [TOML](https://toml.io). The easiest start is a copy of one of the five samples in `deskterm/desks`,
which explain themselves: `managed-network` (the demo, and the most complete), `follow-the-sun`, `level-0-1-2`,
`carrier-noc`, `it-assistance`.

    deskterm desk check my-desk.toml      all that is wrong, with line, key and what to do
    deskterm desk load my-desk.toml       puts it in force; the versions before it are kept

A problem reads `my-desk.toml:40: operator[2].groups[1]: There is no group "net2"; did you mean "net-2"?`: file, line,
key, what to do. Lists count from 1, so `operator[2]` is the second `[[operator]]`.

The smallest desk:

```toml
{SMALLEST}```

In the tables, a key in **bold** is needed. `[part]` there is one of; `[[part]]` may come as often as you like."""

CLOSING = """\
## How things are written

- **Name** or **key** of something that others refer to: small letters, digits and dashes, `net-2`. No two may have
  the same, whatever the case; names and logins of operators are one space of names.
- **Hours** of a week: `Mon-Fri 09:00-13:00,14:00-18:00; Sat 09:00-12:00`, or `always`. Days are Mon Tue Wed Thu Fri
  Sat Sun; `24:00` ends a day. Hours past midnight are written on the next day.
- **Duration**: `30m`, `4h`, `1h30m`, `5d`. Hours and days count in the calendar that goes with them.
- **Zone**: an IANA time zone, `Europe/London`. UK hours written as GMT nearly always mean `Europe/London`, summer
  time included.
- **Date**: `2026-12-24`, without quotes in lists.
- A key that does not exist is an error, so that a slip of the pen is not overlooked."""


def page() -> list[str]:
    """Write the page, line by line."""
    lines = [INTRODUCTION, "", "## The whole file", "", *_table(DeskFile)]
    for name, info in DeskFile.model_fields.items():
        model = next(_models(info.annotation), None)
        if model is not None:
            lines += ["", f"## `{_header(name, info)}`", "", *_part(model)]
    return [*lines, "", CLOSING]


def _part(model: type[BaseModel]) -> Iterator[str]:
    yield _plain(inspect.getdoc(model) or "")
    yield ""
    yield from _table(model)
    inner = dict.fromkeys(each for info in model.model_fields.values() for each in _models(info.annotation))
    for each in inner:
        keys = ", ".join(f"`{name}`" for name, info in model.model_fields.items() if each in _models(info.annotation))
        yield from ("", f"An entry of {keys}: {_plain(inspect.getdoc(each) or '')}", "", *_table(each))


def _table(model: type[BaseModel]) -> Iterator[str]:
    said = _said(model)
    yield "| key | value | when left out | what it says |"
    yield "| --- | --- | --- | --- |"
    for name, info in model.model_fields.items():
        key = f"**`{name}`**" if info.is_required() else f"`{name}`"
        cells = (key, _kind(info.annotation), _default(info), said.get(name, ""))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _said(model: type[BaseModel]) -> dict[str, str]:
    """Read the docstring under each field of a model."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(tree, ast.ClassDef)
    said = {}
    for field, after in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            said[ast.unparse(field.target)] = _plain(str(after.value.value))
    return said


def _plain(text: str) -> str:
    """Put a docstring on one line, without the rows of the requirements."""
    text = re.sub(r" \((?:[RTX]\d+(?:-R\d+)?(?:, )?)+\)", "", text)
    return " ".join(text.split())


def _kind(annotation: Any) -> str:
    """Say what a value looks like, in a few words."""
    if any(_models(annotation)):
        return "tables, see below" if get_origin(annotation) is tuple else "a table, see below"
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{_written(each)}`" for each in get_args(annotation) if each not in ("", *DESK_S_OWN))
    if get_origin(annotation) is tuple:
        return f"list of {_kind(get_args(annotation)[0])}"
    if get_origin(annotation) is dict:
        key, value = get_args(annotation)
        return f"table: {_kind(key)} = {_kind(value)}"
    inner = [each for each in get_args(annotation) if each is not type(None)]
    if inner:
        return _kind(inner[0])
    return {"str": "text", "bool": "`true` or `false`", "int": "number", "date": "date"}[annotation.__name__]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def _header(name: str, info: FieldInfo) -> str:
    return f"[[{name}]]" if get_origin(info.annotation) is tuple else f"[{name}]"


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True)
    if info.is_required() or value in (PydanticUndefined, None, "", (), {}) or isinstance(value, BaseModel):
        return ""
    return ", ".join(f"`{_written(each)}`" for each in (value if isinstance(value, tuple) else (value,)))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else f'"{value}"'
