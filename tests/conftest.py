"""What holds for every test: a neutral environment, a home of its own, and asyncio."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.environment import neutral

# At import and not in a fixture: Textual reads its variables when it is imported, and the workers of
# pytest-xdist inherit what is set here.
_clean = neutral(os.environ)
_changed = any(name.startswith("TEXTUAL_") for name in os.environ)
os.environ.clear()
os.environ.update(_clean)
if _changed and "textual.constants" in sys.modules:
    # The snapshot plugin imported Textual before us.
    importlib.reload(sys.modules["textual.constants"])

# A slow machine is not a failing test; pytest-timeout catches what hangs.
settings.register_profile("deskterm", deadline=None)
settings.load_profile("deskterm")


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
