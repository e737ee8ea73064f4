"""What to do about a value that does not fit the model of a desk file, in words for whoever writes the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.spelling import nearest, quoted

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from deskterm.desk.deskfile.toml_lines import Path

_PATTERNS = {
    r"^[a-z0-9][a-z0-9-]*$": 'small letters, digits and dashes, such as "net-2"',
    r"^[a-z][a-z0-9_]*$": 'small letters, digits and underscores, such as "serial_number"',
    r"^[A-Z]{0,4}$": 'up to four capital letters, such as "NG"',
    r"^[A-Z]{2}$": 'the two capital letters of a country, such as "GB"',
    r"^[A-Z]{1,4}[0-9]+$": 'capital letters and a number, such as "K12"',
    r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$": 'a country or a part of one, such as "GB" or "GB-ENG"',
}
"""Each pattern of the model, in words."""
DESK_S_OWN = ("system", "guest")
"""Levels that no operator of a file has: the desk itself, and whoever has not said who they are."""
_SHAPES = {
    "string_type": 'must be text in quotes, such as "…"',
    "bool_type": "must be true or false, without quotes",
    "bool_parsing": "must be true or false, without quotes",
    "int_type": "must be a whole number, without quotes",
    "int_parsing": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "date_type": "must be a date, such as 2026-12-24",
    "date_parsing": "must be a date, such as 2026-12-24",
    "date_from_datetime_parsing": "must be a date, such as 2026-12-24",
    "date_from_datetime_inexact": "must be a date without a time, such as 2026-12-24",
    "dict_type": "must be a table of keys and values",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}


def explain(path: Path, error: ErrorDetails) -> str:
    """Turn one of pydantic's errors into a sentence that says what to write instead."""
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    last = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return unknown(last, "key", sorted(_keys(path[:-1])))
    if kind == "missing":
        return _missing(path)
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return f"{_shown(given)} does not fit; write {_PATTERNS.get(context['pattern'], context['pattern'])}."
    if kind == "literal_error":
        return _choice(given, context["expected"])
    if kind in ("tuple_type", "model_type"):
        return _wrong_shape(path, given, kind)
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = "at least" if kind == "greater_than_equal" else "at most"
        return f"{_shown(given)} does not fit; it must be {bound} {context.get('ge', context.get('le'))}."
    return f"{_shown(given)} does not fit; it {_SHAPES.get(kind, 'is wrong: ' + error['msg'])}."


def unknown(word: str, what: str, known: list[str], among: str = "") -> str:
    """Say that nothing is called so, with the name that was likely meant, or else all there are."""
    guess = nearest(word, known)
    if guess is not None:
        return f'There is no {what} {quoted(word)}{among}; did you mean "{guess}"?'
    if not known:
        return f"There is no {what} {quoted(word)}{among}; the file defines none."
    names = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
    return f"There is no {what} {quoted(word)}{among}; known are {names}."


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return str(value)[:60]


def _missing(path: Path) -> str:
    last = str(path[-1])
    return f"It is missing; add [{last}]." if len(path) == 1 else f"It is missing; add {last} = …"


def _choice(given: Any, expected: str) -> str:
    known = [name for name in expected.replace(" or ", ", ").replace("'", "").split(", ") if name not in DESK_S_OWN]
    if isinstance(given, str):
        if given in known and given.isdigit():
            return f'"{given}" does not fit; write {given} without quotes.'
        if (guess := nearest(given, known)) is not None:
            return f'{_shown(given)} does not fit; did you mean "{guess}"?'
    return f"{_shown(given)} does not fit; write one of {', '.join(n if n.isdigit() else quoted(n) for n in known)}."


def _wrong_shape(path: Path, given: Any, kind: str) -> str:
    name = ".".join(part for part in path if isinstance(part, str))
    if kind == "tuple_type" and isinstance(given, dict) and _model_at((*path, 0)) is not None:
        return f"There can be several of these: write [[{name}]] with two brackets."
    if kind == "tuple_type":
        return f"It must be a list: put {_shown(given)} in square brackets."
    if isinstance(given, list):
        return f"There is only one of these: write [{name}] with one bracket."
    if isinstance(path[-1], int):
        return f"Each entry of {name} must be a table."
    return f"It must be a table: write [{name}] with its keys below."


def _model_at(path: Path) -> type[BaseModel] | None:
    """Find the model that describes the table at a path; None where there is none."""
    model: type[BaseModel] | None = DeskFile
    for part in path:
        if isinstance(part, int):
            continue
        found = model.model_fields.get(part) if model else None
        model = next(_models_in(found.annotation), None) if found else None
    return model


def _models_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _keys(path: Path) -> set[str]:
    model = _model_at(path)
    return set(model.model_fields) if model else set()
