"""`deskterm demo`: a believable week of a desk that does not exist, to look at and to try things on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.kinds import SAMPLE
from deskterm.cli.output import write
from deskterm.cli.shell import Shell
from deskterm.settings import without_password

if TYPE_CHECKING:
    from deskterm.store.base import Store

TICKETS, SEED, DESK = 120, 1, "managed-network"


@command("demo")
@click.option("--tickets", type=click.IntRange(0, 1_000_000), default=TICKETS, show_default=True, help="How many.")
@click.option("--seed", type=click.IntRange(min=0), default=SEED, show_default=True, help="Same seed, same week.")
@click.option("--desk", type=SAMPLE, default=DESK, show_default=True, help="The sample desk it happens at.")
@click.option("--no-ui", is_flag=True, help="Only make it; don't open the app.")
@pass_shell
def demo(shell: Shell, tickets: int, seed: int, desk: str, no_ui: bool) -> int:
    """Make a week of an invented desk and open it.

    It fills the store that is named if that is new, else one of its own; a desk in use is never touched.
    """
    url = _url_for(shell, tickets, seed, desk)
    told = shell.work(_told, url=url)
    if no_ui or shell.json:
        shell.answer({"store": without_password(url), **told}, lambda: _page(url, told))
        return 0
    from deskterm.cli.opening import open_app

    write(_page(url, told))
    return open_app(shell, url)


def _url_for(shell: Shell, tickets: int, seed: int, desk: str) -> str:
    """The store that holds the demo, made now if it is not there yet."""
    from deskterm.settings import demo_store_url

    # A desk that has a name is somebody's, also while it is empty: only who names it here wants it filled.
    is_meant = shell.store or shell.connection or not shell.settings.connections
    named = shell.named if is_meant else None
    if named and _is_new(shell, named):
        _fill(shell, named, tickets, seed, desk)
        return named
    own = demo_store_url()
    if (tickets, seed, desk) != (TICKETS, SEED, DESK):
        own = f"{own.removesuffix('.sqlite')}-{desk}-{seed}-{tickets}.sqlite"
    if _is_new(shell, own):
        _fill(shell, own, tickets, seed, desk)
    return own


def _is_new(shell: Shell, url: str) -> bool:
    """Whether nothing has happened there yet. A place that cannot be used is not new, but somebody's."""
    from deskterm.store.base import NotFound, StoreError
    from deskterm.store.opening import is_there

    if not is_there(url):
        return True

    try:
        shell.work(lambda store: store.desk(), url=url, create=True)
    except NotFound:
        return True
    except StoreError:
        return False
    return False


def _fill(shell: Shell, url: str, tickets: int, seed: int, desk: str) -> None:
    """Fill a store that is new: one that is there and empty, or a new file."""
    import asyncio

    from deskterm.demo import fill
    from deskterm.demo.making import make_demo
    from deskterm.store.opening import is_there

    make = fill if is_there(url) else make_demo
    asyncio.run(make(url, tickets=tickets, seed=seed, desk=desk, now=shell.clock()))


async def _told(store: Store) -> dict[str, Any]:
    counts = {each.view.key: each.count for each in await store.counts()}
    return {"tickets": counts["all"], "operator": store.me.name}


def _page(url: str, told: dict[str, Any]) -> str:
    import shlex

    from deskterm.cli.tables import pairs

    kept = without_password(url)
    again = f"deskterm --store {shlex.quote(kept)}"
    return pairs(
        [("Demo", f"{told['tickets']} tickets of an invented desk"), ("Kept in", kept), ("Open it", again),
         ("You are", told["operator"])],
        indent=0,
    )  # fmt: skip


COMMANDS = by_name(demo)
