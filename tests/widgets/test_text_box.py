"""The box for several lines, as it is drawn."""

from __future__ import annotations

import gc
import weakref

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.screen import Screen

from deskterm.widgets.text_box import TextBox

WIDTH, HEIGHT = 30, 4
JOINED = "zbj0760 🚀\u20e3#\ufe0f漢☎\ufe0f☎⌚\u200d"


class Boxed(App[None]):
    """Nothing but a box."""

    def compose(self) -> ComposeResult:
        """The box."""
        yield TextBox()


class BoxedScreen(Screen[None]):
    """A screen with a box."""

    def compose(self) -> ComposeResult:
        """The box."""
        yield TextBox()


@pytest.mark.anyio
@pytest.mark.parametrize("text", [JOINED, f"{JOINED} and more that has to go to the next line {JOINED}"])
async def test_a_line_is_as_wide_as_the_box_wherever_the_cursor_stands(text: str) -> None:
    """R216: a cursor within joined signs cuts them, and what is cut takes more cells than it did."""
    async with Boxed().run_test(size=(WIDTH, HEIGHT)) as pilot:
        box = pilot.app.query_one(TextBox)
        box.load_text(text)
        box.focus()
        for column in range(len(text) + 1):
            box.move_cursor((0, column))
            await pilot.pause()
            lines = [box.render_line(y) for y in range(HEIGHT)]
            assert [sum(cell_len(piece.text) for piece in line) for line in lines] == [box.content_size.width] * HEIGHT


@pytest.mark.anyio
async def test_a_box_that_was_closed_is_gone() -> None:
    """Each call and each form has one: in a day that is hundreds."""
    async with Boxed().run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.app.push_screen(BoxedScreen())
        box = weakref.ref(pilot.app.screen.query_one(TextBox))
        await pilot.app.pop_screen()
        await pilot.pause()
        gc.collect()
        assert box() is None
