"""What the scenarios talk to: a server that does what the path says. Real, or in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.background import Background

__all__ = ["HOSTILE", "Behaviour", "PathServer"]

#: JSON that would end a careless reader.
HOSTILE = ["[" * 20_000 + "]" * 20_000, '{"a":' * 20_000, "1" * 5000, "[1,", "NaN"]


class Behaviour:
    """One server's. A peer is a `ServerConnection` or a `MemoryPeer`: both iterate, send and close."""

    def __init__(self) -> None:
        self._noted: list[Any] = []
        self._reading = asyncio.Event()

    async def serve(self, peer: Any) -> None:
        request = getattr(peer, "request", None)
        path = request.path if request is not None else urlsplit(peer.url).path
        behave: Callable[[Any], Awaitable[None]] = getattr(self, path.strip("/"))
        with suppress(Exception):  # a server of `websockets` raises when the client is gone
            await behave(peer)

    async def echo(self, peer: Any) -> None:
        async for frame in peer:
            await peer.send(frame)

    async def wait(self, peer: Any) -> None:
        async for _ in peer:
            pass

    async def burst(self, peer: Any) -> None:
        if isinstance(peer, ServerConnection):  # in one write: a busy machine would take turns at many
            for number in range(200):
                peer.protocol.send_text(str(number).encode())
            peer.transport.write(b"".join(peer.protocol.data_to_send()))
        else:
            await asyncio.gather(*(peer.send(str(number)) for number in range(200)))
        await self.wait(peer)

    async def note(self, peer: Any) -> None:
        self._noted.clear()
        async for frame in peer:
            self._noted.append(frame)

    async def noted(self, peer: Any) -> None:
        await peer.send(json.dumps(self._noted))

    async def close(self, peer: Any) -> None:
        await peer.send("last words")
        await peer.close(4001, "enough")

    async def cut(self, peer: Any) -> None:
        cut = peer.cut if hasattr(peer, "cut") else peer.transport.abort
        cut()
        await asyncio.sleep(0.05)

    async def chatter(self, peer: Any) -> None:
        for _ in range(100):
            await peer.send("hello?")
            await asyncio.sleep(0)

    async def deaf(self, peer: Any) -> None:
        if hasattr(peer, "hold"):
            peer.hold()
        await self._reading.wait()
        if hasattr(peer, "release"):
            peer.release()
        self._reading.clear()
        await self.wait(peer)

    async def hear(self, peer: Any) -> None:
        self._reading.set()

    async def same(self, peer: Any) -> None:
        """The same message a thousand times, whenever it is asked to."""
        async for _ in peer:
            for _ in range(1000):
                await peer.send('{"price": 1}')

    # -- bad input -------------------------------------------------------------------------------------

    async def hostile(self, peer: Any) -> None:
        for text in HOSTILE:
            await peer.send(text)
        await self.echo(peer)

    async def not_utf8(self, peer: Any) -> None:
        await peer.send(b"\xff\xfe", text=True)
        await self.wait(peer)

    async def small(self, peer: Any) -> None:
        """Takes no message of more than 1,000 bytes."""
        async for frame in peer:
            if len(frame) > 1000:
                await peer.close(1009, "too long")

    async def broken(self, peer: Any) -> None:
        peer.transport.write(b"\xf7\x00")  # bits that are reserved
        await self.wait(peer)


class PathServer(Background):
    """A real server on loopback, in a thread of its own."""

    port = 0

    def __enter__(self) -> Self:
        super().__enter__()
        self.port = self.enter(self._serving())
        return self

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[int]:
        def first(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
            return offered[0] if offered else None

        def plain_http(connection: ServerConnection, request: Request) -> Response | None:
            return connection.respond(HTTPStatus.OK, "hi") if request.path == "/http" else None

        async with serve(
            Behaviour().serve,
            "127.0.0.1",
            0,
            select_subprotocol=first,
            process_request=plain_http,
            max_size=None,
            compression=None,
        ) as server:
            yield server.sockets[0].getsockname()[1]
