"""Messages on their way out of a reliable channel: as many at a time as the server's window takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from metafor.channels.connection import ChannelState
from metafor.channels.link import Link
from metafor.channels.outbox import Marks, Outbox, SendOptions
from metafor.channels.queue import SendQueue
from metafor.channels.receipts import Receipt, ReceiptStatus
from metafor.channels.reliable.events import Mode, Settled, Status
from metafor.channels.reliable.machine import ReliableMachine
from metafor.channels.signals import Signals
from metafor.channels.transports.base import Frame, size_of

__all__ = ["AddressedReceipt", "ReliableOutbox"]

_BECOMES = {
    Status.ACKED: ReceiptStatus.ACKED,
    Status.REFUSED: ReceiptStatus.REFUSED,
    Status.LOST: ReceiptStatus.UNCONFIRMED,
}


class AddressedReceipt(Receipt):
    """The receipt of a message that goes to one member or to the server itself: ``head`` says to whom."""

    __slots__ = ("head",)

    def __init__(self, head: str) -> None:
        super().__init__(ReceiptStatus.QUEUED)
        self.head = head


class ReliableOutbox(Outbox):
    """An `Outbox` that gives its messages to ``machine``, in base mode to the socket as they are.

    ``settled`` is told of messages that are refused without being sent, because they are too big.
    What was sent stays with the machine until it is acknowledged. What the window has no room for waits
    in the queue; and while the connection is open and the queue is full, `send` waits.
    """

    def __init__(
        self,
        link: Link,
        signals: Signals,
        queue: SendQueue[Receipt],
        marks: Marks,
        machine: ReliableMachine[Receipt],
        settled: Callable[[Settled[Receipt]], None],
    ) -> None:
        super().__init__(link, signals, queue, marks, keep=True)
        self._machine = machine
        self._settled = settled
        self._turn = asyncio.Lock()  # who waits for the queue goes in order

    async def send(self, frame: Frame, options: SendOptions) -> Receipt:
        """See `Outbox.send`."""
        if self._link.state is ChannelState.OPEN and not options.volatile and self._crowded(frame):
            async with self._turn:
                while self._link.state is ChannelState.OPEN and not self._queue.has_room(frame):
                    await self._wait()
                return await super().send(frame, options)
        return await super().send(frame, options)

    def send_addressed(self, frame: Frame, head: str) -> AddressedReceipt:
        """Send without waiting; ``head`` holds more fields for the head, as ``,"name":value``."""
        receipt = AddressedReceipt(head)
        if len(self._queue) or not self._hand_over(frame, receipt):
            self._push(frame, receipt, SendOptions())
        return receipt

    def settle(self, receipt: Receipt, status: Status) -> None:
        """The server dealt with a message, or nobody knows."""
        receipt._become(_BECOMES[status])

    async def drain(self) -> None:
        """Wait until everything was acknowledged; see `Channel.drain`."""
        while True:
            await super().drain()
            if not len(self._machine.flight):
                return
            if self._link.state is ChannelState.CLOSED:
                raise self._not_connected(f"{len(self._machine.flight)} messages are not acknowledged")
            await self._wait()

    def on_their_way(self, status: ReceiptStatus) -> None:
        """Say of all that is not acknowledged that it was sent, or waits to be sent again."""
        for receipt in self._machine.flight.tickets:
            receipt._become(status)

    def flush(self) -> None:
        """Send of what waits as much as the window takes now."""
        if len(self._queue):
            self.opened()
        else:
            self._wake()

    def drop_all(self) -> None:
        """The channel is disposed: nobody will hear of what is on its way."""
        super().drop_all()
        for receipt in self._machine.flight.abandon():
            receipt._become(ReceiptStatus.UNCONFIRMED)

    def _too_big(self, frame: Frame) -> str:
        return f"it has {size_of(frame)} bytes, and the server takes {self._machine.longest}"

    def _crowded(self, frame: Frame) -> bool:
        return self._turn.locked() or not self._queue.has_room(frame)

    def _hand_over(self, frame: Frame, receipt: Receipt) -> bool:
        if self._machine.mode is Mode.BASE:
            if isinstance(receipt, AddressedReceipt):  # nobody there would understand it
                receipt._become(ReceiptStatus.DROPPED)
                return True
            return super()._hand_over(frame, receipt)
        if not self._machine.ready:
            return False
        if 0 < self._machine.longest < size_of(frame):
            self._settled(Settled(receipt, Status.REFUSED, "server/too-big", self._too_big(frame)))
            return True
        head = receipt.head if isinstance(receipt, AddressedReceipt) else ""
        receipt._become(ReceiptStatus.SENT)
        self._link.send(self._machine.send(frame, receipt, head))
        return True
