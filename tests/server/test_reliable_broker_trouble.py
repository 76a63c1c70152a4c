"""A broker that loses deliveries between processes: no client of the extension misses anything for it."""

from __future__ import annotations

import asyncio
from typing import Any

from metafor.server import BrokerUnavailableError, Envelope, MemoryBroker
from metafor.server.brokers.base import Behind, Delivery
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World, collected


class TroubledBroker(MemoryBroker):
    """Keeps everything, but does not always deliver, or answer."""

    deaf = False
    away = False

    def _tell(self, room: str | None, delivery: Delivery) -> None:
        if not self.deaf:
            super()._tell(room, delivery)

    def back(self, *rooms: str | None) -> None:
        self.deaf = self.away = False
        for room in rooms:
            super()._tell(room, Behind(room))

    async def publish(self, envelope: Envelope) -> bool:
        taken = False
        if not self.away or self._took_before_it_went:
            taken = await super().publish(envelope)
        if self.away:
            raise BrokerUnavailableError("away")
        return taken

    _took_before_it_went = False


async def troubled() -> tuple[World, TroubledBroker, Any]:
    broker = TroubledBroker()
    world = World(broker=broker)
    channel = await world.connected()
    await channel.join("news")
    return world, broker, channel


@in_virtual_time
async def test_what_was_not_delivered_is_fetched_when_the_broker_says_so() -> None:
    world, broker, channel = await troubled()
    room = channel.room("news")
    assert room.members_signal() == []
    with collected(channel) as told:
        broker.deaf = True
        for number in range(300):
            await world.rooms.publish("news", {"n": number})
            await world.rooms.publish(None, {"n": number})
        await broker.set_member("news", "somebody", '"here"', 1000)
        await asyncio.sleep(1)
        assert told == []
        broker.back("news", None)
        await asyncio.sleep(1)
    in_room = [message["n"] for message in told if isinstance(message, dict) and "_room" in message]
    assert in_room == list(range(44, 300))  # and one gap, for 256 are kept
    assert sorted(str(event) for event in told if not isinstance(event, dict)) == [
        "Gap(room='news', missed=44)",
        "Gap(room=None, missed=44)",
    ]
    assert [member.data for member in room.members_signal()] == ["here"]
    await world.close()


@in_virtual_time
async def test_a_hole_in_what_is_delivered_is_seen_with_the_next_message() -> None:
    world, broker, channel = await troubled()
    with collected(channel) as told:
        for number in range(10):
            broker.deaf = number in (3, 4, 7)
            await world.rooms.publish("news", {"n": number})
        await asyncio.sleep(1)
    assert [message["n"] for message in told] == list(range(10))
    assert len(world.transport.peers) == 1
    await world.close()


@in_virtual_time
async def test_what_the_broker_does_not_take_is_sent_again_and_not_twice() -> None:
    for took in (False, True):  # it went before it had the message, or after
        world, broker, channel = await troubled()
        with collected(channel) as told:
            broker._took_before_it_went = took
            broker.away = True
            receipt = await channel.send({"n": 1}, room="news")
            await asyncio.sleep(0.5)
            assert (receipt.status() == "acked") is took  # the next connection was told so
            broker.back("news", None)
            await channel.drain()
            await asyncio.sleep(1)
        assert receipt.status() == "acked"
        assert told == [{"_room": "news", "n": 1}]
        await world.close()
