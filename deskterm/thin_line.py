"""How the app draws over a thin line, such as SSH: fewer colours, fewer frames, nothing that moves by itself."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from deskterm.settings import Environment, Settings

_REMOTE: Final = ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "MOSH_CONNECTION")
_SLOW_TERMS: Final = ("linux", "vt100", "vt220", "ansi")
"""Terminals that are a serial console, or as slow as one."""
_TRUE_COLOUR: Final = ("truecolor", "24bit")


def why_thin(settings: Settings, environ: Environment) -> str:
    """Say why the line counts as thin; an empty string where it does not."""
    if settings.line:
        return "the settings say so" if settings.line == "thin" else ""
    if remote := next((name for name in _REMOTE if environ.get(name)), None):
        return f"{remote} is set"
    return f"TERM is {environ['TERM']}" if environ.get("TERM") in _SLOW_TERMS else ""


def prepare(settings: Settings, environ: MutableMapping[str, str]) -> None:
    """Set what Textual reads from the environment when it is loaded; what the user has set there stays."""
    if not why_thin(settings, environ):
        return
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    environ.setdefault("TEXTUAL_FPS", "30")
    if environ.get("COLORTERM", "").lower() in _TRUE_COLOUR:
        environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
