"""A market that never was: 1,000 instruments, thousands of prices a second, for every page that connects.

Run it beside ``metafor serve``; it needs ``pip install 'metafor[client]'`` (the library websockets). It stops
with Ctrl-C. Its protocol, in JSON:

- to a page that connects: ``{"instruments": [[symbol, price], …]}``;
- then, a few at a time, as they change: ``{"prices": [[symbol, price], …]}``;
- from a page: ``{"type": "ping"}``, answered by ``{"type": "pong"}``, and
  ``{"buy": symbol, "order": id}``, answered by ``{"order": id, "price": …}``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import string
from typing import Any

from websockets.asyncio.server import ServerConnection, broadcast, serve

INSTRUMENTS = 1000
#: Seconds between two rounds of trading.
BEAT = 0.01
#: Prices of one message, at most.
HANDFUL = 8


class Exchange:
    """The prices, and the pages that hear of them."""

    def __init__(self, rate: float, chance: random.Random) -> None:
        self._rate = rate
        self._chance = chance
        symbols: set[str] = set()
        while len(symbols) < INSTRUMENTS:
            symbols.add("".join(chance.choices(string.ascii_uppercase, k=chance.choice((3, 3, 4)))))
        self._prices = {symbol: round(math.exp(chance.uniform(1, 6)), 2) for symbol in sorted(symbols)}
        self._symbols = list(self._prices)
        self._pages: set[ServerConnection] = set()

    async def serve(self, page: ServerConnection) -> None:
        """One page, until it goes."""
        await page.send(json.dumps({"instruments": list(self._prices.items())}))
        self._pages.add(page)
        try:
            async for text in page:
                if answer := self._answer(text):
                    await page.send(json.dumps(answer))
        finally:
            self._pages.discard(page)

    def _answer(self, text: str | bytes) -> dict[str, Any] | None:
        try:
            match json.loads(text):
                case {"type": "ping"}:
                    return {"type": "pong"}
                case {"buy": str(symbol), "order": order} if symbol in self._prices:
                    return {"order": order, "price": self._prices[symbol]}
        except ValueError:
            pass
        return None

    async def trade(self) -> None:
        """Change prices for ever, ``rate`` times a second, and tell the pages each time."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        owed = 0.0
        while True:
            due += BEAT
            await asyncio.sleep(max(0.0, due - loop.time()))
            owed += self._rate * BEAT
            prices = [self._next(symbol) for symbol in self._chance.choices(self._symbols, k=int(owed))]
            owed %= 1
            for start in range(0, len(prices), HANDFUL):
                # A page that is too slow loses some: the next price of the same instrument makes up for it.
                broadcast(self._pages, json.dumps({"prices": prices[start : start + HANDFUL]}))

    def _next(self, symbol: str) -> tuple[str, float]:
        price = self._prices[symbol] * math.exp(self._chance.gauss(0, 0.002))
        self._prices[symbol] = price = max(0.01, round(price, 2))
        return symbol, price


async def main() -> None:
    """Listen where the command line says."""
    parser = argparse.ArgumentParser(description="A feed of prices for the example ticker.")
    parser.add_argument("--port", type=int, default=8765, help="0: any free one (default 8765)")
    parser.add_argument("--rate", type=float, default=3000, help="prices a second (default 3000)")
    parser.add_argument("--seed", type=int, help="of the random numbers")
    options = parser.parse_args()
    exchange = Exchange(options.rate, random.Random(options.seed))
    async with serve(exchange.serve, "127.0.0.1", options.port, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        print(f"Prices on ws://127.0.0.1:{port}/", flush=True)
        await exchange.trade()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
