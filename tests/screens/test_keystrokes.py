"""The promise of few keys, held in CI: the same tasks as `benchmarks/keystrokes`, each checked in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.keystrokes import TASKS, Task, played

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
async def test_keys_beyond_free_text(task: Task, tmp_path: Path) -> None:
    assert await played(task, tmp_path) <= task.most
