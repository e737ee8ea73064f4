"""Role × route × scope, whole: whoever has no row gets nothing, by any door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from deskterm.desk import commands as c
from deskterm.desk.record import new_id
from deskterm.desk.records.customers import Company
from deskterm.desk.tickets.rights import Role
from deskterm.server import rights
from deskterm.store.accounts import SCOPES
from deskterm.store.remote.operations import BATCH_PATH, COMMANDS_PATH, FEED_PATH, OPERATIONS
from tests.server.conftest import Served
from tests.store.conftest import facts, log

pytestmark = pytest.mark.anyio

PEOPLE = {
    "Nora": Role.L0, "Lea": Role.L1, "Tom": Role.L2, "Sol": Role.L2, "Sue": Role.SUPERVISOR, "Vera": Role.VENDOR,
}  # fmt: skip
BODIES: dict[str, Any] = {
    "rows": {"ids": []}, "tickets": {"ids": []}, "card": {}, "still_to_ask": {"facts": {}}, "outages": {"facts": {}},
    "seen": {"version": 1}, "along_of": {"ids": []}, "attend": {}, "submit": {}, "submit_many": {"commands": []},
}  # fmt: skip
PATHS = {each.name: (each.verb, each.path) for each in OPERATIONS} | {
    "submit": ("POST", COMMANDS_PATH),
    "submit_many": ("POST", BATCH_PATH),
    "watch": ("GET", FEED_PATH),
    "metrics": ("GET", "/metrics"),
}


async def status(served: Served, route: str, headers: dict[str, str]) -> int:
    """What a route answers to a harmless request."""
    verb, path = PATHS[route]
    for name in ("ref", "ticket", "id", "digest", "terminal"):
        path = path.replace(f"{{{name}}}", str(UUID(int=7)) if name != "digest" else "0" * 64)
    async with served.client.stream(verb, path, headers=headers, json=BODIES.get(route)) as answer:
        return answer.status_code


async def test_every_route_asks_for_a_token_that_holds(served: Served) -> None:
    """None, a wrong one, two at once, one that is expired, revoked, or whose operator was disabled."""
    desk = served.desk
    expired, _ = await served.exchange.do(desk.create_token("Tom", tuple(SCOPES), lasts=timedelta(seconds=1)))
    revoked, made = await served.exchange.do(desk.create_token("Tom", tuple(SCOPES), lasts=None))
    await served.exchange.do(desk.revoke(str(made.id)))
    disabled, _ = await served.exchange.do(desk.create_token("Sol", tuple(SCOPES), lasts=None))
    await served.exchange.do(desk.disable("Sol"))
    served.time.forward(days=1)
    tokens = (None, "nonsense", "deskterm_" + "x" * 43, expired, revoked, disabled, "\xff")
    for route in rights.ROUTES:
        for token in tokens:
            headers = {} if token is None else {"Authorization": f"Bearer {token}".encode("latin-1")}
            assert await status(served, route, headers) == 401, (route, token)  # type: ignore[arg-type]
    for path in ("/healthz", "/readyz", "/v1/openapi.json"):
        assert (await served.client.get(path)).status_code == 200
    for path in ("/", "/v1", "/v1/me/", "/v1/nothing", "//v1/me", "/metrics/x"):
        assert (await served.client.get(path)).status_code == 404


@pytest.mark.parametrize("name", PEOPLE)
async def test_every_route_opens_to_its_roles_alone(served: Served, name: str) -> None:
    headers = await served.headers(name)
    for route, row in rights.ROUTES.items():
        answered = await status(served, route, headers)
        assert (answered == 403) is (PEOPLE[name] not in row.roles), (route, answered)
        assert answered < 500


@pytest.mark.parametrize("scope", SCOPES)
async def test_every_route_needs_its_scope(served: Served, scope: str) -> None:
    secret, _ = await served.exchange.do(served.desk.create_token("Sue", (scope,), lasts=None))
    for route, row in rights.ROUTES.items():
        answered = await status(served, route, {"Authorization": f"Bearer {secret}"})
        assert (answered == 403) is (row.scope != scope), (route, answered)


@pytest.mark.parametrize("name", PEOPLE)
async def test_every_command_is_for_its_roles_alone(served: Served, name: str) -> None:
    headers = await served.headers(name)
    for kind in rights.kinds_of_commands():
        answer = await served.client.post(COMMANDS_PATH, json={"kind": kind, "id": str(new_id())}, headers=headers)
        # A rule of the desk names itself; the table of routes does not.
        refused = answer.status_code == 403 and "rule" not in answer.json()
        assert refused is (PEOPLE[name] not in rights.COMMANDS[kind].roles), (kind, answer.text)
        assert answer.status_code < 500


async def test_only_a_supervisor_loads_a_desk_file_and_only_with_the_scope_for_it(served: Served) -> None:
    load = c.LoadDesk(name="mine.toml", source="x").model_dump(mode="json")
    for name in PEOPLE:
        answer = await served.client.post(COMMANDS_PATH, json=load, headers=await served.headers(name))
        assert answer.status_code == (422 if name == "Sue" else 403), name
    secret, _ = await served.exchange.do(served.desk.create_token("Sue", ("read", "write"), lasts=None))
    answer = await served.client.post(COMMANDS_PATH, json=load, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
    sent = {"commands": [{"command": load}]}
    answer = await served.client.post(BATCH_PATH, json=sent, headers=await served.headers("Nora"))
    assert [each["problem"]["status"] for each in answer.json()] == [403]


async def test_a_vendor_sees_a_ticket_with_a_task_of_its_own_and_no_other(served: Served) -> None:
    tom, headers = await served.open("Tom"), await served.headers("Vera")
    theirs, other = await log(tom, "net-2"), await log(tom, "net-2", summary="Nothing of theirs")  # type: ignore[arg-type]
    await tom.submit(c.Take(ticket=theirs.record_id))
    await tom.submit(c.OpenVendorTask(ticket=theirs.record_id, vendor="carrier", text="Check the line"))
    assert (await served.client.get(f"/v1/tickets/{theirs.ref}", headers=headers)).status_code == 200
    answer = await served.client.get(f"/v1/tickets/{other.ref}", headers=headers)
    assert (answer.status_code, "Nothing of theirs" in answer.text) == (404, False)
    note = c.AddNote(ticket=other.record_id, text="Let me in").model_dump(mode="json")
    assert (await served.client.post(COMMANDS_PATH, json=note, headers=headers)).status_code == 403
    await tom.close()


async def test_a_restricted_group_is_hidden_through_every_door(served: Served) -> None:
    """R226, also by side parameters, search and the feed."""
    sol, headers = await served.open("Sol"), await served.headers("Sue")
    hidden = await log(sol, "soc", summary="Zebrafish phishing", contact="Zoe Quill", phone="07700 900999")  # type: ignore[arg-type]
    doors = (
        "/v1/queue?view=all", "/v1/queue?view=all&group=soc", "/v1/queue?view=all&text=Zebrafish",
        f"/v1/tickets/{hidden.ref}", f"/v1/tickets/{hidden.record_id}/clocks", "/v1/find?text=Zebrafish",
        "/v1/callers?text=Quill", f"/v1/changes?ticket={hidden.ref}", "/v1/board", "/v1/guards", "/v1/along",
        "/v1/along?first=true",
    )  # fmt: skip
    for door in doors:
        answer = await served.client.get(door, headers=headers)
        assert "Zebrafish" not in answer.text, door
    whole = await served.client.post("/v1/tickets/whole", json={"ids": [str(hidden.record_id)]}, headers=headers)
    rows = await served.client.post("/v1/queue/rows", json={"view": "all", "ids": [str(hidden.record_id)]},
                                    headers=headers)  # fmt: skip
    assert (whole.json(), rows.json()) == ([], [])
    known = {"company": "", "contact": "Zoe Quill", "phone": "07700 900999"}
    carried = await served.client.post("/v1/along/records", json={"ids": [str(hidden.record_id)]}, headers=headers)
    assert "Zebrafish" not in carried.text
    card = await served.client.post("/v1/card", json={"caller": facts(**known).model_dump(mode="json")},
                                    headers=headers)  # fmt: skip
    assert "Zebrafish" not in card.text
    async with served.client.stream("GET", "/v1/feed?after=0", headers=headers) as feed:
        async for line in feed.aiter_lines():
            if str(hidden.record_id) in line:
                assert '"kind":"CallLogged"' not in line or '"actor":"Sol"' not in line
                break
    await sol.close()


async def test_who_acts_is_whoever_the_token_says_and_nobody_else(served: Served) -> None:
    headers = await served.headers("Nora") | {"X-Operator": "Sue", "Host": "sue.example", "X-Forwarded-User": "Sue"}
    call = c.LogCall(facts=facts()).model_dump(mode="json")
    receipt = (await served.client.post(COMMANDS_PATH, json=call, headers=headers)).json()
    entry = (await served.client.get(f"/v1/tickets/{receipt['ref']}", headers=headers)).json()["timeline"][0]
    assert entry["actor"] == "Nora"
    assert (await served.client.post(COMMANDS_PATH, json=call | {"actor": "Sue"}, headers=headers)).status_code == 422
    token = headers["Authorization"].removeprefix("Bearer ")
    assert (await served.client.get(f"/v1/me?token={token}&access_token={token}")).status_code == 401
    await served.as_supervisor(c.Register(entry=Company(key="K", name="Kept")))
