"""Who is at a ticket now, and whether they only look or write there. It is no part of what happened at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Doing = Literal["viewing", "writing"]


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody at a ticket. To write there is a soft claim: others are told of it, and nobody is kept from anything."""

    operator: str
    ticket: UUID
    doing: Doing
    since: datetime
