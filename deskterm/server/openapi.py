"""The OpenAPI document: made from the table of operations, the table of rights and the models themselves."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import to_json

from deskterm import __version__
from deskterm.desk.commands import any_command
from deskterm.desk.tickets.views import Receipt
from deskterm.server import rights
from deskterm.server.feed import FEED
from deskterm.store.accounts import SCOPES
from deskterm.store.base import Store
from deskterm.store.carried import Answered, Outwards
from deskterm.store.problems import PROBLEM_JSON, Problem
from deskterm.store.remote.operations import BATCH_PATH, COMMANDS_PATH, OPERATIONS, Operation, names_of_path

_REF: Final = "#/components/schemas/{model}"
_ERRORS: Final = {
    400: "The request cannot be read: no JSON, no UTF-8, nested too deep, a number too large.",
    401: "No token, or one that is unknown, expired or revoked, or whose operator may not act any more.",
    403: "The token's scope, the operator's level or a rule of the desk says no; `rule` names it.",
    404: "There is no such ticket, record or reference, or no desk file is in force yet.",
    408: "The body did not arrive in time.",
    409: "Somebody changed the same facts meanwhile: `changed` says what, `version` which version there is now.",
    412: "The same, where `If-Match` named the version.",
    413: "The body is too large.",
    415: "The body is no `application/json`, or compressed.",
    422: "Something asked for is missing or wrong; `field` names it.",
    429: "This token asks too often; `Retry-After` says when to come back.",
    501: "This server does not do that.",
    503: "The desk cannot be reached now, or the server has too many connections. Nothing was written.",
}
_ALWAYS: Final = (400, 401, 403, 404, 422, 429, 503)
_WITH_BODY: Final = (408, 413, 415)
_BESIDE: Final = {
    "me": "Who the token says is acting.",
    "along": "What a terminal takes along, so that it goes on reading when the line is down.",
    "along_of": "The same, of some records.",
    "terminal": "A number for a terminal, from which it makes references while the line is down.",
}
"""What operations are for that the store protocol does not name."""
_OPEN: Final[dict[str, tuple[str, str, str]]] = {
    "/v1/openapi.json": ("openapi", "This document", "application/json"),
    "/healthz": ("healthz", "Whether the process lives", "application/json"),
    "/readyz": ("readyz", "Whether the desk can be read", "application/json"),
}


@cache
def text() -> bytes:
    """The document as JSON."""
    return to_json(document(), indent=1)


def document() -> dict[str, Any]:
    """The document."""
    schemas, named = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.verb.lower()] = _operation(operation, named)
    paths[COMMANDS_PATH] = {"post": _submit(named)}
    paths[BATCH_PATH] = {"post": _submit_many(named)}
    paths[FEED.path] = {"get": _feed()}
    paths["/metrics"] = {"get": _plain("metrics", "Figures for Prometheus", "text/plain", closed=True)}
    for path, (name, summary, sort) in _OPEN.items():
        paths[path] = {"get": _plain(name, summary, sort, closed=False)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "deskterm",
            "version": __version__,
            "description": "A service desk over HTTP. Reads are GET, or POST where what is asked should not stand in "
            "an address. All that is written is a command, and happens once by its id.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http", "scheme": "bearer",
                    "description": "Made by `deskterm token create`. Scopes: "
                    + "; ".join(f"{name}: {words}" for name, words in SCOPES.items()) + ".",
                }
            },
        },
    }  # fmt: skip


def _schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """All models by name, and what each operation asks with a body, and answers, by `asks:` or `answers:` its name."""
    wanted: list[tuple[str, Any, TypeAdapter[Any]]] = [
        (f"answers:{each.name}", "serialization", each.json) for each in OPERATIONS if each.answers is not None
    ]
    wanted += [(f"asks:{each.name}", "validation", TypeAdapter(each.asks)) for each in OPERATIONS if each.verb != "GET"]
    wanted += [("asks:submit", "validation", any_command()), ("answers:submit", "serialization", TypeAdapter(Receipt))]
    wanted += [
        ("asks:submit_many", "validation", TypeAdapter(tuple[Outwards, ...])),
        ("answers:submit_many", "serialization", TypeAdapter(tuple[Answered, ...])),
    ]
    wanted += [("problem", "validation", TypeAdapter(Problem))]
    found, rest = TypeAdapter.json_schemas(wanted, ref_template=_REF)
    schemas: dict[str, Any] = dict(rest["$defs"])
    for each in OPERATIONS:
        schemas |= each.asks.model_json_schema(ref_template=_REF).get("$defs", {}) if each.verb == "GET" else {}
    return schemas, {key: schema for (key, _), schema in found.items()}


def _operation(operation: Operation[Any, Any], named: dict[str, Any]) -> dict[str, Any]:
    in_path = names_of_path(operation)
    doc = getattr(Store, operation.name).__doc__ if operation.name not in _BESIDE else _BESIDE[operation.name]
    made: dict[str, Any] = {
        "operationId": operation.name,
        "summary": (doc or "").strip().partition("\n")[0],
        "description": _who(operation.name),
        "parameters": list(_parameters(operation, in_path)),
        "responses": _responses(
            "Done." if operation.answers is None else "What was asked for.",
            None if operation.answers is None else {"application/json": {"schema": named[f"answers:{operation.name}"]}},
            (*_ALWAYS, *(_WITH_BODY if operation.verb != "GET" else ())),
        ),
    }
    if operation.verb != "GET":
        body = _without_path(operation, in_path) if in_path else named[f"asks:{operation.name}"]
        made["requestBody"] = {
            "required": bool(operation.asks.model_fields.keys() - set(in_path)),
            "content": {"application/json": {"schema": body}},
        }
    return made


def _without_path(operation: Operation[Any, Any], in_path: tuple[str, ...]) -> dict[str, Any]:
    """The schema of a body, without what stands in the path."""
    schema = operation.asks.model_json_schema(ref_template=_REF)
    kept = {name: wanted for name, wanted in schema["properties"].items() if name not in in_path}
    required = [name for name in schema.get("required", ()) if name in kept]
    return {"type": "object", "properties": kept, "required": required, "additionalProperties": False}


def _parameters(operation: Operation[Any, Any], in_path: tuple[str, ...]) -> Iterable[dict[str, Any]]:
    schema = operation.asks.model_json_schema(ref_template=_REF)
    required = schema.get("required", ())
    for name, wanted in schema.get("properties", {}).items():
        if name in in_path:
            yield {"name": name, "in": "path", "required": True, "schema": wanted}
        elif operation.verb == "GET":
            yield {"name": name, "in": "query", "required": name in required, "schema": _given(wanted)}


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that is given: what may be left out is not null in an address."""
    choices: list[dict[str, Any]] = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(choices) == 1:
        return choices[0] | {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return schema


def _submit(named: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": "submit",
        "summary": "Carry a command out once, however often it is submitted.",
        "description": _who("submit") + " Each command has a row of its own: see docs/server.md.",
        "parameters": [
            {
                "name": "Idempotency-Key", "in": "header", "required": False,
                "description": "The id of the command, where the body does not say it.",
                "schema": {"type": "string", "format": "uuid"},
            },
            {
                "name": "If-Match", "in": "header", "required": False,
                "description": "The version that the author saw, as the ETag of the ticket gave it (`seen`).",
                "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,15}"$'},
            },
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": named["asks:submit"]}}},
        "responses": _responses(
            "It is done; the same receipt whenever it is submitted again.",
            {"application/json": {"schema": named["answers:submit"]}},
            (*_ALWAYS, *_WITH_BODY, 409, 412),
        ),
    }  # fmt: skip


def _submit_many(named: dict[str, Any]) -> dict[str, Any]:
    commands = {"type": "object", "properties": {"commands": named["asks:submit_many"]}, "required": ["commands"]}
    return {
        "operationId": "submit_many",
        "summary": "Carry out what was written while the line was down, in its order, each command once and by itself.",
        "description": _who("submit_many") + " One that is refused holds back those behind it on the same ticket.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": commands | {"additionalProperties": False}}},
        },
        "responses": _responses(
            "An answer to each, in order.",
            {"application/json": {"schema": named["answers:submit_many"]}},
            (*_ALWAYS, *_WITH_BODY, 501),
        ),
    }


def _feed() -> dict[str, Any]:
    return {
        "operationId": "watch",
        "summary": "Changes in commit order, as server-sent events that do not end.",
        "description": _who("watch") + " The id of an event is a position in the log: come back with `Last-Event-ID` "
        "and nothing is told twice or left out. The first event, `head`, says where the feed begins; `closing` is the "
        "last. Each message is a JSON array of changes; with `rows=true` the events `rows` and `counts` come before it "
        "and say what queues show of it.",
        "parameters": [
            {"name": "Last-Event-ID", "in": "header", "required": False, "schema": _POSITION_TEXT},
            {"name": "after", "in": "query", "required": False, "schema": _POSITION},
            {"name": "rows", "in": "query", "required": False, "schema": {"type": "boolean"}},
        ],
        "responses": _responses("The feed.", {"text/event-stream": {"schema": {"type": "string"}}}, _ALWAYS),
    }


_POSITION: Final = {"type": "integer", "minimum": 0, "maximum": 2**53}
_POSITION_TEXT: Final = {"type": "string", "pattern": "^[0-9]{1,15}$"}


def _plain(name: str, summary: str, sort: str, *, closed: bool) -> dict[str, Any]:
    errors = (400, 401, 403, 429, 503) if closed else (503,)
    schema: dict[str, Any] = {"type": "object"} if sort == "application/json" else {"type": "string"}
    made: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": _responses(summary, {sort: {"schema": schema}}, errors),
    }
    more: dict[str, Any] = {"description": _who(name)} if closed else {"security": []}
    return made | more


def _responses(words: str, content: dict[str, Any] | None, errors: Iterable[int]) -> dict[str, Any]:
    done = {"200" if content else "204": {"description": words} | ({"content": content} if content else {})}
    problems = {PROBLEM_JSON: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return done | {
        str(status): {"description": f"{HTTPStatus(status).phrase}. {_ERRORS[status]}", "content": problems}
        for status in sorted(errors)
    }


def _who(name: str) -> str:
    row = rights.ROUTES[name]
    roles = ", ".join(sorted(role.value for role in row.roles))
    return f"For {roles}; the token needs the scope {row.scope!r}."
