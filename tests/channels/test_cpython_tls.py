"""A channel of plain CPython over TLS."""

from __future__ import annotations

import asyncio
import ssl

import trustme
from websockets.asyncio.server import ServerConnection

from metafor.channels import Channel
from metafor.channels.transports.cpython import CPythonTransport
from tests.channels.loopback import server


async def test_messages_to_a_server_that_says_nothing_go_out_one_after_the_other() -> None:
    """The event loop's TLS pauses who writes into an empty buffer, if its limit is 0."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    got: list[str | bytes] = []
    all_there = asyncio.Event()

    async def silent(websocket: ServerConnection) -> None:
        async for message in websocket:
            got.append(message)
            if len(got) == 5:
                all_there.set()

    async with server(silent, ssl=context) as url:
        transport = CPythonTransport(ssl=trusting, ping_interval=None)
        channel = Channel(url.replace("ws:", "wss:"), transport=transport)
        await channel.connect()
        for number in range(5):
            await channel.send(str(number))
            await asyncio.sleep(0)
        async with asyncio.timeout(3):
            await all_there.wait()
            await channel.drain()
            await channel.close()
    assert got == ["0", "1", "2", "3", "4"]
