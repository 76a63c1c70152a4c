"""Real sockets on loopback: good servers and bad ones."""

from __future__ import annotations

import asyncio
import socket as sockets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from metafor.channels import Channel
from tests.streams import serve_streams


async def echo(websocket: ServerConnection) -> None:
    async for message in websocket:
        await websocket.send(message)


Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


@asynccontextmanager
async def server(
    handler: Callable[[ServerConnection], Awaitable[None]], **options: Any
) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, **options) as listening:
        yield f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"


@asynccontextmanager
async def tcp(handler: Speak) -> AsyncIterator[str]:
    """A server that speaks whatever ``handler`` speaks."""
    async with serve_streams(handler) as port:
        yield f"ws://127.0.0.1:{port}/"


class Collected:
    """What a channel told."""

    def __init__(self, channel: Channel) -> None:
        self.messages: list[Any] = []
        self.errors: list[BaseException] = []
        self.changed = asyncio.Event()
        channel.on_message(self.messages.append)
        channel.on_error(self.errors.append)
        for register in (channel.on_open, channel.on_close):
            register(self.changed.set)
        for register in (channel.on_message, channel.on_error):
            register(lambda _: self.changed.set())

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


def free_port() -> int:
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
