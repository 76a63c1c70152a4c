"""What a snippet of the specification finds around it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from metafor.channels import Channel
from tests.spec.servers import LoopbackServer

APP = "ws://localhost:8000/ws"


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


class Page(dict[str, Any]):
    """The names that a snippet finds, and the lines that it prints."""

    def __init__(self, **names: Any) -> None:
        super().__init__(names)
        self.lines: list[str] = []
        self["print"] = lambda *words: self.lines.append(" ".join(map(str, words)))
        self.setdefault("asyncio", asyncio)

    async def printed(self, *lines: str) -> None:
        await until(lambda: len(self.lines) >= len(lines))
        assert self.lines == list(lines)


@asynccontextmanager
async def connected(**options: Any) -> AsyncIterator[tuple[Channel, Page]]:
    channel = Channel(APP, **options)
    await channel.connect()
    yield channel, Page(channel=channel)
    await channel.close()


def decoded(server: LoopbackServer) -> list[Any]:
    return [json.loads(message) for message in server.received]
