"""The server's half of an exchange of numbered messages, and the judgement on what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


class Counting:
    """Says the numbers below ``count``, each once whatever becomes of it, and notes those that arrive."""

    def __init__(self, count: int, rate: float) -> None:
        self.count = count
        self.rate = rate
        self.arrived: list[int] = []
        self.said = 0
        self.connections = 0
        self._one_at_a_time = asyncio.Lock()

    async def serve(self, websocket: ServerConnection) -> None:
        """One connection; the next begins when this one has been read to its end."""
        async with self._one_at_a_time:
            self.connections += 1
            saying = asyncio.create_task(self._say(websocket))
            try:
                async for message in websocket:
                    self.arrived.append(int(message))  # what came before an unclean end counts too
            except ConnectionClosed:
                pass
            finally:
                saying.cancel()

    async def _say(self, websocket: ServerConnection) -> None:
        try:
            while self.said < self.count:
                for _ in range(min(max(1, int(self.rate / 100)), self.count - self.said)):
                    number, self.said = self.said, self.said + 1
                    await websocket.send(str(number))
                await asyncio.sleep(0.01)
            await websocket.send("end")
        except ConnectionClosed:
            pass


@asynccontextmanager
async def counting_server(count: int, rate: float) -> AsyncIterator[tuple[str, Counting]]:
    """A `Counting` server on loopback, and its URL."""
    counting = Counting(count, rate)
    async with serve(counting.serve, "127.0.0.1", 0, ping_interval=None, close_timeout=1) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", counting


def judge(counting: Counting, told: dict[str, Any]) -> dict[str, Any]:
    """Assert that nothing was duplicated, reordered or lost in silence; give the figures."""
    heard, arrived, fates = told["handled"], counting.arrived, told["fates"]
    assert heard == told["streamed"]
    assert increases(heard), "what the server said was duplicated or reordered"
    assert increases(arrived), "what we said was duplicated or reordered"
    assert len(fates) == counting.said == counting.count
    there = set(arrived)
    silent = [number for number, fate in enumerate(fates) if fate == "sent" and number not in there]
    assert silent == [], "lost without a word"
    impossible = [n for n, fate in enumerate(fates) if fate in ("dropped", "expired") and n in there]
    assert impossible == [], "arrived, but said to be dropped"
    unconfirmed = [number for number, fate in enumerate(fates) if fate == "unconfirmed"]
    did_arrive = sum(number in there for number in unconfirmed)
    return {
        "messages each way": counting.count,
        "connections": counting.connections,
        "seconds": told["seconds"],
        "server to client, lost": counting.said - len(heard),
        "client to server, lost": counting.count - len(arrived),
        "fates": dict(Counter(fates)),
        "unconfirmed that did arrive": f"{did_arrive} of {len(unconfirmed)}"
        + (f" ({did_arrive / len(unconfirmed):.1%})" if unconfirmed else ""),
        "errors told": told["kinds of error"],
    }


def increases(numbers: list[int]) -> bool:
    """Whether each number is larger than the one before."""
    return all(before < after for before, after in pairwise(numbers))
