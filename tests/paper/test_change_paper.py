"""The form as a document: complete, numbered, classified, and harmless whatever was typed into it."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deskterm.desk.commands import changes as c
from deskterm.desk.deskfile.check import load_sample
from deskterm.desk.records.change import Change, ChangeState, Section
from deskterm.paper.export import FORMATS, export, file_name
from deskterm.paper.form import paper_of
from deskterm.paper.markdown import as_markdown
from deskterm.paper.pdf import PaperUnavailable
from deskterm.text import UNSAFE
from tests.change_story import ENDS, OPENS, ChangeStory, change_to, drafted, row_id
from tests.people import SUE, TOM

DESK = load_sample("managed-network")[1]
S = ChangeState
RUSSIAN, ITALIAN = "Проверить соединения — объект № 7", "Verificare perché la città è già più sicura"
HOSTILE = (
    '#read("/etc/passwd") *b* `c` $x$ [l](http://evil.example) <script> @r \\ | a |\x1b]0;t\x07\u202e\n# h\n- l\n1. n'
)


def long_form() -> ChangeStory:
    """Forty steps, two alphabets, a word as long as a page is wide, and what strangers write."""
    story = drafted().fills_the_form()
    story.does(TOM, c.AmendChange, changes={"title": f"{RUSSIAN}; {ITALIAN}", "introduction": HOSTILE})
    story.does(TOM, c.AmendChange, changes={"customer_zone": "Europe/Sofia", "company": "ООО «Северный ветер»"})
    for number in range(40):
        story.adds(Section.IMPLEMENTATION, f"Step {number} of forty: {(RUSSIAN, ITALIAN)[number % 2]}")
    story.adds(Section.ROLLBACK, HOSTILE).adds(Section.ROLLBACK, "https://example.com/" + "w" * 300)
    return story.adds(Section.OUTAGES, "No telephones", starts=OPENS, ends=OPENS + timedelta(minutes=20))


LONG = long_form().change


def markdown(change: Change) -> str:
    """The form as Markdown."""
    return export(change, DESK, "md").decode()


# -- what stands on it


@pytest.mark.parametrize("label", [
    "Company account name", "Case reference", "Systems impacted", "Issue date", "Engineer", "Customer contact",
    "Start", "End", "Approved by",
])  # fmt: skip
def test_the_header_is_that_of_the_form(label: str) -> None:
    """R150."""
    facts = dict(paper_of(change_to(S.APPROVED).change, DESK).facts)
    assert facts[label].strip("–")


def test_the_sections_are_those_of_the_form() -> None:
    """R151: in order, each row with its number and owner."""
    paper = paper_of(LONG, DESK)
    assert [(section.number, len(section.rows)) for section in paper.sections] == [
        (2, 2), (3, 3), (4, 2), (5, 42), (6, 2), (7, 4),
    ]  # fmt: skip
    assert [row.number for row in paper.sections[3].rows] == list(range(1, 43))
    assert all(row.owner == "Tom" for section in paper.sections for row in section.rows)


def test_times_are_the_customers_and_name_their_zone() -> None:
    """R152."""
    facts = dict(paper_of(LONG, DESK).facts)
    assert facts["Start"] == "Saturday 22 November 2025, 00:00 Europe/Sofia"
    assert facts["For the engineer"] == "Friday 21 November 2025, 22:00 to 23:30 Europe/London"
    outage = paper_of(LONG, DESK).sections[1].rows[-1]
    assert (outage.starts, outage.ends) == ("22 Nov 2025, 00:00", "22 Nov 2025, 00:20")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (S.DRAFT, "This is a draft: it has not been given to the customer to agree to."),
        (S.APPROVED, "Ana Petrova agreed by e-mail, Friday 21 November 2025, 09:00 Europe/London."),
        (S.VERBALLY_APPROVED, "What was said: Go ahead now, we are down."),
        (S.RESCHEDULED, "Rolled back in an earlier window: Friday 21 November 2025, 22:00 to 23:30 Europe/London."),
        (S.OVERRUN, "The window ended with work open, Friday 21 November 2025, 23:30 Europe/London."),
        (S.REJECTED, "Ana Petrova did not agree."),
        (S.CANCELLED, "It was called off before any work was done."),
        (S.CLOSED, "Outcome: successful."),
    ],
)
def test_the_paper_says_how_things_stand(state: ChangeState, said: str) -> None:
    assert said in paper_of(change_to(state).change, DESK).agreement


def test_the_form_that_is_sent_says_how_to_agree() -> None:
    """R147."""
    assert "“I agree to change C-0117”" in paper_of(change_to(S.AWAITING).change, DESK).answer
    assert paper_of(change_to(S.APPROVED).change, DESK).answer == ""


def test_what_was_done_stands_on_it_and_so_does_what_failed() -> None:
    story = change_to(S.TESTING).does(
        TOM, c.RecordTest, row=row_id("First of testing"), passed=False, remark="It drops."
    )
    steps, tests = paper_of(story.change, DESK).sections[3:5]
    assert (steps.rows[0].done, steps.rows[0].when, steps.rows[0].by) == (True, "21 Nov 2025, 22:00", "Tom")
    assert (tests.rows[0].done, tests.rows[0].result, tests.rows[0].remark) == (False, "Failed", "It drops.")
    added = change_to(S.IMPLEMENTING).adds(Section.IMPLEMENTATION, "Restart the fan").change
    assert paper_of(added, DESK).sections[3].rows[-1].text == "Restart the fan (added during the work)"


# -- Markdown and JSON


def test_markdown_is_complete_and_reads_as_it_stands() -> None:
    text = markdown(LONG)
    assert text.startswith(f"# Change C-0117: {RUSSIAN}; {ITALIAN}\n\n**Confidential** · Northgate Desk")
    for number in range(40):
        assert f"{number + 3}. [ ] Step {number} of forty: " in text
    assert "   - Owner: Tom\n" in text
    assert "   - From 22 Nov 2025, 00:00 to 22 Nov 2025, 00:20\n" in text
    assert text.count("\n## ") == 8


@given(st.text(alphabet=st.sampled_from("ab12#*_`[]()<>|~&;!-+=:. \\\n\t/"), max_size=60))
@example(HOSTILE.replace("\x1b", "").replace("\x07", "").replace("\u202e", ""))
@example("a\n===")
@example("a\n\n    code")
@example("&amp; <http://evil.example> ![x](http://evil.example)")
@settings(deadline=None)
def test_nothing_typed_is_markdown(text: str) -> None:
    """A reader of Markdown finds the words again, and no heading, list, link, picture, code or HTML beside ours."""
    row = LONG.rows[0].model_copy(update={"text": f"Begin {text}"})
    plain_form, hostile = (
        paper_of(LONG.model_copy(update={"rows": rows}), DESK) for rows in (LONG.rows, (row, *LONG.rows[1:]))
    )
    expected, found = (list(_tokens(as_markdown(paper))) for paper in (plain_form, hostile))
    assert Counter(kind for kind, _ in found if kind not in _WORDS) == Counter(
        kind for kind, _ in expected if kind not in _WORDS
    )
    said = "".join(words for kind, words in found if kind in _WORDS)
    assert run_on(hostile.sections[0].rows[0].text) in run_on(said)


_WORDS = ("text", "text_special", "softbreak", "hardbreak", "paragraph_open", "paragraph_close")


def _tokens(written: str) -> Iterator[tuple[str, str]]:
    """What a reader of Markdown makes of it: kind and words of each part."""
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(written):
        if token.type != "inline":
            yield token.type, ""
        for inner in token.children or ():
            yield inner.type, inner.content


def test_json_holds_the_form_and_the_window() -> None:
    told: dict[str, Any] = json.loads(export(LONG, DESK, "json"))
    assert (told["form"]["classification"], told["form"]["ref"]) == ("Confidential", "C-0117")
    assert len(told["form"]["sections"][3]["rows"]) == 42
    assert told["window"] == {"starts": "2025-11-21T22:00:00+00:00", "ends": "2025-11-21T23:30:00+00:00"}


@pytest.mark.parametrize("format_", ["md", "json"])
def test_nothing_internal_leaves_the_desk(format_: Any) -> None:
    """R113: neither the review note nor why it was called off, nor why it was rolled back."""
    undone = change_to(S.ROLLED_BACK).does(TOM, c.ReviewChange)
    undone.does(SUE, c.CloseChange, outcome="rolled back", note="Ours was the fault.")
    written = "".join(
        export(change, DESK, format_).decode() for change in (undone.change, change_to(S.CANCELLED).change)
    )
    for internal in ("Ours was the fault.", "The second step failed.", "Not needed any more."):
        assert internal not in written


@pytest.mark.parametrize("format_", ["md", "json"])
@given(text=st.text(max_size=60))
@settings(max_examples=30, deadline=None)
def test_hostile_text_is_harmless_on_the_screen_too(format_: Any, text: str) -> None:
    """What is printed to a terminal acts on nothing; JSON escapes it and keeps the true text."""
    change = LONG.model_copy(update={"title": text, "company": text})
    written = export(change, DESK, format_).decode() if format_ == "md" else as_markdown(paper_of(change, DESK))
    assert not UNSAFE.search(written.replace("\n", ""))


def test_a_file_is_called_after_its_change() -> None:
    assert [file_name(LONG, format_) for format_ in FORMATS] == ["C-0117.md", "C-0117.json", "C-0117.pdf"]


# -- PDF


def test_without_its_extra_the_pdf_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(PaperUnavailable, match=r"pip install 'deskterm\[pdf\]'"):
        export(LONG, DESK, "pdf")


@cache
def pages(change: Change) -> list[str]:
    """The text of each page of the PDF."""
    pytest.importorskip("typst", reason="the extra `pdf` is not installed")
    pypdf = pytest.importorskip("pypdf", reason="the extra `test` is not installed whole")
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(export(change, DESK, "pdf"))).pages]


def run_on(text: str) -> str:
    """Text without its spaces and line breaks, which a page lays out as it needs."""
    return re.sub(r"\s+", "", text)


def test_the_pdf_holds_every_word() -> None:
    """Forty rows, Cyrillic, Italian, a word wider than the page, and what strangers write, as it is."""
    paper, printed = paper_of(LONG, DESK), run_on("".join(_bodies(pages(LONG))))
    assert run_on(paper.title) in printed
    for label, text in paper.facts:
        assert run_on(label + text) in printed
    for section in paper.sections:
        assert run_on(f"{section.number}. {section.heading}") in printed
        for row in section.rows:
            assert run_on(f"{row.number}{row.text}") in printed
    assert run_on(HOSTILE.partition("\x1b")[0]) in printed


def _bodies(texts: list[str]) -> list[str]:
    """Pages without what stands at the top and the bottom of each, and without heads of tables that go on."""
    heads = r"CONFIDENTIAL|Change C-0117$|Northgate Desk|Confidential|Page \d+ of \d+|What is .*Owner When and by whom"
    return ["\n".join(line for line in text.splitlines() if not re.match(heads, line.strip())) for text in texts]


def test_pages_are_numbered_and_classified() -> None:
    texts = pages(LONG)
    assert len(texts) >= 3
    for number, text in enumerate(texts, 1):
        assert run_on(f"Page {number} of {len(texts)}") in run_on(text)
        assert "CONFIDENTIAL" in text
        assert "Change C-0117" in text


@pytest.mark.slow
def test_the_pdf_of_every_state_is_printed() -> None:
    for state in (S.DRAFT, S.AWAITING, S.OVERRUN, S.CLOSED):
        change = change_to(state).change
        printed = run_on("".join(pages(change)))
        assert all(run_on(sentence) in printed for sentence in paper_of(change, DESK).agreement)
    assert run_on("Signature") in run_on("".join(pages(change_to(S.AWAITING).change)))


def test_a_desk_without_a_classification_prints_none() -> None:
    desk = DESK.model_copy(update={"desk": DESK.desk.model_copy(update={"classification": ""})})
    assert "**" not in as_markdown(paper_of(LONG, desk)).splitlines()[2]


def test_the_window_on_paper_is_that_of_the_record() -> None:
    assert (LONG.starts, LONG.ends) == (OPENS, ENDS)


def test_a_row_stays_on_one_page_unless_it_is_taller_than_half_of_one() -> None:
    """A step cut in two is misread at night; one that fits no page goes on on the next, and loses nothing."""
    story = drafted().fills_the_form()
    for number in range(40):
        story.adds(
            Section.IMPLEMENTATION, f"<{number} " + "loads the rules and looks at the sessions " * 4 + f"{number}>"
        )
    assert not [page for page in pages(story.change) if Counter(page)["<"] != Counter(page)[">"]]
    tall = drafted().fills_the_form().adds(Section.IMPLEMENTATION, "another line\n" * 200)
    on_pages = [page.count("another line") for page in pages(tall.change)]
    assert sum(on_pages) == 200
    assert max(on_pages) < 60
