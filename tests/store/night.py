"""A change at a place, and those who work on it, for the tests of every store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import ChangeState, Header, Section
from deskterm.desk.tickets.views import Receipt
from deskterm.store.local import LocalStore
from tests.change_story import APPROVED_BY
from tests.store.conftest import Place, log

HOUR = timedelta(hours=1)


class Night:
    """A change at a place, and those who work on it."""

    def __init__(self, place: Place, tom: LocalStore, lea: LocalStore, sue: LocalStore, receipt: Receipt) -> None:
        self.place, self.tom, self.lea, self.sue = place, tom, lea, sue
        self.id, self.ref = receipt.record_id, receipt.ref
        self.opens = place.clock.now + 4 * HOUR
        self.ends = self.opens + HOUR

    async def does(self, who: LocalStore, command: type[c.ChangeCommand], /, **asked: Any) -> Receipt:
        """Submit a command about the change."""
        made: Any = command(change=self.id, **asked)
        return await who.submit(made)

    async def state(self) -> ChangeState:
        """Where it stands."""
        return (await self.tom.change(self.id)).change.state

    async def fills_the_form(self) -> None:
        """All that a form needs, a row in each section."""
        window = {"starts": self.opens.isoformat(), "ends": self.ends.isoformat()}
        told = {"systems": ["fw-1"], "engineer_phone": "+44 7700 900100", **window}
        await self.does(self.tom, c.AmendChange, changes=told)
        for section in Section:
            await self.does(self.tom, c.AddRow, section=section, text=f"The {section.value}")

    async def is_agreed(self) -> None:
        """From a filled draft to Scheduled."""
        for command in (c.SubmitChange, c.AssessChange, c.SendForm):
            await self.does(self.tom, command)
        await self.does(self.lea, c.RecordApproval, **APPROVED_BY)
        await self.does(self.tom, c.ScheduleChange)

    async def ticks(self, section: Section) -> None:
        """Do every row of a section."""
        for row in (await self.tom.change(self.id)).change.rows_of(section):
            if section is Section.TESTING:
                await self.does(self.tom, c.RecordTest, row=row.id, passed=True)
            else:
                await self.does(self.tom, c.TickRow, row=row.id)

    async def begins(self) -> None:
        """From Scheduled to Implementing."""
        await self.ticks(Section.PREREQUISITES)
        self.place.clock.now = self.opens
        await self.does(self.tom, c.StartChange)


async def planned(place: Place, **asked: Any) -> Night:
    """A change raised from an incident."""
    tom, lea, sue = [await place.open(name) for name in ("Tom", "Lea", "Sue")]
    ticket = await log(await place.open("Nora"), "net-2", summary="Firewall drops calls")
    receipt = await tom.submit(c.RaiseChange(ticket=ticket.record_id, **asked))
    return Night(place, tom, lea, sue, receipt)


async def at_work(place: Place) -> Night:
    """A change being made in its window."""
    night = await planned(place)
    await night.fills_the_form()
    await night.is_agreed()
    await night.begins()
    return night


def window(starts: datetime, ends: datetime, *systems: str) -> Header:
    """A header that only has a window and systems."""
    return Header(title="Another", systems=systems, starts=starts, ends=ends)
