"""Our own server in the place of the application's: the specification's clients see no difference."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from metafor.server import Handshake, RoomServer
from metafor.server.connection import Connection
from metafor.server.standalone import listening
from tests.spec.loopback import LoopbackServer

__all__ = ["RoomServerApp"]


class RoomServerApp(LoopbackServer):
    """A `RoomServer` that writes down what it gets, in a thread of its own."""

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[int]:
        rooms = _Recording(self.received, self._connected.set)
        async with listening(rooms) as server:
            self._sockets = server
            yield server.sockets[0].getsockname()[1]

    @property
    def _connections(self) -> set[Any]:
        return set(self._sockets.connections)

    @_connections.setter
    def _connections(self, _: set[Any]) -> None:
        """The other server keeps them itself."""


class _Recording(RoomServer):
    def __init__(self, received: list[str | bytes], connected: Callable[[], None]) -> None:
        super().__init__()
        self._received = received
        self._connected = connected

    async def admit(self, handshake: Handshake, make: Any) -> Any:
        connection = await super().admit(handshake, make)
        self._connected()
        return connection

    async def receive(self, connection: Connection, frame: str | bytes) -> bool:
        self._received.append(frame)
        return await super().receive(connection, frame)
