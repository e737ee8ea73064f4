"""Impact times urgency gives priority, by the desk's own matrix (R044-R046)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile, Step


class UnknownStep(ValueError):
    """A word that names no value of a scale; the message lists the ones there are."""


def priority_of(desk: DeskFile, impact: str | None, urgency: str | None) -> str | None:
    """Work out the priority key; None while either side is unknown."""
    if not impact or not urgency:
        return None
    columns = [step.key for step in desk.scales.urgency]
    return desk.matrix[impact][columns.index(urgency)]


def rank(scale: tuple[Step, ...], key: str | None) -> int:
    """Rank of a value in its scale, 1 the most severe; one past the end when unset, so that it sorts last."""
    return next((i for i, step in enumerate(scale, 1) if step.key == key), len(scale) + 1)


def step_named(scale: tuple[Step, ...], text: str) -> Step:
    """Find a value by key, name, short name, rank ("1") or the start of one; raise UnknownStep otherwise.

    On a three-step scale the everyday words high, medium and low are understood whatever the steps are called.
    """
    wanted = text.strip().casefold().replace("_", "-")
    if step := next((step for step in scale if step.key == wanted), None):
        return step  # before names and ranks: a key may look like another step's rank
    for i, step in enumerate(scale, 1):
        if wanted in (step.name.casefold(), step.short.casefold() or None, str(i)):
            return step
    begun = [s for s in scale if wanted and (s.key.startswith(wanted) or s.name.casefold().startswith(wanted))]
    if len(begun) == 1:
        return begun[0]
    everyday = ("high", "medium", "low")
    if len(scale) == len(everyday) and wanted in everyday:
        return scale[everyday.index(wanted)]
    raise UnknownStep(f"{text!r} is none of {', '.join(s.key for s in scale)}.")


def name_of(scale: tuple[Step, ...], key: str | None) -> str:
    """Name of a value for people; an empty string when unset."""
    return next((step.name for step in scale if step.key == key), key or "")
