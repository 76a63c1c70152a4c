"""A `RoomServer` on a real socket, under each of its shells."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import uvicorn

from metafor.server import RoomServer
from metafor.server.standalone import listening

__all__ = ["SHELLS", "serving"]

#: Under uvicorn with each of its WebSocket implementations, and by itself.
SHELLS = ["standalone", "websockets-sansio", "wsproto"]


class _Uvicorn(uvicorn.Server):
    def capture_signals(self):  # type: ignore[no-untyped-def]  # signals belong to pytest
        return nullcontext()


@asynccontextmanager
async def serving(rooms: RoomServer, shell: str) -> AsyncIterator[str]:
    """``rooms`` at an address (``127.0.0.1:PORT``) inside the block; its end is an orderly shutdown."""
    if shell == "standalone":
        async with listening(rooms) as server:
            yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        rooms, log_level="critical", ws=shell, ws_max_size=1 << 24, timeout_graceful_shutdown=2
    )
    server = _Uvicorn(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
