"""What a page knows of the market. No markup and no browser: plain signals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from metafor.core import create_memo, create_signal

__all__ = ["Instrument", "Market", "Quote"]


class Quote(NamedTuple):
    """A price, its change since the page came, in per cent, and where it went last (1: up, -1: down)."""

    price: float
    change: float
    direction: int


class Instrument:
    """One thing that has a price; ``quote`` is its signal."""

    def __init__(self, symbol: str, price: float) -> None:
        self.symbol = symbol
        self._first = price
        self.quote, self._set_quote = create_signal(Quote(price, 0.0, 0), name=symbol)

    def trade(self, price: float) -> None:
        """There is a new price."""
        before = self.quote.peek().price
        change = 100 * (price - self._first) / self._first
        self._set_quote(Quote(price, change, (price > before) - (price < before)))


class Market:
    """All instruments, and how many prices have come."""

    def __init__(self) -> None:
        self._by_symbol: dict[str, Instrument] = {}
        none_yet: list[Instrument] = []
        self.instruments, self._set_instruments = create_signal(none_yet)
        self.prices, self._set_prices = create_signal(0)
        self.filter, self.set_filter = create_signal("")
        self.shown = create_memo(self._matching)

    def take(self, messages: Iterable[Any]) -> None:
        """The messages of one frame. Of several prices of one instrument only the last is worth drawing."""
        latest: dict[str, float] = {}
        count = 0
        for message in messages:
            match message:
                case {"prices": prices}:
                    latest.update(prices)
                    count += len(prices)
                case {"instruments": listed}:
                    self._list(listed)
                    latest.clear()
        for symbol, price in latest.items():
            if (instrument := self._by_symbol.get(symbol)) is not None:
                instrument.trade(price)
        if count:
            self._set_prices.update(lambda before: before + count)

    def _list(self, listed: list[tuple[str, float]]) -> None:
        """The whole market: at first, and after each reconnect, when prices have gone on without us."""
        for symbol, price in listed:
            if symbol in self._by_symbol:
                self._by_symbol[symbol].trade(price)
            else:
                self._by_symbol[symbol] = Instrument(symbol, price)
        self._set_instruments([self._by_symbol[symbol] for symbol, _ in listed])

    def _matching(self) -> list[Instrument]:
        wanted = self.filter().strip().upper()
        return [one for one in self.instruments() if wanted in one.symbol]
