"""Every check of the project, one after the other: `python -m tests`, or only some: `python -m tests mypy ruff`.

Ends with a summary and with exit status 1 if any check failed. What the user has set for their own terminal
or their own desk is kept from the checks.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.environment import neutral

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: Mapping[str, str] = {
    "ruff": "ruff check .",
    "format": "ruff format --check .",
    "mypy": "mypy",
    "contracts": "lint-imports --no-logo",
    "codespell": "codespell",
    "pytest": "pytest -n 2 -m 'not faults'",
    "faults": "pytest -n 2 --maxschedchunk=1 -m faults tests/faults tests/server",
    "mutation": "python -m tests.mutation",
}
"""What each check is called, and the command that runs it."""
UNASKED = tuple(name for name in CHECKS if name != "mutation")
"""What runs when nothing is named. Mutation takes half an hour, and says something about the tests, not the code."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check went."""

    name: str
    passed: bool
    seconds: float
    closing: str
    """The last line it printed: for pytest, how many passed."""

    def __str__(self) -> str:
        return f"{'ok' if self.passed else 'FAILED':7} {self.name:10} {self.seconds:6.1f} s  {self.closing}"


def run(name: str) -> Outcome:
    """Run one check, passing on what it prints."""
    command = shlex.split(CHECKS[name])
    print(f"\n$ {shlex.join(command)}", flush=True)
    began = time.monotonic()
    closing = ""
    # Tools are taken from beside this Python, so that no virtual environment needs to be active.
    process = subprocess.Popen(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        env=neutral(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    with process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            closing = line.strip() or closing
    return Outcome(name, process.returncode == 0, time.monotonic() - began, closing)


def main(wanted: list[str]) -> int:
    """Run the checks that are named, or all; say how they went."""
    if unknown := [name for name in wanted if name not in CHECKS]:
        print(f"No such check: {', '.join(unknown)}. There are: {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    outcomes = [run(name) for name in wanted or UNASKED]
    failed = [each.name for each in outcomes if not each.passed]
    print("\nSummary")
    print(*outcomes, sep="\n")
    print(f"{len(failed)} of {len(outcomes)} checks failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
