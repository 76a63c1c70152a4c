"""`RoomServer`: hub, hooks, limits and broker, and the connections that a shell brings."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeVar

from metafor.channels.reliable.wire import PROBE_ROOM
from metafor.server.arguments import check_kind
from metafor.server.asgi import Message, Receive, Send, answer
from metafor.server.brokers.base import Broker, Delivery, Envelope
from metafor.server.brokers.memory import MemoryBroker
from metafor.server.close_codes import SERVICE_RESTART, TRY_AGAIN_LATER, check_code
from metafor.server.connection import Connection
from metafor.server.connections import Connections
from metafor.server.errors import BrokerUnavailableError, ServerClosedError, WrongArgumentError
from metafor.server.goodbyes import Goodbyes, cut
from metafor.server.hooks import Client, Handshake, OnConnect, OnJoin, OnRequest, OnSend, Refuse
from metafor.server.hub import (
    Action,
    Close,
    Hub,
    Join,
    Publish,
    Reply,
    Subscribe,
    Unsubscribe,
    byte_length,
    error_frame,
    parse,
    say,
)
from metafor.server.limits import Limits
from metafor.server.logs import write
from metafor.server.metrics import Metrics
from metafor.server.origins import Origins
from metafor.server.parcel import Parcel
from metafor.server.permission import Permission
from metafor.server.reliable.host import Host
from metafor.server.reliable.peer import Peer
from metafor.server.reliable.reliability import Reliability
from metafor.server.reliable.service import ReliableService
from metafor.server.rules import Rules

__all__ = ["RoomServer"]

C = TypeVar("C", bound=Connection)


class RoomServer:
    """The room server of channels. It is an ASGI app: run it by itself, or mount it in any ASGI framework;
    `metafor.server.standalone.serve` runs it without one.

    A message to a room goes to everybody in the room, a message without a room to everybody; the
    sender gets it too unless ``echo=False`` (ruling 10). `metafor.server.hub` has the protocol, `Rules`
    says what ``echo``, ``keep_room``, ``status_replies`` and ``without_room`` mean.

    - ``origins``: which pages may open a socket (see `Origins`); None: all.
    - ``on_connect``, ``on_join``, ``on_send``: who may do what (see `metafor.server.hooks`).
    - ``limits``: what a connection may ask for (see `Limits`).
    - ``broker``: carries the messages, by default a `MemoryBroker` of this server's own. Servers
      that share one behave as one.
    - ``reliable``: the numbers of the reliable extension, by which a ``Channel(reliable=True)`` loses
      nothing (docs/protocol.md); False: it is not offered, and with ``without_room="echo"`` it never is.
      ``on_request(client, message)`` answers ``channel.request(message)``; the asker is told the reason of
      a `Refuse`, and of what else it raises only that it failed.
    - ``monitor``: whether ``…/health`` and ``…/metrics`` are answered.

    A consumer that does not keep up is cut with code 1013, a server that shuts down closes with 1012;
    both tell a client to come back.

    Start and stop come from the ASGI lifespan. A framework that does not pass the lifespan on to
    mounted apps needs no start (the first connection starts it); its shutdown awaits `close`.

    Raises `WrongArgumentError` for something of another kind, `RulesError` for a rule that it does not
    know, `OriginError` for an origin that is none.

    Example::

        app = RoomServer()                                  # uvicorn chat:app

        rooms = RoomServer(origins=["https://example.org"])
        app = Starlette(routes=[WebSocketRoute("/ws", rooms)])
        await rooms.publish("news", {"text": "Hello"})      # from the application
    """

    def __init__(
        self,
        *,
        echo: bool = True,
        keep_room: bool = True,
        status_replies: bool = False,
        without_room: Literal["broadcast", "echo"] = "broadcast",
        origins: Iterable[str] | None = None,
        on_connect: OnConnect | None = None,
        on_join: OnJoin | None = None,
        on_send: OnSend | None = None,
        on_request: OnRequest | None = None,
        reliable: Reliability | bool = True,
        broker: Broker | None = None,
        limits: Limits | None = None,
        monitor: bool = True,
    ) -> None:
        check_kind("RoomServer", "limits", limits, Limits)
        check_kind("RoomServer", "broker", broker, Broker)
        check_kind("RoomServer", "reliable", None if isinstance(reliable, bool) else reliable, Reliability)
        rules = Rules(
            echo=echo, keep_room=keep_room, status_replies=status_replies, without_room=without_room
        )
        self.monitor = monitor
        self._broker: Broker = broker if broker is not None else MemoryBroker()
        self._hub = Hub(node=uuid.uuid4().hex, rules=rules, limits=limits)
        self._limits = self._hub.limits
        self._origins = Origins(origins)
        self._metrics = Metrics()
        self._permission = Permission(on_connect, on_join, on_send, on_request, self._metrics)
        self._reliable: ReliableService | None = None
        if on_request is not None and (not reliable or without_room == "echo"):
            raise WrongArgumentError(
                "RoomServer(on_request=…) is never asked without the reliable extension",
                next_step='leave out reliable=False and without_room="echo"',
            )
        if reliable and without_room == "broadcast":
            offer = reliable if isinstance(reliable, Reliability) else Reliability()
            self._reliable = ReliableService(self._reliable_host(), offer)
        #: The connections that speak the extension.
        self._peers: Mapping[int, Peer] = {} if self._reliable is None else self._reliable.peers
        self._connections = Connections(self._limits)
        self._goodbyes = Goodbyes(self._limits.returns_per_second)
        self._attached = False
        self._closing = False
        self._pressed = False
        self._lock = asyncio.Lock()

    # -- For the application ---------------------------------------------------------------------

    @property
    def limits(self) -> Limits:
        """What it grants."""
        return self._limits

    @property
    def connection_count(self) -> int:
        """How many connections there are at the moment."""
        return len(self._connections)

    @property
    def rooms(self) -> dict[str, int]:
        """The rooms that somebody is in, and how many connections of this server are in each."""
        return {room: len(self._hub.members(room)) for room in self._hub.rooms}

    async def publish(self, room: str | None, message: object) -> None:
        """Send ``message`` to everybody in ``room`` (None: to everybody), on all servers of the broker.

        ``message`` is what `Channel.send` takes: dict and list as JSON, str as text, bytes. No hook is asked.
        Raises `EncodeError` when it has no form on the wire, `BrokerUnavailableError` when the broker
        cannot be reached, `ServerClosedError` after `close`.

        Example::

            await rooms.publish("news", {"text": "Hello"})
        """
        said = say(room, message)
        await self.start()
        if not self._attached:
            raise ServerClosedError(
                "the room server has been closed; the message was not sent",
                next_step="publish before close(), or through another RoomServer on the same broker",
            )
        await self._broker.publish(self._hub.envelope(0, said))

    @property
    def health(self) -> dict[str, str | int]:
        """``status`` (``ok``, ``degraded`` without its broker, ``closing``), ``connections``, ``rooms``."""
        status = "closing" if self._closing else "ok" if self._broker.up else "degraded"
        return {"status": status, "connections": len(self._connections), "rooms": len(self._hub.rooms)}

    def metrics(self) -> bytes:
        """The counters, in Prometheus' text format. Raises `ServerError` without ``prometheus-client``."""
        return self._metrics.exposition(
            connections=len(self._connections), rooms=len(self._hub.rooms), broker_up=self._broker.up
        )

    async def close(self, code: int = SERVICE_RESTART, reason: str = "the server restarts") -> None:
        """Close every connection with ``code`` after what is queued for it, and refuse new ones.

        With 1012 or 1013 each client is given its own time to come back, `Limits.returns_per_second` of
        them in a second, so that they do not return all at once. Requests that ``on_request`` works on by
        then may be finished; others on the broker take over what is not. Returns when all are gone, at the
        latest after four times `Limits.close_seconds`. Calling it again is harmless. A server that was closed
        cannot be opened again. Raises `CloseCodeError` for a code that no close frame may have, and closes
        nothing then.
        """
        check_code(code)
        if not self._closing:
            write(logging.INFO, "closing", code=code, reason=reason, connections=len(self._connections))
        self._closing = True
        for connection in list(self._connections.values()):
            self._end(connection, code, self._goodbyes.worded(code, reason), drain=True)
        seconds = self._limits.close_seconds
        if not await self._connections.wait_until_gone(seconds):
            for connection in list(self._connections.values()):
                connection.end(code, reason, drain=False)
            await self._connections.wait_until_gone(2 * seconds)  # each of them still tries to say goodbye
        if self._reliable is not None:
            await self._reliable.close(seconds)
        async with self._lock:
            if self._attached:
                self._attached = False
                await self._broker.detach(self._hub.node)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope: ``websocket``, ``lifespan``, or ``http`` (see `metafor.server.monitor`)."""
        await answer(self, scope, receive, send)

    # -- For the shells --------------------------------------------------------------------------

    async def start(self) -> None:
        """Attach to the broker, once. Raises what the broker raises."""
        async with self._lock:
            if not self._attached and not self._closing:
                await self._broker.attach(self._hub.node, self._deliver)
                self._attached = True

    def allows_origin(self, origins: Sequence[str], host: str | None) -> bool:
        """Whether a handshake with these ``Origin`` headers and this ``Host`` may go on. Ask it first."""
        allowed = self._origins.allow(origins, host)
        if not allowed:
            self._metrics.refused["origin"] += 1
            write(logging.WARNING, "origin refused", origin=", ".join(origins), host=host)
        return allowed

    async def admit(self, handshake: Handshake, make: Callable[[Client, Limits], C]) -> C:
        """Let a connection in: ask ``on_connect``, heed the limits, and ``make`` it.

        The caller has to call `leave` at its end. Raises `Refuse` with the code and the reason to close with.
        """
        try:
            if not self._closing:
                await self._start_or_refuse()
            self._refuse_if_closing()
            if self._connections.full:
                self._refuse("full", "the server is full")
            with self._connections.arriving():
                identity = await self._permission.identify(handshake)
            self._refuse_if_closing()  # the hook may have taken its time
            name = None if identity is None else identity.name
            if self._connections.full_of(name):
                self._refuse("identity", "too many connections of this identity")
        except Refuse as refusal:
            write(logging.INFO, "connection refused", code=refusal.code, reason=refusal.reason)
            raise Refuse(cut(refusal.reason), code=refusal.code) from None
        client = Client(self._hub.connect(), name, None if identity is None else identity.data)
        connection = make(client, self._limits)
        self._connections.add(connection)
        self._metrics.accepted += 1
        write(logging.DEBUG, "connection opened", connection=client.number, identity=name)
        return connection

    async def receive(self, connection: Connection, frame: str | bytes) -> bool:
        """A frame came. Gives whether to go on reading; a caller that must not read yet is made to wait.

        Raises what the broker raises, `BrokerUnavailableError` excepted: that the client is told.
        """
        self._metrics.received += 1
        if connection.pace is not None and (wait := connection.pace.take(_now())) > 0:
            self._metrics.paced += 1
            await asyncio.sleep(wait)
        self._metrics.received_bytes += byte_length(frame)
        peer = self._peers.get(connection.number)
        if peer is None or self._reliable is None or not await self._reliable.receive(peer, frame):
            await self._receive_base(connection, frame)
        if self._pressed:
            # The next message may be at hand already: without this, one fast sender would fill
            # everybody's queue before any writer got a turn.
            self._pressed = False
            await asyncio.sleep(0)
        return not connection.ending

    async def leave(self, connection: Connection) -> None:
        """The connection is gone. Never raises for one that is unknown."""
        if not self._connections.drop(connection):
            return
        write(logging.DEBUG, "connection gone", connection=connection.number)
        await self._perform(self._hub.disconnect(connection.number))
        if self._reliable is not None:
            await self._reliable.gone(connection.number)

    def report_failure(self, step: str, error: BaseException) -> None:
        """Log that ``step`` of a shell failed."""
        write(logging.ERROR, "failed", step=step, error=error)

    async def _receive_base(self, connection: Connection, frame: str | bytes) -> None:
        command = parse(frame, self._limits)
        hello = isinstance(command, Join) and command.room == PROBE_ROOM
        if hello and self._reliable is not None and await self._reliable.greets(connection, frame):
            return
        if self._permission.asks:
            command = await self._permission.permitted(connection.client, command)
        if connection.number in self._connections:
            await self._perform(self._hub.apply(connection.number, command))

    # -- Actions ---------------------------------------------------------------------------------

    async def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Publish(envelope):
                    await self._publish(envelope)
                case Subscribe(room):
                    await self._broker.subscribe(self._hub.node, room)
                case Unsubscribe(room):
                    if not self._hub.members(room):
                        await self._broker.unsubscribe(self._hub.node, room)
                case Reply(number, frame, code):
                    if code is not None:
                        self._metrics.errors[code] += 1
                    self._offer(number, Parcel(frame))
                case Close(number, status, reason):
                    if (connection := self._connections.get(number)) is not None:
                        self._end(connection, status, reason, drain=True)

    async def _publish(self, envelope: Envelope) -> None:
        try:
            await self._broker.publish(envelope)
        except BrokerUnavailableError as error:
            write(logging.WARNING, "not published", connection=envelope.connection, reason=error.message)
            self._metrics.errors["unavailable"] += 1
            told = error_frame("unavailable", "the message may not have been sent; try again", envelope.room)
            self._offer(envelope.connection, Parcel(told))

    def _deliver(self, delivery: Delivery) -> None:
        if self._reliable is not None and self._peers:
            self._reliable.deliver(delivery)
        if isinstance(delivery, Envelope):
            self._hand_out(delivery)

    def _hand_out(self, envelope: Envelope) -> None:
        parcel = Parcel(envelope.frame)  # one for all: a thousand receivers share its bytes
        peers = self._peers
        for number in self._hub.route(envelope):
            if number not in peers:
                self._offer(number, parcel)

    # -- The reliable extension ------------------------------------------------------------------

    def _reliable_host(self) -> Host:
        return Host(
            self._broker,
            self._hub,
            self._permission.permitted,
            self._permission.answer,
            self._perform,
            lambda connection, parcel: self._offer(connection.number, parcel),
            lambda connection, code, reason: self._end(
                connection, code, self._goodbyes.worded(code, reason), drain=True
            ),
        )

    def _offer(self, number: int, parcel: Parcel) -> None:
        connection = self._connections.get(number)
        if connection is None:
            return
        if connection.offer(parcel):
            self._metrics.delivered += 1
            self._metrics.delivered_bytes += parcel.size
            if connection.pressed:
                self._pressed = True
        else:
            self._end(connection, TRY_AGAIN_LATER, "too slow", drain=False)

    def _end(self, connection: Connection, code: int, reason: str, *, drain: bool) -> None:
        if not connection.ending:
            self._metrics.closed[str(code)] += 1
            level = logging.DEBUG if self._closing else logging.WARNING
            write(level, "connection ended", connection=connection.number, code=code, reason=reason)
        connection.end(code, reason, drain=drain)

    # -- The end ---------------------------------------------------------------------------------

    def _refuse(self, why: str, reason: str, code: int = TRY_AGAIN_LATER) -> None:
        self._metrics.refused[why] += 1
        raise Refuse(reason, code=code)

    async def _start_or_refuse(self) -> None:
        try:
            await self.start()
        except BrokerUnavailableError as error:
            write(logging.ERROR, "not started", reason=error.message)
            self._refuse("broker", "the broker is away")

    def _refuse_if_closing(self) -> None:
        if self._closing:
            self._refuse(
                "closing", self._goodbyes.worded(SERVICE_RESTART, "the server restarts"), SERVICE_RESTART
            )


def _now() -> float:
    return asyncio.get_running_loop().time()
