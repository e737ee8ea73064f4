"""The line at the top: what gives way in it, and what never does."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from deskterm.connections import Connection
from deskterm.widgets.connection_words import name_plate
from deskterm.widgets.frame import Heading

pytestmark = pytest.mark.anyio
PLATE = name_plate(Connection("Northgate by day", "/srv/desk.db", colour="red"))


class Top(App[None]):
    def compose(self) -> ComposeResult:
        heading = Heading(PLATE)
        heading.keep_watch(Content("▲ C-0013 ends in 0:14"))
        heading.stand(Content("▲ offline since 10:41, 3 waiting"))
        heading.tell(Content("Northgate Desk"), Content("☎ 2 calls open, F3"))
        yield heading


@pytest.mark.parametrize(
    ("width", "says"),
    [
        (130, ("Northgate by day", "Northgate Desk", "☎ 2 calls open, F3", "▲ C-0013 ends in 0:14", "3 waiting")),
        (80, ("Northgate by day", "▲ C-0013 ends in 0:14", "▲ offline since 10:41, 3 waiting")),
    ],
)
async def test_the_name_of_the_desk_gives_way_to_nothing(width: int, says: tuple[str, ...]) -> None:
    """Nor do the watch on a window and how the desk stands, at any width."""
    async with Top().run_test(size=(width, 5)) as pilot:
        drawn = pilot.app.query_one(Heading).render()
        assert drawn.cell_length <= width - 2
        assert [words for words in says if words not in drawn.plain] == []
        assert drawn.plain.startswith(" Northgate by day ")
