"""`Channel`: a WebSocket whose state, rooms and messages are signals."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from metafor.channels import options
from metafor.channels.binding import RoomNames
from metafor.channels.connection import ChannelState, Connection
from metafor.channels.endpoint import Endpoint, Protocols, Url
from metafor.channels.heartbeat import Heartbeat, check_heartbeat
from metafor.channels.protocol import check_room
from metafor.channels.queue import MAX_BYTES, MAX_MESSAGES, SendQueue
from metafor.channels.receipts import Receipt
from metafor.channels.reconnect import ReconnectPolicy
from metafor.channels.room import Room
from metafor.channels.session import Session
from metafor.channels.transports.base import Transport
from metafor.core import on_dispose, run_with_owner
from metafor.core.lifecycle import lasting_owner

if TYPE_CHECKING:
    from metafor.channels.stream import MessageStream

__all__ = ["Channel"]

H = TypeVar("H", bound=Callable[..., Any])


class Channel:
    """A connection to a WebSocket server, in the browser and on plain CPython alike.

    ``url`` is ``ws://`` or ``wss://`` (``http`` and ``https`` stand for them; in a page it may be relative
    to the page). ``protocols``: subprotocols to offer, best first. Both may be functions or coroutine
    functions, called for each attempt, for example to bring a fresh token; one that raises is a failed
    attempt like any other, one that takes longer than ``connect_timeout`` too.

    With ``auto_reconnect`` the channel connects again by itself, joins its rooms again, and keeps messages
    that are sent meanwhile in a queue, in order. ``reconnect_delay`` is the wait in seconds between
    attempts (± 10 %); when it is left out the wait begins at 1 s and doubles up to 20 s, with jitter
    (ruling 2). ``max_reconnect_attempts`` bounds the attempts since the last open; None is no bound.
    ``reconnect_policy``, an object like `Backoff`, replaces the waits.

    ``history``: how many messages `messages_signal` keeps. ``connect_timeout`` and ``close_timeout`` are
    seconds. ``transport`` replaces the platform's.

    ``queue_messages`` and ``queue_bytes`` bound the queue. ``queue_policy`` says what happens to a message
    for which there is no room: ``"error"`` (`QueueFullError`), ``"drop_oldest"``, ``"drop_newest"``; the
    receipt of what is dropped says so. While the connection is open, a ``send`` waits when more than
    ``buffer_high`` bytes are on their way out, until no more than ``buffer_low`` are.

    ``heartbeat`` (`Heartbeat`) asks a quiet server whether it is there. Without one a page learns that a
    link is dead when the browser is offline, or when for 180 s nothing of what was sent leaves, and nothing
    arrives (ruling 42); on plain CPython the library's ping finds out.

    With ``reliable=True`` (which includes ``auto_reconnect``) and a server that takes part
    (`reliable_signal`; docs/protocol.md) nothing is lost, doubled or out of order over any number of
    reconnects: receipts become ``acked``, what was missed is brought again, and where the server's history
    does not reach back that far `on_gap` says so. With any other server the channel is an ordinary one.

    A channel that is made under an owner (in a component) is disposed with it. Nothing happens before
    `connect`. Raises `ChannelUrlError`, ValueError or TypeError for arguments that cannot be meant.

    What another component registers on it (handlers, bound rooms, subscriptions) ends with that component.

    Every event runs in one batch of signals. Handlers may be plain or coroutine functions; what one
    raises goes to `on_error` and stops nothing.

    Example::

        channel = Channel("ws://localhost:8000/ws", auto_reconnect=True)
        channel.on_message(print)
        await channel.connect()
        await channel.send({"text": "Hello"})
    """

    def __init__(
        self,
        url: Url,
        protocols: Protocols = None,
        auto_reconnect: bool = False,
        reconnect_delay: float = options.DEFAULT_DELAY,
        max_reconnect_attempts: int | None = None,
        *,
        reconnect_policy: ReconnectPolicy | None = None,
        history: int = 200,
        connect_timeout: float = 10.0,
        close_timeout: float = 5.0,
        queue_messages: int = MAX_MESSAGES,
        queue_bytes: int = MAX_BYTES,
        queue_policy: Literal["error", "drop_oldest", "drop_newest"] = "error",
        buffer_high: int = 1 << 18,
        buffer_low: int = 1 << 16,
        heartbeat: Heartbeat | None = None,
        reliable: bool = False,
        transport: Transport | None = None,
    ) -> None:
        auto_reconnect = auto_reconnect or reliable
        self._endpoint = endpoint = Endpoint(url, protocols, transport)
        waits = options.policy(reconnect_delay, reconnect_policy)
        connection = Connection(
            waits if auto_reconnect else None,
            max_attempts=options.attempts(max_reconnect_attempts),
            connect_timeout=options.seconds("connect_timeout", connect_timeout),
            close_timeout=options.seconds("close_timeout", close_timeout),
        )
        connection.address = endpoint.address
        self._session = session = (_reliable_session() if reliable else Session)(
            connection,
            endpoint,
            SendQueue(
                options.count("queue_messages", queue_messages),
                options.count("queue_bytes", queue_bytes),
                options.overflow(queue_policy),
            ),
            options.marks(buffer_high, buffer_low),
            keep=auto_reconnect,
            history=options.count("history", history),
            heartbeat=check_heartbeat(heartbeat),
        )
        signals, inbox = session.signals, session.inbox
        #: Signal of `state`.
        self.state_signal = signals.state
        #: Signal of `ready_state`.
        self.ready_state_signal = signals.ready_state
        #: Signal of the joined rooms, a tuple of names, in the order they were joined.
        self.rooms_signal = signals.rooms
        #: Signal of the latest message, as handlers get it; notifies for equal messages too.
        self.message_signal = inbox.latest
        #: Signal of the last ``history`` messages, a list, oldest first.
        self.messages_signal = inbox.recent
        #: Signal of the number of messages that wait for the connection.
        self.queued_signal = signals.queued
        #: Signal of whether more is being sent than leaves: from ``buffer_high`` bytes to ``buffer_low``.
        self.congested_signal = signals.congested
        #: Signal of the attempts to reconnect since the last open; 0 when all is well.
        self.attempt_signal = signals.attempt
        #: Signal of the seconds before the next attempt, counting down; None when none is waited for.
        self.retry_in_signal = signals.retry_in
        #: Signal of the last measured round trip in seconds; None where nothing measures it (ruling 42).
        self.latency_signal = signals.latency
        #: Signal of the last error of the connection; None from the next open on.
        self.error_signal = signals.error
        #: Signal of whether the server takes part in ``reliable=True``; None before it has answered.
        self.reliable_signal = signals.reliable
        #: Signal of the last `Gap`, None before the first; see `on_gap`.
        self.gap_signal = signals.gap
        owner = lasting_owner()
        if owner is not None:
            # A callback, so that those that the component registers later run before it.
            run_with_owner(owner, lambda: on_dispose(lambda: session.dispose(quietly=True)))

    # -- state ----------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The URL that was given; of one that a function gives, that of the last attempt ("" before)."""
        return self._endpoint.url

    @property
    def protocol(self) -> str:
        """The subprotocol that the server chose, "" if none."""
        return self._session.link.protocol

    @property
    def state(self) -> ChannelState:
        """The state now. It is not tracked: use `state_signal` for that."""
        return self._session.link.state

    @property
    def ready_state(self) -> int:
        """The ``readyState`` of a WebSocket: 0 connecting, 1 open, 2 closing, 3 closed or no socket."""
        return self.state.ready_state

    @property
    def is_connected(self) -> bool:
        """Whether the channel is open."""
        return self.state is ChannelState.OPEN

    @property
    def is_connecting(self) -> bool:
        """Whether a handshake is under way (not: whether one will be)."""
        return self.state is ChannelState.CONNECTING

    # -- connecting and closing -----------------------------------------------------------------------

    async def connect(self) -> None:
        """Open the connection, and return when it is open.

        Returns at once when it is; several callers share one attempt. Without ``auto_reconnect`` the
        first failure raises `ChannelConnectionError`; with it, failures go to `on_error` and the call
        returns when an attempt succeeds, or raises when attempts are exhausted, the server refused for
        good, or `close` was called (ruling 4). Cancelling the call does not stop the channel. A handshake
        that is not answered within ``connect_timeout`` has failed. Raises `ChannelDisposedError` after
        `dispose`.
        """
        await self._session.connect()

    async def close(self, code: int = 1000, reason: str = "Normal closure") -> None:
        """Close the connection, and return when it is closed; nothing is tried again.

        What was sent before goes out first. Takes a ``code`` of 1000 or 3000 to 4999 and a ``reason``
        of at most 123 bytes, else raises `CloseArgumentError`. From any state it returns within
        ``close_timeout``: a server that does not answer is left. A later `connect` works, and finds the
        queue as it was.
        """
        await self._session.close(*options.closing(code, reason))

    def reconnect_now(self) -> None:
        """Try again now instead of waiting, in state RECONNECTING; in any other it does nothing.

        A page does so by itself when its network is back, when it becomes visible and when the machine
        wakes up, unless the server had asked to wait longer. Call it from the event loop.

        Example::

            <button onclick=@{channel.reconnect_now}>Try now ({channel.retry_in_signal})</button>
        """
        self._session.link.reconnect_now()

    def dispose(self) -> None:
        """Close for good, without waiting: the stream completes, queued messages are dropped.

        Happens by itself when the owner of the channel is disposed. Afterwards `connect`, `send`, `join`
        and `leave` raise `ChannelDisposedError`. A second call does nothing.
        """
        self._session.dispose()

    # -- sending --------------------------------------------------------------------------------------

    async def send(
        self,
        message: object,
        room: str | None = None,
        *,
        ttl: float | None = None,
        key: Hashable | None = None,
        volatile: bool = False,
    ) -> Receipt:
        """Send a message, to everybody or to ``room``; messages arrive in the order they were sent.

        dict and list travel as JSON, str as text, bytes as binary, anything else as ``str(message)``. To
        a room, a dict gains ``"_room"``, anything else travels inside such a dict (rulings 8 and 45).

        Open: the message is handed to the socket, and the receipt says ``sent``. Not open: with
        ``auto_reconnect`` it is queued and the call returns at once; without it, `NotConnectedError`.
        Open, but slower than we send: the message is handed over, and the call returns later; cancelling
        the call takes nothing back.

        For a message that waits in the queue: after ``ttl`` seconds it is not sent any more (``expired``).
        A later message with the same ``key`` replaces it, at the end of the queue (``dropped``). A
        ``volatile`` message never waits: it is sent at once or ``dropped``, also without ``auto_reconnect``.
        The receipt turns to ``unconfirmed`` when the socket that took the message ends otherwise than by
        our own `close`: nobody can know then what arrived.

        Raises `EncodeError` for a payload that has no form on the wire, `QueueFullError` when too much
        waits; both, like the others, are `ChannelMessageError`, and nothing was sent.
        """
        return await self._session.send(message, room, options.send_options(ttl, key, volatile))

    async def send_to(
        self,
        room: str,
        message: object,
        *,
        ttl: float | None = None,
        key: Hashable | None = None,
        volatile: bool = False,
    ) -> Receipt:
        """Send ``message`` to ``room``, as ``send(message, room=room)``; `EncodeError` if that names none."""
        return await self._session.send(message, check_room(room), options.send_options(ttl, key, volatile))

    async def drain(self) -> None:
        """Wait until nothing waits any more: the queue is empty, and all has left this process.

        Of what left, a page knows that the browser gave it to the network, no more. With
        ``auto_reconnect`` the call lasts as long as an outage; bound it with ``asyncio.timeout``. Raises
        `NotConnectedError` when the channel is closed and messages wait. Safe to cancel.

        Example::

            await channel.send(report)
            await channel.drain()
            await channel.close()
        """
        await self._session.outbox.drain()

    # -- rooms ----------------------------------------------------------------------------------------

    async def join(self, room: str) -> None:
        """Join a room; returns when the join was sent, in a reliable channel when the server confirmed it.

        A room is joined once per connection, whoever asks. Not open: with ``auto_reconnect`` it is joined
        when the channel is open, and again after each reconnect; without it, `NotConnectedError`. A server
        may refuse (`RefusedError`, in a reliable channel).
        """
        self._session.join(room)
        await self._session.confirmed(room)

    async def leave(self, room: str) -> None:
        """Leave a room; returns when the leave was sent, or confirmed. Not being open is as for `join`."""
        self._session.leave(room)
        await self._session.confirmed(room)

    def bind_rooms(self, names: Callable[[], RoomNames]) -> Callable[[], None]:
        """Be in the rooms that ``names()`` gives, and follow when the signals that it reads change.

        ``names`` returns names, one name, or None for no room. Rooms joined by hand stay; a room that
        several bindings give is left with the last of them. Works in any state of the channel: what
        `join` would refuse is joined on the next open. Ends, leaving its rooms, when the owner is disposed
        or the function that this returns is called. TypeError if ``names`` is no function; an `EncodeError`
        for a name that is none goes where errors of effects go.

        Example::

            room, set_room = create_signal("general")
            channel.bind_rooms(room)
        """
        return self._session.bindings.bind(names)

    def is_in_room(self, room: str) -> bool:
        """Whether the channel is in ``room`` (or will be, once it is open)."""
        return room in self.get_rooms()

    def get_rooms(self) -> list[str]:
        """The rooms that the channel is in, in the order they were joined.

        It is not tracked: use `rooms_signal` for that.
        """
        _ = self.state  # a connection that went with its event loop takes its rooms along
        return list(self._session.membership.wanted)

    def room(self, name: str) -> Room:
        """A view of one room: its own stream, signals and `send`. It joins nothing by itself.

        Its messages are kept from the first call, as long as the channel is in it or somebody holds this
        view, one of its signals or its stream.
        """
        return Room(self, name, self._session.room_inbox(name))

    # -- requests -------------------------------------------------------------------------------------

    async def request(self, message: object, *, to: str | None = None, timeout: float = 10.0) -> Any:
        """Ask the server, or with ``to`` a member (`Member.id`), and return the answer.

        ``message`` and answer are JSON values or bytes, and arrive as what they are. Takes
        ``reliable=True``; the request is delivered once whatever happens to the connection, and so is the
        answer. (Only if a server dies while it works on it, another begins anew; the answer is one all the
        same.) It waits for room, and for the connection, as `send` does; one that still waits when the call
        ends, because ``timeout`` seconds passed or it was cancelled, is not sent any more.

        Raises `RequestTimeoutError` when no answer came in time, `RequestFailedError` when the other side
        answered with an error, or the request was refused or dropped (``queue_policy``), `QueueFullError`,
        `NotConnectedError` when the channel was closed meanwhile, `EncodeError` for a message that has no
        form on the wire and a ``to`` that names nobody, `NotReliableError` where the server takes no part.

        Example::

            price = await channel.request({"price of": "tea"})
        """
        return await self._session.request(message, to, options.seconds("timeout", timeout))

    def on_request(self, handler: H) -> H:
        """Answer requests of other members with what ``handler(message)`` returns, or its coroutine gives.

        What it raises is told to the asker, and to `on_error`; so is an answer that does not get there. The
        handler that was added last answers. Takes ``reliable=True``; where the server does not take part,
        `on_error` is told so.
        """
        self._session.on_request.add(handler)
        self._session.use_mailbox()
        return handler

    @property
    def member_id(self) -> str:
        """By what other members know this channel (`Member.id`); "" before the server said."""
        return self._session.member_id

    # -- receiving ------------------------------------------------------------------------------------

    @property
    def stream(self) -> MessageStream:
        """Every message exactly once and in order, as an RxPY observable of `Message`.

        Hot: a subscriber gets what arrives from then on. It completes when the channel is disposed, or the
        component that subscribed, and not when a connection ends. Its time operators run on the asyncio
        loop by themselves, and their timers stop at that end. ``docs/channels.md`` has recipes.
        """
        return self._session.inbox.stream

    def on_open(self, handler: H) -> H:
        """Call ``handler()`` each time the channel is open. Returns ``handler``, as all of these do."""
        return self._session.on_open.add(handler)

    def on_close(self, handler: H) -> H:
        """Call ``handler()`` each time a socket ended, also one that never opened (ruling 5)."""
        return self._session.on_close.add(handler)

    def on_message(self, handler: H) -> H:
        """Call ``handler(message)`` for every message: parsed if it is JSON, else str, or bytes."""
        return self._session.on_message.add(handler)

    def on_error(self, handler: H) -> H:
        """Call ``handler(error)`` for errors of the connection, and for what other handlers raise.

        Where there is none, errors of the connection go to the global error handler, once per outage
        (ruling 44), and those of handlers to the error boundary of the channel's owner.
        """
        return self._session.on_error.add(handler)

    def on_room_message(self, room: str, handler: H) -> H:
        """Call ``handler(message)`` for messages that name ``room`` in ``_room``, else in ``room``."""
        return self._session.room_handlers(room).add(handler)

    def on_gap(self, handler: H) -> H:
        """Call ``handler(gap)`` when messages are missing (`Gap`), once for each hole and at its place.

        It concerns channels with ``reliable=True``. The handler runs after the last message before the hole
        and before the first behind it: the place to ask the application for its whole state.
        """
        return self._session.on_gap.add(handler)

    def remove_handler(self, handler: Callable[..., object]) -> bool:
        """Remove ``handler`` from every event and room it is registered for; False if it was nowhere."""
        return self._session.remove_handler(handler)

    def remove_room_handler(self, room: str, handler: Callable[..., object]) -> bool:
        """Remove ``handler`` from one room; False if it was not registered there."""
        return self._session.remove_room_handler(room, handler)

    def clear_handlers(self) -> None:
        """Remove all handlers, those of rooms too."""
        self._session.clear_handlers()

    def clear_room_handlers(self, room: str | None = None) -> None:
        """Remove the handlers of ``room``, or of all rooms."""
        self._session.clear_room_handlers(room)

    def __repr__(self) -> str:
        return f"<Channel {self._session.link.connection.address} {self.state}>"


def _reliable_session() -> type[Session]:
    from metafor.channels.reliable.session import ReliableSession

    return ReliableSession
