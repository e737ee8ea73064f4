"""Ticket references: short, speakable, and refused when a digit was misheard (R038, R041).

A reference is a number followed by a Damm check digit, written with a dash before the last two digits: 10482
becomes 1048-26. Damm's scheme catches every wrong digit and every swap of neighbours.
"""

from __future__ import annotations

import re

_NOISE = re.compile(r"[\s\-‐-―−._#/]+")
_LONGEST_TEXT = 64
_FEWEST, _MOST = 5, 18
"""Digits of a reference: no ticket number has fewer than four, and a store keeps no more than seventeen."""

MOST_PROVISIONAL = 9999
"""References that one terminal gives; then it gets another number."""


class BadReference(ValueError):
    """What was typed is no reference; the message says why, in words for the person who typed it."""


def write(number: int, prefix: str = "") -> str:
    """Write a ticket number as its reference, e.g. `write(10482)` is "1048-26"."""
    digits = f"{number}{_check_digit(str(number))}"
    return f"{prefix}{digits[:-2]}-{digits[-2:]}"


def read(text: str, prefix: str = "") -> int:
    """Read a reference in any spelling (spaces, dashes, with or without prefix) and return its number.

    Raises BadReference when it is not one, or when its check digit says that it was misheard or mistyped.
    """
    plain = _plain(text, prefix)
    if not _is_digits(plain) or not _FEWEST <= len(plain) <= _MOST:
        raise BadReference(f"{_shown(text)} is not a ticket reference: one looks like {write(10482, prefix)}.")
    if not _is_sound(plain):
        raise BadReference(f"{_shown(text)} cannot be right: a digit is wrong or two are swapped. Please ask again.")
    return int(plain[:-1])


def write_change(number: int) -> str:
    """Write the number of a change as its reference, e.g. `write_change(11)` is "C-0117"; the last is a check digit."""
    return f"C-{number:03d}{_check_digit(str(number))}"


def read_change(text: str) -> int:
    """Read the reference of a change in any spelling and return its number. Raises BadReference as `read` does."""
    plain = _plain(text, "")
    if not looks_like_change(text):
        raise BadReference(f"{_shown(text)} is not the reference of a change: one looks like {write_change(11)}.")
    if not _is_sound(plain[1:]):
        raise BadReference(f"{_shown(text)} cannot be right: a digit is wrong or two are swapped. Please ask again.")
    return int(plain[1:-1])


def looks_like_change(text: str) -> bool:
    """Say whether somebody seems to be typing the reference of a change: C and at least four digits."""
    plain = _plain(text, "")
    return plain.startswith("C") and _is_digits(plain[1:]) and 4 <= len(plain) - 1 <= _MOST


def write_provisional(terminal: int, number: int) -> str:
    """Write the reference that a terminal gives by itself while it cannot reach the desk (R042).

    `write_provisional(12, 34)` is "12-00348T": the terminal, its own number in four digits, a check digit, and a T
    that no other reference ends with. Raises ValueError past 9999, which is `MOST_PROVISIONAL`.
    """
    if terminal < 1 or not 1 <= number <= MOST_PROVISIONAL:
        raise ValueError(f"a terminal gives references 1 to {MOST_PROVISIONAL}")
    return f"{terminal}-{number:04d}{_check_digit(f'{terminal}{number:04d}')}T"


def read_provisional(text: str) -> str:
    """Read a provisional reference in any spelling; returns it as it is written. Raises BadReference as `read` does."""
    plain = _plain(text, "")
    if not looks_like_provisional(text) or plain.startswith("0"):
        raise BadReference(f"{_shown(text)} is no provisional reference: one looks like {write_provisional(12, 34)}.")
    if not _is_sound(plain[:-1]):
        raise BadReference(f"{_shown(text)} cannot be right: a digit is wrong or two are swapped. Please ask again.")
    return f"{plain[:-6]}-{plain[-6:]}"


def looks_like_provisional(text: str) -> bool:
    """Say whether somebody seems to be typing a provisional reference: at least six digits and a T."""
    plain = _plain(text, "")
    return plain.endswith("T") and _is_digits(plain[:-1]) and 6 <= len(plain) - 1 <= _MOST


def looks_like(text: str, prefix: str = "") -> bool:
    """Say whether somebody seems to be typing a reference (right or wrong) rather than words."""
    plain = _plain(text, prefix)
    return _is_digits(plain) and _FEWEST <= len(plain) <= 8


def spoken(reference: str) -> str:
    """Space a reference out for reading aloud: "1048-26" is "1 0 4 8 – 2 6"."""
    return " ".join("–" if c == "-" else c for c in reference)


def _check_digit(digits: str) -> str:
    from stdnum import damm  # with the first reference: it comes with much that a desk has no use for

    return str(damm.calc_check_digit(digits))


def _is_sound(digits: str) -> bool:
    from stdnum import damm

    return bool(damm.is_valid(digits))


def _plain(text: str, prefix: str) -> str:
    words = text.strip()
    return _NOISE.sub("", words).upper().removeprefix(prefix) if len(words) <= _LONGEST_TEXT else ""


def _is_digits(plain: str) -> bool:
    return plain.isascii() and plain.isdigit()


def _shown(text: str) -> str:
    """Repeat what was typed, short and without anything that a terminal would act on."""
    words = text.strip()
    return repr(words if len(words) <= 24 else words[:23] + "…")
