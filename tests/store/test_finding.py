"""Finding callers, tickets, solutions and groups while somebody types."""

from __future__ import annotations

import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.customers import Company, Contact, Solution, record_id
from deskterm.desk.records.ticket import Facts
from deskterm.store.base import NotFound
from tests.store.conftest import Place, log

pytestmark = pytest.mark.anyio

ANN, BOB, CY = "Ann Müller", "Bob Ode", "Cy Annable"


@pytest.mark.parametrize(
    "spelling",
    [
        "+44 7700 900123", "+44 (0)7700 900123", "0044 7700 900123", "07700/900-123", "07700900123", "(07700) 900 123",
        "+44 7700 900123 ext. 12", "07700 900123 x7", "900123", "0123", "07700 9001", "+44 7700 9001", "44770090012",
    ],
)  # fmt: skip
async def test_a_caller_is_found_by_any_spelling_of_their_number(place: Place, spelling: str) -> None:
    """R022."""
    nora = await place.open("Nora")
    assert [match.name for match in await nora.callers(spelling)] == [ANN]
    assert (await nora.callers(spelling))[0].matched == "phone"


async def test_the_number_that_was_found_is_the_one_that_is_shown(place: Place) -> None:
    nora = await place.open("Nora")
    await nora.submit(
        c.Register(entry=Contact(key="di", company="HL", name="Di", phone="07700 900900", mobile="07700 900901"))
    )
    assert [m.phone for m in await nora.callers("07700 900901")] == ["07700 900901"]


@pytest.mark.parametrize(
    ("text", "names", "matched"),
    [
        ("mull", [ANN], "name"),
        ("muller a", [ANN], "name"),
        ("an", [ANN, CY], "name"),
        ("harb", [BOB, ANN], "company"),
        ("ann harb", [ANN], "name"),
        ("ann@har", [ANN], "e-mail"),
        ("hf-1", [BOB, ANN], "contract HF-1"),
        ("2xk", [CY], "serial 2XK-11"),
        ("sip-2", [BOB, ANN], "service SIP-204"),
        ("trunk", [BOB, ANN], "service SIP-204"),
        ("cct/7", [BOB, ANN], "service SIP-204"),
        ("kontor k9", [CY], "serial 2XK-11"),
        ("nobody known", [""], "company"),
        ("zzz", [], ""),
        ("  ", [], ""),
    ],
)
async def test_a_caller_is_found_by_what_they_can_say(place: Place, text: str, names: list[str], matched: str) -> None:
    found = await (await place.open("Nora")).callers(text)
    assert [match.name for match in found] == names
    assert not found or found[0].matched == matched


async def test_a_company_of_which_nobody_is_known_stands_for_itself(place: Place) -> None:
    (match,) = await (await place.open("Nora")).callers("nobody")
    assert (match.contact_id, match.company, match.company_id) == (None, "Nobody Known Ltd", record_id("company", "NB"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("0142", "07700 900142"), ("07700 900142", "07700 900142"), ("0143", "07700 900143"), ("dee", "07700 900142")],
)
async def test_of_two_numbers_the_one_that_was_found_is_shown(place: Place, text: str, shown: str) -> None:
    """R022: typed from its beginning, or as its last digits, which are kept from the end."""
    nora = await place.open("Nora")
    dee = Contact(key="dee", company="HL", name="Dee Pool", phone="07700 900142", mobile="07700 900143")
    await nora.submit(c.Register(entry=dee))
    assert [(match.name, match.phone) for match in await nora.callers(text)] == [("Dee Pool", shown)]


async def test_a_renamed_company_and_a_corrected_contact_are_found_by_what_they_are_now(place: Place) -> None:
    nora = await place.open("Nora")
    await nora.submit(c.Register(entry=Company(key="HF", name="Quayside Foods")))
    await nora.submit(c.Register(entry=Contact(key="ann", company="HF", name="Ann Miller", phone="07700 900124")))
    assert [m.name for m in await nora.callers("miller quay")] == ["Ann Miller"]
    for gone in ("harbour", "müller", "900123", "ann@harbour"):
        assert await nora.callers(gone) == (), gone


async def test_the_card_says_who_is_calling_and_what_they_are_owed(place: Place) -> None:
    """R028."""
    nora, tom = await place.open("Nora"), await place.open("Tom")
    ann, harbour = record_id("contact", "ann"), record_id("company", "HF")
    by_name = await log(nora, contact="ann muller", company="HARBOUR FOODS")
    by_id = await log(nora, contact="Ann", contact_id=ann, company="whatever", company_id=harbour)
    colleague = await log(nora, contact="Bob Ode")
    await log(nora, company="Hollow & Lane")
    closed = await log(nora, "net-2")
    await tom.submit(c.Take(ticket=closed.record_id))
    await tom.submit(c.Resolve(ticket=closed.record_id, solution="K31"))
    await nora.submit(c.RecordAnswer(ticket=closed.record_id, answer="yes"))
    card = await nora.card(ann, harbour)
    assert [t.ref for t in card.open_tickets] == [by_id.ref, by_name.ref, colleague.ref]
    assert [t.same_caller for t in card.open_tickets] == [True, True, False]
    assert card.closed_count == 1
    assert [who.name for who in (card.contact, card.company) if who] == [ANN, "Harbour Foods"]
    assert [contract.key for contract in card.contracts] == ["HF-1"]
    assert [service.key for service in card.services] == ["SIP-204"]
    assert card.items == ()
    assert [match.name for match in card.others] == [BOB]
    assert (await nora.card(None, harbour)).contact is None
    for contact, company in ((None, ann), (harbour, harbour)):
        with pytest.raises(NotFound):
            await nora.card(contact, company)


async def test_one_box_finds_everything(place: Place) -> None:
    """R027."""
    nora = await place.open("Nora")
    old = await log(nora, summary="Phone is dead")
    new = await log(nora, summary="Phones in Hall 2", contact="Someone Else")

    async def found(text: str, limit: int = 20) -> list[tuple[str, str]]:
        return [(hit.kind, hit.ref) for hit in await nora.find(text, limit)]

    assert await found("phone") == [("ticket", new.ref), ("ticket", old.ref), ("solution", "K31")]
    assert await found("müller") == [("ticket", old.ref), ("contact", "ann")]
    assert (await found("07700 900123"))[-1] == ("contact", "ann")
    assert await found("2xk-11") == [("item", "2XK-11")]
    assert await found("hf-1") == [("contract", "HF-1")]
    assert (await found(old.ref))[0] == ("ticket", old.ref)
    assert ("company", "HF") in await found("harbour")
    assert len(await found("harbour", 2)) == 2
    assert await found("phone power") == [("solution", "K31")], "it has both words"
    assert await found("phone headset") == [], "each of these is in a solution of its own"
    assert await found("") == []
    assert await found("zzz") == []


async def test_solutions_fit_the_words_best_first(place: Place) -> None:
    """R131."""
    nora = await place.open("Nora")
    await nora.submit(c.Register(entry=Solution(key="P9", title="Phone in a hall", steps="a", resolution="b")))

    async def keys(text: str) -> list[str]:
        return [known.key for known in await nora.solutions(text)]

    assert await keys("the phone has no dial tone") == ["K31", "P9"]
    assert await keys("K32") == ["K32"]
    assert await keys("voic") == ["K31", "K32"]
    assert "K32" not in await keys("in the phone hall")
    assert await keys("zzz") == []
    assert [known.key for known in await nora.solutions("", 2)] == ["K31", "K32"]


@pytest.mark.kept_here
async def test_an_entered_solution_stands_before_the_desk_files_of_the_same_id(place: Place) -> None:
    nora = await place.open("Nora")
    await nora.submit(c.Register(entry=Solution(key="k31", title="Better", steps="a", resolution="b")))
    known = await nora.solution("K31")
    assert known is not None
    assert known.title == "Better"
    assert [s.title for s in await nora.solutions("better")] == ["Better"]
    assert [s.title for s in await nora.solutions("", 5)] == ["Better", "Installing a headset"]
    assert await nora.solution("none") is None
    assert await nora.keys("solution") == ("k31",), "those of the desk file are not entered"


async def test_groups_come_best_guess_first_and_say_what_waits(place: Place) -> None:
    nora, lea = await place.open("Nora"), await place.open("Lea")
    first = await log(nora, "voice-1")
    await log(nora, "voice-1")
    await lea.submit(c.Take(ticket=first.record_id))
    assert [g.name for g in await nora.groups()] == ["voice-1", "net-2", "front"]
    groups = await nora.groups("Both routers and a switch, no phone")
    assert [(g.name, g.guess, g.open, g.unowned) for g in groups] == [
        ("net-2", 2, 0, 0), ("voice-1", 1, 2, 1), ("front", 0, 0, 0)
    ]  # fmt: skip


async def test_required_fields_are_asked_first(place: Place) -> None:
    asked = await (await place.open("Nora")).still_to_ask(Facts(summary="Help"))
    needs = [field.need for field in asked]
    assert "required" in needs
    assert needs == sorted(needs, key=lambda need: need != "required")
