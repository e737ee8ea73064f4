"""What is taken along for when the line is down, told to many: the same as for one, and read once."""

from __future__ import annotations

import pytest

from deskterm.desk import commands as c
from deskterm.store import newest
from deskterm.store.along import taken
from deskterm.store.carried import Along, LogRow
from deskterm.store.newest import Newest
from deskterm.store.remote.operations import adapter
from tests.store.conftest import Place, log
from tests.store.test_shown import happened

pytestmark = [pytest.mark.anyio, pytest.mark.kept_here]
ALONG = adapter(Along)


async def test_it_is_what_each_would_take_along_alone(place: Place) -> None:
    """R226: a ticket of a hidden group, and a view of somebody else's, are in nobody else's."""
    people = await happened(place)
    await people["Lea"].submit(c.SaveView(name="Dial tones", base="open", text="dial"))
    kept = Newest()
    end = (await taken(people["Nora"], 0, first=False)).upto
    for _ in range(2):
        for name, store in people.items():
            for after in (0, end // 2, end):
                written = await kept.behind(store, after)
                assert written is not None
                found = ALONG.validate_json(written)
                assert found == await taken(store, after, first=False), (name, after)
                assert after > 0 or bool(found.gone) == (name != "Sol")
        # A ticket that leaves the hidden group is everybody's, with all that happened to it before.
        whole = (await taken(people["Sol"], 0, first=False)).rows
        hidden = next(row for row in whole if row.record_kind == "ticket" and '"soc"' in (row.payload or ""))
        await people["Sol"].submit(c.HandOff(ticket=hidden.record_id, to="voice-1", reason="It is no attack"))
        assert not ALONG.validate_json(await kept.behind(people["Nora"], 0) or b"").gone
        await people["Sol"].submit(c.HandOff(ticket=hidden.record_id, to="soc", reason="It is one"))


async def test_an_event_is_read_once_however_many_ask(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await place.open("Nora")
    read: list[int] = []
    line = newest._line

    def reading(row: LogRow) -> object:
        read.append(row.position)
        return line(row)

    monkeypatch.setattr(newest, "_line", reading)
    kept = Newest()
    last = 0
    for _ in range(3):
        last = (await log(store)).position
        for _ in range(5):
            await kept.behind(store, 0)
    assert read == sorted(set(read))
    assert read[-1] == last


async def test_what_is_too_long_ago_or_too_much_is_left_to_the_log_itself(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "MOST", 10)
    store = await place.open("Nora")
    kept = Newest()
    last = 0
    for _ in range(60):
        last = (await log(store)).position
        written = await kept.behind(store, last - 3)
        assert written is not None
        assert ALONG.validate_json(written) == await taken(store, last - 3, first=False)
        assert len(kept._lines) <= 50
    assert await kept.behind(store, 1) is None
    assert await kept.behind(store, last - 30) is None
