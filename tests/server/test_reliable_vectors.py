"""Our server against the vectors of the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from metafor.channels.errors import ChannelConnectionError
from metafor.channels.transports.base import Close, Frame
from metafor.server import MemoryBroker
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World
from tests.vectors import Bindings, vectors


class RawClient:
    """A client that says what the vector says."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.close: Close | None = None

    def opened(self, protocol: str) -> None:
        pass

    def received(self, frames: Sequence[Frame]) -> None:
        self.frames.extend(frames)

    def buffer_fell(self) -> None:
        pass

    def closed(self, close: Close) -> None:
        self.close = close

    def failed(self, error: ChannelConnectionError) -> None:
        raise error


def options(given: dict[str, Any]) -> dict[str, Any]:
    refuse = given.get("refuse", ())

    def allows(client: Any, *about: Any) -> None:
        from metafor.server import Refuse

        if about[-1] in refuse:
            raise Refuse("no")

    return {
        "echo": given.get("echo", True),
        "broker": MemoryBroker(history=given.get("history", 256)),
        "on_send": allows,
        "on_join": allows,
        "on_request": lambda client, message: {"answer": message},
    }


@pytest.mark.parametrize("vector", vectors("server"), ids=lambda vector: vector["name"])
def test_the_server(vector: dict[str, Any]) -> None:
    @in_virtual_time
    async def play() -> None:
        world = World(**options(vector.get("server", {})))
        bindings = Bindings()
        for step in vector["steps"]:
            await asyncio.sleep(0.001)
            match step:
                case {"open": True}:
                    client = RawClient()
                    socket = world.transport.open("ws://test", (), client)
                case {"cut": True}:
                    assert client.frames == []
                    socket.drop()
                case {"client": frame}:
                    if not step.get("lost"):
                        assert socket.send(bindings.frame(frame))
                case {"server": frame} | {"lost": frame}:
                    # Frames of different kinds may come in any order; those with numbers may not.
                    fitting = [sent for sent in client.frames if bindings.fits(frame, sent)]
                    assert fitting, (frame, client.frames)
                    client.frames.remove(fitting[0])
                    if isinstance(frame, list) and "_ack" in frame[0]:
                        below = [f'{{"_ack":{number}}}' for number in range(frame[0]["_ack"])]
                        client.frames = [sent for sent in client.frames if sent not in below]
                case {"close": code}:
                    assert client.close is not None
                    assert client.close.code == code
                case {"publish": frame}:
                    await publish(world, frame, step.get("room"))
                case {"restart": True}:
                    world.restart(MemoryBroker())
                case {"other": "come"}:
                    await world.rooms._broker.set_member(step["room"], "b2", "null", 1000)
                case {"other": "go"}:
                    await world.rooms._broker.remove_member(step["room"], "b2")
                case {"silence": seconds}:
                    await asyncio.sleep(seconds)
        await asyncio.sleep(0.001)
        assert client.frames == []
        socket.drop()
        await asyncio.sleep(0.1)
        await world.rooms.close()

    play()


async def publish(world: World, frame: str, room: str | None) -> None:
    import json

    await world.rooms.publish(room, frame if room is None else json.loads(frame))
