"""The disk fails at the nth call, once and for ever, under every act: nothing acknowledged is lost, nothing half done.

`python -m tests.faults.io_errors` says how; here it is run for each act, and has to catch what was planted. Each run
takes other calls: all of them are tried with ALL_CALLS=1.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.io_errors import ACTS

pytestmark = pytest.mark.slow
SEED = int(os.environ.get("DESKTERM_SEED") or random.SystemRandom().randrange(10_000))
MOST = 10_000 if os.environ.get("ALL_CALLS") else 24
SOURCE = Path(__file__).with_name("failing_disk.c")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What makes calls fail, built here from its source."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler here, or no Linux: only limits on file sizes are tried")
    built = tmp_path_factory.mktemp("library") / "failing_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, SOURCE, "-ldl"], check=True)
    return built


def tried(act: str, lever: str, *plant: str, most: int = MOST, library: Path | None = None) -> dict[str, Any]:
    """Run one act in a Python of its own, with the disk failing."""
    environ = dict(os.environ) | ({"LD_PRELOAD": str(library)} if library else {})
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.io_errors", act, lever, str(most), str(SEED), *plant],
        capture_output=True, text=True, check=False, env=environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    told = f"{answer['cases']} of {answer['of']} steps, {answer['refused']} refused"
    sys.stdout.write(f"\nDESKTERM_SEED={SEED} {act}, {lever}: {told}\n")
    return answer


@pytest.mark.parametrize("act", ACTS)
def test_a_disk_that_fails_at_the_nth_call(act: str, library: Path) -> None:
    answer = tried(act, "calls", library=library)
    assert answer["failed"] == []
    assert answer["refused"] > answer["cases"] // 5


@pytest.mark.parametrize("act", ACTS)
def test_a_disk_without_room(act: str) -> None:
    """Needs no privilege, no compiler and no Linux."""
    answer = tried(act, "size")
    assert answer["failed"] == []
    assert answer["refused"]


@pytest.mark.parametrize(
    ("plant", "act"),
    [("hasty", "log"), ("hasty", "hand-off"), ("no-transaction", "log"), ("in-place", "create"),
     ("no-transaction", "migrate"), ("careless", "draft")],
)  # fmt: skip
def test_a_planted_fault_is_caught(plant: str, act: str, library: Path) -> None:
    assert tried(act, "calls", plant, most=12, library=library)["failed"] != []


@pytest.mark.parametrize(("plant", "act"), [("hasty", "log"), ("careless", "draft"), ("in-place", "backup")])
def test_a_planted_fault_is_caught_without_a_compiler(plant: str, act: str) -> None:
    assert tried(act, "size", plant, most=20)["failed"] != []
