"""More than a link takes: what its buffer shows, and when the channel gives the link up."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Any

from metafor.channels import Channel, ChannelError


async def pour(channel: Channel, size: int, *, most: int, seconds: float) -> dict[str, Any]:
    """Send messages of ``size`` bytes, ``most`` bytes in all, for so many seconds, or until the link is lost.

    The bytes are random: what can be compressed would hardly reach the network. Gives the seconds from the
    last byte that left the buffer until the link was lost (None: it was not), the longest time for which
    the buffer stood still, and what was in it at the end.
    """
    loop = asyncio.get_running_loop()
    errors: list[str] = []
    channel.on_error(lambda error: errors.append(str(error)))
    await channel.connect()
    await asyncio.sleep(0.05)
    link = channel._session.link

    async def send() -> None:
        with suppress(ChannelError):
            while link.given < most:
                await channel.send(os.urandom(size))

    sending = asyncio.create_task(send())
    began = moved = loop.time()
    left = buffered = 0
    longest = 0.0
    while loop.time() - began < seconds and not (sending.done() and not link.buffered):
        await asyncio.sleep(0.1)
        if errors:
            break
        buffered = link.buffered
        longest = max(longest, loop.time() - moved)
        if link.given - buffered > left:
            left, moved = link.given - buffered, loop.time()
    lost_after = loop.time() - moved if errors else None
    sending.cancel()
    await channel.close()
    return {
        "message": size,
        "left the buffer": left,
        "still there": buffered,
        "longest standstill": round(longest, 1),
        "lost after the last byte": lost_after and round(lost_after, 1),
        "error": errors[0] if errors else None,
    }
