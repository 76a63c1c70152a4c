"""Messages that wait for the connection: first in, first out, and never without bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from typing import Generic, TypeVar

from metafor.channels.errors import QueueFullError
from metafor.channels.transports.base import Frame, size_of

__all__ = ["MAX_BYTES", "MAX_MESSAGES", "Overflow", "SendQueue"]

T = TypeVar("T")

MAX_MESSAGES = 1000
MAX_BYTES = 1 << 20


class Overflow(StrEnum):
    """What happens to a message for which the queue has no room."""

    #: ``send()`` raises `QueueFullError`.
    ERROR = "error"
    #: The messages that wait longest make room for it.
    DROP_OLDEST = "drop_oldest"
    #: It is not taken.
    DROP_NEWEST = "drop_newest"


@dataclass(slots=True)
class _Waiting(Generic[T]):
    frame: Frame
    size: int
    ticket: T
    key: Hashable | None


class SendQueue(Generic[T]):
    """Frames in the order they were sent, each with a ticket of the caller's (its receipt).

    Takes at most ``max_messages`` messages and ``max_bytes`` bytes as they would travel, in UTF-8;
    ``overflow`` decides about what is beyond.
    """

    def __init__(
        self,
        max_messages: int = MAX_MESSAGES,
        max_bytes: int = MAX_BYTES,
        overflow: Overflow = Overflow.ERROR,
    ) -> None:
        self.max_messages = max_messages
        self.max_bytes = max_bytes
        self.overflow = overflow
        #: Bytes that wait.
        self.bytes = 0
        self._numbers = 0
        # By running number, which is the order. An OrderedDict, whose first item is found at once also
        # after thousands were taken out.
        self._waiting: OrderedDict[int, _Waiting[T]] = OrderedDict()
        self._by_key: dict[Hashable, int] = {}
        #: Deadline and number, soonest first; those of messages that left are skipped when their turn comes.
        self._deadlines: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def has_room(self, frame: Frame) -> bool:
        """Whether `push` would take ``frame`` without the policy being asked."""
        return len(self) < self.max_messages and self.bytes + size_of(frame) <= self.max_bytes

    def push(
        self, frame: Frame, ticket: T, *, key: Hashable | None = None, deadline: float | None = None
    ) -> list[T]:
        """Put a frame behind the others, and return the tickets of those that will not be sent for it.

        A frame with the same ``key`` (None is no key) leaves: the newest replaces, at the end of the
        queue. With `Overflow.DROP_NEWEST` the ticket returned may be this one. ``deadline`` is a time of
        the caller's clock, for `expire`. Raises `QueueFullError` where the policy says so, and for a
        frame larger than the whole queue; then nothing changed.
        """
        size = size_of(frame)
        replaced = self._by_key.get(key) if key is not None else None
        freed = self._waiting[replaced].size if replaced is not None else 0
        messages = len(self) - (replaced is not None)
        gone: list[T] = []
        if messages >= self.max_messages or self.bytes - freed + size > self.max_bytes:
            if self.overflow is Overflow.DROP_NEWEST:
                return [ticket]
            if self.overflow is Overflow.ERROR or not self.max_messages or size > self.max_bytes:
                raise self._full(size)
        if replaced is not None:
            gone.append(self._take(replaced).ticket)
        while len(self) >= self.max_messages or self.bytes + size > self.max_bytes:
            gone.append(self._take(next(iter(self._waiting))).ticket)
        self._numbers = number = self._numbers + 1
        self._waiting[number] = _Waiting(frame, size, ticket, key)
        self.bytes += size
        if key is not None:
            self._by_key[key] = number
        if deadline is not None:
            heappush(self._deadlines, (deadline, number))
        return gone

    def peek(self) -> tuple[Frame, T]:
        """The oldest frame and its ticket; IndexError if there is none."""
        if not self._waiting:
            raise IndexError("the queue is empty")
        waiting = next(iter(self._waiting.values()))
        return waiting.frame, waiting.ticket

    def pop(self) -> tuple[Frame, T]:
        """Take the oldest frame out; IndexError if there is none."""
        if not self._waiting:
            raise IndexError("the queue is empty")
        waiting = self._take(next(iter(self._waiting)))
        return waiting.frame, waiting.ticket

    def remove(self, key: Hashable) -> T | None:
        """Take the frame with this ``key`` out, and return its ticket; None if none waits."""
        number = self._by_key.get(key)
        return None if number is None else self._take(number).ticket

    @property
    def next_deadline(self) -> float | None:
        """The soonest deadline of what waits, or None."""
        while self._deadlines and self._deadlines[0][1] not in self._waiting:
            heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def expire(self, now: float) -> list[T]:
        """Take out what had to leave by ``now``, and return the tickets."""
        gone: list[T] = []
        while (deadline := self.next_deadline) is not None and deadline <= now:
            gone.append(self._take(heappop(self._deadlines)[1]).ticket)
        return gone

    def _take(self, number: int) -> _Waiting[T]:
        waiting = self._waiting.pop(number)
        self.bytes -= waiting.size
        if waiting.key is not None and self._by_key.get(waiting.key) == number:
            del self._by_key[waiting.key]
        if not self._waiting:
            self._deadlines.clear()
        return waiting

    def _full(self, size: int) -> QueueFullError:
        return QueueFullError(
            f"{len(self)} messages ({self.bytes} bytes) wait for the connection, and one of {size} bytes is "
            f"too much: the limits are {self.max_messages} messages and {self.max_bytes} bytes",
            next_step="send less while channel.is_connected is False, raise queue_messages and queue_bytes, "
            'or choose queue_policy="drop_oldest"',
        )
