"""Why the desk says no: errors of the rules, each with a sentence for the person who asked."""

from __future__ import annotations


class Refusal(Exception):
    """The desk refuses. `rule` names the row of the requirements that says so, e.g. "T12"."""

    def __init__(self, message: str, rule: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule


class Forbidden(Refusal):
    """This operator may not do that, here or now."""


class Wanting(Refusal):
    """Something is missing or wrong in what was asked; `field` names it."""

    def __init__(self, message: str, field: str, rule: str = "") -> None:
        super().__init__(message, rule)
        self.field = field
