"""The desks that benchmarks measure are desks: made in bulk, they are what their commands would have made."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from benchmarks.desks import as_made
from benchmarks.history import END, Deed, History
from benchmarks.making import make
from deskterm.desk import commands as c
from deskterm.desk.commands import any_command
from deskterm.desk.records.ticket import Facts
from deskterm.desk.tickets.views import QueueQuery
from deskterm.store.batch import Submission
from deskterm.store.opening import open_store
from deskterm.store.schema import FULL_TEXT, PROJECTIONS

pytestmark = pytest.mark.anyio

TABLES = ("event", "head", "receipt", *(table.name for table in PROJECTIONS))


def _rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    try:
        return {table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in TABLES}
    finally:
        connection.close()


def _found(path: Path, word: str) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    try:
        asked = "SELECT rowid FROM {0} WHERE {0} MATCH ? ORDER BY rowid"
        return {index: connection.execute(asked.format(index), (word,)).fetchall() for index in FULL_TEXT}
    finally:
        connection.close()


async def test_a_desk_made_in_bulk_is_what_its_commands_would_have_made(tmp_path: Path) -> None:
    """Every row of the log, the receipts and the projections; and what is made from its log again."""
    deeds: list[Deed] = []
    history = History(150, 7, patterns=40, deeds=deeds)
    bulk, single = tmp_path / "bulk.db", tmp_path / "single.db"
    make(bulk, history.desk, history.chapters())
    store = await open_store(str(single))
    read = any_command().validate_json
    commands = [Submission(read(deed.request), operator=deed.actor, at=deed.at) for deed in deeds]
    await store.submit_all(commands)
    await store.close()
    made, wanted = _rows(bulk), _rows(single)
    assert all(made[table] for table in ("ticket", "standing", "earlier_caller", "timer", "follower"))
    for table in TABLES:
        assert made[table] == wanted[table], table
    for word in ("dial", "no*", "ha*", "p*"):
        assert _found(bulk, word) == _found(single, word)
    store = await open_store(str(bulk))
    try:
        assert (await store.verify()).sound
    finally:
        await store.close()


async def test_what_was_logged_to_measure_it_is_taken_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "bulk.db"
    history = History(150, 7, patterns=40)
    make(path, history.desk, history.chapters())
    made, found = _rows(path), _found(path, "no*")
    assert as_made(path, 150) == 0
    store = await open_store(str(path), operator="priya", clock=lambda: END)
    caller, *_ = [each for each in await store.callers("a") if each.contact_id and each.company_id]
    facts = Facts(
        type="incident", summary="No dial tone", impact="medium", urgency="medium", company=caller.company,
        company_id=caller.company_id, contact=caller.name, contact_id=caller.contact_id,
    )  # fmt: skip
    for _ in range(3):
        await store.submit(c.LogCall(facts=facts, hand_to="net-2"))
    await store.close()
    assert as_made(path, 150) == 3
    assert (_rows(path), _found(path, "no*")) == (made, found)
    store = await open_store(str(path), operator="priya", clock=lambda: END)
    assert (await store.verify()).sound
    await store.submit(c.LogCall(facts=facts))
    first, *_ = (await store.queue(QueueQuery(view="all", limit=50))).rows[1:]
    await store.submit(c.AddNote(ticket=first.id, text="Somebody works with it"))
    await store.close()
    with pytest.raises(RuntimeError, match="delete it"):
        as_made(path, 150)
