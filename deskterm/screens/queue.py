"""The queue: what waits, live, with the next ticket one key away.

Rows come page by page from the store. A change at the desk is fetched and laid in place; cursor, scroll, marks and
what is being filtered stay as they are (R053).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from deskterm.actions import Action, bindings
from deskterm.desk.tickets.queue_views import BUILT_IN_VIEWS, Page, QueueQuery, QueueRow, QueueView, ViewCount
from deskterm.desk.tickets.rights import Act
from deskterm.screens.acts import Target, TicketActs
from deskterm.screens.queue_columns import columns
from deskterm.text import safe
from deskterm.widgets.desk_state import calls_open
from deskterm.widgets.line import LineInput
from deskterm.widgets.presence_words import in_rows
from deskterm.widgets.preview import preview
from deskterm.widgets.table import RowTable, TableRow, Tone
from deskterm.widgets.view_bar import ViewBar

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import Change, TicketView
    from deskterm.store.first_look import FirstLook

PAGE = 100
PREVIEW_DELAY = 0.05
"""Seconds the cursor rests on a row before its preview is fetched."""


class QueueScreen(TicketActs):
    """The queue with its views, its filter and a preview."""

    place = "queue"
    BINDINGS: ClassVar = [
        *bindings("queue"),
        *(Binding(str(n), f"nth_view({n})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, look: FirstLook | None = None) -> None:
        """`look` is what could be read before the store is open, to begin with."""
        super().__init__()
        self._view = QueueView("groups", "My groups")
        self._views: tuple[ViewCount, ...] = ()
        self._text = ""
        self._next: str | None = None
        self._request = 0
        self._changed: set[UUID] = set()
        self._is_keeping_up = False
        self._previewed: TicketView | None = None
        self._preview_request = 0
        self._preview_timer: Timer | None = None
        self._others: dict[UUID, tuple[str, Tone]] = {}
        self._is_open = False
        self._first_look = look

    def body(self) -> ComposeResult:
        """Views, filter, table, preview."""
        yield ViewBar()
        yield LineInput(placeholder="words, reference, group:… ", id="filter")
        with Vertical(id="split"):
            with Vertical(id="list"):
                yield Static(id="head")
                yield RowTable(columns(self.host.now, self._scale, self._zone, self._there), id="table")
            yield Static(id="preview")

    def _scale(self) -> tuple[str, ...]:
        desk, look = self.host.desk, self._first_look
        if desk:
            return tuple(step.short or step.name[:1] for step in desk.scales.priority)
        return look.scale if look else ()

    def _zone(self) -> str:
        desk, look = self.host.desk, self._first_look
        return desk.desk.zone if desk else look.zone if look else "UTC"

    @property
    def table(self) -> RowTable[QueueRow]:
        """The table of rows."""
        return self.query_one("#table", RowTable)

    def on_mount(self) -> None:
        """Start with the keyboard in the table."""
        if not self._is_open:
            self.heading("deskterm", calls_open(0))
        self.query_one("#filter").display = False
        self.table.focus()
        if self._first_look:
            self.show_first(self._first_look)

    # -- opening and keeping up

    @property
    def has_looked(self) -> bool:
        """Whether it shows the page that was read ahead of the store."""
        return self._first_look is not None

    def show_first(self, look: FirstLook) -> None:
        """Show the page that was read ahead of the store."""
        self._first_look = look
        self.heading(look.title)
        self.table.replace((TableRow(row.id, row) for row in look.rows), to_top=True)
        self._draw_head()

    def desk_opened(self) -> None:
        """The store is there: show the first rows."""
        self._is_open = True
        me, desk = self.host.store.me, self.host.desk
        if me.level == 0:
            self._view = QueueView("following", "Following")
        level = f"level {me.level}" if isinstance(me.level, int) else me.level
        self.heading(f"{desk.desk.name if desk else 'deskterm'}   {me.name}, {level}", calls_open(0))
        self.begin(self._choose_start(), group="load", only=True)

    async def _choose_start(self) -> None:
        """Begin where there is something to see: the operator's own queue, or all that is open."""
        await self._load_counts()
        counts = {c.view.key: c.count for c in self._views}
        if not counts.get(self._view.key) and counts.get("open"):
            self._view = next(c.view for c in self._views if c.view.key == "open")
        await self._load(to_top=True)

    def calls_changed(self, calls: int) -> None:
        """Show how many calls are still open."""
        self.heading(right=calls_open(calls))

    def others_told(self) -> None:
        """Show who else is at which ticket, in the rows where that is another."""
        before, self._others = self._others, in_rows(self.host.others)
        self.table.repaint({ticket for ticket, _ in before.items() ^ self._others.items()})

    def _there(self, row: QueueRow) -> tuple[str, Tone]:
        return self._others.get(row.id, ("", "plain"))

    def on_screen_resume(self) -> None:
        """Back in front: the keyboard returns to the table."""
        if self._is_open and not self.query_one("#filter").has_focus:
            self.table.focus()

    def desk_changed(self, changes: tuple[Change, ...]) -> None:
        """Fetch what changed and lay it in place; all of it where the desk went or came back (no changes named)."""
        if not changes and self._is_open:
            self.begin(self._load(), group="load")
        self._changed |= {change.record_id for change in changes if change.record_kind == "ticket"}
        if self._changed and self._is_open and not self._is_keeping_up:
            self.begin(self._keep_up(), group="refresh")

    def minute_passed(self) -> None:
        """Ages grow by the minute."""
        self.table.refresh()

    async def _load_counts(self) -> None:
        self._views = await self.host.store.counts()
        self.query_one(ViewBar).show(self._views, self._view.key)

    def _query(self, after: str | None = None) -> QueueQuery:
        base, text = self._view.base or self._view.key, f"{self._view.text} {self._text}".strip()
        return QueueQuery(view=base, text=text, after=after, limit=PAGE)

    async def _load(self, *, to_top: bool = False) -> None:
        self._request += 1
        request = self._request
        page: Page[QueueRow] = await self.host.store.queue(self._query())
        if request != self._request:
            return
        self._next = page.next
        self.table.replace((TableRow(row.id, row) for row in page.rows), to_top=to_top)
        self._draw_head()
        self.query_one(ViewBar).show(self._views, self._view.key)
        if not page.rows:
            self._show_nothing()

    async def _keep_up(self) -> None:
        """Fetch what changed, one answer at a time: an older one must not come after a newer."""
        self._is_keeping_up = True
        try:
            while self._changed:
                await self._refresh()
        finally:
            self._is_keeping_up = False

    async def _refresh(self) -> None:
        """Lay changed tickets into the rows already here; those beyond the last page loaded wait for it."""
        request, ids, self._changed = self._request, self._changed, set()
        fresh = await self.host.store.rows(self._query(), tuple(ids))
        await self._load_counts()
        if request != self._request:
            return
        kept = [row for row in self.table.rows if row.id not in ids]
        coming = [TableRow(row.id, row) for row in fresh if not self._next or row.key <= self._next]
        merged = sorted([*kept, *coming], key=lambda row: row.value.key)
        self.table.replace(merged)
        self._draw_head()
        if self._previewed and self._previewed.ticket.id in ids:
            self._ask_preview()

    async def on_row_table_more_wanted(self) -> None:
        """Fetch the next page while the cursor still has rows to go."""
        if self._next:
            self.begin(self._more(), group="more", only=True)

    async def _more(self) -> None:
        request, after = self._request, self._next
        page = await self.host.store.queue(self._query(after))
        if request == self._request:
            self._next = page.next
            self.table.extend(TableRow(row.id, row) for row in page.rows)

    # -- drawing

    def _draw_head(self) -> None:
        head, above = self.table.head(), round(self.table.scroll_offset.y)
        more = f" ▲ {above} above" if above else ""
        line = Content.styled(safe(head[: len(head) - len(more)]), "$text-muted")
        self.query_one("#head", Static).update(Content.assemble(line, (more, "$text-accent")))

    def on_resize(self) -> None:
        """Titles and preview follow the width."""
        self.call_after_refresh(self._draw_head)
        self.call_after_refresh(self._draw_preview)

    def _show_nothing(self) -> None:
        self._previewed = None
        words = "Nothing fits this filter. Esc clears it." if self._text else "Nothing waits here."
        self.query_one("#preview", Static).update(Content.styled(f"\n{words}", "$text-muted"))

    def on_row_table_moved(self) -> None:
        """Another row: show it, a moment later, so that a held key does not ask the store for every row."""
        self._draw_head()
        if self._preview_timer is not None:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(PREVIEW_DELAY, self._ask_preview, name="preview")
        self.query_one("Hints").refresh()

    def _ask_preview(self) -> None:
        if self._is_open and (row := self.table.current) is not None and self.query_one("#preview").display:
            self.begin(self._load_preview(row.id), group="preview", only=True)

    async def _load_preview(self, ticket: UUID) -> None:
        self._preview_request += 1
        request = self._preview_request
        view = await self.host.store.ticket(ticket)
        if request == self._preview_request:
            self._previewed = view
            self._draw_preview()
            self.query_one("Hints").refresh()

    def _draw_preview(self) -> None:
        panel = self.query_one("#preview", Static)
        desk = self.host.desk
        if self._previewed and desk:
            size = panel.content_size
            panel.update(preview(self._previewed, desk, self.host.now(), size.width, size.height))

    # -- what can be done

    def why_not(self, action: Action) -> str | None:
        """What the ticket under the cursor does not allow, as the desk said when it was fetched."""
        row = self.table.current if self.is_mounted else None
        if action.bulk and self.table.marks:
            return None
        if not action.act or action.act == Act.LOG:
            return super().why_not(action)
        if row is None:
            return "There is no ticket here to act on."
        if self._previewed is None or self._previewed.ticket.id != row.id:
            return None
        return self.refusal(action, self._previewed)

    def targets(self) -> tuple[Target, ...]:
        """The marked tickets, or the one under the cursor."""
        rows = [r for r in self.table.rows if r.id in self.table.marks] or (
            [self.table.current] if self.table.current else []
        )
        return tuple(Target(row.id, row.value.ref, row.value.version) for row in rows)

    def acted(self) -> None:
        """Marks have served."""
        self.table.clear_marks()

    def act_open(self, argument: str) -> None:
        """Open the ticket under the cursor."""
        if row := self.table.current:
            self.host.open_ticket(row.id)

    def act_mark(self, argument: str) -> None:
        """Mark, and go on to the next row."""
        self.table.toggle_mark()
        if marks := len(self.table.marks):
            self.say(f"{marks} marked. h hands them on, t takes them, U takes the marks off.")

    def act_unmark(self, argument: str) -> None:
        """Take all marks off."""
        self.table.clear_marks()

    def act_preview(self, argument: str) -> None:
        """Show or hide the preview."""
        panel = self.query_one("#preview")
        panel.display = not panel.display
        self._ask_preview()

    # -- views and filter

    def act_next_view(self, argument: str) -> None:
        """The view at the right."""
        self._step_view(1)

    def act_previous_view(self, argument: str) -> None:
        """The view at the left."""
        self._step_view(-1)

    def _step_view(self, by: int) -> None:
        keys = [c.view.key for c in self._views]
        if self._view.key in keys:
            self._go_to(self._views[(keys.index(self._view.key) + by) % len(keys)].view)

    def action_nth_view(self, number: int) -> None:
        """A digit goes straight to a view."""
        if number <= len(self._views):
            self._go_to(self._views[number - 1].view)

    def act_view(self, argument: str) -> None:
        """A view by name; without one, say which there are."""
        wanted = argument.casefold()
        found = [c.view for c in self._views if wanted and c.view.name.casefold().startswith(wanted)]
        if found:
            self._go_to(found[0])
        else:
            self.say("Views: " + ", ".join(c.view.name for c in self._views) + ". Digits or Tab go there.")

    def _go_to(self, view: QueueView) -> None:
        self._view = view
        self.table.marks.clear()
        self.begin(self._load(to_top=True), group="load")

    def act_save_view(self, argument: str) -> None:
        """Keep this view and filter under a name."""
        self.begin(self._save_view(argument or self._text or self._view.name))

    async def _save_view(self, name: str) -> None:
        from deskterm.desk.commands import SaveView

        base = self._view.base or self._view.key
        await self.host.store.submit(SaveView(name=name, base=base, text=self._query().text))
        await self._load_counts()
        self.say(f"Kept as {name!r}. :forget-view {name} drops it.", "done")

    def act_forget_view(self, argument: str) -> None:
        """Drop a view of one's own."""
        self.begin(self._forget_view(argument or self._view.name))

    async def _forget_view(self, name: str) -> None:
        from deskterm.desk.commands import ForgetView

        await self.host.store.submit(ForgetView(name=name))
        self._view = BUILT_IN_VIEWS[0]
        await self._load_counts()
        await self._load(to_top=True)
        self.say(f"The view {name!r} is gone.", "done")

    def act_filter(self, argument: str) -> None:
        """Open the filter line."""
        line = self.query_one("#filter", Input)
        line.display = True
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as one types; an older answer never replaces a newer one."""
        self._text = event.value
        self.begin(self._load(to_top=True), group="load")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: back to the table with the filter kept."""
        self.table.focus()

    def on_key(self, event: object) -> None:
        """Down from the filter goes to the table."""
        key = getattr(event, "key", "")
        if key == "down" and self.query_one("#filter").has_focus:
            self.table.focus()

    def act_back(self, argument: str) -> None:
        """Esc clears, in this order: the filter, the marks."""
        line = self.query_one("#filter", Input)
        if line.display:
            line.value = ""
            line.display = False
            self.table.focus()
        else:
            self.table.clear_marks()
