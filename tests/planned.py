"""Changes at a robot's desk, planned and led on by others, from another process as it were.

ref = await planned(folder, clock, state=ChangeState.SCHEDULED, starts=clock() + timedelta(hours=4))
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from deskterm.desk.commands import changes as c
from deskterm.desk.records.change import ChangeKind, ChangeState, Header, Section
from deskterm.desk.records.customers import record_id
from deskterm.store.base import Store
from deskterm.store.opening import open_store
from tests.robot import log_ticket, store_url

SUPERVISOR, ENGINEER, OTHER = "ruth", "priya", "kofi"
CONTACT = "Jon Sato"
KEYS = {"Harbour Foods": "HF", "Brook & Lane": "BL", "Alder Clinic": "AC"}
ROWS: dict[Section, tuple[str, ...]] = {
    Section.MOTIVATION: ("The old rules let the tills talk to the office network.", "The auditor asked for it."),
    Section.OUTAGES: ("Tills at Dock 4 drop their sessions for up to two minutes.",),
    Section.PREREQUISITES: ("A copy of the running configuration is kept.", "Jon Sato is on the phone."),
    Section.IMPLEMENTATION: ("Load the new rule set on the standby unit", "Fail over", "Confirm sessions rebuilt"),
    Section.TESTING: ("A till at Dock 4 takes a card payment", "The office network cannot reach a till"),
    Section.ROLLBACK: ("Fail back to the former primary", "Load the old rule set on the standby unit"),
}
"""What the form of every change here says."""


async def planned(
    folder: Path, clock: Callable[[], datetime], *, state: ChangeState = ChangeState.DRAFT,
    change_kind: ChangeKind = "normal", starts: datetime | None = None, minutes: int = 90, **told: Any,
) -> str:  # fmt: skip
    """Plan a change and lead it to a state, up to Implementing; `told` is more of its header. Gives its reference."""
    stores = {who: await open_store(store_url(folder), operator=who, clock=clock) for who in (ENGINEER, OTHER)}
    priya, kofi = stores[ENGINEER], stores[OTHER]
    begins = starts or clock() + timedelta(hours=4)
    known = {
        "title": "Replace the firewall rule set", "company": "Harbour Foods", "systems": ("fw-1",),
        "contact": CONTACT, "contact_phone": "+44 7700 900245", "engineer": "Priya Raman",
        "engineer_phone": "+44 7700 900100", "starts": begins, "ends": begins + timedelta(minutes=minutes),
    }  # fmt: skip
    header = Header.model_validate({**known, **told})
    if header.company in KEYS:
        header = header.model_copy(update={"company_id": record_id("company", KEYS[header.company])})
    case = await log_ticket(folder, clock, summary=header.title, company=header.company, contact=header.contact)
    ticket = (await priya.ticket(case)).ticket.id
    receipt = await priya.submit(c.RaiseChange(ticket=ticket, change_kind=change_kind, facts=header))
    change = receipt.record_id
    if state is not ChangeState.DRAFT:
        for section, texts in ROWS.items():
            for text in texts:
                await priya.submit(c.AddRow(change=change, section=section, text=text))
    agreed = c.RecordApproval(change=change, by=CONTACT, channel="email", evidence="message <7@harbour.example>")
    for reached, who, command in (
        (ChangeState.SUBMITTED, priya, c.SubmitChange(change=change)),
        (ChangeState.ASSESSING, priya, c.AssessChange(change=change)),
        (ChangeState.AWAITING, priya, c.SendForm(change=change)),
        (ChangeState.APPROVED, kofi, agreed),
        (ChangeState.SCHEDULED, priya, c.ScheduleChange(change=change)),
        (ChangeState.IMPLEMENTING, priya, c.StartChange(change=change)),
    ):  # fmt: skip
        if (await priya.change(change)).change.state is state:
            break
        if reached is ChangeState.IMPLEMENTING:
            await done(priya, change, Section.PREREQUISITES)
        await who.submit(command)
    assert (await priya.change(change)).change.state is state
    for store in stores.values():
        await store.close()
    return receipt.ref


async def done(store: Store, change: UUID, section: Section) -> None:
    """Do every row of a section."""
    for row in (await store.change(change)).change.rows_of(section):
        if section is Section.TESTING:
            await store.submit(c.RecordTest(change=change, row=row.id, passed=True))
        else:
            await store.submit(c.TickRow(change=change, row=row.id))


async def elsewhere(folder: Path, clock: Callable[[], datetime], who: str, *commands: Any) -> None:
    """Carry commands out as somebody else."""
    store = await open_store(store_url(folder), operator=who, clock=clock)
    for command in commands:
        await store.submit(command)
    await store.close()
