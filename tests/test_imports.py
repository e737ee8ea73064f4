"""Importing customers from CSV files: kind to headers, strict about content, safe to repeat."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deskterm.desk.records.customers import Company, Contact, Contract
from deskterm.imports import KINDS, Plan, carry_out, plan, read
from deskterm.store.base import Invalid
from deskterm.store.local import LocalStore
from deskterm.store.opening import open_store

COMPANIES = "Key,Name,Region,Sites\nC1,Brook & Lane,London,Holborn|Bow\nC2,Alder Clinic,Midlands,Derby\n"
CONTACTS = "Company;Full name;Telephone;E-mail;Main contact\nC1;Søren Holm;+44 7700 900201;soren@ash.example;yes\n"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[LocalStore]:
    store = await open_store(str(tmp_path / "desk.db"))
    yield store
    await store.close()


async def bring_in(store: LocalStore, kind: str, text: str) -> Plan:
    planned = await plan(store, read(kind, text))
    await carry_out(store, planned)
    return planned


def problems(kind: str, text: str) -> list[str]:
    return [str(problem) for problem in read(kind, text).problems]


def test_rows_become_records() -> None:
    rows = read("companies", COMPANIES)
    assert rows.problems == ()
    assert rows.rows[0].entry == Company(key="C1", name="Brook & Lane", region="London", sites=("Holborn", "Bow"))
    assert [row.line for row in rows.rows] == [2, 3]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_separator_and_bom_are_found_out(separator: str, start: str, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(start + CONTACTS.replace(";", separator), encoding="utf-8")
    (row,) = read("contacts", file).rows
    assert isinstance(row.entry, Contact)
    assert (row.entry.name, row.entry.is_main, row.entry.phone) == ("Søren Holm", True, "+44 7700 900201")
    assert row.entry.key == "C1/Søren Holm", "a contact without a number of their own is known by company and name"


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "companies.csv"
    file.write_bytes("Key,Name\nC1,Ash\nC2,Café\n".encode("latin-1"))
    (problem,) = read("companies", file).problems
    assert problem.line == 3
    assert "UTF-8" in problem.message


def test_unknown_column_names_the_nearest() -> None:
    (problem,) = problems("companies", "key,name,regoin\nC1,Ash,North\n")
    assert problem.startswith("line 1, regoin: There is no such column. Did you mean region?")


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("companies", "", "line 1: The file is empty"),
        ("companies", "region\nNorth\n", "line 1, name: This column is missing"),
        ("companies", "key,id,name\na,b,c\n", "line 1, id: Another column fills key"),
        ("companies", "key,name\n,Ash\n", "line 2, key: This cell is empty"),
        ("companies", "key,name\nC1,Ash,North\n", "line 2: There are 3 cells but 2 columns"),
        ("companies", 'key,name\nC1,"Ash\nC2,Elm\n', "line 2: This line cannot be read"),
        ("companies", "key,name\nC1,Ash\nc1 ,Elm\n", "line 3, key: 'c1' stands on line 2 already"),
        ("contracts", "key,company,ends\nK1,C1,31.12.2026\n", "line 2, ends: '31.12.2026' is no date"),
        ("contracts", "key,company,cover\nK1,C1,standart\n", "line 2, cover: 'standart' is none of"),
        ("contacts", "company,name,main\nC1,Ada,perhaps\n", "line 2, main: 'perhaps' is neither yes nor no"),
        ("solutions", "key,title,steps\nK1,Restart,Do it\n", "line 1, resolution: This column is missing"),
    ],
)
def test_each_mistake_is_told_with_its_place(kind: str, text: str, expected: str) -> None:
    assert any(told.startswith(expected) for told in problems(kind, text)), problems(kind, text)


def test_all_problems_come_at_once_in_order() -> None:
    text = "key,company,ends,cover\nK1,C1,soon,standard\n,C1,,never\nK3,C1,2026-12-31,always\n"
    rows = read("contracts", text)
    assert [(p.line, p.column) for p in rows.problems] == [(2, "ends"), (3, "cover"), (3, "key")]
    assert len(rows.rows) == 1, "the good line is read all the same"


def test_lines_are_those_of_the_file_also_behind_long_cells_and_gaps() -> None:
    text = 'key,name,note\nC1,Ash,"two\nlines"\n\n,Elm,\n'
    assert [p.line for p in read("companies", text).problems] == [5]


async def test_new_changed_unchanged(store: LocalStore) -> None:
    first = await bring_in(store, "companies", COMPANIES)
    assert (len(first.new), len(first.changed), len(first.unchanged)) == (2, 0, 0)
    again = await plan(store, read("companies", COMPANIES))
    assert (len(again.new), len(again.changed), len(again.unchanged)) == (0, 0, 2)
    later = await plan(store, read("companies", COMPANIES.replace("Derby", "Leicester")))
    assert (len(later.new), len(later.changed), len(later.unchanged)) == (0, 1, 1)


async def test_planning_writes_nothing(store: LocalStore) -> None:
    await plan(store, read("companies", COMPANIES))
    assert await store.keys("company") == ()


async def test_repeating_adds_no_event_and_changing_back_is_a_change(store: LocalStore) -> None:
    planned = await bring_in(store, "companies", COMPANIES)
    await carry_out(store, planned)
    await bring_in(store, "companies", COMPANIES)
    moved = COMPANIES.replace("London", "Kent")
    for text in (moved, COMPANIES, moved):
        await bring_in(store, "companies", text)
        expected = "Kent" if text is moved else "London"
        entry = (await store.entries("company", ["C1"]))["C1"]
        assert isinstance(entry, Company)
        assert entry.region == expected
    assert (await store.verify()).events == 2 + 3


async def test_a_contact_of_an_unknown_company_is_refused_with_the_nearest(store: LocalStore) -> None:
    await bring_in(store, "companies", COMPANIES)
    planned = await plan(store, read("contacts", CONTACTS.replace("\nC1;", "\nC11;")))
    (problem,) = planned.problems
    assert str(problem) == "line 2, Company: There is no company 'C11'. Did you mean C1?"
    with pytest.raises(Invalid, match="Nothing was imported"):
        await carry_out(store, planned)
    assert await store.keys("contact") == ()


async def test_every_kind_comes_in_and_refers_to_the_others(store: LocalStore) -> None:
    files = {
        "companies": COMPANIES,
        "contacts": CONTACTS,
        "contracts": "Contract number,Company,Level,Cover,Starts\nBL-204,C1,gold,Always,2026-01-31\n",
        "services": "Service ID,Company,Service name,Contract,Critical\nS1,C1,Managed voice,BL-204,yes\n",
        "items": "Serial number,Customer,Manufacturer,Model,Service\n2XK-11,C1,Castor,C5,S1\n",
        "solutions": "ID,Title,Words,Steps,Resolution\nK12,Restart it,off|on,Off and on.,It was restarted.\n",
    }
    assert tuple(files) == KINDS
    for kind, text in files.items():
        assert len((await bring_in(store, kind, text)).new) == 1 + (kind == "companies")
    contract = (await store.entries("contract", ["bl-204"]))["bl-204"]
    assert isinstance(contract, Contract)
    assert (contract.service_level, contract.cover) == ("gold", "always")
    dangling = await plan(store, read("items", "serial,company,service\nX1,C1,S9\n"))
    assert "There is no service 'S9'" in str(dangling.problems[0])


@pytest.mark.slow
async def test_thousands_come_in_within_seconds(store: LocalStore) -> None:
    """A real desk starts with thousands; the bound is loose, for slow machines."""
    await bring_in(store, "companies", COMPANIES)
    lines = [f"P{n},C1,Person {n},+44 7700 900{n % 1000:03},p{n}@brooklane.example" for n in range(3000)]
    began = time.perf_counter()
    await bring_in(store, "contacts", "key,company,name,phone,email\n" + "\n".join(lines))
    assert time.perf_counter() - began < 60
    assert len(await store.keys("contact")) == 3000
