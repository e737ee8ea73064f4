"""Untrusted text: what may be drawn, how wide it is, and what leaves by the other doors."""

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from deskterm.text import UNSAFE, capped, cell, clean_for_store, csv_cell, printable, safe, shown

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
PIECES = """\
\x1b]0;x\x07|\x00|\x9b|\u202e|\u200d|\ufe0f|\U000e0041|\t|\r\n|\ud800|e\u0301\u0301\u0301\u0301
漢|👩‍🔧|👍🏽|1️⃣|🇬🇧|[b]|[@click=app.quit]x[/]|a| """
NASTY = st.lists(st.sampled_from(PIECES.split("|")), max_size=20).map("".join)


@settings(deadline=None)
@given(ANY_TEXT | NASTY)
def test_nothing_unsafe_survives(text: str) -> None:
    for lines in (False, True):
        drawn = safe(text, lines=lines)
        assert not UNSAFE.search(drawn)
        assert "\t" not in drawn
        assert lines or "\n" not in drawn
        assert safe(drawn, lines=lines) == drawn


@settings(deadline=None)
@given(ANY_TEXT | NASTY, st.integers(0, 40))
@example("e" + "\u0301" * 500 + "x", 5)
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int) -> None:
    drawn = cell(text, width)
    assert cell_len(drawn) == width
    assert sum(cell_len(character) for character in drawn) == width
    assert not UNSAFE.search(drawn)


@pytest.mark.parametrize(
    ("text", "width", "drawn"),
    [
        ("No dial tone", 12, "No dial tone"),
        ("No dial tone", 8, "No dial…"),
        ("No", 4, "No  "),
        ("漢字漢字", 6, "漢字… "),
        ("漢字漢字", 4, "漢… "),
        ("fix ⚠\ufe0f now", 9, "fix ⚠ now"),
        ("👍🏽 ok", 6, "👍 ok "),
        ("1\ufe0f\u20e3 x", 4, "1 x "),
        ("🇬🇧 desk", 8, "GB desk "),
        ("e\u0301\u0302\u0303\u0304", 2, "e\u0301\u0302 "),
        ("\u0301x", 3, "◌\u0301x "),
        ("x\ny", 4, "x⏎y "),
        ("long", 1, "…"),
        ("long", 0, ""),
    ],
)
def test_cells_keep_their_columns(text: str, width: int, drawn: str) -> None:
    assert cell(text, width) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\x1b[31m", "␛[31m"),
        ("\x1b]52;c;eA==\x07", "␛]52;c;eA==␇"),
        ("\x9b\x84\x7f\x00", "‹CSI›‹84›␡␀"),
        ("a\u202eb\u2066c", "a‹RLO›b‹LRI›c"),
        ("a\u200bb\ufeff", "a‹ZWSP›b‹BOM›"),
        ("\U000e0041\U000e0042!", "‹TAG›!"),
        ("a\u3164b", "a‹HF›b"),
        ("a\U0001d173b\U00013437", "a‹U+1D173›b‹U+13437›"),
        ("\ud800", "\ufffd"),
        ("a\tb", "a       b"),
        ("a\r\nb\rc\u2028d", "a⏎b⏎c⏎d"),
        ("x\u200dy", "x‹ZWJ›y"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("A [/foo] B [sda]", "A [/foo] B [sda]"),
    ],
)
def test_stand_ins_are_visible(text: str, drawn: str) -> None:
    assert safe(text) == drawn == printable(text)


def test_lines_stay_only_where_asked_for() -> None:
    assert safe("a\r\nb\x85c", lines=True) == "a\nb\nc"


def test_no_language_is_harmed() -> None:
    for text in ("Łódź, Ğiriş, Straße", "Проверка связи", "สวัสดีที่นี่", "Tiếng Việt", "हिन्दी में", "日本語"):
        assert safe(text) == text
        assert cell(text, 40).rstrip() == text


@settings(deadline=None)
@given(ANY_TEXT | NASTY)
@example("disk [sda] [/] [@click=app.quit]x[/] $v")
def test_shown_is_never_markup(text: str) -> None:
    content = shown(text, "bold", lines=True)
    assert content.plain == safe(text, lines=True)
    assert all("@click" not in str(span) for span in content.spans)


@settings(deadline=None)
@given(ANY_TEXT)
def test_the_store_changes_only_what_it_cannot_keep(text: str) -> None:
    kept = clean_for_store(text)
    kept.encode()
    assert "\x00" not in kept
    assert len(kept) == len(text)
    assert all(a == b or b == "\ufffd" for a, b in zip(text, kept, strict=True))


@settings(deadline=None)
@given(ANY_TEXT, st.integers(0, 80), st.integers(1, 5))
def test_capped_is_a_beginning_within_its_limits(text: str, size: int, lines: int) -> None:
    kept, cut = capped(text, size, lines)
    assert clean_for_store(text).startswith(clean_for_store(kept))
    assert len(clean_for_store(kept).encode()) <= size
    assert safe(kept, lines=True).count("\n") <= lines
    assert cut == (len(kept) < len(text))


def test_what_has_no_width_is_bounded() -> None:
    for character in ("\u0301", "\u093e", "\U0001f3fb", "\u1161", "\ufe0f"):
        assert len(safe("e" + character * 1000)) <= 9, ascii(character)
        assert len(cell("e" + character * 1000, 4)) <= 6, ascii(character)
    assert "\u200d" not in safe("👩\u200d" * 100 + "👩")
    assert safe("👩\u200d👩\u200d👧\u200d👦") == "👩\u200d👩\u200d👧\u200d👦"


def test_no_widget_is_given_more_than_it_can_take_and_the_shell_gets_all() -> None:
    assert safe("x" * 5000) == "x" * 4096 + "…"
    assert safe("x" * 4096) == "x" * 4096
    assert safe("x\n" * 5000, lines=True).count("\n") <= 1000
    assert len(safe("漢" * 100_000, lines=True).encode()) <= 64 * 1024 + 3
    assert printable("\x1b" * 100_000) == "␛" * 100_000


def test_capped_examples() -> None:
    assert capped("abc") == ("abc", False)
    assert capped("äöü", max_bytes=5) == ("äö", True)
    assert capped("a\nb\nc", max_lines=2) == ("a\nb", True)
    assert capped("a\nb\n", max_lines=2) == ("a\nb\n", False)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_spreadsheet_formula(start: str) -> None:
    assert csv_cell(f"{start}cmd|' /C calc'!A0").startswith("'")


def test_csv_keeps_lines_and_shows_controls() -> None:
    assert csv_cell("a\r\nb\tc\x1b[2J") == "a\r\nb\tc␛[2J"


def test_text_loads_no_textual() -> None:
    check = "import sys, deskterm.text; print('textual' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_what_terminals_disagree_on_is_one_sign_wide() -> None:
    """A character that is nobody's yet, and one of private use, beside one that is not printable for another reason."""
    assert cell("a\u0378b", 3) == "a\ufffdb"
    assert cell("a\ue000b", 3) == "a\ufffdb"
    assert "\ufffd" not in cell("é\u3000x", 4)


def test_shown_has_the_style_that_is_ours() -> None:
    assert [span.style for span in shown("Acme", "bold").spans] == ["bold"]
    assert shown("a\nb", lines=True).plain == "a\nb"
    assert "\n" not in shown("a\nb").plain
