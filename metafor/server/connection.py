"""One WebSocket of the room server: what waits for it, and how it ends. The shells do the sending."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque

from metafor.server.hooks import Client
from metafor.server.limits import Limits
from metafor.server.pace import Pace
from metafor.server.parcel import Parcel

__all__ = ["Connection"]


class Connection(ABC):
    """The sending side of one WebSocket: a bounded queue, and the end.

    Nothing in it blocks its caller: `offer` either takes a message or says that the peer has fallen
    too far behind, and `end` only announces the end. A shell's subclass sends what is queued.
    """

    __slots__ = ("_ending", "_limits", "_queue", "_queued_bytes", "client", "pace")

    def __init__(self, client: Client, limits: Limits) -> None:
        self.client = client
        self._limits = limits
        per_second = limits.messages_per_second
        self.pace = None if per_second is None else Pace(per_second, limits.burst)
        self._queue: deque[Parcel] = deque()
        self._queued_bytes = 0
        self._ending: tuple[int, str] | None = None

    @property
    def number(self) -> int:
        """Its number in the hub."""
        return self.client.number

    @property
    def ending(self) -> bool:
        """Whether our end has been announced."""
        return self._ending is not None

    @property
    def pressed(self) -> bool:
        """Whether the queue is more than half full, so that its writer ought to get a turn."""
        limits = self._limits
        return len(self._queue) * 2 > limits.queue_messages or self._queued_bytes * 2 > limits.queue_bytes

    def offer(self, parcel: Parcel) -> bool:
        """Queue ``parcel``.

        Gives False when it does not fit any more: the caller then has to `end` the connection. What
        is offered to a connection that is ending is dropped.
        """
        if self._ending is not None:
            return True
        queue = self._queue
        if queue:
            limits = self._limits
            if (
                len(queue) >= limits.queue_messages
                or self._queued_bytes + parcel.size + self._unsent() > limits.queue_bytes
            ):
                return False
        queue.append(parcel)
        self._queued_bytes += parcel.size
        self._wake()
        return True

    def end(self, code: int, reason: str, *, drain: bool) -> None:
        """Close with ``code`` and ``reason``; with ``drain`` after what is queued now, else at once.

        A second call changes nothing but this: without ``drain`` it ends the waiting.
        """
        if self._ending is None:
            self._ending = (code, reason)
        if not drain:
            self._queue.clear()
            self._queued_bytes = 0
            self._cut()
        self._wake()

    def _unsent(self) -> int:
        """Bytes that have left the queue and are still held in this process."""
        return 0

    @abstractmethod
    def _wake(self) -> None:
        """There is something in the queue, or the end has been announced."""

    @abstractmethod
    def _cut(self) -> None:
        """The end comes at once: do not wait for a peer that does not read."""
