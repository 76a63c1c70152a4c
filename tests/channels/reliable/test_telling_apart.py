"""Servers that do not know the extension: they survive the question, and are told apart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from metafor.channels import Channel, Fixed, Gap, NotReliableError
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World, collected

Serve = Callable[[MemoryPeer], Awaitable[None]]


async def echo(peer: MemoryPeer) -> None:
    """The specification's public echo servers."""
    async for frame in peer:
        await peer.send(frame)


async def echo_with_prefix(peer: MemoryPeer) -> None:
    """The specification's simple servers, in Python and in Node.js (which speaks first)."""
    await peer.send("Connected!")
    async for frame in peer:
        await peer.send(f"Echo: {frame!s}")


async def example_server(peer: MemoryPeer) -> None:
    """The specification's server with rooms."""
    async for frame in peer:
        data = json.loads(frame)
        if data.get("type") == "_join":
            await peer.send(json.dumps({"status": "joined", "room": data.get("room")}))
        elif "_room" not in data:
            await peer.send(json.dumps({"echo": data}))


async def silent(peer: MemoryPeer) -> None:
    """Its pseudo code, with nobody else there."""
    async for _ in peer:
        pass


def broadcasting(peers: list[MemoryPeer]) -> Serve:
    """A server that hands everything to everybody."""

    async def serve(peer: MemoryPeer) -> None:
        peers.append(peer)
        async for frame in peer:
            for other in peers:
                await other.send(frame)

    return serve


@pytest.mark.parametrize(
    ("serve", "seconds"),
    [(echo, 0), (echo_with_prefix, 0), (example_server, 0), (silent, 3), (broadcasting([]), 0)],
)
@in_virtual_time
async def test_a_server_that_does_not_know_it_is_a_base_server(serve: Serve, seconds: float) -> None:
    transport = MemoryTransport(serve)
    channel = Channel("ws://test", reliable=True, transport=transport)
    told: list[Any] = []
    channel.on_message(told.append)
    assert channel.reliable_signal() is None
    await channel.connect()
    assert asyncio.get_running_loop().time() == pytest.approx(seconds, abs=0.01)
    assert channel.reliable_signal() is False
    await channel.join("general")
    receipt = await channel.send({"n": 1}, room="general")
    assert receipt.status() == "sent"
    await asyncio.sleep(0.1)
    sent = transport.peers[0].received
    assert sent[1:] == ['{"type":"_join","room":"general"}', '{"_room":"general","n":1}']
    hello = json.loads(sent[0])
    assert (hello["type"], hello["room"]) == ("_join", "metafor.reliable")
    assert "metafor.reliable" not in str(told)
    with pytest.raises(NotReliableError):
        await channel.request("anybody?")
    await channel.close()


@in_virtual_time
async def test_members_and_requests_on_a_base_server_are_told_to_be_missing() -> None:
    transport = MemoryTransport(example_server)
    channel = Channel("ws://test", reliable=True, reconnect_policy=Fixed(1), transport=transport)
    errors: list[Exception] = []
    channel.on_error(errors.append)
    lobby = channel.room("lobby")
    await lobby.join(presence="Ada")
    channel.on_request(lambda message: None)
    assert lobby.members_signal() == []
    assert errors == []
    await channel.connect()
    assert [type(error) for error in errors] == [NotReliableError]
    with pytest.raises(NotReliableError, match="no members"):
        await lobby.join(presence="Ada")
    with pytest.raises(NotReliableError):
        await channel.room("tea").join(presence="Ada")
    assert channel.get_rooms() == ["lobby"]
    for use in (lambda: channel.on_request(print), lambda: channel.room("tea").members_signal):
        errors.clear()
        use()
        assert [type(error) for error in errors] == [NotReliableError]
    errors.clear()
    transport.peers[0].cut()
    await asyncio.sleep(5)
    assert channel.is_connected
    assert NotReliableError not in {type(error) for error in errors}
    await channel.close()


@in_virtual_time
async def test_who_waits_to_be_seen_is_told_that_nobody_sees() -> None:
    transport = MemoryTransport(silent)
    channel = Channel("ws://test", reliable=True, transport=transport)
    errors: list[Exception] = []
    channel.on_error(errors.append)
    connecting = asyncio.create_task(channel.connect())
    await asyncio.sleep(1)
    with pytest.raises(NotReliableError):
        await channel.room("lobby").join(presence="Ada")
    await connecting
    assert errors == []
    assert channel.get_rooms() == ["lobby"]
    assert transport.peers[0].received[1:] == ['{"type":"_join","room":"lobby"}']
    await channel.close()


@in_virtual_time
async def test_others_on_a_server_that_broadcasts_are_not_shown_the_question() -> None:
    transport = MemoryTransport(broadcasting([]))
    one, two = (Channel("ws://test", reliable=True, transport=transport) for _ in range(2))
    await one.connect()
    with collected(one) as told:
        await two.connect()
        await two.send({"n": 1})
        await asyncio.sleep(0.1)
        assert told == [{"n": 1}]
    await one.close()
    await two.close()


@in_virtual_time
async def test_messages_before_the_answer_are_delivered() -> None:
    async def serve(peer: MemoryPeer) -> None:
        await peer.send("early", '{"room":"x","n":1}')
        await silent(peer)

    channel = Channel("ws://test", reliable=True, transport=MemoryTransport(serve))
    with collected(channel) as told:
        await channel.connect()
        assert told == ["early", {"room": "x", "n": 1}]
    await channel.close()


@in_virtual_time
async def test_what_is_sent_before_the_answer_waits_for_it() -> None:
    transport = MemoryTransport(silent)
    channel = Channel("ws://test", reliable=True, transport=transport)
    connecting = asyncio.create_task(channel.connect())
    await asyncio.sleep(1)
    receipt = await channel.send("x")
    await asyncio.gather(channel.join("general"), connecting)
    assert receipt.status() == "sent"
    assert transport.peers[0].received[1:] == ['{"type":"_join","room":"general"}', "x"]
    await channel.close()


@in_virtual_time
async def test_a_welcome_that_comes_late_makes_the_channel_begin_again() -> None:
    world = World()
    held: list[Any] = []
    deliver = MemoryPeer.send

    async def slow(peer: MemoryPeer, *frames: Any) -> None:
        if not held:
            held.extend(frames)
            asyncio.get_running_loop().call_later(4, lambda: asyncio.ensure_future(deliver(peer, *frames)))
        else:
            await deliver(peer, *frames)

    MemoryPeer.send = slow  # type: ignore[method-assign]
    try:
        channel = await world.connected()
        assert channel.reliable_signal() is False
        await channel.join("news")
        early = await channel.send({"n": 1}, room="news")
        assert early.status() == "sent"
        closed: list[int] = []
        channel.on_close(lambda: closed.append(1))
        await asyncio.sleep(2)
        assert channel.reliable_signal() is True
        assert closed == [1]
        late = await channel.send({"n": 2}, room="news")
        await channel.drain()
        assert late.status() == "acked"
        await world.rooms.publish("news", {"n": 3})
        await asyncio.sleep(0.1)
        assert [message["n"] for message in channel.messages_signal()][-2:] == [2, 3]
        await world.close()
    finally:
        MemoryPeer.send = deliver  # type: ignore[method-assign]


@in_virtual_time
async def test_a_channel_that_was_promised_more_does_not_fall_back_in_silence() -> None:
    world = World()
    channel = await world.connected()
    await channel.join("news")
    with collected(channel) as told:
        world.transport._serve = silent
        world.cut(world.open_peers[0], 0, 0)
        receipt = await channel.send("x", room="news")
        await asyncio.sleep(25)  # no answer at all: it tries again, and nothing is given up
        assert len(world.transport.peers) >= 3
        assert receipt.status() in ("sent", "queued")
        assert told == []
        world.transport._serve = example_server  # a certain no: told, and the rest is base mode
        await asyncio.sleep(20)
        assert channel.reliable_signal() is False
        assert [event for event in told if isinstance(event, Gap)] == [Gap(None, None), Gap("news", None)]
        assert receipt.status() in ("unconfirmed", "sent")
    await world.close()


@in_virtual_time
async def test_a_server_without_the_extension_and_another_version_stay_with_the_base() -> None:
    world = World(reliable=False)
    channel = await world.connected()
    assert channel.reliable_signal() is False
    assert await channel.send("x")
    await world.close()
    world = World()
    base = Channel("ws://test", transport=world.transport)
    await base.connect()
    hello = {"versions": [2, 3], "nonce": "n"}
    await base._session.outbox.send(
        json.dumps({"type": "_join", "room": "metafor.reliable", "hello": hello}), _ORDINARY
    )
    await asyncio.sleep(0.1)
    assert world.rooms.rooms == {"metafor.reliable": 1}
    assert base.messages_signal() == []
    await base.close()
    await world.close()


def _ordinary() -> Any:
    from metafor.channels.outbox import SendOptions

    return SendOptions()


_ORDINARY = _ordinary()


@in_virtual_time
async def test_a_channel_that_is_not_reliable_says_so() -> None:
    channel = Channel("ws://test", transport=MemoryTransport(echo), reconnect_policy=Fixed(1))
    assert channel.member_id == ""
    with pytest.raises(NotReliableError, match="reliable=True"):
        await channel.request(1)
    with pytest.raises(NotReliableError):
        channel.on_request(print)
    with pytest.raises(NotReliableError):
        _ = channel.room("x").members_signal
    with pytest.raises(NotReliableError):
        await channel.room("x").join(presence={})
