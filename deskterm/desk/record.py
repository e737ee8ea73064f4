"""What every record, command and event of a desk has in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from uuid6 import uuid7


def new_id() -> UUID:
    """Make a time-ordered id (UUIDv7, RFC 9562) for a command or a record."""
    return UUID(int=uuid7().int)


def _aware_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment lies out of reach") from None


Instant = Annotated[datetime, AfterValidator(_aware_utc)]
"""An aware moment, kept in UTC; a naive datetime is refused."""


class Frozen(BaseModel):
    """A value that never changes; an unknown key in it is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kept(BaseModel):
    """A value that the log keeps and that never changes. Fields a newer version added survive a round trip."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Happening(Kept):
    """What an event says happened."""


class Command(Frozen):
    """What somebody asks the desk to do. Submitting one twice is submitting it once, by its `id`.

    `seen` is the version of the record that its author was looking at; None claims nothing.
    """

    id: UUID = Field(default_factory=new_id)
    seen: int | None = None

    @model_validator(mode="after")
    def _says_nothing_unknown(self) -> Self:
        # What the log keeps bears fields from the future; what somebody asks for now does not.
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Kept) and value.model_extra:
                raise ValueError(f"{name} has no {' and no '.join(sorted(value.model_extra))}")
        return self


class TicketCommand(Command):
    """A command about an existing ticket, named by its record id."""

    ticket: UUID
