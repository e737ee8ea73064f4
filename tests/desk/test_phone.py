"""Telephone numbers: every spelling leads to the same digits, also while it is being typed (R022)."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskterm.desk.phone import digits_of, looks_like_phone, prefixes_of, pretty

SPELLINGS = (
    "+44 7700 900123", "0044 7700 900123", "+44 (0)7700 900123", "07700/900-123", "07700 900123 ext 12",
    "07700 900123 x12", "07700 900123 #12", "07700900123;ext=12", "7700900123", "447700900123", "(+44) 7700 900123",
    "(07700) 900123", "tel:+447700900123", "０７７００　９００１２３", "+44 07700 900123", "07700.900.123",
)  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_spellings_of_one_number_agree(text: str) -> None:
    assert digits_of(text, "GB") == "447700900123"


@pytest.mark.parametrize("text", ["112", "202", "999", "4711"])
def test_short_numbers_stay_as_typed(text: str) -> None:
    assert digits_of(text, "GB") == text
    assert pretty(text, "GB") == text


@pytest.mark.parametrize(
    ("text", "digits"), [("x12", "12"), ("#12", "12"), ("020 7946", "0207946"), ("", ""), ("Ada", "")]
)
def test_what_is_no_full_number_keeps_its_digits(text: str, digits: str) -> None:
    assert digits_of(text, "GB") == digits


@pytest.mark.parametrize(
    ("text", "country", "digits"),
    [
        ("06 5550 1234", "IT", "390655501234"),
        ("+39 06 5550 1234", "GB", "390655501234"),
        ("011 44 7700 900123", "US", "447700900123"),
        ("0044 7700 900123", "US", "447700900123"),
        ("1 (212) 555-0123", "US", "12125550123"),
        ("212-555-0123", "us", "12125550123"),
        ("06 1 234 5678", "HU", "3612345678"),
        ("07700 900123", "??", "07700900123"),
    ],
)
def test_each_country_dials_its_own_way(text: str, country: str, digits: str) -> None:
    assert digits_of(text, country) == digits


def test_prefixes_while_typing() -> None:
    assert prefixes_of("077009", "GB")[0] == "4477009"
    assert prefixes_of("7700900", "GB")[0] == "447700900"
    for text in ("+447", "00447", "+44 (0)7"):
        assert prefixes_of(text, "GB")[0] == "447"
    for nothing in ("", "+", "0", "00", "brook", "2XK-11"):
        assert prefixes_of(nothing, "GB") == ()


def test_a_number_is_told_from_a_name_or_a_serial() -> None:
    assert all(looks_like_phone(text) for text in (*SPELLINGS, "112", "+44", "07700 900123 ex"))
    assert not any(looks_like_phone(text) for text in ("brook", "2XK-11", "BL-204", "12", "", "+", "07700 Elm Street"))


def test_pretty_is_what_the_reader_dials() -> None:
    assert pretty("+447700900123", "GB") == "07700 900123"
    assert pretty("07700900123x12", "GB") == "07700 900123 ext 12"
    assert pretty("+447700900123", "DE") == "+44 7700 900123"


NATIONAL = {
    "GB": ("44", "0", 10),
    "DE": ("49", "0", 10),
    "FR": ("33", "0", 9),
    "NL": ("31", "0", 9),
    "SE": ("46", "0", 9),
}
GAPS = st.sampled_from(["", " ", "-", "/", ".", "–"])


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str, str]:
    """A full number as its digits, a country, and one way to spell it there."""
    country = draw(st.sampled_from(sorted(NATIONAL)))
    code, trunk, length = NATIONAL[country]
    number = draw(st.from_regex(rf"[1-9][0-9]{{{length - 1}}}", fullmatch=True))
    gapped = "".join(digit + draw(GAPS) for digit in number)
    start = draw(st.sampled_from([f"+{code} ", f"00{code}", f"+{code} ({trunk})", trunk, f"({trunk})", f"(+{code}) "]))
    end = draw(st.sampled_from(["", " ext 12", " x12", "#12", " Ext. 7"]))
    return code + number, country, start + gapped + end


@given(spelled())
def test_any_spelling_gives_the_same_digits(case: tuple[str, str, str]) -> None:
    digits, country, text = case
    assert digits_of(text, country) == digits


@given(spelled())
def test_every_typed_beginning_leads_to_the_number(case: tuple[str, str, str]) -> None:
    digits, country, text = case
    for end in range(1, len(text) + 1):
        found = prefixes_of(text[:end], country)
        assert not found or any(digits.startswith(prefix) for prefix in found), text[:end]
        typed = sum(c.isdigit() for c in text[:end])
        assert found or typed <= 2, f"{text[:end]!r} is enough to look for"


@given(st.text(max_size=30), st.sampled_from(["GB", "US", "RU", "IT", "XX", ""]))
def test_no_text_is_too_strange(text: str, country: str) -> None:
    digits = digits_of(text, country)
    assert digits == "" or (digits.isascii() and digits.isdigit())
    assert all(p.isascii() and p.isdigit() for p in prefixes_of(text, country))
    pretty(text, country)
    looks_like_phone(text)


def test_the_library_is_loaded_only_when_needed() -> None:
    code = "import sys, deskterm.desk.phone; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
