"""A network in memory: channels and servers in one process, without sockets, for tests.

Everything travels through the event loop, as on a real network, so that a test in virtual time sees
every interleaving it would see there, the same one each time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from metafor.channels.transports.base import Close, Frame, NetworkEvent, SocketListener, size_of

__all__ = ["MemoryPeer", "MemoryTransport"]


class MemoryTransport:
    """Opens sockets whose other end is in the same process.

    With ``serve``, a coroutine function that gets a `MemoryPeer`, every connection is accepted and
    served; when it returns the connection is closed with 1000. Without it the test plays the server:
    ``transport.peers[-1].accept()``. ``peers`` lists every connection, oldest first.

    Example::

        async def echo(peer):
            async for message in peer:
                await peer.send(message)

        channel = Channel("ws://test", transport=MemoryTransport(echo))
    """

    def __init__(self, serve: Callable[[MemoryPeer], Awaitable[object]] | None = None) -> None:
        self.peers: list[MemoryPeer] = []
        #: Who hears of the network; a channel that is closed does not.
        self.watchers: list[Callable[[NetworkEvent], None]] = []
        self._serve = serve
        self._awaited: list[asyncio.Future[None]] = []

    def open(self, url: str, protocols: Sequence[str], listener: SocketListener) -> MemorySocket:
        """See `Transport.open`; any URL will do."""
        peer = MemoryPeer(url, protocols, listener)
        self.peers.append(peer)
        if self._serve is not None:
            peer._start(self._serve)
        for waiter in self._awaited:
            if not waiter.done():
                waiter.set_result(None)
        return peer.socket

    def watch(self, tell: Callable[[NetworkEvent], None]) -> Callable[[], None]:
        """See `NetworkWatcher.watch`."""
        self.watchers.append(tell)
        return lambda: self.watchers.remove(tell)

    def network(self, event: NetworkEvent) -> None:
        """Tell every channel that watches."""
        for tell in list(self.watchers):
            tell(event)

    async def attempt(self, number: int) -> MemoryPeer:
        """Give the connection with this index in ``peers``, when the client has made it."""
        while len(self.peers) <= number:
            waiter = asyncio.get_running_loop().create_future()
            self._awaited.append(waiter)
            try:
                await waiter
            finally:
                self._awaited.remove(waiter)
        return self.peers[number]


class MemoryPeer:
    """The server's end of one connection."""

    def __init__(self, url: str, protocols: Sequence[str], listener: SocketListener) -> None:
        self.url = url
        self.protocols = tuple(protocols)
        #: The client's end, a `Socket`.
        self.socket = MemorySocket(self)
        #: Every message that the client sent.
        self.received: list[Frame] = []
        #: Code and reason with which the client closed, or None.
        self.client_closed: tuple[int, str] | None = None
        #: Set it to True and nothing is answered any more: a link that died without a word.
        self.silent = False
        self._held: deque[Frame] | None = None
        self._level: int | None = None
        self._listener: SocketListener | None = listener
        self._loop = asyncio.get_running_loop()
        self._unread: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._undelivered: list[Frame] = []
        self._opened = False
        self._task: asyncio.Task[None] | None = None

    @property
    def accepted(self) -> bool:
        """Whether the client has been told that the handshake succeeded."""
        return self._opened

    @property
    def ended(self) -> bool:
        """Whether the client has been told that the connection is over, or listens no more."""
        return self._listener is None

    def accept(self, protocol: str = "") -> None:
        """Answer the handshake."""
        self._loop.call_soon(self._tell_opened, protocol)

    def refuse(self, problem: str = "refused", *, retry_after: float | None = None) -> None:
        """Refuse the handshake."""
        self._loop.call_soon(self._tell_closed, Close(problem=problem, retry_after=retry_after))

    async def send(self, *frames: Frame) -> None:
        """Send messages; all that are sent in one turn of the loop arrive together."""
        if not self._undelivered:
            self._loop.call_soon(self._deliver)
        self._undelivered.extend(frames)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection with a close frame."""
        self._loop.call_soon(self._tell_closed, Close(code, reason, clean=True, received=True))

    def hold(self) -> None:
        """Read nothing for a while: what the client sends stays in its buffer until `release`."""
        if self._held is None:
            self._held = deque()

    def release(self, number: int | None = None) -> None:
        """Read so many of the messages that `hold` kept in the client's buffer; None: all, and go on."""
        held = self._held or deque()
        for _ in range(len(held) if number is None else number):
            self._take(held.popleft())
        if number is None:
            self._held = None
            if self.client_closed is not None:
                self._answer_close()
        self._check_level()

    def cut(self) -> None:
        """End the connection without a close frame."""
        self._loop.call_soon(self._tell_closed, Close())

    async def __aiter__(self) -> AsyncIterator[Frame]:
        while (frame := await self._unread.get()) is not None:
            yield frame

    # -- inside -------------------------------------------------------------------------------------

    def _start(self, serve: Callable[[MemoryPeer], Awaitable[object]]) -> None:
        async def run() -> None:
            try:
                await serve(self)
            finally:
                await self.close()

        self.accept(self.protocols[0] if self.protocols else "")
        self._task = self._loop.create_task(run())

    def _take(self, frame: Frame) -> None:
        self.received.append(frame)
        self._unread.put_nowait(frame)

    def _answer_close(self) -> None:
        assert self.client_closed is not None
        self._loop.call_soon(self._tell_closed, Close(*self.client_closed, clean=True))

    @property
    def _buffered(self) -> int:
        return sum(map(size_of, self._held or ()))

    def _check_level(self) -> None:
        if self._level is not None and self._buffered <= self._level:
            self._loop.call_soon(self._tell_buffer_fell)

    def _tell_buffer_fell(self) -> None:
        if self._listener is not None and self._level is not None and self._buffered <= self._level:
            self._level = None
            self._listener.buffer_fell()

    def _tell_opened(self, protocol: str) -> None:
        if self._listener is not None and not self.silent:
            self._opened = True
            self._listener.opened(protocol)

    def _deliver(self) -> None:
        frames, self._undelivered = self._undelivered, []
        if self._listener is not None and frames and not self.silent:
            self._listener.received(frames)

    def _tell_closed(self, close: Close) -> None:
        if self.silent:
            return
        self._deliver()
        listener = self._listener
        self._detach()
        if listener is not None:
            listener.closed(close)

    def _detach(self) -> None:
        self._listener = self._held = self._level = None
        self._unread.put_nowait(None)


class MemorySocket:
    """The client's end of a `MemoryPeer`: a `Socket`."""

    latency: float | None = None

    def __init__(self, peer: MemoryPeer) -> None:
        self._peer = peer

    def send(self, frame: Frame) -> bool:
        """See `Socket.send`."""
        peer = self._peer
        if not peer._opened or peer.ended or peer.client_closed is not None:
            return False
        if peer._held is not None:
            peer._held.append(frame)
        else:
            peer._take(frame)
        return True

    @property
    def buffered(self) -> int:
        """See `Socket.buffered`; nothing, unless the peer was told to `MemoryPeer.hold`."""
        return self._peer._buffered

    def watch_buffer(self, level: int) -> None:
        """See `Socket.watch_buffer`."""
        self._peer._level = level
        self._peer._check_level()

    def close(self, code: int, reason: str) -> None:
        """See `Socket.close`."""
        peer = self._peer
        if peer.client_closed is None:
            peer.client_closed = (code, reason)
            if peer._held is None:  # else the close frame lies behind what is not read yet
                peer._answer_close()

    def drop(self) -> None:
        """See `Socket.drop`."""
        self._peer._detach()
