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
    """The receipt of a message that goes to one member or to the server itself.

    ``head`` holds more fields for the head, as ``,"name":value``, which say to whom. ``gone`` is called,
    with the reason, when the message goes to nobody, or nobody knows. ``has_left``: whether it was sent.
    """

    __slots__ = ("gone", "has_left", "head")

    def __init__(self, head: str, gone: Callable[[str], None]) -> None:
        super().__init__(ReceiptStatus.QUEUED)
        self.head = head
        self.gone = gone
        self.has_left = False

    def _become(self, status: ReceiptStatus) -> None:
        super()._become(status)
        if status is ReceiptStatus.SENT:
            self.has_left = True
        elif status is ReceiptStatus.DROPPED:
            self.gone("it was dropped from the queue before it was sent")


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
        if not options.volatile and self._crowded(frame):
            async with self._turn:
                await self._room_for(frame)
                return await super().send(frame, options)
        return await super().send(frame, options)

    async def send_addressed(self, frame: Frame, receipt: AddressedReceipt) -> None:
        """Send to whom ``receipt`` says, or let it wait, as `send` does."""
        if self._crowded(frame):
            async with self._turn:
                await self._room_for(frame)
                if receipt._now is ReceiptStatus.QUEUED:  # nobody took it back meanwhile
                    self._send_addressed(frame, receipt)
        else:
            self._send_addressed(frame, receipt)

    def withdraw(self, receipt: AddressedReceipt) -> None:
        """Do not send a message that waits; one that was sent goes its way."""
        if receipt.has_left:
            return
        receipt._become(ReceiptStatus.DROPPED)
        if self._queue.remove(receipt) is not None:
            self._counted()
            self._wake()

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

    def closed(self) -> None:
        """See `Outbox.closed`."""
        super().closed()
        self._turn = asyncio.Lock()  # it belongs to its event loop, and the next connection may have another

    def drop_all(self) -> None:
        """The channel is disposed: nobody will hear of what is on its way."""
        super().drop_all()
        for receipt in self._machine.flight.abandon():
            receipt._become(ReceiptStatus.UNCONFIRMED)

    def too_big(self, frame: Frame) -> str:
        """What to say of a frame that is longer than the server takes, "" of any other."""
        size, longest = size_of(frame), self._machine.longest
        return f"it has {size} bytes, and the server takes {longest}" if 0 < longest < size else ""

    def _crowded(self, frame: Frame) -> bool:
        """Whether ``frame`` has to wait for room: there is none, or others wait for it already."""
        return self._link.state is ChannelState.OPEN and (self._turn.locked() or not self._takes(frame))

    async def _room_for(self, frame: Frame) -> None:
        while self._link.state is ChannelState.OPEN and not self._takes(frame):
            await self._wait()

    def _takes(self, frame: Frame) -> bool:
        """Whether ``frame`` may leave now, or fits into the queue; the longest must leave at once."""
        leaves = self._machine.ready or self._machine.mode is Mode.BASE
        return self._queue.has_room(frame) or (leaves and not len(self._queue))

    def _send_addressed(self, frame: Frame, receipt: AddressedReceipt) -> None:
        if len(self._queue) or not self._hand_over(frame, receipt):
            self._push(frame, receipt, SendOptions(key=receipt))

    def _hand_over(self, frame: Frame, receipt: Receipt) -> bool:
        if self._machine.mode is Mode.BASE:
            if isinstance(receipt, AddressedReceipt):  # nobody there would understand it
                receipt._become(ReceiptStatus.DROPPED)
                return True
            return super()._hand_over(frame, receipt)
        if not self._machine.ready:
            return False
        if problem := self.too_big(frame):
            self._settled(Settled(receipt, Status.REFUSED, "server/too-big", problem))
            return True
        head = receipt.head if isinstance(receipt, AddressedReceipt) else ""
        receipt._become(ReceiptStatus.SENT)
        self._link.send(self._machine.send(frame, receipt, head))
        return True
