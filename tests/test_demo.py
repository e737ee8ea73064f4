"""The demo: a believable week, the same for the same seed, made through commands like everything else."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deskterm.demo import fill
from deskterm.demo.hours import BusyHours
from deskterm.demo.troubles import sector, sectors_of
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.deskfile.check import SAMPLES
from deskterm.desk.records.ticket import OPEN_STATUSES, Status
from deskterm.desk.tickets.views import QueueQuery, QueueRow, VerifyReport
from deskterm.store.base import Invalid
from deskterm.store.opening import open_store

NOW = datetime(2026, 11, 18, 11, 20, 37, tzinfo=UTC)
"""A Wednesday, late in the morning."""


@dataclass(frozen=True)
class Week:
    """A finished demo: its log as JSON lines, its queue, and what was found out about it."""

    lines: tuple[str, ...]
    rows: tuple[QueueRow, ...]
    report: VerifyReport
    desk: DeskFile
    me: str
    following: int
    path: Path


async def _made(path: Path, tickets: int, desk: str, seed: int, now: datetime) -> Week:
    await fill(str(path), tickets=tickets, desk=desk, seed=seed, now=now)
    store = await open_store(str(path), clock=lambda: now)
    try:
        lines: list[str] = []
        await store.export(lines.append)
        page = await store.queue(QueueQuery(view="all", limit=10_000))
        counts = {each.view.key: each.count for each in await store.counts()}
        report = await store.verify()
        return Week(tuple(lines), page.rows, report, await store.desk(), store.me.name, counts["following"], path)
    finally:
        await store.close()


def make(path: Path, tickets: int = 12, desk: str = "managed-network", seed: int = 1, now: datetime = NOW) -> Week:
    return asyncio.run(_made(path, tickets, desk, seed, now))


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    return make(tmp_path_factory.mktemp("demo") / "desk.db", tickets=120)


def test_the_log_is_sound_and_every_ticket_is_there(week: Week) -> None:
    assert week.report.sound, week.report.faults
    logged = sum(
        json.loads(line)["event"]["kind"] == "CallLogged" for line in week.lines if line.startswith('{"event"')
    )
    assert logged == 120
    assert 0 < logged - len(week.rows) < 12, "a restricted group keeps a few of them to itself (R226)"


async def _explained(path: Path) -> tuple[Counter[str], list[str]]:
    """How the clocks of all tickets stand, and those that no table explains."""
    states: Counter[str] = Counter()
    odd: list[str] = []
    store = await open_store(str(path), clock=lambda: NOW)
    try:
        after: str | None = None
        while True:
            page = await store.queue(QueueQuery(view="all", limit=500, after=after))
            for row in page.rows:
                explained = await store.explain(row.id)
                running = [each.clock.due for each in explained if each.clock.ended is None and each.clock.due]
                states.update(each.state for each in explained)
                odd += [f"{row.ref} {each.clock.name}" for each in explained if not each.adds_up]
                if row.due_at not in running and (row.due_at or running):
                    odd.append(f"{row.ref} is due {row.due_at} in the queue")
            after = page.next
            if after is None:
                return states, odd
    finally:
        await store.close()


def test_every_due_time_is_explained_by_a_table_that_adds_up(week: Week) -> None:
    states, odd = asyncio.run(_explained(week.path))
    assert not odd
    assert {"running", "late", "met", "missed"} <= states.keys()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_so_it_is_for_two_thousand_tickets(tmp_path: Path) -> None:
    large = make(tmp_path / "desk.db", tickets=2000)
    _, odd = asyncio.run(_explained(large.path))
    assert not odd


def test_a_desk_shows_some_late_and_more_that_is_in_time(week: Week) -> None:
    dated = [row for row in week.rows if row.due_at]
    late = sum(row.due_at < NOW for row in dated if row.due_at)
    assert 0 < late < len(dated) / 2


def test_most_are_closed_and_about_forty_open(week: Week) -> None:
    counts = Counter(row.status for row in week.rows)
    assert 36 <= sum(counts[status] for status in OPEN_STATUSES) <= 44
    assert counts[Status.CLOSED] > 60
    assert counts[Status.WITHDRAWN] >= 1
    assert counts[Status.DUPLICATE] >= 1
    assert all(counts[status] >= 3 for status in OPEN_STATUSES)


def test_the_worst_are_few_and_recent(week: Week) -> None:
    worst = [row for row in week.rows if row.priority_rank == 1 and row.status in OPEN_STATUSES]
    assert 1 <= len(worst) <= 4
    assert max(row.opened_at for row in worst) > NOW - timedelta(hours=3)


@pytest.mark.parametrize(
    "kind",
    ["HandedOff", "Taken", "Started", "Noted", "ContactRecorded", "CallerJoined", "Pended", "Resumed",
     "VendorTaskOpened", "Resolved", "Confirmed", "Refused", "Reopened", "Withdrawn", "MarkedDuplicate", "Undone"],
)  # fmt: skip
def test_all_that_happens_at_a_desk_happens(week: Week, kind: str) -> None:
    assert any(f'"kind":"{kind}"' in line.replace('": "', '":"') for line in week.lines)


def test_it_waits_for_every_reason_there_is(week: Week) -> None:
    text = "\n".join(week.lines)
    assert all(reason.key in text for reason in week.desk.pending)


def test_the_operator_of_the_demo_follows_several_and_some_lack_facts(week: Week) -> None:
    assert week.me == next(o.name for o in week.desk.operator if o.level == 0)
    assert week.following >= 5
    assert sum(row.incomplete for row in week.rows) >= 3


def test_nothing_lies_in_the_future_and_the_desk_is_alive(week: Week) -> None:
    assert max(row.updated_at for row in week.rows) < NOW
    assert sum(row.opened_at > NOW - timedelta(hours=2) for row in week.rows) >= 5
    assert min(row.opened_at for row in week.rows) > NOW - timedelta(days=8)


def test_mornings_are_busy_and_weekends_quiet(week: Week) -> None:
    local = [row.opened_at.astimezone(ZoneInfo(week.desk.desk.zone)) for row in week.rows]
    hours = Counter(moment.hour for moment in local)
    assert sum(hours[h] for h in (9, 10, 11)) > 2 * sum(hours[h] for h in (19, 20, 21, 22, 23))
    assert sum(moment.weekday() > 4 for moment in local) < 15


def test_texts_vary(week: Week) -> None:
    summaries = Counter(row.summary for row in week.rows)
    assert len(summaries) > 60
    assert len({row.company for row in week.rows}) > 15
    assert len({row.group for row in week.rows}) > 4


def test_only_numbers_and_addresses_reserved_for_fiction_occur(week: Week) -> None:
    text = "\n".join(week.lines)
    numbers = re.findall(r"\+\d[\d ]{6,}", text)
    assert len(numbers) > 50
    assert all(re.match(r"\+44 7700 900\d{3}", number) for number in numbers)
    addresses = re.findall(r"[\w.+-]+@([\w.-]+\w)", text)
    assert len(addresses) > 50
    assert all(address.endswith(".example") for address in addresses)
    assert all(ip.startswith(("192.0.2.", "203.0.113.")) for ip in re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text))


def test_no_slot_is_left_unfilled(week: Week) -> None:
    told = [line for line in week.lines if "DeskLoaded" not in line]
    assert not [line for line in told if re.search(r"\{(who|place|site|item|n|since|day|team)\}", line)]


def test_same_seed_same_log_other_seed_other_log(tmp_path: Path) -> None:
    first, second = make(tmp_path / "a.db"), make(tmp_path / "b.db", now=NOW + timedelta(seconds=20))
    assert first.lines == second.lines, "moments count by the minute"
    assert first.report.head == second.report.head
    assert make(tmp_path / "c.db", seed=2).report.head != first.report.head


@pytest.mark.slow
@pytest.mark.parametrize("desk", [name for name in SAMPLES if name != "managed-network"])
def test_every_desk_has_a_week(tmp_path: Path, desk: str) -> None:
    week = make(tmp_path / "desk.db", tickets=40, desk=desk)
    assert week.report.sound, week.report.faults
    assert len(week.rows) == 40
    assert {row.status for row in week.rows} >= {Status.CLOSED, Status.NEW, Status.ROUTED, Status.PENDING}
    scale = {step.key for step in week.desk.scales.priority}
    assert {row.priority for row in week.rows} <= scale | {""}


@pytest.mark.parametrize("tickets", [0, 1, 5])
def test_small_demos_are_whole(tmp_path: Path, tickets: int) -> None:
    assert len(make(tmp_path / "desk.db", tickets=tickets).rows) == tickets


@pytest.mark.parametrize("now", [datetime(2026, 3, 29, 3, 5, tzinfo=UTC), datetime(2027, 1, 1, 0, 0, tzinfo=UTC)])
def test_it_is_alive_at_any_hour(tmp_path: Path, now: datetime) -> None:
    """Also on a Sunday night in which the clocks change, and as the year begins."""
    week = make(tmp_path / "desk.db", tickets=30, now=now)
    assert week.report.sound, week.report.faults
    assert max(row.updated_at for row in week.rows) <= now
    assert any(row.opened_at > now - timedelta(hours=2) for row in week.rows)


def test_a_desk_in_use_is_never_filled(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    before = make(path, tickets=0)
    with pytest.raises(Invalid, match="holds a desk already"):
        asyncio.run(fill(str(path), tickets=3, now=NOW))
    assert before.rows == ()


@pytest.mark.parametrize("desk", SAMPLES)
def test_every_sample_has_troubles_of_its_own(desk: str) -> None:
    troubles = [trouble for name in sectors_of(desk) for trouble in sector(name)]
    assert len({trouble.summary for trouble in troubles}) == len(troubles) >= 25
    assert all(trouble.checks and trouble.fix for trouble in troubles)


def test_the_axis_of_busy_hours_goes_there_and_back() -> None:
    busy = BusyHours(NOW - timedelta(days=7), NOW, "Europe/London")
    moments = [busy.moment(busy.length * share / 500) for share in range(501)]
    assert moments == sorted(moments)
    for moment in moments:
        assert abs(busy.moment(busy.position(moment)) - moment) <= timedelta(seconds=1)
