"""A desk from one store to another, and from one version to the next: copy, upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.shell import Shell
from deskterm.text import printable

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import VerifyReport
    from deskterm.store.local import LocalStore


@command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@pass_shell
def copy(shell: Shell, source: str, target: str) -> None:
    """Copy a desk into another store, with its whole history.

    FROM and TO are files or URLs, such as desk.db and postgresql://desk@db.example/desk. TO has to be empty; it is
    checked when all is in it. FROM is left as it is: have nobody at work there meanwhile.
    """
    from deskterm.settings import without_password

    async def job(store: LocalStore) -> VerifyReport:
        from deskterm.store.copying import copy as copy_desk

        other = await shell.opener(target, None, shell.clock, True, False)
        try:
            return await copy_desk(store, other)
        finally:
            await other.close()

    report = shell.work(job, url=source)
    answer: dict[str, Any] = {
        "from": without_password(source), "to": without_password(target), "events": report.events,
        "records": report.records, "head": report.head,
    }  # fmt: skip
    shell.answer(
        answer,
        lambda: (
            f"{printable(answer['to'])} holds {report.events} events of {report.records} records, checked.\n"
            f"From now on use it: deskterm --store {printable(answer['to'])}"
        ),
    )


@command("upgrade")
@pass_shell
def upgrade(shell: Shell) -> None:
    """Bring the desk's store up to date with this version.

    A file is brought up to date when it is opened. A shared desk is not, for others are at work on it: do it when
    they are not, after updating deskterm, and after a backup.
    """
    from deskterm.settings import without_password
    from deskterm.store.opening import upgrade as bring_up_to_date

    before, after = bring_up_to_date(shell.url)
    name = without_password(shell.url)
    if before == after:
        said = f"{printable(name)} is up to date: version {after}."
    else:
        said = f"{printable(name)} is brought from {f'version {before}' if before else 'nothing'} to version {after}."
    shell.answer({"store": name, "before": before, "after": after}, lambda: said)


COMMANDS = by_name(copy, upgrade)
