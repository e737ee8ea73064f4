"""A line of a form: its label, and beside it what is filled in."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from deskterm.text import safe


def field_row(label: str, *fields: Widget, classes: str = "") -> Horizontal:
    """Put a label before the fields; the screen's `.tcss` says how wide `.row` and `.label` are."""
    return Horizontal(Static(Content(safe(label)), classes="label"), *fields, classes=f"row {classes}".strip())
