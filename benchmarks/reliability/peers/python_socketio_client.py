"""A python-socketio client that says numbers and notes those it hears: URL COUNT RATE."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress

import socketio
import socketio.exceptions


async def main(url: str, count: int, rate: float) -> None:
    client = socketio.AsyncClient(
        reconnection_delay=0.05, reconnection_delay_max=0.05, randomization_factor=0
    )
    heard: list[int] = []
    client.on("down", heard.append)
    await client.connect(url, transports=["websocket"])
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def speak() -> None:
        for number in range(count):
            await asyncio.sleep(max(0, number / rate - loop.time() + began))
            with suppress(socketio.exceptions.SocketIOError):  # not connected: it keeps nothing
                await client.emit("up", number)

    speaking = asyncio.create_task(speak())
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.readline()
    speaking.cancel()
    print(json.dumps(heard), flush=True)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
