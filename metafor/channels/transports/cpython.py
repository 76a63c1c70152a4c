"""WebSockets on plain CPython, over the asyncio client of the library ``websockets``."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from metafor.channels.errors import ChannelUnavailableError, ChannelUrlError
from metafor.channels.transports.base import Close, Frame, SocketListener, size_of

if TYPE_CHECKING:
    import ssl as ssl_module

    from websockets.asyncio.client import ClientConnection
    from websockets.exceptions import ConnectionClosed

__all__ = ["CPythonTransport"]

#: Seconds for the other end to answer when the connection fails: no pong came, or what came was no WebSocket.
_DEAD = 1.0
#: Bytes that go to the library in one section.
_AT_ONCE = 65_536
_OPEN = 1  # websockets.protocol.State.OPEN, an IntEnum, without importing the library


class CPythonTransport:
    """The transport of plain CPython. ``Channel`` makes one by itself; make one to set an option.

    ``headers``: extra HTTP headers of the handshake, for example a token. ``ssl``: an `ssl.SSLContext`
    for ``wss://`` (default: the system's certificates). ``max_size``: longest message accepted, in bytes.
    ``ping_interval`` and ``ping_timeout``: the library asks the server for a sign of life after so many
    seconds, and gives the connection up when none comes for so many (and one second for the farewell);
    None for never. The question waits while the buffer is full of what was sent before. A proxy is taken
    from the environment, as the library does.

    Example::

        Channel(url, transport=CPythonTransport(headers={"Authorization": f"Bearer {token}"}))
    """

    def __init__(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        ssl: ssl_module.SSLContext | None = None,
        max_size: int | None = 1 << 24,
        ping_interval: float | None = 20.0,
        ping_timeout: float | None = 20.0,
    ) -> None:
        self._ssl = ssl
        self._options: dict[str, Any] = {
            "additional_headers": dict(headers) if headers else None,
            "max_size": max_size,
            "ping_interval": ping_interval,
            "ping_timeout": ping_timeout,
            # The channel keeps the deadlines for opening and for its own close.
            "open_timeout": None,
            "close_timeout": _DEAD,
            # send() of the library returns when the operating system has it all, so that what we count
            # as buffered is all there is in this process. Not 0: the event loop's TLS pauses a writer whose
            # buffer is as long as the limit, and would pause it with nothing in the buffer.
            "write_limit": 1,
        }

    def open(self, url: str, protocols: Sequence[str], listener: SocketListener) -> CPythonSocket:
        """See `Transport.open`."""
        try:
            import websockets.asyncio.client  # noqa: F401
        except ImportError:
            raise ChannelUnavailableError(
                "a Channel on plain CPython needs the library websockets",
                next_step="pip install 'metafor[client]'",
            ) from None
        url = _absolute(url)
        options = dict(self._options, subprotocols=list(protocols) or None)
        if self._ssl is not None and url.startswith("wss:"):
            options["ssl"] = self._ssl
        return CPythonSocket(url, options, listener)


class CPythonSocket:
    """A `Socket`: one task that connects and reads, and one that writes."""

    def __init__(self, url: str, options: dict[str, Any], listener: SocketListener) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener: SocketListener | None = listener
        self._websocket: ClientConnection | None = None
        self._closing: tuple[int, str] | None = None
        #: Messages that the writer has not taken yet, with their bytes.
        self._unsent: deque[tuple[Frame, int]] = deque()
        self._unsent_bytes = 0
        self._wake_writer: asyncio.Future[None] | None = None
        self._level: int | None = None
        self._arrived: list[Frame] = []
        self._task = self._loop.create_task(self._run(url, options))

    @property
    def latency(self) -> float | None:
        """See `Socket.latency`; measured by the library's ping."""
        return (self._websocket.latency or None) if self._websocket is not None else None

    def send(self, frame: Frame) -> bool:
        """See `Socket.send`."""
        websocket = self._websocket
        if websocket is None or self._listener is None or self._closing is not None:
            return False
        if websocket.state != _OPEN:  # it is ending, and we will hear of it
            return False
        size = size_of(frame)
        self._unsent.append((frame, size))
        self._unsent_bytes += size
        self._wake()
        return True

    @property
    def buffered(self) -> int:
        """See `Socket.buffered`."""
        if self._listener is None or self._websocket is None:
            return 0
        return self._unsent_bytes + self._websocket.transport.get_write_buffer_size()

    def watch_buffer(self, level: int) -> None:
        """See `Socket.watch_buffer`."""
        self._level = level
        self._check_level()

    def close(self, code: int, reason: str) -> None:
        """See `Socket.close`."""
        if self._closing is None:
            self._closing = (code, reason)
            self._wake()

    def drop(self) -> None:
        """See `Socket.drop`."""
        self._listener = None
        self._abort()
        self._task.cancel()

    # -- the tasks -----------------------------------------------------------------------------------

    async def _run(self, url: str, options: dict[str, Any]) -> None:
        try:
            close = await self._connect_and_read(url, options)
        except asyncio.CancelledError:
            # By drop(), or because the event loop is being shut down: nobody listens any more.
            self._abort()
            raise
        self._deliver()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.closed(close)

    async def _connect_and_read(self, url: str, options: dict[str, Any]) -> Close:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed

        try:
            websocket = await connect(url, **options)
        except Exception as error:
            return _refused(error)
        self._websocket = websocket
        if self._listener is not None:
            self._listener.opened(websocket.subprotocol or "")
        writer = self._loop.create_task(self._write(websocket))
        try:
            while True:
                frame = await websocket.recv()
                # recv() does not suspend while messages are at hand: those of one turn go together.
                if not self._arrived:
                    self._loop.call_soon(self._deliver)
                self._arrived.append(frame)
        except ConnectionClosed as closed:
            return _ended(closed, ours=self._closing is not None)
        except Exception as error:
            return Close(problem=f"{type(error).__name__}: {error}")
        finally:
            writer.cancel()

    async def _write(self, websocket: ClientConnection) -> None:
        from websockets.exceptions import ConnectionClosed

        with suppress(ConnectionClosed):  # the reader tells
            while True:
                while self._unsent:
                    # Messages of a turn go together: for one alone, send() costs more than all the rest.
                    messages = self._take()
                    async with websocket.send_context():  # in the transport's buffer, back when that is empty
                        for is_text, payload in messages:
                            if is_text:
                                websocket.protocol.send_text(payload)
                            else:
                                websocket.protocol.send_binary(payload)
                    self._check_level()
                if self._closing is not None:
                    websocket.close_timeout = None
                    await websocket.close(*self._closing)
                    return
                self._wake_writer = self._loop.create_future()
                await self._wake_writer

    def _take(self) -> list[tuple[bool, bytes]]:
        """The next messages to write, some `_AT_ONCE` bytes: whether each is text, and its payload."""
        messages: list[tuple[bool, bytes]] = []
        taken = 0
        while self._unsent and taken < _AT_ONCE:
            frame, size = self._unsent.popleft()
            messages.append((False, frame) if isinstance(frame, bytes) else (True, frame.encode()))
            taken += size
        self._unsent_bytes -= taken
        return messages

    def _wake(self) -> None:
        waiter = self._wake_writer
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _deliver(self) -> None:
        frames, self._arrived = self._arrived, []
        if frames and self._listener is not None:
            self._listener.received(frames)

    def _check_level(self) -> None:
        if self._level is not None and self.buffered <= self._level:
            self._loop.call_soon(self._tell_buffer_fell)

    def _tell_buffer_fell(self) -> None:
        if self._listener is not None and self._level is not None and self.buffered <= self._level:
            self._level = None
            self._listener.buffer_fell()

    def _abort(self) -> None:
        if self._websocket is not None:
            self._websocket.transport.abort()


def _absolute(url: str) -> str:
    """The URL as ``websockets`` takes it; http and https stand for ws and wss, as in a browser."""
    next_step = 'give an absolute URL, for example "ws://localhost:8000/ws"'
    try:
        parts = urlsplit(url)
        _ = parts.port  # parsed, and refused, when it is read
    except ValueError as error:
        raise ChannelUrlError(f"{url!r} is no URL: {error}", next_step=next_step) from None
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if not scheme and not parts.netloc:
        raise ChannelUrlError(f"{url!r} is relative, and there is no page here", next_step=next_step)
    if scheme not in ("ws", "wss"):
        raise ChannelUrlError(f"the scheme of {url!r} is not ws or wss", next_step=next_step)
    if not parts.hostname:
        raise ChannelUrlError(f"{url!r} names no host", next_step=next_step)
    return urlunsplit(parts._replace(scheme=scheme, fragment=""))


def _refused(error: Exception) -> Close:
    """What a failed handshake was about."""
    from websockets.exceptions import InvalidStatus

    if isinstance(error, InvalidStatus):
        problem = f"the server answered with HTTP status {error.response.status_code}"
        return Close(problem=problem, retry_after=_seconds(error.response.headers.get("Retry-After")))
    if isinstance(error, ConnectionRefusedError):
        return Close(problem="the server refused the connection")
    return Close(problem=str(error) or type(error).__name__)


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isdecimal() and len(header) < 7 else None


def _ended(closed: ConnectionClosed, *, ours: bool) -> Close:
    """How an open connection ended. ``ours``: we had asked for it."""
    received, sent = closed.rcvd, closed.sent
    if received is not None and (closed.rcvd_then_sent or sent is None):
        return Close(received.code, received.reason, clean=sent is not None, received=True)
    if sent is not None and not ours:  # the library gave up: no pong came, or what came was no WebSocket
        problem = f"closed from here with code {sent.code}: {sent.reason or 'no reason'}"
        return Close(sent.code, clean=received is not None, problem=problem)
    if received is not None:
        return Close(received.code, received.reason, clean=True)
    return Close(problem=str(closed.__cause__ or ""))
