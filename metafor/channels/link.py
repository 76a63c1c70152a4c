"""Carries out what the state machine decides: sockets, timers, and the people who wait.

A `Link` binds to the event loop that runs when ``connect()`` is called (ruling 43). When that loop is
closed the link notices at the next use, and is CLOSED and usable again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from metafor.channels.connection import (
    Action,
    ChannelState,
    Closed,
    CloseSocket,
    Connection,
    DropSocket,
    Ended,
    Opened,
    OpenSocket,
    Settled,
    StartTimer,
    StopTimer,
    Timer,
)
from metafor.channels.endpoint import Endpoint
from metafor.channels.errors import ChannelConnectionError
from metafor.channels.transports.base import Close, Frame, NetworkEvent, NetworkWatcher, Socket, size_of
from metafor.core import batch

__all__ = ["Link", "LinkListener"]


class LinkListener(Protocol):
    """What a link tells, each call inside one batch of signals. None of these may raise."""

    def changed(self) -> None:
        """State, attempt or wait may be different now."""

    def opened(self) -> None:
        """The connection is open."""

    def received(self, frames: Sequence[Frame]) -> None:
        """Messages of one turn arrived, in order."""

    def buffer_fell(self) -> None:
        """The socket's buffer fell to the level given to `Link.watch_buffer`."""

    def network_back(self) -> None:
        """The network came back under a connection that is open, and may be dead."""

    def ended(self, close: Close, error: ChannelConnectionError | None, raised: bool) -> None:
        """A socket ended. ``raised``: somebody who waits in ``connect()`` is given the error."""

    def closed(self) -> None:
        """The channel is CLOSED, and nothing will change that but a ``connect()``."""


class Link:
    """One connection to ``endpoint``, kept up as its machine says."""

    def __init__(
        self,
        connection: Connection,
        endpoint: Endpoint,
        listener: LinkListener,
    ) -> None:
        self.connection = connection
        #: The subprotocol that the server chose, "" if none.
        self.protocol = ""
        #: Bytes that were given to sockets, and turns that brought something, over all connections.
        self.given = 0
        self.arrivals = 0
        self._endpoint = endpoint
        self._unwatch: Callable[[], None] | None = None
        self._listener = listener
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket: Socket | None = None
        self._timers: dict[Timer, asyncio.TimerHandle] = {}
        self._connecting: set[asyncio.Future[ChannelConnectionError | None]] = set()
        self._closing: set[asyncio.Future[None]] = set()
        #: The error that those who waited in connect() were given last.
        self._raised: ChannelConnectionError | None = None
        self._actions: deque[Action] = deque()
        self._acting = False

    @property
    def state(self) -> ChannelState:
        """The machine's state, once it is sure that the event loop still exists."""
        self._notice_lost_loop()
        return self.connection.state

    @property
    def latency(self) -> float | None:
        """Seconds of the last measured round trip, None where there is no measure."""
        return self._socket.latency if self._socket is not None else None

    # -- what the channel asks ------------------------------------------------------------------------

    async def connect(self) -> None:
        """Return when the connection is open; raise what ended the attempts. Safe to cancel."""
        self._notice_lost_loop()
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self.connection.state is not ChannelState.CLOSED:
                raise ChannelConnectionError(
                    f"the channel to {self.connection.address} is in use on another event loop",
                    next_step="use one Channel per event loop, or close() it there first",
                )
            self._loop = loop
        waiter: asyncio.Future[ChannelConnectionError | None] = loop.create_future()
        self._connecting.add(waiter)
        try:
            self._feed(self.connection.connect())
            error = await waiter
        finally:
            self._connecting.discard(waiter)
        if error is not None:
            raise error

    async def close(self, code: int, reason: str) -> None:
        """Return when the connection is closed, at the latest after its own deadline. Safe to cancel."""
        if self.state is ChannelState.CLOSED and not self._acting:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing.add(waiter)
        try:
            self.begin_close(code, reason)
            await waiter
        finally:
            self._closing.discard(waiter)

    def begin_close(self, code: int, reason: str) -> None:
        """Close without waiting for it."""
        self._notice_lost_loop()
        self._feed(self.connection.close(code, reason))

    def reconnect_now(self) -> None:
        """End the wait before the next attempt."""
        self._notice_lost_loop()
        self._feed(self.connection.reconnect_now())

    def network_lost(self, problem: str) -> None:
        """Give an open connection up: it is dead."""
        self._feed(self.connection.network_lost(self._now(), problem))

    def cancel_waiters(self) -> None:
        """Cancel everybody who waits in ``connect()``: what they wait for has become pointless."""
        for waiter in self._connecting:
            waiter.cancel()

    def send(self, frame: Frame) -> bool:
        """Hand a message to the socket; False when there is none that takes it."""
        if self.connection.state is not ChannelState.OPEN or self._socket is None:
            return False
        if not self._socket.send(frame):
            return False
        self.given += size_of(frame)
        return True

    @property
    def buffered(self) -> int:
        """Bytes that the socket was given and that have not left, 0 without a socket."""
        return self._socket.buffered if self._socket is not None else 0

    def watch_buffer(self, level: int) -> None:
        """Have `LinkListener.buffer_fell` called once, when no more than ``level`` bytes are buffered."""
        if self._socket is not None:
            self._socket.watch_buffer(level)

    # -- carrying out actions -------------------------------------------------------------------------

    def _feed(self, actions: Iterable[Action]) -> None:
        """Carry out actions in the order they were decided, also when one of them brings others."""
        self._actions.extend(actions)
        if self._acting:
            self._listener.changed()
            return
        self._acting = True
        try:
            batch(self._act)
        finally:
            self._acting = False

    def _act(self) -> None:
        self._watch_network()
        self._listener.changed()
        while self._actions:
            match self._actions.popleft():
                case OpenSocket(generation):
                    self._open(generation)
                case CloseSocket(code, reason):
                    if self._socket is not None:
                        self._socket.close(code, reason)
                case DropSocket():
                    self._drop_socket()
                case StartTimer(timer, seconds):
                    self._start_timer(timer, seconds)
                case StopTimer(timer):
                    self._stop_timer(timer)
                case Opened():
                    self._listener.opened()
                case Settled(error):
                    self._answer(error)
                case Ended(close, error):
                    self._listener.ended(close, error, error is not None and error is self._raised)
                case Closed():
                    self._listener.closed()
                    for closing in self._closing:
                        if not closing.done():
                            closing.set_result(None)

    def _answer(self, error: ChannelConnectionError | None) -> None:
        self._raised = None
        for waiter in self._connecting:
            if not waiter.done():
                # As a result: an exception that nobody comes to fetch would be logged.
                waiter.set_result(error)
                self._raised = error

    def _open(self, generation: int) -> None:
        ears = _Ears(self, generation)
        try:
            self._socket = self._endpoint.open(ears)
        except ChannelConnectionError as error:
            ears.failed(error)
        except Exception as error:
            ears.closed(Close(problem=f"{type(error).__name__} while the socket was made: {error}"))

    def _drop_socket(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.drop()

    def _start_timer(self, timer: Timer, seconds: float) -> None:
        assert self._loop is not None
        self._stop_timer(timer)
        self._timers[timer] = self._loop.call_later(seconds, self._timer_fired, timer)

    def _stop_timer(self, timer: Timer) -> None:
        handle = self._timers.pop(timer, None)
        if handle is not None:
            handle.cancel()

    def _timer_fired(self, timer: Timer) -> None:
        self._timers.pop(timer, None)
        self._feed(self.connection.timer_fired(timer, self._now()))

    def _now(self) -> float:
        assert self._loop is not None
        return self._loop.time()

    def _watch_network(self) -> None:
        """Listen to the page while there is a connection to keep up, and not a moment longer."""
        if self.connection.state is ChannelState.CLOSED:
            unwatch, self._unwatch = self._unwatch, None
            if unwatch is not None:
                unwatch()
        elif self._unwatch is None and isinstance(self._endpoint.transport, NetworkWatcher):
            self._unwatch = self._endpoint.transport.watch(self._network)

    def _network(self, event: NetworkEvent) -> None:
        match event:
            case NetworkEvent.LOST:
                self.network_lost("the network is gone")
            case NetworkEvent.BACK:
                if self.connection.state is ChannelState.OPEN:
                    self._listener.network_back()
                self._feed(self.connection.network_back(self._now()))

    def _notice_lost_loop(self) -> None:
        if self._loop is None or not self._loop.is_closed():
            return
        self._loop = None
        for gone in (self._timers, self._actions, self._connecting, self._closing):
            gone.clear()
        with suppress(RuntimeError):  # what the socket had on that loop went with it
            self._drop_socket()
        if self.connection.state is not ChannelState.CLOSED:
            self.connection.forget()
            self._watch_network()
            batch(self._tell_lost)

    def _tell_lost(self) -> None:
        self._listener.changed()
        self._listener.closed()


class _Ears:
    """Listens to one socket, and only as long as it is the current one."""

    __slots__ = ("_generation", "_link")

    def __init__(self, link: Link, generation: int) -> None:
        self._link = link
        self._generation = generation

    def opened(self, protocol: str) -> None:
        link = self._link
        if link.connection.listens_to(self._generation):
            link.protocol = protocol
            link._feed(link.connection.socket_opened(self._generation, link._now()))

    def received(self, frames: Sequence[Frame]) -> None:
        link = self._link
        if link.connection.listens_to(self._generation):
            link.arrivals += 1
            batch(lambda: link._listener.received(frames))

    def buffer_fell(self) -> None:
        link = self._link
        if link.connection.listens_to(self._generation):
            batch(link._listener.buffer_fell)

    def closed(self, close: Close) -> None:
        self._end(close, None)

    def failed(self, error: ChannelConnectionError) -> None:
        self._end(Close(problem=error.message), error)

    def _end(self, close: Close, cause: ChannelConnectionError | None) -> None:
        link = self._link
        if link.connection.listens_to(self._generation):
            link._socket = None
            link._feed(link.connection.socket_closed(self._generation, close, link._now(), cause=cause))
