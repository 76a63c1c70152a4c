"""What can go wrong in the room server, by name.

::

    ServerError
    ├── LimitError               a limit was given a value that makes no sense
    ├── RulesError               a rule was given a value that it does not know
    ├── OriginError              what was given as an origin is none
    ├── BrokerUnavailableError   the broker cannot be reached at the moment
    └── UnknownConnectionError   the hub was asked about a connection that it does not have

`metafor.server.hooks.Refuse` stands beside the tree: a hook says no with it, which is no error of the server.
"""

from __future__ import annotations

from typing import ClassVar

from metafor.errors import MetaforError

__all__ = [
    "BrokerUnavailableError",
    "LimitError",
    "OriginError",
    "RulesError",
    "ServerError",
    "UnknownConnectionError",
]


class ServerError(MetaforError):
    """Any error of the room server."""

    code: ClassVar[str] = "server/error"


class LimitError(ServerError, ValueError):
    """A limit was given a value that makes no sense."""

    code: ClassVar[str] = "server/limit"


class RulesError(ServerError, ValueError):
    """A rule was given a value that it does not know."""

    code: ClassVar[str] = "server/rules"


class OriginError(ServerError, ValueError):
    """What was given as an origin is none (RFC 6454, section 7)."""

    code: ClassVar[str] = "server/origin"


class BrokerUnavailableError(ServerError, ConnectionError):
    """The broker cannot be reached at the moment. What was to be published was not, or nobody knows."""

    code: ClassVar[str] = "server/broker-unavailable"


class UnknownConnectionError(ServerError, KeyError):
    """The hub was asked about a connection that never existed or is gone."""

    code: ClassVar[str] = "server/unknown-connection"

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return ServerError.__str__(self)
