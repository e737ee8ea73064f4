"""Connections in the settings: names, colours, which one is begun with, and one spelling for each desk."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from deskterm.connections import COLOURS, LONGEST_NAME, PLAIN, Connection, desk_at
from deskterm.settings import Settings, SettingsError, load_settings, parse_settings, where

FILE = Path("settings.toml")
TWO = """
connection = "training"

[connections.live]
store = "https://desk.example"
operator = "ada"
colour = "red"

[connections.training]
store = "/srv/training.db"
"""


def test_connections_are_read_with_a_colour_each() -> None:
    settings = parse_settings(TWO, FILE)
    live, training = settings.connections.values()
    assert live == Connection("live", "https://desk.example", "ada", "red")
    assert training == Connection("training", "/srv/training.db", None, "amber"), "a colour that nobody has"
    assert (settings.chosen, settings.url) == (training, "/srv/training.db")


def test_colours_are_given_out_until_none_is_left() -> None:
    many = "\n".join(f'[connections.n{n}]\nstore = "/srv/{n}.db"' for n in range(9))
    found = [each.colour for each in parse_settings(many, FILE).connections.values()]
    assert found == [*COLOURS, PLAIN, PLAIN, PLAIN]


def test_the_first_is_begun_with_unless_something_else_is_said(tmp_path: Path) -> None:
    """The environment goes before the file, a store before a name, in each."""
    path = tmp_path / "settings.toml"

    def url(text: str, **environ: str) -> str | None:
        path.write_text(text)
        return load_settings({"DESKTERM_CONFIG": str(path), **environ}).url

    unnamed = TWO.replace('connection = "training"', "")
    assert url(unnamed) == "https://desk.example"
    assert url(f'store = "/srv/own.db"\n{unnamed}') == "/srv/own.db"
    assert url(f'store = "/srv/own.db"\n{TWO}') == "/srv/training.db"
    assert url(TWO, DESKTERM_CONNECTION="live") == "https://desk.example"
    assert url(TWO, DESKTERM_STORE="/tmp/x.db") == "/tmp/x.db"
    assert url(TWO, DESKTERM_STORE="/tmp/x.db", DESKTERM_CONNECTION="live") == "/tmp/x.db"
    assert url("") is None
    with pytest.raises(SettingsError, match="DESKTERM_CONNECTION: there is no connection 'live'; the settings name no"):
        url("", DESKTERM_CONNECTION="live")


def test_the_environment_says_who_acts_at_every_desk(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(TWO)
    settings = load_settings({"DESKTERM_CONFIG": str(path), "DESKTERM_OPERATOR": "ben"})
    assert [each.operator for each in settings.connections.values()] == ["ben", "ben"]
    assert settings.operator == "ben"


STORE = 'store = "/srv/desk.db"'


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("[connections.live]\noperator = 'ada'", 1, "connections.live.store", "is missing"),
        (f"[connections.live]\n{STORE}\ncolor = 'red'", 3, "connections.live.color", "did you mean colour?"),
        (f"[connections.live]\n{STORE}\ncolour = 'pink'", 3, "connections.live.colour", "known are red, amber"),
        (f"[connections.live]\n{STORE}\ntoken = 'dt_x'", 3, "connections.live.token", "`deskterm token keep"),
        (f"[connections.live]\n{STORE}\noperator = 3", 3, "connections.live.operator", "string"),
        ("[connections.live]\n\nstore = ''", 3, "connections.live.store", "string"),
        ("[connections.live]\nstore = 'desk.db'", 2, "connections.live.store", "depends on the folder"),
        ("[connections.live]\nstore = 'sqlite:///desk.db'", 2, "connections.live.store", "depends on the folder"),
        ("[connections.live]\nstore = 'mysql://db.example/x'", 2, "connections.live.store", "no store at mysql://"),
        (f"[connections.'a/b']\n{STORE}", 1, "connections.a/b", "a name has up to 16 letters"),
        (f"[connections.{'x' * (LONGEST_NAME + 1)}]\n{STORE}", 1, f"connections.{'x' * 17}", "up to 16 letters"),
        ("[connections]\nlive = '/srv/desk.db'", 2, "connections.live", "a table"),
        (f"connection = 'lvie'\n[connections.live]\n{STORE}", 1, "connection", "did you mean live?"),
        ("connection = 'live'", 1, "connection", "the settings name none"),
        (
            f"[connections.a]\n{STORE}\ncolour = 'red'\n[connections.b]\n{STORE}\ncolour = 'red'",
            6,
            "connections.b.colour",
            "a has red already",
        ),
    ],
)
def test_a_bad_connection_is_named_with_its_place(text: str, line: int, key: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, FILE)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert says in str(caught.value)


SAME = (
    ("/srv/desk.db", "sqlite:////srv/desk.db", "/srv/../srv/desk.db", "sqlite:////srv/%64esk.db"),
    ("https://desk.example", "https://desk.example/", "HTTPS://Desk.Example"),
    ("http://desk.example",),
    ("https://desk.example/Two", "https://desk.example/Two/"),
    ("postgresql://mara:s3cret@db.example/desk", "postgres://db.example/desk", "postgresql+psycopg://jo@DB.example/desk"),
    ("postgresql://db.example/desk?options=-csearch_path%3Dtwo", "postgresql://db.example/desk?password=p@ss&options=-csearch_path%3Dtwo"),
)  # fmt: skip


def test_a_desk_has_one_spelling() -> None:
    """What is typed at a desk is kept under it: two ways to it are one desk, and two desks are never one."""
    spelt = [{desk_at(url) for url in urls} for urls in SAME]
    assert [len(each) for each in spelt] == [1] * len(SAME)
    assert all(one != other for one, other in combinations(spelt, 2))
    assert not any("s3cret" in each or "p@ss" in each for found in spelt for each in found)


def test_a_link_to_a_desk_is_that_desk(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "desk.db")
    assert desk_at(str(tmp_path / "link.db")) == desk_at(str(tmp_path / "desk.db"))


def test_where_a_desk_is_is_said_shortly() -> None:
    assert where(f"sqlite:///{Path.home()}/desk.db") == "~/desk.db"
    assert where("/srv/desk.db") == "/srv/desk.db"
    assert where("postgresql://mara:s3cret@db.example/desk") == "postgresql://mara:***@db.example/desk"


def test_a_desk_is_named_by_the_connection_that_was_chosen() -> None:
    """Two names may lead to one desk, as different operators."""
    known = {name: Connection(name, "/srv/desk.db", name) for name in ("ada", "ben")}
    settings = Settings(connections=known)
    assert settings.at("sqlite:////srv/desk.db") == known["ada"]
    assert settings.on("ben").at("sqlite:////srv/desk.db") == known["ben"]


def test_a_desk_without_a_name_goes_by_its_place_where_others_have_names() -> None:
    settings = parse_settings(TWO, FILE)
    assert settings.named("/srv/demo.sqlite") == Connection("demo.sqlite", "/srv/demo.sqlite", colour=PLAIN)
    assert settings.named("https://desk.example/") == settings.connections["live"]
    assert Settings().named("/srv/demo.sqlite") is None


def test_words_from_before_desks_were_noted_belong_to_one_desk_only() -> None:
    settings = parse_settings(TWO, FILE)
    assert settings.has_old_drafts("https://desk.example")
    assert not settings.on("training").has_old_drafts("/srv/training.db")
    own = parse_settings(f'store = "/srv/own.db"\n{TWO}', FILE)
    assert own.has_old_drafts("/srv/own.db")
    assert not own.has_old_drafts("https://desk.example")
