"""Real servers as processes of their own: two before one desk, stopped by a signal, with TLS."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from tests.cli.conftest import quietly
from tests.store.conftest import DESK_SOURCE

Serve = Callable[..., "subprocess.Popen[str]"]
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("DESKTERM_")}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A desk in a file."""
    path, file = tmp_path / "desk.db", tmp_path / "northgate.toml"
    file.write_text(DESK_SOURCE)
    quietly(path, "desk", "load", str(file))
    return path


def shell(store: Path | str, *args: str, **environ: str) -> Any:
    """Run a command as a program; what it answers."""
    done = subprocess.run(
        [sys.executable, "-m", "deskterm", "--store", str(store), "--json", *args],
        capture_output=True, text=True, check=False, env=ENVIRONMENT | environ, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else None


@pytest.fixture
def serve(desk: Path, tmp_path: Path) -> Iterator[Serve]:
    """Start servers; they are stopped when the test ends."""
    started: list[subprocess.Popen[str]] = []

    def start(*args: str) -> subprocess.Popen[str]:
        log = (tmp_path / f"log-{len(started)}").open("w")
        command = [sys.executable, "-m", "deskterm", "--store", str(desk), "--json", "serve", "--port", "0", *args]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=ENVIRONMENT)
        log.close()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


def address(process: subprocess.Popen[str]) -> str:
    """Where a server says that it is."""
    assert process.stdout is not None
    return str(json.loads(process.stdout.readline())["url"])


@pytest.mark.slow
def test_two_servers_before_one_desk_behave_as_one(desk: Path, serve: Serve, tmp_path: Path) -> None:
    """What is done at one is told at the other; a token works at both, and at none once it is revoked."""
    one, two = serve(), serve()
    here, there = address(one), address(two)
    secret = shell(desk, "token", "create", "--for", "Nora")["token"]
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(timeout=30) as client, client.stream("GET", f"{there}/v1/feed", headers=headers) as feed:
        lines = feed.iter_lines()
        assert next(lines) == "event: head"
        call = ("log", "--summary", "Zebrafish at the pump", "--type", "incident")
        logged = shell(here, *call, DESKTERM_TOKEN=secret)
        told = next(json.loads(line[6:]) for line in lines if line.startswith("data: ["))
        assert told[0]["kind"] == "CallLogged"
        shown = client.get(f"{there}/v1/tickets/{logged['ref']}", headers=headers).json()
        assert shown["ticket"]["summary"] == "Zebrafish at the pump"
        two.send_signal(signal.SIGTERM)
        assert "event: closing" in list(lines)
        assert two.wait(timeout=30) == 0
        shell(desk, "token", "revoke", "Nora")
        assert client.get(f"{here}/v1/me", headers=headers).status_code == 401
    one.send_signal(signal.SIGINT)
    assert one.wait(timeout=30) == 0
    written = [json.loads(line) for name in ("log-0", "log-1") for line in (tmp_path / name).read_text().splitlines()]
    assert {"route": "submit", "status": 200, "operator": "Nora"}.items() <= next(
        line for line in written if line.get("route") == "submit"
    ).items()
    assert not any(word in json.dumps(written) for word in ("Zebrafish", secret, logged["ref"]))
    assert shell(desk, "verify")["sound"]


@pytest.mark.slow
def test_with_a_certificate_it_speaks_https_and_the_shell_comes_by_it(desk: Path, serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    chain, key, trusted = tmp_path / "chain.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    made.private_key_pem.write_to_path(str(key))
    chain.write_bytes(b"".join(each.bytes() for each in made.cert_chain_pems))
    authority.cert_pem.write_to_path(str(trusted))
    url = address(serve("--certificate", str(chain), "--key", str(key)))
    assert url.startswith("https://127.0.0.1:")
    secret = shell(desk, "token", "create", "--for", "Lea")["token"]
    rows = shell(url, "list", DESKTERM_TOKEN=secret, SSL_CERT_FILE=str(trusted))
    assert rows == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz", verify=ssl.create_default_context())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--host", "0.0.0.0"), "--certificate"), (("--certificate", "pyproject.toml"), "go together"),
        (("--host", "203.0.113.9", "--behind-proxy", "127.0.0.1"), "cannot be listened on"),
    ],
)  # fmt: skip
def test_where_it_cannot_be_served_safely_it_says_so(desk: Path, args: tuple[str, ...], words: str) -> None:
    command = [sys.executable, "-m", "deskterm", "--store", str(desk), "serve", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT, timeout=60)
    assert done.returncode in (1, 2)
    assert words in done.stderr
