"""Makes the pictures of docs/images/ from the snapshots that the tests hold: `make snapshots` writes both.

So what the README shows is what the screens really look like, and was looked at before it was accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
SNAPSHOTS = HERE.parent / "tests" / "screens" / "__snapshots__" / "test_snapshots"
IMAGES = HERE / "images"
PICTURES: Mapping[str, str] = {
    "queue.svg": "test_small[queue].svg",
    "call.svg": "test_small[call-known].svg",
    "saved.svg": "test_small[call-saved].svg",
    "ticket.svg": "test_small[ticket].svg",
}
"""Each picture, and the snapshot it is made from."""

_CELL = 12.2
"""Width of a character in the snapshots."""
_FAR_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_RUN = re.compile(r'(<text class="[^"]*" x=")([\d.]+)(" y="[\d.]+" textLength=")([\d.]+)("[^>]*>)((?:&#160;)+)')


def picture(name: str) -> str:
    """Make a picture: its snapshot, without fonts from elsewhere, and drawn the same by every viewer."""
    drawn = _FAR_FONTS.sub("", (SNAPSHOTS / PICTURES[name]).read_text(encoding="utf-8"))
    # At this size most fixed-width fonts are as wide as a cell by themselves, where a viewer does not stretch them.
    return _RUN.sub(_begin_at_letters, drawn.replace("font-size: 20px", "font-size: 20.3px"))


def _begin_at_letters(run: re.Match[str]) -> str:
    """Some viewers drop the spaces that a text begins with, and would move what follows them."""
    before, x, between, length, rest, spaces = run.groups()
    room = _CELL * (len(spaces) // len("&#160;"))
    return f"{before}{float(x) + room:g}{between}{float(length) - room:g}{rest}"


def main() -> None:
    """Write every picture anew."""
    IMAGES.mkdir(exist_ok=True)
    for name in PICTURES:
        (IMAGES / name).write_text(picture(name), encoding="utf-8")


if __name__ == "__main__":
    main()
