"""A Monday morning at Northgate: the same customers and tickets every time, for pictures of the screens.

Everything is brought about by commands at the moments they would have been given; the clock then stands at `NOW`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from deskterm.desk import commands as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.customers import Company, Contact, Contract, Entry, Item, Service, record_id
from deskterm.desk.records.ticket import Facts, JoinedCaller, Synopsis
from deskterm.store.opening import open_store
from tests.robot import Clock, store_url

NOW = datetime(2026, 3, 16, 10, 42, tzinfo=UTC)
"""The third Monday of March, London still on winter time."""

CUSTOMERS: tuple[Entry, ...] = (
    Company(key="BL", name="Brook & Lane", account_manager="Ines Duarte", sites=("Bristol", "Bath")),
    Company(key="HF", name="Harbour Foods", account_manager="Ines Duarte", sites=("Dock 4",)),
    Company(key="AC", name="Alder Clinic", account_manager="Owen Pryce"),
    Company(key="LI", name="Lindgren AB", account_manager="Owen Pryce", language="sv"),
    Company(key="QH", name="Quayside Hotel"),
    Company(key="TL", name="Tideway Logistics", account_manager="Ines Duarte"),
    Company(key="BD", name="Brookfield Dental"),
    Contact(
        key="BL-1", company="BL", name="Rosa Amadi", phone="+44 7700 900123", email="rosa@brook.example",
        site="Bristol", role="Reception", is_main=True,
    ),
    Contact(key="BL-2", company="BL", name="Piet de Vries", phone="+44 7700 900188", site="Bath", role="IT"),
    Contact(key="HF-1", company="HF", name="Jon Sato", phone="+44 7700 900245", email="jon@harbourfoods.example"),
    Contact(key="AC-1", company="AC", name="Mina Berg", phone="+44 7700 900311", prefers="email"),
    Contact(key="LI-1", company="LI", name="Åsa Lindgren", phone="+44 7700 900340", email="asa@lindgren.example"),
    Contact(key="QH-1", company="QH", name="Leo Marchetti", phone="+44 7700 900402", role="Night porter"),
    Contact(key="TL-1", company="TL", name="Grace Obi", phone="+44 7700 900417", role="Depot manager"),
    Contact(key="BD-1", company="BD", name="Sam Whitlock", phone="+44 7700 900455"),
    Contract(key="BL-204", company="BL", service_level="Gold", cover="always"),
    Contract(key="HF-17", company="HF", service_level="Standard"),
    Contract(key="AC-31", company="AC", service_level="Gold", cover="always"),
    Contract(key="TL-8", company="TL", service_level="Standard"),
    Service(key="SV-7", company="BL", name="Telephony", contract="BL-204", critical=True),
    Service(key="SV-12", company="HF", name="Dock network", contract="HF-17", critical=True),
    Item(key="2XK-11", company="BL", make="Fabrikat", model="T40", location="Bristol, reception", service="SV-7"),
    Item(key="9QF-02", company="HF", make="Fabrikat", model="S900", location="Dock 4, rack 2", service="SV-12"),
)  # fmt: skip


class Call(NamedTuple):
    """A call as it came in: who rang, what about, how bad and how urgent, and to whom it went."""

    contact: str
    """Key of the contact."""
    summary: str
    impact: str
    urgency: str
    to: str | None = None
    more: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it


class Deed(NamedTuple):
    """Something done to a ticket."""

    command: type[TicketCommand]
    asked: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it


_H, _M, _L = "high", "medium", "low"
_FOUND = "The second supply of the core switch is dead and the first one overloads under the morning's traffic."
_FIXED = Synopsis(
    issue="The tunnel dropped every ten minutes.",
    steps="Raised the key lifetime on both ends to eight hours and watched it over the weekend.",
    resolution="The tunnel has stood since Saturday noon. Nothing is left for you to do.",
)
STORY: tuple[tuple[str, str, str, Call | Deed], ...] = (
    ("13 09:12", "maya", "firewall", Call("HF-1", "Firewall change for the new tills", _M, _L, "net-2")),
    ("13 11:40", "ada", "vpn", Call("AC-1", "VPN drops every ten minutes", _M, _M, "net-2")),
    ("13 12:05", "lukas", "vpn", Deed(c.Take)),
    ("13 12:06", "lukas", "vpn", Deed(c.Start)),
    ("13 14:30", "lukas", "firewall", Deed(c.Take)),
    ("13 14:31", "lukas", "firewall", Deed(c.Start)),
    ("13 14:48", "lukas", "firewall", Deed(c.AddNote, {
        "text": "The rules are written and reviewed; two ports are not named in the order.",
    })),
    ("13 14:50", "lukas", "firewall", Deed(c.Pend, {
        "reason": "customer-info", "text": "Which two ports do the tills use?",
    })),
    ("13 15:55", "ada", "export", Call("LI-1", "How do I export the monthly report?", _L, _L, "desk-1", {
        "type": "query",
    })),
    ("13 16:20", "tom", "starter", Call("AC-1", "New starter needs a mailbox from Monday", _L, _M, "desk-1", {
        "type": "service_request",
    })),
    ("16 08:05", "maya", "lobby", Call("QH-1", "Guest wireless shows no login page in the lobby", _M, _M, "wifi-2")),
    ("16 08:31", "ada", "printer", Call("BL-2", "Printer queue stuck on floor 2", _L, _M, "desk-1")),
    ("16 08:50", "ben", "starter", Deed(c.Take)),
    ("16 08:52", "lukas", "vpn", Deed(c.Resolve, {
        "synopsis": _FIXED, "no_article_because": "One wrong setting at one customer.",
    })),
    ("16 08:58", "lukas", "lobby", Deed(c.Take)),
    ("16 09:04", "tom", "core", Call("HF-1", "Core switch reboots, the whole site is down", _H, _H, "net-2", {
        "description": "Lights go out and come back every few minutes.\nTills and telephones go off with it.",
        "service": "SV-12", "item": "9QF-02", "fault": "hardware",
        "began": datetime(2026, 3, 16, 8, 55, tzinfo=UTC),
        "fields": {
            "make": "Fabrikat", "model": "S900", "diagnosis": "Power cord changed", "location": "Dock 4, rack 2",
        },
    })),
    ("16 09:06", "priya", "core", Deed(c.Take)),
    ("16 09:07", "priya", "core", Deed(c.Start)),
    ("16 09:15", "priya", "core", Deed(c.AddNote, {"text": _FOUND})),
    ("16 09:16", "tom", "core", Deed(c.JoinCaller, {
        "caller": JoinedCaller(company="Harbour Foods", contact="Night shift", phone="+44 7700 900246"),
    })),
    ("16 09:20", "priya", "core", Deed(c.OpenVendorTask, {
        "vendor": "harbour-tac", "text": "A new supply for the S900, today.", "vendor_reference": "HT-55120",
    })),
    ("16 09:24", "priya", "core", Deed(c.AddNote, {
        "text": "A supply is on its way from the depot and should be there by noon.", "visibility": "customer",
    })),
    ("16 09:31", "ada", "dial", Call("BL-1", "No dial tone at reception", _H, _M, "voice-1", {
        "description": "Both handsets, since ten past nine. Mains is fine, restart tried.", "service": "SV-7",
        "fields": {"diagnosis": "Restarted both handsets"},
    })),
    ("16 09:40", "ada", "scanner", Call("TL-1", "Handheld scanners lose the network at gate 3", _M, _H, "wifi-2")),
    ("16 09:58", "tom", "core", Deed(c.RecordContact, {
        "reason": "chase", "who": "Jon Sato", "text": "Lorries are waiting. When is the supply here?",
    })),
    ("16 10:02", "maya", "fibre", Call("TL-1", "Leased line to the depot loses packets", _M, _M, "noc")),
    ("16 10:09", "thandi", "fibre", Deed(c.Take)),
    ("16 10:16", "ada", "invoice", Call("QH-1", "Wants a copy of the February invoice", _L, _L, None, {
        "type": "query",
    })),
    ("16 10:21", "tom", "voicemail", Call("AC-1", "Voicemail code forgotten", _L, _M, "voice-1")),
    ("16 10:26", "kofi", "voicemail", Deed(c.Take)),
    ("16 10:28", "kofi", "voicemail", Deed(c.Resolve, {"solution": "K35"})),
    ("16 10:33", "ada", "crackle", Call("BL-2", "Crackling on all outside calls", _M, _M, "voice-1")),
    ("16 10:35", "ben", "printer", Deed(c.Take)),
    ("16 10:37", "ada", "dial", Deed(c.RecordContact, {
        "reason": "chase", "who": "Rosa Amadi", "text": "Our customers cannot reach us.",
    })),
)  # fmt: skip
"""Day of March and time, who, which ticket, and what."""


class Morning(NamedTuple):
    """The desk's file as it stands at `NOW`, and the reference of each ticket by its word in the story."""

    file: bytes
    refs: dict[str, str]

    def lay_out(self, folder: Path) -> Clock:
        """Put the desk into a folder; gives the clock to open it with."""
        (folder / "desk.db").write_bytes(self.file)
        return Clock(NOW)


def _call(told: Call) -> tuple[Facts, str | None]:
    contact = next(e for e in CUSTOMERS if isinstance(e, Contact) and e.key == told.contact)
    company = next(e for e in CUSTOMERS if isinstance(e, Company) and e.key == contact.company)
    known = {
        "type": "incident", "summary": told.summary, "impact": told.impact, "urgency": told.urgency,
        "company": company.name, "company_id": record_id("company", company.key),
        "contact": contact.name, "contact_id": record_id("contact", contact.key),
        "phone": contact.phone, "email": contact.email,
    }  # fmt: skip
    return Facts.model_validate(known | told.more), told.to


async def monday_morning() -> Morning:
    """Let the morning happen."""
    source, _ = load_sample("managed-network")
    # A desk that has been at work for a while.
    source = source.replace("first = 10000", "first = 10471")
    refs: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        clock = Clock(NOW - timedelta(days=30))
        store = await open_store(store_url(Path(folder)), clock=clock)
        await store.submit(c.LoadDesk(name="northgate.toml", source=source))
        for entry in CUSTOMERS:
            await store.submit(c.Register(entry=entry))
        await store.close()
        stores = {
            who: await open_store(store_url(Path(folder)), operator=who, clock=clock)
            for who in sorted({who for _, who, _, _ in STORY})
        }
        for moment, who, word, step in STORY:
            clock.moment = datetime.strptime(f"2026-03-{moment} +0000", "%Y-%m-%d %H:%M %z")
            store = stores[who]
            if isinstance(step, Call):
                facts, group = _call(step)
                refs[word] = (await store.submit(c.LogCall(facts=facts, hand_to=group))).ref
            else:
                ticket = (await store.ticket(refs[word])).ticket.id
                await store.submit(step.command.model_validate({"ticket": ticket, **step.asked}))  # type: ignore[arg-type]
        for store in stores.values():
            await store.close()
        return Morning((Path(folder) / "desk.db").read_bytes(), refs)
