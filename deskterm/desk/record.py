"""What every record, command and event of a desk has in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Self, Union
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator


def new_id() -> UUID:
    """Make a time-ordered id (UUIDv7, RFC 9562) for a command or a record."""
    from uuid6 import uuid7  # with its first use: it reads the metadata of its package, which takes a while

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


_WHEN_ASKED: Final = ConfigDict(frozen=True, defer_build=True)
"""There are some two hundred models, and a session needs few: what checks one is built with its first use."""


class Frozen(BaseModel):
    """A value that never changes; an unknown key in it is an error."""

    model_config = _WHEN_ASKED | ConfigDict(extra="forbid")


class Kept(BaseModel):
    """A value that the log keeps and that never changes. Fields a newer version added survive a round trip."""

    model_config = _WHEN_ASKED | ConfigDict(extra="allow")


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


def told_apart(models: tuple[type[BaseModel], ...]) -> TypeAdapter[Any]:
    """Read any of some models back from its JSON form: their `kind` tells them apart.

    Each is built before all are put together, which would else build every part of it anew and keep it twice.
    """
    for model in models:
        model.model_rebuild()
    union: Any = Union[models]  # noqa: UP007 - of what is in a tuple
    return TypeAdapter(Annotated[union, Field(discriminator="kind")])
