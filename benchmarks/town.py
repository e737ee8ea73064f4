"""The invented customers of a benchmark's desk, and the words that people use there: as many as the desk is old.

Telephone numbers are of the ranges that are reserved for fiction; every address lies under `.example`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, Final
from uuid import UUID

from deskterm.demo.troubles import read
from deskterm.desk.fold import tokens
from deskterm.desk.records.customers import Company, Contact, Contract, Entry, Item, record_id

_AREAS: Final = (
    "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0", "0117 496 0", "0118 496 0", "0121 496 0", "0131 496 0",
    "0141 496 0", "0151 496 0", "0161 496 0", "0191 498 0", "020 7946 0", "028 9649 6", "029 2018 0", "01632 960",
    "07700 900", "0808 157 0", "0306 999 0",
)  # fmt: skip
_BEGIN: Final = ("b", "br", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "th", "tr", "v", "w")
_MIDDLE: Final = ("a", "e", "i", "o", "u", "ai", "ea", "oo")
_END: Final = ("", "l", "m", "n", "nd", "r", "rt", "s", "st", "x")
_TRADES: Final = (
    "Freight",
    "Foods",
    "Clinic",
    "Schools",
    "Glass",
    "Textiles",
    "Motors",
    "Insurance",
    "Optics",
    "Hotels",
)
_RARE: Final = 60_000
"""Words beyond those of the troubles: names of programs, streets and people, each rarer than the one before."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may ring; ids where the desk knows them."""

    name: str
    company: str
    phone: str
    email: str = ""
    contact_id: UUID | None = None
    company_id: UUID | None = None
    contract: Contract | None = None
    item: str = ""
    site: str = ""


class Town:
    """So many companies, each with four people; and any number of people whom the desk does not know."""

    def __init__(self, companies: int, rng: Random) -> None:
        self.rng = rng
        self.entries: list[Entry] = []
        self.known: list[Caller] = []
        data = read("people.toml")
        self._given = [given for names in data["names"] for given in names["given"]]
        self._family = [family for names in data["names"] for family in names["family"]]
        self._rare = [self.word(2 + n % 2) for n in range(_RARE)]
        self._weights = list(accumulate(1 / (n + 20) for n in range(_RARE)))
        for number in range(companies):
            self._company(number, data)

    def caller(self) -> Caller:
        """Who rings now: mostly a registered contact, one time in ten somebody else."""
        if self.rng.random() < 0.9:
            return self.rng.choice(self.known)
        of = self.rng.choice(self.known)
        return Caller(self._name(), of.company, self._phone(), company_id=of.company_id, contract=of.contract)

    def rare(self, many: int) -> list[str]:
        """Some of the rarer words, as they come up in talk."""
        return self.rng.choices(self._rare, cum_weights=self._weights, k=many)

    def word(self, syllables: int) -> str:
        """A made-up word."""
        choice = self.rng.choice
        return "".join(choice(_BEGIN) + choice(_MIDDLE) + choice(_END) for _ in range(syllables))

    def _company(self, number: int, data: dict[str, Any]) -> None:
        rng, key = self.rng, f"C{1001 + number}"
        name = f"{self.word(2).capitalize()} {rng.choice(_TRADES)}"
        sites = tuple(self.word(2).capitalize() for _ in range(rng.choice((1, 1, 2, 3))))
        company = Company(key=key, name=name, sites=sites)
        contract = Contract(key=f"{name[:3].upper()}-{20000 + number}", company=key, service_level="standard")
        make, model = rng.choice(data["devices"])
        item = Item(
            key=f"{rng.randint(2, 9)}K-{100000 + number}", company=key, make=make, model=model, location=sites[0]
        )
        self.entries += [company, contract, item]
        domain = "".join(tokens(name))
        for index in range(4):
            person, phone, site = self._name(), self._phone(), rng.choice(sites)
            email = f"{'.'.join(tokens(person))}@{domain}.example"
            contact = Contact(
                key=f"{key}-{index + 1}", company=key, name=person, phone=phone, email=email, site=site,
                is_main=index == 0,
            )  # fmt: skip
            self.entries.append(contact)
            ids = record_id("contact", contact.key), record_id("company", key)
            self.known.append(Caller(person, name, phone, email, *ids, contract, item.key, site))

    def _name(self) -> str:
        return f"{self.rng.choice(self._given)} {self.rng.choice(self._family)}"

    def _phone(self) -> str:
        return f"{self.rng.choice(_AREAS)}{self.rng.randrange(1000):03}"
