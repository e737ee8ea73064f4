"""Keys that come faster than screens open and callers are found: each lands in its field, in order."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deskterm.store.drafts import Journal
from tests.faults.pty_driver import KEYS, Terminal
from tests.robot import furnish

pytestmark = pytest.mark.slow


def test_a_whole_call_in_one_stroke(tmp_path: Path) -> None:
    """Nothing waits to be seen: the caller's letters, Enter, the summary with a slip of the finger, Tab, the detail."""
    asyncio.run(furnish(tmp_path))
    typed = b"ros\r" + b"No dial toen\x7f\x7fne" + KEYS["tab"] + b"Both handsetz\x7fs"
    with Terminal(tmp_path) as terminal:
        terminal.waits_for("● live")
        terminal.send(KEYS["f2"] + typed)
        journal = Journal(tmp_path / "state" / "drafts")
        terminal.until(lambda: any(draft.fields.get("description") == "Both handsets" for draft in journal.drafts()))
        [draft] = journal.drafts()
    fields = draft.fields
    assert (fields["contact"], fields["summary"]) == ("Rosa Amadi", "No dial tone")
    assert fields["description"] == "Both handsets"
