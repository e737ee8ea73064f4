"""Whoever called before is known when they call again, though nobody registered them."""

from __future__ import annotations

from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.customers import Company, Contact, record_id
from deskterm.desk.records.ticket import Facts, JoinedCaller
from deskterm.desk.tickets.views import CALLED_BEFORE, CallerMatch
from deskterm.store.local import LocalStore
from tests.store.conftest import DESK_SOURCE, Place, log

pytestmark = pytest.mark.anyio

JO: dict[str, Any] = {
    "contact": "Jó Park",
    "company": "Corner Bakery",
    "phone": "07700 900999",
    "email": "jo@corner.example",
}


def caller(**known: Any) -> Facts:
    return Facts(**(JO | known))


async def names(store: LocalStore, text: str) -> list[str]:
    return [match.name for match in await store.callers(text)]


@pytest.mark.parametrize(
    "text",
    [
        "07700 900999",
        "+44 7700 900999",
        "07700 9009",
        "0999",
        "jo",
        "Jo Park",
        "park",
        "corner b",
        "bakery jo",
        "jo@cor",
    ],
)
async def test_somebody_who_called_before_is_found_as_registered_contacts_are(place: Place, text: str) -> None:
    """R011, R022."""
    nora = await place.open("Nora")
    await log(nora, **JO)
    last = await log(nora, **JO)
    assert await nora.callers(text) == (
        CallerMatch(
            None, "Jó Park", None, "Corner Bakery", "07700 900999", "jo@corner.example", CALLED_BEFORE, last.ref
        ),
    )


async def test_one_person_is_offered_once_as_they_were_spelled_last(place: Place) -> None:
    nora = await place.open("Nora")
    await log(nora, **JO)
    await log(nora, **JO | {"contact": "JO  PARK", "phone": "+44 (0)7700 900999", "email": ""})
    await log(nora, **JO | {"contact": "", "company": "", "email": ""})
    await log(nora, **JO | {"phone": "", "email": ""})
    (match,) = await nora.callers("0999")
    assert (match.name, match.phone, match.email) == ("JO  PARK", "+44 (0)7700 900999", "jo@corner.example")
    assert await names(nora, "jo") == ["JO  PARK"]


async def test_of_callers_who_fit_as_well_the_newest_comes_first(place: Place) -> None:
    nora = await place.open("Nora")
    for last, name in enumerate(("Kim Abel", "Kim Zorn", "Pat Zorn", "Pat Abel")):
        await log(nora, contact=name, company="Corner Bakery", phone=f"07700 90099{last}")
    assert await names(nora, "kim") == ["Kim Zorn", "Kim Abel"]
    assert await names(nora, "pat") == ["Pat Abel", "Pat Zorn"]
    assert await names(nora, "bakery") == ["Pat Abel", "Pat Zorn", "Kim Zorn", "Kim Abel"]
    assert await names(nora, "kim abel") == ["Kim Abel"], "a whole name stands for nobody else"


async def test_a_number_or_an_address_alone_is_known_again(place: Place) -> None:
    nora = await place.open("Nora")
    await log(nora, contact="not given", company="", phone="07700 900998")
    await log(nora, contact="", company="", phone="", email="a@corner.example")
    await log(nora, contact="", company="Quiet Ltd", phone="")
    assert [(m.name, m.phone) for m in await nora.callers("0998")] == [("", "07700 900998")]
    assert [m.email for m in await nora.callers("a@cor")] == ["a@corner.example"]
    assert await nora.callers("quiet") == ()


async def test_somebody_who_joined_a_ticket_is_known_again(place: Place) -> None:
    """R130."""
    nora = await place.open("Nora")
    ticket = await log(nora)
    joined = JoinedCaller(company="Corner Bakery", contact="Jo Park", phone="07700 900999")
    await nora.submit(c.JoinCaller(ticket=ticket.record_id, caller=joined))
    assert [(m.name, m.ref) for m in await nora.callers("0999")] == [("Jo Park", ticket.ref)]
    card = await nora.card(None, None, caller(contact="Jo Park"))
    assert [(t.ref, t.same_caller) for t in card.open_tickets] == [(ticket.ref, True)]


async def test_a_slip_that_was_put_right_is_offered_no_more(place: Place) -> None:
    nora = await place.open("Nora")
    kept = await log(nora, **JO)
    wrong = await log(nora, **JO | {"contact": "Joe Bark", "phone": "07700 900111"})
    right = {"contact": "Jo Park", "phone": "07700 900999"}
    await nora.submit(c.Amend(ticket=wrong.record_id, changes=right))
    assert await names(nora, "bark") == []
    assert await names(nora, "0111") == []
    assert [m.ref for m in await nora.callers("jo park")] == [wrong.ref]
    await nora.submit(c.Amend(ticket=wrong.record_id, changes={"contact": "Someone Else"}))
    assert [m.ref for m in await nora.callers("jo park")] == [kept.ref]


async def test_registered_contacts_come_first_and_hide_who_called_as_the_same(place: Place) -> None:
    nora = await place.open("Nora")
    await log(nora, contact="ANN MULLER", company="harbour foods", phone="07700 900555")
    await log(nora, contact="Someone", company="Elsewhere", phone="+44 7700 900123")
    await log(nora, contact="Annika", company="Elsewhere", phone="07700 900556")
    assert [(m.name, m.matched) for m in await nora.callers("an")] == [
        ("Ann Müller", "name"),
        ("Cy Annable", "name"),
        ("Annika", CALLED_BEFORE),
    ]
    assert await names(nora, "900123") == ["Ann Müller"]
    # Their names still find who shares a number with a contact.
    assert await names(nora, "someone") == ["Someone"]


async def test_a_number_a_contact_called_from_leads_to_the_contact(place: Place) -> None:
    nora = await place.open("Nora")
    await log(nora, contact="ann muller", phone="07700 900555")
    (match,) = await nora.callers("0555")
    assert (match.contact_id, match.name, match.phone) == (record_id("contact", "ann"), "Ann Müller", "07700 900555")


async def test_once_their_company_is_registered_they_belong_to_it(place: Place) -> None:
    nora = await place.open("Nora")
    ticket = await log(nora, **JO)
    await nora.submit(c.Register(entry=Company(key="CB", name="CORNER BAKERY")))
    bakery = record_id("company", "CB")
    assert [(m.company_id, m.company) for m in await nora.callers("0999")] == [(bakery, "CORNER BAKERY")]
    card = await nora.card(None, bakery, caller())
    assert [(t.ref, t.same_caller) for t in card.open_tickets] == [(ticket.ref, True)]
    assert card.earlier is not None
    await nora.submit(c.Register(entry=Contact(key="jo", company="CB", name="Jo Park", phone="07700 900999")))
    assert [(m.contact_id, m.matched) for m in await nora.callers("0999")] == [(record_id("contact", "jo"), "phone")]


async def test_the_card_of_an_earlier_caller_shows_what_is_open_for_them(place: Place) -> None:
    nora, tom = await place.open("Nora"), await place.open("Tom")
    own = await log(nora, **JO)
    colleague = await log(nora, **JO | {"contact": "Al Reyes", "phone": "07700 900888"})
    by_number = await log(nora, **JO | {"contact": "", "company": ""})
    closed = await log(nora, "net-2", **JO)
    await log(nora, contact="Jo Park", company="", phone="")
    await tom.submit(c.Take(ticket=closed.record_id))
    await tom.submit(c.Resolve(ticket=closed.record_id, solution="K31"))
    await nora.submit(c.RecordAnswer(ticket=closed.record_id, answer="yes"))
    card = await nora.card(None, None, caller())
    assert (card.company, card.contact, card.contracts, card.others) == (None, None, (), ())
    assert [(t.ref, t.same_caller) for t in card.open_tickets] == [
        (by_number.ref, True),
        (own.ref, True),
        (colleague.ref, False),
    ]
    assert card.closed_count == 1
    assert card.earlier is not None
    assert (card.earlier.name, card.earlier.ref) == ("Jó Park", closed.ref)
    stranger = await nora.card(None, None, Facts(contact="Nobody", company="", phone="07700 900001"))
    assert (stranger.earlier, stranger.open_tickets, stranger.closed_count) == (None, (), 0)


@pytest.mark.kept_here
async def test_who_called_before_is_rebuilt_byte_for_byte(place: Place) -> None:
    """Also where the desk moved to another country, and a number reads otherwise than when it was typed."""
    nora = await place.open("Nora")
    first = await log(nora, **JO)
    wrong = await log(nora, **JO | {"contact": "Joe Bark", "phone": "0111"})
    await nora.submit(c.JoinCaller(ticket=wrong.record_id, caller=JoinedCaller(company="", contact="Lo", phone="0112")))
    abroad = DESK_SOURCE.replace('country = "GB"', 'country = "DE"')
    assert abroad != DESK_SOURCE
    await nora.submit(c.LoadDesk(name="abroad.toml", source=abroad))
    await nora.submit(c.MarkDuplicate(ticket=wrong.record_id, survivor=first.record_id))
    await nora.submit(c.Undo(ticket=wrong.record_id))
    await nora.submit(c.Amend(ticket=wrong.record_id, changes={"contact": "Jo Park", "phone": "030 901820"}))
    await log(nora, **JO | {"contact": "New", "phone": "030 901821"})
    assert (await nora.verify()).faults == ()
    before = [await nora.callers(text) for text in ("jo", "lo", "new", "bark", "0999", "030")]
    assert before[-1]
    await nora.rebuild()
    assert (await nora.verify()).faults == ()
    assert [await nora.callers(text) for text in ("jo", "lo", "new", "bark", "0999", "030")] == before


async def test_a_crowd_of_earlier_callers_hides_no_contact(place: Place) -> None:
    nora = await place.open("Nora")
    for number in range(45):
        await log(nora, contact=f"Ann {number}", company="Crowd", phone=f"07700 9002{number:02}")
    found = await nora.callers("ann", 8)
    assert [m.name for m in found[:2]] == ["Ann Müller", "Cy Annable"]
    assert len(found) == 8
    assert len(await nora.callers("ann", 2)) == 2
