"""WebSockets of the page: the Python half. The other is ``browser.js``, at ``js.metafor.sockets``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from metafor.channels.errors import ChannelUnavailableError, ChannelUrlError
from metafor.channels.transports.base import Close, Frame, NetworkEvent, SocketListener

__all__ = ["BrowserSocket", "BrowserTransport"]


class BrowserTransport:
    """The transport of a page, over its native ``WebSocket``. ``Channel`` makes one by itself."""

    def open(self, url: str, protocols: Sequence[str], listener: SocketListener) -> BrowserSocket:
        """See `Transport.open`; a relative URL is relative to the page."""
        return BrowserSocket(_javascript_half(), url, protocols, listener)

    def watch(self, tell: Callable[[NetworkEvent], None]) -> Callable[[], None]:
        """See `NetworkWatcher.watch`: offline; online, shown from the cache of pages, resumed, visible."""
        from pyodide.ffi import create_proxy

        try:
            sockets = _javascript_half()
        except ChannelUnavailableError:
            return lambda: None  # `open` says so, to those who can be told
        proxy = create_proxy(lambda event: tell(NetworkEvent(event)))
        unwatch = sockets.watch(proxy)

        def stop() -> None:
            unwatch()
            proxy.destroy()

        return stop


def _javascript_half() -> Any:
    import js

    try:
        return js.metafor.sockets
    except AttributeError:
        raise ChannelUnavailableError(
            "the page has not loaded metafor's JavaScript half",
            next_step="start the page with metafor's boot script, as `metafor build` writes it",
        ) from None


class BrowserSocket:
    """A `Socket` over one JavaScript object, which calls back through one proxy."""

    #: A page sees neither ping nor pong (ruling 42).
    latency: float | None = None

    def __init__(self, sockets: Any, url: str, protocols: Sequence[str], listener: SocketListener) -> None:
        from pyodide.ffi import JsException, create_proxy, to_js

        self._listener: SocketListener | None = listener
        self._socket: Any = None
        self._closing = False
        self._to_js = to_js
        tell = create_proxy(self._tell)
        try:
            self._socket = sockets.open(url, to_js(list(protocols)), tell)
        except JsException as error:
            tell.destroy()
            raise ChannelUrlError(
                f"the browser does not take {url!r}: {error}",
                next_step='use wss:// (or ws:// from a page that is not https), or a path like "/ws"',
            ) from None

    def send(self, frame: Frame) -> bool:
        """See `Socket.send`."""
        if self._socket is None:
            return False
        return bool(self._socket.send(frame if isinstance(frame, str) else self._to_js(frame)))

    @property
    def buffered(self) -> int:
        """See `Socket.buffered`; the ``bufferedAmount`` of the WebSocket."""
        return int(self._socket.buffered) if self._socket is not None else 0

    def watch_buffer(self, level: int) -> None:
        """See `Socket.watch_buffer`; there is no event for it, so the page looks again every 20 ms."""
        if self._socket is not None:
            self._socket.watchBuffer(level)

    def close(self, code: int, reason: str) -> None:
        """See `Socket.close`."""
        if self._socket is not None:
            self._closing = True
            self._socket.close(code, reason)

    def drop(self) -> None:
        """See `Socket.drop`."""
        self._listener = None
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.drop()

    def _tell(self, event: str, *args: Any) -> None:
        """The one function that JavaScript calls, outside any task, in the page's event loop."""
        listener = self._listener
        if listener is None:
            return
        match event:
            case "texts":  # joined by a separator that none of them holds
                listener.received(args[0].split("\x1e"))
            case "messages":
                listener.received([item if isinstance(item, str) else item.to_bytes() for item in args[0]])
            case "open":
                listener.opened(args[0])
            case "buffer":
                listener.buffer_fell()
            case "close":
                self._listener = self._socket = None
                code, reason, clean = args
                # A page is not told whose word it is; after close() it is the answer to ours.
                listener.closed(Close(code, reason, clean=clean, received=clean and not self._closing))
