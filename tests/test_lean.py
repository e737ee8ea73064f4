"""What keeps the app small: modules that wait, and still are what whoever imports them expects."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGIN = "import sys; from deskterm.lean import load_later; load_later(); import asyncio; "


def told(code: str) -> str:
    """What a Python of its own prints that begins as the app does."""
    done = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_tls_waits_until_it_is_asked_for() -> None:
    assert told("import ssl; print('_ssl' in sys.modules)") == "False"
    assert told("import ssl; ssl.create_default_context(); print(type(ssl).__name__)") == "module"
    assert told("from ssl import SSLContext; print(SSLContext.__module__, '_ssl' in sys.modules)") == "ssl True"


def test_a_function_imported_by_name_waits_until_it_is_called() -> None:
    asked = "from difflib import get_close_matches as near; first = 'SequenceMatcher' in vars(sys.modules['difflib'])"
    assert told(f"{asked}; print(first, near('handof', ['hand-off']))") == "False ['hand-off']"


def test_what_waits_is_there_to_be_found() -> None:
    """A module that moved would else be loaded at once again, and nobody would know."""
    found = "from importlib.util import find_spec; from deskterm.lean import SELDOM_NEEDED as all_of; "
    assert told(f"{found}print([name for name in all_of if find_spec(name) is None])") == "[]"


@pytest.mark.parametrize("look", ["ssl.nothing", "ssl.__nothing__"])
def test_what_is_not_there_is_not_there(look: str) -> None:
    told(f"import ssl\ntry: {look}\nexcept AttributeError: sys.exit()\nsys.exit('was there')")


def test_whoever_looks_at_all_modules_loads_none() -> None:
    looks = "import inspect; inspect.getmodule(lambda: 0); [hasattr(m, '__file__') for m in list(sys.modules.values())]"
    assert told(f"{looks}; print('_ssl' in sys.modules)") == "False"


def test_threads_that_ask_at_once_all_get_it_whole() -> None:
    """The one that comes second waits for the first."""
    asked = (
        "import ssl; from concurrent.futures import ThreadPoolExecutor as P; from threading import Barrier; "
        "b = Barrier(8); got = list(P(8).map(lambda _: (b.wait(), ssl.SSLContext, ssl.Purpose)[1:], range(8))); "
        "print(len(set(got)), type(ssl).__name__)"
    )
    assert told(asked) == "1 module"


@pytest.mark.slow
def test_a_line_can_be_encrypted_all_the_same() -> None:
    """Both asyncio and httpx find what they need: a connection fails for its certificate, not for a missing module."""
    speaks = (
        "import httpx; asyncio.sslproto.SSLProtocol; client = httpx.AsyncClient(); "
        "loop = asyncio.new_event_loop()\n"
        "async def ask():\n"
        "    server = await asyncio.start_server(lambda r, w: w.write(b'no TLS here\\r\\n'), '127.0.0.1')\n"
        "    port = server.sockets[0].getsockname()[1]\n"
        "    try: await client.get(f'https://127.0.0.1:{port}/')\n"
        "    except httpx.ConnectError as error: print('SSL' in str(error))\n"
        "asyncio.run(ask())"
    )
    assert told(speaks) == "True"


def test_opening_a_desk_builds_what_checks_few_models() -> None:
    """What checks all commands and events takes megabytes; each is built with its first use."""
    counts = (
        "import deskterm.store.opening, deskterm.store.submitting; from deskterm.desk.record import Frozen, Kept\n"
        "def below(model): return [model, *(each for part in model.__subclasses__() for each in below(part))]\n"
        "models = below(Frozen) + below(Kept)\n"
        "print(len(models), sum(model.__pydantic_complete__ for model in models))"
    )
    models, built = map(int, told(counts).split())
    assert (models > 150, built < 30) == (True, True), (models, built)
