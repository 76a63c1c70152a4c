"""Servers that break the extension: the connection is given up, and the error says what they did."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from metafor.channels import Channel, Fixed
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.testing import in_virtual_time

WELCOME = {
    "type": "_welcome",
    "version": 1,
    "session": "s",
    "token": "t",
    "resumed": False,
    "received": 0,
    "window": 8,
    "heartbeat": 25,
    "timeout": 10,
}


class Server:
    """Welcomes everybody, and answers joins as it is told to; None: correctly."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] | None = None

    async def serve(self, peer: MemoryPeer) -> None:
        async for frame in peer:
            head = json.loads(frame)
            if "hello" in head:
                await peer.send("early", json.dumps(WELCOME | {"nonce": head["hello"]["nonce"]}))
            elif head["type"] == "_join":
                right = {"type": "_joined", "room": head["room"], "epoch": "e", "seq": 0}
                await peer.send(json.dumps(right if self.answer is None else head | self.answer))


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"type": "_refused", "code": "no", "message": "no"}, "it refused the room ''"),
        ({"type": "_joined", "epoch": "", "seq": 0}, "the epoch of the room '' has no name"),
        ({"type": "_joined", "epoch": "e", "seq": -1}, '"seq" is no integer from 0'),
    ],
)
@in_virtual_time
async def test_a_wrong_answer_to_the_join_of_everybody(answer: dict[str, Any], problem: str) -> None:
    server = Server()
    server.answer = answer
    channel = Channel(
        "ws://test",
        reliable=True,
        reconnect_policy=Fixed(1, jitter=0),
        transport=MemoryTransport(server.serve),
    )
    errors: list[str] = []
    channel.on_error(lambda error: errors.append(str(error)))
    connecting = asyncio.create_task(channel.connect())
    await asyncio.sleep(2.5)
    assert not connecting.done()
    assert len(errors) == 3
    assert all("the server broke the reliable extension" in error and problem in error for error in errors)
    server.answer = None
    async with asyncio.timeout(2):
        await connecting
    assert channel.reliable_signal() is True
    await channel.close()


@in_virtual_time
async def test_a_refused_mailbox_is_a_violation() -> None:
    server = Server()
    channel = Channel(
        "ws://test", reliable=True, reconnect_policy=Fixed(1), transport=MemoryTransport(server.serve)
    )
    errors: list[str] = []
    channel.on_error(lambda error: errors.append(str(error)))
    await channel.connect()
    server.answer = {"type": "_refused", "code": "no", "message": "no"}
    channel.on_request(lambda message: None)
    await asyncio.sleep(0.1)
    assert len(errors) == 1
    assert "it refused the room '\\x00'" in errors[0]
    assert channel.get_rooms() == []
    await channel.close()
