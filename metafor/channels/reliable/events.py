"""What the machine of the reliable extension decides: what to send, and what to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from metafor.channels.protocol import Message
from metafor.channels.reliable.gap import Gap
from metafor.channels.transports.base import Frame

__all__ = [
    "Action",
    "Gap",
    "GiveUp",
    "Joined",
    "Left",
    "MemberCame",
    "MemberLeft",
    "MembersAre",
    "Mode",
    "ModeIs",
    "Refused",
    "Replied",
    "Requested",
    "RetryAfter",
    "RoundTrip",
    "Send",
    "Settled",
    "Status",
]

T = TypeVar("T")


class Mode(StrEnum):
    """What is known of the server at the other end."""

    #: There is no connection.
    OFF = "off"
    #: It was asked whether it knows the extension.
    ASKING = "asking"
    RELIABLE = "reliable"
    #: It does not know the extension.
    BASE = "base"


class Status(StrEnum):
    """What became of a message."""

    ACKED = "acked"
    REFUSED = "refused"
    #: The session is lost: it may have arrived or not.
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Send:
    """Hand this frame to the socket."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class ModeIs:
    """The answer about the server is there."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Settled(Generic[T]):
    """The message with this ticket was dealt with, or nobody will ever know."""

    ticket: T
    status: Status
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """The server confirmed a join."""

    room: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server refused a join."""

    room: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Left:
    """The server confirmed a leave."""

    room: str


@dataclass(frozen=True, slots=True)
class MembersAre:
    """All members of a room and their data."""

    room: str
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MemberCame:
    """A member came, or has other data now."""

    room: str
    member: str
    data: Any


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """A member is gone."""

    room: str
    member: str


@dataclass(frozen=True, slots=True)
class Requested:
    """Another member asks something."""

    asker: str
    request: str
    message: Message


@dataclass(frozen=True, slots=True)
class Replied:
    """A request was answered; ``failed``: with an error, whose text the message is."""

    request: str
    message: Message
    failed: bool


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A ping came back after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """If this connection ends, wait at least so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The connection is dead or cannot be understood: drop it, and make another."""

    problem: str


Action = (
    Message
    | Send
    | Gap
    | ModeIs
    | Settled[Any]
    | Joined
    | Refused
    | Left
    | MembersAre
    | MemberCame
    | MemberLeft
    | Requested
    | Replied
    | RoundTrip
    | RetryAfter
    | GiveUp
)
