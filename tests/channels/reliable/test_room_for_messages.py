"""`send` waits for room while the connection is open, whatever the limits of the queue are."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from metafor.channels import Channel, QueueFullError
from metafor.server import Limits
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World


@pytest.mark.parametrize("policy", ["error", "drop_oldest", "drop_newest"])
@pytest.mark.parametrize("limits", [{"queue_messages": 0}, {"queue_messages": 3}, {"queue_bytes": 20}])
@in_virtual_time
async def test_nothing_is_dropped_while_the_connection_is_open(limits: dict[str, int], policy: Any) -> None:
    world = World()
    channel = await world.connected(queue_policy=policy, **limits)
    receipts = await asyncio.gather(*(channel.send({"n": number}) for number in range(400)))
    async with asyncio.timeout(60):
        await channel.drain()
    assert Counter(str(receipt.status()) for receipt in receipts) == {"acked": 400}
    assert [message["n"] for message in channel.messages_signal()] == list(range(200, 400))
    await world.close()


@in_virtual_time
async def test_what_is_longer_than_the_queue_waits_for_the_window_and_keeps_its_place() -> None:
    world = World(limits=Limits(message_bytes=4 << 20, queue_bytes=16 << 20))
    channel = await world.connected()
    got: list[int] = []
    channel.on_message(lambda message: got.append(message["n"]))
    long = {2, 5}
    sends = [channel.send({"n": number, "x": "x" * (number in long) * (2 << 20)}) for number in range(8)]
    receipts = await asyncio.gather(*sends)
    await channel.drain()
    await asyncio.sleep(1)
    assert got == list(range(8))
    assert {receipt.status() for receipt in receipts} == {"acked"}
    await world.close()


@in_virtual_time
async def test_it_waits_no_longer_than_the_connection_lasts() -> None:
    world = World()
    channel = await world.connected(queue_messages=1)
    for peer in world.open_peers:
        peer.silent = True
    sends = [asyncio.create_task(channel.send({"n": number})) for number in range(300)]
    await asyncio.sleep(1)
    assert not sends[-1].done()
    for peer in world.open_peers:
        world.cut(peer, 0, 0)
    answers = await asyncio.gather(*sends, return_exceptions=True)
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [QueueFullError] * 43
    await world.close()


def test_ruling_43_who_waits_for_room_binds_the_channel_to_no_loop() -> None:
    channels: list[Channel] = []

    @in_virtual_time
    async def exchange() -> None:
        world = World()
        channel = channels[0] if channels else world.channel(queue_messages=3)
        channels[:] = [channel]
        channel._endpoint._transport = world.transport
        await channel.connect()
        receipts = await asyncio.gather(*(channel.send({"n": number}) for number in range(300)))
        await channel.drain()
        assert {receipt.status() for receipt in receipts} == {"acked"}
        await channel.close()
        await world.close()

    exchange()
    exchange()
