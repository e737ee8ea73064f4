"""The shell while the line is down: nothing said to be saved is lost, and sync says what came of each."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deskterm.cli.entry import run
from deskterm.cli.shell import Shell
from deskterm.store.opening import open_store
from tests.cli.conftest import Answer
from tests.store.conftest import CUSTOMERS, DESK_SOURCE
from tests.store.offline.conftest import Far

CALL = ("--type", "incident", "--company", "Harbour Foods", "--contact", "Ann Müller", "--phone", "07700 900123")


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    """A served desk, and a line to it."""
    from deskterm.desk import commands as c

    path = tmp_path / "desk.db"

    async def furnish() -> Far:
        store = await open_store(str(path))
        await store.submit(c.LoadDesk(name="northgate.toml", source=DESK_SOURCE))
        for entry in CUSTOMERS:
            await store.submit(c.Register(entry=entry))
        await store.close()
        made = Far(path, tmp_path / "state")
        await made.begin()
        return made

    made = asyncio.run(furnish())
    yield made
    asyncio.run(made.close())


def shell(far: Far, *args: str, operator: str = "Nora") -> Answer:
    """Run a command line at the far end of the line, in this process: a program of its own takes longer to load."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        for name, value in far.environment(operator).items():
            patch.setenv(name, value)
        code = run(args, Shell())
    return Answer(code, out.getvalue(), err.getvalue())


def log(far: Far, summary: str) -> dict[str, Any]:
    """Log a call; what the answer says of the ticket."""
    done = shell(far, "log", "--summary", summary, *CALL, "--impact", "high", "--urgency", "medium", "--to", "voice-1",
                 "--field", "service=SIP-204", "--json")  # fmt: skip
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_call_is_logged_without_the_line_and_sent_by_sync(far: Far) -> None:
    assert log(far, "While it is up")["ref"][-1].isdigit()
    far.proxy.cut()
    saved = log(far, "While it is down")
    assert saved["ref"].endswith("T")
    noted = shell(far, "note", saved["ref"], "Rang again")
    assert noted.code == 0
    assert "cannot be reached" in noted.err
    assert "2 commands are safely saved here" in noted.err
    assert "While it is down" in shell(far, "list").out
    waiting = shell(far, "sync")
    assert waiting.code == 1
    assert "saved here" in waiting.out
    far.proxy.mend()
    done = shell(far, "sync")
    assert done.code == 0, done.err
    assert done.out.count("confirmed") == 2
    assert f"given as {saved['ref']}" in done.out
    shown = json.loads(shell(far, "show", saved["ref"], "--json").out)
    assert (shown["id"], shown["summary"]) == (saved["id"], "While it is down")
    assert shown["ref"][-1].isdigit()
    assert shell(far, "sync").out.strip() == "Nothing waits to be sent."


def test_what_the_desk_refuses_keeps_its_words_until_its_author_decides(far: Far) -> None:
    known = log(far, "Hand me on")
    assert shell(far, "list", operator="Tom").code == 0
    far.proxy.cut()
    assert shell(far, "take", known["ref"], operator="Tom").code == 0
    note = shell(far, "hand-off", known["ref"], "--to", "net-2", "--reason", "It is the router", operator="Tom")
    assert note.code == 0, note.err
    far.proxy.mend()
    assert shell(far, "take", known["ref"], operator="Lea").code == 0
    done = shell(far, "sync", operator="Tom")
    assert done.code == 1
    assert "refused" in done.out
    entries = json.loads(shell(far, "outbox", "--json", operator="Tom").out)
    assert [each["state"] for each in entries] == ["stuck", "saved"]
    assert shell(far, "outbox", "--discard", "1", operator="Tom").code == 0
    done = shell(far, "sync", operator="Tom")
    assert done.code == 0, done.err
    assert "It is the router" in shell(far, "show", known["ref"]).out
