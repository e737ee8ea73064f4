"""What tests of the rules ask of a decision: what it led to, or which rule refused it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deskterm.desk.deskfile import Operator
from deskterm.desk.record import TicketCommand
from deskterm.desk.records.escalation import Escalation, Major
from deskterm.desk.records.ticket import Synopsis, Ticket
from deskterm.desk.records.timekeeping import RestoreTime
from deskterm.desk.refusal import Refusal
from deskterm.desk.tickets.rights import Act
from tests.people import START, Story

DONE = Synopsis(issue="No dial tone", steps="Gateway restarted", resolution="Calls work again")


def refuses(story: Story, who: Operator, command: type[TicketCommand], rule: str, **asked: Any) -> Refusal:
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


EVENING = START + timedelta(hours=11)
"""Outside everybody's hours, so that what may wait can be deferred."""


def ripe(act: Act, ticket: Ticket) -> Ticket:
    """A ticket that has all that an act asks for besides the right to do it."""
    match act:
        case Act.DEFER:
            return ticket.model_copy(update={"impact": "low"})
        case Act.INTERVENE:
            told = RestoreTime(at=EVENING, given=START, by="Tom", told="Ada Moss")
            return ticket.model_copy(update={"timekeeping": ticket.timekeeping.model_copy(update={"restore": told})})
        case Act.END_MAJOR:
            major = Major(state="declared", reason="All sites are down.", by="Tom", at=START)
            return ticket.model_copy(update={"major": major})
        case Act.REPORT:
            major = Major(state="ended", reason="All were down.", by="Tom", at=START, ended=START, report_due=True)
            return ticket.model_copy(update={"major": major})
        case Act.ANSWER_ESCALATION:
            step = Escalation(
                number=1, kind="hierarchical", trigger="customer", to="Desk manager", reason="It takes long.",
                by="Nora", at=START,
            )  # fmt: skip
            return ticket.model_copy(update={"escalations": (step,)})
        case _:
            return ticket
