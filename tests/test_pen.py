"""The cursor stays where Textual believes it is, whatever a terminal makes of a character."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len

from deskterm.pen import is_disputed, placed
from tests.faults.judge import judged, width_of

OURS = frozenset({"CSI H", "SGR 0", "SGR 3x", "control 0a"})


@pytest.mark.parametrize(
    "name", ["हिन्दी में", "👩\u200d👧", "1\ufe0f\u20e3", "👍🏽", "\u1bcf\U0001faea", "☎\ufe0f", "ᄀ\u1b04\u0903" * 9]
)
def test_what_follows_stands_where_it_should(name: str) -> None:
    drawn = placed(f"\x1b[3;5Hab{name}\x1b[31m{name}\x1b[0m|\n{name}|")
    screen = judged(drawn.encode(), OURS).screen
    assert screen[2][6 + 2 * cell_len(name)] == "|"
    assert screen[3][cell_len(name)] == "|"


def test_plain_words_cost_nothing() -> None:
    drawn = "\x1b[2;1H\x1b[31mŁódź ─ 漢字 Проверка\x1b[0m ‹RLO›…"
    assert placed(drawn) is drawn


def test_terminals_agree_on_what_is_left_alone() -> None:
    settled = (chr(code) for code in range(0xA0, 0x1FB00) if not is_disputed(chr(code)))
    known = (sign for sign in settled if unicodedata.category(sign) not in ("Cn", "Cf", "Cc"))
    assert [sign for sign in known if width_of(sign) != cell_len(sign)] == []
