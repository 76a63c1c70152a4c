"""The ASGI shell of the room server (ASGI 3.0, https://asgi.readthedocs.io/en/latest/specs/)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from metafor.server.close_codes import INTERNAL_ERROR, POLICY_VIOLATION
from metafor.server.connection import Connection
from metafor.server.hooks import Client, Handshake, Refuse
from metafor.server.limits import Limits
from metafor.server.monitor import Answer, answer_request

if TYPE_CHECKING:
    from metafor.server.room_server import RoomServer

__all__ = ["Message", "Receive", "Send", "answer"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def answer(server: RoomServer, scope: Message, receive: Receive, send: Send) -> None:
    """Answer one ASGI scope: ``websocket``, ``lifespan``, or ``http``. Raises ValueError for another."""
    kind = scope["type"]
    if kind == "websocket":
        await _websocket(server, scope, receive, send)
    elif kind == "lifespan":
        await _lifespan(server, receive, send)
    elif kind == "http":
        await _respond(answer_request(server, scope.get("path", "/")), send)
    else:
        raise ValueError(f"the room server does not answer the ASGI scope {kind!r}")


async def _lifespan(server: RoomServer, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        step = message["type"].removeprefix("lifespan.")
        try:
            await (server.start() if step == "startup" else server.close())
        except Exception as error:
            server.report_failure(step, error)
            await send({"type": f"lifespan.{step}.failed", "message": str(error)})
            return
        await send({"type": f"lifespan.{step}.complete"})
        if step == "shutdown":
            return


async def _websocket(server: RoomServer, scope: Message, receive: Receive, send: Send) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    origins = [value for name, value in headers if name == "origin"]
    if not server.allows_origin(origins, dict(headers).get("host")):
        await send(
            {"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "origin"}
        )  # before accept: HTTP 403
        return
    # A browser fails a handshake whose subprotocols are all ignored. The messages are the same
    # in any of them, so the client's first choice is as good as another.
    offered = tuple(scope.get("subprotocols") or ())
    await send({"type": "websocket.accept", "subprotocol": offered[0] if offered else None})
    peer = scope.get("client")
    handshake = Handshake(
        path=scope.get("path", "/"),
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=dict(headers),
        subprotocols=offered,
        address=peer[0] if peer else None,
    )
    try:
        connection = await server.admit(handshake, AsgiConnection)
    except Refuse as refusal:
        await send({"type": "websocket.close", "code": refusal.code, "reason": refusal.reason})
        return
    try:
        await connection.run(_read(server, connection, receive), send)
    finally:
        await server.leave(connection)


async def _read(server: RoomServer, connection: Connection, receive: Receive) -> None:
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        frame = event.get("text")
        if frame is None:
            frame = event.get("bytes")
        if frame is not None and not await server.receive(connection, frame):
            return


class AsgiConnection(Connection):
    """Sends by a task that empties the queue. `run` does the waiting."""

    __slots__ = ("_cut_short", "_woken")

    def __init__(self, client: Client, limits: Limits) -> None:
        super().__init__(client, limits)
        self._woken = asyncio.Event()
        self._cut_short = asyncio.Event()

    def _wake(self) -> None:
        self._woken.set()

    def _cut(self) -> None:
        self._cut_short.set()

    async def run(self, read: Awaitable[None], send: Send) -> None:
        """Send what is offered while ``read`` runs; return when either side is done for.

        ``read`` returns when the peer is gone or after `end` was called. Then, if the end was ours,
        the peer gets the close frame, within `Limits.close_seconds`. An exception of ``read``
        closes with 1011 and is raised.
        """
        reader = asyncio.ensure_future(read)
        writer = asyncio.ensure_future(self._write(send))
        cut = asyncio.ensure_future(self._cut_short.wait())
        tasks: tuple[asyncio.Future[Any], ...] = (reader, writer, cut)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and self._ending is not None and not self._cut_short.is_set():
                # The reader asked for a close after what is queued.
                await asyncio.wait(
                    (writer, cut), return_when=asyncio.FIRST_COMPLETED, timeout=self._limits.close_seconds
                )
        finally:
            await _cancel(tasks)
        failure = reader.exception() if reader.done() and not reader.cancelled() else None
        if failure is not None and self._ending is None:
            self._ending = (INTERNAL_ERROR, "internal error")
        peer_gone = writer.done() and not writer.cancelled() and writer.exception() is not None
        if self._ending is not None and not peer_gone:
            await self._say_goodbye(send, *self._ending)
        if failure is not None:
            raise failure

    async def _write(self, send: Send) -> None:
        queue = self._queue
        while True:
            while queue:
                parcel = queue.popleft()
                self._queued_bytes -= parcel.size
                await send(parcel.event)
            if self._ending is not None:
                return
            self._woken.clear()
            await self._woken.wait()

    async def _say_goodbye(self, send: Send, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(self._limits.close_seconds):
                await send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception:
            # A peer that reads nothing or is gone cannot be told. What a server raises for the
            # latter is its own affair (OSError since ASGI 2.4, RuntimeError in some).
            return


async def _cancel(tasks: tuple[asyncio.Future[Any], ...]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _respond(answer: Answer, send: Send) -> None:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
