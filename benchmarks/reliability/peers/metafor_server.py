"""A room server that says numbers to everybody and notes those it hears: COUNT RATE."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from metafor.server import Envelope, MemoryBroker, RoomServer
from metafor.server.standalone import listening


async def main(count: int, rate: float) -> None:
    heard: list[int] = []
    began = asyncio.Event()
    broker = MemoryBroker(history=int(16 * rate))
    rooms = RoomServer(echo=False, broker=broker)

    def hear(delivery: Any) -> None:
        if isinstance(delivery, Envelope) and delivery.connection:
            heard.append(int(delivery.frame))
            began.set()

    await broker.attach("notes", hear)

    async def speak() -> None:
        await began.wait()
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number in range(count):
            await asyncio.sleep(max(0, number / rate - loop.time() + start))
            await rooms.publish(None, str(number))

    async with listening(rooms) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        speaking = asyncio.create_task(speak())
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        await reader.readline()
        speaking.cancel()
        print(json.dumps(heard), flush=True)


asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
