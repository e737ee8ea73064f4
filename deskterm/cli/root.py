"""The `deskterm` command itself: opens the app, or passes on to one of the commands below, loaded when asked for."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final

import click

from deskterm import __version__
from deskterm.cli.base import DeskGroup, pass_shell
from deskterm.cli.output import write
from deskterm.cli.shell import Shell
from deskterm.settings import LINES

SECTIONS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "Calls and tickets": {
        "tickets": ("log", "list", "show"),
        "explaining": ("explain",),
        "writing": ("note", "contact", "chase", "join", "amend", "priority", "follow", "unfollow"),
    },
    "Working on a ticket": {
        "work": ("hand-off", "take", "start", "pend", "resume", "vendor-task"),
        "restoring": ("restore-time", "intervene", "defer", "vendor-answer", "out-of-scope"),
        "endings": ("resolve", "confirm", "refuse", "reopen", "withdraw", "duplicate", "undo"),
    },
    "Going up": {
        "escalations": ("escalate", "escalations", "answer-escalation", "major", "end-major", "report"),
        "ticking": ("tick",),
    },
    "Changes": {"changes": ("change",)},
    "Finding": {"finding": ("find", "callers", "card", "solutions", "groups", "views", "watch")},
    "While the line is down": {"outgoing": ("sync", "outbox")},
    "The desk": {"boards": ("board",), "activity": ("activity",), "desks": ("desk",), "demo": ("demo",)},
    "Data": {
        "logs": ("import", "export", "verify", "rebuild"),
        "copies": ("backup", "restore"),
        "moving": ("copy", "upgrade"),
    },
    "Many operators": {"serving": ("serve",), "operators": ("operator", "token")},
    "This machine": {
        "connections": ("connections",),
        "machine": ("drafts", "locations", "doctor", "completions"),
    },
}
"""Section of the help -> module -> commands that live there, in the order they are listed."""
_MODULE_OF: Final = {name: module for part in SECTIONS.values() for module, names in part.items() for name in names}


class Commands(DeskGroup):
    """The top of the shell: knows every command by name and loads only the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command."""
        return list(_MODULE_OF)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command of that name."""
        if cmd_name not in _MODULE_OF:
            return None
        module = import_module(f"deskterm.cli.{_MODULE_OF[cmd_name]}")
        commands: dict[str, click.Command] = module.COMMANDS
        return commands[cmd_name]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was named, or say which one was probably meant."""
        if args and args[0] not in _MODULE_OF and not args[0].startswith("-"):
            near = get_close_matches(args[0], _MODULE_OF, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands in the help, section by section."""
        for title, modules in SECTIONS.items():
            names = [name for part in modules.values() for name in part]
            limit = formatter.width - 16
            with formatter.section(title):
                formatter.write_dl([(name, self._short_help(ctx, name, limit)) for name in names])

    def _short_help(self, ctx: click.Context, name: str, limit: int) -> str:
        found = self.get_command(ctx, name)
        return found.get_short_help_str(limit) if found else ""


def _version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        write(f"deskterm {__version__}")
        context.exit()


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)  # fmt: skip
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.option("--line", type=click.Choice(LINES), help="Draw for a thin line or for a full one. Else SSH means thin.")
@pass_shell
@click.pass_context
def root(context: click.Context, shell: Shell, line: str | None) -> Any:
    """Log calls, hand them on and follow them, without leaving the keyboard.

    Without a command, deskterm opens in the terminal.
    """
    shell.line = line
    from deskterm.cli.opening import open_app

    return open_app(shell) if context.invoked_subcommand is None else None
