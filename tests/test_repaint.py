"""What is sent to the terminal: less than Textual would send, and the same picture."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style

from deskterm.repaint import Shown
from deskterm.text import cell

WIDTH, HEIGHT = 12, 4
PLACE = re.compile(r"\x1b\[(?:(\d+);(\d+))?H|\x1b\[([\d;]*)m|(\n)|([^\x1b\n]+)")
STYLES = ("", "bold red", "red", "bold #112233 on #445566", "on #445566", "underline", "reverse", "dim", "dim bold")


@dataclass
class Glass:
    """A terminal, slow and plain: every cell with its sign and all that was said of its looks."""

    cells: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)

    def feed(self, sent: str) -> None:
        """Take what a program wrote."""
        x = y = 0
        looks: dict[str, str] = {}
        at = 0
        for step in PLACE.finditer(sent):
            assert step.start() == at, sent[at : at + 20]
            at = step.end()
            line, column, codes, newline, text = step.groups()
            if text:
                for start, end, width in split_graphemes(text)[0]:
                    for half in (x - 1, x) if self.cells.get((x, y), (" ",))[0] == "" else ():
                        self.cells[half, y] = (" ", self.cells[half, y][1])
                    for n in range(width):
                        if n == width - 1 and self.cells.get((x + width, y), (" ",))[0] == "":
                            self.cells[x + width, y] = (" ", self.cells[x + width, y][1])
                        self.cells[x + n, y] = (text[start:end] if not n else "", _told(looks))
                    x += width
            elif newline:
                x, y = 0, y + 1
            elif codes is not None:
                _say(looks, codes)
            else:
                x, y = (int(column) - 1, int(line) - 1) if line else (0, 0)
        assert at == len(sent), sent[at:]
        assert not looks, "a frame leaves the pen as it found it"

    def picture(self) -> dict[tuple[int, int], tuple[str, str]]:
        """What is to be seen: of a blank only its ground, its lines and whether it is reversed."""
        return {
            at: (sign, looks if sign != " " or "4=" in looks or "7=" in looks else "".join(re.findall("g=.*;", looks)))
            for at, (sign, looks) in self.cells.items()
        }


def _say(looks: dict[str, str], codes: str) -> None:
    rest = iter(codes.split(";"))
    ends = {"22": ("1", "2"), "23": ("3",), "24": ("4",), "27": ("7",), "29": ("9",), "39": ("f",), "49": ("g",)}
    for code in rest:
        if code in ("", "0"):
            looks.clear()
        elif code in ends:
            for gone in ends[code]:
                looks.pop(gone, None)
        elif code in ("38", "48"):
            kind = next(rest)
            colour = ",".join([kind, *(next(rest) for _ in range(3 if kind == "2" else 1))])
            looks["f" if code == "38" else "g"] = colour
        elif len(code) > 1 and code[0] in "39":
            looks["f"] = code
        elif len(code) > 1:
            looks["g"] = code
        else:
            looks[code] = ""


def _told(looks: dict[str, str]) -> str:
    return "".join(f"{key}={looks[key]};" for key in sorted(looks))


def drawn(y: int, x: int, pieces: list[tuple[str, str]]) -> str:
    """A line as Textual draws it: every piece with all its colours, and none of them left on."""
    segments = (Segment(text, Style.parse(style)) for text, style in pieces)
    painted = "".join((s.style or Style()).render(s.text) for s in segments)
    return f"\x1b[{y + 1};{x + 1}H{painted}\n"


signs = st.text(st.sampled_from("ab  é漢✓‼e\u0301▌👍🏽\u0915\u093f"), max_size=6).map(lambda text: cell(text, 5))
pieces = st.lists(st.tuples(signs, st.sampled_from(STYLES)), min_size=1, max_size=2)
frames = st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.sampled_from((0, 2)), pieces), min_size=1, max_size=4)


@given(st.lists(frames, min_size=1, max_size=5))
def test_what_is_sent_makes_the_same_picture(many: list[list[tuple[int, int, list[tuple[str, str]]]]]) -> None:
    shown, theirs, ours = Shown(), Glass(), Glass()
    background = "".join(drawn(y, 0, [(" " * WIDTH, "on blue")]) for y in range(HEIGHT))
    for frame in ("", *("".join(drawn(*line) for line in lines) for lines in many)):
        whole = frame or background
        theirs.feed(whole)
        ours.feed(shown.changes(whole, WIDTH, HEIGHT))
        assert ours.picture() == theirs.picture()


def test_what_stands_there_already_is_not_sent_again() -> None:
    shown = Shown()
    line = drawn(1, 0, [("No dial tone", "red on blue")])
    assert shown.changes(line, WIDTH, HEIGHT)
    assert shown.changes(line, WIDTH, HEIGHT) == ""
    changed = shown.changes(drawn(1, 0, [("No dial zone", "red on blue")]), WIDTH, HEIGHT)
    assert changed.count("z") == 1
    assert "N" not in changed


def test_after_another_size_or_another_hand_everything_is_sent() -> None:
    shown = Shown()
    line = drawn(1, 0, [("No dial tone", "red")])
    first = shown.changes(line, WIDTH, HEIGHT)
    assert shown.changes(line, WIDTH + 1, HEIGHT)
    shown.changes(line, WIDTH, HEIGHT)
    shown.forget()
    assert shown.changes(line, WIDTH, HEIGHT) == first


@pytest.mark.parametrize("strange", ["\x1b]8;;https://example.com\x1b\\", "\x1b[2J", "\x1b[90;1Hx"])
def test_what_is_not_understood_is_passed_on_whole(strange: str) -> None:
    shown = Shown()
    line = drawn(1, 0, [("No dial tone", "red")])
    shown.changes(line, WIDTH, HEIGHT)
    assert shown.changes(line + strange, WIDTH, HEIGHT) == line + strange
    assert shown.changes(line, WIDTH, HEIGHT), "what stands there now is not known"


def test_a_wide_character_is_never_sent_by_halves() -> None:
    shown = Shown()
    shown.changes(drawn(0, 0, [("漢漢漢漢漢漢", "red")]), WIDTH, HEIGHT)
    sent = shown.changes(drawn(0, 1, [("ab", "red")]), WIDTH, HEIGHT)
    assert cell_len(re.sub(r"\x1b\[[\d;]*[Hm]", "", sent)) >= WIDTH - 1


HOSTILE = st.lists(
    st.sampled_from(
        (
            *"a# ☎⌚漢🚀👩🇩क",
            "\u200d",
            "\ufe0f",
            "\u20e3",
            "\u0301",
            "\u093f",
            "👩\u200d👧",
            "#\ufe0f\u20e3",
            "🏳\ufe0f\u200d🌈",
        )
    ),
    max_size=WIDTH,
).map("".join)


@given(HOSTILE, st.lists(st.integers(0, 2 * WIDTH), max_size=5), st.integers(0, WIDTH - 1))
def test_no_text_wherever_it_is_cut_makes_a_line_too_long(text: str, cuts: list[int], x: int) -> None:
    """R216: a line that is too long would wrap, and move all that is below it."""
    places = [0, *sorted(cuts), None]
    pieces = [(text[a:b], STYLES[n % 3]) for n, (a, b) in enumerate(itertools.pairwise(places))]
    shown, glass = Shown(), Glass()
    for drawn_now in (drawn(1, 0, [(".漢" * (WIDTH // 3), "on blue")]), drawn(1, x, pieces), drawn(1, 0, [("x", "")])):
        sent = shown.changes(drawn_now, WIDTH, HEIGHT)
        assert "\n" not in sent, "our own drawing, not what it was made from"
        glass.feed(sent)
        assert {at for at in glass.cells if not 0 <= at[0] < WIDTH} == set()
    assert {y for _, y in glass.cells} == {1}


def test_a_line_that_is_too_long_is_cut() -> None:
    shown, glass = Shown(), Glass()
    glass.feed(shown.changes(drawn(0, 0, [("0123456789", "red"), ("漢字", "red")]), WIDTH, HEIGHT))
    glass.feed(shown.changes(drawn(1, 0, [("0123456789a", "red"), ("漢字", "red")]), WIDTH, HEIGHT))
    lines = ["".join(glass.cells[x, y][0] for x in range(WIDTH)) for y in (0, 1)]
    assert lines == ["0123456789漢", "0123456789a "], "half a wide character is none"


def test_what_joins_nothing_swallows_nothing() -> None:
    """A joiner at the end of a piece belongs to nothing that follows."""
    shown, glass = Shown(), Glass()
    pieces = [("#\ufe0f⌚\u200d", "red"), (" ", "red"), ("\u0301" + "x" * 7, "red")]
    glass.feed(shown.changes(drawn(0, 0, pieces), WIDTH, HEIGHT))
    assert "".join(glass.cells[x, 0][0] for x in range(WIDTH)) == "#\ufe0f⌚ \u0301xxxxxxx"


def test_a_mark_in_another_colour_joins_the_whole_of_a_wide_character() -> None:
    shown, glass = Shown(), Glass()
    glass.feed(shown.changes(drawn(0, 0, [("漢", "red"), ("\u0301ab", "blue")]), WIDTH, HEIGHT))
    assert [glass.cells[x, 0][0] for x in range(4)] == ["漢\u0301", "", "a", "b"]
    glass.feed(shown.changes(drawn(0, 1, [("x", "red")]), WIDTH, HEIGHT))
    assert [glass.cells[x, 0][0] for x in range(4)] == [" ", "x", "a", "b"]
