"""Make a file beside its place and put it there when it is whole, so that a half-made one is never seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deskterm.store.draft_file import sync_folder


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Make an empty, private file beside `path` to be filled; whatever is left of it at the end goes away."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    _clear_away(draft)
    try:
        draft.touch(mode=0o600)
        yield draft
    finally:
        # What was done stands, or what went wrong is told, whether or not the scraps can be removed.
        with suppress(OSError):
            _clear_away(draft)


def put(draft: Path, path: Path, *, replace: bool = False) -> None:
    """Give a whole file its name, and have both on disk. Raises FileExistsError unless it may replace one."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    if replace:
        draft.replace(path)
    else:
        try:
            os.link(draft, path)  # a link never overwrites
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if path.exists():
                raise FileExistsError(path) from None
            draft.rename(path)
    # Until the folder is on disk as well, a power cut could take the name away again.
    with suppress(OSError):
        sync_folder(path.parent)


def _clear_away(draft: Path) -> None:
    for behind in ("", "-wal", "-shm", "-journal"):
        draft.with_name(f"{draft.name}{behind}").unlink(missing_ok=True)
