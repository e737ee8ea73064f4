"""Ticket references: short, speakable, and refused when a digit was misheard (R038, R041).

A reference is a number followed by a Damm check digit, written with a dash before the last two digits: 10482
becomes 1048-26. Damm's scheme catches every wrong digit and every swap of neighbours.
"""

from __future__ import annotations

import re

from stdnum import damm

_NOISE = re.compile(r"[\s\-–—._#/]+")


class BadReference(ValueError):
    """What was typed is no reference; the message says why, in words for the person who typed it."""


def write(number: int, prefix: str = "") -> str:
    """Write a ticket number as its reference, e.g. `write(10482)` is "1048-26"."""
    digits = f"{number}{damm.calc_check_digit(str(number))}"
    return f"{prefix}{digits[:-2]}-{digits[-2:]}"


def read(text: str, prefix: str = "") -> int:
    """Read a reference in any spelling (spaces, dashes, with or without prefix) and return its number.

    Raises BadReference when it is not one, or when its check digit says that it was misheard or mistyped.
    """
    plain = _NOISE.sub("", text).upper()
    if prefix and plain.startswith(prefix):
        plain = plain[len(prefix) :]
    if not (plain.isascii() and plain.isdigit()) or not 5 <= len(plain) <= 18:
        raise BadReference(f"{text.strip()!r} is not a ticket reference: one looks like {write(10482, prefix)}.")
    if not damm.is_valid(plain):
        raise BadReference(f"{text.strip()} cannot be right: a digit is wrong or two are swapped. Please ask again.")
    return int(plain[:-1])


def looks_like(text: str, prefix: str = "") -> bool:
    """Say whether somebody seems to be typing a reference (right or wrong) rather than words."""
    plain = _NOISE.sub("", text).upper().removeprefix(prefix)
    return plain.isascii() and plain.isdigit() and 5 <= len(plain) <= 8


def spoken(reference: str) -> str:
    """Space a reference out for reading aloud: "1048-26" is "1 0 4 8 – 2 6"."""
    return " ".join("–" if c == "-" else c for c in reference)
