"""What a desk file says of changes: habits, models approved beforehand, and periods in which nothing is changed.

Rows: R147, R151, R152; standard changes of REQUIREMENTS.md §4.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from deskterm.desk.record import Frozen

ENGINEER = "engineer"
"""As the owner of a model's row: whoever is the engineer of the change."""
_Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class ChangeHabits(Frozen):
    """How this desk changes customers' systems."""

    introduction: str = ""
    """The introduction that every new change form begins with: the working methods (R151)."""
    form_hours: int = Field(default=24, ge=1)
    """Hours after an emergency change within which its form has to be complete (R149)."""


class ModelRow(Frozen):
    """A row of a section, as a model has it."""

    text: str = Field(min_length=1)
    owner: str = Field(default=ENGINEER, min_length=1)
    """Who does it; `engineer` stands for the engineer of the change."""


_Rows = Annotated[tuple[ModelRow, ...], Field(min_length=1)]


class ChangeModel(Frozen):
    """A standard change: one that customers have agreed to beforehand, as long as it is done as written here."""

    key: _Key
    """Short and speakable: operators type it."""
    title: str = Field(min_length=1)
    approved_by: str = Field(min_length=1)
    """Who agreed to it, for all times."""
    evidence: str = Field(min_length=1)
    """Where the agreement is kept."""
    company: tuple[str, ...] = ()
    """Keys of the companies it is agreed with; empty means every one."""
    minutes: int = Field(default=60, ge=5)
    """How long its window is."""
    motivation: _Rows
    outages: _Rows
    prerequisites: _Rows
    implementation: _Rows
    testing: _Rows
    rollback: _Rows


class Freeze(Frozen):
    """A period in which customers' systems are left alone; shown wherever a window is chosen."""

    name: _Key
    title: str = Field(min_length=1)
    first_day: date
    """The first day of it, in the zone of the desk."""
    last_day: date
    """The last day of it; it ends at midnight."""
    company: tuple[str, ...] = ()
    """Keys of the companies it is for; empty means every one."""
