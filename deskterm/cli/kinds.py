"""The kinds of things that are typed on a command line, and how each is read. None of them knows a rule."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import IO, Any, TypeVar, get_args

import click
from click.shell_completion import CompletionItem

from deskterm.cli.output import Refused
from deskterm.cli.shell import Shell

MAX_INPUT = 1_000_000
"""The most that is read from standard input for one text, in bytes."""

T = TypeVar("T")


def _fold(word: str) -> str:
    return "".join(c for c in word.casefold() if c.isalnum())


def meant(word: str, choices: Iterable[str]) -> str | None:
    """Find the choice that a word names: whole, or by the start or the end of one only; case and dashes don't count."""
    wanted, names = _fold(word), {_fold(choice): choice for choice in choices}
    if wanted in names or not wanted:
        return names.get(wanted)
    near = [choice for name, choice in names.items() if name.startswith(wanted) or name.endswith(wanted)]
    return near[0] if len(near) == 1 else None


class Words(click.ParamType):  # type: ignore[type-arg]
    """Free text. Bytes that are no UTF-8 are replaced, since no desk could keep them; nothing else is."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the text as the store will keep it."""
        text = str(value)
        if text.isascii():
            return text
        from deskterm.text import clean_for_store

        return clean_for_store(text)


class LongWords(Words):
    """Free text that may come from standard input, written as "-"."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the text, read from standard input if asked to."""
        return super().convert(read_stdin(param, ctx) if value == "-" else value, param, ctx)


def read_stdin(param: click.Parameter | None = None, ctx: click.Context | None = None) -> str:
    """Read a text from standard input: bounded, as UTF-8, without the line break at its end."""
    if ctx is not None:
        if ctx.meta.get("deskterm.stdin"):
            raise click.BadParameter("Only one text can be read from standard input.", ctx, param)
        ctx.meta["deskterm.stdin"] = True
    stream: IO[bytes] | None = getattr(sys.stdin, "buffer", None)
    found = stream.read(MAX_INPUT + 1) if stream else b""
    if len(found) > MAX_INPUT:
        raise click.BadParameter("Standard input holds more than 1 MB, which is too long for a ticket.", ctx, param)
    return found.decode("utf-8", "replace").rstrip("\r\n")


def read_all() -> str:
    """Read a whole file from standard input, as UTF-8."""
    stream: IO[bytes] | None = getattr(sys.stdin, "buffer", None)
    try:
        return (stream.read() if stream else b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("Standard input is not UTF-8 text.", "unreadable") from None


class OneOf(click.ParamType):  # type: ignore[type-arg]
    """One of the words of a vocabulary, which is loaded only when needed. Part of a word will do if it is clear."""

    def __init__(self, name: str, load: Callable[[], tuple[str, ...]]) -> None:
        self.name = name
        self._load = load

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the word of the vocabulary that was meant."""
        choices = self._load()
        found = meant(str(value), choices)
        if found is None:
            self.fail(f"{value!r} is none of {', '.join(choices)}.", param, ctx)
        return found

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the words that begin so."""
        return [CompletionItem(word) for word in self._load() if word.startswith(incomplete)]


def _channels() -> tuple[str, ...]:
    from deskterm.desk.records.ticket import ChannelKind

    return get_args(ChannelKind)


def _ticket_types() -> tuple[str, ...]:
    from deskterm.desk.records.ticket import TicketType

    return get_args(TicketType)


def _statuses() -> tuple[str, ...]:
    from deskterm.desk.records.ticket import Status

    return tuple(Status)


def _samples() -> tuple[str, ...]:
    from deskterm.desk.deskfile.check import SAMPLES

    return SAMPLES


class Answer(click.ParamType):  # type: ignore[type-arg]
    """KEY=VALUE: something that was asked and answered."""

    name = "KEY=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Give the key, as keys are written, and the value as it was typed."""
        if isinstance(value, tuple):
            return value
        key, equals, words = WORDS.convert(value, param, ctx).partition("=")
        if not (equals and key.strip()):
            self.fail(f"{value!r} has to be written as KEY=VALUE.", param, ctx)
        return key.strip().casefold().replace("-", "_"), words


class Named(Words):
    """The name of something the desk knows, completed from the desk itself."""

    def __init__(self, name: str, ask: Callable[[Any, str], Any]) -> None:
        self.name = name
        self._ask = ask

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Ask the desk for names that begin so; a desk that cannot answer offers none."""
        shell = ctx.find_object(Shell) or Shell()
        try:
            found = shell.work(lambda store: self._ask(store, incomplete))
        except Exception:  # noqa: BLE001 (completing is a courtesy; Tab must never fail)
            return []
        return [CompletionItem(name, help=words) for name, words in found if name.startswith(incomplete)]


async def _groups(store: Any, _begun: str) -> list[tuple[str, str]]:
    return [(group.name, group.title) for group in await store.groups()]


async def _open_references(store: Any, _begun: str) -> list[tuple[str, str]]:
    from deskterm.desk.tickets.views import QueueQuery
    from deskterm.text import printable

    page = await store.queue(QueueQuery(limit=200))
    return [(row.ref, printable(row.summary)) for row in page.rows]


WORDS = Words()
LONG_WORDS = LongWords()
ANSWER = Answer()
CHANNEL = OneOf("channel", _channels)
TICKET_TYPE = OneOf("type", _ticket_types)
STATUS = OneOf("status", _statuses)
SAMPLE = OneOf("sample", _samples)
GROUP = Named("group", _groups)
REF = Named("ref", _open_references)
