"""The draft journal: no word is lost to a kill, a full disk or a damaged file."""

import itertools
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskterm.store import drafts as journal_module
from deskterm.store.draft_file import read
from deskterm.store.drafts import Draft, DraftInUse, DraftMissing, Journal

START = datetime(2026, 11, 21, 10, 41, tzinfo=UTC)


def ticking() -> Callable[[], datetime]:
    seconds = itertools.count()
    return lambda: START + timedelta(seconds=next(seconds))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "drafts", clock=ticking())
    yield opened
    opened.close()


def typed(journal: Journal, **fields: str) -> Draft:
    draft = journal.open("call", about="Brook & Lane")
    for name, value in fields.items():
        draft.write(name, value)
    assert draft.flush()
    return draft


def file_of(journal: Journal, draft: Draft) -> Path:
    return journal.directory / f"{draft.id}.jsonl"


def test_what_is_typed_is_listed_and_resumed(journal: Journal, tmp_path: Path) -> None:
    draft = typed(journal, summary="No dial tone", detail="Since 09:10\n\x00\ud800")
    draft.write("summary", "No dial tone at reception")
    draft.close()
    [saved] = Journal(tmp_path / "drafts").drafts()
    assert (saved.id, saved.kind, saved.about, saved.in_use) == (draft.id, "call", "Brook & Lane", False)
    assert saved.fields == {"summary": "No dial tone at reception", "detail": "Since 09:10\n\x00\ud800"}
    assert (saved.started_at, saved.changed_at) == (START, START + timedelta(seconds=2))
    assert journal.resume(draft.id).fields == saved.fields


def test_files_are_the_users_own_and_appear_with_the_first_word(journal: Journal) -> None:
    draft = journal.open("call")
    assert draft.flush()
    assert not journal.directory.exists()
    draft.write("summary", "No")
    draft.flush()
    assert stat.S_IMODE(file_of(journal, draft).stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.directory.stat().st_mode) == 0o700


def test_typing_on_adds_only_what_is_new(journal: Journal) -> None:
    draft = typed(journal, detail="x" * 10_000)
    before = file_of(journal, draft).stat().st_size
    draft.write("detail", "x" * 10_000 + "y")
    draft.flush()
    assert file_of(journal, draft).stat().st_size - before < 200
    assert read(file_of(journal, draft)).fields["detail"] == "x" * 10_000 + "y"


def test_newest_first(journal: Journal) -> None:
    first, second = typed(journal, summary="one"), typed(journal, summary="two")
    assert [saved.id for saved in journal.drafts()] == [second.id, first.id]
    first.write("summary", "one more")
    first.flush()
    assert [saved.id for saved in journal.drafts()] == [first.id, second.id]


def test_an_ended_draft_is_gone(journal: Journal) -> None:
    saved, unwanted = typed(journal, summary="one"), typed(journal, summary="two")
    saved.finish("1049-36")
    unwanted.discard()
    saved.write("summary", "late")
    assert saved.flush()
    assert journal.drafts() == []
    assert list(journal.directory.iterdir()) == []
    with pytest.raises(DraftMissing):
        journal.resume(saved.id)


def test_a_finished_draft_that_could_not_be_removed_is_not_offered(journal: Journal) -> None:
    draft = typed(journal, summary="one")
    draft.close()
    with file_of(journal, draft).open("a") as file:
        file.write(json.dumps({"finished": "1049-36", "at": START.isoformat()}) + "\n")
    assert journal.drafts() == []
    assert not file_of(journal, draft).exists()


def test_a_draft_open_elsewhere_is_in_use(journal: Journal, tmp_path: Path) -> None:
    draft = typed(journal, summary="one")
    other = Journal(tmp_path / "drafts")
    assert [saved.in_use for saved in other.drafts()] == [True]
    with pytest.raises(DraftInUse):
        other.resume(draft.id)
    assert journal.open("call", draft_id=draft.id) is draft


@pytest.mark.parametrize("draft_id", ["../../etc/passwd", "", "a/b", "x" * 100])
def test_an_id_is_never_a_path(journal: Journal, draft_id: str) -> None:
    with pytest.raises(DraftMissing):
        journal.resume(draft_id)


def test_a_torn_last_line_costs_only_itself(journal: Journal) -> None:
    draft = typed(journal, summary="No dial tone", detail="Both handsets")
    draft.close()
    path = file_of(journal, draft)
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    for cut in range(1, len(last)):
        path.write_bytes(whole[:-cut])
        [saved] = journal.drafts()
        assert saved.fields == {"summary": "No dial tone"}
        assert saved.damage is None
    again = journal.resume(draft.id)
    again.write("detail", "One handset")
    assert again.flush()
    assert journal.drafts()[0].fields == {"summary": "No dial tone", "detail": "One handset"}
    assert journal.drafts()[0].damage is None


def test_a_damaged_file_is_told_of_and_kept(journal: Journal) -> None:
    draft = typed(journal, summary="No dial tone", detail="Both handsets")
    draft.close()
    path = file_of(journal, draft)
    heading, first, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([heading, b"\xff{gar\rbage\n", first, b"[1]\n", *rest]))
    (journal.directory / "junk.jsonl").write_bytes(bytes(range(256)))
    by_id = {saved.id: saved for saved in journal.drafts()}
    assert by_id[draft.id].fields == {"summary": "No dial tone", "detail": "Both handsets"}
    assert by_id[draft.id].damage == "2 lines of the file cannot be read."
    assert by_id["junk"].damage
    journal.resume(draft.id).finish("1049-36")
    assert path.with_suffix(".damaged").exists()


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_no_file_breaks_the_list(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("drafts")
    (folder / "x.jsonl").write_bytes(b'{"draft": "x", "kind": "call", "about": "", "at": "2026-11-21"}\n' + content)
    [saved] = Journal(folder).drafts()
    assert saved.kind == "call"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=8), st.booleans()), max_size=12))
def test_the_file_always_says_the_latest(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[str, str, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("drafts")
    journal = Journal(folder)
    draft = journal.open("call")
    latest: dict[str, str] = {}
    for name, value, longer in writes:
        latest[name] = latest.get(name, "") + value if longer else value
        draft.write(name, latest[name])
        draft.flush()
    journal.close()
    assert [saved.fields for saved in journal.drafts()] == ([latest] if writes else [])


def test_a_long_file_is_written_anew(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "COMPACT_AT", 10_000)
    draft = typed(journal, detail="start")
    for n in range(200):
        draft.write("summary", f"{n} " + "x" * 500)
        draft.flush()
    path = file_of(journal, draft)
    assert path.stat().st_size < 12_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    [saved] = journal.drafts()
    assert saved.in_use
    assert saved.fields == {"detail": "start", "summary": "199 " + "x" * 500}
    assert (saved.started_at, saved.damage) == (START, None)


def test_words_reach_the_disk_by_themselves(journal: Journal) -> None:
    draft = typed(journal, summary="No")
    draft.write("summary", "No dial tone")
    until = time.monotonic() + 5
    while read(file_of(journal, draft)).fields["summary"] != "No dial tone":
        assert time.monotonic() < until


TYPES_AND_DIES = """
import sys, time
from pathlib import Path
from deskterm.store.drafts import Journal
journal = Journal(Path(sys.argv[1]))
calls = [journal.open("call", about=f"call {n}") for n in range(3)]
for n in range(40):
    for call in calls: call.write("summary", "x" * n)
    time.sleep(0.005)
for call in calls: call.write("detail", call.about + " all there")
time.sleep(0.25)
print("typed", flush=True)
time.sleep(60)
"""


@pytest.mark.slow
def test_a_killed_process_loses_nothing_older_than_250_ms(tmp_path: Path) -> None:
    """After kill -9 everything is offered again and nothing is in use."""
    command = [sys.executable, "-c", TYPES_AND_DIES, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "typed\n"
        journal = Journal(tmp_path)
        assert all(saved.in_use for saved in journal.drafts())
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = journal.drafts()
    assert sorted(saved.about for saved in left) == ["call 0", "call 1", "call 2"]
    for saved in left:
        assert not saved.in_use
        assert saved.fields == {"summary": "x" * 39, "detail": saved.about + " all there"}
        assert journal.resume(saved.id).fields == saved.fields
    journal.close()


FULL_DISK = """
import resource, sys
from pathlib import Path
from deskterm.store.drafts import Journal
heard = []
journal = Journal(Path(sys.argv[1]), on_trouble=heard.append)
draft = journal.open("call")
draft.write("summary", "safe")
assert draft.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
draft.write("detail", "y" * 5000)
assert not draft.flush()
assert "the disk is full" in journal.trouble, journal.trouble
[saved] = journal.drafts()
assert saved.fields == {"summary": "safe"} and saved.damage is None
assert draft.fields["detail"] == "y" * 5000
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert draft.flush()
assert journal.trouble is None
assert heard[0] and heard[-1] is None, heard
assert journal.drafts()[0].fields == {"summary": "safe", "detail": "y" * 5000}
journal.close()
"""


def test_a_full_disk_is_told_of_and_the_words_are_kept(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    journal = Journal(tmp_path / "drafts")
    draft = journal.open("call")
    draft.write("summary", "x")
    assert not draft.flush()
    assert "Permission denied" in str(journal.trouble)
    assert draft.fields == {"summary": "x"}


def test_drafts_load_neither_sql_nor_textual() -> None:
    check = "import sys, deskterm.store.drafts as d; print([m for m in ('textual', 'sqlalchemy') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
