"""The network in memory, as the tests of channels use it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from metafor.channels import (
    Channel,
)
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport


async def echo(peer: MemoryPeer) -> None:
    async for frame in peer:
        await peer.send(frame)


async def turns(number: int = 5) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def open_channel(**options: Any) -> tuple[Channel, MemoryPeer]:
    transport = MemoryTransport()
    channel = Channel("ws://test", transport=transport, **options)
    connecting = asyncio.create_task(channel.connect())
    await turns(1)
    transport.peers[-1].accept()
    await connecting
    return channel, transport.peers[-1]


def controls(peer: MemoryPeer) -> list[tuple[str, str]]:
    """The joins and leaves that the client sent, in order."""
    messages = [json.loads(frame) for frame in peer.received if isinstance(frame, str)]
    return [(message["type"], message["room"]) for message in messages if "room" in message]


async def refuse_next(transport: MemoryTransport, times: int) -> None:
    """Refuse the coming attempts as they are made."""
    seen = len(transport.peers)
    for number in range(seen, seen + times):
        (await transport.attempt(number)).refuse()
