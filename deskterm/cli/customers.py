"""`deskterm import --kind`: companies, contacts, contracts, services, items and solutions from CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskterm.cli.kinds import read_all
from deskterm.cli.output import Refused
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.imports import Plan
    from deskterm.store.local import LocalStore


def import_rows(shell: Shell, file: Path, kind: str, dry_run: bool) -> None:
    """Read a CSV file and bring its rows into the desk; with a problem anywhere in it, none of them."""
    source = read_all() if str(file) == "-" else file

    async def job(store: LocalStore) -> Plan:
        from deskterm import imports

        planned = await imports.plan(store, imports.read(kind, source))
        if not (planned.problems or dry_run):
            await imports.carry_out(store, planned)
        return planned

    planned = shell.work(job, create=not dry_run)
    if planned.problems:
        lines = (": ".join(filter(None, (f"{file}:{p.line}", p.column, p.message))) for p in planned.problems)
        raise Refused("\n".join(lines), "import", problems=planned.problems)
    answer: dict[str, Any] = {
        "kind": kind, "dry_run": dry_run, "new": len(planned.new), "changed": len(planned.changed),
        "unchanged": len(planned.unchanged), "problems": [],
    }  # fmt: skip
    shell.answer(answer, lambda: _words(planned, dry_run))


def _words(planned: Plan, dry_run: bool) -> str:
    counted = f"{len(planned.new)} new, {len(planned.changed)} changed, {len(planned.unchanged)} as they were"
    if not dry_run:
        return f"Imported: {counted}."
    return f"It would import: {counted}.{_named(planned)}" if planned.commands else f"Nothing to do: {counted}."


def _named(planned: Plan, most: int = 20) -> str:
    """The first few rows that something would happen to."""
    from deskterm.text import printable

    rows = [("new", row) for row in planned.new] + [("changed", row) for row in planned.changed]
    lines = [f"  {what:8} line {row.line:<6} {printable(row.entry.key)}" for what, row in rows[:most]]
    more = [f"  and {len(rows) - most} more"] if len(rows) > most else []
    return "\n" + "\n".join(lines + more)
