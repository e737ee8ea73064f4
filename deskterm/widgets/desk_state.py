"""The right end of every heading: calls still open, and whether the desk is live."""

from __future__ import annotations

from textual.content import Content


def desk_state(is_live: bool, calls: int, *, beside_one: bool = False) -> Content:
    """Word it: sign, text and colour, each enough by itself. `beside_one` counts calls beside the one in front."""
    live = ("● live", "$text-success") if is_live else ("○ opening", "$text-muted")
    if not calls:
        return Content.assemble(live)
    word = ("more " if beside_one else "") + ("call" if calls == 1 else "calls")
    return Content.assemble((f"☎ {calls} {word} open, ", "$text"), ("F3", "bold $text-accent"), "   ", live)
