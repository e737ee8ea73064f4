"""Public holidays of countries and their parts, from a library that is loaded when first asked (R085).

What it knows changes with its version. A desk that wants its past to stand keeps the days it was told and hands them
to `hours_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

_ENGLISH: Final = ("en_GB", "en_US")


class UnknownHolidays(ValueError):
    """Nobody knows the public holidays of a region; the message is a sentence that names it."""


@lru_cache(maxsize=1024)
def public_holidays(region: str, year: int) -> Mapping[date, str]:
    """The public holidays of a region such as `GB-ENG` in a year, with their English names where there are any.

    Days that stand in for a holiday on a weekend are among them. Raises UnknownHolidays.
    """
    from holidays import country_holidays

    country, _, part = region.partition("-")
    try:
        spoken = country_holidays(country, subdiv=part or None).supported_languages
        language = next((each for each in _ENGLISH if each in spoken), None)
        found = country_holidays(country, subdiv=part or None, years=year, expand=False, language=language)
    except NotImplementedError:
        raise UnknownHolidays(f'The public holidays of "{region}" are not known.') from None
    return dict(sorted(found.items()))
