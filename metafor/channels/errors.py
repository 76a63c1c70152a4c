"""What can go wrong on a channel, by name.

::

    ChannelError
    ├── ChannelConnectionError        the connection could not be made, or ended
    │   ├── ChannelUrlError           the address or an option of the handshake cannot be used
    │   ├── ChannelTimeoutError       no answer to the handshake in time
    │   ├── CloseArgumentError        a close code or reason that a WebSocket does not take
    │   ├── ChannelUnavailableError   this machine has no WebSocket client
    │   └── ChannelDisposedError      the channel is gone for good (also a ChannelMessageError)
    └── ChannelMessageError           a message could not be sent, or could not be read
        ├── EncodeError               the payload has no form on the wire
        ├── DecodeError               the text is not JSON
        ├── NotConnectedError         no connection, and nothing that would make one
        ├── QueueFullError            too much waits for the connection already
        ├── NotReliableError          it takes reliable=True and a server that knows it
        ├── RefusedError              the server refused a join or a message
        ├── RequestFailedError        a request was answered with an error
        ├── RequestTimeoutError       a request was not answered in time
        └── ChannelDisposedError
"""

from __future__ import annotations

from typing import ClassVar

from metafor.errors import MetaforError

__all__ = [
    "ChannelConnectionError",
    "ChannelDisposedError",
    "ChannelError",
    "ChannelMessageError",
    "ChannelTimeoutError",
    "ChannelUnavailableError",
    "ChannelUrlError",
    "CloseArgumentError",
    "DecodeError",
    "EncodeError",
    "NotConnectedError",
    "NotReliableError",
    "QueueFullError",
    "RefusedError",
    "RequestFailedError",
    "RequestTimeoutError",
]


class ChannelError(MetaforError):
    """Any error of a channel."""

    code: ClassVar[str] = "channels/error"


class ChannelConnectionError(ChannelError):
    """The connection could not be made, or it ended without being asked to.

    ``close_code`` and ``reason`` are what the WebSocket ended with (RFC 6455, section 7.4; 1006 when
    the peer said nothing), ``clean`` whether the peer's close frame was received. ``attempt`` counts
    the attempts since the last successful open, the failed one included (0: it was open).
    ``retry_in`` is the wait in seconds before the next attempt, None when there will be none.
    """

    code: ClassVar[str] = "channels/connection"

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "",
        close_code: int | None = None,
        reason: str = "",
        clean: bool = False,
        attempt: int = 0,
        retry_in: float | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.close_code = close_code
        self.reason = reason
        self.clean = clean
        self.attempt = attempt
        self.retry_in = retry_in


class ChannelUrlError(ChannelConnectionError, ValueError):
    """The URL or a subprotocol cannot be used; trying again cannot help, so it is not tried."""

    code: ClassVar[str] = "channels/url"


class ChannelTimeoutError(ChannelConnectionError, TimeoutError):
    """The server did not answer the handshake in time."""

    code: ClassVar[str] = "channels/timeout"


class CloseArgumentError(ChannelConnectionError, ValueError):
    """A close code or reason that a WebSocket does not take; nothing was closed."""

    code: ClassVar[str] = "channels/close-argument"


class ChannelUnavailableError(ChannelConnectionError):
    """There is no WebSocket client here: on plain CPython the library ``websockets`` is missing."""

    code: ClassVar[str] = "channels/unavailable"


class ChannelMessageError(ChannelError):
    """A message could not be sent, or one that arrived could not be read."""

    code: ClassVar[str] = "channels/message"


class EncodeError(ChannelMessageError, ValueError):
    """The payload has no form on the wire; nothing was sent."""

    code: ClassVar[str] = "channels/encode"


class DecodeError(ChannelMessageError, ValueError):
    """The text is not JSON, or is JSON that is not safe to parse."""

    code: ClassVar[str] = "channels/decode"


class NotConnectedError(ChannelMessageError):
    """The channel is not open and does not reconnect, so the message cannot wait for a connection."""

    code: ClassVar[str] = "channels/not-connected"


class QueueFullError(ChannelMessageError):
    """Too many messages, or too many bytes, wait for the connection; this one was not taken."""

    code: ClassVar[str] = "channels/queue-full"


class NotReliableError(ChannelMessageError):
    """What was asked for takes ``Channel(reliable=True)``, and a server that knows the extension."""

    code: ClassVar[str] = "channels/not-reliable"


class RefusedError(ChannelMessageError):
    """The server refused a join or a message. ``reason`` is its own word, ``refusal`` its code."""

    code: ClassVar[str] = "channels/refused"

    def __init__(self, message: str, *, next_step: str = "", reason: str = "", refusal: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.reason = reason
        self.refusal = refusal


class RequestFailedError(ChannelMessageError):
    """A request has no answer but an error: the other side raised it, or the request went nowhere."""

    code: ClassVar[str] = "channels/request-failed"


class RequestTimeoutError(ChannelMessageError, TimeoutError):
    """A request was not answered in time. It may be answered yet, and nobody will hear of it."""

    code: ClassVar[str] = "channels/request-timeout"


class ChannelDisposedError(ChannelConnectionError, ChannelMessageError):
    """The channel was disposed, by ``dispose()`` or with its owner, and opens no socket again.

    It is both a connection and a message error, so that the ``except`` around ``connect()`` and the
    one around ``send()`` both catch it.
    """

    code: ClassVar[str] = "channels/disposed"
