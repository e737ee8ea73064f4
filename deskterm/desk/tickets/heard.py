"""Which of a desk's words were said: to guess a call's group, and the questions to ask about it (R075, R135)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from deskterm.desk.deskfile import DeskFile, QuestionBank
from deskterm.desk.fold import tokens

_STEM: Final = 4
"""Words of this length and more are also found with an ending ("router" in "routers")."""


def how_many(phrases: Iterable[str], said: tuple[str, ...]) -> int:
    """How many of these were said, as `tokens` gives it; a phrase counts when all its words were."""
    return sum(all(_was_said(word, said) for word in tokens(phrase)) for phrase in phrases if phrase.strip())


def questions_for(desk: DeskFile, text: str) -> QuestionBank | None:
    """The question bank that fits what was said best, the first of equals; None where none fits."""
    said = tokens(text)
    fits = [(how_many((*bank.words, bank.category), said), bank) for bank in desk.question_bank]
    most, best = max(fits, key=lambda fit: fit[0], default=(0, None))
    return best if most else None


def _was_said(word: str, said: tuple[str, ...]) -> bool:
    return any(heard == word or (len(word) >= _STEM and heard.startswith(word)) for heard in said)
