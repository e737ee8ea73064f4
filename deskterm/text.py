"""Untrusted text made drawable: every word of a ticket passes through here on its way out of the store.

Tickets are written by strangers. What they wrote is never markup, never a terminal command and never a
layout trick: control characters, direction overrides and invisible characters become visible stand-ins. The
store keeps the original; only NUL and lone surrogates, which not every database can hold, are replaced.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

if TYPE_CHECKING:
    from textual.content import Content

_ACTING = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
    # Empty, yet Python calls them printable.
    r"\u034f\u115f\u1160\u3164\uffa0"
)
UNSAFE: Final = re.compile(f"[{_ACTING}]")
"""What must never reach a terminal: controls, and all that is not seen but changes what is."""

_NOT_IN_A_LINE = re.compile(rf"[{_ACTING}\t\n]")
_SIGNS: Final = {code: 0x2400 + code for code in range(0x20)} | dict.fromkeys((0x0A, 0x0D, 0x85, 0x2028, 0x2029), "⏎")
TAB_SIZE: Final = 8
MAX_BYTES: Final = 64 * 1024
MAX_LINES: Final = 1000
MAX_LINE: Final = 4096
"""Characters of one line that a widget is given: more than fits on any screen."""
CELL_MARKS: Final = 2
"""Combining marks that a table cell keeps on one character."""
TEXT_MARKS: Final = 8
"""Combining marks that running text keeps on one character; no written language needs more."""

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
# ZWJ and ZWNJ are part of how Persian, Indic scripts and emoji are spelt: among such characters they stay.
# Named by what is not in it: a range of so many takes milliseconds to compile.
_JOINABLE: Final = r"[^\x00-\u02ff\u2000-\u20cf\U00020000-\U0010ffff]"
_HIDDEN = re.compile(
    rf"(?P<joiner>(?<={_JOINABLE})[\u200c\u200d](?={_JOINABLE}))"
    r"|(?P<tags>[\U000e0000-\U000e007f]+)"
    rf"|[{_ACTING}\u200c\u200d]"
)
_NAMES: Final = {
    0x7F: "␡",
    0x90: "‹DCS›",
    0x9B: "‹CSI›",
    0x9C: "‹ST›",
    0x9D: "‹OSC›",
    0xAD: "‧",
    0x034F: "‹CGJ›",
    0x061C: "‹ALM›",
    0x115F: "‹HF›",
    0x1160: "‹HF›",
    0x180E: "‹MVS›",
    0x200B: "‹ZWSP›",
    0x200C: "‹ZWNJ›",
    0x200D: "‹ZWJ›",
    0x200E: "‹LRM›",
    0x200F: "‹RLM›",
    0x2028: "⏎",
    0x2029: "⏎",
    0x202A: "‹LRE›",
    0x202B: "‹RLE›",
    0x202C: "‹PDF›",
    0x202D: "‹LRO›",
    0x202E: "‹RLO›",
    0x2060: "‹WJ›",
    0x2066: "‹LRI›",
    0x2067: "‹RLI›",
    0x2068: "‹FSI›",
    0x2069: "‹PDI›",
    0x3164: "‹HF›",
    0xFEFF: "‹BOM›",
    0xFFA0: "‹HF›",
}
# Terminals disagree on the width of these, so a table that must keep its columns goes without them.
_WIDTH_CHANGERS = re.compile(r"[\u200c\u200d\u20e3\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]")
# Newer editions of Unicode made these wider or narrower than the terminal may know.
_REDEFINED = re.compile(
    r"[\u2630-\u2637\u268a-\u268f\u3248-\u324f\u4dc0-\u4dff\U0001d300-\U0001d356\U0001d360-\U0001d376]"
)
_FLAG_LETTERS: Final = {0x1F1E6 + n: ord("A") + n for n in range(26)}
_MARK_RUN = re.compile(r"(?:[^\x00-\u02ff\u2000-\u20cf\u2100-\u2bff\w]|[\u1160-\u11ff\ud7b0-\ud7ff]){3,}")
# No emoji that exists joins more. Thousands would count as one character, and drawing that takes seconds.
_CHAIN = re.compile(r"(?:[^\u200d]{1,3}\u200d){8,}")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n")


def clean_for_store(text: str) -> str:
    """Replace what no store can keep (NUL and lone surrogates) by U+FFFD; the only change a store makes."""
    return _UNSTORABLE.sub("\ufffd", text)


def safe(text: str, *, lines: bool = False) -> str:
    """Give `text` with visible stand-ins for all that acts instead of showing (␛, ‹RLO›, ␀ …).

    Tabs become spaces. Line breaks of every kind become a newline if `lines` is true, else ⏎. The answer
    never matches `UNSAFE`. It is still plain text: hand it to Textual as `shown(...)`, not as a str.
    What is larger than any widget may be given is cut, and ends with ….
    """
    kept, is_cut = capped(text) if lines else (text[:MAX_LINE], len(text) > MAX_LINE)
    return printable(kept, lines=lines) + "…" if is_cut else printable(kept, lines=lines)


def printable(text: str, *, lines: bool = False) -> str:
    """Make untrusted text fit for a shell or a log file, however long it is: one line of it unless `lines` is true."""
    if text.isprintable() and text.isascii():
        return text
    text = _LINE_BREAK.sub("\n", text)
    text = _hide(text)
    if "\t" in text:
        text = text.expandtabs(TAB_SIZE)
    if not lines:
        text = text.replace("\n", "⏎")
    return _cap_marks(text, TEXT_MARKS)


def cell(text: str, width: int) -> str:
    """Fit `text` into exactly `width` terminal columns for a table: cut with … or padded with spaces."""
    if text.isascii() and text.isprintable():
        return text.ljust(width) if len(text) <= width else _cut_ascii(text, width)
    return _fit(text, width)


def gated(text: str) -> str:
    """What of a text may reach a terminal at all: the last wall, behind every widget. It knows no stand-ins."""
    if text.isascii() and text.isprintable():
        return text
    return _cap_marks(_NOT_IN_A_LINE.sub("", text), TEXT_MARKS)


def one_line(text: str) -> str:
    """Give `text` with a sign for each control character, so that a field of one line shows it; as long as it was."""
    return text if text.isprintable() else text.translate(_SIGNS)


def shown(text: str, style: str = "", *, lines: bool = False) -> Content:
    """Make a Textual `Content` of untrusted text: the only form in which it may be given to a widget.

    `style` is ours, never taken from a ticket.
    """
    from textual.content import Content

    return Content.styled(safe(text, lines=lines), style)


def capped(text: str, max_bytes: int = MAX_BYTES, max_lines: int = MAX_LINES) -> tuple[str, bool]:
    """Cut `text` to a size that a widget can take: the beginning, and whether anything was left out.

    Bytes are counted in UTF-8 and no character is split; lines are counted as `safe` breaks them.
    """
    kept = text[:max_bytes]
    if len(kept) * 4 > max_bytes:
        encoded = clean_for_store(kept).encode()
        if len(encoded) > max_bytes:
            kept = encoded[:max_bytes].decode(errors="ignore")
    for number, line_break in enumerate(_LINE_BREAK.finditer(kept), start=1):
        if number == max_lines and line_break.end() < len(kept):
            return kept[: line_break.start()], True
    return kept, len(kept) < len(text)


def csv_cell(text: str) -> str:
    """Make untrusted text fit for a spreadsheet: no formula, no control character; lines and tabs stay."""
    kept = "".join(part if part in "\t\r\n" else _hide(part) for part in re.split(r"([\t\r\n])", text))
    return f"'{kept}" if kept.startswith(_FORMULA_START) else kept


def _hide(text: str) -> str:
    """Put stand-ins for hidden characters, nothing else."""
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub(_stand_in, text)


def _stand_in(found: re.Match[str]) -> str:
    """Say in a few visible characters which hidden one stood here."""
    if found["joiner"]:
        return found[0]
    if found["tags"]:
        return "‹TAG›"
    code = ord(found[0][0])
    if name := _NAMES.get(code):
        return name
    if code < 0x20:
        return chr(0x2400 + code)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"‹{code:02X}›" if code < 0xA0 else f"‹U+{code:04X}›"


def _cap_marks(text: str, most: int) -> str:
    """Drop marks beyond `most` on one character, and endless joins: no text climbs over others or holds the app up."""
    if text.isascii():
        return text
    text = _CHAIN.sub(lambda chain: chain[0].replace("\u200d", ""), text)

    def thin(run: re.Match[str]) -> str:
        kept: list[str] = []
        marks = 0
        for character in run[0]:
            marks = marks + 1 if _is_mark(character) else 0
            if marks <= most:
                kept.append(character)
        return "".join(kept)

    return _MARK_RUN.sub(thin, text)


def _is_mark(character: str) -> bool:
    """Whether `character` is drawn on top of the one before it."""
    return cell_len(character) == 0


def _cut_ascii(text: str, width: int) -> str:
    """Cut plain ASCII to `width` columns, the last of them an ellipsis."""
    return text[: width - 1] + "…" if width > 0 else ""


def _agreed(text: str) -> str:
    """Put one sign for what terminals give different numbers of cells: too new for some of them, or nobody's."""
    text = _REDEFINED.sub("\ufffd", text)
    if text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in ("Cn", "Co") else c for c in text)


@lru_cache(maxsize=8192)
def _fit(text: str, width: int) -> str:
    """Do the slow half of `cell`: text that holds anything but printable ASCII."""
    if width <= 0:
        return ""
    # More than this cannot show in `width` columns unless most of it is marks, which are cut anyway.
    most = width * 8 + 64
    drawn = _WIDTH_CHANGERS.sub("", safe(text[:most])).translate(_FLAG_LETTERS)
    drawn = _cap_marks(_agreed(drawn), CELL_MARKS)
    if drawn and _is_mark(drawn[0]):
        drawn = "◌" + drawn  # else it would be drawn on the column to the left
    columns = cell_len(drawn)
    if columns <= width and len(text) <= most:
        return drawn + " " * (width - columns)
    used = 0
    kept: list[str] = []
    for character in drawn:
        used += (size := cell_len(character))
        if used > width - 1:
            used -= size
            break
        kept.append(character)
    return "".join(kept) + "…" + " " * (width - 1 - used)
