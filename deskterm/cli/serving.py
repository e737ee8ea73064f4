"""`deskterm serve`: the desk for others, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskterm.cli.base import by_name, command, pass_shell
from deskterm.cli.output import Refused, write, write_json_line
from deskterm.cli.shell import Shell
from deskterm.text import printable

if TYPE_CHECKING:
    from deskterm.store.local import LocalStore

PORT = 8330
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes any free one.")
@click.option("--certificate", type=_FILE, help="Certificate chain (PEM), for https.")
@click.option("--key", type=_FILE, help="Its private key (PEM).")
@click.option("--behind-proxy", metavar="ADDRESS", help="A proxy there does the https; its word on clients is taken.")
@click.option("--rate", type=click.FloatRange(min=1), default=100, show_default=True, help="Requests a second a token.")
@click.option("--connections", type=click.IntRange(min=1), default=2000, show_default=True, help="At most so many.")
@pass_shell
def serve(
    shell: Shell,
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
    behind_proxy: str | None,
    rate: float,
    connections: int,
) -> None:
    """Serve the desk to operators on other machines, and to programs.

    Whoever comes needs a token ('deskterm token create'). See docs/server.md.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise Refused("Serving needs more than is installed: pip install 'deskterm[server]'.", "missing") from None
    from deskterm.store.remote.opening import is_this_machine

    if bool(certificate) != bool(key):
        raise click.UsageError("--certificate and --key go together.")
    if not (is_this_machine(host) or certificate or behind_proxy):
        raise Refused(
            f"On {host} others could read tokens on the way: give --certificate and --key, or --behind-proxy.", "tls"
        )

    async def job(store: LocalStore) -> None:
        from deskterm.server import journal
        from deskterm.server.app import Server
        from deskterm.server.limits import Limits
        from deskterm.server.running import Place, bound, run
        from deskterm.store.serving import ServedDesk

        place = Place(host, port, certificate, key, behind_proxy)
        server = Server(ServedDesk(store), Limits(rate=rate, burst=rate * 3, connections=connections))
        try:
            listener = bound(place)
        except OSError as error:
            raise Refused(f"{host}:{port} cannot be listened on: {error.strerror}.", "address") from error
        journal.begin()
        shown = f"[{host}]" if ":" in host else host
        _say(shell, f"{place.scheme}://{shown}:{listener.getsockname()[1]}", store.name)
        await run(server, place, listener)

    shell.work(job)


def _say(shell: Shell, url: str, store: str) -> None:
    if shell.json:
        write_json_line({"url": url, "store": store})
    else:
        write(f"Serving {printable(store)} at {url}. Stop with Ctrl-C.", flush=True)


COMMANDS = by_name(serve)
