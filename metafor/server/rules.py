"""How a room server deals with messages, where the specification leaves it open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from metafor.server.errors import RulesError

__all__ = ["Rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The choices of the specification's "Server-Side Protocol". Servers that share a broker share them.

    Raises `RulesError` for a value that is not among those named. Examples::

        Rules()                                      # its pseudo code
        Rules(echo=False, status_replies=True, without_room="echo")  # its example server
        Rules(keep_room=False)                       # Socket.IO style
    """

    #: Whether the sender of a message is among its receivers (ruling 10).
    echo: bool = True
    #: Whether ``_room`` stays in a room's messages. Without it clients cannot tell rooms apart; bytes
    #: (ruling 45) then travel as binary frames.
    keep_room: bool = True
    #: Whether a join is answered with ``{"status": "joined", "room": R}``, a leave with ``"left"``.
    status_replies: bool = False
    #: What happens to a message without a room: everybody gets it, or its sender alone, as it was sent.
    without_room: Literal["broadcast", "echo"] = "broadcast"

    def __post_init__(self) -> None:
        for name in ("echo", "keep_room", "status_replies"):
            if not isinstance(value := getattr(self, name), bool):
                raise RulesError(f"Rules({name}={value!r}) is neither True nor False")
        if self.without_room not in ("broadcast", "echo"):
            raise RulesError(
                f"Rules(without_room={self.without_room!r}) is not known",
                next_step='it is "broadcast" or "echo"',
            )
