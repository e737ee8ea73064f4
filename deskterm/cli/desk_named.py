"""A desk file that a command line names: one of the user's, or a sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deskterm.cli.output import Refused

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile


def read_named(file: Path) -> tuple[str, DeskFile, bool]:
    """The text of a desk file, the desk, and whether it is a sample. A file goes before a sample of that name."""
    from deskterm.desk.deskfile.check import SAMPLES, load_sample, read_desk_file
    from deskterm.desk.spelling import nearest

    name = str(file)
    if name in SAMPLES and not file.exists():
        return *load_sample(name), True
    if not file.exists() and file.name == name:
        near = nearest(name, list(SAMPLES))
        hint = f"did you mean the sample {near}?" if near else f"the samples are {', '.join(SAMPLES)}."
        raise Refused(f"There is no file {name}; {hint}", "unreadable")
    return *read_desk_file(file), False
