"""What triage shows beside its choices: the phases, the matrix with the chosen cell, and what the steps mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from textual.content import Content

from deskterm.desk.records.ticket import Phase
from deskterm.desk.tickets.priority import priority_of
from deskterm.text import cell, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deskterm.desk.deskfile import DeskFile, Step

_ROW: Final = 15
_COLUMN: Final = 8


def phase_bar(phase: Phase, width: int) -> Content:
    """The three phases on one line, the one it is in marked by sign and weight (R054)."""
    phases: tuple[Phase, ...] = get_args(Phase)
    here = phases.index(phase)
    names = []
    for number, name in enumerate(phases):
        sign = "✓" if number < here else "●" if number == here else "○"
        style = "bold $text-accent" if number == here else "$text-muted"
        names.append(Content.styled(f"{sign} {name.capitalize()}", style))
    space = width - sum(name.cell_length + 2 for name in names) + 2
    line = "─" * max(3, min(24, space // (len(names) - 1)))
    return Content.styled(f" {line} ", "$rule").join(names)


def matrix(desk: DeskFile, impact: str, urgency: str) -> list[Content]:
    """The desk's matrix, impact down and urgency across; the cell that was chosen stands in brackets (R044, R061)."""
    scales = desk.scales
    head = [_label(step, step.key == urgency, _COLUMN) for step in scales.urgency]
    corner = ("urgency →".rjust(_ROW - 2) + "  ", "$text-disabled")
    lines = [Content.assemble(corner, *head)]
    for row in scales.impact:
        cells = [_label(row, row.key == impact, _ROW)]
        for column in scales.urgency:
            key = priority_of(desk, row.key, column.key)
            step = next((step for step in scales.priority if step.key == key), None)
            word = cell((step.short or step.name) if step else key or "", _COLUMN - 2).rstrip()
            chosen = (row.key, column.key) == (impact, urgency)
            text = f"[{word}]" if chosen else f" {word} "
            cells.append(Content.styled(safe(text.ljust(_COLUMN)), "bold $text-accent" if chosen else "$text-muted"))
        lines.append(Content.assemble(*cells))
    return lines


def meanings(steps: Sequence[Step], chosen: str, width: int, *, every: bool) -> list[Content]:
    """What the chosen step means, or every step of a scale where there is room (R047)."""
    lines: list[Content] = []
    for step in steps:
        if every or step.key == chosen:
            style = "bold" if step.key == chosen else "$text-muted"
            said = Content.assemble((safe(step.name), style), "  ", (safe(step.definition), "$text-muted"))
            lines += said.wrap(max(8, width))
    return lines


def _label(step: Step, is_chosen: bool, width: int) -> Content:
    style = "bold" if is_chosen else "$text-disabled"
    return Content.styled(safe(cell(step.name, width - 1).ljust(width)), style)
