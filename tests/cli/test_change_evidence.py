"""`deskterm change do … --file` and `deskterm change evidence`: the message itself, there and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskterm.desk.records.file import MOST_BYTES
from tests.cli.test_changes import Line

MAIL = b"From: ada@brook.example\r\n\r\nI agree.\r\n\x00\xff"
SAID = ("--field", "by=Ada Moss", "--field", "channel=email")


@pytest.fixture
def line(store: Path, capfd: pytest.CaptureFixture[str]) -> Line:
    """A shell on a store with a change that waits for the customer."""
    line = Line(store, capfd)
    line.raises()
    line.fills_the_form()
    for action in ("submit", "assess", "send"):
        line.does("t", action)
    return line


def test_the_message_is_attached_and_comes_back_byte_by_byte(line: Line, tmp_path: Path) -> None:
    mail = tmp_path / "approval.eml"
    mail.write_bytes(MAIL)
    after = line.does("l", "approve", *SAID, "--file", str(mail))
    assert after["approval"]["evidence"] == "approval.eml"
    assert after["approval"]["file"]["size"] == len(MAIL)
    shown = line("n", "evidence", line.ref)
    assert "approval.eml, 39 bytes, SHA-256" in " ".join(shown.out.split())
    back = tmp_path / "back.eml"
    assert line("n", "evidence", line.ref, "--output", str(back)).code == 0
    assert back.read_bytes() == MAIL
    assert line("n", "evidence", line.ref, "--output", str(back)).code == 1, "nothing is written over"
    assert line("n", "evidence", line.ref, "--output", str(back), "--force").code == 0
    found = line("n", "evidence", line.ref, "--json").json
    assert [(each["number"], each["what"], each["file"]["name"]) for each in found] == [(1, "approval", "approval.eml")]
    assert "attached approval.eml" in line("n", "export", line.ref).out


def test_evidence_elsewhere_is_told_too_and_is_no_file(line: Line, tmp_path: Path) -> None:
    line.does("l", "approve", *SAID, "--field", "evidence=letter of 21 November")
    assert "letter of 21 November" in line("n", "evidence", line.ref).out
    refused = line("n", "evidence", line.ref, "--output", str(tmp_path / "x"), "--json")
    assert (refused.code, refused.error["kind"]) == (1, "not_found")


@pytest.mark.parametrize("trouble", ["missing", "empty", "large", "folder"])
def test_what_cannot_be_attached_is_said_and_nothing_is_recorded(line: Line, tmp_path: Path, trouble: str) -> None:
    path = tmp_path / "approval.eml"
    if trouble == "folder":
        path.mkdir()
    elif trouble != "missing":
        path.write_bytes(b"" if trouble == "empty" else b"x" * (MOST_BYTES + 1))
    refused = line("l", "do", line.ref, "approve", *SAID, "--file", str(path), "--json")
    assert (refused.code, refused.error["kind"]) == (1, "invalid")
    assert "approval.eml" in refused.error["message"]
    assert line.state() == "Awaiting customer approval"


def test_an_action_without_evidence_takes_no_file(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"x")
    refused = line("t", "do", line.ref, "cancel", "--field", "reason=No.", "--file", str(path))
    assert refused.code == 2
    assert "approve, reject, extend" in refused.err
