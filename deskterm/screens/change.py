"""A change opened: its form section by section, the way on with what still stands before it, its window and thread.

Sections are pages: digits or Tab go from one to the next. Rows are added, moved, split, ticked and taken out with
single keys. It is live: what others do is laid in place, and never touches what is being typed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from deskterm.actions import BY_ID, bindings
from deskterm.desk.changes.rights import CHANGE_BY_ACT, ChangeAct
from deskterm.desk.records.change import ChangeState, Section
from deskterm.keymap import first_key
from deskterm.screens.change_steps import ChangeSteps
from deskterm.store.base import StoreError
from deskterm.text import safe
from deskterm.widgets.change_face import (
    default_lines,
    section_tabs,
    standing_lines,
    state_words,
    window_line,
)
from deskterm.widgets.change_head import INDENT, head_rows
from deskterm.widgets.change_rows import RowList, RowLook, RowsPage
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.frame import Hints
from deskterm.widgets.labelled import Labelled
from deskterm.widgets.preview import say_lines
from deskterm.widgets.row_editor import RowEditor
from deskterm.widgets.thread import Thread

if TYPE_CHECKING:
    from deskterm.desk.changes.views import ChangeView, WindowGuard
    from deskterm.desk.tickets.views import Change as Happened

_S = ChangeState
FORM, LOG = 1, 8
"""The first page, and the last."""
_FOOT: Final = 5
"""Lines at the foot for what is still wanting and what to say."""
_PAGE_OF: Final = {
    _S.APPROVED: 4,
    _S.SCHEDULED: 4,
    _S.VERBALLY_APPROVED: 4,
    _S.IMPLEMENTING: 5,
    _S.TESTING: 6,
    _S.OVERRUN: 7,
    _S.ROLLING_BACK: 7,
}
"""The page that a change opens at, where it is not the first."""
_NOTHING: Final = "No row yet. + adds rows: Enter for the next, Enter twice for the next section."


class ChangeScreen(ChangeSteps):
    """One change, by record id or reference."""

    place = "change"
    CSS_PATH = "change.tcss"
    BINDINGS: ClassVar = [
        *bindings("change"),
        *(Binding(str(page), f"page({page})", show=False) for page in range(FORM, LOG + 1)),
    ]

    def __init__(self, change: UUID | str, begin: str = "") -> None:
        super().__init__()
        self._asked_for = change
        self._begin_with = begin
        self._view: ChangeView | None = None
        self._request = 0
        self._page = FORM
        self._has_acted = False

    def body(self) -> ComposeResult:
        """Window, sections, the page in front, and at the foot what is still wanting."""
        yield Static(id="window")
        yield Static(id="sections")
        yield Static(id="above", classes="rule")
        with Horizontal(id="split"):
            with Vertical(id="page"):
                with VerticalScroll(id="head"):
                    yield Labelled(indent=INDENT, id="facts")
                with RowsPage(id="rows"):
                    yield RowList(id="before")
                    yield RowEditor(id="editor")
                    yield RowList(id="after")
                yield Thread(id="log")
            yield VerticalScroll(Static(id="beside-words"), id="beside", can_focus=False)
        yield Static(id="below", classes="rule")
        yield Static(id="foot")

    def on_mount(self) -> None:
        """Fetch the change."""
        self.heading(self._asked_for if isinstance(self._asked_for, str) else "Change", calls_open(0))
        for rule in ("#above", "#below"):
            self.query_one(rule, Static).update(Content("─" * 400))
        self.host.hold_keys()
        self.begin(self._open(), group="fetch")

    async def _open(self) -> None:
        try:
            await self.fetch()
            self._begin_at_once()
        finally:
            self.host.release_keys()

    def _begin_at_once(self) -> None:
        """What was to be done here first."""
        begin, self._begin_with = self._begin_with, ""
        if self._view is None:
            return
        if begin == "fill":
            self.fill_in()
        elif begin:
            self.take_up(begin)
        elif kept := len(self.kept_words()):
            self.say("A row typed here was not saved." if kept == 1 else f"{kept} rows typed here were not saved.")

    # -- fetching and keeping up

    def view_in_front(self) -> ChangeView | None:
        """The change, as it is shown."""
        return self._view

    async def fetch(self) -> None:
        """Read the change again and lay it in place."""
        self._request += 1
        request = self._request
        try:
            view = await self.host.store.change(self._view.change.id if self._view else self._asked_for)
        except StoreError as error:
            self._show_trouble(error.message)
            return
        if request != self._request or not self.is_attached:
            return
        before, self._view = self._view, view
        moved_on = before is not None and self._has_acted and before.change.state is not view.change.state
        if before is None or moved_on:
            self._page = _PAGE_OF.get(view.change.state, self._page if before else FORM)
        self._has_acted = False
        if before is not None:
            self._tell_what_others_did(before, view)
        self._draw()
        if (before is None or moved_on) and self.editing is None:
            self.show_page(self._page)

    def _show_trouble(self, message: str) -> None:
        """Say why there is no change, and go on saying it: there is nothing else to show."""
        if self._view is not None:
            self.say(message, "refused")
            return
        words = Content.assemble((f"✗ {safe(message)}", "$text-warning"), ("\n\nEsc goes back.", "$text-muted"))
        self.query_one("#foot", Static).update(words)
        self.query_one("#split").display = False

    def _tell_what_others_did(self, before: ChangeView, view: ChangeView) -> None:
        me = self.host.store.me.name
        new = [e for e in view.timeline if e.version > before.change.version and e.actor != me]
        if new:
            more = f", and {len(new) - 1} more" if len(new) > 1 else ""
            self.say(f"{new[-1].actor}: {new[-1].title}{more}")
        self.tell_of_others(before, view)

    def desk_changed(self, changes: tuple[Happened, ...]) -> None:
        """Fetch again if this change, one whose window may clash, or the desk file changed."""
        if self._view and any(c.record_kind == "change" or c.kind == "DeskLoaded" for c in changes):
            self.begin(self.fetch(), group="fetch")

    def minute_passed(self) -> None:
        """A window opens and ends with time alone."""
        if self._view:
            self.begin(self.fetch(), group="fetch")

    def acted(self) -> None:
        """Whoever acted goes on where the change now is."""
        self._has_acted = True
        self.begin(self.fetch(), group="fetch")

    # -- pages

    @property
    def page(self) -> int:
        """The page in front."""
        return self._page

    def section_in_front(self) -> Section | None:
        """The section whose rows are shown."""
        return list(Section)[self._page - 2] if FORM < self._page < LOG else None

    def show_page(self, page: int) -> None:
        """Bring a page to the front, with the keyboard in it."""
        self.leave_row()
        self._page = max(FORM, min(page, LOG))
        self._draw()
        name = "#head" if self._page == FORM else "#log" if self._page == LOG else "#rows"
        self.query_one(name).focus()

    def show_section(self, section: Section, *, adds: bool = False) -> None:
        """Bring a section to the front."""
        self.show_page(section.number)
        if adds and self.why_not(BY_ID["add-row"]) is None:
            self.begin_row(section)

    def action_page(self, page: int) -> None:
        """A digit."""
        if self._view:
            self.show_page(page)

    def act_next_view(self, argument: str) -> None:
        """Tab: the next section."""
        self.action_page(self._page % LOG + 1)

    def act_previous_view(self, argument: str) -> None:
        """The section before."""
        self.action_page((self._page - 2) % LOG + 1)

    # -- drawing

    def guards_here(self) -> tuple[WindowGuard, ...]:
        """The window of this change stands in the line below the heading."""
        view = self._view
        return tuple(guard for guard in self.host.guards if view is None or guard.change != view.change.id)

    @property
    def _zone(self) -> str:
        assert self.host.desk is not None
        return (self._view.change.engineer_zone if self._view else "") or self.host.desk.desk.zone

    def _draw(self) -> None:
        if (view := self._view) is None or self.host.desk is None:
            return
        change, width = view.change, max(20, self.size.width - 2)
        case = f" for {change.ticket_ref}" if change.ticket_ref else ""
        state = Content.assemble(state_words(change.state), "   ", calls_open(len(self.host.calls)))
        self.heading(f"{change.ref}{case}   {change.title}", state)
        self.guards_told()
        self.query_one("#window", Static).update(window_line(view, width))
        self.query_one("#sections", Static).update(section_tabs(view, self._page, width))
        for name, page in (("#head", FORM), ("#log", LOG)):
            self.query_one(name).display = self._page == page
        self.query_one("#rows").display = self.section_in_front() is not None
        if self._page == FORM:
            self.query_one("#facts", Labelled).show(head_rows(view))
        elif self._page == LOG:
            self.query_one(Thread).show(view.timeline, self._zone)
        self.draw_rows()
        self._draw_foot(view)

    def draw_rows(self) -> None:
        """Draw the rows of the section in front, around the line that is typed in."""
        section, view = self.section_in_front(), self._view
        if view is not None:
            self.query_one(Hints).offer(self.hinted(view))
        if section is None or view is None:
            return
        rows, here = view.change.rows_of(section), self.cursor_row()
        now = self.editing if self.editing and self.editing.section is section else None
        cut, skipped = len(rows), 0
        if now is not None:
            at_row = now.row if now.before else now.after
            place = next((n for n, row in enumerate(rows) if row.id == at_row), None)
            cut = len(rows) if place is None else place + (now.before is None)
            skipped = int(now.before is not None and place is not None)
        looks = [
            RowLook(row, n, now is None and here is not None and row.id == here.id, str(row.id) in self.kept_rows)
            for n, row in enumerate(rows, 1)
        ]
        shift = int(now is not None and not skipped)
        behind = [replace(look, number=look.number + shift) for look in looks[cut + skipped :]]
        self.query_one("#before", RowList).show(looks[:cut], self._zone, _NOTHING if now is None else "")
        self.query_one("#after", RowList).show(behind, self._zone)
        self.call_after_refresh(self._keep_in_sight)

    def _keep_in_sight(self) -> None:
        """Scroll so that the cursor, or the line that is typed in, is in view."""
        page = self.query_one(RowsPage)
        if not page.display:
            return
        if self.editing is not None:
            page.scroll_to_widget(self.editor, animate=False)
        elif (here := self.cursor_row()) and (place := self.query_one("#before", RowList).place_of(here.id)):
            page.scroll_to_region(place, animate=False)

    def _draw_foot(self, view: ChangeView) -> None:
        wide = self.has_class("-wide")
        width = max(20, self.query_one("#beside").content_size.width if wide else self.size.width - 2)
        does = CHANGE_BY_ACT[view.next_act].title if view.next_act else ""
        key = first_key(BY_ID["onward"], self.host.keymap)
        # Whoever only tells the customer reads it on every page; whoever fills in has room for what is wanting.
        tells = wide or self._page in (FORM, LOG) or self.host.store.me.level == 0
        say = say_lines(view.say, width)[: 8 if wide else 3] if tells else []
        default = default_lines(view, first_key(BY_ID["extend"], self.host.keymap), width)
        lines = standing_lines(view, does, key, width, 30 if wide else _FOOT - len(say) - len(default))
        air = [Content("")] if wide else []
        below = Content("\n").join([*lines, *air, *default, *(air if default else []), *say])
        self.query_one("#beside").display = wide
        self.query_one("#foot").display = self.query_one("#below").display = not wide
        self.query_one("#beside-words" if wide else "#foot", Static).update(below)

    def on_resize(self) -> None:
        """Wrap anew once the new widths are known."""
        self.call_after_refresh(self._draw)

    # -- what else can be done

    def act_acts(self, argument: str) -> None:
        """What may be done now, what may not, and why."""
        from deskterm.screens.change_verdicts import ChangeVerdictsScreen

        if self._view is not None:
            self.app.push_screen(ChangeVerdictsScreen(self._view), self._chosen)

    def _chosen(self, act: ChangeAct | None) -> None:
        if act is not None:
            self.do(act)

    def act_copy(self, argument: str) -> None:
        """Copy the reference."""
        if self._view:
            self.app.copy_to_clipboard(self._view.change.ref)
            self.say(f"{self._view.change.ref} was sent to your clipboard.", "done")

    def act_case(self, argument: str) -> None:
        """Open the ticket that it is for."""
        if self._view and self._view.change.ticket:
            self.host.open_ticket(self._view.change.ticket)
        else:
            self.say("It is for no ticket.", "refused")

    def act_back(self, argument: str) -> None:
        """Leave; words typed stay in the journal."""
        self.leave_row()
        self.app.pop_screen()
