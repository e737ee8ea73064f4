"""Copies of a desk: backup while it is in use, and restore."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.output import Refused
from deskterm.cli.shell import Shell, make_data_dir
from deskterm.text import printable


@command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@pass_shell
def backup(shell: Shell, file: Path, force: bool) -> None:
    """Copy the desk to a file, while it is in use.

    The copy is checked and gets its name only when it is whole. It holds all that customers said: keep it safe, and
    on another disk.
    """
    report = shell.work(lambda store: store.backup(file, replace=force))
    answer: dict[str, Any] = {
        "file": str(file), "events": report.events, "records": report.records, "bytes": file.stat().st_size,
        "sound": report.sound, "faults": report.faults,
    }  # fmt: skip
    if not report.sound:
        raise Refused(
            f"{file} is made, but the desk it copies is not as it was written: {report.faults[0]} "
            "`deskterm verify` lists all.", "tampered", **answer,
        )  # fmt: skip
    shell.answer(
        answer, lambda: f"{printable(str(file))} holds {report.events} events of {report.records} records, checked."
    )


@command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also where the store is not empty, or damaged; it is kept beside it.")
@pass_shell
def restore(shell: Shell, file: Path, force: bool) -> None:
    """Put a backup in the place of the desk.

    The backup is checked first; then the desk is changed at one stroke, or not at all. Nobody may have it open.
    """
    from deskterm.store.backup import restore as put_back
    from deskterm.store.opening import path_of

    if not shell.named:
        make_data_dir()
    path = path_of(shell.url)
    done = put_back(file, path, now=shell.clock(), force=force)
    answer = {
        "file": str(file), "store": str(path), "events": done.report.events, "records": done.report.records,
        "kept": str(done.aside) if done.aside else None,
    }  # fmt: skip
    kept = f"\nWhat was there before is kept as {printable(str(done.aside))}." if done.aside else ""
    shell.answer(
        answer,
        lambda: f"{printable(str(path))} holds {done.report.events} events of {done.report.records} records.{kept}",
    )


COMMANDS = by_name(backup, restore)
