"""The way into the app. Most often nothing is asked but this, so nothing is loaded here that the app does not need."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import replace

from deskterm import thin_line
from deskterm.cli.output import Refused
from deskterm.cli.shell import Shell, make_data_dir


def open_app(shell: Shell, url: str | None = None, operator: str | None = None) -> int:
    """Open the app on a desk: the one command that loads it."""
    if shell.json:
        from click import UsageError

        raise UsageError("The app has no JSON form; name a command, as in 'deskterm list --json'.")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused(
            "The app opens in a terminal, and this is none; 'deskterm --help' lists the commands.", "terminal"
        )
    settings = shell.settings
    if not (url or shell.named):
        make_data_dir()
    # Nothing of what is loaded now is garbage; the app turns it on again once tickets stand on the screen.
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would look for them in every package there is
    thin_line.prepare(replace(settings, line=shell.line or settings.line), os.environ)
    from deskterm.app import run

    return run(url or shell.url, operator or shell.acting, settings)
