"""What to ask a caller, and what is still missing (R008-R016). A missing answer never blocks saving."""

from __future__ import annotations

from collections.abc import Sequence

from deskterm.desk.deskfile import DeskFile, IntakeField
from deskterm.desk.records.customers import Contract
from deskterm.desk.records.ticket import Facts

OWN_FACTS = frozenset(Facts.model_fields) - {"fields"}
"""Intake keys that are facts of their own; every other key lives in `Facts.fields`."""


def asked(desk: DeskFile, facts: Facts, contract: Contract | None = None) -> tuple[IntakeField, ...]:
    """The fields to ask for this call, in the desk file's order; a contract's requirements come on top."""
    return tuple(field for field in _all(desk, contract) if field.need != "hidden" and _applies(field, facts))


def missing(desk: DeskFile, facts: Facts, contract: Contract | None = None) -> tuple[IntakeField, ...]:
    """The fields that were not answered yet, required ones first. 'Not given' is an answer."""
    empty = [field for field in asked(desk, facts, contract) if not answer(facts, field.key)]
    return tuple(sorted(empty, key=lambda field: field.need != "required"))


def incomplete(desk: DeskFile, facts: Facts, contract: Contract | None = None) -> tuple[str, ...]:
    """Keys of the required fields still empty: what marks a ticket `incomplete` (R010)."""
    required = [field for field in _all(desk, contract) if field.need == "required" and _applies(field, facts)]
    return tuple([field.key for field in required if not answer(facts, field.key)])


def answer(facts: Facts, key: str) -> str:
    """What was answered for an intake key; an empty string when nothing was.

    'Not given' is kept in `fields` also for a fact of its own, which may have no room for words (R016).
    """
    value = getattr(facts, key) if key in OWN_FACTS else None
    if value in (None, ""):
        value = facts.fields.get(key)
    return str(value).strip() if value is not None else ""


def _all(desk: DeskFile, contract: Contract | None) -> Sequence[IntakeField]:
    if contract is None or not contract.requires:
        return desk.intake
    demanded = frozenset(contract.requires)
    known = {field.key for field in desk.intake}
    more = [IntakeField(key=key, need="required") for key in sorted(demanded - known)]
    return [*(_demanded(field) if field.key in demanded else field for field in desk.intake), *more]


def _demanded(field: IntakeField) -> IntakeField:
    return field.model_copy(update={"need": "required", "channels": (), "fault": ""})


def _applies(field: IntakeField, facts: Facts) -> bool:
    on_channel = not field.channels or facts.channel in field.channels
    return on_channel and (not field.fault or facts.fault == field.fault)
