"""Messages that wait for the connection: first in, first out, and never without bound."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from metafor.channels.errors import QueueFullError
from metafor.channels.transports.base import Frame

__all__ = ["MAX_BYTES", "MAX_MESSAGES", "SendQueue"]

T = TypeVar("T")

MAX_MESSAGES = 1000
MAX_BYTES = 1 << 20


class SendQueue(Generic[T]):
    """Frames in the order they were sent, each with a ticket of the caller's (its receipt).

    Takes at most ``max_messages`` messages and ``max_bytes`` bytes as they would travel, in UTF-8.
    """

    def __init__(self, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self.max_messages = max_messages
        self.max_bytes = max_bytes
        #: Bytes that wait.
        self.bytes = 0
        self._waiting: deque[tuple[Frame, int, T]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, frame: Frame, ticket: T) -> None:
        """Put a frame behind the others; `QueueFullError` if there is no room, and nothing changes."""
        size = _size(frame)
        if len(self._waiting) >= self.max_messages or self.bytes + size > self.max_bytes:
            raise QueueFullError(
                f"{len(self._waiting)} messages ({self.bytes} bytes) wait for the connection, and one of "
                f"{size} bytes is too much: the limits are {self.max_messages} messages and "
                f"{self.max_bytes} bytes",
                next_step="send less while channel.is_connected is False, or raise "
                "queue_messages and queue_bytes",
            )
        self._waiting.append((frame, size, ticket))
        self.bytes += size

    def peek(self) -> tuple[Frame, T]:
        """The oldest frame and its ticket; IndexError if there is none."""
        frame, _, ticket = self._waiting[0]
        return frame, ticket

    def pop(self) -> tuple[Frame, T]:
        """Take the oldest frame out; IndexError if there is none."""
        frame, size, ticket = self._waiting.popleft()
        self.bytes -= size
        return frame, ticket


def _size(frame: Frame) -> int:
    if isinstance(frame, bytes) or frame.isascii():
        return len(frame)
    return len(frame.encode())
