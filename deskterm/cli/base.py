"""What every command shares: the global options, wherever on the line they stand."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from deskterm.cli.shell import Shell

pass_shell = click.make_pass_decorator(Shell, ensure=True)


def _remember(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Keep a global option, wherever on the line it stood."""
    if value:
        setattr(context.ensure_object(Shell), str(option.name), value)


def _names(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """Complete the name of a connection; settings that cannot be read complete nothing."""
    from deskterm.settings import SettingsError, load_settings

    try:
        known = load_settings().connections
    except SettingsError:
        return []
    return [name for name in known if name.startswith(begun)]


def global_options() -> list[click.Option]:
    """Make the options that every command takes, before or after its name."""
    option = partial(click.Option, expose_value=False, callback=_remember)
    return [
        option(["--store"], metavar="URL", help="The desk to work on: a file or a URL. Else DESKTERM_STORE says."),
        option(
            ["-c", "--connection"], metavar="NAME", shell_complete=_names,
            help="The desk to work on, by its name in the settings. Else DESKTERM_CONNECTION says.",
        ),
        option(
            ["--as", "operator"], metavar="OPERATOR", help="Who acts: a name or login. Else DESKTERM_OPERATOR says."
        ),
        option(["--json"], is_flag=True, help="Answer in JSON."),
    ]  # fmt: skip


class DeskCommand(click.Command):
    """A command that takes the global options behind its name as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(global_options())


class DeskGroup(click.Group):
    """A group of commands that takes the global options as well."""

    command_class = DeskCommand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(global_options())


command = partial(click.command, cls=DeskCommand)
"""Make a command of the shell: `@command("list")`."""


def by_name(*commands: click.Command) -> dict[str, click.Command]:
    """Put the commands of a module under their names, for the top of the shell to find."""
    return {str(each.name): each for each in commands}
