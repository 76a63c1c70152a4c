"""Strangers who speak the extension badly: the server lives, and the others do not notice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.channels import Fixed, Gap
from metafor.server import MemoryBroker
from metafor.server.brokers.base import Position
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World
from tests.server.test_reliable_vectors import RawClient

fields = st.sampled_from(
    [
        "type",
        "room",
        "epoch",
        "seq",
        "_id",
        "_request",
        "_reply",
        "_to",
        "_failed",
        "presence",
        "members",
        "t",
    ]
)
words = st.sampled_from(
    ["_join", "_leave", "_ping", "_pong", "_ready", "_hello", "", "\x00", "general", "\x00metafor\x00x"]
)
values = st.one_of(
    words,
    st.integers(-2, 3),
    st.just(1 << 60),
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(words, max_size=2),
    st.dictionaries(words, st.none(), max_size=2),
    st.text(max_size=5),
)
heads = st.one_of(
    st.dictionaries(fields, values, max_size=5).map(json.dumps),
    st.dictionaries(fields, values, max_size=3).map(lambda head: json.dumps({"_id": 1} | head)),
    st.text(max_size=20),
    st.just("[" * 2000),
)
frames = st.one_of(
    heads,
    st.tuples(heads, st.text(max_size=10)).map("\n".join),
    st.tuples(heads, st.binary(max_size=10)).map(
        lambda both: both[0].encode("utf-8", "replace") + b"\n" + both[1]
    ),
    st.binary(max_size=30),
)


async def shaken_hands(world: World) -> tuple[RawClient, Any]:
    client = RawClient()
    socket = world.transport.open("ws://test", (), client)
    await asyncio.sleep(0.001)
    hello = {"versions": [1], "nonce": "n"}
    socket.send(json.dumps({"type": "_join", "room": "metafor.reliable", "hello": hello}))
    await asyncio.sleep(0.001)
    session = json.loads(client.frames.pop())["session"]
    socket.send(json.dumps({"type": "_ready", "session": session}))
    return client, socket


@settings(max_examples=150, deadline=None)
@given(st.lists(frames, max_size=8))
def test_whatever_comes_the_server_lives(script: list[str | bytes]) -> None:
    @in_virtual_time
    async def play() -> None:
        world = World(on_request=lambda client, message: message)
        channel = await world.connected()
        await channel.join("others")
        _, socket = await shaken_hands(world)
        for frame in script:
            socket.send(frame)
            await asyncio.sleep(0.001)
        receipt = await channel.send("still here", room="others")
        await channel.drain()
        assert receipt.status() == "acked"
        await asyncio.sleep(0.1)
        assert channel.message_signal() == {"_room": "others", "data": "still here"}
        socket.drop()
        await asyncio.sleep(0.1)
        assert world.rooms.rooms == {"others": 1}
        await world.close()
        assert world.rooms._reliable is not None
        assert not world.rooms._reliable.peers

    play()


@in_virtual_time
async def test_hellos_that_are_none_are_joins() -> None:
    world = World()
    for hello in (
        None,
        {},
        {"versions": 1, "nonce": "n"},
        {"versions": [1]},
        {"versions": [1], "nonce": [[]]},
    ):
        client = RawClient()
        socket = world.transport.open("ws://test", (), client)
        await asyncio.sleep(0.001)
        socket.send(json.dumps({"type": "_join", "room": "metafor.reliable", "hello": hello}))
        await asyncio.sleep(0.001)
        assert client.frames == []
        assert world.rooms.rooms == {"metafor.reliable": 1}
        socket.drop()
        await asyncio.sleep(0.001)
    await world.rooms.close()


@in_virtual_time
async def test_a_connection_has_one_session() -> None:
    world = World()
    client = RawClient()
    socket = world.transport.open("ws://test", (), client)
    await asyncio.sleep(0.001)
    hello = {"type": "_join", "room": "metafor.reliable", "hello": {"versions": [1], "nonce": "n"}}
    for _ in range(2):
        socket.send(json.dumps(hello))
        await asyncio.sleep(0.001)
    assert client.close is not None
    assert client.close.code == 1002
    await asyncio.sleep(0.1)
    assert world.rooms._reliable is not None
    assert not world.rooms._reliable._by_session
    await world.rooms.close()


@in_virtual_time
async def test_a_session_of_another_is_not_given_away() -> None:
    world = World()
    victim = await world.connected()
    for token in ("", "x" * 32, None, 5, "\ud800"):
        client = RawClient()
        socket = world.transport.open("ws://test", (), client)
        await asyncio.sleep(0.001)
        hello = {"versions": [1], "nonce": "n", "session": victim.member_id, "token": token}
        socket.send(json.dumps({"type": "_join", "room": "metafor.reliable", "hello": hello}))
        await asyncio.sleep(0.001)
        welcome = json.loads(client.frames[0])
        assert welcome["resumed"] is False
        assert welcome["session"] != victim.member_id
        socket.drop()
    assert victim.is_connected
    await world.close()


async def test_what_strangers_make_the_broker_keep_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr("metafor.server.brokers.histories._IDLE_LOGS", 100)
    monkeypatch.setattr("metafor.server.brokers.memory._SESSIONS", 100)
    broker = MemoryBroker()
    for number in range(1000):
        await broker.position(f"room {number}")
        await broker.open_session(f"session {number}", "proof")
    assert len(broker._histories) <= 102
    assert len(broker._sessions) == 100
    assert await broker.resume_session("session 999", "proof") is not None


@in_virtual_time
async def test_one_that_writes_much_to_many_rooms_costs_no_more_than_the_broker_may_keep() -> None:
    world = World(broker=MemoryBroker(total_bytes=1_000_000))
    victim = await world.connected(reconnect_policy=Fixed(60, jitter=0))
    flooder = await world.connected()
    gaps: list[Any] = []
    victim.on_gap(gaps.append)
    await victim.join("quiet")
    await world.rooms.publish("quiet", "before")
    world.cut(world.open_peers[0], 0, 0)
    await world.rooms.publish("quiet", "missed")
    for number in range(30):
        room = f"room {number}"
        await flooder.join(room)
        for _ in range(4):
            await flooder.send("x" * 100_000, room=room)
        await flooder.drain()
        if number % 2:
            await flooder.leave(room)
    kept = 0
    for number in range(30):
        replay = await world.rooms._broker.replay(f"room {number}", Position("", 0), 1000)
        kept += sum(len(message.frame) for message in replay.messages)
    assert 500_000 < kept < 1_000_000
    await asyncio.sleep(120)
    assert gaps == [Gap("quiet", None)]  # nobody was in it, so the whole log made room
    await world.close()
