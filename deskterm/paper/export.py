"""A change as it leaves the desk (`md`, `json`, `pdf`): the same in all, and nothing internal."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Final, Literal

from deskterm.desk.deskfile import DeskFile
from deskterm.desk.records.change import Change
from deskterm.paper.form import paper_of
from deskterm.paper.markdown import as_markdown
from deskterm.paper.pdf import as_pdf

Format = Literal["md", "json", "pdf"]
FORMATS: Final[tuple[Format, ...]] = ("md", "json", "pdf")


def export(change: Change, desk: DeskFile, format_: Format) -> bytes:
    """Write a change as a file's bytes, text in UTF-8. Raises PaperUnavailable for PDF without its extra."""
    paper = paper_of(change, desk)
    if format_ == "pdf":
        return as_pdf(paper)
    if format_ == "md":
        return as_markdown(paper).encode()
    window = {side: moment.isoformat() if moment else None for side, moment in _window(change)}
    return (json.dumps({"form": asdict(paper), "window": window}, indent=2, ensure_ascii=False) + "\n").encode()


def _window(change: Change) -> tuple[tuple[str, datetime | None], ...]:
    return ("starts", change.starts), ("ends", change.ends)


def file_name(change: Change, format_: Format) -> str:
    """What to call the file: "C-0117.pdf"."""
    return f"{change.ref}.{format_}"
