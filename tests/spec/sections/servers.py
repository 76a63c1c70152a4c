"""The sections about servers: the document's own, run as they stand, with a `Channel` before them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from metafor.channels import Channel
from metafor.channels.protocol import control_of, join_message, leave_message, to_wire

from .document import snippet
from .world import Names, World, connected, scenario

LOCAL = "Testing with Public WebSocket Servers/Local Testing"
ROOMS = "Testing with Public WebSocket Servers/Testing Room Support"
PUBLIC = "Testing with Public WebSocket Servers"


class Client:
    """A channel and what it received."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        channel.on_message(self.messages.put_nowait)

    async def next(self) -> Any:
        async with asyncio.timeout(10):
            return await self.messages.get()


@asynccontextmanager
async def client(channel: Channel) -> AsyncIterator[Client]:
    one = Client(channel)
    await channel.connect()
    yield one
    await channel.close()
    assert one.messages.empty()


def addresses(world: World, server: str) -> list[str]:
    """Of one of the document's servers, without and with TLS."""
    return [f"ws://localhost:{world.servers[server]}", f"wss://localhost:{world.servers[server + ' tls']}"]


@scenario(
    "Metafor Channels provide a Pythonic API for WebSocket communication using native JavaScript WebSockets "
    "through Pyodide. Channels support room/topic management similar to Socket.IO, making it easy to build "
    "real-time applications."
)
async def introduction(world: World) -> None:
    if sys.platform == "emscripten":
        from metafor.channels.transports.browser import BrowserSocket

        async with connected() as (channel, _):
            socket: Any = channel._session.link._socket
            assert isinstance(socket, BrowserSocket)
            assert "WebSocket" in str(socket._socket.socket.constructor.name)
    else:
        async with connected() as (channel, _):
            assert channel.is_connected


# -- Server-Side Protocol ----------------------------------------------------------------------------


@scenario(
    "Your server should:",
    "1. **Handle join/leave commands:**",
    "2. **Route messages by room:**",
)
async def server_side_protocol_pseudocode(world: World) -> None:
    """The document's pseudocode understands what we send; its functions write down how they are called."""
    calls: list[tuple[Any, ...]] = []

    def note(name: str) -> Callable[..., None]:
        return lambda *args: calls.append((name, *args))

    called = ("add_client_to_room", "remove_client_from_room", "broadcast_to_room", "broadcast_to_all")
    names: dict[str, Any] = {name: note(name) for name in called}
    names["websocket"] = "ws"
    sent = join_message("r"), leave_message("r"), to_wire({"text": "Hello"}, "r"), to_wire({"text": "Hello"})
    for frame in sent:
        names["message"] = json.loads(frame)
        is_control = control_of(names["message"]) is not None
        snippet("Server-Side Protocol/Server Implementation", 0 if is_control else 1).run_sync(names)
    assert calls == [
        ("add_client_to_room", "ws", "r"),
        ("remove_client_from_room", "ws", "r"),
        ("broadcast_to_room", "r", {"_room": "r", "text": "Hello"}),
        ("broadcast_to_all", {"text": "Hello"}),
    ]


@scenario(
    "3. **Filter messages server-side (Socket.IO style):**",
    "- Don't include room metadata in messages (optional)",
    "- Client trusts that received messages are for rooms it's in",
    "**Note**: Room-specific handlers only work if the server includes room metadata. In pure Socket.IO "
    "style, the server filters server-side and doesn't include metadata. Use general `on_message()` handlers "
    "in that case.",
    "In Socket.IO style, the server filters messages, so room-specific handlers aren't needed. Use them only "
    "if:",
    "- Your server includes room metadata",
    "- You need client-side routing for debugging",
    "- You're using a different protocol",
)
async def best_practices_5_use_room_specific_handlers_sparingly(world: World) -> None:
    async with connected() as (channel, names):
        await channel.join("r")
        channel.on_message(lambda msg: names.lines.append(f"any: {msg}"))
        channel.on_room_message("r", lambda msg: names.lines.append(f"r: {msg}"))
        await world.app.say('{"text": "without metadata"}')
        await names.printed("any: {'text': 'without metadata'}")
        await world.app.say('{"_room": "r"}')
        await names.printed("any: {'text': 'without metadata'}", "any: {'_room': 'r'}", "r: {'_room': 'r'}")
        del names.lines[:]
        await world.app.say('{"room": "r", "event": "another protocol"}')
        await world.app.say('{"_room": "elsewhere"}')
        other = "{'room': 'r', 'event': 'another protocol'}"
        await names.printed(f"any: {other}", f"r: {other}", "any: {'_room': 'elsewhere'}")


# -- Testing with Public WebSocket Servers -----------------------------------------------------------


@scenario(
    "These servers echo back whatever you send:",
    "**Available Echo Servers:**",
    "- `wss://echo.websocket.org` - Most popular, reliable",
    "- `wss://echo.websocket.events` - Alternative echo server",
    "- `ws://echo.websocket.org` - Non-secure version",
)
async def echo_test_servers(world: World) -> None:
    names = Names(Channel=Channel)
    await snippet(f"{PUBLIC}/Echo Test Servers").run(names)
    await names.printed("Echo: Hello, World!")
    await names["channel"].close()
    for url in ("wss://echo.websocket.events", "ws://echo.websocket.org"):
        async with client(Channel(url)) as one:
            for message in ("text", {"json": 1}, b"\x00\xff"):
                await one.channel.send(message)
                assert await one.next() == message


@scenario("**1. WebSocket.org Echo Test:**", "**2. Postman Echo Server:**", "**3. Socket.IO Test Server:**")
async def websocket_test_servers(world: World) -> None:
    for number in range(3):
        names = Names(Channel=Channel)
        await snippet(f"{PUBLIC}/WebSocket Test Servers", number).run(names)
        async with client(names["channel"]) as one:
            await one.channel.send("Hello")
            assert await one.next() == "Hello"


@scenario(
    "For local testing, you can use simple WebSocket servers:",
    "**Python (using websockets library):**",
    "Then connect with:",
)
async def local_testing_python(world: World) -> None:
    assert snippet(LOCAL, 0).language == "python"  # runs in a process of its own
    world.lead("localhost", 8765, world.servers["python echo"])
    names: dict[str, Any] = {"Channel": Channel}
    await snippet(LOCAL, 1).run(names)
    for channel in (names["channel"], *map(Channel, addresses(world, "python echo"))):
        async with client(channel) as one:
            await one.channel.send("Hello")
            assert await one.next() == "Echo: Hello"
            await one.channel.send({"a": 1})
            assert await one.next() == 'Echo: {"a":1}'
            await one.channel.send(b"bytes")  # the document's server makes text of them
            assert await one.next() == "Echo: b'bytes'"


@scenario("**Node.js (using ws library):**")
async def local_testing_node(world: World) -> None:
    assert snippet(LOCAL, 2).language == "javascript"  # runs in a process of its own
    for url in addresses(world, "node echo"):
        async with client(Channel(url)) as one:
            assert await one.next() == "Connected!"
            await one.channel.send("Hello")
            assert await one.next() == "Echo: Hello"
            await one.channel.send({"a": "ü"})
            assert await one.next() == 'Echo: {"a":"ü"}'


@scenario(
    "For testing rooms, you'll need a custom server that handles room management. Here's a simple Python "
    "example:",
    "- Only send messages to clients in the appropriate rooms",
)
async def testing_room_support(world: World) -> None:
    assert snippet(ROOMS).language == "python"  # runs in a process of its own
    world.lead("localhost", 8765, world.servers["python rooms"])
    for url in ("ws://localhost:8765", *addresses(world, "python rooms")):
        async with client(Channel(url)) as alice, client(Channel(url)) as bob, client(Channel(url)) as carol:
            by_room: list[Any] = []
            bob.channel.on_room_message("tech", by_room.append)
            for one, room in ((alice, "tech"), (bob, "tech"), (carol, "general")):
                await one.channel.join(room)
                assert await one.next() == {"status": "joined", "room": room}
            await alice.channel.send_to("tech", {"text": "Hello"})
            assert await bob.next() == {"_room": "tech", "text": "Hello"}
            await alice.channel.send_to("tech", b"\x00\xff")
            assert await bob.next() == b"\x00\xff"
            assert by_room == [
                {"status": "joined", "room": "tech"},
                {"_room": "tech", "text": "Hello"},
                b"\x00\xff",
            ]
            await carol.channel.send({"text": "Hello"})
            assert await carol.next() == {"echo": {"text": "Hello"}}
            await carol.channel.send("no JSON")
            assert await carol.next() == "Echo: no JSON"
            await bob.channel.leave("tech")
            assert await bob.next() == {"status": "left", "room": "tech"}
            await alice.channel.send_to("tech", {"text": "nobody is there"})


@scenario()
def quick_test_example(world: World) -> None:
    names = Names()
    snippet(f"{PUBLIC}/Quick Test Example").run_sync(names)
    assert names.lines == [
        "Connected!",
        "Received: Hello, World!",
        "Received: {'type': 'test', 'data': 'JSON message'}",
    ]
