"""`RoomServer`: the hub as an ASGI app (ASGI 3.0, https://asgi.readthedocs.io/en/latest/specs/)."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any, Final

from metafor.server.brokers.base import Broker, Delivery, Envelope
from metafor.server.brokers.memory import MemoryBroker
from metafor.server.connection import Connection, Message, Receive, Send
from metafor.server.hub import Action, Close, Hub, Publish, Reply, Subscribe, Unsubscribe, byte_length
from metafor.server.limits import Limits

__all__ = ["RoomServer"]

SERVICE_RESTART: Final = 1012
TRY_AGAIN_LATER: Final = 1013

log = logging.getLogger("metafor.server")


class RoomServer:
    """The room server of channels, as an ASGI app: run it by itself, or mount it in any ASGI framework.

    A message to a room goes to everybody in the room, a message without a room to everybody; the
    sender gets it too unless ``echo=False`` (ruling 10). `metafor.server.hub` has the protocol.

    ``broker`` carries the messages: by default a `MemoryBroker` of this server's own; several
    servers in one process that share one behave as one. ``limits`` bounds what a connection may
    ask for (see `Limits`). A consumer that does not keep up is cut with code 1013, a server that
    shuts down closes with 1012; both tell a client to come back.

    Start and stop come from the ASGI lifespan. A framework that does not pass the lifespan on to
    mounted apps needs no start (the first connection starts it); its shutdown awaits `close`.

    Example::

        app = RoomServer()                                  # uvicorn chat:app

        app = Starlette(routes=[WebSocketRoute("/ws", RoomServer())])
    """

    def __init__(
        self, *, echo: bool = True, broker: Broker | None = None, limits: Limits | None = None
    ) -> None:
        self._broker: Broker = broker if broker is not None else MemoryBroker()
        self._hub = Hub(node=uuid.uuid4().hex, echo=echo, limits=limits)
        self._connections: dict[int, Connection] = {}
        self._attached = False
        self._closing = False
        self._pressed = False
        self._lock = asyncio.Lock()
        self._all_gone = asyncio.Event()

    @property
    def connection_count(self) -> int:
        """How many connections there are at the moment."""
        return len(self._connections)

    @property
    def rooms(self) -> dict[str, int]:
        """The rooms that somebody is in, and how many connections of this server are in each."""
        return {room: len(self._hub.members(room)) for room in self._hub.rooms}

    async def close(self, code: int = SERVICE_RESTART, reason: str = "the server restarts") -> None:
        """Close every connection with ``code`` after what is queued for it, and refuse new ones.

        Returns when all are gone, at the latest after three times `Limits.close_seconds`. Calling it
        again is harmless. A server that was closed cannot be opened again.
        """
        self._closing = True
        for connection in list(self._connections.values()):
            connection.end(code, reason, drain=True)
        seconds = self._hub.limits.close_seconds
        if not await self._wait_until_gone(seconds):
            for connection in list(self._connections.values()):
                connection.end(code, reason, drain=False)
            await self._wait_until_gone(2 * seconds)  # each of them still tries to say goodbye
        async with self._lock:
            if self._attached:
                self._attached = False
                await self._broker.detach(self._hub.node)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope: ``websocket``, ``lifespan``, or ``http`` (with 426)."""
        kind = scope["type"]
        if kind == "websocket":
            await self._websocket(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(receive, send)
        elif kind == "http":
            await _upgrade_required(send)
        else:
            raise ValueError(f"the room server does not answer the ASGI scope {kind!r}")

    # -- Scopes ----------------------------------------------------------------------------------

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            step = message["type"].removeprefix("lifespan.")
            try:
                await (self._start() if step == "startup" else self.close())
            except Exception as error:
                log.exception("%s of the room server failed", step)
                await send({"type": f"lifespan.{step}.failed", "message": str(error)})
                return
            await send({"type": f"lifespan.{step}.complete"})
            if step == "shutdown":
                return

    async def _websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        # A browser fails a handshake whose subprotocols are all ignored. The messages are the same
        # in any of them, so the client's first choice is as good as another.
        offered = list(scope.get("subprotocols") or ())
        await send({"type": "websocket.accept", "subprotocol": offered[0] if offered else None})
        refusal = await self._refusal()
        if refusal is not None:
            await send({"type": "websocket.close", "code": refusal[0], "reason": refusal[1]})
            return
        number = self._hub.connect()
        connection = self._connections[number] = Connection(number, self._hub.limits)
        try:
            await connection.run(self._read(number, receive), send)
        finally:
            del self._connections[number]
            await self._perform(self._hub.disconnect(number))
            if not self._connections:
                self._all_gone.set()

    async def _refusal(self) -> tuple[int, str] | None:
        if not self._closing:
            await self._start()
        if self._closing:  # asked again: the start may have taken its time
            return SERVICE_RESTART, "the server restarts"
        if self._hub.full:
            return TRY_AGAIN_LATER, "the server is full"
        return None

    async def _start(self) -> None:
        async with self._lock:
            if not self._attached and not self._closing:
                await self._broker.attach(self._hub.node, self._deliver)
                self._attached = True

    async def _read(self, number: int, receive: Receive) -> None:
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            frame = event.get("text")
            if frame is None:
                frame = event.get("bytes")
            if frame is None:
                continue
            if await self._perform(self._hub.receive(number, frame)):
                return
            if self._pressed:
                # `receive` may have the next message at hand and not suspend: without this, one fast
                # sender would fill everybody's queue before any writer got a turn.
                self._pressed = False
                await asyncio.sleep(0)

    # -- Actions ---------------------------------------------------------------------------------

    async def _perform(self, actions: list[Action]) -> bool:
        """Do what the hub says. Gives whether one of the actions was to close."""
        closed = False
        for action in actions:
            match action:
                case Publish(envelope):
                    await self._broker.publish(envelope)
                case Subscribe(room):
                    await self._broker.subscribe(self._hub.node, room)
                case Unsubscribe(room):
                    await self._broker.unsubscribe(self._hub.node, room)
                case Reply(number, frame):
                    self._offer(number, _send_event(frame), byte_length(frame))
                case Close(number, code, reason):
                    closed = True
                    log.warning("closing connection %d: %d %s", number, code, reason)
                    self._connections[number].end(code, reason, drain=True)
        return closed

    def _deliver(self, delivery: Delivery) -> None:
        if not isinstance(delivery, Envelope):
            return
        # One event for all: a thousand receivers share one string.
        event, size = _send_event(delivery.frame), byte_length(delivery.frame)
        for number in self._hub.route(delivery):
            self._offer(number, event, size)

    def _offer(self, number: int, event: Message, size: int) -> None:
        connection = self._connections.get(number)
        if connection is None:
            return
        if not connection.offer(event, size):
            log.warning("cutting connection %d: it does not read what it is sent", number)
            connection.end(TRY_AGAIN_LATER, "too slow", drain=False)
        elif connection.pressed:
            self._pressed = True

    async def _wait_until_gone(self, seconds: float) -> bool:
        if not self._connections:
            return True
        self._all_gone.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._all_gone.wait()
        except TimeoutError:
            return False
        return True


def _send_event(frame: str | bytes) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes" if isinstance(frame, bytes) else "text": frame}


async def _upgrade_required(send: Send) -> None:
    body = b"This address speaks WebSocket. Open it with a Channel, not as a page.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"upgrade", b"websocket"),
        (b"connection", b"upgrade"),
    ]
    await send({"type": "http.response.start", "status": 426, "headers": headers})
    await send({"type": "http.response.body", "body": body})
