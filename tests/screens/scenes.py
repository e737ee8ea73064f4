"""Moments of a Monday morning worth a picture: who sits there, and the keys that lead to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from textual import events

from deskterm.widgets.call_clock import CallClock
from tests.morning import NOW, Morning
from tests.robot import Robot, log_ticket
from tests.screens.change_scenes import CHANGES
from tests.screens.plan_scenes import PLANS
from tests.screens.presence_scenes import PRESENCE

Play = Callable[[Robot, Mapping[str, str]], Awaitable[None]]
"""Plays a scene; gets the references of the tickets by their word in the story."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture to take: as whom, by which keys, and whether there is a desk at all."""

    play: Play
    operator: str | None = "ada"
    on_a_desk: bool = True

    async def played(self, robot: Robot, morning: Morning) -> None:
        """Play it to its end and let everything come to rest."""
        await self.play(robot, morning.refs)
        await robot.settle()


# -- the queue


async def queue(robot: Robot, refs: Mapping[str, str]) -> None:
    """All that is open."""
    await robot.press("5")


async def queue_marked(robot: Robot, refs: Mapping[str, str]) -> None:
    """Two rows marked."""
    await robot.press("5", "down", "space", "down", "space")


async def queue_without_a_hit(robot: Robot, refs: Mapping[str, str]) -> None:
    """A filter that fits nothing."""
    await robot.press("5", "slash")
    await robot.types("elevator")


async def queue_refusing(robot: Robot, refs: Mapping[str, str]) -> None:
    """An act that is refused, with the rule that says so."""
    await robot.press("5", "t")


async def queue_done(robot: Robot, refs: Mapping[str, str]) -> None:
    """An act that was done."""
    await robot.press("slash")
    await robot.types("export")
    await robot.press("enter", "t")
    await robot.until(lambda: robot.shows("is yours") and robot.shows("· desk-1 · Ben"))


# -- a call


async def call_empty(robot: Robot, refs: Mapping[str, str]) -> None:
    """A call that has just begun."""
    await robot.press("f2")
    await _later(robot, seconds=4)


async def call_picking(robot: Robot, refs: Mapping[str, str]) -> None:
    """Callers to pick from."""
    await robot.press("f2")
    await robot.types("brook")
    await _later(robot, seconds=9)


async def call_known(robot: Robot, refs: Mapping[str, str]) -> None:
    """A call by somebody who is known, in the midst of it."""
    await robot.press("f2")
    await robot.types("rosa")
    await robot.press("enter")
    await says(robot, "Handset base has lost its link")
    await robot.press("tab")
    await says(robot, "It searches since the cleaners were in. The other one is fine.")
    await robot.press("tab", "2", "2")
    await _later(robot, minutes=1, seconds=27)


async def call_to_ask(robot: Robot, refs: Mapping[str, str]) -> None:
    """What is still to be asked, being answered."""
    await call_known(robot, refs)
    await robot.press("f5")
    await robot.types("Fabrikat")


async def call_saved(robot: Robot, refs: Mapping[str, str]) -> None:
    """A call with its reference, to be read out."""
    await call_known(robot, refs)
    await robot.press("f8")
    await robot.until(lambda: robot.shows("Reference"))


async def call_new_caller(robot: Robot, refs: Mapping[str, str]) -> None:
    """Somebody new, being entered."""
    await robot.press("f2")
    await robot.types("Zora Quill")
    await robot.press("enter")
    await robot.types("Quill Ltd")
    await robot.press("enter")
    await robot.types("07700 900777")
    await _later(robot, seconds=31)


async def says(robot: Robot, words: str) -> None:
    """Words that come all at once: a picture does not tell how they were typed."""
    robot.app.post_message(events.Paste(words))
    await robot.settle()


async def _later(robot: Robot, **span: float) -> None:
    """Let the call last; its clock and its mark of safety follow once a second, and here at once."""
    robot.clock.forward(**span)
    robot.app.calls[-1].query_one(CallClock).refresh()
    await _kept(robot)


async def _kept(robot: Robot) -> None:
    call = robot.app.calls[-1]
    call.draft.flush()  # type: ignore[attr-defined]
    call.show_kept()  # type: ignore[attr-defined]
    await robot.settle()


# -- a ticket


def ticket(word: str) -> Play:
    """Open a ticket of the story."""

    async def play(robot: Robot, refs: Mapping[str, str]) -> None:
        await robot.press("5", "slash")
        await robot.types(refs[word])
        await robot.press("enter", "enter")

    return play


def ticket_then(word: str, *keys: str, words: str = "") -> Play:
    """Open a ticket of the story, press keys, say words."""

    async def play(robot: Robot, refs: Mapping[str, str]) -> None:
        await ticket(word)(robot, refs)
        await robot.press(*keys)
        await says(robot, words)

    return play


# -- triage


async def triage(robot: Robot, refs: Mapping[str, str]) -> None:
    """A message of this morning is weighed: the questions that fit it, and who could take it."""
    await log_ticket(
        robot.folder, robot.clock, summary="No dial tone on any handset since the move", channel="email",
        description="Since this morning, all six. We moved the base to the other room on Saturday.",
        customer_priority="p2", type=None, impact=None, urgency=None,
    )  # fmt: skip
    robot.clock.forward(minutes=4)
    await robot.press("4", "slash")
    await robot.types("handset")
    await robot.press("enter", "z", "1", "2")


async def triage_weighed(robot: Robot, refs: Mapping[str, str]) -> None:
    """The same, with an answer more."""
    await triage(robot, refs)
    await robot.press("1")


# -- the small screens


async def help_of_the_queue(robot: Robot, refs: Mapping[str, str]) -> None:
    """The keys of the queue."""
    await robot.press("5", "question_mark")


async def command_line(robot: Robot, refs: Mapping[str, str]) -> None:
    """A command, half typed."""
    await robot.press("5", "colon")
    await robot.types("re")


async def palette(robot: Robot, refs: Mapping[str, str]) -> None:
    """What can be done, narrowed by two letters."""
    await robot.press("5", "ctrl+p")
    await robot.types("ca")
    await robot.until(lambda: robot.shows(":new-call"))


async def board(robot: Robot, refs: Mapping[str, str]) -> None:
    """The board."""
    await robot.press("5", "b")


async def board_gone_about(robot: Robot, refs: Mapping[str, str]) -> None:
    """The board, with the cursor on another figure."""
    await robot.press("5", "b", "down", "down", "right", "right")


async def board_ringing(robot: Robot, refs: Mapping[str, str]) -> None:
    """The board at the moment that something is late."""
    await robot.press("5", "b")
    robot.clock.forward(hours=1, minutes=20)
    robot.screen.minute_passed()  # type: ignore[attr-defined]
    await robot.until(lambda: robot.shows("LATE"))


async def board_behind(robot: Robot, refs: Mapping[str, str]) -> None:
    """What stands behind a figure."""
    await robot.press("5", "b", "down", "down", "enter")


async def drafts(robot: Robot, refs: Mapping[str, str]) -> None:
    """Words that were not saved, of two kinds."""
    call = {
        "caller": "quayside",
        "company": "Quayside Hotel",
        "summary": "The bar till cannot reach the card terminal",
        "description": "Since they moved it to the other wall.",
        "impact": "medium",
    }
    note = {"text": "Rang Rosa back: the second handset is dead too, and"}
    for kind, about, words, minutes in (("call", "", call, 12), ("note", refs["dial"], note, 3)):
        robot.clock.moment = NOW - timedelta(minutes=minutes)
        draft = robot.app.journal.open(kind, about=about)
        for name, said in words.items():
            draft.write(name, said)
        draft.close()
    robot.clock.moment = NOW
    await robot.press("5", "f12")


async def welcome(robot: Robot, refs: Mapping[str, str]) -> None:
    """Nothing is there yet."""


async def who(robot: Robot, refs: Mapping[str, str]) -> None:
    """The desk does not know the login."""


SCENES: dict[str, Scene] = {
    "queue": Scene(queue),
    "queue-marked": Scene(queue_marked),
    "queue-without-a-hit": Scene(queue_without_a_hit),
    "queue-refusing": Scene(queue_refusing),
    "queue-done": Scene(queue_done, "ben"),
    "call-empty": Scene(call_empty),
    "call-picking": Scene(call_picking),
    "call-known": Scene(call_known),
    "call-to-ask": Scene(call_to_ask),
    "call-saved": Scene(call_saved),
    "call-new-caller": Scene(call_new_caller),
    "triage": Scene(triage),
    "triage-weighed": Scene(triage_weighed),
    "ticket": Scene(ticket("core"), "tom"),
    "ticket-resolved": Scene(ticket("vpn"), "ada"),
    "ticket-pending": Scene(ticket("firewall"), "lukas"),
    "ticket-why": Scene(ticket_then("firewall", "W"), "lukas"),
    "ticket-what-now": Scene(ticket_then("dial", "a"), "kofi"),
    "form-hand-on": Scene(ticket_then("crackle", "h", words="net")),
    "form-note": Scene(ticket_then("dial", "n", words="Rang Rosa back: the second handset is dead too."), "kofi"),
    "form-resolve": Scene(ticket_then("printer", "r"), "ben"),
    "form-resolve-new": Scene(ticket_then("fibre", "r"), "thandi"),
    "form-confirm": Scene(ticket_then("vpn", "y")),
    "board": Scene(board, "ruth"),
    "board-gone-about": Scene(board_gone_about, "ruth"),
    "board-ringing": Scene(board_ringing, "ruth"),
    "board-behind": Scene(board_behind, "ruth"),
    "help": Scene(help_of_the_queue),
    "command-line": Scene(command_line),
    "palette": Scene(palette),
    "drafts": Scene(drafts),
    "welcome": Scene(welcome, None, on_a_desk=False),
    "who": Scene(who, None),
    **{name: Scene(play, who) for name, (play, who) in PRESENCE.items()},
    **{name: Scene(play, "ruth") for name, play in PLANS.items()},
    **{name: Scene(play, "lukas") for name, play in CHANGES.items()},
}
