"""The invented desk of `tests.people` with ladders: management by age, lines by rule, a maker's, a service's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deskterm.desk.deskfile import DeskFile, Group
from deskterm.desk.hours.promises import Ladder, Stage
from deskterm.desk.records.escalation import Escalation
from tests.people import DESK, NORA, START, Story, facts

MANAGEMENT = Ladder(
    name="management",
    kind="hierarchical",
    trigger=("age-timer", "customer", "missed-target", "operator"),
    stage=(
        Stage(role="Shift leader", name="Una Day", after="2h"),
        Stage(role="Head of the desk", name="Ida Fell", phone="+44 7700 900411", after="4h"),
        Stage(role="Director", name="Sue", after="1d"),
    ),
)
LINES = Ladder(
    name="lines",
    title="To the next line",
    kind="functional",
    trigger=("rule-at-stage", "missed-target", "major"),
    stage=(
        Stage(role="Second line", group="net-2", after="1h"),
        Stage(role="Third line", group="core-3", after="4h"),
        Stage(role="Technical manager", name="Ada Hill", after="8h"),
    ),
)
MAKERS = Ladder(
    name="makers",
    kind="vendor",
    trigger=("operator", "missed-target"),
    stage=tuple(
        Stage(role=role, group="makers") for role in ("Help centre manager", "System engineer", "Account manager")
    ),
)
TRUNKS = Ladder(
    name="trunks", kind="hierarchical", trigger=("customer",), services=("SIP-900",), stage=(Stage(role="Trunk desk"),)
)
LADDERED: DeskFile = DESK.model_copy(
    update={
        "ladder": (MANAGEMENT, LINES, MAKERS, TRUNKS),
        "group": (*DESK.group, Group(name="core-3", title="Core design", level=3)),
    }
)


def called(at: datetime = START, desk: DeskFile = LADDERED, **known: Any) -> Story:
    """A call logged on the desk with ladders."""
    return Story(at=at, desk=desk).logs(NORA, facts(**known))


def last(story: Story) -> Escalation:
    """The ticket's last escalation."""
    return story.ticket.escalations[-1]
