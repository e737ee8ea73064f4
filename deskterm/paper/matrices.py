"""Tables of a desk as documents in Markdown: who is called on when, and which priority follows from what.

The first is handed over when a service is activated (R106, R107), the second for whoever has to decide alike (R061).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.teams import group_title
from deskterm.desk.hours.promises import Ladder
from deskterm.desk.phone import pretty
from deskterm.desk.tickets.priority import name_of
from deskterm.paper.markdown import plain

ROLE_HEADS = ("Stage", "Who", "Telephone", "Called on after")
_KINDS = {
    "hierarchical": "Management", "functional": "Lines of support", "vendor": "Manufacturers and suppliers",
}  # fmt: skip


def ladders_for(desk: DeskFile, service: str = "") -> tuple[Ladder, ...]:
    """The ladders that a service goes up: of each kind those that name it, else those that are for all."""
    wanted = service.strip().casefold()
    found = list[Ladder]()
    for kind in _KINDS:
        own = [each for each in desk.ladder if each.kind == kind and wanted in map(str.casefold, each.services)]
        found += own or [each for each in desk.ladder if each.kind == kind and not each.services]
    return tuple(found)


def stages_of(ladder: Ladder, desk: DeskFile) -> Iterator[tuple[str, str, str, str]]:
    """The stages of a ladder from the bottom, under `ROLE_HEADS`."""
    for number, stage in enumerate(ladder.stage, 1):
        group = f"{group_title(desk, stage.group)}" if stage.group and stage.group != stage.role else ""
        who = ", ".join(dict.fromkeys(filter(None, (stage.role, stage.name, group))))
        yield str(number), who, pretty(stage.phone, desk.desk.country), stage.after or "by hand"


def escalation_document(desk: DeskFile, service: str = "") -> str:
    """The escalation matrix of a service, or of the desk, as a document."""
    lines = [f"# Escalation: {plain(service or desk.desk.name)}", "", _from(desk), ""]
    lines += ["At any time the desk manager can be called on: say so to whoever answers you.", ""]
    reach = [", ".join((channel.name or channel.kind, *channel.addresses)) for channel in desk.channel]
    lines += [*(f"- {plain(way)}" for way in reach), ""]
    for ladder in ladders_for(desk, service):
        priorities = [name_of(desk.scales.priority, key) for key in ladder.priority]
        only = f" ({', '.join(priorities)})" if priorities else ""
        lines += [f"## {plain((ladder.title or _KINDS[ladder.kind]) + only)}", ""]
        lines += [*table(ROLE_HEADS, stages_of(ladder, desk)), ""]
    return "\n".join(lines)


def priority_document(desk: DeskFile) -> str:
    """The priority matrix with what each priority means, as a document."""
    urgencies = tuple(step.name for step in desk.scales.urgency)
    rows = (
        (step.name, *(name_of(desk.scales.priority, key) for key in desk.matrix[step.key]))
        for step in desk.scales.impact
    )
    lines = ["# Priorities", "", _from(desk), "", "Impact down, urgency across.", ""]
    lines += [*table(("Impact", *urgencies), rows), ""]
    for title, steps in (
        ("Priority", desk.scales.priority), ("Impact", desk.scales.impact), ("Urgency", desk.scales.urgency),
    ):  # fmt: skip
        lines += [f"## {title}", "", *(f"- **{plain(step.name)}** {plain(step.definition)}" for step in steps), ""]
    return "\n".join(lines)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown."""
    yield _row(heads)
    yield _row(["---"] * len(heads))
    yield from (_row([plain(cell) for cell in row]) for row in rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()) for cell in cells)} |"


def _from(desk: DeskFile) -> str:
    mark = f"**{plain(desk.desk.classification)}** · " if desk.desk.classification else ""
    return f"{mark}{plain(desk.desk.name)}"
