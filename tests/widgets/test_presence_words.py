"""Who is there, in words: who writes before who looks, every name made safe, and nothing said of nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from deskterm.desk.records.presence import Doing, Presence
from deskterm.widgets.presence_words import in_rows, initials, sentence, warning

NOW = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
AT = UUID(int=1)


def there(operator: str, doing: Doing = "viewing", at: UUID = AT, since: datetime = NOW) -> Presence:
    return Presence(operator, at, doing, since)


@pytest.mark.parametrize(
    ("name", "said"), [("Nora Singh", "NS"), ("Nora", "N"), ("nora de la Cruz", "NC"), ("Åsa Öberg", "ÅÖ"), ("", "?")]
)
def test_initials(name: str, said: str) -> None:
    assert initials(name) == said


def test_a_row_shows_who_writes_before_who_looks_and_counts_the_others() -> None:
    other = UUID(int=2)
    assert in_rows(()) == {}
    found = in_rows([there("Ann Bell"), there("Cy Day", "writing"), there("Ann Bell"), there("Eva Fox", at=other)])
    assert found == {AT: ("✎ CD+1", "accent"), other: ("◦ EF", "muted")}


def test_sentences_say_since_when_in_the_zone_of_the_desk_and_name_an_earlier_day() -> None:
    people = [there("Ann Bell"), there("Cy Day", "writing", since=NOW - timedelta(hours=15))]
    said = sentence(people, "Me", NOW, "Europe/Berlin").plain
    assert said == "✎ Cy Day is writing here (since Sun 19:30)  ◦ Ann Bell is here"
    assert sentence([there("Me", "writing")], "Me", NOW, "UTC").plain.endswith(
        "You are writing on another terminal (since 09:30)"
    )


def test_a_warning_names_all_who_write_and_the_key() -> None:
    both = [there("Ann Bell", "writing"), there("Cy Day", "writing"), there("Eva Fox")]
    assert warning(both, "Me", "F5") == "Ann Bell and Cy Day are writing here. F5 takes over."
    assert warning(both[:1], "Me", "") == "Ann Bell is writing here."
    assert warning([there("Me", "writing")], "Me", "F5") == "You are writing here on another terminal."
    assert warning(both[2:], "Me", "F5") == ""


def test_a_name_is_never_more_than_a_name() -> None:
    hostile = there("\x1b[31mNo \u202era", "writing")
    assert "\x1b" not in warning([hostile], "Me", "F5") + sentence([hostile], "Me", NOW, "UTC").plain
    assert "\x1b" not in in_rows([hostile])[AT][0]
