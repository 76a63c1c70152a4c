"""What a channel keeps while connections come and go: rooms, queue, handlers, signals, messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from metafor.channels.binding import RoomBindings
from metafor.channels.connection import ChannelState, Connection
from metafor.channels.countdown import Countdown
from metafor.channels.endpoint import Endpoint
from metafor.channels.errors import (
    ChannelConnectionError,
    ChannelDisposedError,
    NotConnectedError,
    NotReliableError,
)
from metafor.channels.handlers import Handlers
from metafor.channels.heartbeat import Heart, Heartbeat
from metafor.channels.inbox import Inbox
from metafor.channels.link import Link
from metafor.channels.outbox import Marks, Outbox, SendOptions
from metafor.channels.protocol import Message, check_room, join_message, leave_message, messages_of, to_wire
from metafor.channels.queue import SendQueue
from metafor.channels.receipts import Receipt
from metafor.channels.rooms import Membership
from metafor.channels.signals import Signals
from metafor.channels.transports.base import Close, Frame
from metafor.core import batch, report_error, run_with_owner
from metafor.core.lifecycle import lasting_owner

if TYPE_CHECKING:
    from metafor.channels.reliable.presence import Members
    from metafor.channels.stream import MessageStream

__all__ = ["Session"]


class Session:
    """The inside of a `Channel`, and the listener of its `Link`.

    ``keep``: whether wishes survive the end of a connection (``auto_reconnect``): rooms are joined again,
    and messages wait in ``queue``. What the user registered runs under the owner that made the channel.
    """

    def __init__(
        self,
        connection: Connection,
        endpoint: Endpoint,
        queue: SendQueue[Receipt],
        marks: Marks,
        *,
        keep: bool,
        history: int,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        self._owner = owner = lasting_owner()
        self.link = Link(connection, endpoint, self)
        self.signals = Signals()
        self.history = history
        self.inbox = Inbox(history, self.failed)
        self.on_open = Handlers(owner)
        self.on_close = Handlers(owner)
        self.on_message = Handlers(owner)
        self.on_error = Handlers(owner)
        self.on_gap = Handlers(owner)
        self.on_request = Handlers(owner)
        self.disposed = False
        self.membership = Membership()
        self._endpoint = endpoint
        self._countdown = Countdown(self.signals.set_retry_in, self.link.reconnect_now)
        self.keeps = keep
        self.bindings = RoomBindings(self)
        self._heart = (
            None
            if heartbeat is None
            else Heart(heartbeat, self._beat, self._answered, self.link.network_lost)
        )
        self.outbox = Outbox(self.link, self.signals, queue, marks, keep=keep)
        self._room_handlers: dict[str, Handlers] = {}
        # A room that nobody holds, in any of its parts, goes. Held here are those that the channel is in, so
        # that who asks again finds their messages, and those whose stream may have subscribers.
        self._room_inboxes: WeakValueDictionary[str, Inbox] = WeakValueDictionary()
        self._held_inboxes: dict[str, Inbox] = {}
        self._outage_reported = False

    # -- what the channel is asked for ----------------------------------------------------------------

    async def connect(self) -> None:
        """See `Channel.connect`."""
        self._refuse_disposed()
        if self.link.state is ChannelState.CLOSED:
            self._outage_reported = False
        await self.link.connect()

    async def close(self, code: int, reason: str) -> None:
        """See `Channel.close`."""
        if self._owner is not None and self._owner.disposed:
            # The component is being taken down: its own connect() has nobody to complain to (ruling 44).
            self.cancel_waiters()
        await self.link.close(code, reason)

    def cancel_waiters(self) -> None:
        """Cancel everybody who waits in `connect`: what they wait for has become pointless."""
        self.link.cancel_waiters()

    def dispose(self, *, quietly: bool = False) -> None:
        """See `Channel.dispose`. ``quietly`` cancels who waits in ``connect()`` instead of raising there."""
        if self.disposed:
            return
        self.disposed = True
        if quietly:
            self.cancel_waiters()
        batch(self._let_go)
        if self.link.state is ChannelState.CLOSED:
            self.closed()
        else:
            self.link.begin_close(1000, "Normal closure")

    def send(self, payload: object, room: str | None, options: SendOptions) -> Awaitable[Receipt]:
        """See `Channel.send`."""
        frame = to_wire(payload, room)
        if self.disposed:
            self._refuse_disposed()
        return self.outbox.send(frame, options)

    def join(self, room: str) -> None:
        """See `Channel.join`."""
        self.join_room(check_room(room))
        self.bindings.by_hand.add(room)

    def leave(self, room: str) -> None:
        """See `Channel.leave`."""
        self.leave_room(check_room(room))
        self.bindings.by_hand.discard(room)

    async def request(self, payload: object, to: str | None, seconds: float) -> Any:
        """See `Channel.request`."""
        raise self._not_reliable()

    def use_mailbox(self) -> None:
        """Be able to answer requests."""
        raise self._not_reliable()

    def show_as(self, room: str, presence: object) -> None:
        """Join ``room`` and be seen there with ``presence``. An `EncodeError` changes nothing."""
        raise self._not_reliable()

    def members(self, room: str) -> Members:
        """The members of ``room``."""
        raise self._not_reliable()

    @property
    def member_id(self) -> str:
        """See `Channel.member_id`."""
        return ""

    async def confirmed(self, room: str) -> None:
        """Wait until the server confirmed what it was asked about ``room`` last; here it never does."""

    def join_room(self, room: str) -> None:
        """Be in ``room``, for whatever reason."""
        self._change(room, self.membership.join, join_message, "joined")

    def leave_room(self, room: str) -> None:
        """Be in ``room`` no more."""
        self._change(room, self.membership.leave, leave_message, "left")

    def room_handlers(self, room: str) -> Handlers:
        """The handlers of one room."""
        return self._room_handlers.setdefault(check_room(room), Handlers(self._owner))

    def room_inbox(self, room: str) -> Inbox:
        """The messages of one room, kept from the first time it is asked for; see `Channel.room`."""
        inbox = self._room_inboxes.get(check_room(room))
        if inbox is None:
            inbox = self._room_inboxes[room] = Inbox(self.history, self.failed)
            if self.disposed:
                inbox.complete()
        if room in self.membership:
            self._held_inboxes[room] = inbox
        return inbox

    def room_stream(self, room: str) -> MessageStream:
        """See `Room.stream`."""
        inbox = self._held_inboxes[room] = self.room_inbox(room)
        return inbox.stream

    def remove_handler(self, handler: Callable[..., object]) -> bool:
        """See `Channel.remove_handler`."""
        removed = [handlers.remove(handler) for handlers in self._all_handlers()]
        return any(removed)

    def clear_handlers(self) -> None:
        """See `Channel.clear_handlers`."""
        for handlers in self._all_handlers():
            handlers.clear()

    def clear_room_handlers(self, room: str | None) -> None:
        """See `Channel.clear_room_handlers`."""
        for handlers in self._handlers_of_rooms(room):
            handlers.clear()

    def remove_room_handler(self, room: str, handler: Callable[..., object]) -> bool:
        """See `Channel.remove_room_handler`."""
        removed = [handlers.remove(handler) for handlers in self._handlers_of_rooms(check_room(room))]
        return any(removed)

    # -- what the link tells (see LinkListener) -------------------------------------------------------

    def changed(self) -> None:
        """State, attempt or wait may be different now."""
        connection, signals = self.link.connection, self.signals
        signals.set_state(connection.state)
        signals.set_ready_state(connection.state.ready_state)
        signals.set_attempt(connection.attempt)
        connection.address = self._endpoint.address
        self._countdown.update(connection.attempt, connection.retry_in)
        self.outbox.changed()

    def opened(self) -> None:
        """Rooms first, then what waits, then the handlers: the order of the specification's promises."""
        self._outage_reported = False
        self.signals.set_error(None)
        self._begin()
        run_with_owner(self._owner, lambda: self.on_open.call(self.failed))

    def received(self, frames: Sequence[Frame]) -> None:
        """Messages of one turn: signals, then for each message stream and handlers."""
        self._take(messages_of(frames))

    def buffer_fell(self) -> None:
        """The socket has sent most of what it was given."""
        self.outbox.buffer_fell()

    def network_back(self) -> None:
        """The network came back: is the server still there?"""
        if self._heart is not None:
            self._heart.ask()

    def ended(self, close: Close, error: ChannelConnectionError | None, raised: bool) -> None:
        """A socket ended, also one that never opened (ruling 5)."""
        if self._heart is not None:
            self._heart.stop()
        self.outbox.ended(close)
        self._forget_rooms()
        self.signals.set_latency(None)
        if error is not None:
            self.signals.set_error(error)
            if self.on_error:
                run_with_owner(self._owner, lambda: self.on_error.call(self._report, error))
            elif not raised:
                self.report_outage(error)
        run_with_owner(self._owner, lambda: self.on_close.call(self.failed))

    def closed(self) -> None:
        """The channel came to rest."""
        if self._heart is not None:
            self._heart.stop()
        self.outbox.closed()
        self._forget_rooms()
        if self.disposed:
            self.clear_handlers()

    def report_outage(self, error: ChannelConnectionError) -> None:
        """Report an error of the connection that nobody takes: to the global handler, and once per outage.

        Not to the component's error boundary (ruling 44): a network that is away is no reason to replace
        the component that says so.
        """
        if not self._outage_reported:
            self._outage_reported = True
            run_with_owner(None, lambda: report_error(error))

    # -- inside ---------------------------------------------------------------------------------------

    def failed(self, error: Exception) -> None:
        """A handler or subscriber raised: to ``on_error``, else to the error boundary."""
        if self.on_error:
            self.on_error.call(self._report, error)
        else:
            self._report(error)

    def _begin(self) -> None:
        for room in self.membership.opened():
            self.link.send(join_message(room))
        self.outbox.opened()
        if self._heart is not None:
            self._heart.start()

    def _take(self, messages: list[Message]) -> None:
        if self._heart is not None:
            messages = self._heart.heard(messages)
        self._hand_out(messages)

    def _hand_out(self, messages: list[Message]) -> None:
        if messages and not self.disposed:
            run_with_owner(self._owner, lambda: self._deliver(messages))

    def _beat(self, frame: Frame, answerable: bool) -> None:
        if answerable:
            self.outbox.asked()
        self.link.send(frame)

    def _answered(self, seconds: float) -> None:
        self.outbox.answered()
        self.signals.set_latency(seconds)

    def _report(self, error: Exception) -> None:
        report_error(error, self._owner)

    def _measure(self) -> None:
        if self._heart is None or not self._heart.measures:
            self.signals.set_latency(self.link.latency)

    def _deliver(self, messages: list[Message]) -> None:
        self._measure()
        self.inbox.keep(messages)
        if self._room_inboxes:
            by_room: dict[str, list[Message]] = {}
            for message in messages:
                if message.room is not None:
                    by_room.setdefault(message.room, []).append(message)
            for room, of_room in by_room.items():
                if (in_room := self._room_inboxes.get(room)) is not None:
                    in_room.keep(of_room)
        # Each line of this loop runs for every message of a flood.
        inbox, on_message, failed = self.inbox, self.on_message, self.failed
        for message in messages:
            if self.disposed:
                return
            if inbox.is_streaming:
                inbox.publish(message)
            data, name, _ = message
            on_message.call(failed, data)
            if name is not None:
                if (held := self._held_inboxes.get(name)) is not None:
                    held.publish(message)
                if (handlers := self._room_handlers.get(name)) is not None:
                    handlers.call(failed, data)

    def _change(
        self,
        room: str,
        change: Callable[..., bool],
        control: Callable[[str], str],
        done: str,
    ) -> None:
        self._refuse_disposed()
        connected = self.link.state is ChannelState.OPEN
        if not connected and not self.keeps:
            raise self._not_connected(f"the room {room!r} was not {done}")
        if change(room, connected=connected) and not self.link.send(control(room)) and not self.keeps:
            self._forget_rooms()  # the socket is ending at this moment
            raise self._not_connected(f"the room {room!r} was not {done}")
        self._joined_or_left(room)

    def _joined_or_left(self, room: str) -> None:
        """The channel wants to be in ``room``, or no more."""
        self.signals.set_rooms(self.membership.wanted)
        inbox = self._room_inboxes.get(room)
        if room in self.membership:
            if inbox is not None:
                self._held_inboxes[room] = inbox
        else:
            if inbox is not None and not inbox.is_streaming:
                self._held_inboxes.pop(room, None)
            if not self._room_handlers.get(room):
                self._room_handlers.pop(room, None)

    def _forget_rooms(self) -> None:
        self.membership.ended(keep=self.keeps)
        self.bindings.by_hand.intersection_update(self.membership.wanted)
        self.signals.set_rooms(self.membership.wanted)

    def _let_go(self) -> None:
        self.outbox.drop_all()
        self.bindings.end()
        for inbox in (self.inbox, *self._room_inboxes.values()):
            inbox.complete()

    def _all_handlers(self) -> list[Handlers]:
        named = [self.on_open, self.on_close, self.on_message, self.on_error, self.on_gap, self.on_request]
        return [*named, *self._handlers_of_rooms()]

    def _handlers_of_rooms(self, room: str | None = None) -> list[Handlers]:
        """The handlers of ``room``, or of all rooms."""
        return [handlers for name, handlers in self._room_handlers.items() if room in (None, name)]

    def _refuse_disposed(self) -> None:
        if self.disposed:
            raise self._is_disposed()

    def _is_disposed(self) -> ChannelDisposedError:
        return ChannelDisposedError(
            f"the channel to {self._endpoint.address} was disposed, by dispose() or with its owner",
            next_step="make a new Channel",
        )

    def _not_connected(self, what: str) -> NotConnectedError:
        return self.link.connection.not_connected(what)

    def _not_reliable(self) -> NotReliableError:
        return NotReliableError(
            f"the channel to {self._endpoint.address} is not a reliable one",
            next_step="use Channel(url, reliable=True) and metafor's RoomServer",
        )
