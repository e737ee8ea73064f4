"""What the shell says of a desk that is not live: how far it can be trusted, and what waits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deskterm.store.base import Standing


def tell_standing(standing: Standing) -> None:
    """Say on standard error that this is no live desk, and what waits; nothing where all is well."""
    said = []
    if standing.state == "offline":
        said.append("The desk cannot be reached now; this is as it was last seen.")
    if standing.waiting:
        one = standing.waiting == 1
        said.append(
            f"{standing.waiting} {'command is' if one else 'commands are'} safely saved here, not sent yet. "
            f"deskterm sync sends {'it' if one else 'them'}."
        )
    if standing.stuck:
        said.append(f"{standing.stuck} {was(standing.stuck)} refused by the desk: deskterm outbox says why.")
    if said:
        sys.stderr.write(" ".join(said) + "\n")


def was(count: int) -> str:
    """The verb for so many commands."""
    return "was" if count == 1 else "were"
