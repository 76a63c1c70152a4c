"""The ticker's model on plain Python: what a frame of messages means, and what becomes of an order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from metafor.channels import Channel
from metafor.channels.transports.memory import MemoryTransport
from metafor.core import create_effect, create_root
from metafor.testing import in_virtual_time

TICKER = Path(__file__).parents[2] / "examples" / "ticker"


@pytest.fixture
def ticker(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The modules of the example."""
    import sys

    monkeypatch.syspath_prepend(TICKER)
    names = ("market", "orders", "feed")
    yield {name: import_module(name) for name in names}
    for name in names:
        del sys.modules[name]


def test_of_several_prices_in_a_frame_the_last_is_drawn(ticker: dict[str, ModuleType]) -> None:
    market = ticker["market"].Market()
    market.take([{"instruments": [["ABC", 10.0], ["XYZ", 20.0]]}, {"prices": [["ABC", 11.0]]}])
    abc, xyz = market.shown()
    drawn: list[Any] = []
    dispose = create_root(lambda dispose: (create_effect(lambda: drawn.append(abc.quote())), dispose)[1])
    frame = [{"prices": [["ABC", 9.0], ["ABC", 15.0]]}, {"prices": [["???", 1.0], ["ABC", 12.0]]}]
    market.take([*frame, {"order": "somebody's", "price": 1.0}])
    assert drawn == [(11.0, 10.0, 1), (12.0, 20.0, 1)]
    assert xyz.quote() == (20.0, 0.0, 0)
    assert market.prices() == 5
    dispose()


def test_after_a_reconnect_the_same_tiles_get_the_prices_of_the_day(ticker: dict[str, ModuleType]) -> None:
    market = ticker["market"].Market()
    market.take([{"instruments": [["ABC", 10.0], ["XYZ", 20.0]]}])
    before = market.shown()
    market.set_filter(" b")
    market.take([{"instruments": [["ABC", 5.0], ["NEW", 1.0]]}])
    assert market.shown() == [before[0]]
    assert before[0].quote() == (5.0, -50.0, -1)
    market.set_filter("")
    assert [one.symbol for one in market.shown()] == ["ABC", "NEW"]


@in_virtual_time
async def orders_live_through_an_outage(ticker: dict[str, ModuleType]) -> None:
    exchange = ticker["feed"].Exchange(100, ticker["feed"].random.Random(1))

    async def serve(peer: Any) -> None:
        async for text in peer:
            await peer.send(ticker["feed"].json.dumps(exchange._answer(text)))

    transport = MemoryTransport(serve)
    channel = Channel("ws://test", auto_reconnect=True, transport=transport)
    channel.on_error(lambda error: None)
    orders = ticker["orders"].Orders(channel)
    channel.on_message(orders.take)
    symbol, price = next(iter(exchange._prices.items()))
    await orders.buy(symbol)
    assert [order.fate for order in orders.recent()] == ["waits for the connection"]
    await channel.connect()
    await asyncio.sleep(1)
    assert [order.fate for order in orders.recent()] == [f"bought at {price:.2f}"]
    await orders.buy("nothing like it")
    transport.peers[-1].cut()
    await asyncio.sleep(0.1)
    assert "may have arrived" in orders.recent()[0].fate
    for _ in range(10):
        await orders.buy(symbol)
    assert len(orders.recent()) == 5
    channel.dispose()


def test_orders_live_through_an_outage(ticker: dict[str, ModuleType]) -> None:
    orders_live_through_an_outage(ticker)


def test_the_exchange_takes_no_nonsense(ticker: dict[str, ModuleType]) -> None:
    exchange = ticker["feed"].Exchange(100, ticker["feed"].random.Random(1))
    assert exchange._answer('{"type": "ping"}') == {"type": "pong"}
    for nonsense in ("", "[", '{"buy": "nothing like it", "order": 1}', b"\xff", "[1]"):
        assert exchange._answer(nonsense) is None
