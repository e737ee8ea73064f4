"""A change in each of the forms in which it leaves the desk: `md`, `json`, `pdf`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final, Literal

from deskterm.desk.change import Change
from deskterm.desk.deskfile import DeskFile
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
    record = change.model_dump(mode="json")
    whole = {
        "classification": desk.desk.classification,
        "desk": desk.desk.name,
        "change": record,
        "form": asdict(paper),
    }
    return (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode()


def file_name(change: Change, format_: Format) -> str:
    """What to call the file: "C-0117.pdf"."""
    return f"{change.ref}.{format_}"
