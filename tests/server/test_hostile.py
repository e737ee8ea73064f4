"""What no client of ours sends: answered with the right status, and costing nothing."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from deskterm.server.app import Server
from deskterm.server.limits import Rates
from deskterm.server.replies import Refused
from deskterm.server.running import Place, bound, listening
from deskterm.store.remote.operations import COMMANDS_PATH
from tests.server.conftest import Served
from tests.store.served import LIMITS

pytestmark = pytest.mark.anyio

CALL = {"kind": "LogCall", "id": "01a201a5-fca7-7e38-902f-861f2fafb334"}


def ask(served: Served, headers: dict[str, str], length: str, body: Iterable[bytes]) -> int:
    """Post a command by hand, and read the status."""
    _, _, rest = served.address.partition("://")
    host, _, name = rest.partition("/")
    address = host.split(":")
    head = [f"POST /{name}{COMMANDS_PATH} HTTP/1.1", f"Host: {host}", "Content-Type: application/json", length]
    head += [f"{key}: {value}" for key, value in headers.items()]
    with socket.create_connection((address[0], int(address[1])), timeout=30) as line:
        try:
            line.sendall("\r\n".join([*head, "", ""]).encode())
            for part in body:
                line.sendall(part)
        except OSError:
            pass  # the server has heard enough
        return int(line.recv(4096).split(b" ", 2)[1])


def endless() -> Iterator[bytes]:
    while True:
        yield b"10000\r\n" + b"x" * 65536 + b"\r\n"


async def test_no_body_is_too_large_for_the_memory(served: Served) -> None:
    """200 MB, announced or not, and chunks without end."""
    headers = await served.headers("Nora")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    announced = await asyncio.to_thread(ask, served, headers, "Content-Length: 200000000", [b"x" * 100_000] * 2000)
    chunked = await asyncio.to_thread(ask, served, headers, "Transfer-Encoding: chunked", endless())
    assert (announced, chunked) == (413, 413)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


@pytest.mark.parametrize(
    "body",
    [
        b"", b"nonsense", b'{"kind":"\xff\xfe"}', '{"kind": "LogCall"}'.encode("utf-16"),
        b'{"kind":"LogCall","facts":{"summary":"\\ud800"}}', b'{"call_seconds":NaN}', b'{"call_seconds":-Infinity}',
        b'{"call_seconds":1e999}', b'{"seen":9007199254740993}', b'{"seen":' + b"9" * 100_000 + b"}",
        b"[" * 500_000 + b"]" * 500_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":[' + b"1," * 900_000 + b"1]}", b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)  # fmt: skip
async def test_what_is_no_sound_json_is_refused(served: Served, body: bytes) -> None:
    headers = await served.headers("Nora") | {"Content-Type": "application/json"}
    answer = await served.client.post(COMMANDS_PATH, content=body, headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (400, "malformed")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        [], "x", {}, {"kind": "Nonsense"}, {"kind": ["LogCall"]}, CALL | {"id": "x"}, CALL | {"facts": 1},
        CALL | {"facts": {"nonsense": 1}}, CALL | {"more": 1}, CALL | {"facts": {"summary": {"a": 1}}},
        CALL | {"facts": {"began": "9999-12-31T23:59:59-14:00"}}, CALL | {"facts": {"began": "2026-01-01T00:00:00"}},
    ],
)  # fmt: skip
async def test_what_is_no_command_is_refused_and_says_where(served: Served, body: object) -> None:
    answer = await served.client.post(COMMANDS_PATH, json=body, headers=await served.headers("Nora"))
    assert (answer.status_code, answer.json()["kind"]) == (422, "invalid")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/queue?text=%ff", 400), ("/v1/queue?" + "&".join(f"a{n}=1" for n in range(300)), 400),
        ("/v1/queue?limit=0", 422), ("/v1/queue?limit=99999999999999999999", 422), ("/v1/queue?nonsense=1", 422),
        ("/v1/queue?view=open&view=all", 422), ("/v1/queue?behind={}", 422), ("/v1/queue?behind=x", 422),
        ("/v1/queue?after=nonsense", 422), ("/v1/tickets/%ff", 422), ("/v1/tickets/%00", 422),
        ("/v1/tickets/..%2f..%2fme", 404), ("/v1/tickets/" + "9" * 300, 422), ("/v1/windows?first=x&last=y", 422),
        ("/v1/windows?first=0001-01-01T00:00:00%2B14:00&last=9999-12-31T23:59:59-14:00", 422),
        ("/v1/feed?after=-1", 422), ("/v1/feed?after=1e3", 422),
    ],
)  # fmt: skip
async def test_what_is_no_parameter_is_refused(served: Served, address: str, status: int) -> None:
    answer = await served.client.get(address, headers=await served.headers("Nora"))
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", '"', "(", "NEAR(", "*", "%", "_", "\x00", "😀" * 200, "a:b", "^", "{}"]
)
async def test_nothing_typed_into_a_search_is_more_than_words(served: Served, text: str) -> None:
    headers = await served.headers("Nora")
    for door in ("find", "callers", "solutions", "groups", "queue", "changes"):
        answer = await served.client.get(f"/v1/{door}", params={"text": text}, headers=headers)
        assert answer.status_code == 200, (door, answer.text)


async def test_a_body_is_json_and_comes_as_it_is(served: Served) -> None:
    headers = await served.headers("Nora")
    for more in ({"Content-Type": "text/plain"}, {"Content-Encoding": "gzip", "Content-Type": "application/json"}):
        answer = await served.client.post(COMMANDS_PATH, content=b"{}", headers=headers | more)
        assert answer.status_code == 415
    assert (await served.client.delete("/v1/me", headers=headers)).headers["allow"] == "GET, HEAD"


@asynccontextmanager
async def another(served: Served, **limits: float) -> AsyncIterator[tuple[str, int]]:
    """Another server before the same desk, with limits of its own; where it is."""
    place = Place(port=0)
    made = bound(place)
    server = listening(Server(served.desk, replace(LIMITS, **limits)), place)  # type: ignore[arg-type]
    serving = asyncio.run_coroutine_threadsafe(server.serve(sockets=[made]), served.exchange.loop)
    yield made.getsockname()
    server.should_exit = True
    await asyncio.wrap_future(serving)


async def test_whoever_is_slow_is_told_so_and_let_go(served: Served) -> None:
    """Headers that do not come, and a body that does not."""
    head = f"POST {COMMANDS_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
    token = (await served.headers("Nora"))["Authorization"]
    async with another(served, header_seconds=0.2, body_seconds=0.2) as (host, port):
        for said in ("", "GET /healthz HTTP/1.1\r\nX-Slow: ", f"{head}Authorization: {token}\r\n\r\n{{"):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(said.encode())
            async with asyncio.timeout(20):
                assert (await reader.read()).startswith(b"HTTP/1.1 408")
            writer.close()


async def test_one_connection_too_many_is_told_to_come_back(served: Served) -> None:
    async with another(served, connections=4) as (host, port):
        lines = [await asyncio.open_connection(host, port) for _ in range(4)]
        lines[-1][1].write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await lines[-1][0].readline()).startswith(b"HTTP/1.1 503")
        for _, writer in lines:
            writer.close()
        await lines[0][1].wait_closed()


async def test_whoever_asks_too_often_is_told_when_to_come_back(served: Served) -> None:
    bearer = await served.exchange.do(served.desk.bearer(await served.token("Nora")))
    rates = Rates(replace(LIMITS, rate=0.5, burst=3))
    for _ in range(3):
        rates.take(bearer.token.id)
    with pytest.raises(Refused) as refused:
        rates.take(bearer.token.id)
    assert refused.value.problem.status == 429
    assert dict(refused.value.headers)[b"retry-after"].isdigit()
    other = await served.exchange.do(served.desk.bearer(await served.token("Lea")))
    rates.take(other.token.id)


async def test_an_error_of_ours_tells_nobody_what_was_asked(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer names the line of the log; the log names the place in the program, and no word of a customer."""

    async def fail(*_: object) -> None:
        raise RuntimeError("Ann Müller's secret")

    monkeypatch.setattr(type(served.store), "find", fail)
    answer = await served.client.get("/v1/find?text=Zebrafish", headers=await served.headers("Nora"))
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    from deskterm.server.journal import Lines

    lines = [json.loads(Lines().format(record)) for record in caplog.records if record.name == "deskterm.server"]
    assert any(line.get("error") == "RuntimeError" for line in lines)
    assert not any(word in json.dumps(lines) for word in ("Zebrafish", "secret", "Müller"))
