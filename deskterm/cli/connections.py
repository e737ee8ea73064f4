"""`deskterm connections`: the desks that the settings name, and which of them is in use."""

from __future__ import annotations

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.shell import Shell


@command("connections")
@pass_shell
def connections(shell: Shell) -> None:
    """List the desks that the settings name.

    --connection NAME, or -c NAME, works on one of them; so does :connection in the app.
    """
    from deskterm.cli.tables import table
    from deskterm.settings import config_path, where, without_password
    from deskterm.store.offline.kept import waiting_for

    settings, in_use = shell.settings, shell.in_use
    known = [(each, waiting_for(each.store)) for each in settings.connections.values()]
    answer = [
        {
            "name": each.name, "store": without_password(each.store), "operator": each.operator or settings.operator,
            "colour": each.colour, "waiting": waiting, "in_use": each == in_use,
        }
        for each, waiting in known
    ]  # fmt: skip
    rows = [
        ("▸" if each == in_use else "", each.name, each.colour, each.operator or settings.operator or "",
         f"{waiting} waiting" if waiting else "", where(each.store))
        for each, waiting in known
    ]  # fmt: skip
    nothing = f"The settings name no connections. [connections.NAME] in {config_path()} names one."
    heads = ("", "Connection", "Colour", "Operator", "To send", "Where")
    shell.answer(answer, lambda: table(heads, rows, kept="Connection") or nothing)


COMMANDS = by_name(connections)
