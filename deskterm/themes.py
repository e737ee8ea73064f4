"""The colours, all in one place: dark, light, and two that follow the terminal's own sixteen."""

from __future__ import annotations

from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

DEFAULT_THEME: Final = "deskterm-dark"

_DARK = Theme(
    name=DEFAULT_THEME,
    dark=True,
    primary="#7aa2c8",
    secondary="#8fa3b5",
    accent="#6fb3a8",
    warning="#d7a65f",
    error="#e0777d",
    success="#86b58a",
    foreground="#d5d9de",
    background="#14181d",
    surface="#1a1f26",
    panel="#1f262e",
    variables={
        "field": "#232c36",
        "cursor-row": "#2a3541",
        "rule": "#3a4552",
        # Textual's own are "auto", which comes out as plain white on a dark line.
        "text": "#d5d9de",
        "text-muted": "#a9b4be",
        "text-disabled": "#8994a0",
        "connection-red": "#f0787e",
        "connection-amber": "#e2b050",
        "connection-green": "#84cc74",
        "connection-cyan": "#4fd6d0",
        "connection-blue": "#7398ff",
        "connection-violet": "#c49af0",
        "connection-grey": "#a9b4be",
        "scrollbar": "#3a4552",
        "scrollbar-hover": "#4b5866",
        "scrollbar-active": "#4b5866",
        "scrollbar-background": "#14181d",
        "scrollbar-background-hover": "#14181d",
        "scrollbar-background-active": "#14181d",
    },
)
_LIGHT = Theme(
    name="deskterm-light",
    dark=False,
    primary="#2f5d86",
    secondary="#5a6b7b",
    accent="#1f6f64",
    warning="#8a5a00",
    error="#a8323b",
    success="#2e6b36",
    foreground="#1e252c",
    background="#fafaf7",
    surface="#f1f2ee",
    panel="#e6e9e6",
    variables={
        "field": "#e3e8e6",
        "cursor-row": "#d6e0e2",
        "rule": "#b9c2c2",
        "text": "#1e252c",
        "text-muted": "#4a5560",
        "text-disabled": "#5f6972",
        "connection-red": "#b02a37",
        "connection-amber": "#8f5600",
        "connection-green": "#2e7032",
        "connection-cyan": "#006d7e",
        "connection-blue": "#2a5bb0",
        "connection-violet": "#7a3fb0",
        "connection-grey": "#56626d",
        "scrollbar": "#b9c2c2",
        "scrollbar-hover": "#9aa5a6",
        "scrollbar-active": "#9aa5a6",
        "scrollbar-background": "#fafaf7",
        "scrollbar-background-hover": "#fafaf7",
        "scrollbar-background-active": "#fafaf7",
    },
)
TOKENS: Final = {
    "field": "transparent",
    "cursor-row": "transparent",
    "rule": "ansi_bright_black",
    "connection-red": "ansi_red",
    "connection-amber": "ansi_yellow",
    "connection-green": "ansi_green",
    "connection-cyan": "ansi_cyan",
    "connection-blue": "ansi_bright_blue",
    "connection-violet": "ansi_magenta",
    "connection-grey": "ansi_white",
}
"""Colours of our own: a field being typed in, the row under the cursor, a thin line, the names of desks. These are what
a theme gets that follows the terminal's own colours; ours set them above."""

THEMES: Final = (_DARK, _LIGHT, BUILTIN_THEMES["ansi-dark"], BUILTIN_THEMES["ansi-light"])
"""Themes to choose from, in the order the theme key walks them."""
