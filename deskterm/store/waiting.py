"""How a desk stands to whoever uses it: live, catching up or offline, and which of their commands wait to be sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from deskterm.desk.records.ticket import Facts
from deskterm.store.base import LIVE, NotFound, Outgoing, Standing

if TYPE_CHECKING:
    from deskterm.desk.commands import AddNote, AnyCommand

_SAID: Final = ("text", "reason", "words", "solution", "answer", "because")
"""Fields of commands that hold words somebody wrote."""


class AtHand:
    """Part of every store that has no line to lose, or leaves that to others: nothing ever waits."""

    @property
    def standing(self) -> Standing:
        """It is always there."""
        return LIVE

    async def outbox(self) -> tuple[Outgoing, ...]:
        """Nothing waits."""
        return ()

    async def send(self) -> Standing:
        """There is nothing to send."""
        return self.standing

    async def settle(self, number: int, instead: AnyCommand | None = None) -> None:
        """There is nothing to settle. Raises NotFound."""
        raise NotFound("Nothing waits to be sent from here.")


def words_of(command: AnyCommand) -> tuple[str, str]:
    """What a command is, in a word or two, and the words that its author wrote in it."""
    title = re.sub(r"(?<!^)(?=[A-Z])", " ", command.kind).lower().capitalize()
    facts = getattr(command, "facts", None)
    if isinstance(facts, Facts):
        return title, "\n".join(filter(None, (facts.summary, facts.description)))
    said = [str(getattr(command, name, "") or "") for name in _SAID]
    for name, value in getattr(command, "changes", {}).items():
        said.append(f"{name}: {value}")
    to = getattr(command, "to", "") or getattr(command, "owner", "") or ""
    return f"{title} to {to}" if to else title, "\n".join(filter(None, said))


def as_note(command: AnyCommand) -> AddNote | None:
    """The words of a command as a note on its ticket; None where there are none, or no ticket there to hold them."""
    from deskterm.desk.commands import AddNote, LogCall

    title, words = words_of(command)
    ticket = getattr(command, "ticket", None)
    if not words or ticket is None or isinstance(command, LogCall):
        return None
    return AddNote(ticket=ticket, text=words if isinstance(command, AddNote) else f"{title}: {words}")
