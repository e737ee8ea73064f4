"""Commands and reads as a program sends them, without our client: once, for a version, page by page."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from deskterm.desk import commands as c
from deskterm.desk.record import new_id
from deskterm.store.remote.operations import BATCH_PATH, COMMANDS_PATH
from tests.server.conftest import Served
from tests.store.conftest import facts

pytestmark = pytest.mark.anyio


def call(**known: Any) -> dict[str, Any]:
    return {"kind": "LogCall", "facts": facts(**known).model_dump(mode="json"), "hand_to": "voice-1"}


async def test_a_command_happens_once_by_its_key(served: Served) -> None:
    headers, key = await served.headers("Nora"), str(new_id())
    sent = call()
    answers = await asyncio.gather(
        *(served.client.post(COMMANDS_PATH, json=sent, headers=headers | {"Idempotency-Key": key}) for _ in range(5))
    )
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.text for answer in answers}) == 1
    assert (await served.client.get("/v1/queue?view=all", headers=headers)).json()["total"] == 1
    other = await served.client.post(
        COMMANDS_PATH, json=call(summary="Other"), headers=headers | {"Idempotency-Key": key}
    )
    assert (other.status_code, other.json()["field"]) == (422, "id")


async def test_a_batch_answers_each_and_what_is_refused_holds_back_its_own_ticket_alone(served: Served) -> None:
    """In its order, each once, whatever stands beside it in the same transaction."""
    headers = await served.headers("Nora")
    calls = [call(summary=f"Call {n}") | {"id": str(new_id()), "ticket": str(new_id())} for n in range(45)]
    sent: list[dict[str, Any]] = []
    for number, each in enumerate(calls):
        sent.append(each)
        if number in (7, 30):  # a phone operator does not take tickets
            sent.append({"kind": "Take", "id": str(new_id()), "ticket": each["ticket"]})
        sent.append({"kind": "AddNote", "id": str(new_id()), "ticket": each["ticket"], "text": "And a note"})
    body = {"commands": [{"command": each} for each in sent]}
    first, again = [(await served.client.post(BATCH_PATH, json=body, headers=headers)).json() for _ in range(2)]
    assert first == again
    came = [next(iter(answer)) for answer in first]
    refused = [place for place, each in enumerate(sent) if each["kind"] == "Take"]
    assert [place for place, what in enumerate(came) if what == "problem"] == refused
    assert [place for place, what in enumerate(came) if what == "held"] == [place + 1 for place in refused]
    assert {first[place]["problem"]["rule"] for place in refused} == {"T5"}
    assert [first[place]["receipt"]["command_id"] for place, what in enumerate(came) if what == "receipt"] == (
        [each["id"] for each, what in zip(sent, came, strict=True) if what == "receipt"]
    )
    rows = (await served.client.get("/v1/queue?view=all", headers=headers)).json()
    assert rows["total"] == len(calls)


@pytest.mark.parametrize("key", ["x", "", "0190a0aa-0000-7000-8000-000000000001"])
async def test_a_command_without_an_id_or_with_two_is_refused(served: Served, key: str) -> None:
    headers = await served.headers("Nora")
    without = await served.client.post(COMMANDS_PATH, json=call(), headers=headers)
    both = await served.client.post(
        COMMANDS_PATH, json=call() | {"id": str(new_id())}, headers=headers | {"Idempotency-Key": key}
    )
    assert [(each.status_code, each.json()["field"]) for each in (without, both)] == [(422, "id")] * 2


async def test_a_version_that_was_seen_is_held_against_what_changed(served: Served) -> None:
    nora, lea = await served.headers("Nora"), await served.headers("Lea")
    logged = await served.client.post(COMMANDS_PATH, json=call() | {"id": str(new_id())}, headers=nora)
    ticket = await served.client.get(f"/v1/tickets/{logged.json()['ref']}", headers=nora)
    tag = ticket.headers["etag"]
    assert tag == logged.headers["etag"] == '"2"'
    amend = {"kind": "Amend", "ticket": logged.json()["record_id"]}
    theirs = amend | {"id": str(new_id()), "changes": {"summary": "Theirs"}}
    assert (await served.client.post(COMMANDS_PATH, json=theirs, headers=lea | {"If-Match": tag})).status_code == 200
    other = amend | {"id": str(new_id()), "changes": {"contact": "Bob Ode"}}
    assert (await served.client.post(COMMANDS_PATH, json=other, headers=nora | {"If-Match": tag})).status_code == 200
    mine = amend | {"id": str(new_id()), "changes": {"summary": "Mine"}}
    refused = await served.client.post(COMMANDS_PATH, json=mine, headers=nora | {"If-Match": tag})
    told = refused.json()
    assert (refused.status_code, told["kind"], told["version"]) == (412, "conflict", 4)
    assert told["changed"][0]["actor"] == "Lea"
    again = await served.client.post(COMMANDS_PATH, json=mine | {"seen": 2}, headers=nora)
    assert again.status_code == 409
    for wrong in ("x", '"-1"', "*", '"' + "9" * 30 + '"'):
        bad = await served.client.post(COMMANDS_PATH, json=mine, headers=nora | {"If-Match": wrong})
        assert bad.status_code == 422, wrong


async def test_a_list_goes_on_by_its_link_and_shows_every_ticket_once(served: Served) -> None:
    headers = await served.headers("Nora")
    nora = await served.open("Nora")
    for number in range(7):
        await nora.submit(c.LogCall(facts=facts(summary=f"Call & {number}")))
    await nora.close()
    found: list[str] = []
    address: str | None = "/v1/queue?view=all&limit=3&text=Call"
    pages = 0
    while address:
        answer = await served.client.get(address, headers=headers)
        found += [row["ref"] for row in answer.json()["rows"]]
        link = re.fullmatch(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
        address, pages = (link[1] if link else None), pages + 1
    assert (len(found), len(set(found)), pages) == (7, 7, 3)


async def test_figures_are_there_for_prometheus_and_name_nobody(served: Served) -> None:
    headers = await served.headers("Sue")
    await served.client.get("/v1/find?text=Zebrafish", headers=headers)
    told = (await served.client.get("/metrics", headers=headers)).text
    assert 'deskterm_requests_total{route="find",status="200"} 1.0' in told
    assert "deskterm_request_seconds_bucket" in told
    assert not any(word in told for word in ("Sue", "Zebrafish"))
