"""The shell, run in this process on hostile words, and every byte it answers judged."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from deskterm.cli.entry import run
from deskterm.cli.root import root
from deskterm.cli.shell import Shell
from deskterm.settings import log_path
from tests.faults.hostile import SEED
from tests.faults.judge import faults_of_lines

BROKEN = 70


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command line came to, in bytes."""

    code: int
    out: bytes
    err: bytes

    @property
    def json(self) -> Any:
        """What it answered, read as JSON."""
        return json.loads(self.out)


def ask(store: Path, now: datetime, *args: str, stdin: bytes = b"") -> Answer:
    """Run a command line on a store, and judge what it says."""
    out, err = io.BytesIO(), io.BytesIO()
    with contextlib.ExitStack() as stack:
        said = io.TextIOWrapper(out, "utf-8", write_through=True)
        told = io.TextIOWrapper(err, "utf-8", errors="backslashreplace", write_through=True)
        stack.enter_context(contextlib.redirect_stdout(said))
        stack.enter_context(contextlib.redirect_stderr(told))
        stack.enter_context(_standard_input(stdin))
        code = run(args, Shell(store=str(store), clock=lambda: now))
        answer = Answer(code, out.getvalue(), err.getvalue())
    assert (trouble := wrong(answer, args)) == [], f"DESKTERM_SEED={SEED}: {args!r}\n" + "\n".join(trouble)
    return answer


def wrong(answer: Answer, args: tuple[str, ...]) -> list[str]:
    """What is wrong with an answer: anything but lines of signs, an error of our own, JSON that is none."""
    found = [*faults_of_lines(answer.out), *faults_of_lines(answer.err)]
    if answer.code not in (0, 1, 2) or b"Traceback" in answer.err:
        found.append(f"exit status {answer.code}: {answer.err.decode()}")
        if log_path().exists():
            found.append(log_path().read_text())
            log_path().unlink()
    if "--json" in args:
        found += [] if answer.out.isascii() else ["JSON that is no ASCII"]
        found += [] if _is_json(answer.out) else [f"no JSON: {answer.out[:300]!r}"]
    return found


def as_argument(text: str) -> str:
    """A text as a program gets it on its command line: no NUL, and bytes that are no UTF-8 as Python hands them on."""
    return os.fsdecode(text.replace("\0", "").encode("utf-8", "surrogatepass"))


def as_kept(argument: str) -> str:
    """An argument as a store keeps it."""
    return "".join("\ufffd" if letter == "\0" or "\ud800" <= letter <= "\udfff" else letter for letter in argument)


def commands(group: click.Group = root, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command there is, with the words that call it."""
    context = click.Context(group, obj=Shell())
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *names, name)
        else:
            yield (*names, name), command


def _is_json(said: bytes) -> bool:
    """Whether it is one JSON value, or one on each line, or nothing."""
    try:
        json.loads(said or b"0")
    except ValueError:
        try:
            for line in said.splitlines():
                json.loads(line)
        except ValueError:
            return False
    return True


@contextlib.contextmanager
def _standard_input(given: bytes) -> Iterator[None]:
    import sys

    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(given), "utf-8")
    try:
        yield
    finally:
        sys.stdin = before
