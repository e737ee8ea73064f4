"""What the feed told, or would tell: what need not be asked for while the feed is up to date.

Rows and counts of queues are told, and whether a window is open; which centres are open stays true until the moment
comes at which that changes, or the feed tells of another desk file.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from deskterm.desk.tickets.views import Change, QueueQuery, QueueRow, QueueView, ViewCount
from deskterm.store.shown import WINDOWS, ShownRow, is_told

if TYPE_CHECKING:
    from deskterm.desk.deskfile import Operator
    from deskterm.desk.deskfile.centres import Openings

_MOST: Final = 1000
"""Tickets that are kept in mind, those told of last."""


class Glance:
    """The last that was told, for one operator. It knows nothing until the feed tells, and when the feed breaks off."""

    def __init__(self) -> None:
        self._rows: OrderedDict[UUID, tuple[int, ShownRow | None]] = OrderedDict()
        self._numbers: Mapping[str, int] | None = None
        self._views: tuple[QueueView, ...] | None = None
        self._looked_at: dict[UUID, int] = {}
        self._told = self._wrote = 0
        self.views_changed = 0
        """Counts up whenever somebody's views are others."""
        self.is_ticked = False
        """Whether the server deals with what falls due by itself."""
        self.mark: int | None = None
        """Another one whenever more may have changed than is told; None while nothing is told."""
        self._marks = 0
        self._openings: tuple[Openings, float] | None = None

    def begin(self) -> None:
        """From now on all that happens is told."""
        self._marks += 1
        self.mark = self._marks

    def hear(
        self, changes: tuple[Change, ...], rows: tuple[ShownRow, ...] | None, numbers: Mapping[str, int] | None
    ) -> None:
        """A batch of changes, with the rows of all its tickets that may be seen, unless that was too much."""
        self._told = max(self._told, changes[-1].position)
        self._numbers = numbers
        known = {shown.row.id: shown for shown in rows or ()}
        for change in changes:
            if change.record_kind == "view":
                self._views, self.views_changed = None, self.views_changed + 1
            elif change.record_kind == "desk":
                self.doubt()
            elif change.record_kind == "ticket":
                self._put(change, known.get(change.record_id), is_told=rows is not None)
        while len(self._rows) > _MOST:
            self._rows.popitem(last=False)

    def _put(self, change: Change, shown: ShownRow | None, *, is_told: bool) -> None:
        version = shown.row.version if shown else change.version
        before = self._rows.get(change.record_id)
        if before is not None and before[0] > version:
            return  # another feed of this store told of something later
        if is_told:
            self._rows[change.record_id] = version, shown
            self._rows.move_to_end(change.record_id)
        else:
            self._rows.pop(change.record_id, None)

    def doubt(self) -> None:
        """What was told may be old, for more happened than it has told of."""
        self._rows.clear()
        self._numbers = self._views = self._openings = None
        if self.mark is not None:
            self.begin()

    def forget(self) -> None:
        """The feed broke off: nothing is told any more."""
        self.doubt()
        self.mark, self.is_ticked = None, False

    def wrote(self, position: int) -> None:
        """Something was written from here: until the feed has told of it, nothing else that it told is good enough."""
        self._wrote = max(self._wrote, position)

    def looked(self, record: UUID, version: int) -> None:
        """The operator has looked at a version of a ticket."""
        self._looked_at[record] = max(version, self._looked_at.get(record, 0))

    def know(self, counts: tuple[ViewCount, ...], views_changed: int) -> None:
        """Which views the operator has, as of when so many changes of views had been told."""
        if views_changed == self.views_changed:
            self._views = tuple(count.view for count in counts)

    def rows(self, query: QueueQuery, ids: tuple[UUID, ...], me: Operator) -> tuple[QueueRow, ...] | None:
        """Those of the named tickets that a query lists, in its order; None where that has to be asked."""
        if self._told < self._wrote or not is_told(query):
            return None
        found: list[QueueRow] = []
        for record in dict.fromkeys(ids):
            if record not in self._rows:
                return None
            shown = self._rows[record][1]
            row = shown.listed(query.view, me, self._looked_at.get(record, 0)) if shown else None
            if row is not None:
                found.append(row)
        return tuple(sorted(found, key=lambda row: row.key))

    def counts(self) -> tuple[ViewCount, ...] | None:
        """How many tickets each view holds; None where that has to be asked."""
        views, numbers = self._views, self._numbers
        if views is None or numbers is None or self._told < self._wrote or any(view.text.strip() for view in views):
            return None
        return tuple(ViewCount(view, numbers.get(view.base or view.key, 0)) for view in views)

    @property
    def no_windows(self) -> bool:
        """Whether no window is open at all, as far as was told."""
        return self._numbers is not None and self._numbers.get(WINDOWS) == 0 and self._told >= self._wrote

    def know_openings(self, found: Openings, mark: int | None, asked_at: float) -> None:
        """What is open, as it was answered when asked at a mark, and at a moment in seconds that go forward."""
        if mark is not None and mark == self.mark:
            self._openings = found, asked_at

    def openings(self, now: float) -> Openings | None:
        """What is open now, until that changes; None where it has to be asked."""
        if self._openings is None or self._told < self._wrote:
            return None
        found, asked_at = self._openings
        # It is the server's clock that counts: here is only known how much later it must be.
        at = found.at + timedelta(seconds=now - asked_at)
        return replace(found, at=at) if found.changes_at is None or at < found.changes_at else None
