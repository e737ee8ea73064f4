"""Files that people attach: named by what they hold, and by nothing that could do harm elsewhere."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskterm.desk.records.file import (
    MOST_BYTES,
    Attachment,
    attachment_of,
    packed,
    record_of_file,
    safe_name,
    unpacked,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("approval.eml", "approval.eml"),
        ("Zustimmung für Ändern.pdf", "Zustimmung für Ändern.pdf"),
        ("/etc/../home/ana/approval.eml", "approval.eml"),
        ("C:\\mail\\approval.eml", "approval.eml"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\x1b]0;x\x07b.txt", "a_]0;x_b.txt"),
        (".bashrc", "bashrc"),
        ("..", "file"),
        ("", "file"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("what?.pdf", "what_.pdf"),
    ],
)
def test_a_name_is_nothing_but_a_name(typed: str, kept: str) -> None:
    assert safe_name(typed) == kept


@given(st.text())
def test_a_safe_name_stays_as_it_is_and_is_short(typed: str) -> None:
    name = safe_name(typed)
    assert safe_name(name) == name
    assert 0 < len(name) <= 121
    assert not set(name) & set('/\\\x00\x1b<>:"|?*')


def test_a_long_name_keeps_its_ending() -> None:
    assert safe_name("a" * 500 + ".eml").endswith("a.eml")


@given(st.binary(min_size=1, max_size=200))
def test_a_file_is_named_by_its_hash(content: bytes) -> None:
    file = attachment_of("a.bin", content)
    assert (file.digest, file.size) == (sha256(content).hexdigest(), len(content))
    assert unpacked(packed(content)) == content
    assert record_of_file(file.digest) == record_of_file(sha256(content).hexdigest())


@pytest.mark.parametrize("content", [b"", b"x" * (MOST_BYTES + 1)])
def test_nothing_and_too_much_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"empty|too large"):
        attachment_of("a.bin", content)


def test_its_words_say_name_size_and_hash() -> None:
    assert attachment_of("approval.eml", b"yes").words == "approval.eml, 3 bytes, SHA-256 8a798890fe93…"
    assert Attachment(name="x", size=1025, digest="0" * 64).words.startswith("x, 2 KB")
