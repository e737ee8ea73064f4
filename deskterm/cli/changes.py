"""`deskterm change`: raise a change, fill in its form, take it through its window, and print it (R146-R155, C1-C13)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import DeskGroup, by_name, command, pass_shell
from deskterm.cli.change_evidence import evidence
from deskterm.cli.kinds import ANSWER, REF, WORDS, OneOf
from deskterm.cli.output import Refused, write
from deskterm.cli.shell import Shell
from deskterm.cli.writing import joined

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from deskterm.desk.changes.views import ChangeLine, ChangeView
    from deskterm.desk.commands.changes import AnyChangeCommand
    from deskterm.desk.deskfile import DeskFile
    from deskterm.store.base import Store

FORMATS = ("md", "json", "pdf")


def _kinds() -> tuple[str, ...]:
    return ("normal", "standard", "emergency")


def _sections() -> tuple[str, ...]:
    from deskterm.desk.records.change import Section

    return tuple(Section)


def _actions() -> tuple[str, ...]:
    from deskterm.cli.change_acts import ACTIONS

    return ACTIONS


class ChangeRef(click.ParamType):  # type: ignore[type-arg]
    """The reference of a change, in any spelling."""

    name = "ref"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give it as text; the desk reads it."""
        return WORDS.convert(value, param, ctx)


CHANGE_REF = ChangeRef()
SECTION = OneOf("section", _sections)


@click.group("change", cls=DeskGroup)
def change() -> None:
    """Plan, agree and make changes to customers' systems."""


@command("new")
@click.option("--for", "ticket", type=REF, help="The ticket that it is for; the form is filled in from it.")
@click.option("--title", type=WORDS, default="", help="What the change is, in a few words.")
@click.option("--kind", type=OneOf("kind", _kinds), default="normal", show_default=True, help="What sort of change.")
@click.option("--model", type=WORDS, default="", help="A standard change: the model of the desk file.")
@pass_shell
def new(shell: Shell, ticket: str | None, title: str, kind: Any, model: str) -> None:
    """Raise a change, as a draft."""

    async def job(store: Store) -> tuple[ChangeView, DeskFile]:
        from deskterm.desk.commands.changes import RaiseChange
        from deskterm.desk.records.change import Header

        it = (await store.ticket(ticket)).ticket.id if ticket else None
        receipt = await store.submit(RaiseChange(ticket=it, change_kind=kind, model=model, facts=Header(title=title)))
        return await store.change(receipt.record_id), await store.desk()

    view, desk = shell.work(job)
    _answer(shell, view, 0, desk)


def _answer(shell: Shell, view: ChangeView, before: int, desk: DeskFile) -> None:
    from deskterm.cli.change_pages import changed_page, view_json

    shell.answer(view_json(view), lambda: changed_page(view, before, desk, shell.clock()))


def _carry_out(
    shell: Shell, ref: str, ask: Callable[[Store, ChangeView, DeskFile], Awaitable[AnyChangeCommand]]
) -> None:
    """Submit a command about a change, and answer with the change as it then stands."""

    async def job(store: Store) -> tuple[ChangeView, int, DeskFile]:
        before, desk = await store.change(ref), await store.desk()
        receipt = await store.submit(await ask(store, before, desk))
        return await store.change(receipt.record_id), before.change.version, desk

    _answer(shell, *shell.work(job))


@command("show")
@click.argument("ref", type=CHANGE_REF)
@pass_shell
def show(shell: Shell, ref: str) -> None:
    """Show a change: form, thread, what is wanting."""

    async def job(store: Store) -> tuple[ChangeView, DeskFile]:
        return await store.change(ref), await store.desk()

    view, desk = shell.work(job)
    from deskterm.cli.change_pages import change_page, view_json

    shell.answer(view_json(view), lambda: change_page(view, desk, shell.clock()))


@command("list")
@click.option("--all", "which", flag_value="all", help="Ended ones too, the newest first.")
@click.option("--mine", "which", flag_value="mine", help="Only those that you raised, make or own a row of.")
@click.option("--forms", "which", flag_value="forms", help="Only those whose form is outstanding.")
@click.option("--for", "ticket", type=REF, help="Only those for this ticket, in any state.")
@click.option("--text", type=WORDS, default="", help="Only those that hold these words.")
@click.option("--limit", type=click.IntRange(1, 1000), default=200, show_default=True, help="At most so many.")
@pass_shell
def list_(shell: Shell, which: Any, ticket: str | None, text: str, limit: int) -> None:
    """List changes, the earliest window first."""

    async def job(store: Store) -> tuple[ChangeLine, ...]:
        from deskterm.desk.changes.views import ChangeQuery

        return await store.changes(ChangeQuery(which or "open", ticket, text, limit))

    found = shell.work(job)
    from deskterm.cli.change_pages import changes_page

    shell.answer(found, lambda: changes_page(found, shell.clock()))


@command("set")
@click.argument("ref", type=CHANGE_REF)
@click.argument("answers", metavar="KEY=VALUE...", type=ANSWER, nargs=-1, required=True)
@pass_shell
def set_(shell: Shell, ref: str, answers: tuple[tuple[str, str], ...]) -> None:
    """Fill in the head of the form.

    Keys are those of `change show --json`; systems stand between commas, and KEY= clears a fact. Moments are written
    as "tomorrow 22:00" or "2026-03-02 22:00", by the engineer's clock.
    """

    async def ask(store: Store, view: ChangeView, desk: DeskFile) -> AnyChangeCommand:
        from deskterm.cli.change_acts import header_changes
        from deskterm.desk.commands.changes import AmendChange

        changes = await header_changes(store, view.change, desk, answers, shell.clock())
        return AmendChange(change=view.change.id, changes=changes)

    _carry_out(shell, ref, ask)


@command("row")
@click.argument("ref", type=CHANGE_REF)
@click.argument("section", type=SECTION)
@click.argument("text", type=WORDS, nargs=-1)
@click.option("--owner", type=WORDS, default="", help="Who does it; the engineer unless said otherwise.")
@click.option("--number", type=click.IntRange(min=1), metavar="N", help="Change row N of the section instead.")
@click.option("--remove", is_flag=True, help="With --number: take the row out.")
@click.option("--after", type=click.IntRange(min=0), metavar="N", help="Put it behind row N; 0 is the beginning.")
@click.option("--from", "starts", type=WORDS, help="Of an outage: when it begins.")
@click.option("--until", "ends", type=WORDS, help="Of an outage: when it ends.")
@pass_shell
def row(shell: Shell, /, ref: str, section: Any, text: tuple[str, ...], **options: Any) -> None:
    """Add a row to a section of the form, or change one.

    Sections: motivation, outages, prerequisites, implementation, testing, rollback. "-" reads standard input.
    """

    async def ask(store: Store, view: ChangeView, desk: DeskFile) -> AnyChangeCommand:
        from deskterm.cli.change_acts import row_command

        return row_command(view.change, desk, section, joined(text) if text else "", options, shell.clock())

    _carry_out(shell, ref, ask)


@command("do")
@click.argument("ref", type=CHANGE_REF)
@click.argument("action", type=OneOf("action", _actions))
@click.option("--field", "fields", metavar="KEY=VALUE", type=ANSWER, multiple=True, help="What is said with it.")
@click.option("--file", "path", type=click.Path(path_type=Path), metavar="FILE", help="The message, to be attached.")
@pass_shell
def do(shell: Shell, ref: str, action: str, fields: tuple[tuple[str, str], ...], path: Path | None) -> None:
    r"""Take a change a step on.

    Rows are named by their number (row=2); without one, the next that is not done is meant. `deskterm change rights`
    says who may do what. Actions, with the fields that each takes:

    \b
    submit, assess, schedule, start, test, finish, rolled-back, return,
    review, complete-form
    send, resend            to, channel
    approve, reject         by, channel, evidence, at, words; --file
    spoken                  by, said, at, phone, starts, ends
    prepare, step,          row, done, at
      undo-step
    result                  row, passed, remark, at
    roll-back, cancel       reason
    extend                  by, evidence, new_end, received, words; --file
    reschedule              starts, ends
    close                   outcome, note
    note                    text, visibility
    call                    who, text, direction, channel
    """

    async def ask(store: Store, view: ChangeView, desk: DeskFile) -> AnyChangeCommand:
        from deskterm.cli.change_acts import command_of, takes_file

        if path is None:
            return command_of(action, view, desk, dict(fields), shell.clock())
        from deskterm.store.attaching import attach

        takes_file(action)
        made = command_of(action, view, desk, {"evidence": path.name, **dict(fields)}, shell.clock())
        return made.model_copy(update={"file": await attach(store, path)})

    _carry_out(shell, ref, ask)


@command("export")
@click.argument("ref", type=CHANGE_REF)
@click.option("--format", "format_", type=click.Choice(FORMATS), help="md unless said otherwise.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; else standard output.")
@pass_shell
def export(shell: Shell, ref: str, format_: Any, output: Path | None) -> None:
    """Print the form to send to the customer."""
    if shell.json and output is None and format_ not in (None, "json"):
        raise click.UsageError("With --json, name the file with --output or leave out --format.")
    chosen: Any = format_ or ("json" if shell.json and output is None else "md")
    if chosen == "pdf" and output is None and sys.stdout.isatty():
        raise click.UsageError("A PDF is no text for a terminal; name a file with --output.")

    async def job(store: Store) -> tuple[ChangeView, DeskFile]:
        return await store.change(ref), await store.desk()

    view, desk = shell.work(job)
    from deskterm.paper.export import export as printed
    from deskterm.paper.pdf import PaperUnavailable

    try:
        paper = printed(view.change, desk, chosen)
    except PaperUnavailable as error:
        raise Refused(str(error), "unsupported") from None
    if output is not None:
        output.write_bytes(paper)
        told = {"file": str(output), "format": chosen, "bytes": len(paper), "ref": view.change.ref}
        shell.answer(told, lambda: f"{output} holds the form of {view.change.ref}.")
    elif chosen == "pdf":
        sys.stdout.buffer.write(paper)
    else:
        _print(paper.decode(), chosen)


def _print(text: str, chosen: str) -> None:
    """Write a form to standard output: JSON as ASCII, Markdown without anything that a terminal would act on."""
    if chosen == "json":
        import json

        from deskterm.cli.output import write_json

        write_json(json.loads(text))
        return
    from deskterm.text import printable

    write(printable(text, lines=True).rstrip("\n"))


@command("rights")
@pass_shell
def rights(shell: Shell) -> None:
    """Print who may do what with a change, in which state."""
    from deskterm.cli.tables import is_narrow, wrapped_table
    from deskterm.desk.changes.rights import change_table

    rows = change_table()
    left_out = {"title", "the system", *(("guard", "needs", "vendor") if is_narrow() else ())}
    columns = [column for column in rows[0] if column not in left_out]
    heads = [_SHORT.get(column, column.capitalize()) for column in columns]
    shell.answer(rows, lambda: wrapped_table(heads, ([each[column] for column in columns] for each in rows)))


_SHORT = {"level 0": "L0", "level 1": "L1", "level 2": "L2", "supervisor": "Super"}

for _each in (new, show, list_, set_, row, do, evidence, export, rights):
    change.add_command(_each)

COMMANDS = by_name(change)
