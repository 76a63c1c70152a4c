"""`Channel.bind_rooms`: membership that follows a signal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from metafor.channels import Channel, EncodeError, Fixed
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.core import batch, create_root, create_signal
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import controls, open_channel, turns


def told(peer: MemoryPeer) -> list[str]:
    """Joins and leaves, as ``+room`` and ``-room``."""
    return [("+" if kind == "_join" else "-") + room for kind, room in controls(peer)]


async def reconnect(channel: Channel, peer: MemoryPeer) -> MemoryPeer:
    transport: Any = channel._endpoint.transport
    peer.cut()
    peer = await transport.attempt(len(transport.peers))
    peer.accept()
    await turns()
    assert channel.is_connected
    return peer


@in_virtual_time
async def test_membership_follows_the_signal() -> None:
    channel, peer = await open_channel()
    names, set_names = create_signal(["a", "b"])
    channel.bind_rooms(names)
    assert channel.rooms_signal() == ("a", "b")
    set_names(["b", "c", "b"])
    assert set(channel.get_rooms()) == {"b", "c"}
    set_names([])
    assert told(peer) == ["+a", "+b", "-a", "+c", "-b", "-c"]
    await channel.close()


@in_virtual_time
async def test_one_name_and_none() -> None:
    channel, peer = await open_channel()
    general: str | None = "general"
    room, set_room = create_signal(general)
    channel.bind_rooms(room)
    set_room("tech")
    set_room(None)
    assert told(peer) == ["+general", "-general", "+tech", "-tech"]
    await channel.close()


@in_virtual_time
async def test_changes_of_one_batch_are_one_change() -> None:
    channel, peer = await open_channel()
    room, set_room = create_signal("a")
    channel.bind_rooms(room)
    with batch():
        for name in ("b", "c", "d"):
            set_room(name)
    assert told(peer) == ["+a", "-a", "+d"]
    await channel.close()


@pytest.mark.parametrize("auto", [False, True])
@in_virtual_time
async def test_a_binding_outlives_connections(auto: bool) -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=auto, reconnect_policy=Fixed(1), transport=transport)
    channel.on_error(lambda error: None)
    names, set_names = create_signal(["a"])
    channel.bind_rooms(names)  # before there is a connection: no error
    assert channel.is_in_room("a") is auto
    for number, wanted in enumerate((["a"], ["b", "c"])):
        set_names(wanted)
        connecting = asyncio.create_task(channel.connect())
        await turns()
        transport.peers[number].accept()
        await connecting
        await turns()
        assert told(transport.peers[number]) == [f"+{name}" for name in wanted]
        assert channel.get_rooms() == wanted
        set_names([*wanted, "more"])
        set_names(wanted)
        transport.peers[number].cut()
        await turns()
        assert channel.get_rooms() == (wanted if auto else [])
        await asyncio.sleep(2)
    await channel.close()


@pytest.mark.parametrize("auto", [False, True])
@in_virtual_time
async def test_rooms_joined_by_hand_stay(auto: bool) -> None:
    channel, peer = await open_channel(auto_reconnect=auto)
    await channel.join("before")
    names, set_names = create_signal(["before", "after"])
    channel.bind_rooms(names)
    await channel.join("after")
    set_names([])
    assert channel.get_rooms() == ["before", "after"]
    await channel.leave("before")
    assert told(peer) == ["+before", "+after", "-before"]
    await channel.close()


@in_virtual_time
async def test_what_was_joined_by_hand_is_forgotten_with_the_connection() -> None:
    channel, peer = await open_channel()
    await channel.join("a")
    names, set_names = create_signal(["a"])
    channel.bind_rooms(names)
    channel.on_error(lambda error: None)
    peer.cut()
    await turns()
    connecting = asyncio.create_task(channel.connect())
    await turns()
    transport: Any = channel._endpoint.transport
    transport.peers[1].accept()
    await connecting
    await turns()
    set_names([])
    assert told(transport.peers[1]) == ["+a", "-a"]
    await channel.close()


@in_virtual_time
async def test_a_room_left_by_hand_comes_back_with_the_next_change() -> None:
    channel, peer = await open_channel()
    names, set_names = create_signal(["a"])
    channel.bind_rooms(names)
    await channel.leave("a")
    assert channel.get_rooms() == []
    set_names(["a", "b"])
    assert told(peer) == ["+a", "-a", "+a", "+b"]
    await channel.close()


@in_virtual_time
async def test_a_room_of_two_bindings_is_left_with_the_last() -> None:
    channel, peer = await open_channel()
    first, set_first = create_signal(["a", "b"])
    channel.bind_rooms(first)
    let_go = channel.bind_rooms(lambda: "a")
    set_first(["b"])
    assert channel.get_rooms() == ["a", "b"]
    let_go()
    let_go()
    assert channel.get_rooms() == ["b"]
    assert told(peer) == ["+a", "+b", "-a"]
    await channel.close()


@in_virtual_time
async def test_a_binding_ends_with_its_owner() -> None:
    channel, peer = await open_channel()
    names, set_names = create_signal(["a"])

    def component(dispose: Callable[[], None]) -> Callable[[], None]:
        channel.bind_rooms(names)
        return dispose

    dispose = create_root(component)
    dispose()
    set_names(["b"])
    assert told(peer) == ["+a", "-a"]
    assert not channel._session.bindings._stops
    await channel.close()


@in_virtual_time
async def test_a_disposed_channel_follows_nothing() -> None:
    channel, _ = await open_channel()
    calls: list[int] = []
    names, set_names = create_signal(["a"])

    def rooms() -> list[str]:
        calls.append(1)
        return names()

    let_go = channel.bind_rooms(rooms)
    channel.dispose()
    before = len(calls)
    set_names(["b"])
    assert len(calls) == before
    let_go()
    channel.bind_rooms(rooms)()  # neither an error nor a room
    await turns()
    assert channel.get_rooms() == []


@in_virtual_time
async def test_a_name_that_is_none_is_reported_and_changes_nothing(reported: list[BaseException]) -> None:
    channel, peer = await open_channel()
    names, set_names = create_signal(["a"])
    channel.bind_rooms(names)
    set_names(["b", ""])
    assert [type(error) for error in reported] == [EncodeError]
    assert channel.get_rooms() == ["a"]
    set_names(["b"])
    assert told(peer) == ["+a", "-a", "+b"]
    await channel.close()


@in_virtual_time
async def test_what_gives_no_names_is_named(reported: list[BaseException]) -> None:
    channel, peer = await open_channel()
    with pytest.raises(TypeError, match="a function that gives rooms, not 'general'"):
        channel.bind_rooms("general")  # type: ignore[arg-type]
    for given in (5, [["a"]], object()):
        channel.bind_rooms(lambda given=given: given)
        assert isinstance(reported[-1], EncodeError)
    assert len(reported) == 3
    channel.bind_rooms(lambda: False)  # type: ignore[arg-type, return-value]
    assert told(peer) == []
    await channel.close()


@in_virtual_time
async def test_a_socket_that_is_ending_takes_no_join_and_that_is_no_error() -> None:
    channel, peer = await open_channel()
    channel.on_error(lambda error: None)
    names, set_names = create_signal(["a"])
    channel.bind_rooms(names)
    peer.client_closed = (1000, "")  # from now on the socket refuses
    set_names(["b"])
    peer.cut()
    await turns()
    assert channel.get_rooms() == []


@in_virtual_time
async def test_reconnects_join_each_room_once() -> None:
    channel, peer = await open_channel(auto_reconnect=True, reconnect_policy=Fixed(1))
    channel.on_error(lambda error: None)
    channel.on_open(lambda: channel.join("a"))
    channel.bind_rooms(lambda: ["a", "b"])
    peer = await reconnect(channel, peer)
    peer = await reconnect(channel, peer)
    assert sorted(told(peer)) == ["+a", "+b"]
    await channel.close()
