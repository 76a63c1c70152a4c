"""What a reconnect takes it gives back: tasks and objects."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from metafor.channels import Channel, Fixed
from metafor.testing.faults import FaultProxy
from tests.channels.faults.reconnecting import is_flat, reconnect
from tests.channels.loopback import echo, server


async def quiet_echo(websocket: ServerConnection) -> None:
    """An echo that is used to being cut off."""
    with suppress(ConnectionClosed):
        await echo(websocket)


async def test_reconnects_leave_nothing_behind() -> None:
    times = 100
    async with server(quiet_echo) as url, FaultProxy(url) as proxy:
        channel = Channel(proxy.url, auto_reconnect=True, reconnect_policy=Fixed(0))

        async def cut() -> None:
            proxy.reset()

        async with asyncio.timeout(30):
            sizes = await reconnect(channel, times, cut, settle=0.3)
    assert proxy.accepted == times + 11
    assert is_flat(sizes, times), sizes
