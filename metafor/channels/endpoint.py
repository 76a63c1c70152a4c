"""Where a channel leads: URL and subprotocols, which may be made anew for each attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import Any

from metafor.channels import options
from metafor.channels.errors import ChannelConnectionError, ChannelUrlError
from metafor.channels.transports import platform_transport
from metafor.channels.transports.base import Close, Frame, Socket, SocketListener, Transport
from metafor.core import untrack

__all__ = ["Endpoint", "Protocols", "Url"]

#: A URL, or a function or coroutine function that gives one.
Url = str | Callable[[], str | Awaitable[str]]
#: Subprotocols, best first, or a function or coroutine function that gives them.
Protocols = Iterable[str] | None | Callable[[], Iterable[str] | Awaitable[Iterable[str] | None] | None]


class Endpoint:
    """Opens sockets to where ``url`` says at that moment. What cannot be meant is refused at once."""

    def __init__(self, url: Url, protocols: Protocols, transport: Transport | None) -> None:
        if not isinstance(url, str) and not callable(url):
            raise TypeError(f"url must be a str, or a function that gives one, not {url!r}")
        if transport is not None and not callable(getattr(transport, "open", None)):
            raise TypeError(f"transport must be a Transport, an object with open(), not {transport!r}")
        self._given_url = url
        self._given_protocols = protocols if callable(protocols) else options.subprotocols(protocols)
        self._transport = transport
        #: The URL of the last attempt, before the first the one that was given, "" if that is a function.
        self.url = url if isinstance(url, str) else ""

    @property
    def address(self) -> str:
        """`url` without its secrets, for messages."""
        return options.address(self.url)

    @property
    def transport(self) -> Transport:
        """The transport that was given, or the platform's."""
        if self._transport is None:
            self._transport = platform_transport()
        return self._transport

    def open(self, listener: SocketListener) -> Socket:
        """Begin to connect; see `Transport.open`. Functions are called now, without tracking."""
        url = _ask(self._given_url)
        protocols = None if isawaitable(url) else _ask(self._given_protocols)
        if isawaitable(url) or isawaitable(protocols):
            return _PendingSocket(self, url, protocols, listener)
        return self._open(url, protocols, listener)

    def _open(self, url: Any, protocols: Any, listener: SocketListener) -> Socket:
        if not isinstance(url, str):
            raise ChannelUrlError(f"the function given as url gave {url!r}, which is no str")
        self.url = url
        return self.transport.open(url, options.subprotocols(protocols), listener)


def _ask(given: Any) -> Any:
    return untrack(given) if callable(given) else given


class _PendingSocket:
    """A `Socket` whose address is being asked for, by a task of its own; from then on the real one."""

    def __init__(self, endpoint: Endpoint, url: Any, protocols: Any, listener: SocketListener) -> None:
        self._endpoint = endpoint
        self._listener = listener
        self._socket: Socket | None = None
        self._dropped = False
        # A future from the start: a coroutine that is dropped before its first step complains otherwise.
        self._asked = asyncio.ensure_future(url if isawaitable(url) else protocols)
        self._task = asyncio.get_running_loop().create_task(self._run(None if isawaitable(url) else url))

    async def _run(self, url: Any) -> None:
        endpoint = self._endpoint
        try:
            answer = await self._asked
            if url is not None:
                protocols = answer
            else:
                url, protocols = answer, _ask(endpoint._given_protocols)
                if isawaitable(protocols):
                    protocols = await protocols
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._dropped or (task is not None and task.cancelling()):
                raise
            self._listener.closed(Close(problem="what gives the URL was cancelled"))
            return
        except Exception as error:
            # A token that cannot be had now may be had later: this is an outage like others.
            self._listener.closed(Close(problem=f"what gives the URL raised {error!r}"))
            return
        try:
            self._socket = endpoint._open(url, protocols, self._listener)
        except ChannelConnectionError as error:
            self._listener.failed(error)
        except Exception as error:
            self._listener.closed(Close(problem=f"the transport raised {error!r}"))

    @property
    def latency(self) -> float | None:
        """See `Socket.latency`."""
        return self._socket.latency if self._socket is not None else None

    @property
    def buffered(self) -> int:
        """See `Socket.buffered`."""
        return self._socket.buffered if self._socket is not None else 0

    def send(self, frame: Frame) -> bool:
        """See `Socket.send`."""
        return self._socket is not None and self._socket.send(frame)

    def watch_buffer(self, level: int) -> None:
        """See `Socket.watch_buffer`."""
        if self._socket is not None:
            self._socket.watch_buffer(level)

    def close(self, code: int, reason: str) -> None:
        """See `Socket.close`; it is never closed before it was open."""
        if self._socket is not None:
            self._socket.close(code, reason)

    def drop(self) -> None:
        """See `Socket.drop`."""
        self._dropped = True
        self._task.cancel()
        self._asked.cancel()
        if self._socket is not None:
            self._socket.drop()
