"""Telephone numbers in any spelling, found by the same digits (R022).

Operators type what they hear: "+44 (0)7700 900123", "0044 7700 900123", "07700/900-123 ext 12". All are
"447700900123" here: the E.164 digits without the plus. What is no full number ("112", "202", an inside line) keeps
the digits that were typed. An extension belongs to a person, not to the number, and is left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_NUMBER = re.compile(r"[+(\d\s./\-–—)]*")
_EXTENSION = re.compile(r"[(,;\s]*([a-z]+|#)[.=:\s]*(\d*)\)?", re.IGNORECASE)
_FEWEST = 3
"""Digits that make somebody seem to be typing a number without a plus: 112 is the shortest ever dialled."""


def digits_of(text: str, country: str) -> str:
    """The digits a number is found by: E.164 without the plus where it is a full number, else those typed.

    `country` is the ISO code of the country that a number without country code belongs to.
    """
    plus, digits = _typed(text)
    return _full(plus, digits, country.upper()) if digits else ""


def prefixes_of(text: str, country: str) -> tuple[str, ...]:
    """What the digits of a number still being typed may begin with, best guess first.

    Nothing while that could be any number ("+", "0", "00"), and for what is no number.
    """
    if _parts(text)[1] is None:
        return ()
    plus, digits = _typed(text)
    if plus:
        return _international(digits)
    found: list[str] = []
    own, trunk, abroad = _habits(country.upper())
    for sign in dict.fromkeys(("00", abroad)):
        if sign and digits.startswith(sign):
            found += _international(digits.removeprefix(sign))
        elif sign and digits and sign.startswith(digits):
            return ()
    if not digits.startswith("00"):
        rest = digits.removeprefix(trunk)
        found += [own + rest] if rest and own else []
        found += [own + digits, digits] if rest and trunk not in ("", "0") else [digits] if rest else []
    return tuple(dict.fromkeys(found))


def looks_like_phone(text: str) -> bool:
    """Say whether somebody seems to be typing a telephone number rather than a name."""
    number, extension = _parts(text)
    fewest = 1 if "+" in number else _FEWEST
    return extension is not None and sum(c.isdigit() for c in number) >= fewest


def pretty(text: str, country: str) -> str:
    """Write a number the way its readers dial it: nationally at home, internationally abroad; an extension stays.

    What is no full number is given back as it was typed.
    """
    _, extension = _parts(text)
    digits = digits_of(text, country)
    written = _written(digits, country.upper()) if digits else ""
    if not written:
        return text.strip()
    return f"{written} ext {extension}" if extension else written


def _parts(text: str) -> tuple[str, str | None]:
    """A number as typed, digits of any script as 0-9, and its extension; None where something else follows."""
    narrow = unicodedata.normalize("NFKC", text).strip().casefold().removeprefix("tel:")
    plain = narrow if narrow.isascii() else "".join(str(unicodedata.decimal(c, c)) for c in narrow)
    number = _NUMBER.match(plain)
    rest = plain[number.end() :] if number else plain
    if not rest:
        return plain, ""
    found = _EXTENSION.fullmatch(rest)
    if found is None or not ("extension".startswith(found[1]) or found[1] in ("x", "extn", "#")):
        return plain, None
    return (plain[: -len(rest)], found[2]) if len(rest) < len(plain) else (found[2], "")


def _typed(text: str) -> tuple[bool, str]:
    """Whether an international number was typed with a plus, and its digits without extension."""
    number, _ = _parts(text)
    return number.lstrip("( ").startswith("+"), "".join(c for c in number if c in "0123456789")


def _international(digits: str) -> tuple[str, ...]:
    bare = _without_trunk(digits)
    return tuple(dict.fromkeys(d for d in (bare, digits) if d))


@lru_cache(maxsize=32768)
def _full(plus: bool, digits: str, country: str) -> str:
    import phonenumbers

    _, _, abroad = _habits(country)
    for sign in ("00", abroad):
        if sign and not plus and digits.startswith(sign):
            plus, digits = True, digits.removeprefix(sign)
    try:
        number = phonenumbers.parse(f"+{digits}" if plus else digits, country)
    except phonenumbers.NumberParseException:
        return _without_trunk(digits) if plus else digits
    # A leading zero kept in front of a British number means that too few digits were typed.
    half = number.italian_leading_zero and _habits_of_code(number.country_code or 0)[1] == "0"
    if half or not _is_full(number):
        return _without_trunk(digits) if plus else digits
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)).lstrip("+")


def _is_full(number: PhoneNumber) -> bool:
    import phonenumbers

    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


@lru_cache(maxsize=512)
def _habits(country: str) -> tuple[str, str, str]:
    """How a country dials: its code, the digits before a number at home, and those before one abroad."""
    import phonenumbers

    found = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    if found is None:
        return "", "", ""
    abroad = found.international_prefix or ""
    return str(found.country_code), found.national_prefix or "", abroad if abroad.isdigit() else ""


def _habits_of_code(code: int) -> tuple[str, str, str]:
    import phonenumbers

    return _habits(phonenumbers.region_code_for_country_code(code))


def _without_trunk(digits: str) -> str:
    """Leave out the zero that "+44 (0)7700" carries, where that country dials one at home only."""
    import phonenumbers

    for length in (1, 2, 3):
        code, rest = digits[:length], digits[length:]
        if code and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code + rest.removeprefix("0") if _habits_of_code(int(code))[1] == "0" else digits
    return digits


@lru_cache(maxsize=4096)
def _written(digits: str, country: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return ""
    if not _is_full(number):
        return ""
    style = phonenumbers.PhoneNumberFormat
    at_home = str(number.country_code) == _habits(country)[0]
    return str(phonenumbers.format_number(number, style.NATIONAL if at_home else style.INTERNATIONAL))
