"""Every command of the shell with hostile arguments, files and stored words: lines of signs, and exact JSON (R216)."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from deskterm.desk.commands import LoadDesk
from deskterm.desk.deskfile.check import load_sample
from deskterm.imports.columns import KINDS, MODELS
from deskterm.store.opening import open_store
from tests.faults.hostile import SEED, Hostile
from tests.faults.hostile_desk import HostileDesk, desk_file, lay_out, toml
from tests.faults.hostile_shell import Answer, as_argument, as_kept, ask, commands
from tests.robot import START, furnish

pytestmark = pytest.mark.slow

Ask = Callable[..., Answer]
Count = Callable[[Hostile], None]
NOT_HERE = {("demo",), ("watch",)}
"""Commands that go on for long where nothing is wrong with their arguments."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that a user has, in which commands may leave files."""
    for name in ("STATE_DIR", "DATA_DIR"):
        monkeypatch.setenv(f"DESKTERM_{name}", str(tmp_path))
    monkeypatch.setenv("DESKTERM_OPERATOR", "ada")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.fixture
def on(folder: Path) -> Ask:
    """Ask the desk of the folder, in words and in JSON."""

    def go(*args: str, stdin: bytes = b"", store: str = "desk.db") -> Answer:
        return ask(folder / store, START, *args, stdin=stdin)

    return go


@pytest.fixture
def in_use() -> Iterator[int]:
    """A port that somebody listens on, so that no server of ours stays there for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_what_is_stored(folder: Path, on: Ask, counted: Count) -> None:
    """Commands that read, on a desk where every word is a stranger's; JSON has each as it was written."""
    desk = asyncio.run(lay_out(folder, Hostile("shell tickets"), tickets=12, drafts=14))
    wide = ("list", "--all"), ("groups",), ("views",), ("solutions",), ("desk", "show"), ("desk", "rights"), ("verify",)
    for args in (*wide, ("drafts",), ("doctor",), ("rebuild",), ("watch", "--after", "5", "--count", "60")):
        on(*args)
        on(*args, "--json")
    for ref, facts in desk.facts.items():
        on("show", ref)
        shown = on("show", ref, "--json").json
        assert shown["summary"] == as_kept(facts.summary), f"DESKTERM_SEED={SEED}"
        assert shown["fields"] == {name: as_kept(words) for name, words in facts.fields.items()}
        for words in (facts.summary, desk.hostile.given[-20].text):
            for finding in ("find", "callers", "card", "solutions"):
                on(finding, as_argument(words))
                on(finding, "--json", "--", as_argument(words))
    moved_on(on, desk)
    counted(desk.hostile)


def moved_on(on: Ask, desk: HostileDesk) -> None:
    """Take the whole desk elsewhere: by its log and by a copy it says the same."""
    said = on("list", "--all", "--json", "--limit", "500").out
    log = on("export").out
    assert on("import", stdin=log, store="again.db").code == 0
    assert on("list", "--all", "--json", "--limit", "500", store="again.db").out == said
    assert on("backup", as_argument(desk.hostile.line().text.replace("/", "|"))[:60]).code in (0, 1)
    assert on("backup", "copy.db").code == 0
    assert on("restore", "copy.db", store="third.db").code == 0
    assert on("export", store="third.db").out == log


def test_every_option_of_every_command(folder: Path, on: Ask, counted: Count, in_use: int) -> None:
    """Whatever a command takes is hostile once, in words and in JSON; a sound refusal is an answer."""
    asyncio.run(furnish(folder))
    hostile = Hostile("shell words")
    assert on("log", "--summary", "x", "--impact", "1", "--urgency", "1", "--to", "net-2").code == 0
    for name, command in commands():
        taken = [each for each in command.params if takes_words(each)]
        for parameter in [*taken] * 3:
            if name in NOT_HERE and isinstance(parameter, click.Option) and parameter.required is False:
                line = [f"{parameter.opts[0]}={word(hostile)}"]
            else:
                line = line_for(command, parameter, hostile)
            if name == ("serve",) and parameter.name != "port":
                line = [f"--port={in_use}", *line]
            on(*name, *line)
            on(*name, "--json", *line)
        on(*name, f"--{word(hostile)}")
    for _ in range(20):
        on(word(hostile))
        on("--json", "desk", word(hostile))
        on("--as", word(hostile), "take", "1000-09")
        on("--store", word(hostile).lstrip("-"), "list")
    counted(hostile)


def takes_words(parameter: click.Parameter) -> bool:
    """Whether something is written behind or for it."""
    return not (isinstance(parameter, click.Option) and (parameter.is_flag or parameter.name in ("help", "store")))


def word(hostile: Hostile) -> str:
    """A hostile argument."""
    return as_argument(hostile.line().text)


def line_for(command: click.Command, hostile_one: click.Parameter, hostile: Hostile) -> list[str]:
    """Arguments for a command, one of them hostile, the reference of a ticket right unless it is that one."""
    options, words = [], []
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            if parameter is hostile_one:
                options.append(f"{parameter.opts[0]}={word(hostile)}")
        elif parameter is hostile_one or parameter.name != "ref":
            words.append(word(hostile))
        else:
            words.append("1000-09")
    return [*options, "--", *words]


def test_files(folder: Path, on: Ask, counted: Count) -> None:
    """Imports of every kind, desk files and logs: sound ones full of hostile words, and broken ones."""
    hostile = Hostile("shell files")
    asyncio.run(furnish(folder))
    for kind in KINDS:
        for more in ((), ("--json",)):
            assert on("import", "--kind", kind, *more, stdin=sheet(kind, hostile)).code in (0, 1)
            on("import", "--kind", kind, *more, stdin=sheet(kind, hostile, header=hostile.line().text))
            on("import", "--kind", kind, *more, stdin=hostile.line().text.encode("utf-8", "surrogatepass"))
    for args in (("callers", "z"), ("find", "z"), ("solutions", "z")):
        on(*args, "--json")
        on(*args)
    broken = desk_file(hostile).replace("scales", toml(hostile.line().text), 1)
    sources = [desk_file(hostile), broken, *(hostile.line().text for _ in range(10))]
    for number, source in enumerate(sources):
        file = folder / f"{number} {word(hostile)[:40].replace('/', '|')}.toml"
        file.write_bytes(source.encode("utf-8", "surrogatepass"))
        for act in ("check", "load"):
            on("desk", act, str(file))
            on("desk", act, str(file), "--json")
        on("restore", str(file), store="fourth.db")
        on("import", str(file), store="fifth.db")
    assert on("desk", "show").code == 0
    counted(hostile)


def sheet(kind: str, hostile: Hostile, header: str = "") -> bytes:
    """A CSV file of this kind with hostile cells, as far as its columns take words."""
    names = [n for n, about in MODELS[kind].model_fields.items() if n != "kind" and about.annotation is str]
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow([*names, *([header] if header else [])])
    for _ in range(2):
        rows.writerow(["BL" if name == "company" else hostile.line().text for name in names])
    return file.getvalue().encode("utf-8", "surrogatepass")


def test_what_is_imported_is_what_the_file_said(folder: Path, on: Ask) -> None:
    """A row goes to the store as it was written, but for spaces around a cell."""
    asyncio.run(furnish(folder))
    hostile = Hostile("shell import")
    said = [hostile.made_of(kind).text for kind in ("csi", "osc", "bidi", "wide", "storm", "markup", "formula")]
    file = io.StringIO()
    csv.writer(file).writerows([["key", "name"], *([f"K{n}", text] for n, text in enumerate(said))])
    assert on("import", "--kind", "companies", stdin=file.getvalue().encode()).code == 0
    lines = [json.loads(line) for line in on("export").out.splitlines()]
    text = json.dumps(lines)
    assert [each for each in said if json.dumps(each.strip()) not in text] == [], f"DESKTERM_SEED={SEED}"


def test_the_name_of_a_desk_that_was_loaded(folder: Path, on: Ask) -> None:
    """What a desk file is called is a stranger's word too."""

    async def load() -> None:
        store = await open_store(str(folder / "named.db"))
        await store.submit(LoadDesk(name="\x1b]0;owned\x07\u202e.toml", source=load_sample("it-assistance")[0]))
        await store.close()

    asyncio.run(load())
    on("desk", "show", store="named.db")
    on("watch", "--after", "0", "--count", "1", store="named.db")
