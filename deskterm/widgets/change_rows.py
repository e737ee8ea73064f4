"""The rows of a section of a change's form: number, how far each is, what it says, wrapped, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final
from zoneinfo import ZoneInfo

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.widget import Widget

from deskterm.desk.records.change import DONE_IN, Row, Section
from deskterm.text import capped, cell, safe
from deskterm.widgets.entry_lines import wrapped

if TYPE_CHECKING:
    from uuid import UUID

_NUMBER: Final = 6
"""Cells of the mark at the left and the number."""
_DONE: Final = 9
_SPAN: Final = 13
_OWNER: Final = 14
_WIDE_OWNER: Final = 22
_ROOMY: Final = 90
"""Cells from which the owner's column is wide."""
FAR: Final = 1_000_000
_MOST_BYTES, _MOST_LINES = 2000, 20
"""How much of one row is shown; the line to type in and the printed form have all of it."""


@dataclass(frozen=True, slots=True)
class RowLook:
    """A row as it is drawn: its number, whether the cursor is on it, and whether words for it are kept unsaved."""

    row: Row
    number: int
    is_here: bool = False
    is_kept: bool = False


def state_width(section: Section) -> int:
    """Cells of the column that says how far a row is, or when an outage is; none where rows only say something."""
    return _DONE if section in DONE_IN else _SPAN if section is Section.OUTAGES else 0


def owner_width(width: int) -> int:
    """Cells of the column that says whose a row is."""
    return _WIDE_OWNER if width >= _ROOMY else _OWNER


def _state(row: Row, zone: str) -> tuple[str, str]:
    there = ZoneInfo(zone)
    if row.section is Section.OUTAGES:
        begins = f"{row.starts.astimezone(there):%H:%M}" if row.starts else ""
        ends = f"{row.ends.astimezone(there):%H:%M}" if row.ends else ""
        return (f"{begins}–{ends}" if begins or ends else ""), "$text"
    clock = f" {row.done_at.astimezone(there):%H:%M}" if row.done_at else ""
    if row.passed is False:
        return f"✗{clock}", "$text-error"
    return (f"✓{clock}", "$text-success") if row.done_at else ("·", "$text-disabled")


def row_lines(look: RowLook, zone: str, width: int) -> list[Content]:
    """Draw a row: its text is wrapped beside number and state, the owner stands at the right of the first line."""
    row, owner = look.row, owner_width(width)
    state, style = _state(row, zone)
    lead_width = _NUMBER + state_width(row.section)
    lead = Content.assemble(
        ("▌ " if look.is_here else "  ", "$text-accent"),
        (f"{look.number:>2}  ", "$text-muted"),
        (state.ljust(state_width(row.section)), style),
    )
    room = max(10, width - lead_width - owner - 2)
    weight = "bold" if look.is_here else ""
    text, is_cut = capped(row.text.strip(), _MOST_BYTES, _MOST_LINES)
    first, *rest = wrapped(f"{text} …" if is_cut else text or "(nothing yet)", room, weight) or [Content("")]
    gap = " " * (room - first.cell_length + 2)
    lines = [Content.assemble(lead, first, gap, (cell(row.owner or "nobody yet", owner), "$text-muted"))]
    under = " " * lead_width
    mark = Content.styled("▌ ", "$text-accent") if look.is_here else Content("  ")
    lines += [Content.assemble(mark, under[2:], line) for line in rest]
    for words, tone in _beneath(look):
        lines += [Content.assemble(mark, under[2:], line) for line in wrapped(words, width - lead_width, tone)]
    return [line.pad_right(max(0, width - line.cell_length)) for line in lines]


def _beneath(look: RowLook) -> list[tuple[str, str]]:
    told = []
    if look.row.remark:
        told.append((look.row.remark, "$text-warning" if look.row.passed is False else "$text-muted"))
    if look.row.late:
        told.append(("added while the work was under way", "$text-warning"))
    if look.is_kept:
        told.append(("✎ words not saved yet: Enter brings them back", "$text-accent"))
    return told


class RowList(Widget):
    """Rows below each other, drawn in one piece; as high as they are."""

    DEFAULT_CSS = "RowList { height: auto; color: $text; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._looks: tuple[RowLook, ...] = ()
        self._zone = "UTC"
        self._nothing = ""

    def show(self, looks: Sequence[RowLook], zone: str, nothing: str = "") -> None:
        """Show these rows, with times in `zone`; `nothing` stands where there are none."""
        if (tuple(looks), zone, nothing) != (self._looks, self._zone, self._nothing):
            self._looks, self._zone, self._nothing = tuple(looks), zone, nothing
            self.refresh(layout=True)

    def place_of(self, row: UUID) -> Region | None:
        """Where a row stands within the list, once its width is known."""
        y, width = 0, self.content_size.width
        for look in self._looks:
            height = len(row_lines(look, self._zone, width))
            if look.row.id == row:
                return Region(0, y, max(1, width), height)
            y += height
        return None

    def render(self) -> Content:
        """Every row."""
        return Content("\n").join(self._lines(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it takes."""
        return len(self._lines(width))

    def _lines(self, width: int) -> list[Content]:
        if not self._looks and self._nothing:
            return [line for words in self._nothing.split("\n") for line in _plain(words, width)]
        return [line for look in self._looks for line in row_lines(look, self._zone, max(20, width))]


def _plain(words: str, width: int) -> list[Content]:
    return [Content.assemble("  ", line) for line in Content.styled(safe(words), "$text-muted").wrap(max(8, width - 2))]


class RowsPage(VerticalScroll, can_focus=True, inherit_bindings=False):
    """The page that holds the rows: arrows go from row to row, and the page follows."""

    BINDINGS: ClassVar = [
        Binding("up,k", "go(-1)", show=False),
        Binding("down,j", "go(1)", show=False),
        Binding("pageup", "go(-8)", show=False),
        Binding("pagedown", "go(8)", show=False),
        Binding("home,g", f"go({-FAR})", show=False),
        Binding("end,G", f"go({FAR})", show=False),
    ]

    class Went(Message):
        """Somebody wants to go so many rows down, or up."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def action_go(self, by: int) -> None:
        """Go from row to row."""
        self.post_message(self.Went(by))
