"""The people and things a desk serves: companies, contacts, contracts, services, items (R028-R036, R179-R181).

Each is a record whose latest `Registered` event is its state. `key` is the customer's own stable name for it
(a customer number, a contract number, a serial number): importing the same key again changes, never doubles.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Literal, get_args
from uuid import UUID, uuid5

from pydantic import Field, TypeAdapter

from deskterm.desk.record import Kept, told_apart
from deskterm.desk.records.ticket import ChannelKind

_SPACE = UUID("6f0e3f0a-8d0c-5a39-9a56-6b2f3c7d9e11")


class Company(Kept):
    """A customer."""

    kind: Literal["company"] = "company"
    key: str
    name: str
    region: str = ""
    account_manager: str = ""
    language: str = "en"
    remote_product: str = ""
    sites: tuple[str, ...] = ()
    note: str = ""


class Contact(Kept):
    """Somebody at a customer, and how they like to be reached (R029)."""

    kind: Literal["contact"] = "contact"
    key: str
    company: str
    """Key of the company."""
    name: str
    phone: str = ""
    mobile: str = ""
    email: str = ""
    prefers: ChannelKind = "phone"
    language: str = ""
    site: str = ""
    is_main: bool = False
    role: str = ""


class Contract(Kept):
    """What a customer is covered for."""

    kind: Literal["contract"] = "contract"
    key: str
    company: str
    service_level: str = ""
    cover: Literal["standard", "always", "bespoke"] = "standard"
    hours: str = ""
    levels: Literal["L0", "L0+L1", ""] = ""
    starts: date | None = None
    ends: date | None = None
    requires: tuple[str, ...] = ()
    """Intake field keys this contract requires, over what the desk file says (R008)."""


class Service(Kept):
    """Something a customer uses and we support (R018, R033, R036)."""

    kind: Literal["service"] = "service"
    key: str
    company: str
    name: str
    contract: str = ""
    critical: bool = False
    circuit: str = ""
    contact_points: str = ""


class Item(Kept):
    """A configuration item (R035)."""

    kind: Literal["item"] = "item"
    key: str
    """Serial number."""
    company: str
    make: str = ""
    model: str = ""
    version: str = ""
    location: str = ""
    service: str = ""
    contract: str = ""


class Solution(Kept):
    """A known solution of the pool, from the desk file or an import (R132)."""

    kind: Literal["solution"] = "solution"
    key: str
    title: str
    category: str = ""
    words: tuple[str, ...] = ()
    steps: str
    resolution: str


Entry = Annotated[Company | Contact | Contract | Service | Item | Solution, Field(discriminator="kind")]
"""Any record of the customer base."""


@cache
def any_entry() -> TypeAdapter[Entry]:
    """Read any record of the customer base back from its JSON form."""
    return told_apart(get_args(get_args(Entry)[0]))


def record_id(kind: str, key: str) -> UUID:
    """The id of the record of this kind with this key: the same on every machine, so imports repeat safely."""
    return uuid5(_SPACE, f"{kind}:{key.strip().casefold()}")
