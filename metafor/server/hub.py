"""The hub: connections, rooms and routing, without a socket, a clock or a task in it.

A frame is understood by `parse`, which gives a command; `Hub.apply` carries the command out and
gives what is to be done about it, a list of actions, in the order in which the shell has to do them
(the application's hooks are asked between the two). The shell brings envelopes that the broker
delivers to `Hub.route`, which says who gets them.

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

Frames are passed on to the character, and the sender is among the receivers, unless `Rules` say
otherwise (ruling 10). Text that looks like an object with ``_room`` but cannot be parsed (``NaN`` in
it, nested too deep) is refused: a message meant for one room must not reach everybody because of a typo.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from metafor.channels.protocol import JOIN, LEAVE, control_of, decode, encode, from_wire, to_wire
from metafor.server.brokers.base import Envelope
from metafor.server.close_codes import MESSAGE_TOO_BIG
from metafor.server.errors import UnknownConnectionError
from metafor.server.limits import Limits
from metafor.server.rules import Rules

__all__ = [
    "RESERVED",
    "Action",
    "Close",
    "Command",
    "Hub",
    "Join",
    "Leave",
    "Mistake",
    "Publish",
    "Reply",
    "Say",
    "Subscribe",
    "TooBig",
    "Unsubscribe",
    "byte_length",
    "error_frame",
    "meaning",
    "parse",
    "say",
]

ERROR: Final = "_error"
_ROOM: Final = "_room"
#: Rooms whose names begin like this are the server's own (mailboxes of the reliable extension).
RESERVED: Final = "\x00metafor\x00"


# -- What a client can ask for ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Join:
    """The client wants to be in ``room``."""

    room: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The client wants to be out of ``room``."""

    room: str


@dataclass(frozen=True, slots=True)
class Say:
    """The client says ``frame`` to ``room`` (None: to everybody).

    ``message`` is what the frame means: parsed if it is JSON, else the text itself, or bytes.
    """

    room: str | None
    frame: str | bytes
    message: Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """The frame asks for something that cannot be; the connection goes on."""

    code: str
    message: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class TooBig:
    """The frame is longer than is allowed; the connection ends."""

    allowed: int


Command = Join | Leave | Say | Mistake | TooBig


def parse(frame: str | bytes, limits: Limits) -> Command:
    """What ``frame`` asks for. Never raises, whatever a stranger wrote."""
    if byte_length(frame) > limits.message_bytes:
        return TooBig(limits.message_bytes)
    if isinstance(frame, bytes):
        return Say(None, frame, frame)
    try:
        message = decode(frame)
    except ValueError:
        if frame.lstrip().startswith("{") and f'"{_ROOM}"' in frame:
            return Mistake("bad-json", "a message to a room has to be JSON (RFC 8259)")
        return Say(None, frame, frame)
    control = control_of(message)
    if control is None and (not isinstance(message, dict) or _ROOM not in message):
        return Say(None, frame, message)
    field = _ROOM if control is None else "room"
    room = message.get(field)
    if not isinstance(room, str) or not 0 < len(room) <= limits.room_name or room.startswith(RESERVED):
        return Mistake("bad-room", f'"{field}" has to be a string of 1 to {limits.room_name} characters')
    if control == JOIN:
        return Join(room)
    if control == LEAVE:
        return Leave(room)
    return Say(room, frame, message)


def meaning(frame: str | bytes) -> Any:
    """What ``frame`` means, wherever it goes: parsed if it is JSON, else the text itself, or bytes."""
    if isinstance(frame, bytes):
        return frame
    try:
        return decode(frame)
    except ValueError:
        return frame


def say(room: str | None, message: object) -> Say:
    """``message`` as if a client had said it. Raises `EncodeError`."""
    frame = to_wire(message, room)
    return Say(room, frame, message if room is None or isinstance(frame, bytes) else decode(frame))


# -- What the shell has to do about it -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Publish:
    """Hand the envelope to the broker."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Somebody here joined ``room``: the broker has to bring what is sent to it, if it does not yet.

    A join is done when that is so, also for the second who joins while the broker is still at it.
    """

    room: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """The last connection here left ``room``, unless somebody has joined it again by now."""

    room: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Send ``frame`` to ``connection`` alone. ``error`` is the code of the error that it tells, if any."""

    connection: int
    frame: str | bytes
    error: str | None = None


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

    def __init__(
        self, *, node: str = "hub", rules: Rules | None = None, limits: Limits | None = None
    ) -> None:
        self.node = node
        self.rules = rules if rules is not None else Rules()
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
        """`parse` and `apply` in one. Raises `UnknownConnectionError`, and nothing else."""
        return self.apply(connection, parse(frame, self.limits))

    def apply(self, connection: int, command: Command) -> list[Action]:
        """Carry out what ``connection`` asks for. Raises `UnknownConnectionError`, and nothing else."""
        joined = self._joined(connection)
        match command:
            case Say(None, frame) if self.rules.without_room == "echo":
                return [Reply(connection, frame)]
            case Say():
                return [Publish(self.envelope(connection, command))]
            case Join(room):
                return self._join(connection, joined, room)
            case Leave(room):
                return self._leave(connection, joined, room)
            case Mistake(code, message, room):
                return self.refuse(connection, code, message, room)
            case TooBig(allowed):
                return [Close(connection, MESSAGE_TOO_BIG, f"a message may have {allowed} bytes")]

    def refuse(self, connection: int, code: str, message: str, room: str | None = None) -> list[Action]:
        """Tell ``connection`` why something was not done: ``{"type": "_error", "code": …, …}``."""
        return [Reply(connection, error_frame(code, message, room), code)]

    def envelope(self, connection: int, said: Say) -> Envelope:
        """What the broker carries of ``said``. Connection 0 is the application itself."""
        frame = said.frame
        if said.room is not None and not self.rules.keep_room:
            frame = _without_room(frame, said.message)
        return Envelope(said.room, frame, self.node, connection)

    def route(self, envelope: Envelope) -> tuple[int, ...]:
        """The connections that ``envelope`` goes to, in the order in which they came or joined."""
        here: Iterable[int] = (
            self._rooms_of if envelope.room is None else self._members.get(envelope.room, ())
        )
        if self.rules.echo or envelope.node != self.node:
            return tuple(here)
        return tuple(connection for connection in here if connection != envelope.connection)

    # -- How -------------------------------------------------------------------------------------

    def _join(self, connection: int, joined: set[str], room: str) -> list[Action]:
        actions: list[Action] = []
        if room not in joined:
            if len(joined) >= self.limits.rooms:
                allowed = f"a connection may be in {self.limits.rooms} rooms"
                return self.refuse(connection, "too-many-rooms", allowed, room)
            joined.add(room)
            self._members.setdefault(room, {})[connection] = None
            actions.append(Subscribe(room))
        return actions + self._status(connection, "joined", room)

    def _leave(self, connection: int, joined: set[str], room: str) -> list[Action]:
        actions: list[Action] = []
        if room in joined:
            joined.discard(room)
            actions += self._remove(connection, room)
        return actions + self._status(connection, "left", room)

    def _status(self, connection: int, status: str, room: str) -> list[Action]:
        if not self.rules.status_replies:
            return []
        return [Reply(connection, encode({"status": status, "room": room}))]

    def _remove(self, connection: int, room: str) -> list[Action]:
        members = self._members[room]
        del members[connection]
        if members:
            return []
        del self._members[room]
        return [Unsubscribe(room)]

    def _joined(self, connection: int) -> set[str]:
        try:
            return self._rooms_of[connection]
        except KeyError:
            raise UnknownConnectionError(f"there is no connection {connection}") from None


def _without_room(frame: str | bytes, message: Any) -> str | bytes:
    """The payload without its envelope: an object without ``_room``; bytes (ruling 45) as bytes."""
    meant = from_wire(frame)
    if meant.binary:
        return bytes(meant.data)
    return encode({key: value for key, value in message.items() if key != _ROOM})


def error_frame(code: str, message: str, room: str | None = None) -> str:
    """What a client is told when something it asked for was not done."""
    about = {} if room is None else {"room": room}
    return encode({"type": ERROR, "code": f"server/{code}", "message": message, **about})


def byte_length(frame: str | bytes) -> int:
    """The bytes that ``frame`` takes on the wire, without its header. Lone surrogates count as three."""
    if isinstance(frame, bytes) or frame.isascii():
        return len(frame)
    return len(frame.encode("utf-8", "surrogatepass"))
