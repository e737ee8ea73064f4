"""What to say of a database that cannot be used: each state told apart, in a sentence, with the way out.

The states are those of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html). Its own words are
quoted only of states in which they speak of the place, never of what a caller said.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError

from deskterm.store.base import Invalid, Offline, StoreError, Unusable
from deskterm.store.trouble import Damaged

_BUSY: Final = ("55P03", "40001", "40P01", "25P03", "57014")
_NOT_LET_IN: Final = ("28000", "28P01")
_READ_ONLY: Final = "25006"
_NO_DATABASE: Final = "3D000"
_FULL: Final = ("53100", "53200")
_CROWDED: Final = "53300"
_MAY_NOT: Final = "42501"
_TOO_LONG: Final = "54000"
_OTHER_SCHEMA: Final = ("42P01", "42703", "42883", "42704", "3F000")


def told(error: DBAPIError, name: str) -> StoreError:
    """Say in a sentence for people what the database complains of."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state in _BUSY:
        return Offline(f"{name} is busy: somebody else writes there for long. Nothing was written; please try again.")
    if state in _FULL:
        return Offline(f"{name} has no room left. Nothing was written; please tell whoever runs it, and try again.")
    if state == _CROWDED:
        return Offline(f"{name} takes no more connections now. Nothing was written; please try again.")
    if state in _NOT_LET_IN or _is_without_password(error):
        return Unusable(
            f"{name} does not let you in. Look at the user name, and keep the password in ~/.pgpass or PGPASSWORD."
        )
    if state == _NO_DATABASE or (not state and "does not exist" in str(error.orig)):
        return Unusable(f"{name} is not there: {_first_line(error)}. Make it with `createdb`, or name another one.")
    if state == _READ_ONLY:
        return Unusable(f"{name} can be read but not written: it may be a standby. Name the main server.")
    if state == _MAY_NOT:
        return Unusable(f"{name} cannot be used: its user lacks a right ({_first_line(error)}).")
    if state == _TOO_LONG:
        return Invalid("A name or key in this is longer than can be kept. Please shorten it.", field="key")
    if state in _OTHER_SCHEMA:
        return Damaged(
            f"{name} is damaged: its tables are not what they were ({_first_line(error)}). `deskterm verify` may say "
            "more, and a dump of it can be put in its place with pg_restore."
        )
    if not state or state.startswith(("08", "57P")):
        return cut_off(name)
    return Unusable(f"{name} cannot be used (PostgreSQL says {state}). It was left as it is.")


def cut_off(name: str) -> Offline:
    """Say that the line or the server is down. A command that was on its way may have arrived."""
    return Offline(
        f"{name} cannot be reached. Please try again: what was saved before the line broke is not saved twice."
    )


def unreadable(name: str) -> Unusable:
    """Say that rows make no sense: the database can read them and we cannot, so somebody or something changed them."""
    return Unusable(
        f"{name} holds something that this version cannot read. `deskterm verify` says what, and `deskterm rebuild` "
        "mends what can be made again from the log."
    )


def older(name: str) -> Unusable:
    """Say that a desk is of an older version."""
    return Unusable(
        f"{name} is of an older version. When nobody is at work, `deskterm upgrade` brings it up to date; until then "
        "use the deskterm that wrote it."
    )


def newer(name: str) -> Unusable:
    """Say that a desk is from a newer program than this one."""
    return Unusable(f"{name} was written by a newer deskterm. Update this one (pip install -U deskterm) to open it.")


def empty(name: str) -> Unusable:
    """Say that there is no desk in a database yet."""
    return Unusable(f"There is no desk in {name} yet. Make one with `deskterm desk load FILE`, or try `deskterm demo`.")


def foreign(name: str) -> Unusable:
    """Say that a database is another program's."""
    return Unusable(f"{name} holds tables of another program. Make a database for the desk alone: `createdb desk`.")


def _is_without_password(error: DBAPIError) -> bool:
    words = str(error.orig)
    return "no password supplied" in words or "authentication failed" in words or "no pg_hba.conf entry" in words


def _first_line(error: DBAPIError) -> str:
    words = next(iter(str(error.orig).strip().splitlines()), "")
    return words.rpartition("FATAL:")[2].strip().rstrip(".") or "it gives no reason"
