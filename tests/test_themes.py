"""The colours: readable by the measure of WCAG 2 (AA: 4.5 to 1 for text), in every theme that sets its own."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from textual.color import Color
from textual.theme import Theme

from deskterm.connections import COLOURS, PLAIN
from deskterm.themes import DEFAULT_THEME, THEMES, TOKENS

OURS = [theme for theme in THEMES if not theme.ansi]
TEXTS = ("text", "text-muted", "text-accent", "text-success", "text-warning", "text-error", "text-disabled")
GROUNDS = ("background", "surface", "panel", "boost", "field")
ENOUGH = 4.5


def colours(theme: Theme) -> dict[str, Color]:
    """Every colour of a theme as it is drawn: what is see-through stands on the background."""
    named = {**theme.to_color_system().generate(), **theme.variables}
    background = Color.parse(named["background"])
    return {name: background + Color.parse(named[name]) for name in (*TEXTS, *GROUNDS, "cursor-row", "rule")}


def luminance(colour: Color) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [value / 255 for value in colour.rgb]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio of two colours (WCAG 2.2), from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#767676"), Color.parse("#fff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_every_text_is_readable_on_every_ground(theme: Theme) -> None:
    """R052: nobody needs good eyes to read a state."""
    drawn = colours(theme)
    pale = {
        f"{text} on {ground}": round(contrast(drawn[text], drawn[ground]), 2)
        for text in TEXTS
        for ground in GROUNDS
        if contrast(drawn[text], drawn[ground]) < ENOUGH
    }
    assert pale == {}


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_the_row_under_the_cursor_is_readable(theme: Theme) -> None:
    """All but what is disabled, which stands on no row."""
    drawn = colours(theme)
    assert all(contrast(drawn[text], drawn["cursor-row"]) >= ENOUGH for text in TEXTS if text != "text-disabled")


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_what_may_not_be_done_is_paler_than_what_may(theme: Theme) -> None:
    drawn = colours(theme)
    on_panel = [contrast(drawn[text], drawn["panel"]) for text in ("text-disabled", "text-muted", "text")]
    assert on_panel == sorted(on_panel)
    assert on_panel[0] * 1.25 < on_panel[1]


PLATES = [f"connection-{colour}" for colour in (*COLOURS, PLAIN)]


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_the_name_of_a_desk_is_readable_on_its_colour_and_its_colour_is_seen(theme: Theme) -> None:
    """Nobody acts on the wrong desk: its name has the ground of the heading on its colour, and none is like another."""
    named = {**theme.to_color_system().generate(), **theme.variables}
    plates = {name: Color.parse(named[name]) for name in PLATES}
    pale = {name: contrast(Color.parse(named["panel"]), plate) for name, plate in plates.items()}
    assert {name: round(found, 2) for name, found in pale.items() if found < ENOUGH} == {}
    apart = {f"{a} {b}": math.dist(plates[a].rgb, plates[b].rgb) for a, b in combinations(PLATES, 2)}
    assert {pair: round(far) for pair, far in apart.items() if far < 60} == {}


def test_desks_have_a_colour_each_of_the_terminals_own_sixteen() -> None:
    assert len({TOKENS[name] for name in PLATES}) == len(PLATES)
    assert all(TOKENS[name].startswith("ansi_") for name in PLATES)


def test_the_terminals_own_colours_are_offered() -> None:
    """Two themes use nothing but the sixteen colours that the terminal's owner has chosen."""
    assert [theme.name for theme in THEMES if theme.ansi] == ["ansi-dark", "ansi-light"]
    for theme in THEMES:
        if theme.ansi:
            named = {**theme.to_color_system().generate(), **TOKENS}
            used = {named[name] for name in (*TEXTS, "background", "panel", "field", "cursor-row", "rule")}
            assert all("ansi" in colour or colour == "transparent" for colour in used), used


def test_the_default_is_there() -> None:
    assert THEMES[0].name == DEFAULT_THEME
    assert len({theme.name for theme in THEMES}) == len(THEMES)
