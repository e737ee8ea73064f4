"""A change at the desk of the robots, for tests of its screen: raised from a ticket, filled in, brought to a state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from deskterm.desk.changes.views import ChangeView
from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import ChangeState, Section
from deskterm.screens.change import ChangeScreen
from deskterm.store.base import Store
from deskterm.store.opening import open_store
from tests.robot import START, Clock, Robot, log_ticket, store_url

OPENS: Final = START + timedelta(hours=12)
"""When the window opens: 22:00 in London, the evening of the robots' Monday."""
ENDS: Final = OPENS + timedelta(minutes=90)
AGREED: Final[dict[str, Any]] = {"by": "Rosa Amadi", "channel": "email", "evidence": "message <7@brook.example>"}


Step = tuple[ChangeState, Callable[[], Awaitable[None]]]
"""A step of a change's way: the state that it reaches, and how."""


class Hands:
    """Somebody else at the desk, at another machine."""

    def __init__(self, folder: Path, clock: Clock, who: str, change: UUID) -> None:
        self.folder, self.clock, self.who, self.change = folder, clock, who, change
        self._store: Store | None = None

    async def store(self) -> Store:
        """Their store, opened when it is needed first."""
        if self._store is None:
            self._store = await open_store(store_url(self.folder), operator=self.who, clock=self.clock)
        return self._store

    async def leaves(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            await self._store.close()

    async def does(self, command: type[c.ChangeCommand], /, **asked: Any) -> None:
        """Submit a command about the change."""
        made: Any = command(change=self.change, **asked)
        await (await self.store()).submit(made)

    async def look(self) -> ChangeView:
        """The change as they see it."""
        return await (await self.store()).change(self.change)

    async def ticks(self, section: Section) -> None:
        """Do every row of a section."""
        for row in (await self.look()).change.rows_of(section):
            if section is Section.TESTING:
                await self.does(c.RecordTest, row=row.id, passed=True)
            else:
                await self.does(c.TickRow, row=row.id)


class Night:
    """A change and those who work on it: Priya makes it, Lukas is a colleague, Ruth supervises."""

    def __init__(self, folder: Path, clock: Clock, change: UUID, ref: str, maker: str) -> None:
        self.folder, self.clock, self.change, self.ref = folder, clock, change, ref
        self.rows: tuple[str, ...] = ("First", "Second")
        self.maker = Hands(folder, clock, maker, change)
        self.priya = self.maker if maker == "priya" else Hands(folder, clock, "priya", change)
        self.lukas = Hands(folder, clock, "lukas", change)
        self.ruth = Hands(folder, clock, "ruth", change)

    async def is_over(self) -> None:
        """Everybody lets go of their store."""
        for hands in {self.maker, self.priya, self.lukas, self.ruth}:
            await hands.leaves()

    async def fills_the_form(self) -> None:
        """All that a form needs, two rows in each section; a standard change has its rows already."""
        window = {"starts": OPENS.isoformat(), "ends": ENDS.isoformat()}
        told = {"systems": ["fw-1", "fw-2"], "contact_phone": "+44 7700 900123", **window}
        await self.maker.does(c.AmendChange, changes=told)
        for section in Section:
            for word in self.rows if self.maker is self.priya else ():
                await self.maker.does(c.AddRow, section=section, text=f"{word} of {section}")

    async def goes_to(self, state: ChangeState) -> None:
        """Bring a draft to a state, by the shortest way."""
        if state in (ChangeState.VERBALLY_APPROVED, ChangeState.FORM_OUTSTANDING):
            await self._speaks(state)
            return
        await self.fills_the_form()
        for reached, step in self._way(state):
            if state is ChangeState.DRAFT:
                return
            await step()
            if reached is state:
                return

    def _way(self, state: ChangeState) -> list[Step]:
        """The steps to a state, each with the state that it reaches."""
        S, p = ChangeState, self.maker  # noqa: N806 - as short as the table it walks
        asked: list[Step] = [
            (S.SUBMITTED, lambda: p.does(c.SubmitChange)),
            (S.ASSESSING, lambda: p.does(c.AssessChange)),
            (S.AWAITING, lambda: p.does(c.SendForm)),
        ]
        agreed: list[Step] = [*asked, (S.APPROVED, lambda: self.lukas.does(c.RecordApproval, **AGREED))]
        if self.maker is not self.priya:
            agreed = [(S.APPROVED, lambda: p.does(c.SubmitChange))]
        started: list[Step] = [
            *agreed,
            (S.SCHEDULED, lambda: p.does(c.ScheduleChange)),
            (S.IMPLEMENTING, self._starts),
        ]
        day = timedelta(days=1)
        undone: list[Step] = [
            (S.ROLLING_BACK, lambda: p.does(c.RollBack, reason="It failed.")),
            (S.ROLLED_BACK, self._is_undone),
            (S.RESCHEDULED, lambda: p.does(c.RescheduleChange, starts=OPENS + day, ends=ENDS + day)),
        ]
        made: list[Step] = [
            (S.TESTING, self._tests),
            (S.IMPLEMENTED, self._finishes),
            (S.IN_REVIEW, lambda: p.does(c.ReviewChange)),
            (S.CLOSED, lambda: self.ruth.does(c.CloseChange, outcome="successful", note="As planned.")),
        ]
        aside: dict[ChangeState, list[Step]] = {
            S.CANCELLED: [(S.CANCELLED, lambda: p.does(c.CancelChange, reason="Not needed any more."))],
            S.REJECTED: [*asked, (S.REJECTED, lambda: self.lukas.does(c.RecordRejection, **AGREED))],
            S.OVERRUN: [*started, (S.OVERRUN, self._overruns)],
            **{each: [*started, *undone] for each in (S.ROLLING_BACK, S.ROLLED_BACK, S.RESCHEDULED)},
        }
        return aside.get(state, [*started, *made])

    async def _starts(self) -> None:
        await self.maker.ticks(Section.PREREQUISITES)
        self.clock.moment = OPENS
        await self.maker.does(c.StartChange)

    async def _overruns(self) -> None:
        self.clock.moment = ENDS
        await (await self.maker.store()).tick()

    async def _tests(self) -> None:
        await self.maker.ticks(Section.IMPLEMENTATION)
        await self.maker.does(c.BeginTests)

    async def _finishes(self) -> None:
        await self.maker.ticks(Section.TESTING)
        await self.maker.does(c.FinishChange)

    async def _is_undone(self) -> None:
        await self.maker.ticks(Section.ROLLBACK)
        await self.maker.does(c.FinishRollBack)

    async def _speaks(self, state: ChangeState) -> None:
        said = {"by": "Rosa Amadi", "said": "Go ahead now.", "ends": self.clock.moment + timedelta(hours=2)}
        await self.lukas.does(c.RecordSpokenApproval, **said)
        if state is ChangeState.FORM_OUTSTANDING:
            await self.priya.does(c.StartChange)
            await self.priya.does(c.AddRow, section=Section.IMPLEMENTATION, text="Restart the standby unit")
            await self.priya.ticks(Section.IMPLEMENTATION)
            await self.priya.does(c.BeginTests)
            await self.priya.does(c.FinishChange)


async def planned(folder: Path, clock: Clock, kind: str = "normal") -> Night:
    """A change raised from an incident, as a draft; a standard one by level 1, from a model of the desk."""
    who = "kofi" if kind == "standard" else "priya"
    ticket = await log_ticket(folder, clock, summary=f"Replace firewall rule set ({kind})", to="net-2", item="fw-1")
    store = await open_store(store_url(folder), operator=who, clock=clock)
    asked = {"ticket": (await store.ticket(ticket)).ticket.id, "change_kind": kind}
    model = {"model": "switch-port"} if kind == "standard" else {}
    receipt = await store.submit(c.RaiseChange.model_validate(asked | model))
    await store.close()
    return Night(folder, clock, receipt.record_id, receipt.ref, who)


async def opens(robot: Robot, change: UUID | str) -> ChangeScreen:
    """Open a change in the app, and wait until it stands there."""
    robot.app.open_change(change)
    await robot.until(lambda: isinstance(robot.screen, ChangeScreen) and robot.screen.view_in_front() is not None)
    await robot.settle()
    return front(robot)


def front(robot: Robot) -> ChangeScreen:
    """The change in front."""
    assert isinstance(robot.screen, ChangeScreen), robot.screen
    return robot.screen


def change_of(robot: Robot) -> Any:
    """The change as the screen in front shows it."""
    view = front(robot).view_in_front()
    assert view is not None
    return view.change


def texts(robot: Robot, section: Section) -> list[str]:
    """What the rows of a section say, as the screen has them."""
    return [row.text for row in change_of(robot).rows_of(section)]
