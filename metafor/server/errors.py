"""What can go wrong in the room server, by name.

::

    ServerError
    ├── LimitError               a limit was given a value that makes no sense
    └── UnknownConnectionError   the hub was asked about a connection that it does not have
"""

from __future__ import annotations

from typing import ClassVar

from metafor.errors import MetaforError

__all__ = ["LimitError", "ServerError", "UnknownConnectionError"]


class ServerError(MetaforError):
    """Any error of the room server."""

    code: ClassVar[str] = "server/error"


class LimitError(ServerError, ValueError):
    """A limit was given a value that makes no sense."""

    code: ClassVar[str] = "server/limit"


class UnknownConnectionError(ServerError, KeyError):
    """The hub was asked about a connection that never existed or is gone."""

    code: ClassVar[str] = "server/unknown-connection"

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return ServerError.__str__(self)
