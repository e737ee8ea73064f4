"""The draft journal of somebody with several desks: what was typed at one is never offered at another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskterm.store import drafts as journal_module
from deskterm.store.drafts import DraftMissing, Journal

LIVE, TRAINING = "https://desk.example", "sqlite:////srv/training.db"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "drafts")
    opened.go_to(LIVE)
    yield opened
    opened.close()


def typed(journal: Journal, words: str) -> str:
    draft = journal.open("note", about="1048-27")
    draft.write("text", words)
    return draft.id


def offered(journal: Journal) -> list[str]:
    return sorted(draft.fields["text"] for draft in journal.drafts())


def test_words_stay_with_their_desk(journal: Journal) -> None:
    """The same reference may well be a ticket at both."""
    live = typed(journal, "for a customer")
    journal.go_to(TRAINING)
    assert journal.drafts() == []
    with pytest.raises(DraftMissing, match="another desk"):
        journal.resume(live)
    typed(journal, "for a lesson")
    journal.go_to(LIVE)
    assert offered(journal) == ["for a customer"]
    assert journal.resume(live).fields == {"text": "for a customer"}


def test_going_elsewhere_saves_what_was_typed_last_and_lets_go_of_it(journal: Journal) -> None:
    draft = journal.open("note", about="1048-27")
    draft.write("text", "not yet on disk")
    journal.go_to(TRAINING)
    draft.write("text", "typed by a form that should be gone")
    [saved] = Journal(journal.directory).drafts()
    assert (saved.fields, saved.in_use, saved.desk) == ({"text": "not yet on disk"}, False, LIVE)


def test_a_long_draft_that_is_written_anew_keeps_its_desk(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "COMPACT_AT", 50)
    draft = journal.open("note", about="1048-27")
    for number in range(20):
        draft.write("text", f"{number} words")
        assert draft.flush()
    journal.go_to(TRAINING)
    assert journal.drafts() == []


def test_words_from_before_desks_were_noted_are_offered_at_one_desk(journal: Journal, tmp_path: Path) -> None:
    old = Journal(tmp_path / "drafts")
    kept = typed(old, "typed last year")
    old.close()
    heading = json.loads((tmp_path / "drafts" / f"{kept}.jsonl").read_text().splitlines()[0])
    assert "desk" not in heading
    assert offered(journal) == ["typed last year"]
    journal.go_to(TRAINING, takes_old=False)
    assert journal.drafts() == []
    with pytest.raises(DraftMissing):
        journal.resume(kept)
    journal.go_to(LIVE, takes_old=True)
    assert journal.resume(kept).fields == {"text": "typed last year"}


def test_a_journal_without_a_desk_lists_the_words_of_all(journal: Journal, tmp_path: Path) -> None:
    typed(journal, "for a customer")
    journal.go_to(TRAINING)
    typed(journal, "for a lesson")
    journal.close()
    assert offered(Journal(tmp_path / "drafts")) == ["for a customer", "for a lesson"]


def test_whether_all_is_on_disk_is_known_before_one_leaves(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "drafts")
    typed(journal, "safe")
    assert journal.save_all()
    (tmp_path / "blocked").write_text("a file where a folder should be")
    journal.directory = tmp_path / "blocked"
    typed(journal, "nowhere to go")
    assert not journal.save_all()
    assert journal.trouble
    journal.close()
