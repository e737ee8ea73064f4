"""What must fit together in a desk file: names that others refer to, names that must differ, the matrix.

Works on the file's plain data, not on the model, so that it finds its problems also in a file whose values have others.
A path such as `operator.*.groups.*` stands for every entry of every list on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from deskterm.desk.deskfile import SYSTEM
from deskterm.desk.deskfile.words import DESK_S_OWN, unknown
from deskterm.desk.spelling import quoted

if TYPE_CHECKING:
    from deskterm.desk.deskfile.toml_lines import Path

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem and the path of the value that has it."""

    path: Path
    message: str


REFERENCES: Final = (
    ("operator.*.groups.*", "group", "group.*.name"),
    ("group.*.centre", "centre", "centre.*.name"),
    ("channel.*.calendar", "calendar", "calendar.*.name"),
    ("centre.*.calendar", "calendar", "calendar.*.name"),
    ("centre.*.normal_calendar", "calendar", "calendar.*.name"),
    ("shift.*.centre", "centre", "centre.*.name"),
    ("shift.*.operator", "operator", "operator.*.name"),
    ("contract_level.*.calendar", "calendar", "calendar.*.name"),
    ("contract_level.*.pauses.*", "pending reason", "pending.*.key"),
    ("target.*.contract_level", "contract level", "contract_level.*.name"),
    ("target.*.calendar", "calendar", "calendar.*.name"),
    ("target.*.priority", "priority", "scales.priority.*.key"),
    ("ladder.*.priority.*", "priority", "scales.priority.*.key"),
    ("ladder.*.stage.*.group", "group", "group.*.name"),
    ("matrix.*.*", "priority", "scales.priority.*.key"),
    ("intake.*.channels.*", "channel", "channel.*.kind"),
)
"""Where a name is used, what it names, and where such names are given."""

UNIQUE: Final = (
    ("group.*.name",),
    ("operator.*.name", "operator.*.login"),
    ("calendar.*.name",),
    ("centre.*.name",),
    ("contract_level.*.name",),
    ("ladder.*.name",),
    ("intake.*.key",),
    ("pending.*.key",),
    ("solution.*.id",),
    ("question_bank.*.category",),
    ("change_model.*.key",),
    ("freeze.*.name",),
    ("scales.impact.*.key", "scales.impact.*.name", "scales.impact.*.short"),
    ("scales.urgency.*.key", "scales.urgency.*.name", "scales.urgency.*.short"),
    ("scales.priority.*.key", "scales.priority.*.name", "scales.priority.*.short"),
)
"""Values that may belong to one entry only, whatever their case; those of a line are one space of names."""

NEEDED: Final = (("group", "nobody could be handed a ticket"), ("operator", "nobody could work at the desk"))
RESERVED: Final = ("fields", "company_id", "contact_id")
"""Facts that an operator does not type in."""


def cross_check(raw: Raw) -> list[Finding]:
    """Find all that does not fit together in the data of a desk file."""
    return [
        *_references(raw),
        *_doubles(raw),
        *_matrix(raw),
        *_operators(raw),
        *_intake(raw),
        *_targets(raw),
        *_freezes(raw),
        *_needed(raw),
    ]


def values_at(data: Any, pattern: str) -> Iterator[tuple[Path, Any]]:
    """Walk to every value that a pattern of keys and `*` leads to; what has another shape is passed over."""
    found: list[tuple[Path, Any]] = [((), data)]
    for part in pattern.split("."):
        found = [(((*path, key)), inner) for path, value in found for key, inner in _inside(value, part)]
    yield from found


def _inside(value: Any, part: str) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, list) and part == "*":
        yield from enumerate(value)
    elif isinstance(value, dict) and part == "*":
        yield from value.items()
    elif isinstance(value, dict) and part in value:
        yield part, value[part]


def _words(raw: Raw, pattern: str) -> list[str]:
    return list(dict.fromkeys(value for _, value in values_at(raw, pattern) if isinstance(value, str)))


def _references(raw: Raw) -> Iterator[Finding]:
    for used, what, given in REFERENCES:
        known = _words(raw, given)
        for path, name in values_at(raw, used):
            if isinstance(name, str) and name not in known:
                yield Finding(path, unknown(name, what, known))


def _doubles(raw: Raw) -> Iterator[Finding]:
    for patterns in UNIQUE:
        seen: dict[str, Path] = {}
        found = [each for pattern in patterns for each in values_at(raw, pattern)]
        for path, value in sorted(found, key=lambda each: _row(each[0])):
            if not isinstance(value, str) or not value.strip():
                continue
            first = seen.setdefault(value.strip().casefold(), path)
            if _row(first) != _row(path) or (first != path and first[-1] == path[-1]):
                where = f"{path[0]} {_row(first)[-1] + 1}"
                yield Finding(path, f"{quoted(value)} is taken already by {where}; choose another.")


def _row(path: Path) -> tuple[int, ...]:
    """The positions on a path: two values of one entry have the same."""
    return tuple(part for part in path if isinstance(part, int))[:1]


def _matrix(raw: Raw) -> Iterator[Finding]:
    matrix, impacts = raw.get("matrix"), _words(raw, "scales.impact.*.key")
    urgencies = _words(raw, "scales.urgency.*.key")
    if not isinstance(matrix, dict):
        return
    for impact in impacts:
        if impact not in matrix:
            row = ", ".join('"…"' for _ in urgencies)
            yield Finding(("matrix", impact), f"The matrix has no row for this impact; add {impact} = [{row}].")
    for impact, row in matrix.items():
        if impact not in impacts:
            yield Finding(("matrix", impact), unknown(impact, "impact", impacts))
        elif isinstance(row, list) and len(row) != len(urgencies):
            want = f"one for each urgency ({', '.join(urgencies)})"
            yield Finding(("matrix", impact), f"The row has {len(row)} priorities; it needs {len(urgencies)}, {want}.")


def _operators(raw: Raw) -> Iterator[Finding]:
    for path, level in values_at(raw, "operator.*.level"):
        if level in DESK_S_OWN:
            yield Finding(path, f'No person has the level "{level}"; write 0, 1, 2, 3, "supervisor" or "vendor".')
    for path, name in [*values_at(raw, "operator.*.name"), *values_at(raw, "operator.*.login")]:
        if isinstance(name, str) and name.strip().casefold() == SYSTEM.name:
            yield Finding(path, f"{quoted(name)} is the desk itself; choose another.")


def _intake(raw: Raw) -> Iterator[Finding]:
    for path, field in values_at(raw, "intake.*"):
        if not isinstance(field, dict):
            continue
        if field.get("kind") == "choice" and not field.get("choices"):
            yield Finding((*path, "choices"), 'A field of kind "choice" needs its choices; add choices = ["…", "…"].')
        if field.get("choices") and field.get("kind", "text") != "choice":
            yield Finding((*path, "choices"), 'Only a field of kind "choice" has choices; add kind = "choice".')
        if field.get("key") in RESERVED:
            yield Finding((*path, "key"), f'"{field["key"]}" is a word of deskterm\'s own; choose another key.')


def _targets(raw: Raw) -> Iterator[Finding]:
    for path, target in values_at(raw, "target.*"):
        if not isinstance(target, dict):
            continue
        if not {"response", "update", "restore"} & target.keys():
            yield Finding(path, "The target promises nothing; add response, update or restore.")
        if "escalated_update" in target and "update" not in target:
            message = "There is no update that this could shorten; add update."
            yield Finding((*path, "escalated_update"), message)


def _freezes(raw: Raw) -> Iterator[Finding]:
    for path, freeze in values_at(raw, "freeze.*"):
        first, last = (freeze.get("first_day"), freeze.get("last_day")) if isinstance(freeze, dict) else (None, None)
        if type(first) is date and type(last) is date and last < first:
            yield Finding((*path, "last_day"), f"It ends before it begins; write a day from {first} on.")


def _needed(raw: Raw) -> Iterator[Finding]:
    for kind, why in NEEDED:
        if not raw.get(kind):
            yield Finding((kind,), f"Add at least one [[{kind}]]; without it {why}.")
