"""The same rooms on python-socketio under uvicorn: PORT."""

import sys

import socketio
import uvicorn

server = socketio.AsyncServer(async_mode="asgi")


@server.event
async def join(sid, room):  # type: ignore[no-untyped-def]
    """Join."""
    await server.enter_room(sid, room)


@server.event
async def message(sid, data):  # type: ignore[no-untyped-def]
    """Pass on."""
    await server.emit("message", data, room=data["room"])


uvicorn.run(
    socketio.ASGIApp(server),
    host="127.0.0.1",
    port=int(sys.argv[1]),
    loop="asyncio",
    log_level="critical",
    ws="websockets-sansio",
    ws_per_message_deflate=False,
)
