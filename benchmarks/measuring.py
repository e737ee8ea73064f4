"""Times that can be compared: measured in turns, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """Some times in milliseconds, summed up."""

    times: int
    median: float
    p95: float
    p99: float
    low: float
    """A quarter was quicker than this."""
    high: float
    """A quarter took longer than this."""

    @classmethod
    def of(cls, times: Sequence[float]) -> Spread:
        """Sum up."""
        ranked = sorted(times)

        def at(share: float) -> float:
            return ranked[min(len(ranked) - 1, int(len(ranked) * share))]

        return cls(len(ranked), statistics.median(ranked), at(0.95), at(0.99), at(0.25), at(0.75))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise, what came out, and whether it was kept."""

    promise: str
    measured: float
    most: float

    @property
    def is_kept(self) -> bool:
        """Whether it was."""
        return self.measured <= self.most

    def __str__(self) -> str:
        return f"{'✓' if self.is_kept else '✗'} {self.promise}: {self.measured:.2f} (at most {self.most:g})"


def machine() -> dict[str, Any]:
    """What a result was measured on, and how busy that was."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def keep(path: Path, result: dict[str, Any], verdicts: Sequence[Verdict]) -> None:
    """Write a result down for programs to read."""
    whole = result | {"promises": [asdict(verdict) | {"kept": verdict.is_kept} for verdict in verdicts]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=1) + "\n")
