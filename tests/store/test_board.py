"""The board: every figure recounted from the log in plain Python, what stands behind each, and what it costs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, get_args
from uuid import UUID

import pytest
import sqlalchemy as sa

from deskterm import demo
from deskterm.desk import commands as c
from deskterm.desk.board import Board, Count
from deskterm.desk.clocks import next_due, pauses
from deskterm.desk.commands import escalations as ec
from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.events import CallLogged, DeskLoaded, Event
from deskterm.desk.evolve import evolve
from deskterm.desk.hours import Hours, elapsed, hours_of
from deskterm.desk.records.ticket import Ticket
from deskterm.desk.tickets.views import Behind, Figure, QueueQuery
from deskterm.store import board as boards
from deskterm.store import log as logs
from deskterm.store import queue
from deskterm.store.base import NotFound, StoreError
from deskterm.store.batch import Submission
from deskterm.store.local import LocalStore
from deskterm.store.opening import open_store
from tests.store.conftest import DESK_SOURCE, Place, log

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
"""A Friday afternoon."""
MIDNIGHT = NOW.replace(hour=0)
OF_THE_DAY = ("logged", "resolved", "closed", "first-contact", "level-1")


# -- recounted from the log


class Kept:
    """The calendars as the log has them."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._loaded = {e.position: e.happening for e in events if isinstance(e.happening, DeskLoaded)}

    def hours(self, desk: int, calendar: str) -> Hours | None:
        loaded = self._loaded[desk]
        found = next((each for each in load_sample("managed-network")[1].calendar if each.name == calendar), None)
        if found is None:
            return None
        return hours_of(
            found, {day: name for region in found.holidays for day, name in loaded.holidays[region].items()}
        )


async def told(store: LocalStore) -> list[Event]:
    return await store._connections.read(lambda connection: [logs.read(row) for row in logs.rows_from(connection)])


class Recount:
    """The board's figures, counted the slow way."""

    def __init__(self, events: list[Event], desk: DeskFile, now: datetime, me: Operator) -> None:
        self.books, self.desk, self.now = Kept(events), desk, now
        found: dict[UUID, Ticket] = {}
        for event in events:
            if event.record_kind == "ticket":
                found[event.record_id] = evolve(found.get(event.record_id), event)
        self.tickets = [it for it in found.values() if it.group not in desk.hidden_from(me)]
        seen = {it.id for it in self.tickets}
        logged = (
            event.happening.call_seconds
            for event in events
            if isinstance(event.happening, CallLogged) and event.at >= MIDNIGHT and event.record_id in seen
        )
        self.seconds = [each for each in logged if each is not None]
        self.open = [it for it in self.tickets if it.status.is_open]
        self.resolved = [it for it in self.tickets if it.resolved_at and it.resolved_at >= MIDNIGHT]
        self._due = {it.id: clock.due if (clock := next_due(it, self.books)) else None for it in self.open}

    def due_in(self, it: Ticket, start: timedelta | None, end: timedelta) -> bool:
        due = self._due[it.id]
        return due is not None and (start is None or due >= self.now + start) and due < self.now + end

    def late(self, it: Ticket) -> bool:
        return self.due_in(it, None, timedelta())

    def soon(self, it: Ticket) -> bool:
        return self.due_in(it, timedelta(), timedelta(minutes=30))

    def quiet(self, it: Ticket) -> bool:
        return it.resolved_at is None and it.progressed_at <= self.now - timedelta(days=1)

    def level(self, it: Ticket) -> object:
        group = self.desk.group_named(it.group) if it.group else None
        solver = self.desk.operator_named(it.owner or it.last_owner or it.updated_by)
        return group.level if group else solver.level if solver and not it.group else None

    def worked(self, it: Ticket, until: datetime | None) -> timedelta | None:
        kept = it.timekeeping
        hours = self.books.hours(kept.promise.desk, kept.promise.calendar) if kept.promise else None
        return elapsed(hours, kept.started, until, pauses(kept, until)) if hours and until else None


def middle(spans: Iterable[timedelta | None]) -> timedelta | None:
    known = [span // timedelta(microseconds=1) for span in spans if span is not None]
    return timedelta(microseconds=round(median(known))) if known else None


def held(tickets: Iterable[Ticket], fits: Callable[[Ticket], object] = lambda _: True) -> frozenset[UUID]:
    return frozenset(it.id for it in tickets if fits(it))


def recounted(board: Board, by: Recount) -> Iterator[tuple[str, Count, frozenset[UUID]]]:
    """Each count of the board, with the tickets that it should count."""
    for line in board.priorities:
        those = [it for it in by.open if (it.priority or "") == line.key]
        yield f"{line.key} open", line.open, held(those)
        yield f"{line.key} unowned", line.unowned, held(those, lambda it: not it.owner and it.resolved_at is None)
        yield f"{line.key} soon", line.soon, held(those, by.soon)
        yield f"{line.key} late", line.late, held(those, by.late)
    for reason in board.waiting:
        yield reason.reason, reason.waiting, frozenset(it.id for it in by.open if it.pending_reason == reason.reason)
    for group in board.groups:
        those = [it for it in by.open if (it.group or "") == group.name]
        yield f"{group.name} open", group.open, held(those)
        yield f"{group.name} late", group.late, held(those, by.late)
    yield "callbacks", board.callbacks, held(by.open, lambda it: it.callback)
    yield "chased", board.chased, held(by.open, lambda it: it.chases)
    yield "passed", board.passed, held(by.open, lambda it: it.hops >= 3)
    yield "quiet", board.quiet, held(by.open, by.quiet)
    yield "major", board.major, held(by.open, lambda it: it.is_major)
    yield "escalated", board.escalated, held(by.open, lambda it: it.is_escalated)
    yield "logged", board.today.logged, held(by.tickets, lambda it: it.opened_at >= MIDNIGHT)
    yield "closed", board.today.closed, held(by.tickets, lambda it: it.closed_at and it.closed_at >= MIDNIGHT)
    yield "resolved", board.today.resolved, held(by.resolved)


_made: dict[int, bytes] = {}


async def week(folder: Path, seed: int = 1) -> LocalStore:
    """A random week, made once: that of the demo, and much of what makes a supervisor look up."""
    path = folder / "week.db"
    if seed not in _made:
        await happen(path, seed)
        _made[seed] = path.read_bytes()
    path.write_bytes(_made[seed])
    return await open_store(str(path), clock=lambda: NOW)


async def happen(path: Path, seed: int) -> None:
    """Let it happen."""
    rng = Random(seed)
    at = NOW - timedelta(hours=3)
    await demo.fill(str(path), tickets=50, seed=seed, now=at)
    store = await open_store(str(path), clock=lambda: at)
    rows = (await store.queue(QueueQuery(view="open", limit=500))).rows
    groups = [group.name for group in (await store.desk()).group]
    boss = next(each.name for each in (await store.desk()).operator if each.level == "supervisor")
    for row in rng.choices(rows[::2], k=50):
        at += timedelta(minutes=2)
        command: c.AnyCommand = rng.choice(
            (
                c.RecordContact(
                    ticket=row.id, direction="in", channel="phone", reason="chase", who="Rosa", text="How is it?"
                ),
                c.HandOff(ticket=row.id, to=rng.choice(groups), reason="They know more"),
                c.HandOff(ticket=row.id, to=rng.choice(groups), reason="So do they"),
                ec.Escalate(ticket=row.id, reason="The customer demands it"),
                ec.DeclareMajor(ticket=row.id, reason="All sites are down"),
            )
        )
        try:
            await store.submit_all([Submission(command, boss if rng.random() < 0.5 else None, at)])
        except StoreError:
            continue
    await store.close()


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_figure_is_what_the_log_says_and_lists_the_tickets_behind_it(tmp_path: Path, seed: int) -> None:
    """R217, R218, R220: recounted in plain Python after a random week."""
    store = await week(tmp_path, seed)
    board = await store.board()
    by = Recount(await told(store), await store.desk(), NOW, store.me)
    seen = Counter[str]()
    for name, count, wanted in recounted(board, by):
        assert count.tickets == len(wanted), name
        assert {row.id for row in (await store.queue(replace(count.query, limit=500))).rows} == wanted, name
        seen += Counter({name: count.tickets})
    assert seen.keys() >= {"chased", "passed", "major", "escalated", "logged", "closed"}
    assert board.open == len(by.open)
    assert board.late == len(held(by.open, by.late))
    assert {line.reason for line in board.waiting} == {it.pending_reason for it in by.open} - {""}
    assert {line.name for line in board.groups} == {it.group or "" for it in by.open}
    await store.close()


async def test_the_day_is_what_the_log_says(tmp_path: Path) -> None:
    """R220: rates, hand-offs, seconds on the line, and times by the wall clock and in cover."""
    store = await week(tmp_path)
    today = (await store.board()).today
    by = Recount(await told(store), await store.desk(), NOW, store.me)
    first = held(by.resolved, lambda it: not it.hops and not it.reopens and not it.refusals)
    level_1 = held(by.resolved, lambda it: by.level(it) in (0, 1))
    for rate, wanted in ((today.first_contact, first), (today.level_1, level_1)):
        assert rate.percent == pytest.approx(100 * len(wanted) / len(by.resolved))
        assert {row.id for row in (await store.queue(replace(rate.query, limit=500))).rows} == wanted
    assert 0 < len(level_1) < len(by.resolved)
    assert today.hand_offs == pytest.approx(sum(it.hops for it in by.resolved) / len(by.resolved))
    assert today.call_seconds == median(by.seconds)
    for times in today.times:
        those = [it for it in by.resolved if times.priority in ("", it.priority)]
        kept = [it.timekeeping for it in those]
        assert times.resolved == len(those) > 0
        assert times.response_wall == middle(each.responded - each.started for each in kept if each.responded)
        assert times.response_work == middle(by.worked(it, it.timekeeping.responded) for it in those)
        assert times.restore_wall == middle(it.resolved_at - it.timekeeping.started for it in those if it.resolved_at)
        assert times.restore_work == middle(by.worked(it, it.resolved_at) for it in those)
    await store.close()


async def test_what_is_named_is_the_worst_first(tmp_path: Path) -> None:
    store = await week(tmp_path)
    board = await store.board()
    by = Recount(await told(store), await store.desk(), NOW, store.me)
    concerns = [each.concern for each in board.needs]
    assert concerns == sorted(concerns, key=("major", "late", "soon", "passed").index)
    assert len({each.id for each in board.needs}) == len(board.needs)
    late = [each for each in board.needs if each.concern == "late"]
    assert late == sorted(late, key=lambda each: (each.priority, each.since))
    assert board.oldest[0].since == min(it.opened_at for it in by.open)
    assert board.most_chased[0].times == max(it.chases for it in by.open)
    assert {each.id for each in board.top} == held(by.open, lambda it: it.priority == "p1")
    assert board.just_late[0].since == max(by._due[each] for each in held(by.open, by.late))  # type: ignore[type-var]
    await store.close()


async def test_the_projections_made_again_are_the_same(tmp_path: Path) -> None:
    store = await week(tmp_path)
    before = await store.board()
    assert (await store.verify()).sound
    await store.rebuild()
    assert await store.board() == before
    await store.close()


async def test_who_is_not_told_for_a_day_has_gone_quiet(place: Place) -> None:
    """R217: no update since."""
    store = await place.open("Nora")
    ref = (await log(store, "voice-1")).ref
    assert (await store.board()).quiet.tickets == 0
    place.clock.forward(hours=25)
    board = await store.board()
    assert [each.ref for each in board.longest_quiet] == [ref]
    assert board.quiet.tickets == 1
    ticket = (await store.ticket(ref)).ticket
    await store.submit(c.RecordContact(ticket=ticket.id, direction="in", reason="chase", who="Ann"))
    assert (await store.board()).quiet.tickets == 1, "being asked is no news to whoever asks"
    await store.submit(c.AddNote(ticket=ticket.id, text="Ann was told", visibility="customer"))
    assert (await store.board()).quiet.tickets == 0


async def test_an_empty_desk_has_a_board(place: Place) -> None:
    board = await (await place.open("Sue")).board()
    assert board.open == board.late == 0
    assert [line.key for line in board.priorities] == ["p1", "p2", "p3"]
    assert board.today.first_contact.percent is board.today.hand_offs is board.today.call_seconds is None


@pytest.mark.kept_here
async def test_a_desk_without_a_file_has_none(bare: Place) -> None:
    with pytest.raises(NotFound):
        await (await bare.open()).board()


FIGURES = [Behind(figure, NOW, MIDNIGHT, **more) for figure in get_args(Figure) for more in ({}, {"priority": "p1"})]


@pytest.mark.in_a_file
@pytest.mark.kept_here
async def test_nothing_is_read_of_the_closed_past(place: Place) -> None:
    """Issue 5: at a million tickets at most half as much again as at ten thousand. Every way in is an index of what is
    open or of the day, or a single ticket.
    """
    asked: list[tuple[str, Any]] = []
    store = await place.open("Tom")
    desk = await store.desk()

    def look(connection: sa.Connection) -> list[str]:
        sa.event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        boards.board(connection, desk, store.me, NOW, lambda _: None)
        for behind in FIGURES:
            query = QueueQuery(view="all" if behind.figure in (*OF_THE_DAY, "report") else "open", behind=behind)
            queue.page(connection, query, store.me, desk)
        plans = []
        for statement, values in tuple(asked):
            plans += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        return plans

    plans = await store._connections.read(look)
    assert any("standing_open" in plan for plan in plans)
    for plan in plans:
        table = plan.split()[1]
        if plan.startswith("SCAN") and table in ("ticket", "standing", "event"):
            assert re.search(r"USING (COVERING )?INDEX (standing_open|standing_report|ticket_open(_\w+)?)$", plan), plan


async def test_a_gap_in_the_roster_stands_on_the_board(place: Place) -> None:
    """R087."""
    there = await open_store(place.url, operator="Sue", clock=place.clock)
    centre = '[[centre]]\nname = "noc"\nzone = "Europe/London"\ncalendar = "always"\nstaffed = true\n'
    shift = '[[shift]]\ncentre = "noc"\noperator = "Tom"\nhours = "Mon-Sat 00:00-24:00"\n'
    await there.submit(c.LoadDesk(name="northgate.toml", source=f"{DESK_SOURCE}\n{centre}\n{shift}"))
    await there.close()
    (gap,) = (await (await place.open("Sue")).board()).gaps
    assert (gap.centre, f"{gap.starts:%a %H:%M}", f"{gap.ends:%a %H:%M}") == ("noc", "Sun 00:00", "Mon 00:00")
