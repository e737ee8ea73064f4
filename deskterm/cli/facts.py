"""From what was typed about a call to its facts: answers sorted by key, and callers recognised.

Nothing is decided here and no word is lost: what names nobody known is kept as it was typed, and a key that the desk
does not ask for is refused before anything is saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from deskterm.cli.kinds import CHANNEL, TICKET_TYPE
from deskterm.desk.moment import UnclearMoment, moment

if TYPE_CHECKING:
    from deskterm.desk.deskfile import DeskFile
    from deskterm.desk.records.ticket import Facts
    from deskterm.desk.tickets.views import CallerCard, CallerMatch
    from deskterm.store.base import Store

_IDS = frozenset({"company_id", "contact_id"})
_SERIAL = ("serial", "serial_number")


async def gathered(store: Store, typed: Mapping[str, Any], pairs: Iterable[tuple[str, str]], now: datetime) -> Facts:
    """Make the facts of a call from the options that were given and the KEY=VALUE answers beside them."""
    from deskterm.desk.records.ticket import Facts

    desk = await store.desk()
    own, fields = answered(pairs, desk, now)
    facts = await recognised(store, Facts.model_validate({**typed, **own, "fields": fields}))
    if facts.contact_id is None:
        facts = await called_before(store, facts)
    await refuse_unknown(store, desk, facts, fields)
    return facts


def answered(pairs: Iterable[tuple[str, str]], desk: DeskFile, now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """Sort KEY=VALUE answers into facts of their own and fields of the desk."""
    from deskterm.desk.tickets.intake import OWN_FACTS

    asked = {field.key for field in desk.intake}
    own: dict[str, Any] = {}
    fields: dict[str, str] = {}
    for typed, words in pairs:
        key = "item" if typed in _SERIAL and typed not in asked else typed
        if key in OWN_FACTS - _IDS:
            own[key] = read_fact(key, words, desk, now)
        else:
            fields[key] = words
    return own, fields


async def refuse_unknown(store: Store, desk: DeskFile, facts: Facts, fields: Iterable[str]) -> None:
    """Refuse a field that neither the desk nor the contract asks for, as wrong usage, with the nearest that they do."""
    from deskterm.desk.spelling import nearest
    from deskterm.desk.tickets.intake import OWN_FACTS

    known = {field.key for field in desk.intake}
    if not set(fields) <= known:
        known |= {field.key for field in await store.still_to_ask(facts.model_copy(update={"fields": {}}))}
    for key in fields:
        if key not in known:
            choices = sorted({"serial"} | known | (OWN_FACTS - _IDS))
            near = nearest(key, choices)
            hint = f"Did you mean {near}?" if near else f"It asks for {', '.join(choices)}."
            raise click.UsageError(f"This desk asks for no {key!r}. {hint}")


def read_fact(key: str, words: str, desk: DeskFile, now: datetime) -> Any:
    """Read the value of a fact of its own as it is typed. Empty clears it. Raises UsageError."""
    if not words:
        return "" if key not in ("type", "impact", "urgency", "customer_priority", "began") else None
    try:
        if key == "began":
            return moment(words, now, desk.desk.zone)
        if key == "type":
            return TICKET_TYPE.convert(words, None, None)
        if key == "channel":
            return CHANNEL.convert(words, None, None)
    except (UnclearMoment, click.BadParameter) as error:
        message = error.message if isinstance(error, click.BadParameter) else str(error)
        raise click.UsageError(f"{key}: {message}") from None
    if key == "fault" and words not in ("hardware", "software"):
        raise click.UsageError(f"fault: {words!r} is none of hardware, software.")
    return words


async def recognised(store: Store, facts: Facts) -> Facts:
    """Fill in ids, names and the contract where what was typed names exactly one known company or contact (R011)."""
    card = await _who(store, facts)
    if card is None or card.company is None:
        return facts.model_copy(update={"company_id": None, "contact_id": None})
    found: dict[str, Any] = {"company": card.company.name, "company_id": card.company_id, "contact_id": card.contact_id}
    if card.contact is not None:
        found["contact"] = card.contact.name
        found["phone"] = facts.phone or card.contact.phone or card.contact.mobile
        found["email"] = facts.email or card.contact.email
    if not facts.contract:
        found["contract"] = _contract(facts, card)
    return facts.model_copy(update=found)


def _contract(facts: Facts, card: CallerCard) -> str:
    """The contract that covers the call: that of its service or item, or the company's only one."""
    things = [*((s.key, s.name, s.contract) for s in card.services), *((i.key, i.key, i.contract) for i in card.items)]
    wanted = {word.casefold() for word in (facts.service, facts.item) if word}
    named = {contract for key, name, contract in things if contract and {key.casefold(), name.casefold()} & wanted}
    if len(named) == 1:
        return named.pop()
    return card.contracts[0].key if len(card.contracts) == 1 and not named else ""


async def called_before(store: Store, facts: Facts) -> Facts:
    """Fill in who calls where what was typed fits exactly one person, and that one is known by earlier calls only."""
    from deskterm.desk.fold import fold
    from deskterm.desk.phone import digits_of
    from deskterm.desk.tickets.views import CALLED_BEFORE

    country = (await store.desk()).desk.country

    def fits(match: CallerMatch) -> bool:
        return bool(match.name or match.phone) and (
            fold(facts.contact or match.name) == fold(match.name)
            and fold(facts.company or match.company) == fold(match.company)
            and digits_of(facts.phone or match.phone, country) == digits_of(match.phone, country)
        )

    typed = facts.phone or facts.contact
    found = [match for match in await store.callers(typed, 50) if fits(match)] if typed else []
    if len({(match.contact_id, fold(match.name), fold(match.company)) for match in found}) != 1:
        return facts
    known = found[0]
    if known.matched != CALLED_BEFORE:
        return facts
    reached = {"phone": known.phone, "email": known.email} if len(found) == 1 else {}
    said = {"contact": known.name, "company": known.company, **reached}
    typed_so = {name: words for name in said if (words := getattr(facts, name))}
    return await recognised(store, facts.model_copy(update=said | typed_so))


async def _who(store: Store, facts: Facts) -> CallerCard | None:
    """The card of the caller, or of their company alone; None where more than one or none is meant."""
    from deskterm.desk.fold import fold

    by_phone = [m for m in await store.callers(facts.phone) if m.matched.startswith("phone")] if facts.phone else []
    company = await _company(store, facts, [match.company_id for match in by_phone if match.company_id])
    if company is not None and not facts.contact:
        people = [match for match in by_phone if match.company_id == company]
        return await store.card(people[0].contact_id if len(people) == 1 else None, company)
    if facts.contact:
        anywhere = company is None and not facts.company
        matches = [
            match
            for match in (*by_phone, *await store.callers(facts.contact, 50))
            if fold(match.name) == fold(facts.contact) and (anywhere or match.company_id == company)
        ]
        matches = [match for match in matches if match.contact_id]
        if len({match.contact_id for match in matches}) == 1:
            return await store.card(matches[0].contact_id, matches[0].company_id)
    return await store.card(None, company) if company is not None else None


async def _company(store: Store, facts: Facts, by_phone: Iterable[UUID]) -> UUID | None:
    """The id of the company that is meant: by its name or key, the caller's phone, or what only it has."""
    from deskterm.desk.fold import fold
    from deskterm.desk.records.customers import record_id
    from deskterm.store.base import NotFound

    if not facts.company:
        ids = set(by_phone)
        for sort, words in (("contract", facts.contract), ("service", facts.service), ("serial", facts.item)):
            if words and not ids:
                found = await store.callers(words)
                ids = {m.company_id for m in found if m.company_id and m.matched.startswith(sort)}
        return ids.pop() if len(ids) == 1 else None
    try:
        by_key = record_id("company", facts.company)
        await store.card(None, by_key)
        return by_key
    except NotFound:
        wanted = fold(facts.company)
    named: set[UUID | None] = {
        m.company_id for m in await store.callers(facts.company, 50) if fold(m.company) == wanted
    }
    named |= {f.id for f in await store.find(facts.company, 50) if f.kind == "company" and fold(f.title) == wanted}
    return named.pop() if len(named) == 1 else None
