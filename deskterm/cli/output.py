"""What the shell says: text for people or JSON for scripts, each by one door.

Words of tickets reach a terminal only through `deskterm.text.printable`. JSON keeps them as they are, and is pure
ASCII, so that no byte of it acts on a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any


class ReaderGone(Exception):
    """Whoever read our output has closed it; there is nobody left to tell."""


class Refused(Exception):
    """The shell itself says no. `beside` is what its JSON answer holds next to the error."""

    def __init__(self, message: str, kind: str, rule: str = "", **beside: Any) -> None:
        super().__init__(message)
        self.kind = kind
        self.rule = rule
        self.beside = beside


def write(text: str, *, end: str = "\n", flush: bool = False) -> None:
    """Write to standard output. Raises ReaderGone when nobody reads it any more."""
    try:
        sys.stdout.write(text + end)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write((text + end).encode(encoding, "replace").decode(encoding))


def write_json(value: object) -> None:
    """Write one JSON answer: moments are ISO 8601 in UTC, models and dataclasses are objects."""
    write(as_json(value))


def write_json_line(value: object) -> None:
    """Write one line of a stream of JSON answers, at once."""
    write(json.dumps(value, default=_plain, separators=(",", ":")), flush=True)


def write_json_array(items: Iterable[object]) -> None:
    """Write a JSON array item by item, so that a long one is never held in memory."""
    before = "[\n"
    for item in items:
        write(before + as_json(item), end="")
        before = ",\n"
    write("[]" if before == "[\n" else "\n]")


def as_json(value: object) -> str:
    """Put a value into JSON, indented."""
    return json.dumps(value, default=_plain, indent=2)


def _plain(value: object) -> object:
    """What `json` does not know: models, dataclasses, moments, ids, paths."""
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value)
