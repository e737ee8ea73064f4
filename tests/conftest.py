"""What holds for every test: a neutral environment, a home of its own, and asyncio."""

from __future__ import annotations

import importlib
import os
import random
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.environment import neutral

if TYPE_CHECKING:
    from tests.faults.hostile import Hostile

# At import and not in a fixture: Textual reads its variables when it is imported, and the workers of
# pytest-xdist inherit what is set here.
_clean = neutral(os.environ)
_changed = any(name.startswith("TEXTUAL_") for name in os.environ)
os.environ.clear()
os.environ.update(_clean)
# What is made up by chance is made up anew in each run; workers and programs that are started inherit the seed.
os.environ.setdefault("DESKTERM_SEED", str(random.SystemRandom().randrange(1, 10**9)))
if _changed and "textual.constants" in sys.modules:
    # The snapshot plugin imported Textual before us.
    importlib.reload(sys.modules["textual.constants"])

# A slow machine is not a failing test; pytest-timeout catches what hangs.
settings.register_profile("deskterm", deadline=None)
settings.load_profile("deskterm")


def pytest_report_header() -> str:
    """Say by which seed this run can be repeated."""
    return f"DESKTERM_SEED={os.environ['DESKTERM_SEED']} makes up the same inputs again"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many hostile texts were made up, and by which seed."""
    done = [each for stat in ("passed", "failed") for each in terminalreporter.stats.get(stat, ())]
    made = sum(int(str(number)) for each in done for name, number in each.user_properties if name == "hostile texts")
    if made:
        terminalreporter.write_line(f"{made} hostile texts, DESKTERM_SEED={os.environ['DESKTERM_SEED']}")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio, which is what Textual runs on."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the test run its own settings, drafts and desks, empty, so that it never reads the user's."""
    folder = tmp_path_factory.mktemp("home")
    settings = folder / "settings.toml"
    settings.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        patch.setenv("DESKTERM_CONFIG", str(settings))
        patch.setenv("DESKTERM_STATE_DIR", str(folder / "state"))
        patch.setenv("DESKTERM_DATA_DIR", str(folder / "data"))
        yield


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Callable[[Hostile], None]:
    """Report how many hostile texts were made up, and fail if they are fewer than promised."""
    from tests.faults.hostile import LEAST, SEED

    def count(hostile: Hostile) -> None:
        record_property("hostile texts", len(hostile.given))
        assert len(hostile.given) >= LEAST[hostile.place], f"DESKTERM_SEED={SEED}: only {len(hostile.given)} texts"

    return count
