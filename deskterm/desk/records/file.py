"""Files that people attach: named by the hash of what they hold, kept in the log like everything else (R017, C3).

A file is a record of its own with one event, so chain, backup, export and every store keep it without further ado;
what it is evidence of names it by its hash. Kept twice, it is kept once.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b64decode, b64encode
from typing import Annotated, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import AfterValidator, Field

from deskterm.desk.record import Kept

MOST_BYTES: Final = 1024 * 1024
"""Bytes of a file. The log keeps them for good: what is larger has its place on a file share, and is named there."""
_MOST_NAME: Final = 120
_NO_NAME: Final = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\/]+')
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def safe_name(name: str) -> str:
    """A file's name that is nothing but a name, wherever it is written again: no path, no control, no hidden start."""
    last = re.split(r"[\\/]", name)[-1]
    # Format characters turn a name around or hide its end: "invoice\u202efdp.exe" reads as a PDF.
    seen = "".join(each for each in last if unicodedata.category(each) not in ("Cf", "Cs", "Co", "Zl", "Zp"))
    plain = _NO_NAME.sub("_", seen).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > _MOST_NAME:
        plain = f"{stem[: _MOST_NAME - 1 - len(ending)]}{dot}{ending}"[:_MOST_NAME] if stem else plain[:_MOST_NAME]
    return f"_{plain}" if _RESERVED.fullmatch(plain) else plain or "file"


class Attachment(Kept):
    """A file that was kept, as what it is evidence of names it. `digest` is the SHA-256 of its bytes, in hex."""

    name: Annotated[str, AfterValidator(safe_name)]
    size: int = Field(ge=0, le=MOST_BYTES)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def words(self) -> str:
        """Name, size and enough of the hash to compare by eye: "approval.eml, 12 KB, SHA-256 1f2e3d4c5b6a…"."""
        size = f"{self.size} bytes" if self.size < 1024 else f"{-(-self.size // 1024)} KB"
        return f"{self.name}, {size}, SHA-256 {self.digest[:12]}…"


def attachment_of(name: str, content: bytes) -> Attachment:
    """Name a file by what it holds. Raises ValueError for one that is empty or too large."""
    if not content:
        raise ValueError(f"{safe_name(name)} is empty.")
    if len(content) > MOST_BYTES:
        raise ValueError(f"{safe_name(name)} is too large: a file may have {MOST_BYTES // 1024} KB.")
    return Attachment(name=name, size=len(content), digest=hashlib.sha256(content).hexdigest())


def record_of_file(digest: str) -> UUID:
    """The record that keeps the file with a hash."""
    return uuid5(NAMESPACE_OID, f"sha256/{digest}")


def packed(content: bytes) -> str:
    """Write bytes as JSON can hold them."""
    return b64encode(content).decode("ascii")


def unpacked(content: str) -> bytes:
    """Read them back. Raises ValueError where it is no base64."""
    return b64decode(content, validate=True)
