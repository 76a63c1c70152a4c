"""The CPython transport under a `Channel`: connections that are lost, full, or outlive their event loop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from metafor.channels import (
    Channel,
    ChannelMessageError,
    ChannelState,
    Fixed,
)
from tests.channels.loopback import Collected, echo, free_port, server


async def test_a_server_that_restarts_finds_rooms_and_messages_again() -> None:
    """Issue 2: rooms are rejoined, and a message typed meanwhile arrives once, in order."""
    port = free_port()
    got: list[Any] = []

    async def keep(websocket: ServerConnection) -> None:
        got.extend([message async for message in websocket])

    channel = Channel(f"ws://127.0.0.1:{port}", auto_reconnect=True, reconnect_policy=Fixed(0.05))
    told = Collected(channel)
    async with serve(keep, "127.0.0.1", port):
        await channel.connect()
        await channel.join("general")
        await channel.send_to("general", "before")
    await told.until(lambda: not channel.is_connected)
    receipts = [await channel.send_to("general", f"meanwhile {number}") for number in range(3)]
    assert [receipt.status() for receipt in receipts] == ["queued"] * 3
    await told.until(lambda: len(told.errors) > 3)
    before = len(got)
    async with serve(keep, "127.0.0.1", port):
        await told.until(lambda: channel.is_connected)
        await channel.send_to("general", "after")
        await channel.close()
        await asyncio.sleep(0.05)
    assert [receipt.status() for receipt in receipts] == ["sent"] * 3
    assert got[before:] == [
        '{"type":"_join","room":"general"}',
        '{"_room":"general","data":"meanwhile 0"}',
        '{"_room":"general","data":"meanwhile 1"}',
        '{"_room":"general","data":"meanwhile 2"}',
        '{"_room":"general","data":"after"}',
    ]


async def test_a_tight_loop_of_sends_waits_for_the_network() -> None:
    count = 20_000
    got = asyncio.Event()

    async def slow(websocket: ServerConnection) -> None:
        number = 0
        async for _ in websocket:
            number += 1
            if number == count:
                got.set()

    async with server(slow) as url:
        channel = Channel(url)
        await channel.connect()
        highest = 0
        for _ in range(count):
            await channel.send("x" * 100)
            highest = max(highest, channel._session.link.buffered)
        assert highest < 400_000
        async with asyncio.timeout(30):
            await got.wait()
        await channel.close()


@pytest.mark.parametrize("end", ["dispose", "close", "cancel"])
async def test_a_send_that_waits_for_a_dead_network_can_be_ended(end: str) -> None:
    async def deaf(websocket: ServerConnection) -> None:
        websocket.transport.pause_reading()
        await websocket.wait_closed()

    async with server(deaf, close_timeout=0.1) as url:
        channel = Channel(url, close_timeout=0.1)
        await channel.connect()

        async def send_for_ever() -> None:
            while True:
                await channel.send("x" * 100_000)

        sending = asyncio.create_task(send_for_ever())
        await asyncio.sleep(0.1)
        assert not sending.done()
        async with asyncio.timeout(5):
            if end == "cancel":
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending
            else:
                if end == "close":
                    await channel.close()
                else:
                    channel.dispose()
                with pytest.raises(ChannelMessageError):
                    await sending
            await channel.close()


def test_ruling_43_asyncio_run_twice() -> None:
    received: list[Any] = []

    async def session(channel: Channel, leave_open: bool) -> None:
        async with server(echo) as url:
            channel._endpoint._given_url = url
            told = Collected(channel)
            await channel.connect()
            await channel.send("x")
            await told.until(lambda: told.messages)
            received.extend(told.messages)
            if not leave_open:
                await channel.close()

    async def abandoned(channel: Channel) -> None:
        listening = await serve(echo, "127.0.0.1", 0)
        channel._endpoint._given_url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        await channel.connect()
        assert channel.is_connected
        listening.close(close_connections=False)

    channel = Channel("ws://later")
    asyncio.run(session(channel, leave_open=False))
    asyncio.run(abandoned(channel))
    assert channel.state is ChannelState.CLOSED
    asyncio.run(session(channel, leave_open=False))
    assert received == ["x", "x"]


async def test_send_on_a_connection_that_was_lost_raises_a_message_error() -> None:
    async def leave(websocket: ServerConnection) -> None:
        await websocket.close(1001)

    async with server(leave) as url:
        channel = Channel(url)
        told = Collected(channel)
        await channel.connect()
        await told.until(lambda: not channel.is_connected)
        with pytest.raises(ChannelMessageError):
            await channel.send("x")
        assert told.errors == []
