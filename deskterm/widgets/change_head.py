"""The head of a change's form: who, what, when in both zones, who agreed, the introduction; what is missing, said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from deskterm.text import one_line, safe
from deskterm.widgets.labelled import Row

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView
    from deskterm.desk.records.change import Change

INDENT = 13


def head_rows(view: ChangeView) -> tuple[Row, ...]:
    """Every fact of the head with its label, in the order of the form (R150, R152)."""
    change = view.change
    issued = f"{change.issued.day} {change.issued:%B %Y}" if change.issued else ""
    facts: list[tuple[str, str, str]] = [
        ("Title", change.title, "title"),
        ("Company", change.company, "company"),
        ("Case", change.ticket_ref, "ticket_ref"),
        ("Systems", ", ".join(change.systems), "systems"),
        ("Issued", issued, "issued"),
        ("Window", view.window if change.starts and change.ends else "", "starts"),
        ("Engineer", _reached(change.engineer, change.engineer_phone, change.engineer_email), "engineer"),
        ("Contact", _reached(change.contact, change.contact_phone, change.contact_email), "contact"),
    ]
    missing = {lack.field for lack in view.standing}
    rows = [_row(label, words, is_missing=not words or field in missing) for label, words, field in facts]
    rows.append(_row("Approved by", view.agreement))
    rows += [_row(label, words) for label, words in _what_came(change)]
    if beside := _beside(view):
        rows.append(
            (Content.styled("Meanwhile", "$text-muted"), Content.assemble(("▲ ", "$text-warning"), safe(beside)))
        )
    rows.append((Content(""), Content("")))
    rows.append((Content.styled("1  Introduction", "$text-muted"), Content("")))
    rows.append((Content(safe(change.introduction, lines=True) or "None."), Content("")))
    return tuple(rows)


def _beside(view: ChangeView) -> str:
    """What else falls into the window: other changes, and freezes."""
    frozen = [f"freeze {freeze.title or freeze.name}" for freeze in view.freezes]
    others = [
        f"{each.booked.ref} {each.booked.title}" + (f" (also {', '.join(each.systems)})" if each.systems else "")
        for each in view.clashes
    ]
    return one_line("; ".join((*frozen, *others)))


def _what_came(change: Change) -> list[tuple[str, str]]:
    came = []
    if change.model:
        came.append(("Model", change.model))
    if change.spoken is not None:
        came.append(("Said", f"“{change.spoken.said}”"))
    if change.roll_back_reason:
        came.append(("Rolled back", change.roll_back_reason))
    if change.outcome:
        came.append(("Outcome", f"{change.outcome}. {change.review}"))
    if change.cancelled_because:
        came.append(("Called off", change.cancelled_because))
    return came


def _reached(name: str, phone: str, email: str) -> str:
    return "  ".join(one_line(part) for part in (name, phone, email) if part.strip())


def _row(label: str, words: str, *, is_missing: bool = False) -> Row:
    told = Content(safe(words, lines=True))
    if is_missing:
        sign = Content.styled("✗ missing" if not words else "✗ ", "$text-warning")
        told = Content.assemble(sign, told)
    return Content.styled(label, "$text-muted"), told
