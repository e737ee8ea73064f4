"""`deskterm desk`: check a desk file, bring it into force, and show the desk as it stands, also its hours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from deskterm.cli.base import DeskGroup, by_name, command, pass_shell
from deskterm.cli.desk_hours import desk_due, desk_open
from deskterm.cli.desk_matrices import desk_ladders, desk_matrix
from deskterm.cli.desk_named import read_named
from deskterm.cli.kinds import SAMPLE
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile, Operator
    from deskterm.desk.tickets.views import Receipt
    from deskterm.store.base import Store

_PLURALS: Final = {
    "group": "groups", "operator": "operators", "channel": "channels", "solution": "solutions", "calendar": "calendars",
    "centre": "centres", "target": "targets", "ladder": "ladders", "contract_level": "contract_levels",
    "question_bank": "question_banks",
}  # fmt: skip
"""What the file's repeated tables are called in answers."""
_COUNTED: Final = {
    "group": "groups", "operator": "operators", "intake": "fields to ask", "solution": "known solutions",
}  # fmt: skip
"""What tells most about a desk by its number, and the word for it."""
_SHORT: Final = {"level 0": "L0", "level 1": "L1", "level 2": "L2", "supervisor": "Super"}
"""Heads of the table of rights, so that it stands in 80 columns."""


@click.group("desk", cls=DeskGroup)
def desk() -> None:
    """Check, load and show desk files."""


@command("check")
@click.argument("file", type=click.Path(path_type=Path))
@pass_shell
def check(shell: Shell, file: Path) -> None:
    """Say all that is wrong with a desk file."""
    from deskterm.desk.deskfile.check import read_desk_file

    _, found = read_desk_file(file)
    shell.answer({"file": str(file), "sound": True, **_summary(found)}, lambda: f"{_words(found)} Nothing is wrong.")


@command("load")
@click.argument("file", type=click.Path(path_type=Path))
@pass_shell
def load(shell: Shell, file: Path) -> None:
    """Bring a desk file into force.

    A file of yours, or the name of a sample. With a sample, whoever comes without a name acts as its first
    level-0 operator.
    """
    source, found, is_sample = read_named(file)

    async def job(store: Store) -> Receipt:
        from deskterm.desk.commands import LoadDesk

        return await store.submit(LoadDesk(name=file.name, source=source, demo=is_sample))

    receipt = shell.work(job, create=True)
    shell.answer(
        {"store": shell.url, "file": str(file), "position": receipt.position, **_summary(found)},
        lambda: f"{_words(found)} It is in force.",
    )


def _summary(found: DeskFile) -> dict[str, Any]:
    counted = {_PLURALS.get(name, name): len(getattr(found, name)) for name in _COUNTED}
    return {"name": found.desk.name, **counted}


def _words(found: DeskFile) -> str:
    from deskterm.desk.wording import listed
    from deskterm.text import printable

    counted = listed(tuple(f"{len(getattr(found, name))} {word}" for name, word in _COUNTED.items()))
    return f"{printable(found.desk.name)}: {counted}."


@command("show")
@pass_shell
def show(shell: Shell) -> None:
    """Show who works here, groups, scales, fields."""

    async def job(store: Store) -> tuple[DeskFile, Operator]:
        return await store.desk(), store.me

    found, me = shell.work(job)
    shell.answer(_desk_json(found, me), lambda: _desk_page(found, me))


def _desk_json(found: DeskFile, me: Operator) -> dict[str, Any]:
    parts = {_PLURALS.get(name, name): value for name, value in found.model_dump(mode="json").items()}
    return {"name": found.desk.name, "me": me, **parts}


def _desk_page(found: DeskFile, me: Operator) -> str:
    from deskterm.cli.tables import heading, pairs, table
    from deskterm.desk.wording import listed

    by_group = {g.name: [o.name for o in found.operator if g.name in o.groups] for g in found.group}
    groups = ((g.name, g.title, str(g.level), ", ".join(by_group[g.name])) for g in found.group)
    people = ((o.name, str(o.level), o.login, ", ".join(o.groups)) for o in found.operator)
    scales = [
        (name.capitalize(), listed(tuple(step.name for step in getattr(found.scales, name))))
        for name in ("impact", "urgency", "priority")
    ]
    names = {step.key: step.name for step in found.scales.priority}
    heads = ["Impact \\ urgency", *(step.name for step in found.scales.urgency)]
    matrix = ([i.name, *(names[key] for key in found.matrix[i.key])] for i in found.scales.impact)
    asked = ((f.key, f.label, f.need, ", ".join(filter(None, (*f.channels, f.fault)))) for f in found.intake)
    facts = [("Zone", found.desk.zone), ("Country", found.desk.country), ("You are", f"{me.name}, level {me.level}")]
    parts = (
        heading(found.desk.name),
        pairs([*facts, *scales]),
        table(heads, matrix),
        table(("Group", "Title", "Level", "Operators"), groups),
        table(("Operator", "Level", "Login", "Groups"), people),
        table(("Asked", "Label", "Need", "Only for"), asked),
        table(("Solution", "Title"), ((s.id, s.title) for s in found.solution)),
    )
    return "\n\n".join(filter(None, parts))


@command("rights")
@pass_shell
def rights(shell: Shell) -> None:
    """Print who may do what, at which level."""
    from deskterm.cli.tables import is_narrow, wrapped_table
    from deskterm.desk.tickets.rights import table as rights_table

    rows = rights_table()
    left_out = {"act", "the system", "needs" if is_narrow() else ""}
    columns = [column for column in rows[0] if column not in left_out]
    cells = ([row[column] for column in columns] for row in rows)
    heads = [_SHORT.get(column, column.capitalize()) for column in columns]
    shell.answer(rows, lambda: wrapped_table(heads, cells))


@command("samples")
@click.argument("name", type=SAMPLE, required=False)
@pass_shell
def samples(shell: Shell, name: str | None) -> None:
    """List the sample desks, or print one's file.

    deskterm desk samples it-assistance > desk.toml begins one of your own.
    """
    from deskterm.cli.tables import wrapped_table
    from deskterm.desk.deskfile.check import SAMPLES, load_sample

    if name:
        source, found = load_sample(name)
        shell.answer({"sample": name, **_summary(found), "source": source}, lambda: source.rstrip("\n"))
        return
    found_all = {each: load_sample(each)[1] for each in SAMPLES}
    rows = ((each, found.desk.name, _words(found).partition(": ")[2]) for each, found in found_all.items())
    answer = [{"sample": each, **_summary(found)} for each, found in found_all.items()]
    shell.answer(answer, lambda: wrapped_table(("Sample", "Desk", "Has"), rows))


for _each in (check, load, show, rights, desk_matrix, desk_ladders, samples, desk_due, desk_open):
    desk.add_command(_each)

COMMANDS = by_name(desk)
