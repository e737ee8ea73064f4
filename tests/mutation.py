"""Small mistakes planted in deskterm one by one, to see whether the tests notice each: a sample, drawn from a seed.

    python -m tests.mutation [--mutants 300] [--seed N] [--jobs 2] [--room drafts] [--keep FOLDER]

mutmut plants them, in a copy of the tree, and runs only the tests that reach each. docs/mutation.md has the last
figures. Fails below four killed of five.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.environment import neutral

ROOT: Final = Path(__file__).resolve().parent.parent
COPIED: Final = ("deskterm", "tests", "pyproject.toml")
LEFT_OUT: Final = ("postgres", "http", "offline", "remote", "200_random_tamperings")
WANTED: Final = 0.8
KILLED: Final = frozenset((1, 3, 24, -24, 36, 152, 255, -1, -9, -11, -15))
"""Exit codes of test runs that noticed: a failing test, an end by a signal, or none in many times the time it takes."""


@dataclass(frozen=True, slots=True)
class Room:
    """Files in which mistakes are planted, the tests that have to notice them, and the room's share of the sample."""

    name: str
    share: float
    files: tuple[str, ...]
    tests: tuple[str, ...]
    but_not: tuple[str, ...] = ()

    def config(self) -> str:
        """What mutmut has to know."""
        lists = {
            "source_paths": ("deskterm",),
            "only_mutate": self.files,
            "do_not_mutate": self.but_not,
            # What runs in another program, a server or a database, is not followed there; two hundred tamperings are
            # one test that reaches everything, and would be run for every mutant.
            "pytest_add_cli_args": ("-p", "no:cacheprovider", "-k", f"not {' and not '.join(LEFT_OUT)}"),
            "pytest_add_cli_args_test_selection": self.tests,
        }
        # From a fork server: the store's threads do not outlive a fork.
        lines = [
            "[tool.mutmut]",
            'process_isolation = "forkserver"',
            *(f"{k} = {json.dumps(v)}" for k, v in lists.items()),
        ]
        return "\n" + "\n".join(lines) + "\n"


_DRAFTS: Final = ("deskterm/store/drafts.py", "deskterm/store/draft_file.py")
_ELSEWHERE: Final = (
    "deskterm/store/migrations/*",
    # What a store is has no bodies to change, and tests that read its names.
    "deskterm/store/base.py",
    # Their tests run servers, databases and processes, and are left out.
    "deskterm/store/offline/*", "deskterm/store/remote/*", "deskterm/store/postgres/*",
    *(f"deskterm/store/{name}.py" for name in ("accounts", "serving", "along", "problems", "showing", "shown")),
)  # fmt: skip
"""What of the store is not the desk in a file."""
ROOMS: Final = (
    Room(
        "references", 0.06, ("deskterm/desk/reference.py",),
        ("tests/desk/test_reference.py", "tests/desk/changes/test_words.py"),
    ),
    Room(
        "text walls", 0.24, ("deskterm/text.py", "deskterm/terminal.py", "deskterm/input_guard.py"),
        ("tests/test_text.py", "tests/test_terminal.py", "tests/test_terminal_ends.py", "tests/test_input_guard.py"),
    ),
    Room("drafts", 0.2, _DRAFTS, ("tests/store/test_drafts.py", "tests/store/test_draft_trouble.py")),
    Room("store", 0.5, ("deskterm/store/*.py",), ("tests/store",), (*_DRAFTS, *_ELSEWHERE)),
)  # fmt: skip


class Planted:
    """A copy of the tree with the mutants of one room in it."""

    def __init__(self, room: Room, tree: Path, jobs: int) -> None:
        self.room, self.tree, self._jobs = room, tree, jobs
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, tree / name)
        with (tree / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(room.config())

    def results(self) -> dict[str, int | None]:
        """Every mutant by name, and how its tests ended; None for one that was not tried."""
        found: dict[str, int | None] = {}
        for path in sorted((self.tree / "mutants").rglob("*.py.meta")):
            found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        return found

    def is_made(self) -> None:
        """Make all mutants, and find out which tests reach each."""
        self._mutmut("run", "no such mutant")  # which it says at the end

    def tries(self, names: list[str]) -> None:
        """Try mutants. Ends the program where the tests fail without any."""
        done = self._mutmut("run", "--max-children", str(self._jobs), *names)
        if done.returncode:
            lines = re.split(r"[\r\n]+", done.stdout)
            told = [line for line in lines if not re.match(r"\W*(Running|Generating|Listing)", line)]
            sys.exit("\n".join([*told[-60:], done.stderr[-4000:], "The mutants could not be tried."]))

    def change(self, name: str) -> str:
        """What a mutant changes, as two lines."""
        lines = self._mutmut("show", name).stdout.splitlines()
        changed = (line for line in lines if line[:1] in ("+", "-") and line[:3] not in ("+++", "---"))
        return "\n".join([name, *(f"    {line}" for line in changed)])

    def _mutmut(self, *words: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).parent / "mutmut"
        return subprocess.run(
            [program, *words], cwd=self.tree, env=neutral(os.environ), capture_output=True, text=True, check=False
        )


def sampled(room: Room, tree: Path, count: int, asked: argparse.Namespace) -> tuple[int, int]:
    """Try so many mutants of a room, and say which were not noticed; how many were, and how many there were."""
    began = time.monotonic()
    planted = Planted(room, tree, asked.jobs)
    planted.is_made()
    there = sorted(planted.results())
    chosen = random.Random(asked.seed).sample(there, min(count, len(there)))
    planted.tries(chosen)
    ended = planted.results()
    survivors = [name for name in chosen if ended[name] not in KILLED]
    sys.stdout.writelines(f"{planted.change(name)}\n" for name in survivors)
    killed = len(chosen) - len(survivors)
    told = f"{room.name}: {killed} of {len(chosen)} killed, {killed / len(chosen):.0%}; {len(there)} there are"
    sys.stdout.write(f"{told}; {time.monotonic() - began:.0f} s\n")
    sys.stdout.flush()
    return killed, len(chosen)


def main() -> int:
    """Draw, plant, test and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 2**31))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--room", action="append", choices=[room.name for room in ROOMS])
    parser.add_argument("--keep", type=Path, help="work here, and leave it for `mutmut browse`")
    asked = parser.parse_args()
    sys.stdout.write(f"--seed {asked.seed} draws these mutants again.\n")
    sys.stdout.flush()
    killed = of = 0
    with tempfile.TemporaryDirectory() as folder:
        for room in ROOMS:
            if room.name in (asked.room or [room.name]):
                tree = (asked.keep or Path(folder)) / room.name
                one = sampled(room, tree, round(asked.mutants * room.share), asked)
                killed, of = killed + one[0], of + one[1]
    sys.stdout.write(f"{killed} of {of} killed, {killed / of:.0%}.\n")
    return 0 if killed >= WANTED * of else 1


if __name__ == "__main__":
    sys.exit(main())
