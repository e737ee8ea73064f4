"""Where a command begins and ends: every error becomes one sentence and an exit status, never a traceback.

    0    done                      2    wrong usage             130  stopped by Ctrl-C
    1    refused, nothing broken   70   our own mistake         141  whoever read our output has gone

An unexpected error is written, without anybody's data, to the private log.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from deskterm.cli.output import ReaderGone, Refused, write, write_json
from deskterm.cli.shell import Shell
from deskterm.store.base import Conflict, StoreError

if TYPE_CHECKING:
    import click

REFUSED, USAGE, BROKEN, INTERRUPTED, READER_GONE = 1, 2, 70, 130, 141
_COMPLETES = "_DESKTERM_COMPLETE"
"""Set by a shell that asks what could be typed next."""


def run(args: Sequence[str], shell: Shell | None = None) -> int:
    """Run one command line and return its exit status. `shell` is what tests pass to bring their own desk."""
    _keep_standard_files_open()
    shell = shell or Shell()
    shell.json = _wants_json(args)
    try:
        try:
            answer = _carried_out(args, shell)
            sys.stdout.flush()
            return answer if isinstance(answer, int) else 0
        except Exception as error:  # noqa: BLE001 (a traceback is no answer; the log gets it)
            return _explain(error, shell)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (ReaderGone, BrokenPipeError):
        _silence_stdout()
        return READER_GONE
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except OSError as error:
        _silence_stdout()
        with suppress(OSError):
            sys.stderr.write(f"The answer could not be written: {error.strerror}.\n")
        return REFUSED


def _carried_out(args: Sequence[str], shell: Shell) -> Any:
    """Do what the command line asks for. Without a word on it that is the app, which need not wait for a parser."""
    if not args and _COMPLETES not in os.environ:
        from deskterm.cli.opening import open_app

        return open_app(shell)
    import click

    from deskterm.cli.root import root

    try:
        return root.main(list(args), prog_name="deskterm", standalone_mode=False, obj=shell)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        return _explain_usage(error, shell)


def _explain(error: Exception, shell: Shell) -> int:
    """Tell an error to whoever asked, on the channel they read, and return the exit status."""
    if isinstance(error, ReaderGone):
        raise error
    if isinstance(error, OSError) and error.filename is None and error.filename2 is None:
        raise error  # not a file somebody named: our own output
    from deskterm.settings import SettingsError

    code, kind, rule, beside = REFUSED, "", "", dict[str, Any]()
    message = str(error)
    match error:
        case Refused():
            kind, rule, beside = error.kind, error.rule, error.beside
        case StoreError():
            kind, rule, message, beside = error.kind, error.rule, error.message, _beside(error)
        case SettingsError():
            kind = "settings"
        case OSError():
            kind, message = "unreadable", f"{error.filename}: {error.strerror}."
        case _ if type(error).__name__ == "DeskFileError":
            kind, beside = "desk_file", {"problems": getattr(error, "problems", [])}
        case _:
            code, kind, message = BROKEN, "internal", _note_failure(error)
    _tell(shell, kind, rule, message, beside)
    return code


def _beside(error: StoreError) -> dict[str, Any]:
    """What an error of the store knows besides its sentence."""
    if isinstance(error, Conflict):
        return {"changed": error.changed, "version": error.version}
    return {"field": error.field} if error.field else {}


def _explain_usage(error: click.ClickException, shell: Shell) -> int:
    import click

    context = error.ctx if isinstance(error, click.UsageError) else None
    message = error.format_message()
    if context is not None and not shell.json and not message.startswith("Usage:"):
        usage = context.get_usage()
        message = f"{usage}\nTry '{context.command_path} --help'.\n\n{message}"
    _tell(shell, "usage", "", message, {})
    return USAGE if isinstance(error, click.UsageError) else REFUSED


def _tell(shell: Shell, kind: str, rule: str, message: str, beside: dict[str, Any]) -> None:
    from deskterm.text import clean_for_store, printable

    with suppress(OSError):
        sys.stderr.write(printable(message, lines=True).rstrip("\n") + "\n")
        sys.stderr.flush()
    if shell.json:
        told = {"kind": kind, "rule": rule, "message": clean_for_store(message)}
        write_json({"error": told, **beside})
        write("", end="", flush=True)


def _note_failure(error: Exception) -> str:
    """Write an unexpected error into the private log, without anybody's data, and say where."""
    import traceback
    from datetime import UTC, datetime

    from deskterm.settings import log_path

    path = log_path()
    story = "".join(traceback.format_exception(error))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(number, "a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now(UTC).isoformat()} the shell failed\n{story}\n")
    except OSError:
        return f"Something went wrong in deskterm itself ({type(error).__name__}), and {path} cannot be written."
    return f"Something went wrong in deskterm itself ({type(error).__name__}). The details are in {path}."


def _wants_json(args: Sequence[str]) -> bool:
    """Whether JSON was asked for, known before anything is parsed so that wrong usage can be told as JSON too."""
    options = list(args)
    return "--json" in (options[: options.index("--")] if "--" in options else options)


def _keep_standard_files_open() -> None:
    """Open what the caller closed of stdin, stdout and stderr, so that no other file takes its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if number == 0 else "w", encoding="utf-8"))  # noqa: PTH123, SIM115


def _silence_stdout() -> None:
    """Send what is still buffered nowhere, so that the interpreter does not complain on its way out."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
