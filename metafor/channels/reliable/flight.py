"""Messages on their way: numbered, sent, and kept until the server has dealt with them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from typing import Generic, TypeVar

from metafor.channels.reliable.wire import message_frame
from metafor.channels.transports.base import Frame, size_of

__all__ = ["Flight"]

T = TypeVar("T")


class Flight(Generic[T]):
    """What was sent and not acknowledged, oldest first, each with a ticket of the caller's.

    At most ``window`` messages and ``max_bytes`` bytes are on their way (one message always may be).
    """

    def __init__(self, max_bytes: int = 1 << 20) -> None:
        self.window = 0
        self._max_bytes = max_bytes
        self._bytes = 0
        self._next = 1
        self._unsettled: deque[tuple[int, Frame, T]] = deque()

    def __len__(self) -> int:
        return len(self._unsettled)

    @property
    def last(self) -> int:
        """The number that was given last, 0 if none was."""
        return self._next - 1

    @property
    def full(self) -> bool:
        """Whether the next message has to wait."""
        return len(self._unsettled) >= self.window or self._bytes >= self._max_bytes

    @property
    def tickets(self) -> list[T]:
        """The tickets of what was sent and not acknowledged."""
        return [ticket for _, _, ticket in self._unsettled]

    def launch(self, body: Frame, ticket: T, head: str = "") -> Frame:
        """Number a message and give the frame to send. ``head``: more fields, as ``,"name":value``."""
        number = self._next
        self._next += 1
        frame = message_frame(f'{{"_id":{number}{head}}}', body)
        self._unsettled.append((number, frame, ticket))
        self._bytes += size_of(frame)
        return frame

    def settle(self, number: int, refused: Collection[int] = ()) -> Iterator[tuple[int, T, bool]]:
        """All up to ``number`` were dealt with: gives number, ticket, and whether it was accepted."""
        while self._unsettled and self._unsettled[0][0] <= number:
            done, frame, ticket = self._unsettled.popleft()
            self._bytes -= size_of(frame)
            yield done, ticket, done not in refused

    def again(self) -> list[Frame]:
        """The frames to send again after the connection was made anew."""
        return [frame for _, frame, _ in self._unsettled]

    def abandon(self) -> list[T]:
        """The session is lost, and numbers begin anew: gives the tickets of what nobody knows about."""
        lost = self.tickets
        self._unsettled.clear()
        self._bytes = 0
        self._next = 1
        return lost
