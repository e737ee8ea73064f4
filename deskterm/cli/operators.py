"""`deskterm operator` and `deskterm token`: who may act at the desk, and what lets them in over the network."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from deskterm.cli.base import DeskGroup, by_name, command, pass_shell
from deskterm.cli.kinds import WORDS, read_stdin
from deskterm.cli.output import Refused
from deskterm.cli.shell import Shell
from deskterm.text import printable

if TYPE_CHECKING:
    from deskterm.desk.deskfile import Operator
    from deskterm.store.accounts import Account, Token
    from deskterm.store.local import LocalStore

LEVELS: Final = ("0", "1", "2", "3", "supervisor", "vendor")
_DAYS: Final = 365


@click.group("operator", cls=DeskGroup)
def operator() -> None:
    """Add, list and disable operators.

    Operators added here stand beside those of the desk file, and in the place of one with the same name.
    """


@command("add")
@click.argument("name", type=WORDS)
@click.option("--level", type=click.Choice(LEVELS), required=True, help="What they may do; see 'deskterm desk rights'.")
@click.option("--group", "groups", type=WORDS, multiple=True, help="A group of theirs; may be given several times.")
@click.option("--login", type=WORDS, default="", help="Their account on this machine, if they have one.")
@pass_shell
def add(shell: Shell, name: str, level: str, groups: tuple[str, ...], login: str) -> None:
    """Add an operator, or change one that was added."""

    async def job(store: LocalStore) -> Operator:
        from deskterm.desk.deskfile import Operator
        from deskterm.store.serving import ServedDesk

        fields = {"name": name, "level": int(level) if level.isdigit() else level, "groups": groups, "login": login}
        made = Operator.model_validate(fields)
        await ServedDesk(store).add(made)
        return made

    made = shell.work(job)
    shell.answer(made, lambda: f"{printable(made.name)} may act at this desk, {_level(made)}.")


@command("list")
@pass_shell
def operators(shell: Shell) -> None:
    """List everybody who is named at this desk."""

    async def job(store: LocalStore) -> tuple[Account, ...]:
        from deskterm.store.serving import ServedDesk

        return await ServedDesk(store).accounts()

    found = shell.work(job)
    shell.answer([_plain(each) for each in found], lambda: _accounts(found))


@command("disable")
@click.argument("name", type=WORDS)
@click.option("--again", is_flag=True, help="Let them act again.")
@pass_shell
def disable(shell: Shell, name: str, again: bool) -> None:
    """Let an operator act no more, wherever they are named.

    What they did stays as it is. Their tokens let nobody in from now on, and work again with --again.
    """

    async def job(store: LocalStore) -> Operator:
        from deskterm.store.serving import ServedDesk

        return await ServedDesk(store).disable(name, again=again)

    found = shell.work(job)
    verb = "may act at this desk again" if again else "may not act at this desk any more"
    shell.answer({"name": found.name, "disabled": not again}, lambda: f"{printable(found.name)} {verb}.")


@click.group("token", cls=DeskGroup)
def token() -> None:
    """Make, list and revoke tokens, and keep one on this machine."""


@command("create")
@click.option("--for", "name", type=WORDS, required=True, metavar="OPERATOR", help="Whom it lets in.")
@click.option("--scope", "scopes", multiple=True, help="What it is good for: read, write, desk, metrics.")
@click.option("--days", type=click.IntRange(1, 3650), default=_DAYS, show_default=True, help="How long it lasts.")
@click.option("--label", type=WORDS, default="", help="What it is for, in your words.")
@pass_shell
def create(shell: Shell, name: str, scopes: tuple[str, ...], days: int, label: str) -> None:
    """Make a token for an operator. It is shown once: only a hash of it is kept.

    Without --scope it is good for reading and writing, as far as the operator's level goes.
    """

    async def job(store: LocalStore) -> tuple[str, Token]:
        from deskterm.store.serving import ServedDesk

        wanted = scopes or ("read", "write")
        return await ServedDesk(store).create_token(name, wanted, lasts=timedelta(days=days), label=label)

    secret, made = shell.work(job)
    until = f"until {made.expires_at:%Y-%m-%d}" if made.expires_at else "for good"
    shell.answer(
        {"token": secret, **_facts(made)},
        lambda: f"{secret}\n\nThis lets {printable(made.operator)} in {until}. Nobody can show it again.",
    )


@command("list")
@pass_shell
def tokens(shell: Shell) -> None:
    """List the tokens there are, without their secrets."""

    async def job(store: LocalStore) -> tuple[Token, ...]:
        from deskterm.store.serving import ServedDesk

        return await ServedDesk(store).tokens()

    found, now = shell.work(job), shell.clock()
    told = [{**_facts(each), "ended": each.ended(now)} for each in found]
    shell.answer(told, lambda: _tokens(told) or "There are no tokens.")


@command("revoke")
@click.argument("wanted", type=WORDS, metavar="ID|OPERATOR")
@pass_shell
def revoke(shell: Shell, wanted: str) -> None:
    """Let a token in no more, by the beginning of its id; or all tokens of an operator."""

    async def job(store: LocalStore) -> tuple[Token, ...]:
        from deskterm.store.serving import ServedDesk

        return await ServedDesk(store).revoke(wanted)

    found = shell.work(job)
    count = "One token lets" if len(found) == 1 else f"{len(found)} tokens let"
    shell.answer([_facts(each) for each in found], lambda: f"{count} nobody in any more.")


@command("keep")
@pass_shell
def keep(shell: Shell) -> None:
    """Keep the token for a server on this machine: in the system's keyring, or in a private file.

    Name the server with --store. The token is asked for, or read from standard input.
    """
    from deskterm.store.accounts import PREFIX
    from deskterm.store.remote.credentials import keep as keep_it
    from deskterm.store.remote.opening import checked

    url = shell.url
    if not url.startswith(("http://", "https://")):
        raise Refused("Name the server whose token it is: --store https://desk.example.", "invalid")
    typed = click.prompt("Token", hide_input=True, err=True, type=str) if sys.stdin.isatty() else read_stdin()
    secret = typed.strip()
    if not secret.startswith(PREFIX):
        raise Refused(f"That is no token: one begins with {PREFIX}. Nothing was kept.", "invalid")
    where = keep_it(checked(url), secret)
    shell.answer(
        {"store": url, "kept": where}, lambda: f"The token for {printable(url)} is kept in {printable(where)}."
    )


def _level(found: Operator) -> str:
    return f"level {found.level}" if isinstance(found.level, int) else f"as a {found.level}"


def _plain(each: Account) -> dict[str, Any]:
    return {
        **each.operator.model_dump(mode="json"), "from": "store" if each.added else "desk file",
        "disabled_at": each.disabled_at,
    }  # fmt: skip


def _accounts(found: tuple[Account, ...]) -> str:
    from deskterm.cli.tables import table

    rows = [
        (
            each.operator.name, str(each.operator.level), ", ".join(each.operator.groups),
            "store" if each.added else "desk file", "disabled" if each.disabled_at else "",
        )
        for each in found
    ]  # fmt: skip
    return table(("Operator", "Level", "Groups", "Named in", ""), rows, kept="Operator")


def _facts(made: Token) -> dict[str, Any]:
    return {
        "id": str(made.id), "operator": made.operator, "scopes": made.scopes, "label": made.label,
        "created_at": made.created_at, "expires_at": made.expires_at, "revoked_at": made.revoked_at,
    }  # fmt: skip


def _tokens(told: list[dict[str, Any]]) -> str:
    from deskterm.cli.tables import table

    rows = [
        (
            each["id"], each["operator"], " ".join(each["scopes"]),
            each["ended"] or (f"until {each['expires_at']:%Y-%m-%d}" if each["expires_at"] else "for good"),
            each["label"],
        )
        for each in told
    ]  # fmt: skip
    return table(("Token", "Operator", "Good for", "Lasts", "Label"), rows, kept="Token")


for _each in (add, operators, disable):
    operator.add_command(_each)
for _each in (create, tokens, revoke, keep):
    token.add_command(_each)
COMMANDS = by_name(operator, token)
