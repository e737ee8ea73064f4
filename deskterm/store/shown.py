"""What the feed tells beside changes, so that a queue need not ask for it: the lines of changed tickets, and counts.

A change is told to everybody who has the queue open. Would each ask for its rows and counts then, two hundred screens
would ask the same four hundred times for one note. So they are read once (`deskterm.store.showing`), and whoever hears
them tells which of their views a ticket stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from deskterm.desk.deskfile import Operator
from deskterm.desk.records.ticket import Status
from deskterm.desk.tickets.views import BUILT_IN_VIEWS, QueueQuery, QueueRow

NEWEST_FIRST: Final = ("resolved", "all")
"""Views whose newest tickets come first; the others run by what is due next."""
WINDOWS: Final = "windows"
"""What beside the views is counted: windows in which work is open."""
_BUILT_IN: Final = frozenset(view.key for view in BUILT_IN_VIEWS)
_OF_STATUS: Final = {"unrouted": Status.NEW, "pending": Status.PENDING, "resolved": Status.RESOLVED}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A ticket as a line of the queue, whoever looks at it."""

    row: QueueRow
    """Unread to nobody; its key is that among what is open, as long as it is."""
    is_open: bool
    newest_key: str
    """Its key where the newest come first."""
    changed_by: str
    followers: tuple[str, ...] = ()

    def listed(self, view: str, me: Operator, looked_at: int = 0) -> QueueRow | None:
        """The line as a view of somebody's has it, who looked at a version last; None where it is not listed."""
        if not self._stands_in(view, me):
            return None
        mine = me.name in self.followers and self.changed_by != me.name and self.row.version > looked_at
        return replace(self.row, unread=mine, key=self.newest_key if view in NEWEST_FIRST else self.row.key)

    def _stands_in(self, view: str, me: Operator) -> bool:
        if view == "all":
            return True
        if view in _OF_STATUS:
            return self.is_open and self.row.status == _OF_STATUS[view]
        narrower = {
            "open": True,
            "groups": self.row.group in me.groups,
            "mine": self.row.owner == me.name,
            "following": me.name in self.followers,
        }
        return self.is_open and narrower[view]


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many tickets the built-in views hold, and how many windows are open, for all who see the same."""

    of_all: Mapping[str, int]
    of_group: Mapping[str, int]
    owned: Mapping[str, int]
    followed: Mapping[str, int]
    windows: int = 0

    def seen_by(self, me: Operator) -> dict[str, int]:
        """By key of the view, as one of them sees it, and the windows."""
        return {
            WINDOWS: self.windows,
            "groups": sum(self.of_group.get(group, 0) for group in dict.fromkeys(me.groups)),
            "mine": self.owned.get(me.name, 0),
            "following": self.followed.get(me.name, 0),
            **self.of_all,
        }

    def shared_by(self, me: Operator) -> tuple[object, ...]:
        """What of it is somebody's own: of whom this is the same, `seen_by` says the same."""
        return me.groups, self.owned.get(me.name, 0), self.followed.get(me.name, 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is told beside a batch of changes; `rows` are those of all its tickets that may be seen."""

    rows: tuple[ShownRow, ...]
    numbers: Numbers


def is_told(query: QueueQuery) -> bool:
    """Whether the feed says what a query lists: a built-in view that nothing narrows."""
    narrowed = (query.group, query.status, query.behind) != (None, None, None)
    return query.view in _BUILT_IN and not narrowed and not query.text.strip()
