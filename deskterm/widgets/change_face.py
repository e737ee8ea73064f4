"""How a change is put on a screen: its state with its sign, its window, what else is planned, what is still wanting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from textual.content import Content

from deskterm.desk.records.change import ChangeState, Section
from deskterm.text import one_line, safe

if TYPE_CHECKING:
    from datetime import datetime

    from deskterm.desk.changes.guards import Lack
    from deskterm.desk.changes.views import Alarm, ChangeView, SectionView
    from deskterm.desk.changes.window import Clash
    from deskterm.desk.deskfile.models import Freeze
    from deskterm.desk.records.change import Change

_S = ChangeState
_SIGNS: Final[dict[ChangeState, tuple[str, str]]] = {
    _S.DRAFT: ("○", "$text"),
    _S.AWAITING: ("…", "$text-accent"),
    _S.APPROVED: ("✓", "$text-success"),
    _S.VERBALLY_APPROVED: ("✓", "$text-warning"),
    _S.SCHEDULED: ("✓", "$text-success"),
    _S.IMPLEMENTING: ("►", "$text-accent"),
    _S.TESTING: ("►", "$text-accent"),
    _S.OVERRUN: ("‼", "$text-error"),
    _S.ROLLING_BACK: ("«", "$text-warning"),
    _S.ROLLED_BACK: ("«", "$text-warning"),
    _S.IMPLEMENTED: ("✓", "$text-success"),
    _S.FORM_OUTSTANDING: ("▲", "$text-warning"),
    _S.REJECTED: ("×", "$text-warning"),
    _S.CLOSED: ("■", "$text-muted"),
    _S.CANCELLED: ("□", "$text-muted"),
}
SHORT: Final[dict[Section, str]] = {
    Section.MOTIVATION: "Motivation",
    Section.OUTAGES: "Outages",
    Section.PREREQUISITES: "Prerequisites",
    Section.IMPLEMENTATION: "Steps",
    Section.TESTING: "Tests",
    Section.ROLLBACK: "Roll back",
}
"""What a section is called where there is little room."""
_ALARMS: Final[dict[Alarm, tuple[str, str]]] = {
    "": ("", "$text-muted"),
    "15": ("▲ ", "$text-warning"),
    "5": ("▲ ", "bold $text-warning"),
    "over": ("‼ ", "bold $text-error"),
}
_MOST: Final = 3
"""Other windows shown at once."""


def state_words(state: ChangeState) -> Content:
    """A state: sign, text and colour, each enough by itself."""
    sign, style = _SIGNS.get(state, ("○", "$text"))
    return Content.styled(f"{sign} {state}", style)


def progress(section: SectionView) -> str:
    """How far a section is: done of all where its rows are done, else how many; a dash where there is none yet."""
    if not section.rows:
        return "–"
    if section.section in (Section.MOTIVATION, Section.OUTAGES):
        return str(len(section.rows))
    failed = " ✗" if section.failed else ""
    return f"{section.done}/{len(section.rows)}{failed}"


def short_window(starts: datetime, ends: datetime, zone: str) -> str:
    """A window in a few words: "Sat 21 Mar 22:00–23:30"; the day of its end only where it is another."""
    there = ZoneInfo(zone)
    first, last = starts.astimezone(there), ends.astimezone(there)
    begins = f"{first:%a} {first.day} {first:%b} {first:%H:%M}"
    ending = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%a %H:%M}"
    return f"{begins}–{ending}"


def window_in_zones(change: Change) -> str:
    """The window by the customer's clock, and by the engineer's where that reads differently (R152)."""
    if change.starts is None or change.ends is None:
        return "No window yet"
    customer, engineer = change.customer_zone or "UTC", change.engineer_zone or "UTC"
    words = f"{short_window(change.starts, change.ends, customer)} {customer}"
    from deskterm.desk.changes.views import read_alike

    if read_alike(change.starts, customer, engineer):
        return words
    first, last = (each.astimezone(ZoneInfo(engineer)) for each in (change.starts, change.ends))
    return f"{words} (yours {first:%a %H:%M}–{last:%H:%M} {engineer})"


# -- what else is planned


def window_lines(change: Change, clashing: Sequence[Clash], frozen: Sequence[Freeze], width: int) -> list[Content]:
    """What a window typed comes to: when it is in both zones, and what else is planned or frozen then."""
    found = list(_planned(change, clashing, frozen, width))
    clear = [Content.styled("✓ Nothing else is planned on these systems or for this customer then.", "$text-success")]
    return [Content.styled(safe(window_in_zones(change)), "bold").truncate(width, ellipsis=True), *(found or clear)]


def ahead_lines(change: Change, clashing: Sequence[Clash], frozen: Sequence[Freeze], width: int) -> list[Content]:
    """What is planned on the same systems or for the same customer in the weeks ahead, before a window is typed."""
    found = list(_planned(change, clashing, frozen, width))
    if not found:
        return [Content.styled("Nothing is planned on these systems or for this customer yet.", "$text-muted")]
    return [Content.styled("Planned ahead", "$text-muted"), *found]


def _planned(
    change: Change, clashing: Sequence[Clash], frozen: Sequence[Freeze], width: int
) -> Iterable[Content]:  # fmt: skip
    zone = change.engineer_zone or "UTC"
    for freeze in frozen:
        days = f"{freeze.first_day:%d %b}–{freeze.last_day:%d %b}"
        yield _warning(f"Freeze {days}: {freeze.title or freeze.name}", width)
    for clash in clashing[:_MOST]:
        other = clash.booked
        when = short_window(other.starts, other.ends, zone)
        why = f"also on {', '.join(clash.systems)}" if clash.systems else "same customer"
        yield _warning(f"{other.ref} {when}, {why}: {other.title}", width)
    if len(clashing) > _MOST:
        yield Content.styled(f"  and {len(clashing) - _MOST} more", "$text-muted")


def _warning(words: str, width: int) -> Content:
    return Content.assemble(("▲ ", "$text-warning"), safe(one_line(words))).truncate(width, ellipsis=True)


# -- what is still wanting


def is_to_be_said(lack: Lack) -> bool:
    """Whether it is only said with the act itself, and nothing on the form is wanting."""
    return lack.sentence.startswith("To be said")


def standing_lines(view: ChangeView, does: str, key: str, width: int, room: int) -> list[Content]:
    """What stands between the change and its next state: one line each, as many as there is room for."""
    if view.next_act is None:
        return [Content.styled(f"It has ended: {view.change.state}.", "$text-muted")]
    wanting = [lack for lack in view.standing if not is_to_be_said(lack)]
    if not wanting:
        said = next((lack.sentence for lack in view.standing), "")
        ready = Content.assemble(("✓ ", "$text-success"), "Next: ", (does, "bold"), "  ", (key, "bold $text-accent"))
        rest = Content.styled(safe(said), "$text-muted").wrap(max(1, width - 2)) if said else []
        return [ready, *(Content.assemble("  ", line) for line in rest)][:room]
    head = Content.assemble(("Still wanting before ", "$text-muted"), (does, "bold"), (":", "$text-muted"))
    lines = [line for lack in wanting for line in _lack(lack.sentence, width)]
    if len(lines) > room - 1:
        shown = max(1, room - 2)
        more = f"  and {len(wanting) - shown} more; a shows all" if room > 2 else ""
        lines = [*lines[:shown], *([Content.styled(more, "$text-muted")] if more else [])]
    return [head, *lines]


def default_lines(view: ChangeView, key: str, width: int) -> list[Content]:
    """What happens at the end of the window while work is open, and what alone extends it (C7, C8)."""
    guard, change = view.guard, view.change
    if guard is None:
        return []
    end = f"{guard.ends.astimezone(ZoneInfo(change.engineer_zone or 'UTC')):%H:%M}"
    steps = len(change.rows_of(Section.ROLLBACK))
    first = "The window is over: roll back" if guard.alarm == "over" else f"At {end} the default is roll back"
    ready = f", {steps} {'step' if steps == 1 else 'steps'} ready"
    words = Content.assemble(
        (f"{first}{ready}. ", "" if guard.alarm != "over" else "bold"),
        ("Only the customer's return message extends it: ", "$text-muted"),
        (key, "bold $text-accent"),
    )
    return words.wrap(max(1, width))


def _lack(sentence: str, width: int) -> list[Content]:
    first, *rest = Content(safe(sentence)).wrap(max(1, width - 2))
    return [Content.assemble(("✗ ", "$text-warning"), first), *(Content.assemble("  ", line) for line in rest)]


# -- above the page


def window_line(view: ChangeView, width: int) -> Content:
    """The window in both zones at the left, and at the right how much of it is left or who it is for."""
    change, guard = view.change, view.guard
    words = safe(window_in_zones(change))
    if guard is not None:
        sign, style = _ALARMS[guard.alarm]
        told = guard.words.removeprefix(change.ref).strip().removeprefix("is ")
        right = Content.styled(f"{sign}{told}", style)
    else:
        right = Content.styled(safe(one_line(change.company)), "$text-muted")
    clash = f"   ▲ {len(view.clashes)} at the same time" if view.clashes else "   ▲ in a freeze" if view.freezes else ""
    left = Content.assemble(words, (clash if guard is None else "", "$text-warning"))
    room = width - right.cell_length - 2
    left = left.truncate(max(10, room), ellipsis=True)
    return Content.assemble(left, " " * max(2, width - left.cell_length - right.cell_length), right)


def section_tabs(view: ChangeView, page: int, width: int) -> Content:
    """The pages: a digit, its name, and how far it is; the one in front is marked. On two lines where it must."""
    names = [("Form", ""), *((SHORT[each.section], progress(each)) for each in view.sections), ("Log", "")]
    parts = []
    for number, (name, told) in enumerate(names, 1):
        here = number == page
        tone = "$text-warning" if told == "–" or "✗" in told else "$text-muted"
        parts.append(
            Content.assemble(
                (f"{number} ", "bold $text-accent" if here else "$text-accent"),
                (name, "bold underline" if here else "$text-muted"),
                (f" {told}" if told else "", "bold" if here else tone),
            )
        )
    lines: list[list[Content]] = [[]]
    for part in parts:
        if lines[-1] and sum(each.cell_length + 3 for each in lines[-1]) + part.cell_length > width:
            lines.append([])
        lines[-1].append(part)
    return Content("\n").join([Content("   ").join(line) for line in lines])
