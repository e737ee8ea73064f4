"""What was written while the line was down: sync sends it, outbox shows it and settles what the desk refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.output import Refused, write
from deskterm.cli.shell import Shell
from deskterm.cli.standing import was
from deskterm.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deskterm.desk.commands import AnyCommand
    from deskterm.store.base import Outgoing, Standing, Store

_STATES = {
    "saved": "· saved here",
    "sent": "… sent",
    "confirmed": "✓ confirmed",
    "stuck": "✗ refused",
    "aside": "– set aside",
}


@command("sync")
@click.option("--list", "only_list", is_flag=True, help="Send nothing; say what waits.")
@pass_shell
def sync(shell: Shell, only_list: bool) -> None:
    """Send what was written while the desk could not be reached, and say what came of each.

    Nothing is sent twice: what the desk has already, it answers for again.
    """

    async def job(store: Store) -> tuple[Standing, tuple[Outgoing, ...]]:
        waited = {each.number for each in await store.outbox() if each.state in ("saved", "sent", "stuck")}
        standing = store.standing if only_list else await store.send()
        return standing, tuple(each for each in await store.outbox() if each.number in waited)

    standing, found = shell.work(job, quietly=True)
    _answer(shell, found, "Nothing waits to be sent.")
    if only_list:
        return
    if standing.state != "live" and standing.waiting:
        raise Refused("The desk cannot be reached now. All of this is still saved here.", "offline")
    if standing.stuck:
        raise Refused(f"{standing.stuck} of these {was(standing.stuck)} refused: deskterm outbox --help.", "refused")


@command("outbox")
@click.option("--as-note", type=int, metavar="NUMBER", help="Send the words of a refused one as a note instead.")
@click.option("--again", type=int, metavar="NUMBER", help="Send a refused one again: it goes by what there is now.")
@click.option("--discard", type=int, metavar="NUMBER", help="Set a refused one aside: it is not sent.")
@pass_shell
def outbox(shell: Shell, as_note: int | None, again: int | None, discard: int | None) -> None:
    """Show what waits to be sent, what was refused and why, and what was sent lately.

    A refused one keeps its words until you decide. What was written on the same ticket after it waits for that.
    """
    chosen = [number for number in (as_note, again, discard) if number is not None]
    if len(chosen) > 1:
        raise click.UsageError("Decide on one at a time.")

    async def job(store: Store) -> tuple[Outgoing, ...]:
        if chosen:
            await _settle(store, chosen[0], "note" if as_note is not None else "again" if again is not None else "")
        return await store.outbox()

    found = shell.work(job, quietly=True)
    _answer(shell, found, "Nothing was written while the line was down.")
    if still := [each for each in found if each.number in chosen and each.state == "stuck"]:
        raise Refused(f"It was refused again. {still[0].because}", "refused")


async def _settle(store: Store, number: int, how: str) -> None:
    from deskterm.store.waiting import as_note

    stuck = next((each for each in await store.outbox() if each.number == number and each.state == "stuck"), None)
    if stuck is None:
        raise Refused(f"Nothing that is number {number} waits for a decision.", "not_found")
    instead: AnyCommand | None = None
    if how == "note":
        instead = as_note(stuck.command)
        if instead is None:
            raise Refused("It has no words that a note could hold, or no ticket to hold one.", "invalid")
    elif how == "again":
        instead = stuck.command
    await store.settle(number, instead)
    if instead is not None:
        await store.send()


def _answer(shell: Shell, found: Iterable[Outgoing], nothing: str) -> None:
    from deskterm.store.waiting import words_of

    entries = tuple(found)
    if shell.json:
        shell.answer([_plain(each) for each in entries], str)
        return
    if not entries:
        write(nothing)
        return
    from deskterm.cli.tables import wrapped_table

    rows = []
    for each in entries:
        title, text = words_of(each.command)
        ref = f"{each.ref} (given as {each.given})" if each.given and each.given != each.ref else each.ref
        lines = [f"{title}: {text}" if text else title, each.because]
        lines += [f"meanwhile: {entry.title} ({entry.actor})" for entry in each.changed]
        rows.append((str(each.number), _STATES[each.state], ref, "\n".join(filter(None, lines))))
    write(
        wrapped_table(("", "state", "ticket", "what"), [tuple(printable(c, lines=True) for c in row) for row in rows])
    )


def _plain(each: Outgoing) -> dict[str, Any]:
    return {
        "number": each.number, "state": each.state, "ref": each.ref, "given": each.given, "at": each.at,
        "because": each.because, "changed": each.changed, "answered_at": each.answered_at,
        "command": each.command.model_dump(mode="json"),
    }  # fmt: skip


COMMANDS = by_name(sync, outbox)
