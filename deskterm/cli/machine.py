"""This machine and this user: drafts, locations, doctor, completions. None of them needs a desk that works."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import get_completion_class

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.shell import Shell


@command("drafts")
@pass_shell
def drafts(shell: Shell) -> None:
    """List what was typed in the app and not saved yet."""
    from deskterm.cli.tables import table, when
    from deskterm.settings import state_dir, where
    from deskterm.store.drafts import Journal

    found = Journal(state_dir() / "drafts").drafts()
    now = shell.clock()
    rows = (
        (each.id, each.kind, each.about, " / ".join(filter(None, each.fields.values())), when(each.changed_at, now),
         "open" if each.in_use else each.damage or "waiting", where(each.desk) if each.desk else "")
        for each in found
    )  # fmt: skip
    heads = ("Draft", "Kind", "About", "Words", "Changed", "State", "Desk")
    shell.answer(found, lambda: table(heads, rows) or "No drafts: everything typed is saved.")


@command("locations")
@pass_shell
def locations(shell: Shell) -> None:
    """Say where settings, desks, drafts and the log are."""
    from dataclasses import replace

    from deskterm.settings import locations as known_places

    settings = replace(shell.settings, store=shell.store, connection=None) if shell.store else shell.settings
    places = {name.replace(" ", "_"): str(place) for name, place in known_places(settings=settings).items()}
    from deskterm.cli.tables import pairs

    shell.answer(places, lambda: pairs([(k.replace("_", " ").capitalize(), v) for k, v in places.items()], indent=0))


@command("doctor")
@pass_shell
def doctor(shell: Shell) -> int:
    """Check this machine, the terminal and the desk.

    What is not well comes with what to do about it, and exit status 1.
    """
    from deskterm.cli.checkup import findings
    from deskterm.cli.tables import table

    found = findings(shell)
    well = all(each.well for each in found)
    answer: dict[str, Any] = {"well": well, "checks": found}
    rows = [("ok" if each.well else "attention", each.about, each.said) for each in found]
    shell.answer(answer, lambda: table(("", "What", "Found"), rows))
    return 0 if well else 1


@command("completions")
@click.argument("shell_name", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@pass_shell
def completions(shell: Shell, shell_name: str) -> None:
    """Print the script that completes commands in your shell.

    For bash: deskterm completions bash > ~/.local/share/bash-completion/completions/deskterm
    """
    from deskterm.cli.root import root

    kind = get_completion_class(shell_name)
    assert kind is not None, "click completes for all three"
    script = kind(root, {}, "deskterm", "_DESKTERM_COMPLETE")
    # Not `source()`, which runs bash to look at its version: the script may be meant for another machine.
    source = script.source_template % script.source_vars()
    shell.answer({"shell": shell_name, "script": source}, lambda: source.strip("\n"))


COMMANDS = by_name(drafts, locations, doctor, completions)
