"""The hub: connections, rooms and routing, without a socket, a clock or a task in it.

Frames go in by `Hub.receive`, and what is to be done about them comes out as a list of actions, in
the order in which the shell has to do them. The shell brings envelopes that the broker delivers to
`Hub.route`, which says who gets them.

The rules (the specification's "Server-Side Protocol"):

====================================================  ==============================================
a frame that is                                       does
====================================================  ==============================================
``{"type": "_join", "room": R}``                      joins R (again: nothing)
``{"type": "_leave", "room": R}``                     leaves R (not in it: nothing)
an object with ``_room``: R                           goes to everybody in R, member or not
any other JSON, text that is not JSON, bytes          goes to everybody
a join, leave or ``_room`` whose R is no room name    is answered with ``{"type": "_error", …}``
longer than the limit                                 closes the connection with 1009
====================================================  ==============================================

Frames are passed on to the character. The sender is among the receivers unless ``echo=False``
(ruling 10). Text that looks like an object with ``_room`` but cannot be parsed (``NaN`` in it, nested
too deep) is refused: a message meant for one room must not reach everybody because of a typo.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from metafor.channels.protocol import JOIN, LEAVE, control_of, decode, encode
from metafor.server.brokers.base import Envelope
from metafor.server.errors import UnknownConnectionError
from metafor.server.limits import Limits

__all__ = ["Action", "Close", "Hub", "Publish", "Reply", "Subscribe", "Unsubscribe", "byte_length"]

MESSAGE_TOO_BIG: Final = 1009
ERROR: Final = "_error"
_ROOM: Final = "_room"


@dataclass(frozen=True, slots=True)
class Publish:
    """Hand the envelope to the broker."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The first connection here joined ``room``: the broker has to bring what is sent to it."""

    room: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """The last connection here left ``room``."""

    room: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Send ``frame`` to ``connection`` alone."""

    connection: int
    frame: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close ``connection`` with ``code`` (RFC 6455, section 7.4)."""

    connection: int
    code: int
    reason: str


Action = Publish | Subscribe | Unsubscribe | Reply | Close


class Hub:
    """The state of one room server.

    ``node`` is this hub's name among the hubs that share a broker. Every method is synchronous,
    fast, and leaves the hub consistent; none raises for anything that a client can send.
    """

    def __init__(self, *, node: str = "hub", echo: bool = True, limits: Limits | None = None) -> None:
        self.node = node
        self.echo = echo
        self.limits = limits if limits is not None else Limits()
        self._last_connection = 0
        self._rooms_of: dict[int, set[str]] = {}
        # Insertion-ordered, so that members are served in the order in which they joined.
        self._members: dict[str, dict[int, None]] = {}

    # -- What is there ---------------------------------------------------------------------------

    @property
    def connections(self) -> tuple[int, ...]:
        """The connections, oldest first."""
        return tuple(self._rooms_of)

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms that have a member here."""
        return tuple(self._members)

    def members(self, room: str) -> tuple[int, ...]:
        """The connections in ``room``, in the order in which they joined."""
        return tuple(self._members.get(room, ()))

    def rooms_of(self, connection: int) -> frozenset[str]:
        """The rooms that ``connection`` is in. Raises `UnknownConnectionError`."""
        return frozenset(self._joined(connection))

    @property
    def full(self) -> bool:
        """Whether `Limits.connections` allows no further connection."""
        allowed = self.limits.connections
        return allowed is not None and len(self._rooms_of) >= allowed

    # -- What happens ----------------------------------------------------------------------------

    def connect(self) -> int:
        """Take a new connection in. Gives its number, which is never used again."""
        self._last_connection += 1
        self._rooms_of[self._last_connection] = set()
        return self._last_connection

    def disconnect(self, connection: int) -> list[Action]:
        """Take ``connection`` out of everything. A connection that is gone already changes nothing."""
        rooms = self._rooms_of.pop(connection, set())
        return [action for room in sorted(rooms) for action in self._remove(connection, room)]

    def receive(self, connection: int, frame: str | bytes) -> list[Action]:
        """A frame came from ``connection``. Raises `UnknownConnectionError`, and nothing else."""
        joined = self._joined(connection)
        if byte_length(frame) > self.limits.message_bytes:
            reason = f"a message may have {self.limits.message_bytes} bytes"
            return [Close(connection, MESSAGE_TOO_BIG, reason)]
        if isinstance(frame, bytes):
            return [self._publish(connection, None, frame)]
        try:
            message = decode(frame)
        except ValueError:
            if frame.lstrip().startswith("{") and f'"{_ROOM}"' in frame:
                return self._refuse(connection, "bad-json", "a message to a room has to be JSON (RFC 8259)")
            return [self._publish(connection, None, frame)]
        if not isinstance(message, dict):
            return [self._publish(connection, None, frame)]
        return self._receive_object(connection, joined, message, frame)

    def route(self, envelope: Envelope) -> tuple[int, ...]:
        """The connections that ``envelope`` goes to, in the order in which they came or joined."""
        here: Iterable[int] = (
            self._rooms_of if envelope.room is None else self._members.get(envelope.room, ())
        )
        if self.echo or envelope.node != self.node:
            return tuple(here)
        return tuple(connection for connection in here if connection != envelope.connection)

    # -- How -------------------------------------------------------------------------------------

    def _receive_object(
        self, connection: int, joined: set[str], message: dict[str, Any], frame: str
    ) -> list[Action]:
        control = control_of(message)
        if control is None and _ROOM not in message:
            return [self._publish(connection, None, frame)]
        field = _ROOM if control is None else "room"
        room = message.get(field)
        if not isinstance(room, str) or not 0 < len(room) <= self.limits.room_name:
            wanted = f'"{field}" has to be a string of 1 to {self.limits.room_name} characters'
            return self._refuse(connection, "bad-room", wanted)
        if control == JOIN:
            return self._join(connection, joined, room)
        if control == LEAVE:
            return self._leave(connection, joined, room)
        return [self._publish(connection, room, frame)]

    def _join(self, connection: int, joined: set[str], room: str) -> list[Action]:
        if room in joined:
            return []
        if len(joined) >= self.limits.rooms:
            return self._refuse(connection, "too-many-rooms", f"a connection may be in {len(joined)} rooms")
        joined.add(room)
        members = self._members.setdefault(room, {})
        members[connection] = None
        return [Subscribe(room)] if len(members) == 1 else []

    def _leave(self, connection: int, joined: set[str], room: str) -> list[Action]:
        if room not in joined:
            return []
        joined.discard(room)
        return self._remove(connection, room)

    def _remove(self, connection: int, room: str) -> list[Action]:
        members = self._members[room]
        del members[connection]
        if members:
            return []
        del self._members[room]
        return [Unsubscribe(room)]

    def _publish(self, connection: int, room: str | None, frame: str | bytes) -> Publish:
        return Publish(Envelope(room, frame, self.node, connection))

    def _refuse(self, connection: int, code: str, message: str) -> list[Action]:
        return [Reply(connection, encode({"type": ERROR, "code": f"server/{code}", "message": message}))]

    def _joined(self, connection: int) -> set[str]:
        try:
            return self._rooms_of[connection]
        except KeyError:
            raise UnknownConnectionError(f"there is no connection {connection}") from None


def byte_length(frame: str | bytes) -> int:
    """The bytes that ``frame`` takes on the wire, without its header. Lone surrogates count as three."""
    if isinstance(frame, bytes) or frame.isascii():
        return len(frame)
    return len(frame.encode("utf-8", "surrogatepass"))
