"""What a request asks, read with suspicion: parameters by their types, and JSON that every store can keep."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import uuid5

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.types import Scope

from deskterm.desk.commands import AnyCommand
from deskterm.desk.record import new_id
from deskterm.server.replies import Refused
from deskterm.store.base import Invalid
from deskterm.store.remote.operations import Operation, names_of_path

DEEPEST: Final = 32
"""Levels of objects and lists in a body; nothing that is asked has more than a few."""
MOST_PARTS: Final = 20_000
"""Values in a body side by side."""
LARGEST: Final = 2**53
"""Whole numbers up to it mean the same to every reader of JSON and fit every database."""
_MOST_PARAMETERS: Final = 50


def in_the_address(scope: Scope, operation: Operation[Any, Any]) -> dict[str, str]:
    """The parameters in path and query. Raises Invalid for one that comes twice, Refused for what is no UTF-8."""
    found: dict[str, str] = {name: str(scope["path_params"][name]) for name in names_of_path(operation)}
    raw: bytes = scope["query_string"]
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )  # fmt: skip
    except ValueError:
        raise Refused(400, "malformed", "The query of the address cannot be read.") from None
    for name, value in pairs:
        if name in found:
            raise Invalid(f"{name} is given twice.", field=name)
        found[name] = value
    return found


def json_of(body: bytes) -> Any:
    """Read JSON. Raises Refused for what is none, or goes too deep, or holds numbers that are none."""
    try:
        found = from_json(body, allow_inf_nan=False, cache_strings=False)
    except (ValueError, RecursionError):
        raise Refused(400, "malformed", "The body is not JSON in UTF-8.") from None
    if why := _unfit(found):
        raise Refused(400, "malformed", why)
    return found


def _unfit(value: Any) -> str:
    """Why some JSON is refused; empty where it is fit. Level by level, so that depth costs nothing."""
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
            elif isinstance(each, int) and abs(each) > LARGEST:
                return "A whole number in the body is too large."
            elif isinstance(each, float) and not math.isfinite(each):
                return "A number in the body is none."
        if not below:
            return ""
        if len(below) > MOST_PARTS:
            return "The body has too many parts."
        level = below
    return "The body is nested too deep."


def read_as(asks: type[BaseModel] | TypeAdapter[Any], found: Any) -> Any:
    """Check what was asked against its type. Raises Invalid, which names the first field that is wrong."""
    try:
        return asks.validate_python(found) if isinstance(asks, TypeAdapter) else asks.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = path_of(first["loc"])
        raise Invalid(f"{field or 'The body'}: {first['msg']}.", field=field) from None


def settled(command: AnyCommand) -> AnyCommand:
    """The command with the ids that its author left to us, the same whenever it is sent again."""
    left = {
        name: uuid5(command.id, name)
        for name, field in type(command).model_fields.items()
        if field.default_factory is new_id and name not in command.model_fields_set
    }
    return command.model_copy(update=left)


def path_of(parts: Iterable[str | int]) -> str:
    """Write where in a body something stands."""
    return ".".join(str(part) for part in parts)
