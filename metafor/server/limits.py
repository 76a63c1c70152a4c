"""How much the server grants, and to whom."""

from __future__ import annotations

from dataclasses import dataclass, fields

from metafor.server.arguments import check_number, check_whole

__all__ = ["Limits"]

_FRACTIONS = frozenset({"messages_per_second", "returns_per_second", "close_seconds"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the server grants its connections. Each is a positive whole number unless it says otherwise.

    Raises `LimitError` for anything else. Example::

        RoomServer(limits=Limits(message_bytes=64 * 1024, rooms=20))
    """

    #: Bytes (UTF-8) of one message. A longer one closes the connection with 1009.
    message_bytes: int = 1024 * 1024
    #: Bytes (JSON, UTF-8) that a member of a room may show of itself: ``join(presence=…)``. More is refused.
    presence_bytes: int = 4096
    #: Rooms that one connection may be in. One more is refused; the connection goes on.
    rooms: int = 256
    #: Characters of a room's name. A longer one is refused; the connection goes on.
    room_name: int = 256
    #: Messages, and bytes, that may wait for one connection. A consumer that falls further behind is
    #: cut with 1013 ("try again later"), so that it costs a bounded amount of memory. One message
    #: may always wait, however long.
    queue_messages: int = 1000
    queue_bytes: int = 1024 * 1024
    #: Bytes of requests of one client that ``on_request`` may work on at a time, of which each counts 1,000
    #: more than it has; one request may always be worked on. More are refused; the connection goes on.
    request_bytes: int = 8 * 1024 * 1024
    #: Messages that one connection may send per second (may be a fraction), after a burst of as many as
    #: ``burst``; None is no limit. Beyond that the server does not read for a while: nothing is lost, the
    #: sender's own network holds the rest back.
    messages_per_second: float | None = None
    burst: int = 100
    #: Connections in all, and of one identity (`RoomServer` has ``on_connect``); None is no limit. One more
    #: is answered with close code 1013.
    connections: int | None = None
    connections_per_identity: int | None = None
    #: How many clients per second a server that shuts down asks to come back.
    returns_per_second: float = 500
    #: Seconds (may be a fraction) that a closing connection has to take what is still to be said to it.
    close_seconds: float = 5.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.default is None:
                continue
            check = check_number if field.name in _FRACTIONS else check_whole
            check("Limits", field.name, value)
