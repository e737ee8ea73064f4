"""Demo, doctor, drafts and places on the shell."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deskterm.cli.entry import run
from deskterm.cli.shell import Shell
from deskterm.store.drafts import Journal
from tests.cli.conftest import Run


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Data and state of a user who starts with nothing."""
    monkeypatch.setenv("DESKTERM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DESKTERM_STATE_DIR", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.slow
def test_a_demo_fills_a_new_store_and_never_one_in_use(on: Run, places: Path) -> None:
    store = places / "desk.db"
    asked = ("demo", "--no-ui", "--tickets", "5", "--desk", "it-assistance", "--json")
    first = on(store, *asked).json
    assert (first["store"], first["tickets"]) == (str(store), 5)
    assert first["operator"] == on(store, "desk", "show", "--json").json["me"]["name"]
    before = on(store, "export").out
    second = on(store, *asked).json
    own = places / "data" / "demo-it-assistance-1-5.sqlite"
    assert second["store"] == f"sqlite:///{own}"
    assert on(store, "export").out == before, "a desk in use is left alone"
    assert on(own, "export").out == before, "the same seed gives the same week"
    assert on(store, *asked).json == second, "and is made once"
    assert [each.name for each in own.parent.iterdir() if "unfinished" in each.name] == []


@pytest.mark.slow
def test_a_demo_that_fails_leaves_nothing_behind(on: Run, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(url: str, **how: object) -> None:
        await asyncio.to_thread(Path(url).write_text, "half a demo")
        raise KeyboardInterrupt

    monkeypatch.setattr("deskterm.demo.fill", fails)
    assert on(places / "desk.db", "demo", "--no-ui").code == 130
    assert list(places.iterdir()) == []


def test_a_desk_of_ones_own_gets_its_folder(capfd: pytest.CaptureFixture[str], places: Path) -> None:
    """Nothing has to be made by hand before the first desk file is loaded."""
    assert run(["list"], Shell()) == 1
    assert "desk load" in capfd.readouterr().err
    assert not (places / "data").exists()
    assert run(["desk", "load", "it-assistance"], Shell()) == 0
    assert (places / "data").stat().st_mode & 0o777 == 0o700
    assert run(["list"], Shell()) == 0


def test_doctor_says_what_to_do(on: Run, store: Path, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def checks(path: Path, *args: str) -> tuple[int, dict[str, Any]]:
        answer = on(path, "doctor", "--json", *args)
        return answer.code, {each["about"]: (each["well"], each["said"]) for each in answer.json["checks"]}

    code, found = checks(store)
    assert (code, {about for about, (well, _) in found.items() if not well}) == (0, set())
    assert found["desk"] == (True, "Northgate Desk")
    code, found = checks(places / "none.db")
    assert (code, found["store"][0], "desk load" in found["store"][1]) == (1, False, True)
    settings = places / "settings.toml"
    settings.write_text("themes = 1\n")
    monkeypatch.setenv("DESKTERM_CONFIG", str(settings))
    code, found = checks(store)
    assert (code, found["settings"][0], "did you mean theme?" in found["settings"][1]) == (1, False, True)
    people = on(store, "doctor")
    assert (people.code, "attention" in people.out) == (1, True)
    settings.unlink()
    monkeypatch.setenv("DESKTERM_STATE_DIR", "/dev/null/state")
    assert checks(store)[1]["state"][0] is False


def test_words_that_were_typed_and_not_saved_are_listed(on: Run, store: Path, places: Path) -> None:
    assert on(store, "drafts").out == "No drafts: everything typed is saved.\n"
    journal = Journal(places / "state" / "drafts")
    draft = journal.open("call", about="Brook & Lane")
    draft.write("summary", "No dial \x1b[31mtone")
    journal.close()
    (found,) = on(store, "drafts", "--json").json
    assert (found["about"], found["fields"]) == ("Brook & Lane", {"summary": "No dial \x1b[31mtone"})
    assert "No dial ␛[31mtone" in on(store, "drafts").out
    assert "1 waiting" in on(store, "doctor").out


def test_places_are_told(on: Run, places: Path) -> None:
    found = on(places / "desk.db", "locations", "--json").json
    assert found["store"] == str(places / "desk.db")
    assert found["drafts"] == str(places / "state" / "drafts")
    assert str(places / "state" / "drafts") in on(places / "desk.db", "locations").out
