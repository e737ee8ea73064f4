"""`python -m benchmarks [NAME …] [OPTION …]`: run the named benchmarks, or all of them. Some take options."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks import board, day, keystrokes, live, load, peers, queue, shift, terminal

ALL: dict[str, Callable[[list[str]], Coroutine[Any, Any, bool]]] = {
    "keystrokes": lambda _: keystrokes.main(),
    "live": lambda _: live.main(),
    "queue": queue.main,
    "terminal": lambda _: terminal.main(),
    "shift": lambda _: shift.main(),
    "day": lambda _: day.main(),
    "board": board.main,
    "load": load.main,
    "peers": peers.main,
}


def main() -> int:
    """Run them; exit 1 if one missed what is promised."""
    first_option = next((n for n, word in enumerate(sys.argv) if word.startswith("-")), len(sys.argv))
    names, options = sys.argv[1:first_option] or list(ALL), sys.argv[first_option:]
    if unknown := [name for name in names if name not in ALL]:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    # A process that may not keep what it compiled compiles everything again: that is no measure of anything.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    kept = [asyncio.run(ALL[name](options)) for name in names]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
