"""First paint and memory beside neighbours in the terminal: in turns with them, on the same pseudo-terminal.

A neighbour is measured where it is installed, in an environment of its own, for they want libraries of other versions:

    python -m venv PEERS/posting && PEERS/posting/bin/pip install posting "tree-sitter<0.26"
    python -m venv PEERS/harlequin && PEERS/harlequin/bin/pip install harlequin
    python -m venv PEERS/jiratui && PEERS/jiratui/bin/pip install jiratui "textual<8"
    python -m benchmarks peers --in PEERS

(tree-sitter 0.26 makes posting 2.11.1 end by a segmentation fault before it has drawn anything.)
What is not there, or does not come up, is left out, and said. Each program is started in the same way: a Python that
becomes it.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks import minimal_app
from benchmarks.line import FIRST, MINIMAL, desk_with, first_paint, peak_memory, rests, worked
from benchmarks.measuring import Spread, Verdict, keep, machine
from tests.faults.pty_driver import MAIN, Terminal

ROUNDS: Final = 5
AHEAD: Final = 2.0
RESULT: Final = Path("build/benchmarks/peers.json")
JIRATUI: Final = """\
jira_api_username: ada@example.com
jira_api_token: none
jira_api_base_url: http://127.0.0.1:9
"""
"""A server that refuses at once, so that its start screen is measured and no network."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program, how it is started and which words say that it stands there."""

    name: str
    command: tuple[str, ...]
    words: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What one start cost: ms, ms of a processor, MB."""

    paint: float
    work: float
    memory: float


NEIGHBOURS: Final = (
    Program("posting", ("posting",), "Collection"),
    Program("jiratui", ("jiratui", "ui"), "Work Items"),
    Program("harlequin", ("harlequin",), "Query Results"),
)


def programs(peers: Path | None) -> list[Program]:
    """The least Textual app, deskterm, and the neighbours that are installed; says which are not."""
    python = (sys.executable, "-c")
    found = [
        Program("least", (*python, MINIMAL), minimal_app.FIRST),
        Program("deskterm", (*python, MAIN), FIRST, is_ours=True),
    ]
    for each in NEIGHBOURS:
        program = peers / each.name / "bin" / each.name if peers else None
        if program and program.exists():
            found.append(Program(each.name, (str(program), *each.command[1:]), each.words))
        else:
            print(f"  {each.name} is left out: it is not installed (see benchmarks/peers.py)")
    return found


def started(program: Program, desk: Path, home: Path) -> Run:
    """Start a program, wait until it stands there and rests, end it."""
    become = f"import os; os.environ.update({_environment(home)!r}); "
    become += f"os.execv({program.command[0]!r}, {list(program.command)!r})"
    folder = desk if program.is_ours else home
    paint, terminal = first_paint(lambda: Terminal(folder, planted=become), program.words)
    work = worked(terminal)
    with terminal:
        if program.is_ours:
            terminal.waits_for("live")
        rests(terminal)
        return Run(paint * 1000, work * 1000, peak_memory(terminal))


def _environment(home: Path) -> dict[str, str]:
    settings = home / "jiratui.yaml"
    settings.write_text(JIRATUI)
    return {"JIRA_TUI_CONFIG_FILE": str(settings)}


def measure(peers: Path | None, desk: Path, home: Path) -> list[Verdict]:
    """Start all in turns; print medians, and how far deskterm is ahead."""
    there = programs(peers)
    runs: dict[str, list[Run]] = {program.name: [] for program in there}
    for n in range(ROUNDS + 1):
        for program in list(there):
            try:
                run = started(program, desk, home)
            except AssertionError as error:
                print(f"  {program.name} is left out: {str(error).splitlines()[0]}")
                there.remove(program)
                del runs[program.name]
                continue
            if n:  # the first round warms the disk, and lets each make its files
                runs[program.name].append(run)
    print(f"\n  {'program':<10}{'first paint':>14}{'processor':>14}{'memory':>12}")
    for name, taken in runs.items():
        paint, work, memory = (Spread.of(each).median for each in _columns(taken))
        print(f"  {name:<10}{paint:11.0f} ms{work:11.0f} ms{memory:9.1f} MB")
    verdicts = [verdict for name in runs if name not in ("least", "deskterm") for verdict in _ahead(name, runs)]
    kept: dict[str, Any] = {name: [[run.paint, run.work, run.memory] for run in taken] for name, taken in runs.items()}
    keep(RESULT, {"machine": machine(), "runs": kept}, verdicts)
    return verdicts


def _columns(runs: Sequence[Run]) -> tuple[list[float], list[float], list[float]]:
    return [run.paint for run in runs], [run.work for run in runs], [run.memory for run in runs]


def _ahead(name: str, runs: dict[str, list[Run]]) -> list[Verdict]:
    """Our share of a neighbour's paint and memory, pair by pair: at most a half was promised."""
    pairs = list(zip(runs["deskterm"], runs[name], strict=True))
    return [
        Verdict(f"first paint, times {name}'s", statistics.median(a.paint / b.paint for a, b in pairs), 1 / AHEAD),
        Verdict(f"peak memory, times {name}'s", statistics.median(a.memory / b.memory for a, b in pairs), 1 / AHEAD),
    ]


async def main(options: list[str]) -> bool:
    """Measure, print, keep; says whether deskterm is as far ahead as was promised of all that were there."""
    peers = Path(options[1]) if options[:1] == ["--in"] and len(options) > 1 else None
    print("\nFirst paint and memory, beside neighbours in the terminal")
    with TemporaryDirectory() as temporary:
        desk = await asyncio.to_thread(desk_with, Path(temporary) / "desk")
        home = Path(temporary) / "home"
        home.mkdir()
        verdicts = await asyncio.to_thread(measure, peers, desk, home)
    print()
    for verdict in verdicts:
        print(f"  {verdict}")
    return all(verdict.is_kept for verdict in verdicts)
