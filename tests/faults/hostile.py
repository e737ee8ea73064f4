r"""Hostile texts, made up from a seed: whatever acts on terminals, markup, shells and spreadsheets.

    hostile = Hostile("queue")
    given = hostile.line()          # Given(mark="zq00007", text="zq00007 \x1b]0;owned\x07 …")

Each text begins with a mark of its own, plain letters and digits, so that it can be found again on a screen. The seed
is printed by every test run; DESKTERM_SEED=… repeats that run.
"""

from __future__ import annotations

import os
import random
import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

SEED: Final = os.environ.get("DESKTERM_SEED", "0")
"""Where everything here begins: set by tests/conftest.py, another one in each run."""

Random = random.Random
Kind = Callable[[Random], str]

_CSI = (
    "\x1b[5;53m", "\x1b[8m", "\x1b[2J", "\x1b[3J", "\x1b[1;1H", "\x1b[99;99H", "\x1b[s\x1b[u", "\x1b[5;10r",
    "\x1b[?1049l",
    "\x1b[?25h", "\x1b[?2004l", "\x1b[?1000l", "\x1b[4h", "\x1b[20h", "\x1b[5i", "\x1b[4i", "\x1b[!p",
    "\x1b[999b", "\x1b[9A",
    "\x1b[K", "\x1b[1P", "\x1b[2L", "\x1b[?5h", "\x1b[?7h", "\x1b[0 q", "\x1b[>4;2m", "\x1b[200~", "\x1b[201~",
    "\x1b[8;5;5t",
    "\x1b[", "\x1b[3", "\x1b[31", "\x1b[<0;1;1M",
)  # fmt: skip
_SHORT = (
    "\x1bc",
    "\x1b7",
    "\x1b8",
    "\x1b(0",
    "\x1b)0",
    "\x1b#8",
    "\x1b=",
    "\x1bM",
    "\x1bD",
    "\x1bE",
    "\x1bN",
    "\x1b%@",
    "\x1b",
)
_QUERIES = (
    "\x1b[6n", "\x1b[?6n", "\x1b[5n", "\x1b[c", "\x1b[>c", "\x1b[=c", "\x1b[0c", "\x1bZ", "\x05", "\x1b[>q",
    "\x1b[18t", "\x1b[21t",
    "\x1b[20t", "\x1b[?u", "\x1b[x", "\x1b[?1004$p", "\x1b[?996n", "\x1b[1'|", "\x1b]11;?\x07", "\x1b]10;?\x1b\\",
    "\x1b]4;1;?\x07", "\x1b]52;c;?\x07", "\x1b]12;?\x9c", "\x1bP$qm\x1b\\", "\x1bP+q544e\x1b\\",
    "\x1b_Gi=31,a=q;AAAA\x1b\\",
    "\x9b6n", "\x9bc", "\x9d11;?\x9c",
)  # fmt: skip
_MARKUP = (
    "[@click=app.quit]x[/]", "[ @click=app.quit]x[/]", "[@click='app.quit()']x[/]",
    "[@click=screen.perform('quit')]x[/]",
    "[@click=app.bell]y[/]", "[b]bold", "[/]", "[/nope]", "[[b]]", "\\[b]x", "[link=file:///etc/passwd]x[/link]",
    "[bold red on blue]x[/bold]", "[$error]x", "[red", "a]b[c", "disk [sda]", "[0]", "[on_click=app.quit]x[/]",
    "[#ff0000]x[/]",
    ":skull:", "[b]" * 40, "[/b]" * 9, "[bold][/italic]", "[@click=app.quit", "[meta @click=x]", "[not a tag=]",
    "$text", "${x}",
    "# head", "**b** _i_ `c`", "<b>x</b><script>", "[x](javascript:alert)", "[reverse blink conceal]x[/]",
    "[u u u]x[/u]",
)  # fmt: skip
_FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+9)",
    '=HYPERLINK("http://x.example")',
    "\t=1",
    "\r=1",
    "=1\n=2",
)
_FORMATS = ("%s%n%x", "{0}{x.__class__}", "{ticket.id!r:>99}", "%(a)s", "$(id)", "`id`", "$PATH",
    "'; drop table tickets;--",
            "\" or 1=1", "*", "a*", "NEAR(", "C++", "../../etc", "%00", "\\x1b[31m", "{", "}", "%", "\\",
        "\\u001b]0;x")  # fmt: skip
_LOOKALIKES = ("␛[31m", "^[[31m", "\\033[31m", "\\e]0;x\\a", "Ã\x9b31m", "â\x80\xa8", "‹ESC›[2J", "←[31m", "&#27;[31m")
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_ZERO = (
    "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064"
    "\u206a\u206f\ufeff\u00ad\u034f\u115f\u1160\u17b4"
    "\u180e\u3164\uffa0\ufff9\ufffa\ufffb\ufffc\ufe0f\ufe0e\U000e0100\U0001d173"
)
_WIDE = "漢字가나한글ＡＢ全角🙂🚀👩‍👧👨🏽‍💻🏳️‍🌈1️⃣#️⃣🇩🇪🇹🇷⌚⏰☎️✈️㊗️𠀀﷽௵"
_SCRIPTS = (
    "İstanbul ıI",
    "Ёлка",
    "שלום",
    "مرحبا بك",
    "नमस्ते क्षि",
    "ไทยกำ",
    "Zoë Müller",
    "Łódź",
    "ﬁ ﬂ",
    "Ω≈ç√",
    "각",
    "ខ្មែរ",
    "မြန်မာ",
)
_BREAKS = (
    "\n",
    "\r",
    "\r\n",
    "\v",
    "\f",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\x08\x08\x08",
    "\t",
    "\t\t",
)


def _osc(rng: Random) -> str:
    what = rng.choice(("0;owned", "1;owned", "2;owned", "52;c;b3duZWQ=", "8;;file:///x", "9;owned",
        "777;notify;a;b", "4;1;red",
                       "1337;File=:AAAA", "133;A", "7;file:///", "104", "50;x", "l", "I", "112"))  # fmt: skip
    start = rng.choice(("\x1b]", "\x1b]", "\x9d"))
    return start + what + rng.choice(("\x07", "\x1b\\", "\x9c", ""))


def _string(rng: Random) -> str:
    start = rng.choice(
        ("\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x90", "\x9f", "\x9e", "\x98", "\x1bPtmux;\x1b", "\x1bPq#0;2;0;0;0")
    )
    return start + rng.choice(("owned", '$q"p', "1;2|", "")) + rng.choice(("\x1b\\", "\x9c", ""))


def _some(characters: str, least: int, most: int) -> Kind:
    return lambda rng: "".join(rng.choices(characters, k=rng.randint(least, most)))


def _any_control(rng: Random) -> str:
    codes = [*range(0x20), *range(0x7F, 0xA0)]
    return "".join(chr(rng.choice(codes)) for _ in range(rng.randint(1, 6)))


def _any_format(rng: Random) -> str:
    return "".join(rng.choices(_FORMAT_CHARACTERS, k=rng.randint(1, 4)))


def _any_character(rng: Random) -> str:
    return "".join(chr(rng.randrange(0x20, 0x110000)) for _ in range(rng.randint(1, 6)))


def _storm(rng: Random) -> str:
    marks = "\u0300\u0301\u0302\u0316\u0334\u0335\u0489\u20dd\u0e47\u0f71\u1ab0\u1dc0"
    return rng.choice("aeoZ漢 ") + "".join(rng.choices(marks, k=rng.randint(3, 400)))


def _long_word(rng: Random) -> str:
    return rng.choice(("x", "W", "漢", "é", "ﷺ", "🙂", "-", "[")) * rng.randint(100, 2000)


def _surrogate(rng: Random) -> str:
    return "".join(chr(rng.randrange(0xD800, 0xE000)) for _ in range(rng.randint(1, 3)))


def _tags(rng: Random) -> str:
    return "".join(chr(rng.randrange(0xE0000, 0xE0080)) for _ in range(rng.randint(1, 20)))


_FORMAT_CHARACTERS = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) in ("Cf", "Zl", "Zp")]
KINDS: Final[dict[str, Kind]] = {
    "csi": lambda rng: rng.choice(_CSI),
    "escape": lambda rng: rng.choice(_SHORT),
    "osc": _osc,
    "string": _string,
    "query": lambda rng: rng.choice(_QUERIES),
    "control": _any_control,
    "markup": lambda rng: rng.choice(_MARKUP),
    "bidi": _some(_BIDI, 1, 5),
    "zero-width": _some(_ZERO, 1, 6),
    "format": _any_format,
    "wide": _some(_WIDE, 1, 12),
    "script": lambda rng: rng.choice(_SCRIPTS),
    "storm": _storm,
    "nul": _some("\0", 1, 3),
    "surrogate": _surrogate,
    "tags": _tags,
    "formula": lambda rng: rng.choice(_FORMULAS),
    "format-string": lambda rng: rng.choice(_FORMATS),
    "long-word": _long_word,
    "break": lambda rng: rng.choice(_BREAKS),
    "lookalike": lambda rng: rng.choice(_LOOKALIKES),
    "character": _any_character,
}
"""What is made up, by name."""

HUGE: Final[dict[str, Kind]] = {
    "one line of 1 MB": lambda _: "x" * 1_000_000,
    "1 MB of escapes": lambda _: "\x1b]0;owned\x07" * 100_000,
    "a code fence of 100 KB": lambda _: "```\n" + "[b]x\n" * 20_000 + "```",
    "1 MB of markup": lambda _: "[b]x[/b]" * 125_000,
    "100 000 lines": lambda _: "\n" * 100_000,
    "100 KB of marks": lambda _: "e" + "\u0301" * 50_000,
    "1 MB of wide letters": lambda _: "漢" * 350_000,
    "1 MB of tabs": lambda _: "\t" * 1_000_000,
    "1 MB of joiners": lambda _: "👩\u200d" * 140_000,
}
"""What is only large."""


LEAST: Final = {
    "queue": 700,
    "tickets": 700,
    "forms": 300,
    "calls": 150,
    "small screens": 400,
    "who": 80,
    "welcome": 20,
    "shell tickets": 500,
    "shell words": 700,
    "shell files": 150,
    "programs": 24,
    "terminal": 100,
}
"""How many texts each walk makes up at least; a walk names itself by the `place` of its `Hostile`."""


class Given(NamedTuple):
    """One hostile text, and the mark by which it is found again."""

    mark: str
    text: str


class Hostile:
    """Makes hostile texts up. The same seed and the same `place` give the same texts in the same order."""

    def __init__(self, place: str, seed: str = SEED) -> None:
        self.place = place
        self.random = Random(f"{seed}/{place}")
        self._letters = "z" + "".join(self.random.choices("bcdfghjkmnpqrstvwx", k=2))
        self._rest: list[str] = []
        self.given: list[Given] = []
        """All that was made up so far."""

    def line(self, *, tail: str = "") -> Given:
        """A text of a few kinds; every kind comes in turn, so that none is left out."""
        kinds = [self._next_kind(), *(self.random.choice(list(KINDS)) for _ in range(self.random.randint(0, 2)))]
        return self.made_of(*kinds, tail=tail)

    def made_of(self, *kinds: str, tail: str = "") -> Given:
        """A text of these kinds."""
        mark = self.mark()
        gaps = (" ", "", " no dial tone ", "x")
        body = "".join(self.random.choice(gaps) + (KINDS | HUGE)[kind](self.random) for kind in kinds)
        given = Given(mark, f"{mark}{body}{tail}")
        self.given.append(given)
        return given

    def mark(self) -> str:
        """A new mark: seven letters and digits that no other text has."""
        return f"{self._letters}{len(self.given):04d}"

    def _next_kind(self) -> str:
        if not self._rest:
            self._rest = self.random.sample(list(KINDS), k=len(KINDS))
        return self._rest.pop()
