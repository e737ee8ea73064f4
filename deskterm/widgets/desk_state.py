"""The right end of every heading: calls still open, and whether the desk is live."""

from __future__ import annotations

from textual.content import Content


def desk_state(is_live: bool, calls: int) -> Content:
    """Word it: sign, text and colour, each enough by itself."""
    live = ("● live", "$text-success") if is_live else ("○ opening", "$text-muted")
    if not calls:
        return Content.assemble(live)
    word = "call" if calls == 1 else "calls"
    return Content.assemble((f"☎ {calls} {word} open, ", "$text"), ("F3", "bold $text-accent"), "   ", live)
