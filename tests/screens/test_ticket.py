"""A ticket opened, as the person reading it meets it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import JoinedCaller
from deskterm.desk.tickets.views import QueueQuery
from deskterm.settings import Settings
from deskterm.store.opening import open_store
from deskterm.text import UNSAFE
from deskterm.widgets.frame import Hints
from deskterm.widgets.thread import Thread
from tests.robot import Clock, Robot, at_the_desk, furnish, log_ticket, store_url
from tests.screens.elsewhere import Act, elsewhere, notes

pytestmark = pytest.mark.anyio

HOSTILE = "A [/foo] \x1b]0;owned\x07 \u202eback [@click=app.quit]x[/] disk [sda] 日本語"
LONG = "\n".join(f"line {n} of the log" for n in range(1, 321))


@pytest.fixture
async def clock(tmp_path: Path) -> Clock:
    await furnish(tmp_path)
    return Clock()


async def opened(robot: Robot, ref: str) -> Thread:
    """Open a ticket and give its thread."""
    robot.app.open_ticket(ref)
    await robot.settle()
    return robot.screen.query_one(Thread)


def in_view(robot: Robot) -> list[str]:
    """The thread's lines on the screen, without the scrollbar."""
    return [line[:78].rstrip() for line in robot.text().splitlines()[7:18]]


async def solved(folder: Path, clock: Clock) -> str:
    """A ticket that level 1 has resolved and that waits for the customer's word."""
    ref = await log_ticket(folder, clock, summary="No dial tone", to="voice-1", phone="+44 7700 900123")
    await elsewhere(folder, clock, "ines", ref, (c.Take, {}), (c.Resolve, {"solution": "K31"}))
    return ref


async def test_the_heading_says_where_it_stands_and_the_foot_what_to_say(tmp_path: Path, clock: Clock) -> None:
    """R073: reference, priority, status, group; and one plain sentence, always in view."""
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1", phone="+44 7700 900123")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await opened(robot, ref)
        first = robot.text().splitlines()[0]
        assert f"{ref} · P1 Urgent · Routed · voice-1" in first
        assert "★ following" in first
        assert robot.shows("Brook & Lane, Rosa Amadi · 07700 900123")
        assert robot.shows("Say: It is with our")


async def test_internal_and_customer_visible_differ_without_colour(tmp_path: Path, clock: Clock) -> None:
    """R113: sign, word and bar differ, so that no colour is needed to tell them apart."""
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    seen: Act = (c.AddNote, {"text": "For you", "visibility": "customer"})
    await elsewhere(tmp_path, clock, "ada", ref, *notes("Between us"), seen)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        lines = (await opened(robot, ref)).lines
        inside = next(n for n, line in enumerate(lines) if "Between us" in line)
        outside = next(n for n, line in enumerate(lines) if "For you" in line)
        assert "│ Between us" in lines[inside]
        assert "┃ For you" in lines[outside]
        assert "│ ¶ Note " in lines[inside - 1]
        assert "internal" in lines[inside - 1]
        assert "┃ ¶ Note to the customer" in lines[outside - 1]
        assert "customer sees" in lines[outside - 1]
        assert not [line for line in lines if "internal" in line and "┃" in line]


async def test_times_are_the_desks_and_each_day_begins_with_its_name(tmp_path: Path, clock: Clock) -> None:
    """R113: instants are read in the desk's zone, British summer time here."""
    clock.moment += timedelta(days=60)
    ref = await log_ticket(tmp_path, clock, summary="No dial tone")
    clock.forward(days=1)
    await elsewhere(tmp_path, clock, "ada", ref, *notes("Next day"))
    async with at_the_desk(tmp_path, clock=clock) as robot:
        lines = (await opened(robot, ref)).lines
        assert [line[:26].strip("─ ") for line in lines if line.startswith("──")] == [
            "Friday 15 May 2026",
            "Saturday 16 May 2026",
        ]
        assert any(line.startswith("11:00 ┃ ● Call from") for line in lines)


async def test_it_starts_at_the_end_and_stays_where_the_reader_is(tmp_path: Path, clock: Clock) -> None:
    """R053: what another operator adds grows the thread below, and is said, without moving the reader."""
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="net-2")
    await elsewhere(tmp_path, clock, "ada", ref, *notes(*(f"Note number {n}" for n in range(12))))
    async with at_the_desk(tmp_path, clock=clock) as robot:
        thread = await opened(robot, ref)
        assert robot.shows("Note number 11")
        await robot.press("pageup", "down")
        before, top = in_view(robot), thread.scroll_offset.y
        await elsewhere(tmp_path, clock, "priya", ref, *notes("From another desk"))
        await robot.until(lambda: any("From another desk" in line for line in thread.lines))
        await robot.settle()
        assert thread.scroll_offset.y == top
        assert in_view(robot) == before
        assert not robot.shows("From another desk")
        assert robot.screen.query_one(Hints).said == "· Priya Raman: Note"
        assert "↓" in robot.text()
        await robot.press("end")
        assert robot.shows("From another desk")
        assert "↓" not in robot.text()


async def test_a_new_width_keeps_the_reader_at_the_same_entry(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="net-2")
    long = "many words that need several lines " * 4
    await elsewhere(tmp_path, clock, "ada", ref, *notes(*(f"{n} {long}" for n in range(12))))
    async with at_the_desk(tmp_path, clock=clock) as robot:
        thread = await opened(robot, ref)
        await robot.press("pageup", "pageup")
        entry = thread._lines[thread._top].entry
        await robot.pilot.resize_terminal(120, 30)
        await robot.settle()
        assert thread._lines[thread._top].entry == entry


async def test_a_long_text_is_cut_until_enter_shows_it(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="Log attached", description=LONG)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        thread = await opened(robot, ref)
        assert robot.shows("… 313 more lines, Enter shows them")
        await robot.press("enter")
        assert any("line 320 of the log" in line for line in thread.lines)
        assert not any("more lines" in line for line in thread.lines)
        await robot.press("enter")
        assert robot.shows("… 313 more lines, Enter shows them")


async def test_hostile_text_is_drawn_as_stand_ins_and_columns_stay(tmp_path: Path, clock: Clock) -> None:
    """R222: nothing a stranger wrote acts, and the bars stay in one column."""
    ref = await log_ticket(tmp_path, clock, summary=HOSTILE, description=HOSTILE, contact=HOSTILE, company=HOSTILE)
    await elsewhere(tmp_path, clock, "ada", ref, *notes(HOSTILE))
    for size in ((80, 24), (120, 40)):
        async with at_the_desk(tmp_path, clock=clock, size=size) as robot:
            lines = (await opened(robot, ref)).lines
            assert not UNSAFE.search("".join(robot.text().split("\n")))
            assert robot.shows("A [/foo] ␛]0;owned␇ ‹RLO›back [@click=app.quit]x[/] disk [sda] 日本語")
            bars = [line for line in lines if not line.startswith("──")]
            assert all(line[6] in "│┃" for line in bars)


async def test_a_greyed_key_says_why_with_the_rule(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await opened(robot, ref)
        await robot.press("t")
        assert "(T5)" in robot.screen.query_one(Hints).said
        assert (await robot.ticket(ref)).owner is None


async def test_one_key_lists_what_may_be_done_and_what_may_not(tmp_path: Path, clock: Clock) -> None:
    """Every verdict with ✓ or ✗ and its reason; the key of an act acts from there."""
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock, size=(120, 80)) as robot:
        await opened(robot, ref)
        await robot.press("a")
        view = await robot.store.ticket(ref)
        for verdict in view.may:
            assert robot.shows(verdict.title)
            assert verdict.allowed or robot.shows(verdict.reason)
        assert robot.shows("✓ n Note")
        assert robot.shows("✗ t Take")
        await robot.press("n")
        assert robot.shows("Note on")


async def test_a_key_of_ones_own_is_the_one_that_is_listed(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock, settings=Settings(keys={"note": "f9"})) as robot:
        await opened(robot, ref)
        await robot.press("a")
        assert robot.shows("✓ F9 Note")


@pytest.mark.parametrize(("asked", "told"), [("1000-15", "a digit is wrong"), ("9999-92", "9999-92")])
async def test_no_such_ticket_says_so_and_goes_back(tmp_path: Path, clock: Clock, asked: str, told: str) -> None:
    """R041: a misheard digit opens no other ticket."""
    async with at_the_desk(tmp_path, clock=clock) as robot:
        robot.app.open_ticket(asked)
        await robot.settle()
        assert robot.shows(told)
        await robot.press("h")
        assert robot.shows("There is no ticket here")
        await robot.press("escape")
        assert robot.screen is robot.app.queue_screen


async def test_escape_goes_back_to_the_same_row(tmp_path: Path, clock: Clock) -> None:
    for n in range(6):
        await log_ticket(tmp_path, clock, summary=f"Line {n} is noisy", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("down", "down", "down")
        row = robot.app.queue_screen.table.current
        assert row is not None
        await robot.press("enter")
        assert robot.shows(f"{row.value.ref} · ")
        await robot.press("escape")
        assert robot.app.queue_screen.table.current == row
        assert robot.app.queue_screen.table.has_focus


async def test_an_opened_ticket_is_no_longer_unread(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    await elsewhere(tmp_path, clock, "ines", ref, *notes("Seen it"))
    async with at_the_desk(tmp_path, clock=clock) as robot:
        query = QueueQuery(view="open")
        assert [row.unread for row in (await robot.store.queue(query)).rows] == [True]
        await opened(robot, ref)
        assert [row.unread for row in (await robot.store.queue(query)).rows] == [False]


async def test_facts_show_who_else_is_in_this(tmp_path: Path, clock: Clock) -> None:
    """R072, R130, R164: followers, joined callers, duplicates and vendor tasks."""
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    other = await log_ticket(tmp_path, clock, summary="Phones dead", to="voice-1", contact="Piet de Vries")
    asked: Act = (c.OpenVendorTask, {"vendor": "redline", "text": "Please look"})
    caller = JoinedCaller(company="Alder Clinic", contact="Mina Berg", phone="+44 7700 900311")
    await elsewhere(tmp_path, clock, "ines", ref, (c.Take, {}), asked, (c.JoinCaller, {"caller": caller}))
    store = await open_store(store_url(tmp_path), operator="ada", clock=clock)
    survivor = (await store.ticket(ref)).ticket.id
    await store.close()
    await elsewhere(tmp_path, clock, "ada", other, (c.MarkDuplicate, {"survivor": survivor}))
    async with at_the_desk(tmp_path, clock=clock, size=(120, 40)) as robot:
        await opened(robot, ref)
        assert robot.shows("Mina Berg, Alder Clinic")
        assert robot.shows("07700 900311")
        assert robot.shows(f"Took in {other}")
        assert robot.shows("Vendor Redline")
        assert robot.shows("★ you")
        await opened(robot, other)
        assert robot.shows(f"Goes on as {ref}")


async def test_one_key_shows_all_facts_where_the_screen_is_small(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", phone="112", email="rosa@brook.example")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        thread = await opened(robot, ref)
        assert not robot.shows("rosa@brook.example")
        await robot.press("i")
        assert robot.shows("E-mail rosa@brook.example")
        assert robot.shows("Say:")
        await robot.press("i")
        assert not robot.shows("rosa@brook.example")
        assert thread.has_focus


async def test_required_fields_still_empty_stand_out(tmp_path: Path) -> None:
    """R010: an incomplete ticket says what to ask, with a sign."""
    clock = Clock()
    await furnish(tmp_path, "follow-the-sun")
    ref = await log_ticket(tmp_path, clock, operator="freya", summary="Printer dead", impact=None, urgency=None)
    async with at_the_desk(tmp_path, clock=clock, operator="freya") as robot:
        await opened(robot, ref)
        assert (await robot.ticket(ref)).incomplete
        assert robot.shows("▲ To ask:")


async def test_hand_on_from_a_ticket_takes_three_keys(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone", to="voice-1")
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await opened(robot, ref)
        robot.keys = 0
        await robot.press("h")
        await robot.types("net-2")
        await robot.press("enter")
        await robot.types("It is the network")
        await robot.press("enter")
        assert (await robot.ticket(ref)).group == "net-2"
        assert robot.keys <= 4
        assert robot.shows("Handed on again to Network engineering")


async def test_confirm_and_close_from_the_queue_takes_few_keys(tmp_path: Path, clock: Clock) -> None:
    """R125: at most five keys, from the queue through the opened ticket."""
    ref = await solved(tmp_path, clock)
    async with at_the_desk(tmp_path, clock=clock) as robot:
        await robot.press("enter", "y")
        await robot.types("All phones ring again")
        await robot.press("enter")
        assert robot.keys <= 5
        ticket = await robot.ticket(ref)
        assert ticket.status == "Closed"
        assert ticket.confirmation is not None
        assert ticket.confirmation.by == "Rosa Amadi"


# -- one's own editor


@contextmanager
def aside() -> Iterator[None]:
    """Step aside where there is no terminal to hand over."""
    yield


def editor(folder: Path, script: str) -> Settings:
    """Settings with an editor that does what a shell script says to the file in $1."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return Settings(editor=str(path))


async def test_a_note_is_written_in_ones_own_editor(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone")
    script = f'ls -l "$1" | cut -c1-10 > {tmp_path}/mode; echo "$1" > {tmp_path}/path; printf "Two\\nlines\\n" > "$1"'
    async with at_the_desk(tmp_path, clock=clock, settings=editor(tmp_path, script)) as robot:
        robot.app.suspend = aside  # type: ignore[method-assign]
        await opened(robot, ref)
        await robot.press("E")
        entry = (await robot.store.ticket(ref)).timeline[-1]
        assert (entry.kind, entry.text, entry.customer_sees) == ("note", "Two\nlines", False)
        assert (tmp_path / "mode").read_text().strip() == stat.filemode(stat.S_IFREG | 0o600)
        assert not Path((tmp_path / "path").read_text().strip()).exists()
        assert robot.app.journal.drafts() == []


async def test_nothing_written_is_no_note(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone")
    async with at_the_desk(tmp_path, clock=clock, settings=editor(tmp_path, 'printf " \\n" > "$1"')) as robot:
        robot.app.suspend = aside  # type: ignore[method-assign]
        await opened(robot, ref)
        await robot.press("E")
        assert robot.shows("there is no note")
        assert (await robot.ticket(ref)).version == 1
        assert robot.app.journal.drafts() == []


async def test_an_editor_that_fails_loses_no_word(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone")
    async with at_the_desk(tmp_path, clock=clock, settings=editor(tmp_path, 'echo half > "$1"; exit 3')) as robot:
        robot.app.suspend = aside  # type: ignore[method-assign]
        await opened(robot, ref)
        await robot.press("E")
        assert "ended with an error (3)" in robot.screen.query_one(Hints).said
        assert (await robot.ticket(ref)).version == 1
        await robot.press("n")
        assert robot.shows("Words half")


@pytest.mark.parametrize(
    ("chosen", "told"), [("", "There is no editor"), ("/no/such/thing -w", "is not on this machine")]
)
async def test_a_missing_editor_is_said(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, chosen: str, told: str
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    ref = await log_ticket(tmp_path, clock, summary="No dial tone")
    async with at_the_desk(tmp_path, clock=clock, settings=Settings(editor=chosen)) as robot:
        await opened(robot, ref)
        await robot.press("E")
        assert told in robot.screen.query_one(Hints).said


async def test_a_refused_note_from_the_editor_is_kept(tmp_path: Path, clock: Clock) -> None:
    ref = await log_ticket(tmp_path, clock, summary="No dial tone")
    async with at_the_desk(tmp_path, clock=clock, settings=editor(tmp_path, 'echo precious > "$1"')) as robot:
        robot.app.suspend = aside  # type: ignore[method-assign]
        await opened(robot, ref)
        screen = robot.screen
        # The desk hears of this only after the editor was started.
        screen.desk_changed = lambda changes: None  # type: ignore[attr-defined]
        await elsewhere(tmp_path, clock, "ada", ref, (c.Withdraw, {"reason": "Gone"}))
        await robot.press("E")
        assert "Your words are kept" in robot.screen.query_one(Hints).said
        assert [draft.fields["text"] for draft in robot.app.journal.drafts()] == ["precious"]
