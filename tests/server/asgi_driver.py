"""A WebSocket client in memory: it speaks ASGI to an app as a server would, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

App = Callable[..., Awaitable[None]]


class Peer:
    """One client. `stall` makes the app's sends wait, as a full socket does."""

    def __init__(
        self,
        app: App,
        *,
        path: str = "/",
        query: str = "",
        headers: list[tuple[str, str]] | None = None,
        subprotocols: list[str] | None = None,
    ) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._gone = False
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("utf-8")) for name, value in headers or []],
            "subprotocols": subprotocols or [],
        }
        self.task = asyncio.ensure_future(app(scope, self._to_app.get, self._send))

    async def _send(self, event: dict[str, Any]) -> None:
        await self._flowing.wait()
        if self._gone:
            raise OSError("the client is gone")
        if event["type"] == "websocket.close":
            self._gone = True
            self._to_app.put_nowait({"type": "websocket.disconnect", "code": event["code"]})
        self._from_app.put_nowait(event)

    async def open(self) -> dict[str, Any]:
        self._to_app.put_nowait({"type": "websocket.connect"})
        return await self.event()

    async def event(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            return await self._from_app.get()

    def send(self, frame: str | bytes) -> None:
        kind = "bytes" if isinstance(frame, bytes) else "text"
        self.put({"type": "websocket.receive", kind: frame})

    def put(self, event: dict[str, Any]) -> None:
        self._to_app.put_nowait(event)

    async def receive(self) -> str | bytes:
        event = await self.event()
        assert event["type"] == "websocket.send", event
        frame = event.get("text")
        return frame if frame is not None else event["bytes"]

    async def closed(self) -> tuple[int, str]:
        """The close frame, after everything that was sent before it."""
        while (event := await self.event())["type"] == "websocket.send":
            pass
        async with asyncio.timeout(5):
            await self.task
        return event["code"], event["reason"]

    @property
    def inbox(self) -> list[str | bytes]:
        """What has arrived and was not read."""
        frames = []
        while not self._from_app.empty():
            event = self._from_app.get_nowait()
            frames.append(event.get("text", event.get("bytes")))
        return frames

    def stall(self) -> None:
        self._flowing.clear()

    def flow(self) -> None:
        self._flowing.set()

    async def leave(self) -> None:
        """Go away, as a closed tab does."""
        self._gone = True
        self.put({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(5):
            await self.task


@asynccontextmanager
async def peers(app: App, count: int) -> AsyncIterator[list[Peer]]:
    """``count`` open clients, which leave at the end."""
    everyone = [Peer(app) for _ in range(count)]
    for peer in everyone:
        assert (await peer.open())["type"] == "websocket.accept"
    try:
        yield everyone
    finally:
        for peer in everyone:
            peer.flow()
            if not peer.task.done():
                await peer.leave()


async def settle() -> None:
    """Let every task run until all of them wait."""
    for _ in range(20):
        await asyncio.sleep(0)
