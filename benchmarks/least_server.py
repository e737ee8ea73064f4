"""The least server that logs calls: Starlette and uvicorn around the bare transaction of `benchmarks.floor`.

It knows nobody, checks nothing and decides nothing: what is above it is what deskterm costs.
`python -m benchmarks.least_server FOLDER` says where it listens.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.floor import Floor

PATH = "/calls"


def app_over(floor: Floor) -> Starlette:
    """The app."""

    async def log(request: Request) -> JSONResponse:
        command = await request.json()
        return JSONResponse({"command_id": command["id"], "milliseconds": floor.transaction()})

    return Starlette(routes=[Route(PATH, log, methods=["POST"])])


async def main(folder: Path) -> None:
    """Serve until told to stop."""
    floor = await Floor.laid(folder)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app_over(floor), log_config=None, access_log=False, lifespan="off", ws="none")
    try:
        await uvicorn.Server(config).serve(sockets=[listener])
    finally:
        floor.lift()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
