"""`python -m benchmarks [NAME …]`: run the named benchmarks, or all of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks import keystrokes, live

ALL: dict[str, Callable[[], Coroutine[Any, Any, bool]]] = {"keystrokes": keystrokes.main, "live": live.main}


def main() -> int:
    """Run them; exit 1 if one missed what is promised."""
    names = sys.argv[1:] or list(ALL)
    if unknown := [name for name in names if name not in ALL]:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    kept = [asyncio.run(ALL[name]()) for name in names]
    return 0 if all(kept) else 1


sys.exit(main())
