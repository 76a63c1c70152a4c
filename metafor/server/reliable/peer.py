"""One connection that speaks the reliable extension: its session, and how far it has come in each room."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from metafor.channels.reliable.wire import EVERYBODY, MAILBOX
from metafor.server.brokers.base import Envelope, MemberChange, Position
from metafor.server.connection import Connection
from metafor.server.hub import RESERVED

__all__ = ["Peer", "Place", "mailbox"]


def mailbox(session: str) -> str:
    """The broker's name for the mailbox of ``session``."""
    return RESERVED + session


@dataclass(slots=True)
class Place:
    """Where a connection is in the log of one room. ``live``: it has all there is, and gets what comes."""

    position: Position | None = None
    live: bool = False
    #: The last message that came while it was not live.
    seen: Position | None = None
    #: Data under which it is shown to others, JSON text; None if it is not.
    presence: str | None = None
    #: Whether it wants to know who else is there, and the changes that wait until the list has been sent.
    members: bool = False
    changes: dict[str, MemberChange] | None = None
    #: Whether it has been told its position on this connection.
    told: bool = False

    def takes(self, envelope: Envelope) -> bool:
        """Whether a message that has just come is the next one; if so, the place moves."""
        position = self.position
        if not self.live or position is None:
            self.seen = Position(envelope.epoch, envelope.seq)
            return False
        if envelope.epoch == position.epoch:
            if envelope.seq == position.seq + 1:
                self.position = Position(envelope.epoch, envelope.seq)
                return True
            if envelope.seq <= position.seq:
                return False  # it was in a replay already
        self.live = False
        self.seen = Position(envelope.epoch, envelope.seq)
        return False

    @property
    def behind(self) -> bool:
        """Whether messages have come that the position does not include."""
        if self.seen is None or self.position is None:
            return False
        return self.seen.epoch != self.position.epoch or self.seen.seq > self.position.seq


@dataclass(slots=True)
class Peer:
    """The state of one connection. ``received``: its messages up to this number have been dealt with."""

    connection: Connection
    session: str
    received: int
    heard: float
    #: Whether it has said ready: from then on it sends frames of the extension.
    ready: bool = False
    #: Another connection has its session now; or its connection has ended.
    replaced: bool = False
    gone: bool = False
    spoken: float = 0.0
    ack_is_due: bool = False
    places: dict[str, Place] = field(default_factory=dict)
    #: Rooms whose messages have to be fetched from the log, in the order in which they are served.
    behind: OrderedDict[str, None] = field(default_factory=OrderedDict)
    #: Whether that is being done; by whom, unless it is the reader itself.
    served: bool = False
    worker: asyncio.Task[None] | None = None
    #: Rooms whose members it has to be told, and who does it.
    unlisted: OrderedDict[str, None] = field(default_factory=OrderedDict)
    lister: asyncio.Task[None] | None = None
    #: Frames of logs and lists, and their bytes, that it was sent and has not shown to have read.
    unread: int = 0
    unread_bytes: int = 0
    #: The ping by whose answer it shows that, and how many such there have been (see `flow`).
    reading: tuple[str, asyncio.Event] | None = None
    marks: int = 0

    @property
    def number(self) -> int:
        """The connection's number in the hub."""
        return self.connection.number

    def inner(self, room: str) -> str | None:
        """The broker's name for the room that this client calls ``room``."""
        if room == EVERYBODY:
            return None
        return mailbox(self.session) if room == MAILBOX else room
