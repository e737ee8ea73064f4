"""The form as Markdown (CommonMark), readable as it stands; whatever people typed stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from deskterm.paper.form import Paper, PaperRow, PaperSection

_MEANS_SOMETHING: Final = re.compile(r"[\\`*_\[\]<>#|~&!]")
_BEGINS_SOMETHING: Final = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))", re.MULTILINE)
_INDENT: Final = "   "


def as_markdown(paper: Paper) -> str:
    """Write the form out. Ends with a newline."""
    return "\n".join(_lines(paper)) + "\n"


def plain(text: str) -> str:
    """Escape text so that Markdown shows it as it is: no heading, link, picture, code or HTML comes of it."""
    escaped = _MEANS_SOMETHING.sub(lambda found: f"\\{found[0]}", text)
    return _BEGINS_SOMETHING.sub(_held, escaped)


def _held(found: re.Match[str]) -> str:
    sign = found[2]
    # Spaces at the beginning of a line would make code of it. A number is no list once its full stop is escaped.
    return f"{sign}\\" if sign.isdigit() else f"\\{sign}"


def _lines(paper: Paper) -> Iterator[str]:
    yield f"# Change {paper.ref}: {plain(paper.title)}"
    yield ""
    classified = f"**{plain(paper.classification)}** · " if paper.classification else ""
    yield f"{classified}{plain(paper.desk)} · {paper.kind} · {paper.state} · version {paper.version}"
    yield ""
    for label, text in paper.facts:
        yield from _item(f"- **{label}:** ", text, "  ")
    yield from ("", "## 1. Introduction", "")
    if paper.introduction:
        yield from (_block(paper.introduction, ""), "")
    yield paper.methods
    for section in paper.sections:
        yield from ("", f"## {section.number}. {section.heading}", "")
        yield from _section(section)
    yield from ("", "## Agreement", "")
    for sentence in paper.agreement:
        yield from _item("- ", sentence, "  ")
    if paper.answer:
        yield plain(paper.answer)


def _section(section: PaperSection) -> Iterator[str]:
    if not section.rows:
        yield "Nothing yet."
    for row in section.rows:
        mark = ("[x] " if row.done else "[ ] ") if section.kind == "steps" else ""
        yield from _item(f"{row.number}. {mark}", row.text, _INDENT)
        for said in _about(row):
            yield f"{_INDENT}- {plain(said)}"


def _about(row: PaperRow) -> Iterator[str]:
    if row.starts or row.ends:
        yield f"From {row.starts or 'the start'} to {row.ends or 'the end'}"
    if row.owner:
        yield f"Owner: {row.owner}"
    if row.when:
        yield ", ".join(filter(None, (row.result or "Done", row.when, row.by, " ".join(row.remark.split()))))


def _item(begin: str, text: str, indent: str) -> Iterator[str]:
    first, *more = _block(text, indent).split("\n")
    yield begin + first.removeprefix(indent)
    yield from more


def _block(text: str, indent: str) -> str:
    """Lines of text below each other, each a line of its own also when Markdown is drawn."""
    lines = [line.strip() for line in plain(text).split("\n")]
    return "\n".join(f"{indent}{line}\\" if line and after else f"{indent}{line}".rstrip() for line, after in
                     zip(lines, [*lines[1:], ""], strict=True))  # fmt: skip
