"""The server's half of an exchange over reliable channels, and the judgement on what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from metafor.server import Envelope, MemoryBroker, RoomServer
from metafor.server.standalone import listening


class Exchange:
    """Says the numbers below ``count`` once the client has begun, and notes those that the client says."""

    def __init__(self, count: int, rate: float) -> None:
        self.count = count
        self.rate = rate
        self.arrived: list[int] = []
        self.began = asyncio.Event()

    def hear(self, delivery: Any) -> None:
        if isinstance(delivery, Envelope) and delivery.session:
            self.arrived.append(int(delivery.frame))
            self.began.set()

    async def speak(self, rooms: RoomServer) -> None:
        await self.began.wait()
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number in range(self.count):
            if loop.time() - start < number / self.rate:
                await asyncio.sleep(0.01)
            await rooms.publish(None, str(number))
        await rooms.publish(None, "end")


@asynccontextmanager
async def reliable_server(count: int, rate: float) -> AsyncIterator[tuple[str, Exchange]]:
    """A room server on loopback that takes part, and its URL."""
    # Outages have to fit into the history, which holds both directions: eight seconds of it, for a machine
    # that has other work.
    broker, exchange = MemoryBroker(history=int(16 * rate)), Exchange(count, rate)
    await broker.attach("the judge", exchange.hear)
    rooms = RoomServer(echo=False, broker=broker)
    async with listening(rooms) as server:
        speaking = asyncio.create_task(exchange.speak(rooms))
        try:
            yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", exchange
        finally:
            speaking.cancel()


def judge(exchange: Exchange, told: dict[str, Any], connections: int) -> dict[str, Any]:
    """Assert that everything arrived once and in order, on both sides; give the figures."""
    everything = list(range(exchange.count))
    lost = len(set(everything) - set(told["handled"])), len(set(everything) - set(exchange.arrived))
    doubled = (
        len(told["handled"]) - len(set(told["handled"])),
        len(exchange.arrived) - len(set(exchange.arrived)),
    )
    figures = {
        "messages each way": exchange.count,
        "connections": connections,
        "seconds": told["seconds"],
        "lost, to the client and from it": lost,
        "doubled": doubled,
        "fates": dict(Counter(told["fates"])),
    }
    assert told["handled"] == told["streamed"] == exchange.arrived == everything, figures
    assert set(told["fates"]) == {"acked"}, figures
    return figures
