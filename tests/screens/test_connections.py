"""Several desks in one app: each by its name and colour, and nothing of one ever at another."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events

from deskterm.app import opener_for
from deskterm.connections import Connection
from deskterm.desk import commands as c
from deskterm.desk.tickets.views import Receipt
from deskterm.screens.call import CallScreen
from deskterm.screens.connections import ConnectionScreen
from deskterm.screens.who import WhoScreen
from deskterm.settings import Settings
from deskterm.store import opening
from deskterm.store.base import Store
from deskterm.store.offline.opening import open_offline
from deskterm.store.opening import open_store
from tests.robot import Clock, Robot, desk_app, furnish, log_ticket, seated, store_url
from tests.screens.test_line_down import logs_while_the_line_is_cut
from tests.store.offline.conftest import Far

pytestmark = pytest.mark.anyio


async def some_desks(folder: Path) -> Settings:
    """Two desks in files, a file that is no desk, and one that is not there yet."""
    for name in ("live", "training"):
        (folder / name).mkdir()
        await furnish(folder / name)
    (folder / "broken.db").write_bytes(b"no desk at all" * 99)
    known = (
        Connection("live", store_url(folder / "live"), colour="red"),
        Connection("training", store_url(folder / "training"), "ben", colour="green"),
        Connection("broken", f"sqlite:///{folder / 'broken.db'}", colour="blue"),
        Connection("new", f"sqlite:///{folder / 'new.db'}", colour="amber"),
        Connection("far", "https://desk.example", colour="violet"),
    )
    return Settings(operator="ada", connections={each.name: each for each in known})


@asynccontextmanager
async def at_desks(
    folder: Path, settings: Settings | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Robot]:
    """The app at the first of these desks."""
    settings = settings or await some_desks(folder)
    clock = Clock()
    app = desk_app(folder, clock, settings=settings)
    app.point_at(settings.url or "", settings.operator)
    async with app.run_test(size=size) as pilot:
        yield await seated(app, pilot, clock, folder)


async def goes_to(robot: Robot, digit: str, name: str) -> None:
    await robot.press("J", digit)
    await robot.until(lambda: robot.shows(f"You are at {name} now."))
    await robot.settle()


async def test_a_key_goes_to_another_desk(tmp_path: Path) -> None:
    """Its tickets, its operator and its name are there; of the one that was left nothing is."""
    async with at_desks(tmp_path) as robot:
        await log_ticket(tmp_path / "live", robot.clock, summary="Live trouble", to="desk-1")
        await log_ticket(tmp_path / "training", robot.clock, summary="A lesson", to="desk-1")
        await robot.press("5")
        await robot.until(lambda: robot.shows("Live trouble"))
        assert robot.text().startswith("  live ")
        await robot.press("slash")
        await robot.types("trouble")
        await robot.press("enter", "J")
        assert robot.shows("2 training")
        await robot.press("2")
        await robot.until(lambda: robot.shows("You are at training now."))
        await robot.press("5")
        await robot.until(lambda: robot.shows("A lesson"))
        assert robot.text().startswith("  training ")
        assert not robot.shows("trouble")
        assert robot.store.me.name == "Ben Ortega", "as the settings say for that desk"
        await log_ticket(tmp_path / "training", robot.clock, summary="Another lesson", to="desk-1")
        await robot.until(lambda: robot.shows("Another lesson"), seconds=30)
        await goes_to(robot, "1", "live")
        assert robot.text().startswith("  live ")
        assert robot.store.me.name == "Ada Okafor"


async def test_a_word_and_the_palette_go_there_too(tmp_path: Path) -> None:
    async with at_desks(tmp_path) as robot:
        await robot.press("colon")
        await robot.types("connection tra")
        assert robot.shows("▸ training")
        await robot.press("enter")
        await robot.until(lambda: robot.shows("You are at training now."))
        await robot.press("colon")
        await robot.types("connection nowhere")
        await robot.press("enter")
        assert robot.shows("There is no connection 'nowhere'. There are live, training, broken, new, far.")
        await robot.press("ctrl+p")
        await robot.types("connection")
        await robot.press("enter")
        await robot.until(lambda: isinstance(robot.screen, ConnectionScreen))
        await robot.press("up", "enter")
        await robot.until(lambda: robot.shows("You are at live now."))


async def test_what_is_typed_in_a_call_stays_with_its_desk(tmp_path: Path) -> None:
    """Nothing is asked and nothing is lost: the words are offered on return, and at no other desk."""
    async with at_desks(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("rosa")
        await robot.until(lambda: robot.shows("Rosa Amadi"))
        await robot.press("enter")
        await robot.types("No dial tone")
        robot.clock.forward(minutes=1)
        await robot.press("escape", "f2", "tab")
        await robot.types("Second")
        await robot.press("ctrl+p")
        await robot.types("connection")
        await robot.press("enter")
        await robot.until(lambda: isinstance(robot.screen, ConnectionScreen))
        await robot.press("2")
        await robot.until(lambda: robot.shows("You are at training now."))
        assert not robot.shows("F12 brings")
        assert robot.app.calls == []
        await robot.press("f3")
        assert robot.shows("No call is open.")
        await robot.press("f12")
        assert robot.shows("Nothing is unsaved.")
        await robot.press("escape")
        await goes_to(robot, "1", "live")
        assert robot.shows("2 texts were typed and not saved. F12 brings them back.")
        await robot.press("f12")
        await robot.until(lambda: robot.shows("Second"))
        await robot.press("down", "enter")
        await robot.until(lambda: isinstance(robot.screen, CallScreen) and robot.shows("No dial tone"))
        assert robot.shows("Brook & Lane, Rosa Amadi")
        await robot.press("f7")
        await robot.until(lambda: robot.shows("Reference"))
        there = await open_store(store_url(tmp_path / "training"), operator="ben", clock=robot.clock)
        assert {each.count for each in await there.counts() if each.view.key == "all"} == {0}
        await there.close()


async def test_a_form_that_was_left_with_words_brings_them_back(tmp_path: Path) -> None:
    """The same reference is a ticket at both desks; its words are not."""
    async with at_desks(tmp_path) as robot:
        for desk in ("live", "training"):
            ref = await log_ticket(tmp_path / desk, robot.clock, summary=f"Trouble at {desk}", to="desk-1")
        await robot.press("5")
        await robot.until(lambda: robot.shows(ref))
        await robot.press("n")
        await robot.types("Rang them twice")
        await robot.press("escape")
        await goes_to(robot, "2", "training")
        await robot.press("5")
        await robot.until(lambda: robot.shows("Trouble at training"))
        await robot.press("n")
        assert not robot.shows("Rang them twice")
        await robot.press("escape")
        await goes_to(robot, "1", "live")
        await robot.press("5", "n")
        await robot.until(lambda: robot.shows("Rang them twice"))


@pytest.mark.parametrize(
    ("digit", "says"),
    [
        ("3", "no deskterm store"),
        ("4", "There is no desk in"),
        ("5", "There is no token for https://desk.example"),
    ],
)
async def test_where_the_other_cannot_be_opened_all_stays_as_it_is(tmp_path: Path, digit: str, says: str) -> None:
    """And what was typed ahead, for the other desk, is done at none."""
    async with at_desks(tmp_path) as robot:
        await robot.press("f2")
        await robot.types("rosa")
        await robot.press("escape", "J")
        for key in (digit, "f2", "q"):
            robot.app.post_message(events.Key(key, None))
        await robot.until(lambda: robot.shows(says))
        await robot.settle()
        assert isinstance(robot.screen, ConnectionScreen)
        assert robot.shows("● here")
        await robot.press("escape")
        assert robot.text().startswith("  live ")
        assert len(robot.app.calls) == 1
        assert robot.store.me.name == "Ada Okafor"
        await robot.press("f3")
        assert robot.shows("rosa")
        assert not (tmp_path / "new.db").exists()


async def test_keys_typed_ahead_are_for_the_other_desk(tmp_path: Path) -> None:
    async with at_desks(tmp_path) as robot:
        for key in ("J", "2", "f2", "tab", "h", "i"):
            robot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await robot.until(lambda: isinstance(robot.screen, CallScreen) and robot.shows("Summary hi"))
        assert robot.text().startswith("  training ")


async def test_two_names_may_lead_to_one_desk(tmp_path: Path) -> None:
    """As somebody else each: the name that was chosen is the one that is shown."""
    settings = await some_desks(tmp_path)
    known = {
        name: replace(settings.connections["live"], name=name, operator=who)
        for name, who in (("as ada", "ada"), ("as ben", "nobody"))
    }
    async with at_desks(tmp_path, replace(settings, connections=known)) as robot:
        await robot.press("J", "2")
        await robot.until(lambda: isinstance(robot.screen, WhoScreen))
        await robot.press("2")
        await robot.until(lambda: robot.store.me.name == "Tom Hale")
        await robot.settle()
        assert robot.text().startswith("  as ben ")
        await goes_to(robot, "1", "as ada")
        assert robot.store.me.name == "Ada Okafor"


async def test_from_a_desk_that_cannot_be_opened_one_goes_on_to_another(tmp_path: Path) -> None:
    """From the first page too, which says whose desk it is that fails."""
    async with at_desks(tmp_path, (await some_desks(tmp_path)).on("broken")) as robot:
        assert robot.shows("broken deskterm The desk cannot be opened.")
        await robot.press("J", "3")
        await robot.until(lambda: robot.shows("✗"))
        await robot.press("1")
        await robot.until(lambda: robot.shows("You are at live now."))
        await robot.press("f2")
        assert isinstance(robot.screen, CallScreen)


async def test_what_is_being_saved_is_saved_before_the_desk_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_desks(tmp_path, replace(await some_desks(tmp_path), operator="ben")) as robot:
        ref = await log_ticket(tmp_path / "live", robot.clock, summary="Live trouble", to="desk-1")
        await robot.press("5")
        await robot.until(lambda: robot.shows(ref))
        store, go_on = robot.store, asyncio.Event()
        submit = store.submit

        async def slowly(command: c.AnyCommand) -> Receipt:
            await go_on.wait()
            return await submit(command)

        monkeypatch.setattr(store, "submit", slowly)
        await robot.pilot.press("t")
        await robot.pilot.press("J", "2")
        await robot.pilot.pause()
        assert robot.store is store
        go_on.set()
        await robot.until(lambda: robot.shows("You are at training now."))
        await goes_to(robot, "1", "live")
        assert (await robot.ticket(ref)).owner == "Ben Ortega"


async def test_esc_stays_while_the_other_is_being_opened(tmp_path: Path) -> None:
    async with at_desks(tmp_path) as robot:
        opened = asyncio.Event()

        async def never(url: str, operator: str | None) -> Store:
            opened.set()
            await asyncio.Event().wait()
            raise AssertionError("it is waited for in vain")

        robot.app._opener = never
        await robot.pilot.press("J", "2")
        await opened.wait()
        assert robot.shows("Opening training …")
        robot.app.release_keys()  # what a few seconds do: no keyboard goes dead
        await robot.pilot.press("3", "escape")
        await robot.settle()
        assert not isinstance(robot.screen, ConnectionScreen)
        assert robot.text().startswith("  live ")
        await robot.press("f2")
        assert isinstance(robot.screen, CallScreen)


async def test_a_desk_without_a_name_is_told_from_those_with_one(tmp_path: Path) -> None:
    settings = await some_desks(tmp_path)
    await furnish(tmp_path)
    async with at_desks(tmp_path, replace(settings, store=store_url(tmp_path))) as robot:
        assert robot.text().startswith("  desk.db ")
        await robot.press("J")
        assert not robot.shows("● here")
        await robot.press("1")
        await robot.until(lambda: robot.shows("You are at live now."))


async def test_nothing_is_named_where_no_desk_has_a_name(tmp_path: Path) -> None:
    await furnish(tmp_path)
    async with at_desks(tmp_path, Settings(store=store_url(tmp_path), operator="ada")) as robot:
        assert robot.text().startswith(" Northgate Desk")
        await robot.press("J")
        assert robot.shows("The settings name no other desk")


async def test_who_acts_is_asked_once_at_each_desk(tmp_path: Path) -> None:
    settings = await some_desks(tmp_path)
    stranger = replace(settings.connections["training"], operator="nobody")
    settings = replace(settings, connections={**settings.connections, "training": stranger})
    async with at_desks(tmp_path, settings) as robot:
        await robot.press("J", "2")
        await robot.until(lambda: isinstance(robot.screen, WhoScreen))
        assert robot.text().splitlines()[1].strip().startswith("training"), "also here one sees which desk asks"
        await robot.press("2")
        await robot.until(lambda: robot.store.me.name != "nobody")
        name = robot.store.me.name
        await goes_to(robot, "1", "live")
        await goes_to(robot, "2", "training")
        assert robot.store.me.name == name


async def test_the_token_of_the_environment_goes_to_one_server_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str | None] = {}

    async def opened(url: str, *, operator: str | None, environ: Mapping[str, str]) -> Any:
        seen[url] = environ.get("DESKTERM_TOKEN")

    monkeypatch.setattr(opening, "open_store", opened)
    monkeypatch.setenv("DESKTERM_TOKEN", "of the first")
    opener = opener_for("https://desk.example")
    for url in ("https://desk.example", "https://other.example"):
        await opener(url, None)
    assert seen == {"https://desk.example": "of the first", "https://other.example": None}


async def test_what_waits_for_a_server_is_kept_and_sent_on_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 6: the line is cut, a call is logged, one goes to another desk and comes back when the line is there."""
    (tmp_path / "far").mkdir()
    await furnish(tmp_path / "far")
    far, clock = Far(tmp_path / "far" / "desk.db", tmp_path / "state"), Clock()
    await far.begin("ada", clock=clock)
    monkeypatch.setenv("DESKTERM_STATE_DIR", str(tmp_path / "state"))
    environment = {**os.environ, **far.environment("ada")}
    settings = await some_desks(tmp_path)
    known = {"server": Connection("server", far.url, colour="cyan"), **settings.connections}

    async def opener(url: str, operator: str | None) -> Store:
        if url == far.url:
            return await open_offline(url, clock=clock, environ=environment, fresh=3600)
        return await open_store(url, operator=operator, clock=clock)

    app = desk_app(tmp_path, clock, settings=replace(settings, connections=known))
    app._opener = opener
    app.point_at(far.url, "ada")
    async with app.run_test(size=(80, 24)) as pilot:
        robot = await seated(app, pilot, clock, tmp_path)
        await robot.store.take_along()  # type: ignore[attr-defined]
        await logs_while_the_line_is_cut(robot, far)
        await robot.until(lambda: robot.shows("Reference"))
        await robot.press("enter")
        await goes_to(robot, "2", "live")
        assert robot.shows("● live")
        await robot.press("J")
        await robot.until(lambda: robot.shows("▲ 1 waiting"))
        robot.picture(tmp_path / "waiting.svg")
        await robot.press("escape")
        far.proxy.mend()
        await goes_to(robot, "1", "server")
        await robot.until(lambda: robot.shows("● live") and not robot.shows("waiting"))
        there = await open_store(store_url(tmp_path / "far"), operator="ada", clock=clock)
        found = await there.find("till")
        assert [each.title for each in found] == ["The till is dead"]
        await there.close()
    await far.close()
