"""A server of plain streams on loopback that leaves nothing open when it ends."""

from __future__ import annotations

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from metafor.testing.faults.listening import end_listening

__all__ = ["serve_streams"]


@asynccontextmanager
async def serve_streams(
    handle: Callable[[StreamReader, StreamWriter], Awaitable[object]], **options: Any
) -> AsyncIterator[int]:
    """Give the port. Each connection is ``handle``'s, and closed after it.

    At the end what still runs is cancelled, and its connection aborted: TLS would wait for a farewell that
    nobody says any more. Errors of ``handle``, other than those of its connection, are raised there.
    """
    tasks: list[asyncio.Task[None]] = []
    ended = False

    # No coroutine function: asyncio's own task may be cancelled before it begins, and would clean nothing.
    def accept(reader: StreamReader, writer: StreamWriter) -> None:
        if ended:
            writer.transport.abort()
        else:
            tasks.append(asyncio.create_task(talk(reader, writer)))

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            with suppress(ConnectionError, ssl.SSLError):
                await handle(reader, writer)
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, **options)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        ended = True
        await end_listening(listening)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # an aborted transport closes its socket a turn later
    for result in results:
        if isinstance(result, Exception):
            raise result
