"""The room server by itself, on the `websockets` library: the shell that reaches most clients per second.

A broadcast is encoded once, as the bytes of its frame, and those are written to each client's transport,
all that a turn of the event loop has for a client in one write. No other layer is in between; that is
what makes it faster than any server behind ASGI (`benchmarks/bench_server.py` measures them side by
side). It is possible because nothing is compressed: a compressed frame depends on the client's earlier ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import logging
import signal
import socket as sockets
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as websockets_serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from metafor.server.close_codes import INTERNAL_ERROR
from metafor.server.connection import Connection
from metafor.server.hooks import Client, Handshake, Refuse
from metafor.server.limits import Limits
from metafor.server.logs import write
from metafor.server.monitor import answer_request
from metafor.server.room_server import RoomServer

__all__ = ["listening", "serve"]

#: What strangers get wrong at the level of frames and handshakes is counted by nobody and no news; the
#: library would write it down with their own words in it.
_QUIET: Final = logging.getLogger("metafor.server.frames")
_QUIET.setLevel(logging.CRITICAL)
#: Send buffer of a socket (Linux takes double). Left alone it grows to megabytes for a client that does
#: not read, which no limit of ours would see.
_KERNEL_BYTES: Final = 128 * 1024
#: Bytes that the reliable extension may put before a message (or around a presence); the hub looks at the
#: message itself.
_LONGEST_HEAD: Final = 2048
#: Bytes that are handed to a transport at once.
_CHUNK: Final = 64 * 1024


@asynccontextmanager
async def listening(
    rooms: RoomServer,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    listener: sockets.socket | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Server]:
    """``rooms`` answers at ``host`` and ``port`` (0: any free one), or at ``listener``, inside the block.

    At its end `RoomServer.close` says goodbye to everybody. Plain requests get what
    `metafor.server.monitor` has for them. Raises OSError when the address cannot be had, and what the
    broker raises when it cannot be reached.

    Example::

        async with listening(RoomServer(), port=8000):
            await asyncio.Event().wait()
    """
    await rooms.start()
    where: dict[str, Any] = {"sock": listener} if listener is not None else {"host": host, "port": port}
    server = await websockets_serve(
        partial(_answer, rooms, _Flusher()),
        **where,
        ssl=tls,
        process_request=partial(_check, rooms),
        select_subprotocol=_first_choice,
        compression=None,
        create_connection=_Socket,
        max_size=max(rooms.limits.message_bytes, rooms.limits.presence_bytes) + _LONGEST_HEAD,
        close_timeout=rooms.limits.close_seconds,
        server_header=None,
        logger=_QUIET,
    )
    for each in server.sockets:  # what it accepts inherits it
        each.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, _KERNEL_BYTES)
    try:
        yield server
    finally:
        await rooms.close()
        server.close(close_connections=False)
        await server.wait_closed()


async def serve(
    rooms: RoomServer,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    listener: sockets.socket | None = None,
    tls: ssl.SSLContext | None = None,
    started: Callable[[], object] = lambda: None,
) -> None:
    """As `listening`, until the process gets SIGINT or SIGTERM. ``started`` is called when it listens.

    Example::

        asyncio.run(serve(RoomServer(), port=8000))
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels this task instead
                loop.add_signal_handler(number, stop.set)
                stack.callback(loop.remove_signal_handler, number)
        async with listening(rooms, host, port, listener=listener, tls=tls):
            started()
            await stop.wait()


# -- Requests --------------------------------------------------------------------------------------


def _check(rooms: RoomServer, socket: ServerConnection, request: Request) -> Response | None:
    """None lets the handshake go on."""
    headers = request.headers
    if "upgrade" not in headers:
        answer = answer_request(rooms, request.path.partition("?")[0])
        return Response(
            answer.status, http.HTTPStatus(answer.status).phrase, Headers(answer.headers), answer.body
        )
    hosts = headers.get_all("host")
    if not rooms.allows_origin(headers.get_all("origin"), hosts[0] if len(hosts) == 1 else None):
        return socket.respond(http.HTTPStatus.FORBIDDEN, "This origin may not open a socket here.\n")
    return None


def _first_choice(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    # A browser fails a handshake whose subprotocols are all ignored.
    return offered[0] if offered else None


async def _answer(rooms: RoomServer, flusher: _Flusher, socket: ServerConnection) -> None:
    assert isinstance(socket, _Socket)
    try:
        connection = await rooms.admit(_handshake(socket), partial(_Direct, socket, flusher))
    except Refuse as refusal:
        await socket.close(refusal.code, refusal.reason)
        return
    socket.direct = connection
    try:
        async for frame in socket:
            if not await rooms.receive(connection, frame):
                break
    except ConnectionClosed:
        pass
    except Exception as error:
        rooms.report_failure("receive", error)
        connection.end(INTERNAL_ERROR, "internal error", drain=True)
    finally:
        await connection.closed()
        await rooms.leave(connection)


def _handshake(socket: ServerConnection) -> Handshake:
    request = socket.request
    assert request is not None
    path, _, query = request.path.partition("?")
    peer = socket.remote_address
    return Handshake(
        path=path,
        query=query,
        headers={name.lower(): value for name, value in request.headers.raw_items()},
        subprotocols=tuple(
            word.strip()
            for line in request.headers.get_all("sec-websocket-protocol")
            for word in line.split(",")
        ),
        address=peer[0] if isinstance(peer, tuple) else None,
    )


# -- Sending ---------------------------------------------------------------------------------------


class _Socket(ServerConnection):
    """Tells its `_Direct` when the transport has had enough, and when it can take more."""

    direct: _Direct | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.direct is not None:
            self.direct.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.direct is not None:
            self.direct.resume()


class _Flusher:
    """Writes, in the next turn of the event loop, what has been queued in this one."""

    def __init__(self) -> None:
        self._due: list[_Direct] = []

    def add(self, connection: _Direct) -> None:
        if not self._due:
            asyncio.get_running_loop().call_soon(self._flush)
        self._due.append(connection)

    def _flush(self) -> None:
        due, self._due = self._due, []
        for connection in due:
            try:
                connection.flush()
            except Exception as error:  # of one, which must not cost the others their messages
                write(logging.ERROR, "failed", step="send", connection=connection.number, error=error)
                connection.abort()


class _Direct(Connection):
    """Sends by writing to the transport, as long as that takes it; the rest waits in the queue."""

    __slots__ = ("_closing", "_due", "_flusher", "_paused", "_socket")

    def __init__(self, socket: _Socket, flusher: _Flusher, client: Client, limits: Limits) -> None:
        super().__init__(client, limits)
        self._socket = socket
        self._flusher = flusher
        self._due = False
        self._paused = False
        self._closing: asyncio.Task[None] | None = None

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._wake()

    def abort(self) -> None:
        self._socket.transport.abort()

    def flush(self) -> None:
        self._due = False
        socket, queue = self._socket, self._queue
        if socket.state is not State.OPEN:
            queue.clear()
            self._queued_bytes = 0
        while queue and (not self._paused or self._ending is not None):
            parcel = queue.popleft()
            size = parcel.size
            wires = [parcel.wire]
            while queue and size < _CHUNK:
                parcel = queue.popleft()
                size += parcel.size
                wires.append(parcel.wire)
            self._queued_bytes -= size
            socket.transport.write(wires[0] if len(wires) == 1 else b"".join(wires))
        if self._ending is not None and self._closing is None:
            self._closing = asyncio.ensure_future(self._say_goodbye(*self._ending))

    async def closed(self) -> None:
        """Returns when the socket is closed, if it was ours to close it."""
        if self._ending is not None:
            self.flush()
        if self._closing is not None:
            await self._closing

    async def _say_goodbye(self, code: int, reason: str) -> None:
        try:
            # The library's own timeout begins when the transport has taken all, which may be never.
            async with asyncio.timeout(self._limits.close_seconds):
                await self._socket.close(code, reason)
        except TimeoutError:
            self._socket.transport.abort()

    def _wake(self) -> None:
        if not self._due and (not self._paused or self._ending is not None):
            self._due = True
            self._flusher.add(self)

    def _cut(self) -> None:
        pass  # the queue is empty now: nothing is waited for but the closing handshake

    def _unsent(self) -> int:
        return self._socket.transport.get_write_buffer_size() if self._paused else 0
