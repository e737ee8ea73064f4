"""What a call form holds: fields to facts, words to commands, and the ids that save a call once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from deskterm.screens.call_form import CallForm

NOW = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)


class Kept(dict[str, str]):
    """A draft, as far as a form needs one."""

    def write(self, name: str, value: str) -> None:
        self[name] = value


def form(**fields: str) -> CallForm:
    made = CallForm({}, Kept().write, now=NOW)
    for name, value in fields.items():
        made[name.replace("__", ".")] = value
    return made


def test_an_untouched_form_is_empty_and_leaves_nothing_behind() -> None:
    kept = Kept()
    made = CallForm({}, kept.write, now=NOW)
    made["contract"] = "BL-204"
    made["type"] = "query"
    assert made.is_empty
    assert "command" not in kept


def test_the_first_letter_keeps_the_ids_so_that_the_call_is_saved_once() -> None:
    kept = Kept()
    made = CallForm({}, kept.write, now=NOW)
    made["summary"] = "N"
    again = CallForm(dict(kept), kept.write, now=NOW + timedelta(hours=1))
    assert not again.is_empty
    assert (again.command, again.ticket, again.opened) == (made.command, made.ticket, NOW)
    assert again.log(NOW, "UTC", None) == made.log(NOW, "UTC", None)


def test_a_cleared_type_stays_cleared() -> None:
    kept = Kept()
    made = CallForm({}, kept.write, now=NOW)
    made["summary"] = "N"
    made["type"] = ""
    assert CallForm(dict(kept), kept.write, now=NOW).lacking == ("type", "impact", "urgency")


@pytest.mark.parametrize(("typed", "fact"), [("Jo Park", "contact"), ("07700 900999", "phone")])
def test_a_caller_typed_but_never_picked_is_not_lost(typed: str, fact: str) -> None:
    facts = form(caller=typed).facts(NOW, "UTC")
    assert getattr(facts, fact) == typed


def test_a_picked_caller_replaces_what_was_typed_to_find_them() -> None:
    made = form(caller="ros")
    made.call_from(company="Brook & Lane", contact="Rosa Amadi", phone="+44 7700 900123")
    facts = made.facts(NOW, "UTC")
    assert (facts.company, facts.contact) == ("Brook & Lane", "Rosa Amadi")
    made.call_from(contact="Jo Park")
    assert made.facts(NOW, "UTC").company == ""


def test_began_is_a_moment_where_understood_and_kept_in_words_where_not() -> None:
    """R014."""
    assert form(began="09:10").facts(NOW, "Europe/London").began == datetime(2026, 3, 16, 9, 10, tzinfo=UTC)
    facts = form(began="since breakfast").facts(NOW, "UTC")
    assert facts.began is None
    assert facts.fields["began"] == "since breakfast"


def test_answers_find_their_fact_or_the_desks_own_fields() -> None:
    """R011-R016."""
    made = form()
    for key, answer in {"item": "2XK-11", "location": "Reception", "fault": "hardware"}.items():
        made[CallForm.name_of(key)] = answer
    facts = made.facts(NOW, "UTC")
    assert (facts.item, facts.fault, facts.fields) == ("2XK-11", "hardware", {"location": "Reception"})


def test_an_answer_that_a_fact_cannot_hold_is_kept_in_words() -> None:
    facts = form(fault="not given", type="").facts(NOW, "UTC")
    assert (facts.fault, facts.type, facts.fields) == ("", None, {"fault": "not given"})


def test_the_command_counts_the_seconds_of_the_call() -> None:
    made = form(summary="No dial tone")
    command = made.log(NOW + timedelta(seconds=207), "UTC", "voice-1")
    assert (command.call_seconds, command.hand_to, command.id, command.ticket) == (
        207,
        "voice-1",
        made.command,
        made.ticket,
    )


def test_joining_takes_along_every_word_and_has_one_id_for_each_ticket() -> None:
    """R130."""
    made = form(summary="No dial tone", description="Both handsets", impact="high", began="since lunch", item="2XK-11")
    made[CallForm.name_of("location")] = "Reception"
    made.call_from(company="Brook & Lane", contact="Rosa Amadi")
    ticket = uuid4()
    join = made.join(ticket, NOW, "UTC")
    for word in ("No dial tone", "Both handsets", "Impact: high", "since lunch", "2XK-11", "Location: Reception"):
        assert word in join.caller.words
    assert join.caller.contact == "Rosa Amadi"
    assert made.join(ticket, NOW, "UTC").id == join.id
    assert made.join(uuid4(), NOW, "UTC").id != join.id
