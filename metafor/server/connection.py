"""One WebSocket of the room server: what waits for it, and how it ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from metafor.server.limits import Limits

__all__ = ["Connection", "Message", "Receive", "Send"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Connection:
    """The sending side of one WebSocket: a bounded queue, the task that empties it, and the end.

    Nothing in it blocks its caller: `offer` either takes a message or says that the peer has fallen
    too far behind, and `end` only announces the end. `run` does the waiting.
    """

    def __init__(self, number: int, limits: Limits) -> None:
        self.number = number
        self._limits = limits
        self._queue: deque[tuple[Message, int]] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._end: tuple[int, str] | None = None
        self._cut = asyncio.Event()

    @property
    def pressed(self) -> bool:
        """Whether the queue is more than half full, so that its writer ought to get a turn."""
        limits = self._limits
        return len(self._queue) * 2 > limits.queue_messages or self._queued_bytes * 2 > limits.queue_bytes

    def offer(self, event: Message, size: int) -> bool:
        """Queue ``event`` (an ASGI ``websocket.send``) of ``size`` bytes.

        Gives False when it does not fit any more: the caller then has to `end` the connection. What
        is offered to a connection that is ending is dropped.
        """
        if self._end is not None:
            return True
        limits = self._limits
        if self._queue and (
            len(self._queue) >= limits.queue_messages or self._queued_bytes + size > limits.queue_bytes
        ):
            return False
        self._queue.append((event, size))
        self._queued_bytes += size
        self._wake.set()
        return True

    def end(self, code: int, reason: str, *, drain: bool) -> None:
        """Close with ``code`` and ``reason``; with ``drain`` after what is queued now, else at once.

        A second call changes nothing but this: without ``drain`` it ends the waiting.
        """
        if self._end is None:
            self._end = (code, reason)
        if not drain:
            self._queue.clear()
            self._queued_bytes = 0
            self._cut.set()
        self._wake.set()

    async def run(self, read: Awaitable[None], send: Send) -> None:
        """Send what is offered while ``read`` runs; return when either side is done for.

        ``read`` returns when the peer is gone or after it called `end`. Then, if the end was ours,
        the peer gets the close frame, within `Limits.close_seconds`. An exception of ``read``
        closes with 1011 and is raised.
        """
        reader = asyncio.ensure_future(read)
        writer = asyncio.ensure_future(self._write(send))
        cut = asyncio.ensure_future(self._cut.wait())
        tasks: tuple[asyncio.Future[Any], ...] = (reader, writer, cut)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and self._end is not None and not self._cut.is_set():
                # The reader asked for a close after what is queued.
                await asyncio.wait(
                    (writer, cut), return_when=asyncio.FIRST_COMPLETED, timeout=self._limits.close_seconds
                )
        finally:
            await _cancel(tasks)
        failure = reader.exception() if reader.done() and not reader.cancelled() else None
        if failure is not None and self._end is None:
            self._end = (1011, "internal error")
        peer_gone = writer.done() and not writer.cancelled() and writer.exception() is not None
        if self._end is not None and not peer_gone:
            await self._say_goodbye(send, *self._end)
        if failure is not None:
            raise failure

    async def _write(self, send: Send) -> None:
        queue = self._queue
        while True:
            while queue:
                event, size = queue.popleft()
                self._queued_bytes -= size
                await send(event)
            if self._end is not None:
                return
            self._wake.clear()
            await self._wake.wait()

    async def _say_goodbye(self, send: Send, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(self._limits.close_seconds):
                await send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception:
            # A peer that reads nothing or is gone cannot be told. What a server raises for the
            # latter is its own affair (OSError since ASGI 2.4, RuntimeError in some).
            return


async def _cancel(tasks: tuple[asyncio.Future[Any], ...]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
