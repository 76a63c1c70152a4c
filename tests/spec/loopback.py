"""The application's server of the specification, and public echo servers, on loopback (ruling 46)."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Self

from tests.background import Background

__all__ = ["LoopbackServer"]


class LoopbackServer(Background):
    """A `websockets` server in a thread of its own, so that a script can call ``asyncio.run``.

    It writes down what it gets. With ``rooms`` it keeps rooms as the specification's server does, and
    sends to the sender too; without, it echoes. Who connects to ``/control`` controls it from another
    process: see `RemoteApp` in ``tests/spec/sections/remote.py``.
    """

    def __init__(self, *, rooms: bool = False, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.received: list[str | bytes] = []
        self.port = 0
        self._rooms: dict[str, set[Any]] | None = {} if rooms else None
        self._tls = tls
        self._connections: set[Any] = set()
        self._controls: set[Any] = set()
        self._connected = asyncio.Event()

    def __enter__(self) -> Self:
        super().__enter__()
        self.port = self.enter(self._serving())
        return self

    async def cut(self) -> None:
        """See `App.cut`."""
        await self._there(self._cut())

    async def say(self, text: str) -> None:
        """See `App.say`."""
        await self._there(self._say(text))

    # -- in the server's own loop ------------------------------------------------------------------------

    async def _there(self, coroutine: Coroutine[Any, Any, None]) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def _cut(self) -> None:
        await self._somebody()
        self._connected.clear()
        for connection in self._connections:
            connection.transport.abort()

    async def _say(self, text: str) -> None:
        await self._somebody()
        for connection in list(self._connections):
            await connection.send(text)

    async def _somebody(self) -> None:
        """A client may know that it is connected before the server's handler has begun."""
        await asyncio.wait_for(self._connected.wait(), 10)

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[int]:
        from websockets.asyncio.server import serve

        async with serve(self._handle, "127.0.0.1", 0, ssl=self._tls) as server:
            yield server.sockets[0].getsockname()[1]

    async def _handle(self, connection: Any) -> None:
        from websockets.exceptions import ConnectionClosed

        if connection.request.path == "/control":
            await self._control(connection)
            return
        self._connections.add(connection)
        self._connected.set()
        try:
            async for message in connection:
                self.received.append(message)
                for control in self._controls:
                    await control.send(_told(message))
                await self._answer(connection, message)
        except ConnectionClosed:
            pass
        finally:
            self._connections.discard(connection)
            for members in (self._rooms or {}).values():
                members.discard(connection)

    async def _control(self, connection: Any) -> None:
        self._controls.add(connection)
        try:
            async for command in connection:
                match json.loads(command):
                    case ["reset"]:
                        for one in list(self._connections):
                            await one.close()
                        self._connected.clear()
                        self.received.clear()
                    case ["cut"]:
                        await self._cut()
                    case ["say", text]:
                        await self._say(text)
                await connection.send(json.dumps(["done"]))
        finally:
            self._controls.discard(connection)

    async def _answer(self, connection: Any, message: str | bytes) -> None:
        if self._rooms is None:
            await connection.send(message)
            return
        try:
            data = json.loads(message)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            await connection.send(message)
        elif data.get("type") == "_join":
            self._rooms.setdefault(data["room"], set()).add(connection)
        elif data.get("type") == "_leave":
            self._rooms.get(data["room"], set()).discard(connection)
        else:
            for member in self._rooms.get(data["_room"], set()) if "_room" in data else self._connections:
                await member.send(message)


def _told(message: str | bytes) -> str:
    if isinstance(message, str):
        return json.dumps(["text", message])
    return json.dumps(["bytes", base64.b64encode(message).decode("ascii")])
