"""What the draft journal says while a disk fails, within one process, and what it leaves alone."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deskterm.store import draft_file, drafts
from deskterm.store.draft_file import DraftFile, InUse, read
from deskterm.store.drafts import Journal

START = datetime(2026, 11, 21, 10, 41, tzinfo=UTC)


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Callable[[OSError | None], None]:
    """Let every write to a draft fail with an error, until none is given."""
    real = draft_file._write_all

    def set_to(error: OSError | None) -> None:
        def refusing(_descriptor: int, _block: bytes) -> None:
            assert error is not None
            raise error

        monkeypatch.setattr(draft_file, "_write_all", refusing if error else real)

    return set_to


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk is full"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError("odd"), "odd"),
    ],
)
def test_each_change_of_trouble_is_told_once(
    tmp_path: Path, breaks: Callable[[OSError | None], None], error: OSError, why: str
) -> None:
    heard: list[str | None] = []
    journal = Journal(tmp_path, on_trouble=heard.append)
    draft = journal.open("call")
    breaks(error)
    for words in ("No", "No dial"):
        draft.write("summary", words)
        assert not draft.flush()
    assert heard == [f"What you type is not saved: {why} ({tmp_path})."] == [journal.trouble]
    breaks(None)
    assert draft.flush()
    assert (heard[1:], journal.trouble) == ([None], None)
    journal.close()
    assert [saved.fields for saved in Journal(tmp_path).drafts()] == [{"summary": "No dial"}]


def test_a_draft_that_is_resumed_began_when_it_began(tmp_path: Path) -> None:
    now = [START]
    first = Journal(tmp_path, clock=lambda: now[0])
    first.open("call", draft_id="one").write("summary", "No dial tone")
    first.close()
    now[0] += timedelta(hours=1)
    second = Journal(tmp_path, clock=lambda: now[0])
    second.resume("one").write("detail", "Since nine")
    second.close()
    (saved,) = Journal(tmp_path).drafts()
    assert (saved.started_at, saved.changed_at) == (START, START + timedelta(hours=1))
    headings = [line for line in (tmp_path / "one.jsonl").read_text().splitlines() if '"draft"' in line]
    assert len(headings) == 1


def test_a_finished_draft_says_so_where_it_cannot_be_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, clock=lambda: START)
    draft = journal.open("call", draft_id="one")
    draft.write("summary", "No dial tone")
    assert draft.flush()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _refuses)
        draft.finish("1048-26")
        last = json.loads((tmp_path / "one.jsonl").read_text().splitlines()[-1])
        assert last == {"finished": "1048-26", "at": START.isoformat()}
        assert read(tmp_path / "one.jsonl").finished == "1048-26"
        assert Journal(tmp_path).drafts() == [], "it is not offered, and that it cannot be removed breaks nothing"
    assert Journal(tmp_path).drafts() == []
    assert list(tmp_path.iterdir()) == []


def _refuses(*_args: object, **_options: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_damaged_draft_is_never_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read of it may still be of use to somebody."""
    journal = Journal(tmp_path)
    draft = journal.open("call", draft_id="one")
    draft.write("summary", "No dial tone")
    journal.close()
    path = tmp_path / "one.jsonl"
    path.write_bytes(path.read_bytes() + b"{damaged}\n")
    monkeypatch.setattr(drafts, "COMPACT_AT", 10)
    again = Journal(tmp_path)
    again.resume("one").write("detail", "Since nine " * 50)
    again.close()
    assert b"{damaged}\n" in path.read_bytes()
    assert read(path).fields == {"summary": "No dial tone", "detail": "Since nine " * 50}


def test_a_file_that_was_replaced_under_its_name_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, real = tmp_path / "one.jsonl", draft_file.lock
    for left in (False, True):

        def locked_late(descriptor: int, *, shared: bool = False, left: bool = left) -> bool:
            path.unlink()
            if left:
                path.touch()
            return real(descriptor, shared=shared)

        monkeypatch.setattr(draft_file, "lock", locked_late)
        with pytest.raises(InUse):
            DraftFile(path)
    monkeypatch.undo()
    file = DraftFile(path)
    file.close()
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.append([{"field": "summary", "value": "x", "at": START.isoformat()}])
    assert path.stat().st_size == 0


def test_what_is_resumed_is_of_the_kind_it_was(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.open("call", draft_id="one", about="Brook & Lane").write("summary", "No dial tone")
    first.close()
    again = Journal(tmp_path)
    draft = again.resume("one")
    assert (draft.kind, draft.about) == ("call", "Brook & Lane")
    again.close()


def test_a_finished_draft_that_is_damaged_or_still_open_is_not_cleared_away(tmp_path: Path) -> None:
    """What cannot be read of it may be somebody's words; what is open is its owner's to remove."""
    finished = json.dumps({"finished": "1049-36", "at": START.isoformat()}).encode() + b"\n"
    journal = Journal(tmp_path)
    for name in ("damaged", "open"):
        journal.open("call", draft_id=name).write("summary", name)
    journal.close()
    for name, before in (("damaged", b"{damaged}\n"), ("open", b"")):
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(path.read_bytes() + before + finished)
    holder = DraftFile(tmp_path / "open.jsonl")
    assert Journal(tmp_path).drafts() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged.jsonl", "open.jsonl"]
    holder.close()
    assert Journal(tmp_path).drafts() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged.jsonl"]


def test_a_file_without_its_heading_says_so(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(b'{"summary": "No dial tone"}\n')
    (saved,) = Journal(tmp_path).drafts()
    assert saved.damage == "The beginning of the file cannot be read."


def test_a_file_that_cannot_be_opened_is_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.open("call", draft_id="one").write("summary", "No dial tone")
    journal.close()

    def refuses(_path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(drafts, "is_in_use", refuses)
    (saved,) = Journal(tmp_path).drafts()
    assert (saved.damage, saved.in_use) == ("The file cannot be opened: Permission denied.", False)


def test_the_thread_that_saves_never_keeps_an_app_alive(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.open("call")
    (thread,) = (each for each in threading.enumerate() if each is journal._thread)
    assert thread.daemon
    journal.close()
