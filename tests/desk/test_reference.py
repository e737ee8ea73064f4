"""Ticket references: read in any spelling, and refused when a digit was misheard (R038, R041)."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deskterm.desk import reference
from deskterm.desk.deskfile.check import SAMPLES, load_sample
from deskterm.desk.reference import (
    BadReference,
    looks_like,
    looks_like_change,
    read,
    read_change,
    spoken,
    write,
    write_change,
)

NUMBERS = st.integers(1000, 10**16)
PREFIXES = st.sampled_from(["", "TH", "LR", "MS", "ABCD"])


def digits_in(reference: str) -> list[int]:
    return [place for place, character in enumerate(reference) if character.isdigit()]


def test_a_reference_is_short_and_split_for_reading_out() -> None:
    assert write(10482) == "1048-26"
    assert write(10482, "TH") == "TH1048-26"
    assert spoken("1048-26") == "1 0 4 8 – 2 6"


@given(NUMBERS, PREFIXES)
def test_what_was_written_is_read(number: int, prefix: str) -> None:
    assert read(write(number, prefix), prefix) == number


@given(NUMBERS, PREFIXES, st.data())
def test_every_single_wrong_digit_is_refused(number: int, prefix: str, data: st.DataObject) -> None:
    reference = write(number, prefix)
    place = data.draw(st.sampled_from(digits_in(reference)))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != reference[place]]))
    with pytest.raises(BadReference, match="Please ask again"):
        read(reference[:place] + wrong + reference[place + 1 :], prefix)


@given(NUMBERS, PREFIXES, st.data())
def test_every_swap_of_neighbours_is_refused(number: int, prefix: str, data: st.DataObject) -> None:
    reference = write(number, prefix)
    places = digits_in(reference)
    at = data.draw(st.integers(0, len(places) - 2))
    left, right = places[at], places[at + 1]
    assume(reference[left] != reference[right])
    swapped = list(reference)
    swapped[left], swapped[right] = swapped[right], swapped[left]
    with pytest.raises(BadReference, match="two are swapped"):
        read("".join(swapped), prefix)


def test_all_the_references_of_a_desk_s_first_year_differ_by_more_than_one_slip() -> None:
    """Exhaustive where hypothesis samples: every wrong digit and swap of a hundred references in a row."""
    for number in range(10000, 10100):
        digits = write(number).replace("-", "")
        wrong = {digits[:i] + d + digits[i + 1 :] for i in range(len(digits)) for d in "0123456789"} - {digits}
        wrong |= {digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(len(digits) - 1)} - {digits}
        assert all(_refused(each) for each in wrong)


def _refused(text: str, prefix: str = "") -> bool:
    try:
        read(text, prefix)
    except BadReference:
        return True
    return False


@given(NUMBERS, PREFIXES, st.data())
def test_any_spelling_is_read(number: int, prefix: str, data: st.DataObject) -> None:
    """Spaces, dashes of any kind, dots, small letters, with or without the prefix."""
    noise = st.text(alphabet=" -‐‑–—−._#/\t\u00a0", max_size=2)
    letters = data.draw(st.sampled_from([prefix, prefix.lower(), prefix.title(), ""]))
    digits = write(number).replace("-", "")
    spelled = data.draw(noise) + letters + data.draw(noise) + "".join(digit + data.draw(noise) for digit in digits)
    assert read(spelled, prefix) == number


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", "abc", "12", "1048-2x", "١٠٤٨٢٦", "\uff11\uff10\uff14\uff18\uff12\uff16", "1048²6", "ⅣⅤ",
        "1" * 19, "9" * 5_000_000,
        "1048-26" + " " * 70 + "x", "TH", "XX1048-26", "\x1b[31m1048-26", "1048-26 and more",
    ],
    ids=range(17),
)  # fmt: skip
def test_what_is_no_reference_is_refused_in_few_plain_words(text: str) -> None:
    with pytest.raises(BadReference, match=r"is not a ticket reference: one looks like TH1048-26\.") as refused:
        read(text, "TH")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 160
    assert not looks_like(text, "TH")


def test_a_misheard_reference_still_looks_like_one() -> None:
    """A search box must say that it is wrong, and not look for words."""
    assert looks_like("1048-26")
    assert looks_like("th 1048 27", "TH")
    assert not looks_like("07700 900123")
    assert not looks_like("printer 2")


def test_a_reference_has_five_digits_at_least_and_eighteen_at_most() -> None:
    assert read(write(1000)) == 1000
    assert read(write(10**17 - 1)) == 10**17 - 1
    for number in (999, 10**17):
        with pytest.raises(BadReference, match="is not a ticket reference"):
            read(write(number))
    assert looks_like(write(1000))
    assert looks_like(write(10**7 - 1))
    assert not looks_like(write(999))
    assert not looks_like(write(10**7)), "a telephone number"


def test_what_is_too_long_is_not_even_looked_at() -> None:
    assert read("1048" + " " * 58 + "26") == 10482
    with pytest.raises(BadReference):
        read("1048" + " " * 59 + "26")


def test_what_was_typed_is_repeated_up_to_a_width() -> None:
    for text, shown in (("x" * 24, "x" * 24), ("x" * 25, "x" * 23 + "…")):
        with pytest.raises(BadReference) as refused:
            read(f" {text} ")
        assert str(refused.value) == f"'{shown}' is not a ticket reference: one looks like 1048-26."


def test_the_reference_of_a_change() -> None:
    """Told from a ticket's by its letter; three digits at least before the check digit."""
    assert write_change(11) == "C-0117"
    assert read_change("c 0117") == 11
    assert read_change(write_change(10**17 - 1)) == 10**17 - 1
    for text in ("C-011", "C-", "C", "0117", "C-011x", "CC-0117", "1048-26", write_change(10**17)):
        assert not looks_like_change(text)
        with pytest.raises(BadReference) as refused:
            read_change(text)
        assert str(refused.value) == f"{text!r} is not the reference of a change: one looks like C-0117."
    assert looks_like_change("C-0118")
    with pytest.raises(BadReference) as refused:
        read_change("C-0118")
    assert str(refused.value) == "'C-0118' cannot be right: a digit is wrong or two are swapped. Please ask again."


@pytest.mark.parametrize("name", SAMPLES)
def test_the_first_reference_of_each_sample_can_be_read(name: str) -> None:
    style = load_sample(name)[1].reference
    assert read(write(style.first, style.prefix).lower(), style.prefix) == style.first


@given(st.integers(1, 99_999), st.integers(1, 9999))
def test_a_provisional_reference_is_read_in_any_spelling_and_is_no_other(terminal: int, number: int) -> None:
    """R042: it can never equal a real one, whatever letters a desk's references begin with."""
    written = reference.write_provisional(terminal, number)
    for spelling in (written, written.lower(), written.replace("-", ""), f" {' '.join(written)} "):
        assert reference.looks_like_provisional(spelling)
        assert reference.read_provisional(spelling) == written
    for prefix in ("", "T", "NG"):
        with pytest.raises(reference.BadReference):
            reference.read(written, prefix)
    assert not reference.looks_like(written)
    assert not reference.looks_like_change(written)


@given(st.integers(1, 99_999), st.integers(1, 9999), st.data())
def test_a_misheard_provisional_reference_is_refused(terminal: int, number: int, data: st.DataObject) -> None:
    """R041."""
    written = reference.write_provisional(terminal, number)
    place = data.draw(st.sampled_from([i for i, c in enumerate(written) if c.isdigit()]))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != written[place]]))
    with pytest.raises(reference.BadReference):
        reference.read_provisional(written[:place] + other + written[place + 1 :])
