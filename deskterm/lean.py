"""What keeps a process quick to start and small: what is seldom asked for waits, and one heap for all threads."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from importlib.abc import Loader
else:  # it would bring all of `importlib.resources` along
    Loader = object

SELDOM_NEEDED: Final = (
    # TLS and hashes bring OpenSSL, metadata the mail package. What else is large here is asked for by few.
    *("ssl", "asyncio.sslproto", "hashlib", "secrets", "importlib.metadata"),
    *("difflib", "locale", "mimetypes", "tokenize"),
    *("sqlalchemy.dialects.sqlite.aiosqlite", "sqlalchemy.dialects.sqlite.pysqlcipher"),
    *("textual.drivers.linux_inline_driver", "deskterm.desk.deskfile.toml_lines"),
    # What is done at a desk besides looking at its queue.
    *("deskterm.desk.board", "deskterm.desk.changes.window"),
    *(f"deskterm.store.{room}" for room in ("callers", "cards", "conflicts", "files", "finding", "groups")),
    *(f"deskterm.store.{room}" for room in ("placing", "replaying", "solutions")),
)
"""Modules that others import, and of which an open queue wants nothing: together they take megabytes."""
_ONLY_CALLED: Final = {
    "difflib": "get_close_matches",
    "importlib.metadata": "entry_points",
}
"""Functions that others import by name, and call where something is wrong or unusual."""
_LOADING: Final[dict[str, RLock]] = {}
"""By module, as Python has it: who loads one may have to wait for another that somebody else is loading."""
_M_ARENA_MAX: Final = -8
"""See mallopt(3)."""


class _Later(ModuleType):
    """A module that has been imported and not yet been run; once it has been, it is one like any other."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):  # what asks for these looks at all modules, and wants nothing of this one
            return super().__getattribute__(name)
        if name == _ONLY_CALLED.get(self.__name__):
            return lambda *args, **named: _asked(self, name)(*args, **named)
        return _asked(self, name)


def _asked(module: ModuleType, name: str) -> Any:
    """What a module holds by a name, run by whoever asks first: others wait, for half of it would be no use."""
    with _LOADING.setdefault(module.__name__, RLock()):
        spec = module.__spec__
        if spec is not None and isinstance(spec.loader, _Waiting):
            waiting, spec.loader = spec.loader, spec.loader.loader
            module.__loader__ = spec.loader
            try:
                spec.loader.exec_module(module)
            except BaseException:
                spec.loader = waiting
                raise
            module.__class__ = ModuleType
    return ModuleType.__getattribute__(module, name)


class _Waiting(Loader):
    """Makes a module whose own loader waits until it is needed."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Later(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing yet."""


class _Finder:
    """Finds the modules that can wait, each once."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._names:
            return None
        self._names.discard(fullname)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Waiting(spec.loader)
        return spec


def load_later(names: Iterable[str] = SELDOM_NEEDED) -> None:
    """From now on let these modules wait until something of them is asked for; those loaded already stay.

    Whoever imports one gets it, and does not notice: its first attribute loads it.
    """
    if not any(isinstance(each, _Finder) for each in sys.meta_path):
        sys.meta_path.insert(0, _Finder(set(names) - sys.modules.keys()))


async def loaded(name: str) -> ModuleType:
    """A module, loaded by a thread where it is not there yet: that takes longer than a key may wait."""
    if name not in sys.modules:
        import asyncio

        await asyncio.to_thread(import_module, name)
    return import_module(name)


def share_one_heap() -> None:
    """Let threads to come share the first heap: glibc gives each its own, and what one frees no other can use."""
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError):  # another library than glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
