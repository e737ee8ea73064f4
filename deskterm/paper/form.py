"""What stands on the paper of a change, before it is Markdown or PDF: every word of it, and nothing internal.

Text that people typed is made printable here, once, so that no way of printing has to think of it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from unicodedata import name
from zoneinfo import ZoneInfo

from deskterm.desk.changes.timeline import window_words
from deskterm.desk.changes.views import agreement, read_alike
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.records.change import Change, ChangeState, Row, Section, evidence_of
from deskterm.desk.wording import day_and_time, day_named
from deskterm.text import printable

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PICTURES: Final = {code: f"‹{name(chr(code)).removeprefix('SYMBOL FOR ').lower()}›" for code in range(0x2400, 0x2422)}
"""Words for the signs that stand for control characters: few fonts on paper have them."""
_TO_ANSWER: Final = (ChangeState.ASSESSING, ChangeState.AWAITING)
_COLUMNS: Final = {
    Section.MOTIVATION: "What and why",
    Section.OUTAGES: "What is not available",
    Section.PREREQUISITES: "What is needed first",
    Section.IMPLEMENTATION: "What is done",
    Section.TESTING: "What is tested",
    Section.ROLLBACK: "What is undone, and how",
}
_RESULTS: Final = {True: "Passed", False: "Failed", None: ""}
WORKING_METHODS: Final = (
    "Nothing is done before you have agreed to this form. The work stays within the window above. Should it not be "
    "done when the window ends, it is rolled back, unless your return e-mail, received before work goes on, names a "
    "new end."
)
"""What the rules hold us to, said to the customer (R146, R153, R154)."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A row of a section: its number, what it says, who owns it, and how it went, as far as it has."""

    number: int
    text: str
    owner: str
    starts: str = ""
    ends: str = ""
    done: bool = False
    failed: bool = False
    result: str = ""
    """Of a test: "Passed" or "Failed"."""
    when: str = ""
    """When it was done; empty before that."""
    by: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class PaperSection:
    """A section with its number and heading. `kind` says which columns it has: outages, steps or words only."""

    number: int
    heading: str
    column: str
    """What stands above the texts of its rows."""
    kind: str
    rows: tuple[PaperRow, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole form. `facts` are the header, as pairs of label and text, in the order of the form."""

    ref: str
    title: str
    desk: str
    classification: str
    state: str
    kind: str
    version: int
    facts: tuple[tuple[str, str], ...]
    introduction: str
    methods: str
    sections: tuple[PaperSection, ...]
    agreement: tuple[str, ...]
    """Sentences on who agreed, to what and how; on extensions, overruns and outcome, as far as there were any."""
    answer: str
    """What to answer, while the customer has not."""


def paper_of(change: Change, desk: DeskFile) -> Paper:
    """Put a change on paper, with times in the customer's zone."""
    return Paper(
        ref=change.ref,
        title=_one_line(change.title) or "Untitled change",
        desk=_one_line(desk.desk.name),
        classification=_one_line(desk.desk.classification),
        state=change.state.value,
        kind=f"{change.kind.capitalize()} change",
        version=change.version,
        facts=tuple((label, _words(text) or "–") for label, text in _facts(change)),
        introduction=_words(change.introduction),
        methods=WORKING_METHODS,
        sections=tuple(_section(change, section) for section in Section),
        agreement=tuple(_words(sentence) for sentence in _agreement(change)),
        answer=_answer(change, desk) if change.state in _TO_ANSWER else "",
    )


def _one_line(text: str) -> str:
    return printable(text).translate(_PICTURES).strip()


def _words(text: str) -> str:
    return printable(text, lines=True).translate(_PICTURES).strip()


def _zone(change: Change) -> str:
    return change.customer_zone or "UTC"


def _facts(change: Change) -> tuple[tuple[str, str], ...]:
    zone, theirs = _zone(change), change.engineer_zone or "UTC"
    facts = [
        ("Company account name", change.company),
        ("Case reference", change.ticket_ref),
        ("Systems impacted", _joined(*change.systems)),
        ("Issue date", day_named(change.issued) if change.issued else ""),
        ("Engineer", _joined(change.engineer, change.engineer_phone, change.engineer_email)),
        ("Customer contact", _joined(change.contact, change.contact_phone, change.contact_email)),
        ("Start", _moment(change.starts, zone)),
        ("End", _moment(change.ends, zone)),
    ]
    if change.starts and change.ends and not read_alike(change.starts, zone, theirs):
        facts.append(("For the engineer", window_words(change.starts, change.ends, theirs)))
    return (*facts, ("Approved by", _approved_by(change)))


def _approved_by(change: Change) -> str:
    if change.approval is not None:
        return change.approval.by
    return f"{change.spoken.by}, by word of mouth" if change.spoken is not None else ""


def _joined(*texts: str) -> str:
    return ", ".join(text for text in texts if text.strip())


def _moment(moment: datetime | None, zone: str) -> str:
    return f"{day_and_time(moment, zone)} {zone}" if moment else ""


def _short(moment: datetime | None, zone: str) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def _section(change: Change, section: Section) -> PaperSection:
    kind = {Section.MOTIVATION: "words", Section.OUTAGES: "outages"}.get(section, "steps")
    rows = (_row(row, number, _zone(change)) for number, row in enumerate(change.rows_of(section), 1))
    return PaperSection(section.number, section.heading, _COLUMNS[section], kind, tuple(rows))


def _row(row: Row, number: int, zone: str) -> PaperRow:
    late = " (added during the work)" if row.late else ""
    return PaperRow(
        number=number,
        text=_words(row.text) + late,
        owner=_one_line(row.owner),
        starts=_short(row.starts, zone),
        ends=_short(row.ends, zone),
        done=row.done_at is not None and row.passed is not False,
        failed=row.passed is False,
        result=_RESULTS[row.passed],
        when=_short(row.done_at, zone),
        by=_one_line(row.done_by),
        remark=_words(row.remark),
    )


def _agreement(change: Change) -> tuple[str, ...]:
    zone = _zone(change)
    said: list[str] = []
    if change.approval or change.spoken or change.rejection:
        said.append(agreement(change, zone))
    elif change.state in (ChangeState.DRAFT, ChangeState.SUBMITTED):
        said.append("This is a draft: it has not been given to the customer to agree to.")
    if change.approval is not None:
        said.append(f"Evidence: {evidence_of(change.approval)}")
    if change.spoken is not None:
        said.append(f"What was said: {change.spoken.said}")
    earlier = (window_words(window.starts, window.ends, zone) for window in change.earlier_windows)
    said.extend(f"Rolled back in an earlier window: {window}." for window in earlier)
    for extension in change.extensions:
        until = _moment(extension.new_end, zone)
        said.append(f"{extension.by} extended the window by return e-mail until {until}: {evidence_of(extension)}")
    if change.overran_at is not None:
        said.append(f"The window ended with work open, {_moment(change.overran_at, zone)}.")
    if change.outcome is not None:
        said.append(f"Outcome: {change.outcome}.")
    if change.state is ChangeState.CANCELLED:
        said.append("It was called off before any work was done.")
    return tuple(said)


def _answer(change: Change, desk: DeskFile) -> str:
    by_mail = next((a for channel in desk.channel if channel.kind == "email" for a in channel.addresses), "")
    to = change.engineer_email or by_mail
    where = f" to {to}" if to else ""
    return f"To agree, please answer this message by e-mail{where}: “I agree to change {change.ref}”, with your name."
