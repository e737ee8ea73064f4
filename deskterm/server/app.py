"""The server put together: routes, and around them what counts, writes down and answers for what went wrong."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Message, Receive, Scope, Send

from deskterm.desk.record import new_id
from deskterm.server import openapi, rights
from deskterm.server.answering import Answering, App, Submitting
from deskterm.server.auth import Door
from deskterm.server.batches import Batching
from deskterm.server.feed import Following
from deskterm.server.limits import Limits, Rates
from deskterm.server.metrics import CONTENT_TYPE, Metrics
from deskterm.server.replies import Refused, send, send_problem
from deskterm.server.taking import TakingAlong
from deskterm.store.base import StoreError
from deskterm.store.problems import problem, problem_of
from deskterm.store.remote.operations import ALONG, BATCH_PATH, COMMANDS_PATH, FEED_PATH, OPERATIONS
from deskterm.store.serving import ServedDesk

log = logging.getLogger("deskterm.server")
OPENAPI_PATH: Final = "/v1/openapi.json"


class Server:
    """A desk as an ASGI app. It keeps nothing that another server of the same store would need."""

    def __init__(self, desk: ServedDesk, limits: Limits | None = None) -> None:
        rights.check()
        self.desk = desk
        self.limits = limits or Limits()
        self._door = Door(desk, Rates(self.limits))
        self.following = Following(desk, self._door, self.limits)
        self.metrics = Metrics(lambda: self.following.open)
        self.router = Router(self._routes(), redirect_slashes=False)

    def close(self) -> None:
        """Tell those who follow the feed that it ends, so that nobody waits for them."""
        self.following.close()

    def _routes(self) -> list[BaseRoute]:
        apps: list[tuple[str, str, str, App]] = [
            (each.name, each.verb, each.path, Answering(each, self.desk, self._door, self.limits))
            for each in OPERATIONS
            if each is not ALONG
        ]
        apps += [
            (ALONG.name, ALONG.verb, ALONG.path, TakingAlong(self.desk, self._door, self.limits)),
            ("submit", "POST", COMMANDS_PATH, Submitting(self.desk, self._door, self.limits)),
            ("submit_many", "POST", BATCH_PATH, Batching(self.desk, self._door, self.limits)),
            ("watch", "GET", FEED_PATH, self.following),
            ("metrics", "GET", "/metrics", self._metrics),
            ("openapi", "GET", OPENAPI_PATH, self._openapi),
            ("healthz", "GET", "/healthz", self._healthz),
            ("readyz", "GET", "/readyz", self._readyz),
        ]
        return [Route(path, _Only(app, verb), methods=None, name=name) for name, verb, path, app in apps]

    async def __call__(self, scope: Scope, receive: Receive, to: Send) -> None:
        """Answer a request, count it and write it down: the route and the operator, never what was asked."""
        if scope["type"] != "http":
            return
        began = time.perf_counter()
        watched = _Watched(to, str(new_id()))
        route = "none"
        try:
            route = await self._answer(scope, receive, watched)
        except Refused as refused:
            await send_problem(watched, refused.problem, refused.headers)
        except StoreError as error:
            await send_problem(watched, problem_of(error))
        except Exception:
            log.exception("failed", extra={"request": watched.id})
            if not watched.status:
                words = f"The server failed on this; its log says why under {watched.id}."
                await send_problem(watched, problem(500, "failed", words))
        finally:
            route = scope.get("deskterm.route", route)
            seconds = time.perf_counter() - began
            self.metrics.count(route, watched.status or 499, seconds)
            log.info("request", extra={
                "request": watched.id, "route": route, "verb": scope["method"], "status": watched.status or 499,
                "ms": round(seconds * 1000, 1), "operator": scope.get("deskterm.operator", ""),
            })  # fmt: skip

    async def _answer(self, scope: Scope, receive: Receive, to: Send) -> str:
        for route in self.router.routes:
            match, found = route.matches(scope)
            if match is Match.FULL and isinstance(route, Route):
                scope.update(found)
                scope["deskterm.route"] = route.name
                await route.app(scope, receive, to)
                return str(route.name)
        raise Refused(404, "not_found", "There is nothing at this address.")

    async def _metrics(self, scope: Scope, _receive: Receive, to: Send) -> None:
        await self._door.enter(scope, "metrics")
        await send(to, 200, self.metrics.text(), CONTENT_TYPE)

    async def _openapi(self, _scope: Scope, _receive: Receive, to: Send) -> None:
        await send(to, 200, openapi.text())

    async def _healthz(self, _scope: Scope, _receive: Receive, to: Send) -> None:
        await send(to, 200, b'{"status":"alive"}')

    async def _readyz(self, _scope: Scope, _receive: Receive, to: Send) -> None:
        await self.desk.ready()
        await send(to, 200, b'{"status":"ready"}')


class _Only:
    """An app that answers to one verb, and says so to others."""

    def __init__(self, app: App, verb: str) -> None:
        self._app = app
        self._verb = verb

    async def __call__(self, scope: Scope, receive: Receive, to: Send) -> None:
        verbs = {self._verb, "HEAD"} if self._verb == "GET" else {self._verb}
        if scope["method"] not in verbs:
            allow = [(b"allow", ", ".join(sorted(verbs)).encode())]
            raise Refused(405, "method", f"Only {self._verb} goes here.", headers=allow)
        await self._app(scope, receive, to)


class _Watched:
    """Where an answer is sent: remembers its status, and gives it the number that the log knows it by."""

    def __init__(self, to: Send, number: str) -> None:
        self._to = to
        self.id = number
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[Any] = message["headers"]
            message = {**message, "headers": [*headers, (b"x-request-id", self.id.encode())]}
        await self._to(message)
