"""Rulings 1 to 9, by number, as a user of `Channel` meets them.

Ruling 8 is also held by ``test_protocol.py``, 1 to 4 by ``test_connection.py``, 9 by
``test_channel_handlers.py`` and ``tests/spec``.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from metafor.channels import (
    Channel,
    ChannelConnectionError,
    ChannelMessageError,
    ChannelState,
    Fixed,
    NotConnectedError,
)
from metafor.channels.transports.base import Close
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import controls, echo, open_channel, refuse_next, turns


def now() -> float:
    return asyncio.get_running_loop().time()


@in_virtual_time
async def test_ruling_1_attempts_are_bounded_since_the_last_open() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, max_reconnect_attempts=2, transport=transport)
    errors: list[ChannelConnectionError] = []
    channel.on_error(errors.append)
    connecting = asyncio.create_task(channel.connect())
    await refuse_next(transport, 3)
    with pytest.raises(ChannelConnectionError, match="gave up after 2 attempts"):
        await connecting
    assert [error.attempt for error in errors] == [1, 2, 3]
    assert channel.state is ChannelState.CLOSED
    await asyncio.sleep(1000)
    assert len(transport.peers) == 3


@in_virtual_time
async def test_ruling_1_a_server_that_accepts_and_closes_at_once_is_not_hammered() -> None:
    async def slam(peer: MemoryPeer) -> None:
        return

    transport = MemoryTransport(slam)
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    await channel.connect()
    await asyncio.sleep(60)
    assert 3 <= len(transport.peers) <= 15
    await channel.close()


@pytest.mark.parametrize(
    ("options", "low", "high"),
    [
        ({"reconnect_delay": 2.0}, 1.8, 2.2),
        ({"reconnect_delay": 1.0}, 0.9, 1.1),
        ({}, 0.5, 1.5),
        ({"reconnect_policy": Fixed(7, jitter=0), "reconnect_delay": 2.0}, 7, 7),
    ],
)
@in_virtual_time
async def test_ruling_2_the_wait_before_the_next_attempt(
    options: dict[str, Any], low: float, high: float
) -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://t", auto_reconnect=True, transport=transport, **options)
    channel.on_error(lambda error: None)
    await channel.connect()
    cut_at = now()
    transport.peers[0].cut()
    await turns()
    wait = channel.retry_in_signal()
    assert wait is not None
    assert low <= wait <= high
    await transport.attempt(1)
    assert now() - cut_at == pytest.approx(wait)
    await channel.close()


@in_virtual_time
async def test_ruling_3_nothing_is_retried_after_a_fatal_close_or_close() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    errors: list[ChannelConnectionError] = []
    channel.on_error(errors.append)
    for number in range(2):
        connecting = asyncio.create_task(channel.connect())
        await turns()
        transport.peers[-1].accept()
        await connecting
        if number == 0:
            await transport.peers[-1].close(1008, "policy")
            await turns()
        else:
            await channel.close()
        assert channel.state is ChannelState.CLOSED
        await asyncio.sleep(100)
        assert len(transport.peers) == number + 1
    assert [(error.close_code, error.reason, error.clean) for error in errors] == [(1008, "policy", True)]


@in_virtual_time
async def test_ruling_4_connect_returns_when_open_however_many_attempts_that_takes() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    errors: list[ChannelConnectionError] = []
    channel.on_error(errors.append)
    connecting = asyncio.create_task(channel.connect())
    await refuse_next(transport, 4)
    assert not connecting.done()
    (await transport.attempt(4)).accept()
    await connecting
    assert channel.is_connected
    assert len(errors) == 4
    assert all(error.retry_in for error in errors)
    await channel.close()


@in_virtual_time
async def test_ruling_4_a_fatal_close_raises_in_connect() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    connecting = asyncio.create_task(channel.connect())
    await turns()
    transport.peers[0]._loop.call_soon(
        transport.peers[0]._tell_closed, Close(1008, "go away", clean=True, received=True)
    )
    with pytest.raises(ChannelConnectionError, match="go away"):
        await connecting


@in_virtual_time
async def test_ruling_4_without_auto_reconnect_the_first_failure_raises_at_once() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", transport=transport)
    errors: list[ChannelConnectionError] = []
    channel.on_error(errors.append)
    connecting = asyncio.create_task(channel.connect())
    await turns()
    transport.peers[0].refuse("closed today")
    with pytest.raises(ChannelConnectionError, match="closed today") as caught:
        await connecting
    assert now() == 0
    assert errors == [caught.value]


@in_virtual_time
async def test_ruling_5_on_close_fires_once_for_each_socket_that_ended() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    closed: list[ChannelState] = []
    channel.on_close(lambda: closed.append(channel.state))
    channel.on_error(lambda error: None)
    connecting = asyncio.create_task(channel.connect())
    await refuse_next(transport, 2)
    (await transport.attempt(2)).accept()
    await connecting
    transport.peers[2].cut()
    await turns()
    assert len(closed) == 3
    await channel.close()  # while it waits: there is no socket
    assert len(closed) == 3


@in_virtual_time
async def test_ruling_5_the_manual_recipe_keeps_trying() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=False, transport=transport)
    failures: list[str] = []

    async def reconnect() -> None:
        await asyncio.sleep(2)
        try:
            await channel.connect()
            for room in ["room1", "room2"]:
                await channel.join(room)
        except Exception as e:
            failures.append(f"Reconnect failed: {e}")

    channel.on_close(lambda: asyncio.create_task(reconnect()))
    connecting = asyncio.create_task(channel.connect())
    (await transport.attempt(0)).refuse()
    with pytest.raises(ChannelConnectionError):
        await connecting
    await refuse_next(transport, 3)
    (await transport.attempt(4)).accept()
    await turns()
    assert len(failures) == 3
    assert controls(transport.peers[4]) == [("_join", "room1"), ("_join", "room2")]
    channel.clear_handlers()
    await channel.close()


@in_virtual_time
async def test_ruling_6_wishes_made_offline_collapse_and_are_sent_on_open() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    await channel.join("a")
    await channel.join("b")
    await channel.leave("a")
    await channel.join("c")
    assert channel.get_rooms() == ["b", "c"]
    await channel.connect()
    assert controls(transport.peers[0]) == [("_join", "b"), ("_join", "c")]
    await channel.close()


@in_virtual_time
async def test_ruling_6_rooms_are_joined_again_once_before_what_waited() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    channel.on_error(lambda error: None)

    @channel.on_open
    async def rejoin_rooms() -> None:
        for room in ["a", "b"]:
            await channel.join(room)

    await channel.connect()
    await channel.join("a")
    assert controls(transport.peers[0]) == [("_join", "a"), ("_join", "b")]
    transport.peers[0].cut()
    await turns()
    await channel.send_to("a", "while away")
    await asyncio.sleep(5)
    assert [json.loads(str(frame)) for frame in transport.peers[1].received] == [
        {"type": "_join", "room": "a"},
        {"type": "_join", "room": "b"},
        {"_room": "a", "data": "while away"},
    ]
    await channel.close()


@in_virtual_time
async def test_ruling_6_not_open_without_auto_reconnect() -> None:
    channel = Channel("ws://t", transport=MemoryTransport())
    for change in (channel.join, channel.leave):
        with pytest.raises(ChannelMessageError, match="closed") as caught:
            await change("a")
        assert isinstance(caught.value, NotConnectedError)
    assert channel.get_rooms() == []


@in_virtual_time
async def test_ruling_6_without_auto_reconnect_the_rooms_end_with_the_socket() -> None:
    channel, peer = await open_channel()
    await channel.join("a")
    assert channel.is_in_room("a")
    peer.cut()
    channel.on_error(lambda error: None)
    await turns()
    assert channel.get_rooms() == []
    assert channel.rooms_signal() == ()


@in_virtual_time
async def test_ruling_6_leave_and_join_again_on_one_connection() -> None:
    channel, peer = await open_channel()
    await channel.join("a")
    await channel.leave("a")
    await channel.leave("a")
    await channel.join("a")
    assert controls(peer) == [("_join", "a"), ("_leave", "a"), ("_join", "a")]
    await channel.close()


@in_virtual_time
async def test_ruling_7_send_while_not_open() -> None:
    transport = MemoryTransport(echo)
    with pytest.raises(ChannelMessageError) as caught:
        await Channel("ws://t", transport=transport).send("x")
    assert isinstance(caught.value, NotConnectedError)
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    receipts = [await channel.send(number) for number in range(3)]
    assert [receipt.status() for receipt in receipts] == ["queued"] * 3
    assert channel.queued_signal() == 3
    await channel.connect()
    assert [receipt.status() for receipt in receipts] == ["sent"] * 3
    assert transport.peers[0].received == ["0", "1", "2"]
    await channel.close()


@in_virtual_time
async def test_ruling_8_handlers_get_the_payload_as_received() -> None:
    channel, peer = await open_channel()
    general: list[Any] = []
    by_room: list[Any] = []
    channel.on_message(general.append)
    channel.on_room_message("a", by_room.append)
    in_room = {"_room": "a", "text": "Hello", "user": "alice"}
    status = {"status": "joined", "room": "a"}
    other = {"_room": "b", "room": "a"}
    await peer.send(*map(json.dumps, (in_room, status, other)), b"\x00")
    await turns()
    assert general == [in_room, status, other, b"\x00"]
    assert by_room == [in_room, status]
    await channel.close()
