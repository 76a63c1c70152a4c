"""A channel that says numbers and notes those it hears: URL COUNT RATE reliable|base."""

from __future__ import annotations

import asyncio
import json
import sys

from metafor.channels import Channel, Fixed


async def main(url: str, count: int, rate: float, mode: str) -> None:
    channel = Channel(
        url, auto_reconnect=True, reconnect_policy=Fixed(0.05, jitter=0), reliable=mode == "reliable"
    )
    heard: list[int] = []
    channel.on_message(heard.append)
    channel.on_error(lambda error: None)
    await channel.connect()
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def speak() -> None:
        for number in range(count):
            await asyncio.sleep(max(0, number / rate - loop.time() + began))
            await channel.send(str(number))

    speaking = asyncio.create_task(speak())
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.readline()
    speaking.cancel()
    print(json.dumps(heard), flush=True)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
