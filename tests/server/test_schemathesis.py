"""All that the OpenAPI document allows, and much that it does not: no 5xx, no status and no answer it does not know."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from deskterm.desk import commands as c
from deskterm.server import openapi
from tests.server.conftest import Served
from tests.store.conftest import log

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(600)]
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "unsupported_method",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "phases", "examples"),
    [
        ("Sue", "fuzzing", "3"),
        pytest.param("Sue", "coverage,fuzzing", "40", marks=pytest.mark.faults),
        pytest.param("Tom", "coverage,fuzzing", "40", marks=pytest.mark.faults),
    ],
    ids=["a few", "many as a supervisor", "many as second line"],
)
async def test_the_server_answers_as_its_document_says(
    served: Served, tmp_path: Path, name: str, phases: str, examples: str
) -> None:
    """The feed is left out, since it does not end; tests/server/test_feed.py has it."""
    tom = await served.open("Tom")
    for number in range(3):
        receipt = await log(tom, "net-2", summary=f"Call {number}")  # type: ignore[arg-type]
        await tom.submit(c.Take(ticket=receipt.record_id))
    await tom.close()
    document = tmp_path / "openapi.json"
    document.write_bytes(openapi.text())
    token = await served.token(name)
    done = await asyncio.to_thread(
        subprocess.run,
        [
            str(Path(sys.executable).with_name("st")), "run", str(document), "--url", served.address,
            "--header", f"Authorization: Bearer {token}", "--exclude-operation-id", "watch", "--phases", phases,
            "--max-examples", examples, "--checks", ",".join(CHECKS), "--generation-database", "none",
            "--continue-on-failure", "--seed", "6", "--no-color",
        ],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
