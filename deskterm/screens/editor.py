"""One's own editor for long texts: the app steps aside, the editor has the terminal, and the words come back.

The text lies meanwhile in a private file of a private folder; both are gone afterwards.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from textual.app import SuspendNotSupported

MAX_BYTES: Final = 1_000_000
"""The longest text that is taken over."""

Suspend = Callable[[], AbstractContextManager[None]]
"""Makes the app step aside for as long as it is entered: `App.suspend`."""


class EditorError(Exception):
    """The editor cannot be used, or what it left cannot; the message is a sentence for people.

    `text` is what was written nevertheless, so that no word of it is lost.
    """

    def __init__(self, message: str, text: str = "") -> None:
        super().__init__(message)
        self.text = text


def editor_command(chosen: str | None, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The editor to start, in words: the one of the settings, else $VISUAL, else $EDITOR. Raises EditorError."""
    line = chosen or environ.get("VISUAL") or environ.get("EDITOR") or ""
    try:
        words = shlex.split(line)
    except ValueError:
        raise EditorError(f"The editor {line!r} is not a command: a quotation mark is missing its partner.") from None
    if not words:
        raise EditorError('There is no editor. Set EDITOR, or write editor = "…" in the settings file.')
    if shutil.which(words[0], path=environ.get("PATH")) is None:
        raise EditorError(f"The editor {words[0]!r} is not on this machine. EDITOR or the settings file names it.")
    return words


def write_in_editor(suspend: Suspend, command: list[str], text: str) -> str:
    """Let somebody write in an editor, beginning with `text`, and return what they wrote.

    Waits until the editor ends. Raises EditorError when it cannot be started, ends with an error, or when the app
    cannot step aside here.
    """
    with tempfile.TemporaryDirectory(prefix="deskterm-") as folder:
        path = Path(folder) / "note.txt"
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        try:
            with suspend():
                ended = subprocess.run([*command, str(path)], check=False).returncode
        except SuspendNotSupported:
            raise EditorError("The editor needs a terminal of its own, and there is none here.") from None
        except OSError as error:
            raise EditorError(f"The editor {command[0]!r} did not start: {error.strerror}.") from None
        written = _read(path)
    if ended:
        raise EditorError(f"The editor {command[0]!r} ended with an error ({ended}). Nothing was saved.", written)
    return written


def _read(path: Path) -> str:
    """What the editor left; nothing if it removed the file."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode(errors="replace").rstrip()
    except FileNotFoundError:
        return ""
