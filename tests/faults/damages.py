"""Ways to damage a store's file, drawn from a seed: each says what may be told of it, and what may not."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deskterm.store.schema import metadata

SECTOR: Final = 512
PAGE: Final = 4096
WHOLE, FOREIGN, DAMAGED, NEWER, READ_ONLY, EMPTY, NO_FILE, ROWS = (
    "opened", "foreign", "damaged", "newer", "read-only", "empty", "no file", "rows",
)  # fmt: skip
"""What may come of looking at a file; ROWS is a file that is whole with something in it that makes no sense."""

TOLD: Final = {
    "is no deskterm store": FOREIGN,
    "is damaged": DAMAGED,
    "written by a newer deskterm": NEWER,
    "can be read but not written": READ_ONLY,
    "is an empty file": EMPTY,
    "is a directory": NO_FILE,
    "no ordinary file": NO_FILE,
    "There is no store at": NO_FILE,
    "holds something that this version cannot read": ROWS,
    "This store has no desk file yet": ROWS,
    "The desk file in force cannot be read": ROWS,
}
"""The words by which an operator tells one state from another."""

Hurt = Callable[[Path, random.Random], None]


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged file: how it is called, what is done to a sound one, and what may be told of it."""

    name: str
    hurt: Hurt
    may_be: frozenset[str]
    with_log: bool = False
    """Done to a store that a crash left with calls in its write-ahead log."""


def log_of(path: Path) -> Path:
    """The write-ahead log beside a store."""
    return path.with_name(f"{path.name}-wal")


def _cut(path: Path, chance: random.Random) -> None:
    size = path.stat().st_size
    os.truncate(
        path, chance.choice([chance.randrange(1, 100), chance.randrange(size), size // PAGE // 2 * PAGE, size - 1])
    )


def _flip(path: Path, chance: random.Random, start: int, end: int, times: int = 1) -> None:
    with path.open("r+b") as file:
        for _ in range(times):
            place = chance.randrange(start, end)
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 1 << chance.randrange(8)]))


def _flip_header(path: Path, chance: random.Random) -> None:
    _flip(path, chance, 0, 100)


def _flip_pages(path: Path, chance: random.Random) -> None:
    _flip(path, chance, 100, path.stat().st_size, chance.choice([1, 1, 2, 8]))


def _overwrite(path: Path, chance: random.Random) -> None:
    step = chance.choice([SECTOR, PAGE])
    block = chance.choice([bytes(step), b"\xff" * step, chance.randbytes(step)])
    with path.open("r+b") as file:
        file.seek(chance.randrange(path.stat().st_size // step) * step)
        file.write(block)


def _swap_pages(path: Path, chance: random.Random) -> None:
    pages = path.stat().st_size // PAGE
    one, two = chance.sample(range(1, pages), 2)
    block = path.read_bytes()
    swapped = {one: two, two: one}
    path.write_bytes(b"".join(block[at * PAGE :][:PAGE] for at in (swapped.get(n, n) for n in range(pages))))


def _cut_log(path: Path, chance: random.Random) -> None:
    os.truncate(log_of(path), chance.randrange(log_of(path).stat().st_size))


def _flip_log_header(path: Path, chance: random.Random) -> None:
    _flip(log_of(path), chance, 0, 32)


def _flip_log(path: Path, chance: random.Random) -> None:
    _flip(log_of(path), chance, 32, log_of(path).stat().st_size, chance.choice([1, 3]))


def _text(path: Path, chance: random.Random) -> None:
    words = ("Dear", "desk", "my", "router", "ünï", "\x1b[31m", "SQLite format 3", "\n")
    path.write_text("Hello, " + " ".join(chance.choices(words, k=chance.randrange(1, 3000))))


def _noise(path: Path, chance: random.Random) -> None:
    path.write_bytes(chance.choice([b"PK\x03\x04", b"\x89PNG", b""]) + chance.randbytes(chance.randrange(1, 9000)))


def _blank(path: Path, chance: random.Random) -> None:
    path.write_bytes(bytes(chance.randrange(1, 20_000)))


def _of_another_program(path: Path, chance: random.Random) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA page_size = {chance.choice([512, 4096, 65536])}")
        connection.execute(f"PRAGMA application_id = {chance.choice([0, chance.randrange(2**31)])}")
        connection.execute(f"CREATE TABLE {chance.choice(['event', 'ticket', 'notes'])} (a, b)")


def _marked_by_another(path: Path, chance: random.Random) -> None:
    _change(path, f"PRAGMA application_id = {chance.randrange(2**30)}")


def _newer(path: Path, chance: random.Random) -> None:
    version = chance.randrange(50, 10_000)
    _change(path, f"PRAGMA user_version = {version}", f"UPDATE alembic_version SET version_num = '{version:04}'")


def _torn_version(path: Path, chance: random.Random) -> None:
    version = chance.randrange(50, 10_000)
    mark = f"PRAGMA user_version = {version}", f"UPDATE alembic_version SET version_num = '{version:04}'"
    _change(path, chance.choice(mark))


def _no_table(path: Path, chance: random.Random) -> None:
    tables = ("event", "head", "receipt", "seen", "ticket", "customer", "solution", "alembic_version", "desk_file")
    _change(path, f"DROP TABLE {chance.choice(tables)}")


def _no_row(path: Path, chance: random.Random) -> None:
    _change(path, f"DELETE FROM {chance.choice(('head', 'alembic_version', 'tally', 'desk_file'))}")


def _other_column(path: Path, chance: random.Random) -> None:
    table = chance.choice(list(metadata.tables.values()))
    column = chance.choice(table.columns.keys())
    how = chance.choice([f"RENAME COLUMN {column} TO {column[:-1]}_", "ADD COLUMN more"])
    _change(path, f"ALTER TABLE {table.name} {how}")


def _senseless(path: Path, chance: random.Random) -> None:
    """Something else than was written stands in a few places of a table that is whole."""
    for _ in range(chance.choice([1, 1, 3])):
        table = chance.choice(list(metadata.tables.values()))
        column = chance.choice(table.columns.keys())
        value = chance.choice(
            ["7", "-1", "2.5", "9e999", "'x'", "''", "'{}'", "'[]'", "x'00ff'", "9223372036854775807"]
        )
        where = chance.choice(["", f"WHERE {column} IN (SELECT {column} FROM {table.name} LIMIT 3)"])
        with suppress(sqlite3.IntegrityError):  # no row's number can be a word
            _change(path, f"UPDATE OR IGNORE {table.name} SET {column} = {value} {where}")


def _change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def _empty(path: Path, _chance: random.Random) -> None:
    os.truncate(path, 0)


def _directory(path: Path, chance: random.Random) -> None:
    path.unlink()
    path.mkdir()
    if chance.random() < 0.5:
        (path / "desk.db").touch()


def _pipe_or_link(path: Path, chance: random.Random) -> None:
    path.unlink()
    if chance.random() < 0.5:
        os.mkfifo(path)
    else:
        path.symlink_to(chance.choice([path.parent, Path(os.devnull)]))


def _locked_away(path: Path, chance: random.Random) -> None:
    path.chmod(chance.choice([0o444, 0o400, 0o440]))


KINDS: Final[tuple[tuple[int, Damage], ...]] = tuple(
    (weight, Damage(hurt.__name__.strip("_"), hurt, frozenset(may_be), with_log))
    for weight, hurt, may_be, with_log in (
        (10, _cut, (DAMAGED, FOREIGN), False),  # of a few bytes nobody can say whose they were
        (18, _flip_header, (DAMAGED, WHOLE), False),
        (26, _flip_pages, (DAMAGED, WHOLE, ROWS), False),
        (10, _overwrite, (DAMAGED, WHOLE, ROWS), False),
        (2, _swap_pages, (DAMAGED, WHOLE, ROWS), False),
        (4, _cut_log, (WHOLE, DAMAGED), True),
        (4, _flip_log_header, (DAMAGED, WHOLE), True),
        (10, _flip_log, (DAMAGED, WHOLE), True),
        (2, _text, (FOREIGN,), False),
        (2, _noise, (FOREIGN,), False),
        (1, _blank, (DAMAGED,), False),
        (3, _of_another_program, (FOREIGN,), False),
        (2, _marked_by_another, (FOREIGN,), False),
        (2, _newer, (NEWER,), False),
        (1, _torn_version, (DAMAGED,), False),
        (2, _no_table, (DAMAGED,), False),
        (1, _no_row, (DAMAGED, WHOLE, ROWS), False),
        (2, _other_column, (DAMAGED,), False),
        (8, _senseless, (DAMAGED, WHOLE, ROWS), False),
        (1, _empty, (EMPTY,), False),
        (1, _directory, (NO_FILE,), False),
        (1, _pipe_or_link, (NO_FILE,), False),
        (1, _locked_away, (READ_ONLY,), False),
    )
)
"""How often each is drawn, and what may be told of it."""


def drawn(seed: int, count: int) -> Iterator[tuple[Damage, random.Random]]:
    """So many damages, each with its own chance, of every kind at least one: the same seed gives the same files."""
    chance = random.Random(seed)
    kinds = [damage for _, damage in KINDS]
    weights = [weight for weight, _ in KINDS]
    chosen = [*kinds, *chance.choices(kinds, weights, k=count - len(kinds))]
    for number, damage in enumerate(chosen):
        yield damage, random.Random(f"{seed}:{number}")


def laid_out(damage: Damage, chance: random.Random, sound: Path, crashed: Path, folder: Path) -> Path:
    """Make one damaged file in a folder of its own, from a sound store or from one left by a crash."""
    folder.mkdir()
    path = folder / "desk.db"
    source = crashed if damage.with_log else sound
    shutil.copy(source, path)
    if damage.with_log:
        shutil.copy(log_of(source), log_of(path))
    damage.hurt(path, chance)
    return path


def contents(folder: Path) -> dict[str, bytes | str]:
    """What lies in a folder, but for what holds nothing: SQLite's shared index, and a log that is empty."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        if not path.name.endswith("-shm") and not (path.name.endswith("-wal") and not path.stat().st_size):
            is_plain = path.is_file() and not path.is_symlink()
            found[path.name] = path.read_bytes() if is_plain else f"{path.lstat().st_mode:o}"
    return found


def told_as(message: str) -> str:
    """Which state a message tells; the message itself where it tells none."""
    return next((state for words, state in TOLD.items() if words in message), message)
