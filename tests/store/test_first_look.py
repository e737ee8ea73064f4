"""The page that is read before the store is open is the store's own first page."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import SAMPLES, load_sample
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.first_look import _LOOKED_AT, _needed, first_look
from deskterm.store.opening import open_store
from tests.robot import Clock, furnish, log_ticket, store_url


async def written(folder: Path) -> str:
    """A desk with tickets in several groups, one followed and changed since, one ended; returns its URL."""
    clock = Clock()
    await furnish(folder)
    for n, group in enumerate(("voice-1", "net-2", "desk-1", "net-2")):
        clock.forward(minutes=1)
        await log_ticket(folder, clock, summary=f"Call {n}", to=group, impact=str(1 + n % 3), operator="ada")
    store = await open_store(store_url(folder), operator="priya", clock=clock)
    rows = (await store.queue(QueueQuery(view="open"))).rows
    await store.submit(c.AddNote(ticket=rows[0].id, text="Looked at it"))
    await store.submit(c.Withdraw(ticket=rows[-1].id, reason="Called twice"))
    await store.close()
    return store_url(folder)


@pytest.mark.parametrize(("operator", "view"), [("ada", "following"), ("priya", "groups"), ("tom", "groups")])
async def test_it_is_the_page_that_the_operator_begins_with(tmp_path: Path, operator: str, view: str) -> None:
    url = await written(tmp_path)
    look = first_look(url, operator)
    store = await open_store(url, operator=operator)
    own = await store.queue(QueueQuery(view=view))
    expected = own if own.rows else await store.queue(QueueQuery(view="open"))
    desk, me = await store.desk(), store.me
    await store.close()
    assert look is not None
    assert look.rows == expected.rows
    assert look.rows, "there is something to compare"
    assert look.title.split("   ") == [desk.desk.name, f"{me.name}, level {me.level}"]
    assert look.scale == tuple(step.short or step.name[:1] for step in desk.scales.priority)
    assert look.zone == desk.desk.zone


async def test_it_is_seen_while_others_write(tmp_path: Path) -> None:
    url = await written(tmp_path)
    store = await open_store(url, operator="priya")
    rows = (await store.queue(QueueQuery(view="open"))).rows
    await store.submit(c.AddNote(ticket=rows[0].id, text="In the write-ahead log"))
    look = first_look(url, "tom")
    await store.close()
    assert look is not None
    assert {row.version for row in look.rows if row.id == rows[0].id} == {rows[0].version + 1}


ODD = (
    'x = """\n[desk]\n"""\n[desk]\nname = "A"\n',
    "[solution.x]\n[[ group ]]\nname = 'a'\nrestricted = true\n",
    "[change]\nx = [\n[1],\n[true]\n]\n[desk]\nname = 'B'\n",
    "[change]\n  [[group]]\n  name = 'a'\n",
    '["group"]\nname = 1\n',
    "name = 1",
    "",
)


@pytest.mark.parametrize("source", [*(load_sample(name)[0] for name in SAMPLES), *ODD])
def test_of_a_desk_file_it_reads_what_it_needs_as_it_stands_there(source: str) -> None:
    whole, read = tomllib.loads(source), tomllib.loads(_needed(source))
    assert {name: read.get(name) for name in _LOOKED_AT} == {name: whole.get(name) for name in _LOOKED_AT}
    assert len(read) < len(whole) or source in ODD


def test_where_there_is_nothing_to_see_nothing_is_said(tmp_path: Path) -> None:
    assert first_look(store_url(tmp_path), "ada") is None
    (tmp_path / "desk.db").write_bytes(b"no database at all" * 100)
    assert first_look(store_url(tmp_path), "ada") is None
    assert first_look("https://desk.example.com", "ada") is None
    assert not list(tmp_path.glob("desk.db-*"))


async def test_a_stranger_is_asked_first(tmp_path: Path) -> None:
    url = await written(tmp_path)
    assert first_look(url, "nobody known") is None
