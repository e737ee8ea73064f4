"""The proxy does what it says: each fault is planted, and seen from both ends of the line."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

import pytest

from tests.proxy import STALLS, Proxy


@dataclass
class Planted:
    """A server that hears what it is asked, behind the proxy."""

    proxy: Proxy
    heard: list[bytes]

    def ask(self, words: bytes, path: str = "/") -> bytes | None:
        """Ask through the proxy; nothing where no answer comes."""
        line = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=10)
        try:
            line.request("POST", path, body=words)
            return line.getresponse().read()
        except OSError:
            return None
        finally:
            line.close()

    def took(self, words: bytes) -> float:
        """Seconds until the answer was there."""
        began = monotonic()
        assert self.ask(words) == b"ok"
        return monotonic() - began


@pytest.fixture
def planted() -> Iterator[Planted]:
    """A line without a fault."""
    heard: list[bytes] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    made = Planted(Proxy(server.server_port), heard)
    yield made
    made.proxy.close()
    server.shutdown()
    serving.join()
    server.server_close()


def test_what_is_swallowed_was_heard_and_what_is_repeated_was_heard_twice(planted: Planted) -> None:
    assert planted.ask(b"well") == b"ok"
    planted.proxy.faults.swallow = 1
    assert planted.ask(b"swallowed") is None
    planted.proxy.faults.repeat = 1
    assert planted.ask(b"twice") == b"ok"
    assert planted.heard == [b"well", b"swallowed", b"twice", b"twice"]
    assert (planted.proxy.tally.swallowed, planted.proxy.tally.repeated) == (1, 1)


def test_what_is_late_or_stalls_comes_after_a_while(planted: Planted) -> None:
    planted.proxy.faults.delay = 0.1
    assert planted.took(b"late") >= 0.2
    planted.proxy.faults.delay, planted.proxy.faults.stall = 0.0, 1.0
    assert planted.took(b"stalled") >= STALLS[0]
    planted.proxy.faults.stall = 0.0
    assert planted.ask(b"well") == b"ok"
    assert planted.proxy.tally.stalled == 1


def test_answers_that_are_kept_back_come_when_they_are_released(planted: Planted) -> None:
    """The server has heard what was asked; what is to be let through is answered meanwhile."""
    proxy = planted.proxy
    proxy.hold(but=b"/let-through")
    back: list[bytes | None] = []
    kept = threading.Thread(target=lambda: back.append(planted.ask(b"kept back")))
    kept.start()
    while not proxy.tally.held:
        kept.join(0.01)
    assert planted.ask(b"let through", "/let-through") == b"ok"
    assert planted.heard == [b"kept back", b"let through"]
    assert back == []
    proxy.release()
    kept.join(10)
    assert back == [b"ok"]
    assert proxy.tally.held == 0


def test_who_is_cut_off_is_not_heard(planted: Planted) -> None:
    planted.proxy.cut()
    assert planted.ask(b"never") is None
    planted.proxy.mend()
    assert planted.ask(b"again") == b"ok"
    assert planted.heard == [b"again"]
    assert planted.proxy.tally.refused == 1
