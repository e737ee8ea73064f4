"""What every screen of the desk has in common: its place, its actions, its answers, and how it speaks to the desk."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen

from deskterm.actions import BY_ID, Action, Place, at
from deskterm.desk.tickets.rights import Act, verdict
from deskterm.keymap import first_key
from deskterm.store.base import StoreError
from deskterm.text import safe
from deskterm.widgets.connection_words import name_plate
from deskterm.widgets.desk_state import standing_words
from deskterm.widgets.frame import Heading, Hints, Tone
from deskterm.widgets.line import PASTE_WAS_CUT, PasteCut
from deskterm.widgets.window_words import heading_words

if TYPE_CHECKING:
    from deskterm.connections import Connection
    from deskterm.desk.changes.views import ChangeList, WindowGuard
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.presence import Doing, Presence
    from deskterm.desk.tickets.views import Change, TicketView
    from deskterm.keymap import Keymap
    from deskterm.settings import Settings
    from deskterm.store.base import Standing, Store
    from deskterm.store.drafts import Journal

Result = TypeVar("Result")


def hours_read(host: Host) -> tuple[str, str]:
    """The zone in which this operator reads hours, and words for whose it is where it is not the desk's (R082)."""
    desk = host.desk.desk.zone if host.desk else "UTC"
    own = host.settings.zone or desk
    return own, "" if own == desk else "yours"


class Host(Protocol):
    """What screens may ask of the app."""

    store: Store
    journal: Journal
    settings: Settings
    connection: Connection | None
    """The desk by its name and colour; None where the settings name no desks."""
    desk: DeskFile | None
    keymap: Keymap
    """Keys that the settings give to actions, as far as nothing is wrong with them."""
    calls: list[Screen[None]]
    """The calls that are open, the oldest first."""

    @property
    def standing(self) -> Standing | None:
        """Whether the desk is live, and what waits for it; None until it is open."""
        ...

    openings: tuple[str, ...]
    """Which centres and lines are open, in words, what changes next first; empty until the desk is open."""

    guards: tuple[WindowGuard, ...]
    """The watch on the open windows that are this operator's business, the one that ends first before the others."""

    others: tuple[Presence, ...]
    """Who else is at which ticket, as it was last heard."""

    history: list[str]
    """Command lines given in this session, the oldest first."""

    def now(self) -> datetime:
        """The moment, UTC, from the injected clock."""
        ...

    def open_ticket(self, ticket: UUID | str) -> None:
        """Open a ticket's screen by record id or reference."""
        ...

    def open_change(self, change: UUID | str, begin: str = "") -> None:
        """Open a change's screen by record id or reference.

        `begin` is what to do there first: "fill" leads through the form, the kind of a draft takes its words up.
        """
        ...

    async def change_for(self, ticket: UUID, argument: str = "") -> None:
        """Open the change for a ticket, or raise one: always for the word "new", or for a model by its key."""
        ...

    async def open_triage(self, view: TicketView) -> None:
        """Open the triage of a ticket, in the place of another that is in front."""
        ...

    def new_call(self) -> None:
        """Open a new call."""
        ...

    def resume_call(self, draft_id: str | None) -> None:
        """Open a call, an unsaved one again if its draft is named."""
        ...

    def take_up(self, kind: str, ticket: UUID) -> None:
        """Open a ticket and on it the form of that kind, which brings its unsaved words back."""
        ...

    def reopen(self, url: str | None = None, operator: str | None = None) -> None:
        """Open a desk anew, another one or as somebody else, and go back to its queue."""
        ...

    def hold_keys(self) -> None:
        """Keep what is typed from now on: something is about to be opened."""
        ...

    def release_keys(self) -> None:
        """Play what was typed meanwhile."""
        ...

    def show_board(self) -> None:
        """Open the board, or go back to the one that is open."""
        ...

    def show_changes(self, view: ChangeList = "open") -> None:
        """Open the list of changes with a view of it, in the place of another list or calendar in front."""
        ...

    def show_calendar(self, at: datetime | None = None) -> None:
        """Open the calendar of changes at the week of a moment, None for now, in the place of a list in front."""
        ...

    def attend(self) -> None:
        """Say which ticket is in front, and hear who else is where."""
        ...

    def attention_moved(self) -> None:
        """Say it at once if another ticket is in front now, or something else is done there."""
        ...

    def call_ended(self, screen: Screen[None]) -> None:
        """Forget a call that was saved, joined or thrown away."""
        ...

    def unexpected(self, error: BaseException) -> str:
        """Write an unforeseen error to the private log; returns the sentence to show."""
        ...


class DeskScreen(Screen[None]):
    """A screen of the desk. Subclasses set `place`, yield their `body`, and define `act_…` methods."""

    place: Place
    AUTO_FOCUS = ""

    @property
    def host(self) -> Host:
        """The app, as far as screens may know it."""
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        """Heading, body, hints."""
        heading = self.new_heading(self.plate)
        heading.stand_between(self.host.openings)
        yield heading
        yield from self.body()
        yield Hints(at(self.place), self.why_not, self.host.keymap)

    @property
    def plate(self) -> Content | None:
        """The name of the desk on its colour, for the left end of what stands at the top; None where it has none."""
        return name_plate(self.host.connection) if self.host.connection else None

    def new_heading(self, plate: Content | None = None) -> Heading:
        """A heading with the watch on open windows."""
        heading = Heading(plate)
        heading.keep_watch(self._watch_words())
        heading.stand(self._standing_words())
        return heading

    def body(self) -> ComposeResult:
        """What stands between heading and hints."""
        yield from ()

    # -- actions

    def action_perform(self, action_id: str) -> None:
        """Carry out an action by its id, from a key."""
        self.perform(BY_ID[action_id])

    def perform(self, action: Action, argument: str = "") -> None:
        """Carry out an action, or say why not. `argument` is what followed the word on the command line."""
        if reason := self.why_not(action):
            self.say(reason, "refused")
            return
        method = getattr(self, action.method, None) or getattr(self.app, action.method, None)
        if method is None:
            self.say(f"{action.name} works in another place.", "refused")
        else:
            self.query_one(Hints).unsay()
            method(argument)

    def why_not(self, action: Action) -> str | None:
        """Why an action would be refused now, in one sentence; None if it may be done.

        Here it depends on nobody but the operator: whether they may log calls (T1).
        """
        if action.act != Act.LOG or self.host.desk is None:
            return None
        return verdict(Act.LOG, self.host.store.me).reason or None

    def say(self, message: str, tone: Tone = "note") -> None:
        """Answer the operator in the line of hints."""
        self.query_one(Hints).say(message, tone)

    def on_paste_cut(self, event: PasteCut) -> None:
        """Say that not all of a paste was taken."""
        event.stop()
        self.say(PASTE_WAS_CUT, "refused")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Let the hints follow: where words are typed, letters are no keys."""
        self.query_one(Hints).follow(event.widget)

    # -- speaking to the desk

    def begin(self, work: Coroutine[Any, Any, None], *, group: str = "default", only: bool = False) -> None:
        """Run something that waits for the desk. Refusals are said; nothing that goes wrong ends the app."""
        guarded = self._guarded(work)
        worker = self.run_worker(guarded, group=group, exclusive=only, exit_on_error=False)

        def over(_: object) -> None:
            # One that is cancelled before its first step leaves its work unawaited.
            guarded.close()
            work.close()

        if worker._task is not None:
            worker._task.add_done_callback(over)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StoreError as error:
            if self.is_attached:
                self.say(error.message, "refused")
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the app and the words in it stay
            sentence = self.host.unexpected(error)
            if self.is_attached:
                self.say(sentence, "refused")

    def desk_changed(self, changes: tuple[Change, ...]) -> None:
        """Something happened at the desk, here or elsewhere."""

    def standing_told(self) -> None:
        """The line to the desk went or came back, or what waits for it changed."""
        self.query_one(Heading).stand(self._standing_words())

    def _standing_words(self) -> Content:
        desk = self.host.desk
        return standing_words(self.host.standing, self.host.now(), desk.desk.zone if desk else "UTC")

    def key_comes(self) -> None:
        """A key is about to reach this screen."""

    def attends_to(self) -> tuple[UUID | None, Doing] | None:
        """The ticket that is in front of somebody here, and what they do there: by itself a screen has none."""
        return None, "viewing"

    def on_screen_resume(self) -> None:
        """Others hear of what is in front now."""
        self.host.attention_moved()

    def others_told(self) -> None:
        """Others came to tickets, went, began or ceased to write."""

    def lost_to(self, who: str) -> None:
        """Somebody took over what is written here."""

    def openings_told(self) -> None:
        """A centre or a line opened or closed (R083)."""
        self.query_one(Heading).stand_between(self.host.openings)

    def guards_told(self) -> None:
        """The watch on an open window says something else (C7)."""
        self.query_one(Heading).keep_watch(self._watch_words())

    def guards_here(self) -> tuple[WindowGuard, ...]:
        """The watch as this screen's heading has to show it: one that shows a window itself leaves that one out."""
        return self.host.guards

    def _watch_words(self) -> Content | None:
        return heading_words(self.guards_here(), first_key(BY_ID["guard"], self.host.keymap))

    def act_changes(self, argument: str) -> None:
        """The list of changes."""
        self.host.show_changes()

    def act_calendar(self, argument: str) -> None:
        """The calendar of changes."""
        self.host.show_calendar()

    def minute_passed(self) -> None:
        """A new minute began: what shows ages may be drawn again."""

    def heading(self, left: str | None = None, right: Content | None = None) -> None:
        """Set the heading: a title at the left, the state of the desk at the right; None leaves a side alone."""
        self.query_one(Heading).tell(None if left is None else Content.styled(safe(left), "bold"), right)
