"""The conversation itself: the same on a page and on plain Python."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from metafor.channels import Channel

__all__ = ["talk"]


async def talk(url: str, show: Callable[[str], object]) -> None:
    """Connect to an echo server, send text, JSON and bytes, and ``show`` what happens, line by line.

    Raises ``ChannelConnectionError`` when there is no server, and TimeoutError when it does not answer.
    """
    channel = Channel(url)
    answers: asyncio.Queue[object] = asyncio.Queue()
    channel.on_open(lambda: show(f"Connected to {url}"))
    channel.on_message(answers.put_nowait)
    channel.on_close(lambda: show("Closed"))

    await channel.connect()
    for message in ("Hello, World!", {"type": "greeting", "text": "Hello as JSON"}, b"Hello as bytes"):
        await channel.send(message)
        show(f"Received: {await asyncio.wait_for(answers.get(), timeout=10)}")
    await channel.close()
