"""Errors of a store as problem+json (RFC 9457), both ways: what the server answers is what the client raises."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from deskterm.desk.tickets.views import TimelineEntry
from deskterm.store.base import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Offline,
    StoreError,
    Unsupported,
    Unusable,
)

PROBLEM_JSON: Final = "application/problem+json"
STATUS_OF: Final[dict[type[StoreError], HTTPStatus]] = {
    Offline: HTTPStatus.SERVICE_UNAVAILABLE,
    Unusable: HTTPStatus.SERVICE_UNAVAILABLE,
    Conflict: HTTPStatus.CONFLICT,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unsupported: HTTPStatus.NOT_IMPLEMENTED,
}
_KINDS: Final[dict[str, type[StoreError]]] = {each.kind: each for each in STATUS_OF}
_BY_STATUS: Final[dict[int, type[StoreError]]] = {
    400: Invalid, 401: NotAllowed, 403: NotAllowed, 404: NotFound, 405: Unsupported, 409: Conflict, 412: Conflict,
    413: Invalid, 414: Invalid, 415: Invalid, 422: Invalid, 431: Invalid, 501: Unsupported,
}  # fmt: skip
"""What an answer means that names no kind, as one of a proxy on the way; any other says that the desk is away."""


class ChangedMeanwhile(BaseModel):
    """An entry of the thread that came in between (`TimelineEntry`)."""

    version: int
    at: datetime
    actor: str
    kind: str
    mark: str
    title: str
    text: str = ""
    customer_sees: bool = False


class Problem(BaseModel):
    """An error. `kind` is that of the store's tree of errors, or one of the server's own."""

    model_config = ConfigDict(extra="ignore")

    type: str = "about:blank"
    title: str = ""
    status: int
    detail: str
    """A sentence for people."""
    kind: str = ""
    rule: str = ""
    """The row of the desk's rules that says no."""
    field: str = ""
    """What is missing or wrong."""
    changed: tuple[ChangedMeanwhile, ...] = ()
    """Of a conflict: what others did meanwhile."""
    version: int = 0
    """Of a conflict: the version there is now."""


def problem(status: int, kind: str, detail: str, **more: Any) -> Problem:
    """Make a problem."""
    return Problem(title=HTTPStatus(status).phrase, status=status, kind=kind, detail=detail, **more)


def problem_of(error: StoreError, *, asked_by_version: bool = False) -> Problem:
    """Tell an error of a store; a conflict is 412 where `If-Match` named the version."""
    status = next(found for kind, found in STATUS_OF.items() if isinstance(error, kind))
    if not isinstance(error, Conflict):
        return problem(status, error.kind, error.message, rule=error.rule, field=error.field)
    if asked_by_version:
        status = HTTPStatus.PRECONDITION_FAILED
    changed = tuple(ChangedMeanwhile.model_validate(asdict(entry)) for entry in error.changed)
    return problem(status, error.kind, error.message, changed=changed, version=error.version)


def error_of(status: int, body: bytes) -> StoreError:
    """The error that an answer tells."""
    try:
        told = Problem.model_validate_json(body)
    except ValidationError:
        told = Problem(status=status, detail=f"The answer was {status}, and says no more.")
    return error_of_problem(told, status)


def error_of_problem(told: Problem, status: int | None = None) -> StoreError:
    """The error that a problem tells."""
    kind = _KINDS.get(told.kind) or _BY_STATUS.get(status or told.status, Offline)
    if issubclass(kind, Conflict):
        changed = tuple(TimelineEntry(**entry.model_dump()) for entry in told.changed)
        return Conflict(told.detail, changed, told.version)
    return kind(told.detail, rule=told.rule, field=told.field)
