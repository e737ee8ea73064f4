"""`deskterm change evidence`: where the customer's word on a change can be read again, and the files that hold it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskterm.cli.base import command, pass_shell
from deskterm.cli.kinds import WORDS
from deskterm.cli.output import Refused
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from datetime import datetime

    from deskterm.desk.records.change import Change
    from deskterm.desk.records.file import Attachment


@dataclass(frozen=True, slots=True)
class Proof:
    """One word of the customer: what it is, whose, when, where it is kept, and the file that holds it."""

    number: int
    what: str
    by: str
    at: datetime
    evidence: str
    file: Attachment | None


def proofs(change: Change) -> tuple[Proof, ...]:
    """What the customer wrote about a change, the earliest first."""
    found = [("approval", change.approval), ("rejection", change.rejection)]
    answers = [(what, a.by, a.at, a.evidence, a.file) for what, a in found if a is not None]
    extensions = [("extension", x.by, x.received, x.evidence, x.file) for x in change.extensions]
    by_time = sorted((*answers, *extensions), key=lambda each: each[2])
    return tuple(Proof(number, *each) for number, each in enumerate(by_time, 1))


@command("evidence")
@click.argument("ref", type=WORDS)
@click.option("--number", type=click.IntRange(min=1), metavar="N", help="Which; else the last that is a file.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the file there.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@pass_shell
def evidence(shell: Shell, ref: str, number: int | None, output: Path | None, force: bool) -> None:
    """Show where the customer's agreement can be read again."""
    found = proofs(shell.work(lambda store: store.change(ref)).change)
    if output is None:
        shown = [each for each in found if number in (None, each.number)]
        shell.answer(shown, lambda: _page(shown))
        return
    chosen = next((each for each in reversed(found) if each.file and number in (None, each.number)), None)
    if chosen is None or chosen.file is None:
        raise Refused(
            f"No file is attached to {ref}." if number is None else f"No file has number {number}.", "not_found"
        )
    _write(shell, chosen.file, output, force=force)


def _write(shell: Shell, file: Attachment, output: Path, *, force: bool) -> None:
    from hashlib import sha256

    from deskterm.desk.records.file import unpacked
    from deskterm.text import printable

    content = unpacked(shell.work(lambda store: store.file(file.digest)).content)
    if sha256(content).hexdigest() != file.digest:
        raise Refused(f"{file.name} is not what was attached: its hash differs.", "tampered")
    try:
        with output.open("wb" if force else "xb") as there:
            there.write(content)
    except FileExistsError:
        raise Refused(f"{printable(str(output))} is there already; --force replaces it.", "invalid") from None
    except OSError as error:
        raise Refused(f"{printable(str(output))} cannot be written: {error.strerror}.", "invalid") from None
    shell.answer({"file": str(output), **file.model_dump()}, lambda: f"{printable(str(output))} holds {file.words}.")


def _page(found: list[Proof]) -> str:
    from deskterm.cli.tables import table

    if not found:
        return "The customer has written nothing yet."
    rows = [
        (str(each.number), each.what, each.by, f"{each.at:%Y-%m-%d %H:%M}Z", each.evidence,
         each.file.words if each.file else "–")
        for each in found
    ]  # fmt: skip
    return table(("", "What", "By", "When", "Evidence", "File"), rows, kept="Evidence")
