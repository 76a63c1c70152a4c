"""What a page has ordered, and what became of it."""

from __future__ import annotations

import uuid

from metafor.channels import Channel, ChannelMessageError, Receipt
from metafor.core import create_signal

__all__ = ["Order", "Orders"]

#: Orders that are kept.
KEPT = 5


class Order:
    """An order for one piece of ``symbol``."""

    def __init__(self, symbol: str) -> None:
        self.id = uuid.uuid4().hex
        self.symbol = symbol
        no_price: float | None = None
        no_receipt: Receipt | None = None
        self._price, self.fill = create_signal(no_price)
        self._receipt, self.set_receipt = create_signal(no_receipt)

    @property
    def fate(self) -> str:
        """Reads signals: in a hole it is live."""
        if (price := self._price()) is not None:
            return f"bought at {price:.2f}"
        if (receipt := self._receipt()) is None:
            return "refused: too many are waiting"
        return _FATES[receipt.status()]


_FATES = {
    "queued": "waits for the connection",
    "sent": "sent",
    "dropped": "not sent",
    "expired": "not sent",
    "unconfirmed": "may have arrived: the connection was lost",
}


class Orders:
    """The last few, newest first."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        nothing: list[Order] = []
        self.recent, self._set_recent = create_signal(nothing)

    async def buy(self, symbol: str) -> None:
        """Order one. Without a connection the order waits, and leaves when there is one."""
        order = Order(symbol)
        try:
            order.set_receipt(await self._channel.send({"buy": symbol, "order": order.id}))
        except ChannelMessageError:
            pass  # its fate says so
        self._set_recent([order, *self.recent.peek()][:KEPT])

    def take(self, message: object) -> None:
        """An answer of the exchange, perhaps."""
        match message:
            case {"order": id, "price": price}:
                for order in self.recent.peek():
                    if order.id == id:
                        order.fill(price)
