"""Looking things up: find, callers, card, solutions, groups, views, watch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.kinds import WORDS
from deskterm.cli.output import Refused, write, write_json_line
from deskterm.cli.shell import Shell

if TYPE_CHECKING:
    from deskterm.desk.tickets.views import CallerCard, CallerMatch, Change, GroupLoad, ViewCount
    from deskterm.store.base import Store


@command("find")
@click.argument("text", type=WORDS, nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="At most so many.")
@pass_shell
def find(shell: Shell, text: tuple[str, ...], limit: int) -> None:
    """Search tickets, callers, contracts and solutions at once."""
    found = shell.work(lambda store: store.find(" ".join(text), limit))
    from deskterm.cli.tables import table

    rows = ((each.kind, each.ref, each.title, each.detail) for each in found)
    heads = ("What", "Reference", "Title", "More")
    shell.answer(found, lambda: table(heads, rows) or "Nothing found.")


@command("callers")
@click.argument("text", type=WORDS, nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="At most so many.")
@pass_shell
def callers(shell: Shell, text: tuple[str, ...], limit: int) -> None:
    """Find callers by phone, name, company, contract or serial.

    A phone number is found in any spelling; service ids are found too.
    """
    found = shell.work(lambda store: store.callers(" ".join(text), limit))
    shell.answer(found, lambda: _callers_table(found) or "Nobody found.")


def _callers_table(found: tuple[CallerMatch, ...]) -> str:
    from deskterm.cli.tables import table

    rows = ((each.name, each.company, each.phone, each.email, each.matched) for each in found)
    return table(("Name", "Company", "Phone", "E-mail", "Found by"), rows)


@command("card")
@click.argument("text", type=WORDS, nargs=-1, required=True)
@pass_shell
def card(shell: Shell, text: tuple[str, ...]) -> None:
    """Show a caller's card: what they are owed, what is open."""
    words = " ".join(text)

    async def job(store: Store) -> CallerCard:
        from deskterm.cli.facts import recognised
        from deskterm.desk.fold import fold
        from deskterm.desk.records.ticket import Facts

        company = await recognised(store, Facts(company=words))
        if company.company_id is not None:
            return await store.card(None, company.company_id)
        matches = await store.callers(words)
        if len({(match.company_id, fold(match.company), match.contact_id, fold(match.name)) for match in matches}) == 1:
            match = matches[0]
            caller = Facts(company=match.company, contact=match.name, phone=match.phone, email=match.email)
            return await store.card(match.contact_id, match.company_id, caller)
        companies = {match.company_id for match in matches}
        if len(companies) == 1 and None not in companies:
            return await store.card(None, companies.pop())
        if matches:
            names = "; ".join(", ".join(filter(None, (each.name, each.company))) or each.phone for each in matches)
            raise Refused(f"{words!r} may be several: {names}. Say more.", "not_found", callers=matches)
        raise Refused(f"Nobody is found by {words!r}.", "not_found")

    found = shell.work(job)
    shell.answer(found, lambda: _card_page(found))


def _card_page(card: CallerCard) -> str:
    from deskterm.cli.tables import heading, pairs, table

    company, contact, earlier = card.company, card.contact, card.earlier
    who = [("Contact", contact.name), ("Phone", contact.phone), ("Mobile", contact.mobile), ("E-mail", contact.email),
           ("Prefers", contact.prefers)] if contact else []  # fmt: skip
    if earlier:
        who = [("Contact", earlier.name), ("Phone", earlier.phone), ("E-mail", earlier.email),
               ("Called before", f"{earlier.ref}; not registered")]  # fmt: skip
    owed = [("Contract", " · ".join(filter(None, (c.key, c.service_level, c.cover, c.hours)))) for c in card.contracts]
    used = [("Service", " · ".join(filter(None, (s.key, s.name, "critical" * s.critical)))) for s in card.services]
    things = [("Item", " · ".join(filter(None, (i.key, i.make, i.model, i.location)))) for i in card.items]
    about = []
    title = earlier.company if earlier and earlier.company else "No registered company"
    if company:
        about = [("Account manager", company.account_manager), ("Region", company.region), ("Note", company.note)]
        title = f"{company.name} ({company.key})"
    tickets = ((t.ref, t.summary, t.priority or "–", t.status, t.group or "–") for t in card.open_tickets)
    parts = (
        heading(title),
        pairs([*who, *owed, *about, *used, *things, ("Closed tickets", str(card.closed_count))]),
        table(("Reference", "Open tickets", "P", "Status", "Group"), tickets),
    )
    return "\n\n".join(filter(None, parts))


@command("solutions")
@click.argument("text", type=WORDS, nargs=-1)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="At most so many.")
@pass_shell
def solutions(shell: Shell, text: tuple[str, ...], limit: int) -> None:
    """List known solutions that fit the words, or all."""
    found = shell.work(lambda store: store.solutions(" ".join(text), limit))
    from deskterm.cli.tables import table

    rows = ((each.key, each.title, each.category) for each in found)
    shell.answer(found, lambda: table(("Id", "Title", "Category"), rows) or "No known solution fits.")


@command("groups")
@click.argument("text", type=WORDS, nargs=-1)
@pass_shell
def groups(shell: Shell, text: tuple[str, ...]) -> None:
    """List the groups to hand on to, and what waits there.

    The best guess for the words comes first.
    """
    found = shell.work(lambda store: store.groups(" ".join(text)))
    from deskterm.cli.tables import table, when

    now = shell.clock()

    def there(load: GroupLoad) -> str:
        opens = f"opens {when(load.opens_at, now)} your time" if load.opens_at else ""
        state = "open" if load.is_open else opens or "closed"
        return f"{load.centre} · {state}" if load.is_open is not None else ""

    rows = (
        (each.name, each.title, each.level, str(each.open), str(each.unowned), there(each), each.answers_within)
        for each in found
    )
    heads = ("Group", "Title", "Level", "Open", "Unowned", "Centre", "Answers within")
    shell.answer(found, lambda: table(heads, rows) or "The desk has no groups.")


@command("views")
@click.option("--save", metavar="NAME", type=WORDS, help="Keep a view of your own under this name.")
@click.option("--view", "base", type=WORDS, default="open", show_default=True, help="The view that it narrows.")
@click.option("--text", type=WORDS, default="", help="The words that it filters by.")
@click.option("--forget", metavar="NAME", type=WORDS, help="Drop a view of your own.")
@pass_shell
def views(shell: Shell, save: str | None, base: str, text: str, forget: str | None) -> None:
    """List your views of the queue; keep or drop your own."""

    async def job(store: Store) -> tuple[ViewCount, ...]:
        from deskterm.desk.commands import ForgetView, SaveView

        if save:
            await store.submit(SaveView(name=save, base=base, text=text))
        if forget:
            await store.submit(ForgetView(name=forget))
        return await store.counts()

    found = shell.work(job)
    from deskterm.cli.tables import table

    rows = ((each.view.key, each.view.name, each.view.text, str(each.count)) for each in found)
    shell.answer(found, lambda: table(("View", "Name", "Filter", "Tickets"), rows))


@command("watch")
@click.option("--after", type=click.IntRange(min=0), metavar="POSITION", help="Begin behind this position of the log.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="Stop after so many changes.")
@pass_shell
def watch(shell: Shell, after: int | None, count: int | None) -> None:
    """Print changes at the desk as they happen, until Ctrl-C.

    As JSON, one line each.
    """

    async def job(store: Store) -> None:
        from contextlib import aclosing

        from deskterm.desk.tickets.views import HIDDEN

        left = count
        async with aclosing(store.watch(after)) as feed:  # type: ignore[type-var]
            async for changes in feed:
                named = {change.record_id for change in changes if change.record_kind == "ticket"}
                refs = {ticket.id: ticket.ref for ticket in await store.tickets(tuple(named))}
                heard = [change for change in changes if change.kind != HIDDEN]
                for change in heard[:left]:
                    _tell(shell, change, refs.get(change.record_id, ""))
                left = None if left is None else left - len(heard)
                if left is not None and left <= 0:
                    return

    shell.work(job)


def _tell(shell: Shell, change: Change, ref: str) -> None:
    """Tell one change, at once: with the ticket's reference where it is about one."""
    if shell.json:
        from dataclasses import asdict

        write_json_line({**asdict(change), "ref": ref})
        return
    from deskterm.cli.tables import when
    from deskterm.text import printable

    what = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", change.kind).lower()
    words = (f"{change.position:>7}", when(change.at, shell.clock()), ref or change.record_kind, change.actor, what)
    write(printable("  ".join(words)), flush=True)


COMMANDS = by_name(find, callers, card, solutions, groups, views, watch)
