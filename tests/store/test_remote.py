"""The line to a server, where it is bad: tried again where that is safe, told in a sentence where it is not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from deskterm.desk import commands as c
from deskterm.desk.records.ticket import Facts
from deskterm.store.base import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Offline,
    Store,
    StoreError,
    Unsupported,
    Unusable,
)
from deskterm.store.problems import PROBLEM_JSON, STATUS_OF, error_of, problem_of
from deskterm.store.remote import line as lines
from deskterm.store.remote.line import Line
from deskterm.store.remote.opening import checked, open_remote
from deskterm.store.remote.store import RemoteStore

pytestmark = pytest.mark.anyio
CALL = c.LogCall(facts=Facts(summary="No dial tone"))
RECEIPT = {"command_id": str(CALL.id), "position": 1, "record_id": str(CALL.ticket), "version": 1}
TOO_OFTEN = {"content-type": PROBLEM_JSON, "retry-after": "1"}
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between tries."""
    monkeypatch.setattr(lines, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(lines, "MOST_PAUSE", 0.0)


def store(answer: Answer) -> RemoteStore:
    """A store whose line ends in a function."""
    line = Line("http://127.0.0.1:1", "t")
    line._client._transport = httpx.MockTransport(answer)
    line._client._mounts = {}
    return RemoteStore("http://127.0.0.1:1", "t", line=line)


def in_turn(*answers: httpx.Response | Exception) -> tuple[Answer, list[httpx.Request]]:
    """Answers one after the other, and what was asked."""
    left: Iterator[httpx.Response | Exception] = iter(answers)
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    return answer, asked


async def test_a_command_is_sent_again_as_it_was_until_it_is_answered() -> None:
    lost = (httpx.ReadTimeout("lost"), httpx.RemoteProtocolError("cut"), httpx.Response(502, text="proxy"))
    answer, asked = in_turn(*lost, httpx.Response(200, json=RECEIPT))
    receipt = await store(answer).submit(CALL)
    assert receipt.command_id == CALL.id
    assert len({(each.content, each.headers["idempotency-key"]) for each in asked}) == 1
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.ConnectError("no"), "cannot be reached"), (httpx.ReadTimeout("no"), "did not answer in time"),
        (httpx.Response(502, text="<h1>"), "answered 502"),
        (httpx.Response(429, json={"detail": "Too often.", "status": 429}, headers=TOO_OFTEN), "Too often"),
    ],
)  # fmt: skip
async def test_a_desk_that_is_away_is_offline_after_a_few_tries(failure: Any, words: str) -> None:
    answer, asked = in_turn(*[failure] * 10)
    with pytest.raises(Offline, match=words):
        await store(answer).counts()
    assert len(asked) == lines.TRIES


async def test_what_is_refused_is_not_asked_again() -> None:
    told = problem_of(NotAllowed("No.", rule="T5")).model_dump_json()
    answer, asked = in_turn(httpx.Response(403, text=told, headers={"content-type": PROBLEM_JSON}))
    with pytest.raises(NotAllowed) as refused:
        await store(answer).counts()
    assert (refused.value.rule, refused.value.message, len(asked)) == ("T5", "No.", 1)


@pytest.mark.parametrize("answered", [httpx.Response(404, text="x"), httpx.Response(302, headers={"location": "/x"})])
async def test_what_is_no_server_of_ours_is_told_so(answered: httpx.Response) -> None:
    answer, _ = in_turn(answered)
    with pytest.raises(Unusable, match="no deskterm server"):
        await store(answer).counts()


@pytest.mark.parametrize("body", [b"", b"[", b'{"x": 1}', b"[1, 2]", b"\xff"])
async def test_an_answer_that_makes_no_sense_is_not_taken_for_one(body: bytes) -> None:
    answer, _ = in_turn(httpx.Response(200, content=body))
    with pytest.raises(Unusable, match="another version"):
        await store(answer).counts()


@pytest.mark.parametrize("kind", STATUS_OF)
def test_every_error_travels_and_comes_back_as_it_was(kind: type[StoreError]) -> None:
    error = kind("A sentence.") if kind is Conflict else kind("A sentence.", rule="T1", field="to")
    told = problem_of(error)
    back = error_of(told.status, told.model_dump_json().encode())
    assert (type(back), back.message, back.rule, back.field) == (kind, "A sentence.", error.rule, error.field)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotAllowed), (404, NotFound), (413, Invalid), (500, Offline), (599, Offline)]
)
@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"detail": 1}'])
def test_an_error_without_words_has_the_kind_of_its_status(status: int, kind: type[StoreError], body: bytes) -> None:
    assert type(error_of(status, body)) is kind


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://desk.example", Unsupported), ("http://192.0.2.1:8330", Unsupported), ("https://", Unusable),
        ("https://user:secret@desk.example", Unusable), ("https://desk.example/?token=x", Unusable),
        ("https://desk.example:port", Unusable), ("https://[::1", Unusable),
    ],
)  # fmt: skip
async def test_a_token_goes_nowhere_where_others_could_read_it(url: str, error: type[StoreError]) -> None:
    with pytest.raises(error):
        await open_remote(url, environ={"DESKTERM_TOKEN": "t"})


@pytest.mark.parametrize(
    "url", ["https://desk.example/desk/", "http://127.0.0.1:1", "http://localhost", "http://[::1]:1"]
)
def test_an_address_is_taken_as_it_is(url: str) -> None:
    assert checked(url) == url.rstrip("/")


async def test_anothers_token_is_not_taken_for_ones_own() -> None:
    answer, _ = in_turn(httpx.Response(200, json={"name": "Nora", "level": 0}))
    with pytest.raises(NotAllowed, match="Nora, not of Lea"):
        await store(answer).begin("Lea")


def test_the_remote_store_does_all_that_a_store_does() -> None:
    """A method that the protocol gains has to be spoken over HTTP, too."""
    for name, method in inspect.getmembers(Store, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.signature(method).parameters.keys() == (
                inspect.signature(getattr(RemoteStore, name)).parameters.keys()
            ), name


async def test_what_only_the_machine_with_the_desk_does_is_said_to_be_unsupported() -> None:
    answer, _ = in_turn()
    afar = store(answer)
    for work in (afar.verify(), afar.backup(), afar.rebuild(), afar.export(), afar.import_log(), afar.keys("company")):
        with pytest.raises(Unsupported, match="on the machine that keeps the desk"):
            await work


async def test_words_that_no_store_keeps_are_replaced_before_they_travel() -> None:
    answer, asked = in_turn(httpx.Response(200, json=[]), httpx.Response(200, json=[]))
    await store(answer).callers("a\x00\ud800b")
    assert asked[0].url.params["text"] == "a��b"
