"""Who may act besides those of the desk file, and the tokens by which operators come over the network.

An operator added here stands beside those of the desk file, and in the place of one with its name; a disabled one is
nobody at the desk, wherever it was named, until it is enabled again. A token is 256 random bits: nobody guesses what
one hash stands for, so that SHA-256 keeps it as well as a slow hash would, at a cost that every request can bear.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.desk.record import new_id
from deskterm.store.base import Invalid, NotFound
from deskterm.store.schema import account, micros, moment, token
from deskterm.store.writing import Asking

SCOPES: Final = {
    "read": "see what the operator may see, and follow the feed",
    "write": "send the operator's commands",
    "desk": "load a desk file, where the operator's level allows it",
    "metrics": "read the server's metrics",
}
"""What a token may be good for, each in a few words."""
PREFIX: Final = "deskterm_"
"""Begins every token, so that one that was left lying about is recognised."""
_BY_HASH: Final = Asking(sa.select(token).where(token.c.hash == sa.bindparam("hash")))
"""Asked with every request over the network."""
REVISION: Final = sa.select(sa.func.max(account.c.revision))


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: all but the secret."""

    id: UUID
    operator: str
    scopes: tuple[str, ...]
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def ended(self, now: datetime) -> str:
        """Why it lets nobody in any more, in one word; empty while it does."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else ""


@dataclass(frozen=True, slots=True)
class Account:
    """An operator, where it is named, and whether it may act."""

    operator: Operator
    added: bool
    disabled_at: datetime | None = None


def fold_name(name: str) -> str:
    """The name under which an operator is kept."""
    return name.strip().casefold()


def in_force(connection: sa.Connection, desk: DeskFile) -> DeskFile:
    """The desk file with the operators that there are now."""
    known = accounts(connection, desk)
    operators = tuple(each.operator for each in known if each.disabled_at is None)
    return desk if operators == desk.operator else desk.model_copy(update={"operator": operators})


def accounts(connection: sa.Connection, desk: DeskFile | None) -> tuple[Account, ...]:
    """Everybody of the desk file and everybody added, those that are disabled too."""
    rows = {row.folded: row for row in connection.execute(sa.select(account).order_by(account.c.folded))}
    added = {folded: Operator.model_validate_json(row.state) for folded, row in rows.items() if row.state is not None}
    named = {fold_name(each.name): each for each in (desk.operator if desk else ())}
    ends = {folded: moment(row.disabled_at) for folded, row in rows.items() if row.disabled_at is not None}
    everybody = {**named, **added}
    return tuple(Account(each, folded in added, ends.get(folded)) for folded, each in everybody.items())


def add(connection: sa.Connection, desk: DeskFile | None, operator: Operator) -> None:
    """Add an operator, or change one that was added. Raises Invalid for what the desk does not know."""
    groups = {group.name for group in desk.group} if desk else set()
    for name in operator.groups:
        if name not in groups:
            raise Invalid(f"The desk has no group {name!r}.", field="groups")
    if operator.level in ("system", "guest"):
        raise Invalid("An operator is level 0, 1, 2 or 3, a supervisor or a vendor.", field="level")
    theirs = {fold_name(operator.name), fold_name(operator.login or operator.name)}
    for other in accounts(connection, desk):
        if fold_name(other.operator.name) == fold_name(operator.name):
            continue
        if theirs & {fold_name(other.operator.name), fold_name(other.operator.login)}:
            raise Invalid(f"{other.operator.name} has that name or login already.", field="name")
    _put(connection, fold_name(operator.name), {"state": operator.model_dump_json(), "disabled_at": None})


def disable(connection: sa.Connection, desk: DeskFile | None, name: str, at: datetime | None) -> Operator:
    """Let an operator act no more from a moment, or again with None. Raises NotFound."""
    wanted = fold_name(name)
    for known in accounts(connection, desk):
        if wanted in (fold_name(known.operator.name), fold_name(known.operator.login)):
            _put(
                connection, fold_name(known.operator.name), {"disabled_at": None if at is None else micros(at)}
            )  # fmt: skip
            return known.operator
    raise NotFound(f"There is no operator {name!r} at this desk.")


def _put(connection: sa.Connection, folded: str, values: dict[str, object]) -> None:
    revision = (connection.execute(REVISION).scalar() or 0) + 1
    known = connection.execute(
        account.update().where(account.c.folded == folded).values(**values, revision=revision)
    ).rowcount
    if not known:
        connection.execute(account.insert().values(folded=folded, **values, revision=revision))


# -- tokens


def digest(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def create_token(
    connection: sa.Connection,
    operator: Operator,
    scopes: Sequence[str],
    *,
    now: datetime,
    expires_at: datetime | None,
    label: str = "",
) -> tuple[str, Token]:
    """Make a token for an operator; the secret is told here and never again. Raises Invalid for an unknown scope."""
    for scope in scopes:
        if scope not in SCOPES:
            raise Invalid(f"There is no scope {scope!r}. There are {', '.join(SCOPES)}.", field="scope")
    secret = PREFIX + secrets.token_urlsafe(32)
    made = Token(new_id(), operator.name, tuple(dict.fromkeys(scopes)), label, now, expires_at, None)
    connection.execute(
        token.insert().values(
            id=made.id,
            hash=digest(secret),
            operator=fold_name(operator.name),
            scopes=" ".join(made.scopes),
            label=label,
            created_at=micros(now),
            expires_at=None if expires_at is None else micros(expires_at),
        )
    )
    return secret, made


def token_of(connection: sa.Connection, secret: str) -> Token | None:
    """The token with this secret, whether or not it still lets anybody in; None where there is none."""
    found = _BY_HASH(connection, {"hash": digest(secret)})
    return _kept(*found[0]) if found else None


def tokens(connection: sa.Connection) -> tuple[Token, ...]:
    """All tokens, the oldest first."""
    return tuple(_kept(*row) for row in connection.execute(sa.select(token).order_by(token.c.created_at, token.c.id)))


def revoke(connection: sa.Connection, wanted: str, now: datetime) -> tuple[Token, ...]:
    """Let a token, by the beginning of its id, or all tokens of an operator in no more. Raises NotFound, Invalid."""
    known = [each for each in tokens(connection) if each.operator == fold_name(wanted)]
    if not known:
        known = [each for each in tokens(connection) if str(each.id).startswith(wanted.strip().casefold() or "?")]
        if len(known) > 1:
            raise Invalid(f"{len(known)} tokens begin with {wanted!r}; write more of the id.", field="token")
    if not known:
        raise NotFound(f"There is no token {wanted!r}, and no operator of that name has one.")
    ids = [each.id for each in known]
    connection.execute(
        token.update().where(token.c.id.in_(ids), token.c.revoked_at.is_(None)).values(revoked_at=micros(now))
    )
    return tuple(each for each in tokens(connection) if each.id in ids)


@lru_cache(4096)
def _kept(
    key: Any, _hash: str, operator: str, scopes: str, label: str, created: int, expires: int | None, revoked: int | None
) -> Token:
    """Read a row, as the database has it."""
    ends = (None if at is None else moment(at) for at in (expires, revoked))
    return Token(
        key if isinstance(key, UUID) else UUID(key), operator, tuple(scopes.split()), label, moment(created), *ends
    )  # fmt: skip
