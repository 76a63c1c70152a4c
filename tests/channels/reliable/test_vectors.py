"""Our client against the vectors of the protocol."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from metafor.channels import Channel, Fixed
from metafor.channels.transports.memory import MemoryTransport
from metafor.testing import in_virtual_time
from tests.vectors import Bindings, vectors


class Application:
    """Does what the steps call for, and remembers what it is told."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.told: list[Any] = []
        self.receipts: list[Any] = []
        self.tasks: list[asyncio.Task[Any]] = []
        channel.on_message(lambda message: self.told.append({"message": message}))
        channel.on_gap(lambda gap: self.told.append({"gap": {"room": gap.room, "missed": gap.missed}}))
        channel.on_error(lambda error: None)

    def _start(self, coroutine: Any) -> None:
        self.tasks.append(asyncio.create_task(coroutine))

    async def call(self, step: dict[str, Any]) -> None:
        channel = self.channel
        match step["call"]:
            case "join":
                self._start(channel.join(step["room"]))
            case "leave":
                self._start(channel.leave(step["room"]))
            case "present":
                room = channel.room(step["room"])
                _ = room.members_signal
                self._start(room.join(step["presence"]))
            case "send":
                payload = base64.b64decode(step["base64"]) if "base64" in step else step["payload"]
                self.receipts.append(await channel.send(payload, room=step.get("room")))
            case "request":
                self._start(self._request(step["payload"]))

    async def _request(self, payload: Any) -> None:
        self.told.append({"reply": await self.channel.request(payload)})

    def check(self, told: dict[str, Any]) -> None:
        if "receipts" in told:
            assert [str(receipt.status()) for receipt in self.receipts] == told["receipts"]
        elif "members" in told:
            assert [member.data for member in self.channel.room("news").members_signal()] == told["members"]
        elif "base64" in told:
            assert self.told.pop(0) == {"message": base64.b64decode(told["base64"])}
        else:
            assert self.told.pop(0) == told


@pytest.mark.parametrize("vector", vectors("client"), ids=lambda vector: vector["name"])
def test_the_client(vector: dict[str, Any]) -> None:
    @in_virtual_time
    async def play() -> None:
        transport = MemoryTransport()
        channel = Channel(
            "ws://test", reliable=True, reconnect_policy=Fixed(1, jitter=0), transport=transport
        )
        application = Application(channel)
        bindings = Bindings()
        connecting = asyncio.create_task(channel.connect())
        read = 0
        for step in vector["steps"]:
            await asyncio.sleep(0.001)
            match step:
                case {"open": True}:
                    await asyncio.sleep(1.1)
                    peer, read = transport.peers[-1], 0
                    peer.accept()
                case {"cut": True}:
                    assert len(peer.received) == read
                    peer.cut()
                case {"call": _}:
                    await application.call(step)
                case {"client": frame}:
                    assert len(peer.received) > read, f"nothing was sent where {frame} was due"
                    assert bindings.fits(frame, peer.received[read]), peer.received[read]
                    read += 1
                case {"server": frame}:
                    await peer.send(bindings.frame(frame))
                case {"told": told}:
                    application.check(told)
                case {"silence": seconds}:
                    await asyncio.sleep(seconds)
        await asyncio.sleep(0.001)
        assert len(peer.received) == read
        assert application.told == []
        await connecting
        for task in application.tasks:
            assert task.done()
        errors = [task.exception() for task in application.tasks]
        assert len([error for error in errors if error]) == (vector["name"] == "refusals")
        await channel.close()

    play()
