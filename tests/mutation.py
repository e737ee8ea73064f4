"""Small mistakes planted in deskterm one by one, to see whether the tests notice each: a sample, drawn from a seed.

    python -m tests.mutation [--mutants 300] [--seed N] [--jobs 2] [--keep FOLDER]

mutmut plants them, in a copy of the tree, and runs only the tests that reach each; `[tool.mutmut]` in pyproject.toml
says where and which. docs/mutation.md has the last figures. Fails below four killed of five.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.environment import neutral

ROOT: Final = Path(__file__).resolve().parent.parent
COPIED: Final = ("deskterm", "tests", "pyproject.toml")
WANTED: Final = 0.8
ROOMS: Final[Mapping[str, tuple[float, tuple[str, ...]]]] = {
    "drafts": (0.18, ("deskterm.store.drafts.", "deskterm.store.draft_file.")),
    "text walls": (0.24, ("deskterm.text.", "deskterm.terminal.", "deskterm.input_guard.")),
    "references": (0.06, ("deskterm.desk.reference.",)),
    "store": (0.52, ("deskterm.store.",)),
}
"""The share of the sample that each gets, and what belongs to it; the first that fits."""
KILLED: Final = (1, 3, 24, -24, 36, 152, 255, -9, -11)
"""Exit codes of test runs that noticed: a failing test, or no end within many times the time it takes."""
SMALLEST: Final = "deskterm.desk.reference.*"
"""What the first run tries, in which all mutants are made and the tests that reach each are found out."""


def room_of(mutant: str) -> str:
    """The room that a mutant is in."""
    return next(room for room, (_, names) in ROOMS.items() if mutant.startswith(names))


def results(tree: Path) -> dict[str, int | None]:
    """Every mutant by name, and how its tests ended; None for one that was not tried."""
    found: dict[str, int | None] = {}
    for path in sorted((tree / "mutants").rglob("*.py.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def drawn(names: list[str], count: int, seed: int) -> list[str]:
    """So many of the mutants, each room with its share; the same seed draws the same."""
    chance = random.Random(seed)
    in_room: dict[str, list[str]] = {room: [] for room in ROOMS}
    for name in names:
        in_room[room_of(name)].append(name)
    return [
        name
        for room, (share, _) in ROOMS.items()
        for name in chance.sample(in_room[room], min(len(in_room[room]), round(count * share)))
    ]


def mutmut(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run mutmut in a tree."""
    program = Path(sys.executable).parent / "mutmut"
    return subprocess.run(
        [program, *words], cwd=tree, env=neutral(os.environ), capture_output=True, text=True, check=False
    )


def tried(tree: Path, jobs: int, *names: str) -> None:
    """Try mutants. Ends the program where the tests fail without any."""
    done = mutmut(tree, "run", "--max-children", str(jobs), *names)
    if done.returncode:
        sys.exit(f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}\nThe mutants could not be tried.")


def told(tree: Path, chosen: list[str]) -> Iterator[str]:
    """What came of the mutants that were drawn, survivors first."""
    ended = results(tree)
    survivors = [name for name in chosen if ended[name] not in KILLED]
    for name in survivors:
        lines = mutmut(tree, "show", name).stdout.splitlines()
        yield "\n".join(
            [name, *(f"    {line}" for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))]
        )
    of, killed = Counter(map(room_of, chosen)), Counter(room_of(n) for n in chosen if n not in survivors)
    for room in ROOMS:
        if of[room]:
            yield f"{room:10} {killed[room]:4} of {of[room]:4} killed: {killed[room] / of[room]:4.0%}"
    yield f"{'all':10} {killed.total():4} of {of.total():4} killed: {killed.total() / of.total():4.0%}"


def main() -> int:
    """Draw, plant, test and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 2**31))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="work here, and leave it for `mutmut browse`")
    asked = parser.parse_args()
    began = time.monotonic()
    sys.stdout.write(f"--seed {asked.seed} draws these mutants again.\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        tree = asked.keep or Path(folder) / "tree"
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, tree / name)
        tried(tree, asked.jobs, SMALLEST)
        all_of_them = sorted(results(tree))
        chosen = drawn(all_of_them, asked.mutants, asked.seed)
        tried(tree, asked.jobs, *chosen)
        sys.stdout.writelines(f"{line}\n" for line in told(tree, chosen))
        ended = results(tree)
    share = sum(ended[name] in KILLED for name in chosen) / len(chosen)
    sys.stdout.write(f"{len(all_of_them)} mutants there are; this took {time.monotonic() - began:.0f} s.\n")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
