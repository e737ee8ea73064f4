"""Which desk file is in force, read once and kept until another is loaded, and who somebody is at that desk."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace

import sqlalchemy as sa

from deskterm.desk.deskfile import DeskFile, Operator
from deskterm.store import accounts
from deskterm.store.base import Invalid, NotAllowed, NotFound
from deskterm.store.desk_rows import parse_again
from deskterm.store.schema import desk_file
from deskterm.store.writing import Asking
from deskterm.text import clean_for_store

_POSITION = Asking(
    sa.select(
        sa.select(sa.func.max(desk_file.c.position)).scalar_subquery().label("position"),
        accounts.REVISION.scalar_subquery().label("revision"),
    )
)
_FILE = sa.select(desk_file.c.name, desk_file.c.source, desk_file.c.demo).where(
    desk_file.c.position == sa.bindparam("wanted")
)
NOT_LOADED = "This store has no desk file yet. Load one with `deskterm desk load FILE`, or try `deskterm demo`."


@dataclass(frozen=True, slots=True)
class InForce:
    """A desk file in force since a position of the log."""

    position: int
    desk: DeskFile
    """With the operators who may act: those of the file, and those of `accounts`."""
    demo: bool
    file: DeskFile
    """As it was loaded."""
    revision: int | None = None
    """Of the operators that `accounts` keeps."""


class DeskInForce:
    """The desk file in force, cached by the position of the event that loaded it. May be asked from any thread."""

    def __init__(self) -> None:
        self._kept: InForce | None = None

    def find(self, connection: sa.Connection) -> InForce | None:
        """The desk file in force as this connection sees the store; None before any was loaded."""
        ((position, revision),) = _POSITION(connection, {})
        if position is None:
            return None
        kept = self._kept
        if kept is None or kept.position != position:
            kept = self._kept = _read(connection, position, revision)
        elif kept.revision != revision:
            kept = self._kept = replace(kept, desk=accounts.in_force(connection, kept.file), revision=revision)
        return kept

    def forget(self) -> None:
        """Read the desk file again when it is next asked for."""
        self._kept = None

    def get(self, connection: sa.Connection) -> DeskFile:
        """The desk file in force. Raises NotFound before any was loaded."""
        found = self.find(connection)
        if found is None:
            raise NotFound(NOT_LOADED)
        return found.desk


def _read(connection: sa.Connection, position: int, revision: int | None) -> InForce:
    from deskterm.desk.deskfile.check import DeskFileError

    row = connection.execute(_FILE, {"wanted": position}).one()
    try:
        file = parse_again(row.source, row.name)
    except DeskFileError as error:
        raise Invalid(f"The desk file in force cannot be read by this version.\n{error}", field="source") from error
    return InForce(position, accounts.in_force(connection, file), bool(row.demo), file, revision)


def login() -> str:
    """The name of the user's account on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def acting(found: InForce | None, wanted: str | None, account: str, *, strict: bool = False) -> Operator:
    """Who somebody is at the desk: the operator they name, else the one with their login, else a guest.

    In a demo whoever comes without a name is the first level-0 operator. With `strict` an unknown name raises
    NotAllowed and lists those there are; before a desk file was loaded nobody is known, and everybody a guest.
    """
    wanted, account = clean_for_store(wanted) if wanted else wanted, clean_for_store(account)
    if found is None:
        return Operator(name=wanted or account, level="guest")
    desk = found.desk
    if wanted is not None:
        known = desk.operator_named(wanted)
        if known is None and strict:
            names = ", ".join(operator.name for operator in desk.operator)
            raise NotAllowed(f"There is no operator {wanted!r} at this desk. The operators are {names}.")
        return known or Operator(name=wanted, level="guest")
    mine = next((o for o in desk.operator if o.login and o.login.casefold() == account.casefold()), None)
    if mine is None and found.demo:
        mine = next((o for o in desk.operator if o.level == 0), None)
    return mine or Operator(name=account, level="guest")
