"""What an entry of a ticket's thread says, before it knows when and by whom; how people talked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TALKED_BY: Final = {
    "phone": "by phone",
    "missed_call": "by phone",
    "email": "by e-mail",
    "portal": "in the portal",
    "sms": "by text message",
    "monitoring": "by an alert",
    "in_person": "in person",
    "api": "by a program",
}
"""How people talked, by channel, to end a sentence with."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an entry says."""

    title: str
    text: str = ""
    customer_sees: bool = False


def paragraphs(*texts: str) -> str:
    """Texts below each other; empty ones are left out."""
    return "\n".join(text for text in texts if text)
