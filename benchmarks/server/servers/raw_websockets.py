"""The same rooms in a few lines on `websockets`, with its own ``broadcast``: PORT."""

import asyncio
import json
import logging
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

rooms: dict[str, set[ServerConnection]] = {}


async def handle(socket: ServerConnection) -> None:
    """Join, or pass on."""
    async for frame in socket:
        message = json.loads(frame)
        if message.get("type") == "_join":
            rooms.setdefault(message["room"], set()).add(socket)
        else:
            broadcast(rooms[message["_room"]], frame)


async def main() -> None:
    """Serve until killed."""
    async with serve(handle, "127.0.0.1", int(sys.argv[1]), compression=None):
        await asyncio.Event().wait()


logging.getLogger("websockets").setLevel(logging.CRITICAL)
asyncio.run(main())
