"""A change in a line of a list or calendar: its state in a word with a sign and a tone; and the look into it below."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from textual.content import Content

from deskterm.desk.records.change import ChangeState
from deskterm.desk.wording import day_named
from deskterm.text import cell
from deskterm.widgets.change_face import state_words
from deskterm.widgets.entry_lines import wrapped
from deskterm.widgets.preview import say_lines

if TYPE_CHECKING:
    from datetime import datetime

    from deskterm.desk.changes.views import ChangeView
    from deskterm.widgets.table import Tone

FREEZE: Final = "░"
_S = ChangeState
_SHORT: Final[dict[ChangeState, str]] = {
    _S.AWAITING: "with customer",
    _S.VERBALLY_APPROVED: "agreed by word",
    _S.FORM_OUTSTANDING: "form outstanding",
}
"""States in at most 16 cells, where their own words are longer."""
_TONES: Final[dict[ChangeState, Tone]] = {
    _S.DRAFT: "muted",
    _S.IMPLEMENTING: "accent",
    _S.TESTING: "accent",
    _S.OVERRUN: "late",
    _S.ROLLING_BACK: "risk",
    _S.ROLLED_BACK: "risk",
    _S.FORM_OUTSTANDING: "risk",
    _S.CLOSED: "muted",
    _S.REJECTED: "muted",
    _S.CANCELLED: "muted",
}


def line_words(state: str) -> tuple[str, str, Tone]:
    """A state as a sign, a word or two, and a tone."""
    known = ChangeState(state)
    return state_words(known).plain[0], _SHORT.get(known, state.lower()), _TONES.get(known, "plain")


def window_cell(starts: datetime | None, ends: datetime | None, zone: str) -> str:
    """A window in 22 cells; an end on another day is known by its hour, or by how many days later it is."""
    if starts is None or ends is None:
        return "no window yet"
    first, last = starts.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    name, number, month, _ = day_named(first).split()
    until = f"+{(last.date() - first.date()).days} days" if ends - starts >= timedelta(days=1) else f"{last:%H:%M}"
    return f"{name[:3]} {number:>2} {month[:3]} {first:%H:%M}–{until}"


def change_preview(view: ChangeView, width: int, height: int) -> Content:
    """Draw a change into exactly `height` lines of at most `width` cells."""
    if width < 1 or height < 1:
        return Content("")
    say = say_lines(view.say, width)[: max(0, height - 4)]
    room = height - len(say)
    lines = [_title(view, width), *_about(view, width), *_presses(view, width)][:room]
    return Content("\n").join([*lines, *[Content("")] * (room - len(lines)), *say])


def _title(view: ChangeView, width: int) -> Content:
    change = view.change
    kind = "" if change.kind == "normal" else f"{change.kind} · "
    state = state_words(change.state)
    room = max(1, width - len(change.ref) - len(kind) - state.cell_length - 4)
    return Content.assemble(
        (change.ref, "bold $text-accent"), "  ", (cell(change.title or "No title yet", room), "bold"), "  ",
        (kind, "$text-muted"), state,
    )  # fmt: skip


def _about(view: ChangeView, width: int) -> list[Content]:
    change = view.change
    case = change.ticket_ref and f"for {change.ticket_ref}"
    told = " · ".join(filter(None, (change.company, ", ".join(change.systems), change.engineer, case)))
    return [
        Content.styled(cell(told or "Nothing is filled in yet.", width), "$text-muted"),
        *wrapped(view.window, width),
        *wrapped(view.agreement, width, "$text-muted"),
    ]


def _presses(view: ChangeView, width: int) -> list[Content]:
    """What clashes, what is frozen, and what is still wanting first."""
    lines = []
    if view.clashes:
        told = [f"{each.booked.ref} ({', '.join(each.systems) or 'the same customer'})" for each in view.clashes]
        lines.append(Content.styled(cell(f"▲ Clashes with {', '.join(told)}", width), "$text-warning"))
    if view.freezes:
        titles = ", ".join(freeze.title for freeze in view.freezes)
        lines.append(Content.styled(cell(f"{FREEZE} Frozen: {titles}", width), "$text-warning"))
    if wanting := next((lack for lack in view.standing if lack.field), None):
        lines.append(Content.styled(cell(wanting.sentence, width), "$text-muted"))
    return lines
