"""The demo's customers: invented companies, the people who call, and what they have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from deskterm.demo.troubles import read
from deskterm.desk.deskfile import DeskFile
from deskterm.desk.fold import tokens
from deskterm.desk.records.customers import Company, Contact, Contract, Entry, Item, Service, Solution
from deskterm.desk.records.ticket import ChannelKind

_PREFERS: tuple[ChannelKind, ...] = ("phone", "phone", "email", "portal")
_FEWEST = 6
_DEMANDED = ("phone", "item", "location", "software_version")
"""Fields that some contracts require over what the desk asks."""
_NOTES = ("", "", "", "Ask for the reception bell, the doorbell is broken.", "Please no calls between 12 and 13.")


@dataclass(slots=True)
class Customer:
    """A company with everything that belongs to it."""

    company: Company
    contacts: list[Contact] = field(default_factory=list)
    contract: Contract | None = None
    services: list[Service] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def entries(self) -> list[Entry]:
        """Its records, in an order in which each finds what it refers to."""
        contract = [self.contract] if self.contract else []
        return [self.company, *self.contacts, *contract, *self.services, *self.items]


def solutions() -> list[Solution]:
    """The pool of known solutions that the demo adds to the desk file's own."""
    return [Solution(**raw) for raw in read("solutions.toml")["solution"]]


def invent(desk: DeskFile, sample: str, tickets: int, today: date, rng: Random) -> list[Customer]:
    """Invent the customers of a desk, fewer where there is little to tell: the same for the same random numbers."""
    data = read("people.toml")
    people = _People(data["names"], {o.name for o in desk.operator}, rng)
    return [
        _customer(number, raw, people, data, desk, read("desks.toml")[sample]["services"], today, rng)
        for number, raw in enumerate(data["companies"][: max(_FEWEST, tickets // 4)])
    ]


class _People:
    """Names and telephone numbers, each given to one person only."""

    def __init__(self, names: list[dict[str, list[str]]], taken: set[str], rng: Random) -> None:
        everyone = [f"{given} {family}" for n in names for given in n["given"] for family in n["family"]]
        self._names = [name for name in everyone if name not in taken]
        rng.shuffle(self._names)
        # The range that is reserved for fiction; the first numbers are left to desks.
        self._numbers = list(range(200, 1000))
        rng.shuffle(self._numbers)

    def name(self) -> str:
        """A name that nobody has yet."""
        return self._names.pop()

    def phone(self) -> str:
        """A number that nobody has yet."""
        return f"+44 7700 900{self._numbers.pop():03}"


def _region(desk: DeskFile, home: str, number: int) -> str:
    """Where a customer belongs: to a region that the desk has a line for, but for one in nine (R032)."""
    lines = [channel.region for channel in desk.channel if channel.kind == "phone" and channel.region]
    return lines[number % 5 == 4 and len(lines) > 1] if lines and number % 9 != 8 else home


def _customer(
    number: int, raw: list[Any], people: _People, data: dict[str, Any], desk: DeskFile, sold: list[str],
    today: date, rng: Random,
) -> Customer:  # fmt: skip
    name, domain, region, sites = raw
    key = f"C{1001 + number * 7}"
    manager = next((o.name for o in desk.operator if o.level == "supervisor"), "")
    company = Company(
        key=key, name=name, region=_region(desk, region, number), sites=tuple(sites), account_manager=manager,
        note=rng.choice(_NOTES),
        remote_product=rng.choice(desk.desk.remote_products) if desk.desk.remote_products else "",
    )  # fmt: skip
    customer = Customer(company)
    for index in range(rng.choice((2, 2, 3, 3, 4, 5))):
        customer.contacts.append(_contact(f"{key}-{index + 1}", company, domain, index, people, data, rng))
    customer.contract = _contract(company, number, desk, today, rng)
    for index, title in enumerate(rng.sample(sold, rng.choice((1, 2, 2, 3)))):
        service = Service(
            key=f"S{number + 1:02}{index + 1}", company=key, name=title, contract=customer.contract.key,
            critical=index == 0 and rng.random() < 0.5, circuit=f"CCT-{4100 + 9 * number + index}",
            contact_points=desk.channel[0].addresses[0] if desk.channel and desk.channel[0].addresses else "",
        )  # fmt: skip
        customer.services.append(service)
    for make, model in rng.sample(data["devices"], rng.choice((2, 3, 3, 4))):
        serial = f"{rng.randint(2, 9)}{rng.choice('KMRTX')}{rng.choice('ABCHJ')}-{rng.randint(10000, 99999)}"
        item = Item(
            key=serial, company=key, make=make, model=model, version=f"{rng.randint(1, 4)}.{rng.randint(0, 9)}",
            location=f"{rng.choice(sites)}, {rng.choice(data['places'])}", service=customer.services[0].key,
            contract=customer.contract.key,
        )  # fmt: skip
        customer.items.append(item)
    return customer


def _contact(
    key: str, company: Company, domain: str, index: int, people: _People, data: dict[str, Any], rng: Random
) -> Contact:
    name = people.name()
    address = ".".join(tokens(name))
    return Contact(
        key=key, company=company.key, name=name, phone=people.phone(), email=f"{address}@{domain}.example",
        mobile=people.phone() if rng.random() < 0.3 else "", prefers=rng.choice(_PREFERS), is_main=index == 0,
        site=rng.choice(company.sites), role=data["roles"][0] if index == 0 else rng.choice(data["roles"][1:]),
    )  # fmt: skip


def _contract(company: Company, number: int, desk: DeskFile, today: date, rng: Random) -> Contract:
    level = rng.choice(desk.contract_level) if desk.contract_level else None
    began = today - timedelta(days=rng.randint(40, 900))
    # A few are about to end, so that renewals have something to show.
    ends = today + timedelta(days=rng.choice((25, 80, 200, 400, 700)))
    words = [word[0] for word in tokens(company.name)]
    asked = [f.key for f in desk.intake if f.need == "asked" and f.key in _DEMANDED]
    return Contract(
        key=f"{''.join(words).upper()[:3]}-{204 + 11 * number}", company=company.key,
        service_level=level.name if level else "standard", levels=level.levels if level else "",
        cover="always" if level and level.calendar == "always" else "standard",
        starts=began, ends=ends, requires=tuple(asked[:2]) if rng.random() < 0.4 else (),
    )  # fmt: skip
