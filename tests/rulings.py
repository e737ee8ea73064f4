"""What tests of the rules ask of a decision: what it led to, or which rule refused it."""

from __future__ import annotations

from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.deskfile import Operator
from deskterm.desk.refusal import Refusal
from deskterm.desk.ticket import Synopsis
from tests.people import (
    Story,
)

DONE = Synopsis(issue="No dial tone", steps="Gateway restarted", resolution="Calls work again")


def refuses(story: Story, who: Operator, command: type[c.TicketCommand], rule: str, **asked: Any) -> Refusal:
    """The refusal of a command, which has to name its rule in words and as a value, and to change nothing."""
    before = story.ticket
    with pytest.raises(Refusal) as found:
        story.does(who, command, **asked)
    assert found.value.rule == rule
    assert found.value.message.endswith(f"({rule}).")
    assert story.ticket == before
    return found.value


def kinds(story: Story) -> list[str]:
    """What the last command led to."""
    return [step.happening.kind for step in story.decision.steps]
