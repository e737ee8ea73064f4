"""Words of strangers on the shell: clean on a terminal whatever they hold, and in JSON exactly as they were typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskterm.text import UNSAFE
from tests.cli.conftest import Answer, Run

PAYLOADS = {
    "sequences": "\x1b]0;owned\x07 \x1b]11;?\x1b\\ \x9b31mred safe\b\b\b\bevil\x7f",
    "layout": "\u202egnp.exe\u202c \u2066x\u2069 a\U000e0041\U000e007f \ufeffx\u200by one\r\ntwo\u2028three\vfour",
    "markup": "[bold red]x[/] [/nope] [@click=app.quit]y[/] :skull: 👩\u200d👧 {ticket.id} %s $PATH `id`",
}
JOINER = "\u200d"
"""Part of how some emoji are spelt; it stays among them."""


def clean(answer: Answer) -> bool:
    """Whether nothing in it acts on a terminal; our own line breaks are the only control characters."""
    both = answer.out + answer.err
    return not UNSAFE.search(both) and all(c.isprintable() or c in ("\n", JOINER) for c in both)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_ticket_full_of_it_is_drawn_clean_and_kept_as_it_was(on: Run, store: Path, payload: str) -> None:
    words = ("summary", "description", "company", "contact", "phone", "email", "contract", "service", "item")
    call = [part for word in words for part in (f"--{word}", f"{word} {payload}")]
    saved = on(store, "log", *call, "--field", f"make={payload}", "--impact", "1", "--urgency", "1", "--to", "net-2")
    assert (saved.code, clean(saved)) == (0, True)
    ref = "1000-09"
    acts = (
        ("note", ref, payload), ("chase", ref, payload, "--who", payload), ("contact", ref, payload, "--who", payload),
        ("join", ref, payload, "--company", payload, "--contact", payload, "--phone", payload),
        ("vendor-task", ref, "--vendor", payload, "--reference", payload, "--text", payload, "--as", "wei"),
        ("priority", ref, "p2", "--reason", payload, "--as", "wei"), ("unfollow", ref, "--reason", payload),
        ("amend", ref, f"model={payload}"), ("hand-off", ref, "--to", "noc", "--reason", payload, "--as", "ruth"),
        ("take", ref, "--as", "priya"),
        ("resolve", ref, "--issue", payload, "--steps", payload, "--resolution", payload, "--article", payload,
         "--as", "priya"),
        ("confirm", ref, "--by", payload, "--words", payload), ("reopen", ref, "--reason", payload),
        ("withdraw", ref, "--reason", payload), ("list", "--all"), ("show", ref), ("find", "summary"),
        ("watch", "--after", "12", "--count", "3"), ("views", "--save", payload, "--text", payload),
    )  # fmt: skip
    for act in acts:
        answer = on(store, *act)
        assert (answer.code, clean(answer)) == (0, True), (act, answer)
    shown = on(store, "show", ref, "--json")
    assert clean(shown)
    assert shown.out.isascii()
    ticket = shown.json
    assert [ticket[word] for word in words] == [f"{word} {payload}" for word in words]
    assert ticket["fields"] == {"make": payload, "model": payload}
    assert next(each["text"] for each in ticket["timeline"] if each["kind"] == "note") == payload
    assert on(store, "list", "--all", "--json").json[0]["summary"] == f"summary {payload}"


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_refusal_that_repeats_it_is_clean(on: Run, store: Path, tmp_path: Path, payload: str) -> None:
    on(store, "log", "--summary", "x", "--impact", "1", "--urgency", "1", "--to", "net-2")
    name = payload.replace("/", "|")
    (tmp_path / name).write_text(f'[desk]\nname = "x"\n"{name.encode("unicode_escape").decode()}" = 1\n')
    lines: tuple[tuple[str, ...], ...] = (
        ("show", payload), ("take", payload), ("hand-off", "1000-09", "--to", payload),
        ("priority", "1000-09", payload),
        ("log", "--summary", "x", "--impact", payload), ("log", "--summary", "x", "--type", payload),
        ("log", "--summary", "x", "--channel", payload), ("log", "--summary", "x", "--field", payload),
        ("log", "--summary", "x", "--field", f"{payload}=1"), ("log", "--summary", "x", "--began", payload),
        ("log", "--summary", "x", "--fault", payload), ("list", "--view", payload), ("list", "--status", payload),
        ("list", "--limit", payload), ("list", payload), ("list", f"--{payload}"), (payload,), ("desk", payload),
        ("card", payload), ("duplicate", "1000-09", "--of", payload), ("resolve", "1000-09", "--solution", payload),
        ("desk", "load", payload), ("desk", "check", payload), ("desk", "check", str(tmp_path / name)),
        ("import", payload), ("import", "--kind", payload, "x"), ("views", "--forget", payload),
        ("take", "1000-09", "--for", payload, "--as", "ruth"), ("list", "--as", payload),
        ("list", "--store", f"/{payload}/x"),
        ("demo", "--desk", payload), ("completions", payload),
    )  # fmt: skip
    for line in lines:
        for more in ((), ("--json",)):
            answer = on(store, *line, *more)
            assert (answer.code in (0, 1, 2), clean(answer)) == (True, True), (line, answer)
            if more and answer.code:
                assert answer.error["message"]


def test_the_names_of_a_desk_are_drawn_clean(on: Run, tmp_path: Path) -> None:
    """A desk file is another stranger: its titles and names come from whoever wrote it."""
    source = on(tmp_path / "x.db", "desk", "samples", "it-assistance").out
    name = on(tmp_path / "x.db", "desk", "samples", "it-assistance", "--json").json["name"]
    escaped = source.replace(f'name = "{name}"', 'name = "\\u001b]0;owned\\u0007\\u202e"', 1)
    assert escaped != source
    (tmp_path / "desk.toml").write_text(escaped)
    store = tmp_path / "desk.db"
    for args in (("check", "desk.toml"), ("load", "desk.toml"), ("show",)):
        answer = on(store, "desk", args[0], *(str(tmp_path / each) for each in args[1:]))
        assert (answer.code, clean(answer)) == (0, True), answer
    assert on(store, "desk", "show", "--json").json["name"] == "\x1b]0;owned\x07\u202e"
