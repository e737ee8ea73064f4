"""Answers of the server: JSON, problems, and the refusals of its own beside those of a store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from starlette.types import Send

from deskterm.store.problems import PROBLEM_JSON, Problem, problem

Headers = Iterable[tuple[bytes, bytes]]
NO_STORE: Final = (b"cache-control", b"no-store")


class Refused(Exception):
    """The server itself says no, before a store is asked."""

    def __init__(self, status: int, kind: str, detail: str, *, headers: Headers = (), field: str = "") -> None:
        super().__init__(detail)
        self.problem = problem(status, kind, detail, field=field)
        self.headers = tuple(headers)


async def send(
    send: Send, status: int, body: bytes, content_type: str = "application/json", headers: Headers = ()
) -> None:
    """Send a whole answer."""
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
            NO_STORE,
            (b"x-content-type-options", b"nosniff"),
            *headers,
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def send_nothing(send: Send) -> None:
    """Say that it is done, and no more."""
    await send({"type": "http.response.start", "status": 204, "headers": [NO_STORE]})
    await send({"type": "http.response.body", "body": b""})


async def send_problem(to: Send, told: Problem, headers: Headers = ()) -> None:
    """Send an error."""
    body = told.model_dump_json(exclude_defaults=True).encode()
    await send(to, told.status, body, PROBLEM_JSON, headers)
