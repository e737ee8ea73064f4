"""`kill -9` at random moments in the real app, and proof that the eye which looks at what is left is open."""

from __future__ import annotations

import re

import pytest

from tests.faults import kill

RUNS = 28
CHAINS = 4
SEED = kill.seed_of()

SAVES_LATE = """
import deskterm.store.drafts
deskterm.store.drafts.SAVE_EVERY = 10.0
"""
FORGETS_THE_COMMAND = """
import os, signal
from deskterm.desk.record import new_id
from deskterm.screens.call_form import CallForm
from deskterm.store.drafts import Draft
Draft.finish = lambda self, reference: (self.flush(), os.kill(os.getpid(), signal.SIGKILL))
begin = CallForm.__init__
def forgetful(self, kept, write, **other):
    begin(self, {n: v for n, v in kept.items() if n not in ("command", "ticket")}, write, **other)
CallForm.__init__ = forgetful
"""
SHOWS_TOO_EARLY = """
from uuid import uuid4
from deskterm.desk.tickets.views import Receipt
from deskterm.store.local import LocalStore
submit = LocalStore.submit
async def hasty(self, command):
    if command.kind not in ("AddNote", "HandOff"):
        return await submit(self, command)
    return Receipt(command.id, 1, command.ticket, 1, "", "", "", 0)
LocalStore.submit = hasty
"""


@pytest.mark.slow
@pytest.mark.parametrize("chain", range(CHAINS))
def test_nothing_is_lost_or_doubled(chain: int) -> None:
    tally = kill.chain(f"{SEED}-{chain}", RUNS // CHAINS)
    print(f"DESKTERM_SEED={SEED}, chain {chain}: {tally}")  # noqa: T201 - pytest shows it with a failure or -rP
    assert not tally.found, f"DESKTERM_SEED={SEED}: {tally}\n" + "\n".join(tally.found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("planted", "told"),
    [
        (SAVES_LATE, "lost: call|lost: note|lost: hand-off"),
        (FORGETS_THE_COMMAND, "saved 2 times"),
        (SHOWS_TOO_EARLY, "lost: "),
    ],
    ids=["a journal that saves late", "a call that forgets its command", "an answer before the commit"],
)
def test_the_checker_catches(planted: str, told: str) -> None:
    tally = kill.chain("planted", 25, planted)
    assert any(re.search(told, problem) for problem in tally.found), tally
