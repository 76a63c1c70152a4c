"""What the server tells of members, and how much of it at a time (docs/protocol.md, section 7)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from metafor.channels import Channel
from metafor.server import Limits, RoomServer
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World
from tests.server.shells import SHELLS, serving
from tests.server.test_reliable_hostile import shaken_hands
from tests.server.test_reliable_vectors import RawClient


class Watcher:
    """A client in the room ``lobby`` that answers pings only when it is told to."""

    def __init__(self, client: RawClient, socket: Any) -> None:
        self.client, self._socket = client, socket
        self.members: dict[str, Any] = {}
        self.changes: list[dict[str, Any]] = []
        #: Bytes of each part of the list, and whether the list is complete.
        self.parts: list[int] = []
        self.complete = False
        self.pings: list[Any] = []

    @classmethod
    async def come(cls, world: World) -> Watcher:
        watcher = cls(*await shaken_hands(world))
        watcher.say(type="_join", room="lobby", members=True)
        await watcher.look()
        return watcher

    def say(self, **head: Any) -> None:
        self._socket.send(json.dumps(head))

    async def look(self) -> None:
        await asyncio.sleep(0.01)
        for frame in self.client.frames:
            assert isinstance(frame, str)
            self._take(json.loads(frame), frame)
        self.client.frames.clear()

    async def read(self) -> None:
        """Read all that is there to read."""
        await self.look()
        while self.pings:
            self.say(type="_pong", t=self.pings.pop())
            await self.look()

    def _take(self, head: dict[str, Any], frame: str) -> None:
        match head["type"]:
            case "_members":
                part = head.get("part", 1)
                if part == 1:
                    self.members.clear()
                    self.parts.clear()
                assert part == len(self.parts) + 1
                self.members |= head["members"]
                self.parts.append(len(frame))
                self.complete = not head.get("more")
            case "_member":
                assert self.complete, "changes come behind a complete list"
                self.changes.append(head)
            case "_ping":
                self.pings.append(head["t"])


async def crowd(world: World, size: int, data: str = "null") -> list[str]:
    names = [f"m{number}" for number in range(size)]
    for name in names:
        await world.rooms._broker.set_member("lobby", name, data, 1000)
    return names


@in_virtual_time
async def test_a_list_that_is_longer_than_what_may_wait_comes_in_parts() -> None:
    world = World(limits=Limits(queue_bytes=10_000))
    names = await crowd(world, 1000, '"Ada Lovelace"')
    watcher = await Watcher.come(world)
    assert not watcher.complete
    assert sum(watcher.parts) < 5_000
    await asyncio.sleep(10)
    assert len(watcher.pings) == 1  # nothing more is sent to one that does not read
    await watcher.read()
    assert watcher.complete
    assert list(watcher.members) == names
    assert max(watcher.parts) < 2_000
    assert watcher.client.close is None
    await world.rooms.close()


@in_virtual_time
async def test_changes_come_behind_the_list_each_member_once() -> None:
    world = World(limits=Limits(queue_bytes=10_000))
    broker = world.rooms._broker
    names = await crowd(world, 1000)
    watcher = await Watcher.come(world)
    await broker.remove_member("lobby", names[-1])
    for data in range(300):
        await broker.set_member("lobby", names[0], str(data), 1000)
    await broker.set_member("lobby", "late", "null", 1000)
    await watcher.read()
    told = [(change["id"], change.get("data"), change.get("gone", False)) for change in watcher.changes]
    assert told == [(names[-1], None, True), (names[0], 299, False), ("late", None, False)]
    watcher.changes.clear()
    await broker.remove_member("lobby", "late")
    await watcher.look()
    assert watcher.changes == [{"type": "_member", "room": "lobby", "id": "late", "gone": True}]
    await world.rooms.close()


@in_virtual_time
async def test_one_that_does_not_read_while_much_changes_gets_the_list_anew() -> None:
    world = World(limits=Limits(queue_bytes=10_000))
    broker = world.rooms._broker
    await crowd(world, 1000)
    watcher = await Watcher.come(world)
    for number in range(3000):
        await broker.set_member("lobby", f"n{number}", "null", 1000)
    (place,) = (peer.places["lobby"] for peer in world.rooms._peers.values())
    assert len(place.changes or ()) <= 1000
    await watcher.read()
    assert watcher.complete
    assert watcher.members.keys() == (await broker.members("lobby")).keys()
    assert watcher.changes == []
    await world.rooms.close()


@in_virtual_time
async def test_a_list_that_is_no_use_any_more_is_not_sent_to_its_end() -> None:
    world = World(limits=Limits(queue_bytes=10_000))
    await crowd(world, 1000)
    watcher = await Watcher.come(world)
    watcher.say(type="_leave", room="lobby")
    await watcher.read()
    assert not watcher.complete
    watcher.say(type="_join", room="lobby", members=True)
    await watcher.read()
    assert watcher.complete
    assert len(watcher.members) == 1000
    await world.rooms.close()


@in_virtual_time
async def test_a_presence_that_is_too_long_is_refused_and_leaves_outside() -> None:
    world = World(limits=Limits(presence_bytes=10))
    watcher = await Watcher.come(world)
    client, socket = await shaken_hands(world)
    for presence, allowed in (("x" * 8, True), ("x" * 9, False), ("é" * 4, True), ("é" * 5, False)):
        client.frames.clear()
        socket.send(json.dumps({"type": "_join", "room": "lobby", "presence": presence}))
        await watcher.look()
        assert list(watcher.members.values()) == []
        changes, watcher.changes = watcher.changes, []
        heads = [json.loads(frame) for frame in client.frames]
        if allowed:
            assert [head["type"] for head in heads] == ["_joined"]
            assert [change["data"] for change in changes] == [presence]
            assert world.rooms.rooms == {"lobby": 2}
        else:
            assert [(head["type"], head["code"]) for head in heads] == [("_refused", "server/too-big")]
            assert "10 bytes" in heads[0]["message"]
            assert [change.get("gone") for change in changes] == [True]
            assert world.rooms.rooms == {"lobby": 1}
    await world.rooms.close()


@pytest.mark.parametrize("shell", SHELLS)
async def test_a_list_that_is_longer_than_a_queue_arrives(shell: str) -> None:
    rooms = RoomServer()
    async with serving(rooms, shell) as address:
        channel = Channel(f"ws://{address}/", reliable=True)
        ends: list[Any] = []
        channel.on_close(ends.append)
        await channel.connect()
        data = json.dumps("x" * 4000)
        for number in range(600):  # 2.4 MB; a queue holds 1 MiB
            await rooms._broker.set_member("lobby", f"m{number}", data, 60)
        members = channel.room("lobby").members_signal
        await channel.join("lobby")
        async with asyncio.timeout(20):
            while len(members()) < 600:
                await asyncio.sleep(0.01)
        assert [member.id for member in members()] == [f"m{number}" for number in range(600)]
        assert ends == []
        await channel.close()
