"""The environment in which tests run: nothing in it of the user's terminal, theme, editor or desk."""

from __future__ import annotations

import re
from collections.abc import Mapping

PERSONAL = re.compile(
    r"(DESKTERM|TTY)_(?!SEED$)\w+|TEXTUAL_(?!SNAPSHOT_TEMPDIR$)\w+|(NO|FORCE|CLI)_?COLOR(_FORCE)?|COLUMNS|LINES|ESCDELAY|EDITOR|VISUAL"
    r"|TMUX(_PANE)?|STY|SSH_(TTY|CLIENT|CONNECTION)|PYTEST_ADDOPTS"
)
"""Variables that would change what is drawn, read or written; how snapshot tests reach their report is none."""

PLAIN = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
"""What every test may rely on."""


def neutral(environ: Mapping[str, str]) -> dict[str, str]:
    """Copy an environment without what is personal."""
    return {name: value for name, value in environ.items() if not PERSONAL.fullmatch(name)} | PLAIN
