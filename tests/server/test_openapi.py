"""The OpenAPI document, and a real server held against it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deskterm.server import openapi, rights
from deskterm.server.app import Server
from tests.server.conftest import Served

pytestmark = pytest.mark.anyio


def parts(found: Any, wanted: str) -> list[Any]:
    """Everything under a key, wherever it is."""
    if isinstance(found, dict):
        here = [found[wanted]] if wanted in found else []
        return here + [part for value in found.values() for part in parts(value, wanted)]
    return [part for each in found for part in parts(each, wanted)] if isinstance(found, list) else []


def test_every_name_in_the_document_is_defined() -> None:
    document = openapi.document()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(parts(document, "$ref")) <= known


async def test_every_route_is_in_the_document_and_in_the_table_of_rights(served: Served) -> None:
    routes = {(route.name, route.path) for route in served.server.router.routes}  # type: ignore[attr-defined]
    told = {
        (found["operationId"], path)
        for path, verbs in json.loads(openapi.text())["paths"].items()
        for found in verbs.values()
    }
    assert routes == told
    assert {name for name, _ in routes} - {"openapi", "healthz", "readyz"} == set(rights.ROUTES)


def test_a_server_without_a_row_for_a_route_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(rights.ROUTES, "board")
    with pytest.raises(LookupError, match="board"):
        Server(None)  # type: ignore[arg-type]
    monkeypatch.undo()
    monkeypatch.delitem(rights.COMMANDS, "Take")
    with pytest.raises(LookupError, match="Take"):
        Server(None)  # type: ignore[arg-type]
