"""`RoomServer` under uvicorn, on real sockets, with the `websockets` client."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from metafor.server import Limits, RoomServer


class _Uvicorn(uvicorn.Server):
    def capture_signals(self):  # type: ignore[no-untyped-def]  # signals belong to pytest
        from contextlib import nullcontext

        return nullcontext()


@asynccontextmanager
async def serve(app: RoomServer) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", ws_max_size=1 << 24, timeout_graceful_shutdown=2)
    server = _Uvicorn(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/", server
    finally:
        server.should_exit = True
        await task


async def membership(app: RoomServer, expected: dict[str, int]) -> None:
    async with asyncio.timeout(5):
        while app.rooms != expected:  # the server has no event for its observers
            await asyncio.sleep(0.005)


async def recv(client: ClientConnection) -> str | bytes:
    async with asyncio.timeout(5):
        return await client.recv()


async def test_a_chat_over_real_sockets() -> None:
    app = RoomServer()
    async with serve(app) as (url, _), connect(url) as alice, connect(url) as bob, connect(url) as carol:
        for client in (alice, bob):
            await client.send('{"type": "_join", "room": "news"}')
        await membership(app, {"news": 2})
        frame = json.dumps({"_room": "news", "text": "héllo"}, ensure_ascii=False)
        await alice.send(frame)
        assert await recv(alice) == await recv(bob) == frame
        await carol.send(b"to all")
        assert [await recv(client) for client in (alice, bob, carol)] == [b"to all"] * 3
        await bob.close()
        await membership(app, {"news": 1})


async def test_a_shutdown_closes_with_service_restart() -> None:
    async with serve(RoomServer()) as (url, server), connect(url) as alice:
        await alice.send("hi")
        assert await recv(alice) == "hi"
        server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            await recv(alice)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012


async def test_too_long_a_message() -> None:
    async with serve(RoomServer(limits=Limits(message_bytes=1000))) as (url, _), connect(url) as alice:
        await alice.send("x" * 1001)
        with pytest.raises(ConnectionClosed) as closed:
            await recv(alice)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        assert "1000 bytes" in closed.value.rcvd.reason


async def test_a_consumer_that_reads_nothing_costs_the_others_nothing() -> None:
    app = RoomServer(limits=Limits(queue_messages=50, close_seconds=0.2))
    async with (
        serve(app) as (url, _),
        connect(url, compression=None) as fast,
        connect(url, compression=None, max_queue=1) as slow,
    ):
        await fast.send("ready")
        assert await recv(fast) == await recv(slow) == "ready"
        slow.transport.pause_reading()  # type: ignore[attr-defined]
        frame = "x" * 50_000
        for _ in range(400):
            await fast.send(frame)
            assert await recv(fast) == frame
        async with asyncio.timeout(5):
            while app.connection_count > 1:
                await asyncio.sleep(0.01)
        slow.transport.abort()


def test_importing_the_server_loads_neither_streams_nor_signals_nor_dom() -> None:  # ruling 39
    program = (
        "import sys, metafor.server\n"
        "from metafor.server import RoomServer, Limits, MemoryBroker\n"
        "found = [name for name in sys.modules if name.split('.')[0] == 'reactivex'\n"
        "         or name.startswith(('metafor.core', 'metafor.dom', 'metafor.rx'))]\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
