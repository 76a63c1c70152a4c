"""The specification's servers, run as they stand in processes of their own, with a `Channel` before them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metafor.channels import Channel
from metafor.channels.protocol import control_of, join_message, leave_message, to_wire
from tests.spec.document import snippet
from tests.spec.servers import node_server, python_server

LOCAL = "Testing with Public WebSocket Servers/Local Testing"
ROOMS = "Testing with Public WebSocket Servers/Testing Room Support"


class Client:
    """A channel and what it received."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        channel.on_message(self.messages.put_nowait)

    async def next(self) -> Any:
        async with asyncio.timeout(10):
            return await self.messages.get()


async def test_local_testing_python(tmp_path: Path, lead: Callable[[str, int, int], None]) -> None:
    with python_server(snippet(LOCAL, 0), tmp_path) as port:
        lead("localhost", 8765, port)
        names: dict[str, Any] = {"Channel": Channel}
        await snippet(LOCAL, 1).run(names)
        client = Client(names["channel"])
        await client.channel.connect()
        await client.channel.send("Hello")
        assert await client.next() == "Echo: Hello"
        await client.channel.send({"a": 1})
        assert await client.next() == 'Echo: {"a":1}'
        await client.channel.close()


async def test_local_testing_node(tmp_path: Path) -> None:
    with node_server(snippet(LOCAL, 2), tmp_path) as port:
        client = Client(Channel(f"ws://127.0.0.1:{port}"))
        await client.channel.connect()
        assert await client.next() == "Connected!"
        await client.channel.send("Hello")
        assert await client.next() == "Echo: Hello"
        await client.channel.close()


async def test_testing_room_support(tmp_path: Path, lead: Callable[[str, int, int], None]) -> None:
    with python_server(snippet(ROOMS), tmp_path) as port:
        lead("localhost", 8765, port)
        alice, bob, carol = (Client(Channel("ws://localhost:8765")) for _ in range(3))
        by_room: list[Any] = []
        bob.channel.on_room_message("tech", by_room.append)
        for client, room in ((alice, "tech"), (bob, "tech"), (carol, "general")):
            await client.channel.connect()
            await client.channel.join(room)
            assert await client.next() == {"status": "joined", "room": room}
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
        assert alice.messages.empty()  # nothing came back to the sender
        for client in (alice, bob, carol):
            await client.channel.close()


def test_server_implementation_pseudocode_understands_what_we_send() -> None:
    """The document's pseudocode, with functions that write down what it calls."""
    calls: list[tuple[Any, ...]] = []

    def note(name: str) -> Callable[..., None]:
        return lambda *args: calls.append((name, *args))

    names: dict[str, Any] = {
        name: note(name)
        for name in ("add_client_to_room", "remove_client_from_room", "broadcast_to_room", "broadcast_to_all")
    }
    names["websocket"] = "ws"

    def serve(frame: str | bytes) -> None:
        names["message"] = json.loads(frame)
        is_control = control_of(names["message"]) is not None
        snippet("Server-Side Protocol/Server Implementation", 0 if is_control else 1).run_sync(names)

    for frame in (
        join_message("r"),
        leave_message("r"),
        to_wire({"text": "Hello"}, "r"),
        to_wire({"text": "Hello"}),
    ):
        serve(frame)
    assert calls == [
        ("add_client_to_room", "ws", "r"),
        ("remove_client_from_room", "ws", "r"),
        ("broadcast_to_room", "r", {"_room": "r", "text": "Hello"}),
        ("broadcast_to_all", {"text": "Hello"}),
    ]
