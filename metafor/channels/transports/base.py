"""What a channel asks of a WebSocket, whatever makes it.

A `Transport` opens sockets; a `Socket` tells a `SocketListener` what happens to it. None of their
methods blocks, waits or raises because of the network: the network speaks through the listener alone,
always from the event loop, never from inside a call of ``open``, ``send``, ``close`` or ``drop``.
``tests/channels/test_transports.py`` holds every transport to this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from metafor.channels.errors import ChannelConnectionError

__all__ = [
    "Close",
    "Frame",
    "NetworkEvent",
    "NetworkWatcher",
    "Socket",
    "SocketListener",
    "Transport",
    "size_of",
]

#: One message: str for a text frame, bytes for a binary one.
Frame = str | bytes


def size_of(frame: Frame) -> int:
    """The bytes of a frame's payload on the wire."""
    if isinstance(frame, bytes) or frame.isascii():
        return len(frame)
    return len(frame.encode())


@dataclass(frozen=True, slots=True)
class Close:
    """How a socket ended.

    ``code`` and ``reason`` are those of the WebSocket (RFC 6455, section 7.4): the peer's, else the code
    with which this side failed the connection where the platform tells it, else 1006. ``clean`` says
    that the closing handshake was completed, ``received`` that the code is the peer's own word and no
    answer to ours. ``problem`` describes a failure that has no close frame ("the server answered HTTP
    403"). ``retry_after`` is the wait, in seconds, that the server asked for outside the close reason.
    """

    code: int = 1006
    reason: str = ""
    clean: bool = False
    received: bool = False
    problem: str = ""
    retry_after: float | None = None


class SocketListener(Protocol):
    """What a socket calls: ``opened`` at most once and first, ``closed`` exactly once and last."""

    def opened(self, protocol: str) -> None:
        """The handshake succeeded, with this subprotocol ("" for none)."""

    def received(self, frames: Sequence[Frame]) -> None:
        """The messages of one turn of the event loop, one or more, in order."""

    def buffer_fell(self) -> None:
        """What `Socket.watch_buffer` waits for has happened."""

    def closed(self, close: Close) -> None:
        """The socket is gone; it was never opened if ``opened`` was not called."""

    def failed(self, error: ChannelConnectionError) -> None:
        """Instead of ``closed``: it could not be made, and trying again cannot help."""


class Socket(Protocol):
    """One WebSocket, from the first byte of its handshake to its end."""

    @property
    def latency(self) -> float | None:
        """The last measured round trip in seconds, or None where nothing measures it."""

    def send(self, frame: Frame) -> bool:
        """Hand a message over, in order; False if the socket takes none any more (it is ending)."""

    @property
    def buffered(self) -> int:
        """Bytes handed over that have not left this process (of a page: its browser); 0 at the end."""

    def watch_buffer(self, level: int) -> None:
        """Call ``listener.buffer_fell`` once, when `buffered` is no more than ``level`` bytes.

        A second call before that replaces the first. If the socket ends first, only ``closed`` is called.
        """

    def close(self, code: int, reason: str) -> None:
        """Send what was handed over, then begin the closing handshake; ``closed`` tells its end."""

    def drop(self) -> None:
        """Detach: call the listener no more, from now on, and release everything as fast as possible."""


class Transport(Protocol):
    """Opens sockets. A class with this one method can be given to ``Channel(transport=…)``."""

    def open(self, url: str, protocols: Sequence[str], listener: SocketListener) -> Socket:
        """Begin to connect, in the running event loop.

        Raises `ChannelUrlError` when ``url`` or ``protocols`` cannot be used, `ChannelUnavailableError`
        when there is no WebSocket client; any other failure is told to ``listener.closed``.
        """


class NetworkEvent(StrEnum):
    """What a platform tells about its network."""

    #: It is gone: an open connection is dead.
    LOST = "lost"
    #: It may be back (online, page shown or visible, machine awake): an attempt is worth its while.
    BACK = "back"


@runtime_checkable
class NetworkWatcher(Protocol):
    """What a `Transport` may be as well: one that hears of the network before its sockets do."""

    def watch(self, tell: Callable[[NetworkEvent], None]) -> Callable[[], None]:
        """Call ``tell`` from the event loop for each event, until the function returned is called."""
