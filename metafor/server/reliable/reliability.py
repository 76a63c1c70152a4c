"""What the server offers to clients of the reliable extension."""

from __future__ import annotations

from dataclasses import dataclass, fields

from metafor.server.arguments import check_number
from metafor.server.errors import LimitError

__all__ = ["Reliability"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """The numbers of the reliable extension, for ``RoomServer(reliable=…)``. Raises `LimitError`.

    How many messages of a room are kept, and for how long, is the broker's affair (see `MemoryBroker`).
    """

    #: Messages that one client may have on their way unacknowledged, from 1 to 256.
    window: int = 256
    #: Seconds after which a quiet connection is asked for a sign of life, and those that it has to answer.
    heartbeat: float = 25.0
    timeout: float = 10.0
    #: Seconds that a client waits at least before it connects again, if the server ends without a word.
    retry: float = 0.0
    #: Seconds for which a member is still shown whose connection has ended.
    presence_seconds: float = 30.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            check_number("Reliability", field.name, value, zero=field.name == "retry")
        if not isinstance(self.window, int) or self.window > 256:
            raise LimitError(f"Reliability(window={self.window!r}) is not a whole number from 1 to 256")
