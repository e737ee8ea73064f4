"""Folding: what people type finds what people are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskterm.desk.fold import fold, tokens


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Brook & Lane", "brook & lane"),
        ("Søren Ångström", "soren angstrom"),
        ("Łukasz Żak", "lukasz zak"),
        ("İstanbul, Iğdır", "istanbul, igdir"),
        ("Straße", "strasse"),
        ("Δημήτρης", "δημητρης".replace("ς", "σ")),
        ("ﬁle №5", "file no5"),
    ],
)
def test_case_marks_and_variants_go(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_tokens_are_words() -> None:
    assert tokens("user@host, it's C++ / foo-bar") == ("user", "host", "it", "s", "c", "foo", "bar")
    assert tokens(" \n") == ()


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_never_matters(text: str) -> None:
    assert fold(text.upper().lower()) == fold(text.lower().upper().lower())
    assert all(fold(token) == token for token in tokens(text))
