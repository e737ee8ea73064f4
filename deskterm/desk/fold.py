"""Text as it is searched: without case, accents and letter variants, so that "Søren" is found by "soren".

The same folding makes the index and the question, on every store. Highlighting needs the original: folding
changes lengths.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that look like a plain one to whoever types a name, but do not come apart by normalisation.
_PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "þ": "th", "æ": "ae", "œ": "oe"})
_WORD = re.compile(r"\w+")
_LONG = 40
"""Letters at most of a word that is worth remembering."""


def fold(text: str) -> str:
    """Fold text for comparing: compatibility forms apart, case folded, marks dropped. Folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    # A space stands between what comes before and after it: most words are plain, whatever else is there.
    return " ".join([part.lower() if part.isascii() else _word(part) for part in text.split(" ")])


def _word(text: str) -> str:
    return _remembered(text) if len(text) <= _LONG else _folded(text)


def _folded(text: str) -> str:
    # Twice, because some marks turn into letters when their case is folded and some letters into marks.
    for _ in range(2):
        text = _without_marks(unicodedata.normalize("NFKD", text)).casefold()
    return _without_marks(unicodedata.normalize("NFKD", text)).translate(_PLAIN)


_remembered = lru_cache(maxsize=4096)(_folded)


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded, in its order: letters, digits and underscores, nothing else."""
    return tuple(_WORD.findall(fold(text)))


def _without_marks(text: str) -> str:
    return text.translate(_MARKS)


class _Marks(dict[int, int | None]):
    """What `str.translate` makes of each character: nothing of a mark. Alphabets are remembered."""

    def __missing__(self, code: int) -> int | None:
        left = None if unicodedata.category(chr(code)).startswith("M") else code
        if code < _LAST_KEPT:
            self[code] = left
        return left


_LAST_KEPT = 0x3000
_MARKS = _Marks()
