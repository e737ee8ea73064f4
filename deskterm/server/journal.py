"""What a server writes down: one JSON object a line, with no word of any customer or ticket in it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final, TextIO

_KNOWN: Final = ("request", "route", "verb", "status", "ms", "operator", "address", "store")


class Lines(logging.Formatter):
    """Writes a record as a line of JSON. Of an error, its type and where it happened: its words may be a customer's."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if record.name == "deskterm.server" else record.msg,
        }
        line |= {name: getattr(record, name) for name in _KNOWN if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _where(record.exc_info[2])
        return json.dumps(line, default=str)


def _where(trace: Any) -> list[str]:
    """The way through the program to an error."""
    found: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-12:]


def begin(stream: TextIO | None = None) -> None:
    """Write to a stream, standard error by default, from now on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    for name in ("deskterm.server", "uvicorn.error"):
        journal = logging.getLogger(name)
        journal.handlers = [handler]
        journal.propagate = False
        journal.setLevel(logging.INFO if name == "deskterm.server" else logging.WARNING)
