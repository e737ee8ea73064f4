"""Faults put into deskterm on purpose: a harness that does not catch them proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from deskterm.store import connections, placing, write_ahead
from deskterm.store.base import StoreError
from deskterm.store.drafts import Draft


def _replace(owner: object, **worse: object) -> None:
    for name, stand_in in worse.items():
        setattr(owner, name, stand_in)


def _acknowledge_too_soon() -> None:
    real = connections.Connections._in_write

    def hasty(self: Any, work: Any) -> Any:
        kept: list[Any] = []

        def noted(connection: Any) -> Any:
            kept.append(work(connection))
            return kept[0]

        try:
            return real(self, noted)
        except StoreError:
            if kept:
                return kept[0]
            raise

    connections.Connections._in_write = hasty  # type: ignore[method-assign]


def _write_without_transaction() -> None:
    real = connections.engine_for
    connections.engine_for = lambda connect, begin, pragmas=(): real(connect, "SELECT 1", pragmas)
    connections.writing_engine.__globals__["engine_for"] = connections.engine_for


def _build_in_place() -> None:
    @contextmanager
    def in_place(path: Path) -> Iterator[Path]:
        path.touch()
        yield path

    _replace(placing, unfinished=in_place, put=lambda _draft, _path, replace=False: None)
    _replace(write_ahead, is_written=lambda _path: False)


def _forget_what_was_not_saved() -> None:
    real = Draft._append_unsaved

    def careless(self: Draft, *args: Any) -> None:
        with suppress(OSError):
            real(self, *args)

    _replace(Draft, _append_unsaved=careless)


PLANTS: Final[dict[str, Callable[[], None]]] = {
    "hasty": _acknowledge_too_soon,
    "no-transaction": _write_without_transaction,
    "in-place": _build_in_place,
    "careless": _forget_what_was_not_saved,
}
"""Faults in deskterm itself, each of which some act has to catch."""
