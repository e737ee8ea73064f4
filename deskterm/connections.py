"""Connections: the desks that a user names in the settings, each in a colour, so that nobody acts on the wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

COLOURS: Final = ("red", "amber", "green", "cyan", "blue", "violet")
"""Colours of connections. No two connections share one; what each looks like stands in `deskterm.themes`."""
PLAIN: Final = "grey"
"""The colour of a desk that has no colour of its own; any number may have it."""
LONGEST_NAME: Final = 16
"""Letters of a name: it stands in the heading of every screen, beside all else."""

_SCHEMES: Final = ("sqlite", "http", "https", "postgresql", "postgres", "postgresql+psycopg")
_KEYS: Final = ("store", "operator", "colour")
_SECRETS: Final = ("token", "password", "secret")
_NAME: Final = re.compile(r"[^\W_](?:[\w .&+-]*[^\W_])?")

Wrong = tuple[list[str], str]
"""The keys that lead to a setting, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A desk with a name."""

    name: str
    store: str
    operator: str | None = None
    """Who acts there; nothing means whoever the settings, or the desk, say."""
    colour: str = PLAIN


def wrong_connections(found: Mapping[str, object]) -> Iterator[Wrong]:
    """What is wrong with the `[connections.…]` tables, one complaint after the other."""
    taken: dict[str, str] = {}
    for name, table in found.items():
        place = ["connections", name]
        if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
            yield place, f"a name has up to {LONGEST_NAME} letters, digits, spaces or dashes"
        elif not isinstance(table, dict):
            yield place, f'Input should be a table: [connections.{name}], and below it store = "…"'
        else:
            yield from (([*place, key], problem) for key, problem in _wrong(table))
            colour = table.get("colour")
            if colour in COLOURS and (other := taken.setdefault(str(colour), name)) != name:
                yield [*place, "colour"], f"{other} has {colour} already; no two connections may look the same"


def _wrong(table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if key in _SECRETS:
            yield key, "no secret is kept in this file; `deskterm token keep --connection NAME` keeps a token"
        elif key not in _KEYS:
            yield key, f"there is no such setting{nearest(key, _KEYS)}"
        elif not isinstance(value, str) or not value.strip():
            yield key, "Input should be a valid string"
    store, colour = table.get("store"), table.get("colour")
    if "store" not in table:
        yield "store", "is missing: a file, or a postgresql:// or https:// URL"
    elif isinstance(store, str) and (problem := _wrong_store(store)):
        yield "store", problem
    if isinstance(colour, str) and colour not in (*COLOURS, PLAIN):
        yield "colour", f"there is no colour {colour!r}{nearest(colour, (*COLOURS, PLAIN))}"


def _wrong_store(store: str) -> str:
    scheme, colon, _ = store.partition("://")
    if colon and scheme not in _SCHEMES:
        return f"there is no store at {scheme}://; name a file, or a postgresql:// or https:// URL"
    file = file_of(store)
    # From another folder it would be another desk.
    if file is not None and not file.is_absolute():
        return f"{str(file)!r} depends on the folder one is in; write the whole path, or one that begins with ~"
    return ""


def connections_of(found: Mapping[str, Any]) -> dict[str, Connection]:
    """Make connections of tables that are sound. Those that say no colour get one that nobody has, while there is."""
    said = {table.get("colour") for table in found.values()}
    left = iter([colour for colour in COLOURS if colour not in said])
    return {
        name: Connection(name, t["store"], t.get("operator"), t.get("colour") or next(left, PLAIN))
        for name, t in found.items()
    }


def file_of(url: str) -> Path | None:
    """The file that a path or a `sqlite:///` URL names; None for a desk elsewhere."""
    scheme, colon, rest = url.partition("://")
    if not colon:
        return Path(url).expanduser()
    return Path(unquote(rest[1:])).expanduser() if scheme == "sqlite" else None


def desk_at(url: str) -> str:
    """One spelling for the desk at a URL, however it is written; whose name and password lead there is no part of it.

    What was typed at a desk and not saved is kept under this.
    """
    file = file_of(url)
    if file is not None:
        return f"sqlite:///{file.resolve().as_posix()}"
    scheme, _, rest = url.partition("://")
    place, _, asked = rest.partition("?")
    host, slash, path = place.rpartition("@")[2].partition("/")
    query = "&".join(each for each in asked.split("&") if each and "password=" not in each)
    where = f"{host.casefold()}{slash}{path}".rstrip("/") + (f"?{query}" if query else "")
    return f"{'postgresql' if scheme.startswith('postgres') else scheme.casefold()}://{where}"


def nearest(name: str, known: Sequence[str]) -> str:
    """Suggest the known name that was most likely meant, ready to be put behind the complaint."""
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"
