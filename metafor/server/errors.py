"""What can go wrong in the room server, by name.

::

    ServerError
    ├── LimitError               a limit was given a value that makes no sense
    ├── RulesError               a rule was given a value that it does not know
    ├── OriginError              what was given as an origin is none
    ├── CloseCodeError           what was given as a close code is none
    ├── WrongArgumentError       what was given to a server is nothing of the kind
    ├── ServerClosedError        the server has been closed
    ├── BrokerUnavailableError   the broker cannot be reached at the moment
    └── UnknownConnectionError   the hub was asked about a connection that it does not have

`metafor.server.hooks.Refuse` stands beside the tree: a hook says no with it, which is no error of the server.
"""

from __future__ import annotations

from typing import ClassVar

from metafor.errors import MetaforError

__all__ = [
    "BrokerUnavailableError",
    "CloseCodeError",
    "LimitError",
    "OriginError",
    "RulesError",
    "ServerClosedError",
    "ServerError",
    "UnknownConnectionError",
    "WrongArgumentError",
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


class CloseCodeError(ServerError, ValueError):
    """What was given as a close code is none that may stand in a close frame."""

    code: ClassVar[str] = "server/close-code"


class WrongArgumentError(ServerError, TypeError):
    """What was given to a server is nothing of the kind that it takes."""

    code: ClassVar[str] = "server/wrong-argument"


class ServerClosedError(ServerError):
    """The server has been closed, and sends nothing any more."""

    code: ClassVar[str] = "server/closed"


class BrokerUnavailableError(ServerError, ConnectionError):
    """The broker cannot be reached at the moment. What was to be published was not, or nobody knows."""

    code: ClassVar[str] = "server/broker-unavailable"


class UnknownConnectionError(ServerError, KeyError):
    """The hub was asked about a connection that never existed or is gone."""

    code: ClassVar[str] = "server/unknown-connection"

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return ServerError.__str__(self)
