"""How a change is told on the shell: its JSON, its page, and the lines of a list."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from deskterm.cli.tables import heading, is_narrow, pairs, paragraph, table, when
from deskterm.text import capped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deskterm.desk.changes.views import ChangeLine, ChangeView
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.change import Row
    from deskterm.desk.tickets.views import TimelineEntry

LONGEST = 16_384
"""Bytes of one text that are shown to people."""


def view_json(view: ChangeView) -> dict[str, Any]:
    """A change opened, as JSON: the record with its thread, what may be done, and what stands before its next state."""
    it, guard = view.change, view.guard
    return {
        **it.model_dump(mode="json"),
        "window": view.window,
        "agreement": view.agreement,
        "next": view.next_act,
        "standing": view.standing,
        "guard": {"left_seconds": int(guard.left.total_seconds()), "alarm": guard.alarm, "words": guard.words}
        if guard
        else None,
        "clashing": [{**_booked(clash.booked), "systems": clash.systems} for clash in view.clashes],
        "freezes": view.freezes,
        "proposed": {"starts": view.proposed[0], "ends": view.proposed[1]} if view.proposed else None,
        "timeline": view.timeline,
        "may": [
            {"act": v.act, "title": v.title, "allowed": v.allowed, "rule": v.rule, "reason": v.reason} for v in view.may
        ],
        "say": view.say,
    }


def _booked(booked: Any) -> dict[str, Any]:
    names = ("ref", "title", "company", "starts", "ends", "state")
    return {name: getattr(booked, name) for name in names}


def changed_page(view: ChangeView, before: int, desk: DeskFile, now: datetime) -> str:
    """What an act led to: where the change stands now, what was written about it, and what is wanting."""
    news = [_entry(entry, now) for entry in view.timeline if entry.version > before]
    told = news or [paragraph("nothing changed", indent=2)]
    wanting = [paragraph(f"- {lack.sentence}", indent=2) for lack in view.standing[:_FEW]]
    more = [paragraph(f"- and {len(view.standing) - _FEW} more", indent=2)] if len(view.standing) > _FEW else []
    return "\n".join(
        (heading(_headline(view)), *told, *([heading("Still wanting"), *wanting, *more] if wanting else ()))
    )


_FEW = 5


def _headline(view: ChangeView) -> str:
    it = view.change
    return " · ".join(
        filter(None, (it.ref, it.state, it.title or "(no title)", view.guard.words if view.guard else ""))
    )


def change_page(view: ChangeView, desk: DeskFile, now: datetime) -> str:
    """A whole change: its head, its sections, its thread, what stands before its next state and what to say."""
    it = view.change
    allowed = ", ".join(verdict.title.lower() for verdict in view.may if verdict.allowed)
    parts = [
        heading(f"{it.ref}  {it.title or '(no title)'}"),
        paragraph(" · ".join(filter(None, (it.state, it.kind, view.guard.words if view.guard else ""))), indent=2),
        "",
        pairs(_head(view, desk)),
        "",
        *_sections(view, now),
        heading("What happened"),
        *_thread(view.timeline, now),
        "",
        *([heading("Still wanting")] if view.standing else []),
        *(paragraph(f"- {lack.sentence}", indent=2) for lack in view.standing),
        "",
        pairs([("Say", view.say), ("You may", allowed)]),
    ]
    return "\n".join(parts)


def _head(view: ChangeView, desk: DeskFile) -> Iterable[tuple[str, str]]:
    it = view.change
    yield "Company", it.company
    yield "Case", it.ticket_ref
    yield "Systems", ", ".join(it.systems)
    yield "Issued", it.issued.isoformat() if it.issued else ""
    yield "Engineer", " · ".join(filter(None, (it.engineer, it.engineer_phone, it.engineer_email)))
    yield "Contact", " · ".join(filter(None, (it.contact, it.contact_phone, it.contact_email)))
    yield "Window", view.window
    yield "Agreed", view.agreement
    yield "Model", it.model
    yield "At the same time", ", ".join((*(c.booked.ref for c in view.clashes), *(f.title for f in view.freezes)))
    if view.proposed is not None:
        from deskterm.desk.changes.timeline import window_words

        yield "Next free window", window_words(*view.proposed, it.customer_zone or desk.desk.zone)
    yield "Outcome", it.outcome or ""
    yield "Review", it.review
    yield "Introduction", _bounded(it.introduction)


def _sections(view: ChangeView, now: datetime) -> Iterable[str]:
    for section in view.sections:
        yield heading(f"{section.number}. {section.title}")
        for number, row in enumerate(section.rows, 1):
            yield paragraph(f"{number}. {_mark(row)}{_bounded(row.text)}{_beside(row, now)}", indent=2)
        if not section.rows:
            yield paragraph("no row yet", indent=2)
        yield ""


def _mark(row: Row) -> str:
    if row.passed is not None:
        return "[passed] " if row.passed else "[failed] "
    return "[done] " if row.done_at else ""


def _beside(row: Row, now: datetime) -> str:
    span = " to ".join(when(each, now) for each in (row.starts, row.ends) if each)
    done = f"{when(row.done_at, now)} by {row.done_by}" if row.done_at else ""
    told = filter(None, (row.owner, span, done, row.remark, "added late" if row.late else ""))
    return f"  ({'; '.join(told)})"


def changes_page(lines: Iterable[ChangeLine], now: datetime) -> str:
    """Changes as the lines of a list."""
    heads = ["Reference", "State", "Window", "Title", "Company", "Case", "Engineer"]
    rows = [
        (
            line.ref, line.state, when(line.starts, now) if line.starts else "–", line.title, line.company,
            line.ticket_ref or "–", line.engineer or "–",
        )
        for line in lines
    ]  # fmt: skip
    if is_narrow():
        heads, rows = heads[:5], [row[:5] for row in rows]  # type: ignore[misc]
    return table(heads, rows, kept="Title") or "No changes."


def _thread(timeline: Iterable[TimelineEntry], now: datetime) -> Iterable[str]:
    for entry in timeline:
        yield _entry(entry, now)
        if entry.text:
            yield paragraph(_bounded(entry.text), indent=6)


def _entry(entry: TimelineEntry, now: datetime) -> str:
    seen = "  (customer sees this)" if entry.customer_sees else ""
    return paragraph(f"{entry.mark} {when(entry.at, now)}  {entry.actor}: {entry.title}{seen}", indent=2)


def _bounded(text: str) -> str:
    kept, cut = capped(text, max_bytes=LONGEST)
    return f"{kept}\n… the rest is left out; --json holds all of it" if cut else kept
