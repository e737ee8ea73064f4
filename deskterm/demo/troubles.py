"""What customers call about: the texts of `troubles/*.toml`, one file a sector, and how a call fills them in."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from deskterm.desk.deskfile import DeskFile, KnownSolution
from deskterm.desk.fold import tokens
from deskterm.desk.record import Frozen
from deskterm.desk.records.ticket import TicketType


class Trouble(Frozen):
    """One kind of trouble. Ranks of impact and urgency run from 1, the most severe, to 3; texts may hold {slots}."""

    sector: str
    summary: str
    detail: str
    type: TicketType = "incident"
    impact: int
    urgency: int
    fault: Literal["hardware", "software", ""] = ""
    checks: tuple[str, ...]
    fix: str
    no: str = ""
    """What the customer says when it does not hold."""
    known: str = ""
    """Key of the known solution in the demo's pool that mends it."""


@lru_cache
def read(name: str) -> dict[str, Any]:
    """Read one of the demo's own files."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


@lru_cache
def sector(name: str) -> tuple[Trouble, ...]:
    """All troubles of a sector."""
    return tuple(Trouble(sector=name, **raw) for raw in read(f"troubles/{name}.toml")["trouble"])


def sectors_of(desk: str) -> dict[str, int]:
    """What a sample desk is called about, with weights."""
    weights: dict[str, int] = read("desks.toml")[desk]["sectors"]
    return weights


def heard_as(name: str) -> str:
    """Words under which desks list a sector: which group is good for it, where the caller says none of them."""
    words: str = read("desks.toml")["words"][name]
    return words


def known_solution(trouble: Trouble, desk: DeskFile) -> str:
    """Key of a known solution that fits: the pool's, or one of the desk file's of which two words are heard."""
    if trouble.known:
        return trouble.known
    heard = frozenset(tokens(f"{trouble.summary} {trouble.detail} {' '.join(trouble.checks)}"))

    def fit(solution: KnownSolution) -> int:
        return sum(heard.issuperset(tokens(word)) for word in solution.words)

    best = max(desk.solution, key=fit, default=None)
    return best.id if best and fit(best) > 2 else ""
