"""Writes the pages of docs/ that are tables of the code: `make docs`. A test fails when a page is stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from deskterm.actions import ACTIONS, PLACES, key_name
from deskterm.desk.changes.rights import change_table
from deskterm.desk.records.ticket import OPEN_STATUSES
from deskterm.desk.tickets.rights import TRANSITIONS, Right, Role
from deskterm.server.openapi import document
from deskterm.server.rights import COMMANDS, ROUTES, Row, kinds_of_commands
from docs.desk_file_page import page

HERE = Path(__file__).parent
MADE = "<!-- Made by `make docs`; change the table in the code instead. -->"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Write a Markdown table, one line a row."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def keys() -> str:
    """Write the key reference: every action, by the places where its key works."""
    lines = [
        *("# Keys", "", MADE, ""),
        "Every action has a word too: type `:` and the word. Give an action other keys in the settings file:",
        *("", "```toml", "[keys]", 'take = "t,f9"', "```"),
    ]
    for places in dict.fromkeys(action.places for action in ACTIONS):
        rows = [
            (", ".join(f"`{key_name(key)}`" for key in action.keys.split(",") if key), f"`:{action.id}`", action.help)
            for action in ACTIONS
            if action.places == places
        ]
        title = " and ".join(PLACES[place] for place in places).capitalize()
        lines += ["", f"## {title}", "", *table(["Key", "Word", "What it does"], rows)]
    return "\n".join(lines) + "\n"


def rights() -> str:
    """Write who may do what with a ticket, from the table that the rules themselves read."""
    roles = [Role.L0, Role.L1, Role.L2, Role.VENDOR, Role.SUPERVISOR]
    signs = {Right.NO: "–", Right.YES: "yes"}
    rows = []
    for row in TRANSITIONS:
        cells = [row.rights.get(role, Right.NO) for role in roles]
        sources = "any open" if row.sources == OPEN_STATUSES else ", ".join(row.sources)
        needs = "done by the desk itself" if Role.SYSTEM in row.rights else row.needs
        words = [row.rule, row.title, sources, row.leads_to or "", *(signs.get(cell, cell) for cell in cells), needs]
        rows.append([word or "–" for word in words])
    lines = [
        *("# Who may do what", "", MADE, ""),
        "The rules decide by this table, and the app greys keys by it. Level 2 includes third line.",
        "`deskterm desk rights` prints it too.",
        *("", *table(["Rule", "Act", "From", "To", *roles, "Needs"], rows)),
    ]
    return "\n".join(lines) + "\n"


def change_rights() -> str:
    """Write who may do what with a change, from the table that the rules themselves read."""
    roles = [Role.L0, Role.L1, Role.L2, Role.VENDOR, Role.SUPERVISOR, Role.SYSTEM]
    signs = {"-": "–", "y": "yes"}
    rows = []
    for row in change_table():
        cells = [signs.get(row[role.value], row[role.value]) for role in roles]
        words = (row["rule"], row["title"], row["from"], row["to"], *cells, row["guard"], row["needs"])
        rows.append([word or "–" for word in words])
    lines = [
        *("# Who may do what with a change", "", MADE, ""),
        "The rules decide by this table, and the app greys keys by it. Level 2 includes third line; a supervisor is",
        "the change manager. *Standard* means standard changes only, *own* what one raised oneself, *not own* what one",
        "neither raised nor makes.",
        *("", *table(["Rule", "Act", "From", "To", *roles, "Guard", "To be said"], rows)),
    ]
    return "\n".join(lines) + "\n"


def desk_file() -> str:
    """Write the reference of the desk file, from the models that check it."""
    return "\n".join(["# Desk files", "", MADE, "", *page()]) + "\n"


def http() -> str:
    """Write who may use which route of the server, and send which command, from the table that it reads itself."""
    roles = [Role.L0, Role.L1, Role.L2, Role.VENDOR, Role.SUPERVISOR]

    def cells(row: Row) -> list[str]:
        return [row.scope, *("yes" if role in row.roles else "–" for role in roles)]

    described = {
        found["operationId"]: (verb.upper(), path, found["summary"])
        for path, verbs in document()["paths"].items()
        for verb, found in verbs.items()
    }
    routes = [
        (f"`{verb} {path}`", words, *cells(ROUTES[name]))
        for name, (verb, path, words) in described.items()
        if name in ROUTES
    ]
    commands = [(f"`{kind}`", *cells(COMMANDS[kind])) for kind in kinds_of_commands()]
    lines = [
        *("# The server's routes", "", MADE, ""),
        "Who may come through which door; what may be done behind it, to which ticket, the rules of the desk say.",
        "How to run a server, and what it answers: [server.md](server.md).",
        *("", "## Routes", "", *table(["Route", "What it is for", "Scope", *roles], routes)),
        *("", "## Commands", "", "What `POST /v1/commands` takes, and from whom.", ""),
        *table(["Command", "Scope", *roles], commands),
    ]
    return "\n".join(lines) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "keys.md": keys,
    "rights.md": rights,
    "change-rights.md": change_rights,
    "desk-file.md": desk_file,
    "http.md": http,
}
"""Each generated page and what writes it."""


def main() -> None:
    """Write every generated page anew."""
    for name, write in PAGES.items():
        (HERE / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
