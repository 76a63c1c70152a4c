"""One room of a channel, seen by itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar

from metafor.channels.inbox import Inbox
from metafor.core import Getter

if TYPE_CHECKING:
    from metafor.channels.channel import Channel
    from metafor.channels.receipts import Receipt
    from metafor.channels.reliable.presence import Member
    from metafor.channels.stream import MessageStream

__all__ = ["Room"]

#: The default of ``presence``, which None is not.
NOBODY: Any = object()

H = TypeVar("H", bound=Callable[..., Any])


class Room:
    """What ``channel.room(name)`` gives: the messages that name this room, and no others.

    A message belongs to the room in its ``_room``, or in ``room`` where it has no ``_room`` (ruling 8).
    Making a `Room` joins nothing: call `join`.

    Example::

        general = channel.room("general")
        await general.join()
        await general.send({"text": "Hello"})
    """

    def __init__(self, channel: Channel, name: str, inbox: Inbox) -> None:
        self.name = name
        #: Signal of the latest message, as a handler gets it; None before the first. It notifies for
        #: equal messages too.
        self.message_signal: Getter[Any] = inbox.latest
        #: Signal of the last ``history`` messages, oldest first.
        self.messages_signal: Getter[list[Any]] = inbox.recent
        self._channel = channel

    @property
    def stream(self) -> MessageStream:
        """The room's messages as an RxPY observable of `Message`, like ``channel.stream``."""
        return self._channel._session.room_stream(self.name)

    @property
    def is_joined(self) -> bool:
        """Whether the channel is in this room, or will be when it is open."""
        return self._channel.is_in_room(self.name)

    async def join(self, presence: Any = NOBODY) -> None:
        """Join; see `Channel.join`. With ``presence`` others see this channel here as a `Member`.

        It is any JSON value, read now, and becomes their `Member.data`. A further call with another replaces
        it, one without it keeps it. Raises `EncodeError` for what is no JSON value, and changes nothing then.

        It takes ``reliable=True``, else `NotReliableError` is raised. Where the server turns out not to take
        part the room is joined all the same, but nobody is seen there: the call raises `NotReliableError`, or
        if it has returned, `Channel.on_error` is told. A presence that is longer than the server takes is
        refused (`RefusedError`).
        """
        if presence is NOBODY:
            await self._channel.join(self.name)
        else:
            self._channel._session.show_as(self.name, presence)
            await self._channel._session.confirmed(self.name)

    @property
    def members_signal(self) -> Getter[list[Member]]:
        """Signal of who is seen in this room, in the order they came, this channel included if it is.

        From the first use the server tells of the members while the room is joined. After a `leave` the
        list is empty. Takes ``reliable=True``, like the two events; where the server does not take part,
        `Channel.on_error` is told so, and the list stays empty.
        """
        return self._channel._session.members(self.name).signal

    def on_join(self, handler: H) -> H:
        """Call ``handler(member)`` when somebody comes; not for those who are there already."""
        return self._channel._session.members(self.name).joined.add(handler)

    def on_leave(self, handler: H) -> H:
        """Call ``handler(member)`` when somebody left, or did not come back in time after an outage."""
        return self._channel._session.members(self.name).left.add(handler)

    async def leave(self) -> None:
        """See `Channel.leave`."""
        await self._channel.leave(self.name)

    async def send(
        self,
        message: object,
        *,
        ttl: float | None = None,
        key: Hashable | None = None,
        volatile: bool = False,
    ) -> Receipt:
        """See `Channel.send_to`."""
        return await self._channel.send_to(self.name, message, ttl=ttl, key=key, volatile=volatile)

    def on_message(self, handler: H) -> H:
        """See `Channel.on_room_message`."""
        return self._channel.on_room_message(self.name, handler)

    def __repr__(self) -> str:
        return f"<Room {self.name!r} of {self._channel!r}>"
