"""What keeps a process quick to start and small: no TLS where nobody asks for it, and one heap for all threads."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any, Final

SELDOM_NEEDED: Final = ("ssl", "asyncio.sslproto")
"""asyncio loads them, be a line encrypted or not: a twentieth of the time up to the first paint, and megabytes."""
_LOADING: Final = RLock()
_M_ARENA_MAX: Final = -8
"""See mallopt(3)."""


class _Later(ModuleType):
    """A module that has been imported and not yet been run."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what asks for these looks at all modules, and wants nothing of this one
            raise AttributeError(name)
        with _LOADING:
            spec = self.__spec__
            if isinstance(spec, ModuleSpec) and isinstance(spec.loader, _Waiting):
                waiting, spec.loader = spec.loader, spec.loader.loader
                self.__loader__ = spec.loader
                try:
                    spec.loader.exec_module(self)
                except BaseException:
                    spec.loader = waiting
                    raise
                object.__setattr__(self, "__class__", ModuleType)  # it has become one
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


class _Waiting(Loader):
    """Makes a module whose own loader waits until it is needed."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Later(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing yet."""


class _Finder(MetaPathFinder):
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
    sys.meta_path.insert(0, _Finder(set(names) - sys.modules.keys()))


def share_one_heap() -> None:
    """Let threads to come share the first heap: glibc gives each its own, and what one frees no other can use."""
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError):  # another library than glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
