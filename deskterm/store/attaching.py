"""A file of this machine, kept in whatever store a desk has: read here, sent as a command, named by its hash (C3)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from deskterm.store.base import Invalid

if TYPE_CHECKING:
    from deskterm.desk.records.file import Attachment
    from deskterm.store.base import Store


async def attach(store: Store, path: Path) -> Attachment:
    """Keep a file; gives what to call it there. Raises Invalid for one that cannot be read, is empty or too large."""
    from deskterm.desk.commands import KeepFile
    from deskterm.desk.records.file import MOST_BYTES, attachment_of, packed, safe_name

    def read() -> bytes:
        with path.expanduser().open("rb") as file:
            return file.read(MOST_BYTES + 1)

    try:
        content = await asyncio.to_thread(read)
        attachment = attachment_of(path.name, content)
    except (OSError, RuntimeError) as error:  # the latter for a home that nobody has
        why = getattr(error, "strerror", None) or "there is no such place"
        raise Invalid(f"{safe_name(path.name)} cannot be read: {why}.", field="file") from error
    except ValueError as error:
        raise Invalid(str(error), field="file") from error
    await store.submit(KeepFile(name=path.name, content=packed(content)))
    return attachment
