"""A desk where every word comes from a stranger: its file, its customers, its tickets, its views and its drafts.

desk = await lay_out(folder, Hostile("queue"), tickets=8)
async with at_the_desk(folder, clock=desk.clock) as robot: ...
assert await desk.changed(robot.store) == []
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.customers import Company, Contact, Contract, Entry, Item, Service, record_id
from deskterm.desk.records.ticket import Facts, JoinedCaller, Synopsis
from deskterm.store.base import Store
from deskterm.store.drafts import Journal
from deskterm.store.opening import open_store
from deskterm.text import clean_for_store
from tests.faults.hostile import Given, Hostile
from tests.robot import START, Clock, store_url

SAMPLE: Final = "managed-network"
_NAMED: Final = ("name", "title", "short", "definition", "label", "hint", "category", "steps", "resolution", "ask")
"""Keys of a desk file that hold words for people, wherever no other part refers to them."""
_PARTS: Final = ("scales", "group", "operator", "intake", "pending", "solution", "channel")
"""Parts of a desk file that are full of such words."""
_NAMES_THEMSELVES: Final = ("group",)
"""Parts whose `name` others refer to."""
PEOPLE: Final = ("ada", "ben", "kofi", "priya", "wei", "ruth")


@dataclass
class HostileDesk:
    """What was laid out, to be compared with what stands there later."""

    folder: Path
    hostile: Hostile
    clock: Clock
    facts: dict[str, Facts] = field(default_factory=dict)
    """What each ticket was logged with, by its reference."""
    refs: list[str] = field(default_factory=list)

    async def changed(self, store: Store) -> list[str]:
        """References whose words are no longer what the strangers wrote."""
        found = []
        for ref, facts in self.facts.items():
            kept = (await store.ticket(ref)).ticket
            mine, stored = facts.model_dump(exclude={"fields"}), kept.model_dump(include=set(Facts.model_fields))
            wrong = [name for name, words in mine.items() if _as_stored(words) != stored[name]]
            wrong += [name for name, words in facts.fields.items() if _as_stored(words) != kept.fields.get(name)]
            found += [f"{ref}: {name}" for name in wrong]
        return found


async def lay_out(folder: Path, hostile: Hostile, *, tickets: int, drafts: int = 0) -> HostileDesk:
    """Fill a folder with a desk of so many tickets, in every status there is."""
    clock = Clock(START - timedelta(hours=3))
    desk = HostileDesk(folder, hostile, clock)
    store = await open_store(store_url(folder), clock=clock)
    await store.submit(c.LoadDesk(name=hostile.line().text, source=desk_file(hostile)))
    await store.close()
    async with stores(folder, clock) as by:
        customers = list(_customers(hostile))
        for entry in customers:
            await by["ada"].submit(c.Register(entry=entry))
        for number in range(tickets):
            clock.forward(minutes=1)
            await _log(desk, by["ada"], customers, number)
            await _live(hostile, by, desk.refs[-1], number)
        for _ in range(3):
            await by["ada"].submit(c.SaveView(name=hostile.line().text, base="all", text=hostile.mark()))
    leave_drafts(folder, hostile, desk.refs, drafts)
    clock.moment = START
    return desk


@asynccontextmanager
async def stores(folder: Path, clock: Clock) -> Any:
    """The desk as each of the people sees it, by login."""
    async with AsyncExitStack() as stack:
        opened = {}
        for who in PEOPLE:
            opened[who] = await open_store(store_url(folder), operator=who, clock=clock)
            stack.push_async_callback(opened[who].close)
        yield opened


def desk_file(hostile: Hostile) -> str:
    """A sound desk file in which all that people read is hostile."""
    raw: dict[str, Any] = tomllib.loads(load_sample(SAMPLE)[0])
    raw["desk"] |= {key: hostile.line().text for key in ("name", "classification", "portal")}
    for part in _PARTS:
        _spoil(raw[part], hostile, keep=("name",) if part in _NAMES_THEMSELVES else ())
    return "\n".join(f"{key} = {toml(value)}" for key, value in raw.items())


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    match value:
        case dict():
            return "{ " + ", ".join(f"{toml(str(key))} = {toml(each)}" for key, each in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(_escaped(letter) for letter in clean_for_store(value)) + '"'
    return str(value)


def leave_drafts(folder: Path, hostile: Hostile, refs: list[str], number: int) -> None:
    """Leave unsaved words behind, of every kind there is and of some there are not."""
    journal = Journal(folder / "drafts", clock=lambda: datetime(2026, 3, 16, 9, 0, tzinfo=UTC))
    kinds = ("call", "note", "hand-off", "resolve", "amend", "chase", hostile.line().text)
    for n in range(number):
        kind = kinds[n % len(kinds)]
        about = "" if kind == "call" else hostile.line().text if n % 3 == 0 else refs[n % len(refs)]
        draft = journal.open(clean_for_store(kind), about=clean_for_store(about))
        for name in ("summary", "text", "reason", "description", "company", "field.make", hostile.line().text):
            draft.write(clean_for_store(name), clean_for_store(hostile.line().text))
        draft.close()
    journal.close()


def _spoil(value: Any, hostile: Hostile, keep: tuple[str, ...]) -> None:
    """Put hostile words wherever people read some."""
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            _spoil(each, hostile, keep)
    if isinstance(value, dict):
        for key, words in value.items():
            if key in _NAMED and key not in keep and isinstance(words, str):
                value[key] = hostile.line().text
            elif key in ("words", "choices", "skills") and words:
                value[key] = [hostile.line().text, *words]


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() and letter not in '"\\' else f"\\U{ord(letter):08x}"


def _as_stored(words: object) -> object:
    return clean_for_store(words) if isinstance(words, str) else words


def _customers(hostile: Hostile) -> Iterable[Entry]:
    """A few companies with all they have."""

    def words() -> str:
        return clean_for_store(hostile.line().text)

    for _ in range(4):
        company = Company(
            key=words(), name=words(), region=words(), account_manager=words(), language=words(),
            remote_product=words(), sites=(words(), words()), note=words(),
        )  # fmt: skip
        contract = Contract(key=words(), company=company.key, service_level=words(), hours=words(), cover="bespoke")
        service = Service(
            key=words(), company=company.key, name=words(), contract=contract.key, circuit=words(),
            contact_points=words(),
        )  # fmt: skip
        yield company
        yield contract
        yield service
        yield Item(
            key=words(), company=company.key, make=words(), model=words(), version=words(), location=words(),
            service=service.key, contract=contract.key,
        )  # fmt: skip
        for _ in range(2):
            yield Contact(
                key=words(), company=company.key, name=words(), phone=words(), mobile=words(), email=words(),
                language=words(), site=words(), role=words(),
            )  # fmt: skip


async def _log(desk: HostileDesk, store: Store, customers: list[Entry], number: int) -> None:
    """Log a ticket with a stranger's word in every fact; every second one by somebody who is known."""
    said: dict[str, Any] = {
        name: desk.hostile.line().text
        for name in ("summary", "description", "company", "contact", "phone", "email", "contract", "service", "item")
    }
    said["fields"] = {name: desk.hostile.line().text for name in ("make", "model", "diagnosis", "location")}
    said |= {"impact": ("high", "medium", "low")[number % 3], "urgency": "high", "type": "incident"}
    if number % 2:
        contact = [entry for entry in customers if isinstance(entry, Contact)][number % 8]
        said |= {
            "company_id": record_id("company", contact.company), "contact_id": record_id("contact", contact.key),
        }  # fmt: skip
    facts = Facts.model_validate(said)
    receipt = await store.submit(c.LogCall(facts=facts, hand_to="net-2" if number % 8 else None))
    desk.refs.append(receipt.ref)
    desk.facts[receipt.ref] = facts


async def _live(hostile: Hostile, by: dict[str, Store], ref: str, number: int) -> None:
    """Let a ticket get as far as its number says."""

    def words() -> str:
        return hostile.line().text

    ticket = (await by["ada"].ticket(ref)).ticket.id
    caller = JoinedCaller(company=words(), contact=words(), phone=words(), words=words())
    synopsis = Synopsis(issue=words(), steps=words(), resolution=words())
    story: tuple[tuple[str, c.AnyTicketCommand], ...] = (
        ("ada", c.AddNote(ticket=ticket, text=words())),
        ("ada", c.RecordContact(ticket=ticket, reason="chase", who=words(), text=words())),
        ("ada", c.JoinCaller(ticket=ticket, caller=caller)),
        ("wei", c.HandOff(ticket=ticket, to="net-2" if number % 8 == 0 else "noc", reason=words())),
        ("priya", c.Take(ticket=ticket)),
        ("priya", c.Start(ticket=ticket)),
        ("priya", c.OpenVendorTask(ticket=ticket, vendor="harbour-tac", vendor_reference=words(), text=words())),
        ("priya", c.OverridePriority(ticket=ticket, priority="p2", reason=words())),
        ("priya", c.Pend(ticket=ticket, reason="customer-info", text=words())),
        ("priya", c.Resume(ticket=ticket, text=words())),
        ("priya", c.Resolve(ticket=ticket, synopsis=synopsis, article=words(), no_article_because=words())),
        ("ada", c.RecordAnswer(ticket=ticket, answer="no" if number % 2 else "yes", by=words(), words=words())),
    )
    for who, command in story[: 1 + (number * 5) % (len(story) + 1)]:
        await by[who].submit(command)


def given_in(text: str, hostile: Hostile) -> list[Given]:
    """The hostile texts that stand in a text."""
    return [given for given in hostile.given if given.mark in text]
