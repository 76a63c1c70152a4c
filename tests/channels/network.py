"""The network in memory, as the tests of channels use it."""

from __future__ import annotations

import asyncio
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
