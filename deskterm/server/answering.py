"""Answering the operations of the desk: who asks, what, and what the store says to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from deskterm.desk.commands import AnyCommand, any_command
from deskterm.desk.tickets.views import Page, Receipt, TicketView
from deskterm.server import rights
from deskterm.server.asking import in_the_address, json_of, read_as, settled
from deskterm.server.auth import Door
from deskterm.server.limits import Limits, read_body
from deskterm.server.replies import Headers, Refused, send, send_nothing, send_problem
from deskterm.store.base import Invalid, NotFound, StoreError
from deskterm.store.problems import problem_of
from deskterm.store.remote.operations import Operation
from deskterm.store.serving import Bearer, ServedDesk

_RECEIPT: Final = TypeAdapter(Receipt)


class Answering:
    """One operation as an ASGI app."""

    def __init__(self, operation: Operation[Any, Any], desk: ServedDesk, door: Door, limits: Limits) -> None:
        self._operation = operation
        self._desk = desk
        self._door = door
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, to: Send) -> None:
        """Answer."""
        bearer = await self._door.enter(scope, self._operation.name)
        scope["deskterm.operator"] = bearer.operator.name
        asked = read_as(self._operation.asks, await self._asked(scope, receive))
        try:
            found = await self._found(bearer, asked)
        except StoreError as error:
            await send_problem(to, problem_of(error))
            return
        if isinstance(found, TicketView) and not rights.sees(bearer.operator, found.ticket):
            await send_problem(to, problem_of(NotFound("There is no ticket of yours with that reference.")))
            return
        if self._operation.answers is None:
            await send_nothing(to)
        else:
            text = found if isinstance(found, bytes) else self._operation.json.dump_json(found)
            await send(to, 200, text, headers=self._beside(scope, found))

    async def _found(self, bearer: Bearer, asked: Any) -> Any:
        """What the store answers; bytes where that is JSON already."""
        return await self._operation.call(self._desk.seen_by(bearer.operator), asked)

    async def _asked(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        found: dict[str, Any] = dict(in_the_address(scope, self._operation))
        if self._operation.verb == "GET":
            return found
        body = await read_body(scope, receive, self._limits)
        needed = self._operation.asks.model_fields.keys() - found.keys()
        more = json_of(body) if body or needed else {}
        if not isinstance(more, dict):
            raise Invalid("The body is not an object.")
        if both := sorted(found.keys() & more.keys()):
            raise Invalid(f"{both[0]} is given twice.", field=both[0])
        return found | more

    def _beside(self, scope: Scope, found: object) -> Headers:
        """What goes into headers: the version of a ticket, and where the next page is."""
        match found:
            case TicketView():
                yield b"etag", f'"{found.ticket.version}"'.encode()
            case Page() if found.next is not None:
                query = in_the_address(scope, self._operation) | {"after": found.next}
                yield b"link", f'<{self._operation.path}?{urlencode(query)}>; rel="next"'.encode()


class Submitting:
    """`POST /v1/commands`: the one way in which anything is written."""

    def __init__(self, desk: ServedDesk, door: Door, limits: Limits) -> None:
        self._desk = desk
        self._door = door
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, to: Send) -> None:
        """Carry a command out, once."""
        bearer = await self._door.enter(scope, "submit")
        scope["deskterm.operator"] = bearer.operator.name
        version = _version(header(scope, b"if-match"))
        found = json_of(await read_body(scope, receive, self._limits))
        if not isinstance(found, dict):
            raise Invalid("A command is an object.")
        # Before the rest is looked at: whoever may not send it learns nothing of what it would need.
        self._allow(bearer, found.get("kind"))
        command = self._command(scope, found, version)
        try:
            receipt = await self._desk.seen_by(bearer.operator).submit(command)
        except StoreError as error:
            await send_problem(to, problem_of(error, asked_by_version=version is not None))
            return
        headers = [(b"etag", f'"{receipt.version}"'.encode())]
        await send(to, 200, _RECEIPT.dump_json(receipt), headers=headers)

    def _allow(self, bearer: Bearer, kind: object) -> None:
        if isinstance(kind, str) and kind in rights.COMMANDS:
            self._door.allow(bearer, rights.COMMANDS[kind], f"the command {kind}")
        else:
            raise Invalid("There is no command of that kind.", field="kind")

    def _command(self, scope: Scope, found: dict[str, Any], version: int | None) -> AnyCommand:
        key = header(scope, b"idempotency-key")
        if key is not None:
            found = {"id": _key(key)} | found
        if "id" not in found:
            raise Invalid("A command needs an id, or the header Idempotency-Key, so that it happens once.", field="id")
        if version is not None:
            found = {"seen": version} | found
        command = settled(read_as(any_command(), found))
        if key is not None and command.id != _key(key):
            raise Invalid("Idempotency-Key is not the id of the command.", field="id")
        if version is not None and command.seen != version:
            raise Invalid("If-Match is not the version that the command was written for.", field="seen")
        return command


def header(scope: Scope, wanted: bytes) -> str | None:
    """A header of a request, as text. Raises Refused where it is there twice."""
    found: list[bytes] = [value for name, value in scope["headers"] if name == wanted]
    if len(found) > 1:
        raise Refused(400, "malformed", f"The header {wanted.decode()} is there twice.")
    return found[0].decode("latin-1").strip() if found else None


def _key(text: str) -> UUID:
    try:
        return UUID(text.strip('"'))
    except ValueError:
        raise Invalid("Idempotency-Key has to be a UUID, the id of the command.", field="id") from None


def _version(text: str | None) -> int | None:
    if text is None:
        return None
    number = text.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise Invalid("If-Match has to be a version, as in the ETag of a ticket.", field="seen")
    return int(number)


App = Callable[[Scope, Receive, Send], Awaitable[None]]
