"""The desk's log and its records as data: import, export, verify, rebuild."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.output import Refused, write
from deskterm.cli.shell import Shell
from deskterm.text import printable

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import VerifyReport
    from deskterm.store.local import LocalStore

KINDS = ("companies", "contacts", "contracts", "services", "items", "solutions")


@command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="-")
@pass_shell
def export(shell: Shell, file: Path) -> None:
    """Write the whole log as JSON lines.

    To a file or to standard output. Imported into an empty store it gives the same desk again. It holds all
    that customers said: keep it safe.
    """
    if str(file) == "-":
        shell.work(lambda store: store.export(lambda text: write(text, end="")), salvage=True)
        return
    # Written beside and renamed, so that an export cut short never takes the place of a good one.
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        number = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as out:
            shell.work(lambda store: store.export(lambda text: _append(out, text)), salvage=True)
            out.flush()
            os.fsync(number)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    shell.answer({"file": str(file)}, lambda: f"The log is in {printable(str(file))}.")


def _append(out: IO[str], text: str) -> None:
    out.write(text)


@contextmanager
def _lines(file: Path) -> Iterator[Iterable[str]]:
    """The lines of a file, or of standard input for "-"; what is no UTF-8 is refused."""
    try:
        if str(file) == "-":
            yield (line.decode("utf-8") for line in sys.stdin.buffer)
            return
        with file.open(encoding="utf-8", newline="") as opened:
            yield opened
    except UnicodeDecodeError:
        raise Refused(f"{'Standard input' if str(file) == '-' else file} is not UTF-8 text.", "unreadable") from None


@command("verify")
@pass_shell
def verify(shell: Shell) -> None:
    """Say whether the log is as it was written, and the file whole."""
    report = shell.work(lambda store: store.verify(), salvage=True)
    answer: dict[str, Any] = {
        "sound": report.sound, "events": report.events, "records": report.records, "faults": report.faults,
        "head": report.head,
    }  # fmt: skip
    if not report.sound:
        if not shell.json:
            from deskterm.text import printable

            for fault in report.faults:
                write(printable(fault))
        raise Refused(f"The log is not as it was written: {len(report.faults)} faults.", "tampered", **answer)
    shell.answer(answer, lambda: f"{report.events} events of {report.records} records, all as they were written.")


@command("rebuild")
@pass_shell
def rebuild(shell: Shell) -> None:
    """Make queue, search and counts anew from the log."""
    events = shell.work(lambda store: store.rebuild(), salvage=True)
    shell.answer({"events": events}, lambda: f"Made anew from {events} events.")


@command("import")
@click.argument("file", type=click.Path(path_type=Path), default="-")
@click.option("--kind", type=click.Choice(KINDS), help="What the rows of a CSV file are. Without it: a log to import.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@pass_shell
def import_(shell: Shell, file: Path, kind: str | None, dry_run: bool) -> None:
    """Read customers from a CSV file, or a log into an empty store.

    Without a file, or with "-", it reads standard input. A CSV file may be imported again: what is known by its
    key is changed, and nothing doubled. If a line is wrong, nothing is imported at all.
    """
    if kind is None:
        if dry_run:
            raise click.UsageError("--dry-run goes with --kind.")
        _import_log(shell, file)
        return
    from deskterm.cli.customers import import_rows

    import_rows(shell, file, kind, dry_run)


def _import_log(shell: Shell, file: Path) -> None:
    async def job(store: LocalStore) -> VerifyReport:
        with _lines(file) as lines:
            await store.import_log(lines)
        return await store.verify()

    report = shell.work(job, create=True)
    answer = {"events": report.events, "records": report.records, "sound": report.sound, "head": report.head}
    shell.answer(answer, lambda: f"{report.events} events of {report.records} records are imported.")


COMMANDS = by_name(import_, export, verify, rebuild)
