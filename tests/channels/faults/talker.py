"""The client's half of an exchange of numbered messages. A page runs it too: it imports metafor alone."""

from __future__ import annotations

import asyncio
from typing import Any

from metafor.channels import Channel, QueueFullError

#: Messages are sent in handfuls, so that the pace does not depend on how fine a timer is.
HANDFUL_SECONDS = 0.01


async def talk(channel: Channel, count: int, rate: float) -> dict[str, Any]:
    """Send the numbers below ``count``, ``rate`` a second, and listen until the server has said its "end".

    Gives what was heard by handler and by stream, and the fate of each message that was sent.
    """
    handled: list[int] = []
    streamed: list[int] = []
    ended = asyncio.Event()
    errors: list[str] = []

    def hear(message: Any) -> None:
        if message == "end":
            ended.set()
        else:
            handled.append(message)

    channel.on_message(hear)
    channel.on_error(lambda error: errors.append(type(error).__name__))
    subscription = channel.stream.subscribe(
        lambda message: None if message.data == "end" else streamed.append(message.data)
    )
    loop = asyncio.get_running_loop()
    began = loop.time()
    await channel.connect()
    receipts = []
    for number in range(count):
        if loop.time() - began < number / rate - HANDFUL_SECONDS:
            await asyncio.sleep(HANDFUL_SECONDS)
        while True:
            try:
                receipts.append(await channel.send(str(number)))
                break
            except QueueFullError:
                await asyncio.sleep(HANDFUL_SECONDS)
    await channel.drain()
    await ended.wait()
    await channel.close()
    seconds = loop.time() - began
    subscription.dispose()
    return {
        "handled": handled,
        "streamed": streamed,
        "fates": [str(receipt.status()) for receipt in receipts],
        "connection errors": len(errors),
        "kinds of error": sorted(set(errors)),
        "seconds": round(seconds, 1),
    }
