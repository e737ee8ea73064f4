"""The fault harnesses: `python -m tests faults` runs them, each given time enough on a machine that does much else."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SECONDS = 900
"""A harness that takes longer hangs; how long one takes is nobody's business, for that depends on the machine."""
LONGEST_FIRST = (
    "test_kill.py", "test_shared.py", "test_damaged.py", "test_hostile", "test_drafts.py", "test_io_errors.py",
    "test_full",
)  # fmt: skip
"""Begun in this order, so that no worker is left alone with a long one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that `-m "not faults"` leaves it out, and put the long ones first."""
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.faults)
        item.add_marker(pytest.mark.timeout(SECONDS))
    ours.sort(key=_place)
    items[:] = [item for item in items if HERE not in item.path.parents] + ours


def _place(item: pytest.Item) -> int:
    return next((n for n, name in enumerate(LONGEST_FIRST) if item.path.name.startswith(name)), len(LONGEST_FIRST))
