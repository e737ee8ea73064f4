"""Files in the log: kept once, found by their hash, and held against it whenever they are read."""

from __future__ import annotations

import sqlalchemy as sa

from deskterm.desk.events import FileKept
from deskterm.desk.records.file import Attachment, attachment_of, record_of_file, unpacked
from deskterm.store import log, sight
from deskterm.store.base import Invalid, NotFound


def kept_file(connection: sa.Connection, digest: str) -> FileKept:
    """A file by the SHA-256 of what it holds. Raises NotFound, also for one whose content was erased."""
    for event in log.events_of(connection, record_of_file(digest)):
        happening = event.happening
        if isinstance(happening, FileKept):
            return happening
    raise NotFound("There is no such file.")


def file_for(connection: sa.Connection, digest: str, hidden: sight.Hidden) -> FileKept:
    """The same, for somebody. Raises NotAllowed for what belongs to tickets that they do not see (R226)."""
    found = kept_file(connection, digest)
    sight.file_seen(connection, digest, hidden)
    return found


def known(connection: sa.Connection, file: Attachment, hidden: sight.Hidden) -> None:
    """Make sure that a file that a command names is here, as it says, and not others' own. Raises as `file_for`."""
    try:
        kept = file_for(connection, file.digest, hidden).file
    except NotFound:
        raise Invalid(f"The file {file.name} was not kept yet; keep it first.", field="file") from None
    if kept.size != file.size:
        raise Invalid(f"The file {file.name} has {kept.size} bytes, not {file.size}.", field="file")


def happening_of(name: str, content: str) -> FileKept:
    """What happens when a file is kept. Raises Invalid for one that is empty, too large or garbled."""
    try:
        plain = unpacked(content)
    except ValueError as error:
        raise Invalid("The file came garbled.", field="content") from error
    try:
        return FileKept(file=attachment_of(name, plain), content=content)
    except ValueError as error:
        raise Invalid(str(error), field="content") from error
