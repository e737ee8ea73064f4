"""The shell as a program: what it loads, how it ends, and that it never shows a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deskterm.cli import main
from deskterm.cli.entry import run
from deskterm.cli.shell import Shell
from deskterm.store.opening import utc_now
from tests.cli.conftest import Run, program, quietly
from tests.robot import furnish, log_ticket

SLOW = {"pydantic", "sqlalchemy", "alembic", "sqlite3", "rich.console", "asyncio", "phonenumbers", "httpx", "textual"}


def loaded_by(*commands: tuple[str, ...]) -> set[str]:
    """What is loaded once these commands have run, one after the other, in a Python of their own."""
    code = (
        "import sys, json; from deskterm.cli import main; codes = [main(args) for args in json.loads(sys.argv[1])]; "
        "print(*codes, file=sys.stderr); print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, json.dumps(commands)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    codes, modules = done.stderr.splitlines()[-2:]
    assert set(codes.split()) == {"0"}, done.stderr
    return set(modules.split())


@pytest.mark.slow
def test_what_needs_no_desk_loads_nothing_slow() -> None:
    asked = (("--version",), ("--help",), ("log", "--help"), ("desk", "--help"), ("completions", "zsh"))
    assert loaded_by(*asked) & SLOW == set()


@pytest.mark.slow
def test_no_command_but_the_app_loads_textual(store: Path) -> None:
    """The shell has to answer at once, over SSH and in loops; what draws tables is loaded for people only."""
    on = ("--store", str(store))
    log = (*on, "log", "--summary", "x", "--company", "BL", "--impact", "1", "--urgency", "1", "--to", "noc")
    scripts = loaded_by((*log, "--json"), (*on, "list", "--json"), (*on, "show", "1000-09", "--json"))
    assert scripts & {"textual", "alembic", "httpx", "rich.console", "phonenumbers"} == set()
    lines = "list|show 1000-09|note 1000-09 x|find x|callers ada|card BL|groups|views|desk show"
    told = loaded_by(log, *((*on, *line.split()) for line in lines.split("|")))
    assert told & {"textual", "alembic", "httpx"} == set()


UNASKED = {
    "_hashlib", "_ssl", "email", "difflib", "tokenize", "alembic", "httpx", "holidays", "phonenumbers",
    "deskterm.desk.board", "deskterm.desk.changes.rights", "deskterm.desk.changes.views", "deskterm.desk.commands",
    "deskterm.desk.decide", "deskterm.screens.acts_forms", "deskterm.screens.call", "deskterm.screens.change",
    "deskterm.screens.form", "deskterm.screens.ticket", "deskterm.store.callers", "deskterm.store.change_rows",
    "deskterm.store.finding", "deskterm.store.offline.store", "deskterm.store.projections",
    "deskterm.store.remote.store", "deskterm.store.submitting", "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.orm",
}  # fmt: skip
"""What an open queue with a ticket before it has no use for: megabytes that are loaded with their first use."""
TELLS = """
import atexit, sys
from pathlib import Path
def tell():
    run = (name for name, module in sys.modules.items() if type(module).__name__ != "_Later")
    Path({there!r}).write_text(" ".join(run))
atexit.register(tell)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
async def test_an_open_queue_has_loaded_what_it_shows(tmp_path: Path) -> None:
    """Whatever else a desk can do takes no memory before it is asked for."""
    from tests.faults.pty_driver import Terminal

    await furnish(tmp_path)
    await log_ticket(tmp_path, utc_now, summary="No dial tone", to="net-2")
    there = tmp_path / "modules"
    with Terminal(tmp_path, planted=TELLS.format(there=str(there))) as terminal:
        terminal.waits_for("live")
        terminal.waits_for("No dial tone")
        terminal.watches(0.5)
        terminal.press("ctrl+q")
        assert terminal.ends() == 0, terminal.seen()
    modules = set(there.read_text().split())
    assert {"deskterm.store.local", "sqlalchemy", "pydantic", "deskterm.desk.events"} <= modules
    assert modules & UNASKED == set()


def test_the_global_options_stand_before_or_behind_the_command(
    store: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def me(line: str) -> Any:
        assert main(line.replace("STORE", str(store)).split()) == 0
        return json.loads(capfd.readouterr().out)["me"]["name"]

    assert me("--store STORE --as wei --json desk show") == "Wei Chen"
    assert me("desk show --store STORE --as wei --json") == "Wei Chen"
    assert me("--store /nowhere desk --as wei show --json --store STORE") == "Wei Chen"
    monkeypatch.setenv("DESKTERM_STORE", str(store))
    monkeypatch.setenv("DESKTERM_OPERATOR", "ines")
    assert me("desk show --json") == "Ines Duarte"
    assert me("--as tom desk show --json") == "Tom Hale"


ENDS: tuple[tuple[str, int], ...] = (
    ("--version", 0), ("lst", 2), ("list --limit none", 2), ("list --nothing", 2), ("show", 2), ("list", 1),
    ("--store /dev/null list", 1), ("--store / list", 1), ("--store ftp://example.com/desk list", 1),
    ("desk check /dev/null/none", 1), ("desk check /", 1), ("desk load manged-network", 1),
    ("import /nowhere/at/all", 1), ("import --kind items /nowhere", 1),
    ("import --dry-run x", 2), ("export /nowhere/at/all", 1), ("--json", 2),
)  # fmt: skip


@pytest.mark.parametrize(("line", "code"), ENDS)
def test_every_end_has_its_status_and_its_sentence(capfd: pytest.CaptureFixture[str], line: str, code: int) -> None:
    if line != "--json":
        assert main(line.split()) == code
        out, err = capfd.readouterr()
        assert bool(err.strip()) == bool(code)
        assert bool(out) == (not code)
    assert main([*line.split(), "--json"]) == code
    out, err = capfd.readouterr()
    if code:
        error = json.loads(out)["error"]
        assert error.keys() == {"kind", "rule", "message"}
        assert error["message"] in err
        assert (error["kind"] == "usage") == (code == 2)


@pytest.mark.slow
def test_the_app_needs_a_terminal() -> None:
    answer = program()
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "The app opens in a terminal, and this is none; 'deskterm --help' lists the commands.\n"


def test_a_wrong_word_is_met_with_the_nearest_right_one(capfd: pytest.CaptureFixture[str]) -> None:
    main(["handoff"])
    assert "Did you mean hand-off?" in capfd.readouterr().err
    assert main(["desk"]) == 2
    assert capfd.readouterr().err.count("Usage:") == 1
    main(["desk", "load", "manged-network"])
    assert "did you mean the sample managed-network?" in capfd.readouterr().err


@pytest.mark.slow
def test_bytes_that_are_no_text_are_kept_as_well_as_can_be(store: Path) -> None:
    answer = program("--store", str(store), "log", "--json", "--summary", b"caf\xe9 is down", "--phone", b"\xff")
    assert (answer.code, answer.json["summary"], answer.json["phone"]) == (0, "caf\ufffd is down", "\ufffd")
    for args in (("show", b"\xff"), ("--store", b"/\xff/x", "list"), ("desk", "check", b"\xff")):
        answer = program(*args, "--json", DESKTERM_STORE=str(store))
        assert answer.code in (1, 2), answer
        assert answer.error["message"]
        assert "Traceback" not in answer.err


@pytest.mark.slow
def test_output_that_nobody_reads_is_no_failure(store: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "deskterm", "--store", str(store), "export"]
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_told(store: Path) -> None:
    command = [sys.executable, "-m", "deskterm", "--store", str(store), "desk", "show", "--json"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.decode() == "The answer could not be written: No space left on device.\n"


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_closed_files_are_no_failure(on: Run, store: Path, closed: str) -> None:
    line = f'exec "$0" -m deskterm --store "$1" log --summary x {closed}'
    done = subprocess.run(["sh", "-c", line, sys.executable, str(store)], capture_output=True, check=False, timeout=60)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert on(store, "list", "--json").json[0]["summary"] == "x"
    assert on(store, "verify").code == 0


@pytest.mark.slow
def test_ctrl_c_stops_a_watch_quietly(store: Path) -> None:
    command = [sys.executable, "-m", "deskterm", "--store", str(store), "watch", "--after", "0", "--json"]
    # Whoever runs the tests in the background has ^C ignored, and a child would inherit that.
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heeding) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = json.loads(running.stdout.readline())
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 130
        assert (first["position"], running.stderr.read().strip()) == (1, b"")


@pytest.mark.slow
def test_what_one_does_another_sees(store: Path) -> None:
    """In another process, with the reference; how soon is measured by the store's own tests."""
    command = [sys.executable, "-m", "deskterm", "--store", str(store), "watch", "--after", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert json.loads(running.stdout.readline())["kind"] == "DeskLoaded"
        quietly(store, "log", "--summary", "x")
        seen = (json.loads(line) for line in running.stdout)
        assert next(change for change in seen if change["kind"] == "CallLogged")["ref"] == "1000-09"
        running.terminate()


def test_our_own_mistake_goes_to_a_private_log(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A traceback helps nobody at a desk. The log says where it went wrong, is private, and holds nobody's words."""
    monkeypatch.setenv("DESKTERM_STATE_DIR", str(tmp_path / "state"))

    async def broken(*_how: object) -> Any:
        words = "what the customer " + "said"
        raise RuntimeError(f"boom {len(words)}")

    assert run(["list", "--json"], Shell(opener=broken)) == 70
    out, err = capfd.readouterr()
    log = tmp_path / "state" / "deskterm.log"
    assert json.loads(out)["error"]["kind"] == "internal"
    assert (str(log) in err, "Traceback" in err) == (True, False)
    assert log.stat().st_mode & 0o777 == 0o600
    assert "boom 22" in log.read_text()
    assert "what the customer said" not in log.read_text()


def test_a_log_that_cannot_be_written_is_no_second_failure(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DESKTERM_STATE_DIR", str(tmp_path / "file" / "state"))

    async def broken(*_how: object) -> Any:
        raise RuntimeError("boom")

    assert run(["list"], Shell(opener=broken)) == 70
    assert "cannot be written" in capfd.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(capfd: pytest.CaptureFixture[str], shell: str) -> None:
    assert main(["completions", shell]) == 0
    assert "_DESKTERM_COMPLETE" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("deskterm ha", "hand-off"), ("deskterm hand-off 1000-09 --to no", "noc"), ("deskterm take 1000", "1000-09"),
     ("deskterm list --status Rou", "Routed"), ("deskterm log --channel ph", "phone")],
)  # fmt: skip
def test_tab_completes(store: Path, typed: str, offered: str, capfd: pytest.CaptureFixture[str]) -> None:
    """From the desk itself where that is what one types; where there is none, Tab offers nothing and never fails."""
    quietly(store, "log", "--summary", "x", "--impact", "1", "--urgency", "1", "--to", "noc")
    asked = {"_DESKTERM_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    for desk, found in ((str(store), True), ("/nowhere", offered not in ("noc", "1000-09"))):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**asked, "DESKTERM_STORE": desk}.items():
                patch.setenv(name, value)
            assert main([]) in (0, 1)
        out, err = capfd.readouterr()
        assert (f"plain,{offered}" in out.splitlines(), err) == (found, "")
