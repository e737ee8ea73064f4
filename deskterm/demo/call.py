"""A call as it comes in: who rings, about what, by which way, and what the caller could tell."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from deskterm.demo.customers import Customer
from deskterm.demo.troubles import Trouble, read
from deskterm.desk.deskfile import DeskFile, IntakeField, Step
from deskterm.desk.records.customers import Contact, Item, record_id
from deskterm.desk.records.ticket import NOT_GIVEN, ChannelKind, Facts
from deskterm.desk.tickets.intake import OWN_FACTS

_WAYS: dict[ChannelKind, int] = {"phone": 60, "email": 16, "portal": 12, "missed_call": 4, "sms": 2, "in_person": 3}
_SINCE = (("this morning", 0, time(8, 20)), ("noon", 0, time(12, 0)), ("last night", 1, time(22, 40)),
          ("yesterday", 1, time(15, 10)))  # fmt: skip
_TOLD = {
    "diagnosis": ("Restarted it twice.", "Swapped the cable.", "Tried from another desk: the same."),
    "logs": ("Screenshot by e-mail.", "Log of the last hour by e-mail.", "Photograph of the display."),
    "diagnostic_file": ("diagnostics.zip in the portal", "Will be uploaded today."),
    "software_version": ("8.4.1", "8.4.0", "11.2", "2026.1"),
    "site": ("at the main site", "on the road", "working from home"),
    "severity": ("major", "minor"),
}
"""What callers answer to a desk's own fields, by key."""
_ALWAYS_SAID = ("summary", "type", "impact", "urgency", "contact", "company")
"""What even the call that ends in haste has told."""
_DEVICES = {
    "printing": ("printer", "copier"), "voice": ("base", "phone"), "network": ("switch", "router", "firewall", "point"),
    "server": ("server", "storage"), "security": ("firewall",), "carrier": ("router",), "hardware": ("laptop", "till"),
}  # fmt: skip
"""What the devices of a sector are called, by the last word of their model."""
_OF_DEVICE = ("make", "model", "version", "location")
_OF_FAULT = ("diagnosis", "logs", "diagnostic_file", "software_version", "pattern", "ip_address", "severity")


class Call:
    """One call of a customer about a trouble, at an aware moment.

    `skips` leaves required answers out; a call that is not `graded` has no impact and urgency yet.
    """

    def __init__(
        self, desk: DeskFile, customer: Customer, trouble: Trouble, at: datetime, rng: Random, *,
        skips: bool = False, graded: bool = True,
    ) -> None:  # fmt: skip
        self.desk, self.customer, self.trouble, self.at, self.rng = desk, customer, trouble, at, rng
        self.contact = rng.choice(customer.contacts)
        self.item = self._device()
        self.service = rng.choice(customer.services)
        since, self.began = self._since()
        others = [c.name for c in customer.contacts if c is not self.contact]
        self.slots = {
            "who": rng.choice(others),
            "place": rng.choice(read("people.toml")["places"]),
            "site": self.contact.site,
            "item": f"{self.item.make} {self.item.model}" if self.item.key else f"the older {self.item.model}",
            "n": str(rng.randint(2, 14)),
            "since": since,
        }
        facts = self._facts(skips)
        if facts.channel == "monitoring":
            facts = facts.model_copy(update={"contact": "", "contact_id": None, "phone": "", "email": ""})
        self.facts = facts if graded else facts.model_copy(update={"impact": None, "urgency": None})

    @property
    def bought(self) -> str:
        """The support levels that the customer's contract buys."""
        return self.customer.contract.levels if self.customer.contract else ""

    def fill(self, text: str) -> str:
        """Put the call's own words into a text with {slots}."""
        return text.format_map(self.slots)

    def phrase(self, text: str, **more: str) -> str:
        """The same for what colleagues write, where {who} is the caller."""
        return text.format_map(self.slots | {"who": self.contact.name} | more)

    def _device(self) -> Item:
        """The device it is about: one of the customer's that fits the sector, else one that nobody has entered."""
        wanted = _DEVICES.get(self.trouble.sector, ())
        fitting = [item for item in self.customer.items if item.model.split()[-1] in wanted]
        spare = Item(
            key="",
            company=self.customer.company.key,
            model=wanted[0] if wanted else "device",
            location=f"{self.contact.site}, ground floor",
        )
        return self.rng.choice(fitting or [spare])

    def _since(self) -> tuple[str, datetime]:
        zone = ZoneInfo(self.desk.desk.zone)
        local = self.at.astimezone(zone)
        earlier = [
            (words, moment)
            for words, days, clock in _SINCE
            if (moment := datetime.combine(local.date() - timedelta(days), clock, zone)) < local
        ]
        return self.rng.choice(earlier)

    def _facts(self, skips: bool) -> Facts:
        trouble, rng, contract = self.trouble, self.rng, self.customer.contract
        known: dict[str, Any] = {
            "type": trouble.type if trouble.type in self.desk.ticket_types else "incident",
            "summary": self.fill(trouble.summary),
            "description": self.fill(trouble.detail),
            "channel": self._channel(),
            **self._caller(self.contact),
            "fault": trouble.fault,
            "impact": _rung(self.desk.scales.impact, trouble.impact),
            "urgency": _rung(self.desk.scales.urgency, trouble.urgency),
            "contract": contract.key if contract and rng.random() < 0.8 else "",
            "service": self.service.key if rng.random() < 0.6 else "",
            "item": self.item.key if trouble.fault == "hardware" and rng.random() < 0.8 else "",
            "began": self.began if "{since}" in trouble.detail + trouble.summary or rng.random() < 0.2 else None,
        }
        if "customer_priority" in {f.key for f in self.desk.intake} or rng.random() < 0.1:
            known["customer_priority"] = rng.choice(self.desk.scales.priority).key
        return Facts(**self._asked(known, skips))

    def _asked(self, known: dict[str, Any], skips: bool) -> dict[str, Any]:
        """Answer the desk's own fields, mostly; leave required ones empty where the caller hung up."""
        at_hand = {"circuit": self.service.circuit, "location": self.item.location, "make": self.item.make,
                   "model": self.item.model, "version": self.item.version, "began": self.began,
                   "service": self.service.key, "item": self.item.key}  # fmt: skip
        contract = self.customer.contract
        demanded = contract.requires if contract else ()
        fields: dict[str, str] = {}
        for asked in self.desk.intake:
            ours = asked.key in OWN_FACTS
            required = asked.need == "required" or asked.key in demanded
            if required and skips and asked.key not in _ALWAYS_SAID:
                known |= {asked.key: None if asked.key == "began" else ""} if ours else {}
            elif not ours and (required or self.rng.random() < self._told_share(asked.key)):
                fields[asked.key] = str(at_hand.get(asked.key) or self._told(asked))
            elif required and not known.get(asked.key):
                known[asked.key] = at_hand.get(asked.key, NOT_GIVEN)
        return known | {"fields": fields}

    def _told_share(self, key: str) -> float:
        """How often callers tell a thing unasked: about a device only where one is in play."""
        if key in _OF_DEVICE:
            return 0.75 if self.trouble.fault == "hardware" else 0.0
        if key in _OF_FAULT and self.trouble.type not in ("incident", "alert"):
            return 0.0
        return 0.4

    def _told(self, asked: IntakeField) -> str:
        if asked.choices:
            return self.rng.choice(asked.choices)
        if asked.kind == "yes_no":
            return self.rng.choice(("yes", "yes", "no"))
        if asked.kind == "ip":
            return f"192.0.2.{self.rng.randint(2, 250)}"
        return self.rng.choice(_TOLD.get(asked.key, (NOT_GIVEN,)))

    def _caller(self, contact: Contact) -> dict[str, Any]:
        company = self.customer.company
        return {
            "company": company.name,
            "company_id": record_id("company", company.key),
            "contact": contact.name,
            "contact_id": record_id("contact", contact.key),
            "phone": contact.phone,
            "email": contact.email,
        }

    def _channel(self) -> ChannelKind:
        kinds = {channel.kind for channel in self.desk.channel if channel.kind in _WAYS or channel.kind == "monitoring"}
        if self.trouble.type == "alert" and "monitoring" in kinds:
            return "monitoring"
        ways = [kind for kind in _WAYS if kind in kinds or kind == "phone"]
        return self.rng.choices(ways, [_WAYS[kind] for kind in ways])[0]


def _rung(scale: tuple[Step, ...], rank: int) -> str:
    return scale[min(rank, len(scale)) - 1].key
