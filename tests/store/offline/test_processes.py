"""Real processes at one outbox, as the app and the shell are: one sends at a time, and each command goes out once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter

import pytest

from deskterm.desk import commands as c
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.offline import sending
from tests.store.conftest import facts
from tests.store.offline.conftest import Far, until

pytestmark = pytest.mark.slow
CALLS = sending.AT_ONCE + 20
BATCHES = 2


def shell_that_syncs(far: Far) -> subprocess.Popen[str]:
    """`deskterm sync` of the same user, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "deskterm", "sync", "--json"],
        env=far.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def batches(far: Far) -> int:
    return sum(b"/v1/commands/batch" in line for line in far.proxy.tally.said)


def looks(far: Far) -> int:
    """How often somebody asked whether the line is up, which comes before every try to send."""
    return sum(b"/v1/me " in line for line in far.proxy.tally.said)


async def written_without_a_line(far: Far) -> set[str]:
    """Log calls while the line is cut, and close the store: they wait. What they are called."""
    here = await far.open()
    await here.take_along()
    far.proxy.cut()
    for number in range(CALLS):
        await here.submit(c.LogCall(facts=facts(summary=f"Call {number}")))
    await here.close()
    far.proxy.mend()
    return {f"Call {number}" for number in range(CALLS)}


async def there_once(far: Far, written: set[str]) -> None:
    there = await far.there("Nora")
    found: Counter[str] = Counter()
    query = QueueQuery(view="all")
    while True:
        page = await there.queue(query)
        found.update(row.summary for row in page.rows)
        if page.next is None:
            break
        query = QueueQuery(view="all", after=page.next)
    assert found == Counter(written)


async def ended(*processes: subprocess.Popen[str]) -> list[tuple[int, str]]:
    """The exit status of each, and what it answered."""
    told = await asyncio.gather(*(asyncio.to_thread(each.communicate, timeout=120) for each in processes))
    return [(each.returncode, out) for each, (out, _) in zip(processes, told, strict=True)]


async def test_the_app_and_two_shells_send_each_command_once(far: Far) -> None:
    """While one has a batch on its way, the others look, and wait."""
    written = await written_without_a_line(far)
    far.proxy.hold(but=b"/v1/me ")
    shells = [shell_that_syncs(far)]
    await until(lambda: batches(far) == 1, 60)
    before = looks(far)
    shells.append(shell_that_syncs(far))
    await until(lambda: looks(far) >= before + 6, 60)
    app = await far.open()
    sends = asyncio.ensure_future(app.send())
    await until(lambda: looks(far) >= before + 12, 60)
    assert app.standing.state == "catching up"
    assert batches(far) == 1
    far.proxy.release()
    for code, out in await ended(*shells):
        assert code == 0
        assert {each["state"] for each in json.loads(out)} <= {"confirmed"}
    assert (await sends).waiting == 0
    assert batches(far) == BATCHES
    await there_once(far, written)


async def test_where_the_one_that_sends_is_killed_the_next_goes_on(far: Far) -> None:
    """The desk has done what the dead one sent; the answer was lost with it."""
    written = await written_without_a_line(far)
    far.proxy.hold(but=b"/v1/me ")
    dies = shell_that_syncs(far)
    await until(lambda: bool(far.proxy.tally.held) and batches(far) == 1, 60)
    dies.kill()
    ((code, _),) = await ended(dies)
    assert code == -9
    far.proxy.release()
    ((code, out),) = await ended(shell_that_syncs(far))
    assert code == 0
    assert Counter(each["state"] for each in json.loads(out)) == {"confirmed": CALLS}
    assert batches(far) == BATCHES + 1
    await there_once(far, written)
