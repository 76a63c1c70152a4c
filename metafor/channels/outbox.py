"""Messages on their way out: queue, receipts, and the brake where the network is slower than we are."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from metafor.channels.connection import ChannelState
from metafor.channels.errors import NotConnectedError
from metafor.channels.link import Link
from metafor.channels.queue import SendQueue
from metafor.channels.receipts import Handover, Receipt, ReceiptStatus
from metafor.channels.signals import Signals
from metafor.channels.stall import StallWatch
from metafor.channels.transports.base import Close, Frame
from metafor.core import batch

__all__ = ["Marks", "Outbox", "SendOptions"]


@dataclass(frozen=True, slots=True)
class Marks:
    """Bytes in the socket's own buffer: above ``high`` sends wait, until there are no more than ``low``."""

    high: int
    low: int


@dataclass(frozen=True, slots=True)
class SendOptions:
    """What ``send()`` may say about one message; see `Channel.send`."""

    ttl: float | None = None
    key: Hashable | None = None
    volatile: bool = False


class Outbox:
    """What a `Session` sends. ``keep``: messages may wait in ``queue`` for a connection.

    One timer, of the soonest ``ttl``, while the channel is not CLOSED; a `StallWatch` has another.
    """

    def __init__(
        self, link: Link, signals: Signals, queue: SendQueue[Receipt], marks: Marks, *, keep: bool
    ) -> None:
        self._link = link
        self._signals = signals
        self._queue = queue
        self._marks = marks
        self._keep = keep
        self._handover = Handover()
        #: What was sent before each question that is not answered yet.
        self._asked_about: deque[Handover] = deque()
        self._congested = False
        self._timer: asyncio.TimerHandle | None = None
        self._stall_watch = StallWatch(link)
        self._waiters: set[asyncio.Future[None]] = set()

    # -- what the user asks ---------------------------------------------------------------------------

    async def send(self, frame: Frame, options: SendOptions) -> Receipt:
        """Hand the frame to the socket, or let it wait; see `Channel.send`."""
        is_open = self._link.state is ChannelState.OPEN
        held_back = len(self._queue) or (options.volatile and self._congested)
        receipt = Receipt(ReceiptStatus.SENT)
        if is_open and not held_back and self._hand_over(frame, receipt):
            if buffered := self._link.buffered:
                self._stall_watch.start()
                if buffered > self._marks.high:
                    await self._relax()
            return receipt
        if options.volatile:
            return Receipt(ReceiptStatus.DROPPED)
        if not self._keep:
            raise self._not_connected("the message was not sent")
        receipt = Receipt(ReceiptStatus.QUEUED)
        self._push(frame, receipt, options)
        return receipt

    async def drain(self) -> None:
        """See `Channel.drain`."""
        while len(self._queue) or self._link.buffered:
            if self._link.state is ChannelState.CLOSED:
                raise self._not_connected(f"{len(self._queue)} messages wait")
            if not len(self._queue) and not self._congested:
                self._link.watch_buffer(0)
            await self._wait()

    # -- what happens to the connection -----------------------------------------------------------------

    def changed(self) -> None:
        """The state is another, perhaps: deadlines count while there may be a connection."""
        if self._timer is None and self._queue.next_deadline is not None:
            self._set_timer()

    def opened(self) -> None:
        """Send what waits, in order."""
        self._expire()
        while len(self._queue) and self._hand_over(*self._queue.peek()):
            self._queue.pop()
        self._counted()
        if buffered := self._link.buffered:
            self._stall_watch.start()
            if buffered > self._marks.high:
                self._set_congested(True)
                self._link.watch_buffer(self._marks.low)
        self._wake()

    def buffer_fell(self) -> None:
        """The socket's buffer fell to what `Link.watch_buffer` was told."""
        self._set_congested(False)
        self._wake()

    def asked(self) -> None:
        """The server is asked something; its answer will say that it read what was sent before."""
        self._asked_about.append(self._handover)
        self._handover = Handover()

    def answered(self) -> None:
        """It answered the oldest question that is open."""
        self._asked_about.popleft()

    def ended(self, close: Close) -> None:
        """A socket ended. Only where the server answered our close is it sure that it has read all."""
        handovers = [*self._asked_about, self._handover]
        self._asked_about.clear()
        self._handover = Handover()
        if not close.clean or close.received:
            for handover in handovers:
                handover.lose()
        self._stall_watch.stop()
        self._set_congested(False)
        self._wake()

    def closed(self) -> None:
        """The channel came to rest, perhaps because its event loop is gone: no timer stays."""
        self.ended(Close())
        self._set_timer()

    def drop_all(self) -> None:
        """The channel is disposed: what waits is never sent."""
        while len(self._queue):
            self._queue.pop()[1]._become(ReceiptStatus.DROPPED)
        self._counted()
        self._wake()

    # -- inside ---------------------------------------------------------------------------------------

    def _hand_over(self, frame: Frame, receipt: Receipt) -> bool:
        """Give the frame to the socket; False if it takes none now."""
        if not self._link.send(frame):
            return False
        receipt._sent(self._handover)
        return True

    def _push(self, frame: Frame, receipt: Receipt, options: SendOptions) -> None:
        """Let the frame wait in the queue."""
        now = asyncio.get_running_loop().time()
        deadline = None if options.ttl is None else now + options.ttl

        def push() -> None:
            _settle(self._queue.expire(now), ReceiptStatus.EXPIRED)  # they may be the room that is needed
            gone = self._queue.push(frame, receipt, key=options.key, deadline=deadline)
            _settle(gone, ReceiptStatus.DROPPED)

        try:
            batch(push)
        finally:
            self._counted()
        if deadline is not None:
            self._set_timer()

    async def _relax(self) -> None:
        """Wait until the socket has sent most of what it was given."""
        if not self._congested:
            self._set_congested(True)
            self._link.watch_buffer(self._marks.low)
        while self._congested:
            await self._wait()

    async def _wait(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done() and not waiter.get_loop().is_closed():
                waiter.set_result(None)

    def _set_congested(self, congested: bool) -> None:
        self._congested = congested
        self._signals.set_congested(congested)

    def _counted(self) -> None:
        self._signals.set_queued(len(self._queue))

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._queue.next_deadline
        if deadline is not None and self._link.state is not ChannelState.CLOSED:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._expire)

    def _expire(self) -> None:
        def expire() -> None:
            _settle(self._queue.expire(asyncio.get_running_loop().time()), ReceiptStatus.EXPIRED)
            self._counted()

        batch(expire)
        self._set_timer()
        self._wake()

    def _not_connected(self, what: str) -> NotConnectedError:
        return self._link.connection.not_connected(what)


def _settle(receipts: Iterable[Receipt], status: ReceiptStatus) -> None:
    for receipt in receipts:
        receipt._become(status)
