"""Text that no index and no database likes, kept and found again in every store."""

from __future__ import annotations

import random

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.customers import Company, Contact, Solution
from deskterm.desk.tickets.views import QueueQuery
from tests.store.conftest import Place, log

pytestmark = pytest.mark.anyio

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßéñøł0123456789"
NASTY = (
    "\x00", "a\x00b", "\ud800", "'", "''", "\\", "':*", "a' | 'b", "foo-bar", "user@host", "C++", "%", "_", "(", '"',
)  # fmt: skip


def noise(letters: int) -> str:
    """Letters that no database can press together."""
    chance = random.Random(letters)
    return "".join(chance.choice(LETTERS) for _ in range(letters))


async def test_names_of_any_length_are_kept_and_found(place: Place) -> None:
    nora = await place.open("Nora")
    long = noise(6000)
    receipt = await log(nora, company=long, contact=long[::-1], phone="", email=f"{long}@x.example", description=long)
    assert (await nora.ticket(receipt.ref)).ticket.company == long
    await nora.submit(c.Register(entry=Company(key="long", name=long)))
    await nora.submit(c.Register(entry=Contact(key="who", company="long", name=long[::-1], email=f"{long}@x.example")))
    await nora.submit(c.Register(entry=Solution(key="S", title=long, words=(long,), steps="a", resolution="b")))
    assert long[::-1] in [match.name for match in await nora.callers(long[::-1][:30])]
    assert receipt.ref in [found.ref for found in await nora.find(long[:20])]
    assert [known.key for known in await nora.solutions(long[:60])] == ["S"]
    assert [row.ref for row in (await nora.queue(QueueQuery(view="all", text=long))).rows] == [receipt.ref]


async def test_any_sign_may_be_looked_for(place: Place) -> None:
    nora = await place.open("Nora")
    receipt = await log(nora, description=f"before {' '.join(NASTY)} after")
    for text in NASTY:
        for asked in (text, f"after {text}"):
            await nora.callers(asked)
            await nora.solutions(asked)
            await nora.find(asked)
            await nora.queue(QueueQuery(view="all", text=asked, group=None))
        assert (await nora.queue(QueueQuery(group=text))).rows == ()
    assert [row.ref for row in (await nora.queue(QueueQuery(view="all", text="before after"))).rows] == [receipt.ref]
