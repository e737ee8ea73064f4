"""The shell: everything that can be done at a desk, as commands for people and scripts.

`main` is the program. Nothing of Textual is loaded except by the command that opens the app, and whatever is slow to
load is loaded by the commands that use it, so that `--version`, `--help` and completions answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 refused, 2 wrong usage, 70 our own mistake."""
    try:
        from deskterm.lean import load_later

        load_later()  # before anything else is
        from deskterm.cli.entry import run
    except KeyboardInterrupt:
        return 130
    return run(sys.argv[1:] if args is None else list(args))
