"""The end of listening, in which no connection is forgotten."""

from __future__ import annotations

import asyncio
from contextlib import suppress

__all__ = ["end_listening"]

#: Turns of the event loop from accepting a connection to who is to have it: one makes its transport.
_TURNS = 2


async def end_listening(server: asyncio.Server) -> None:
    """Accept no more, hand on what was accepted, and close ``server``; connections that are open stay.

    ``server.close()`` alone forgets a connection that asyncio has accepted in that very turn: its socket
    stays open until it is garbage. When this is cancelled, the server is closed.
    """
    loop = asyncio.get_running_loop()
    try:
        for listening in server.sockets:
            with suppress(NotImplementedError):  # an event loop that has no readers
                loop.remove_reader(listening)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
    finally:
        server.close()
