"""Handlers of a `Channel`: in which order, how often, and what their errors do."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from metafor.channels import (
    Channel,
    ChannelState,
)
from metafor.channels.transports.memory import MemoryTransport
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import echo, open_channel, turns

# -- handlers --------------------------------------------------------------------------------------


@in_virtual_time
async def test_registering_returns_the_handler_and_is_a_decorator() -> None:
    channel = Channel("ws://test")

    @channel.on_message
    def handler(msg: object) -> None: ...

    for register in (channel.on_open, channel.on_close, channel.on_message, channel.on_error):
        assert register(handler) is handler
    assert channel.on_room_message("r", handler) is handler
    with pytest.raises(TypeError, match="must be callable"):
        channel.on_open(None)  # type: ignore[type-var]


@in_virtual_time
async def test_remove_handler() -> None:
    channel, peer = await open_channel()
    received: list[Any] = []
    first = channel.on_message(lambda msg: received.append(("first", msg)))
    channel.on_message(lambda msg: received.append(("second", msg)))
    assert channel.remove_handler(first) is True
    assert channel.remove_handler(first) is False
    await peer.send("x")
    await turns()
    assert received == [("second", "x")]
    await channel.close()


@in_virtual_time
async def test_a_handler_removed_by_an_earlier_one_is_not_called() -> None:
    channel, peer = await open_channel()
    received: list[Any] = []

    def later(msg: object) -> None:
        received.append(msg)

    channel.on_message(lambda msg: channel.remove_handler(later))
    channel.on_message(later)
    await peer.send("x")
    await turns()
    assert received == []
    await channel.close()


@in_virtual_time
async def test_bound_methods_can_be_removed() -> None:
    channel = Channel("ws://test")
    received: list[Any] = []
    channel.on_message(received.append)
    assert channel.remove_handler(received.append)


@in_virtual_time
async def test_ruling_9_room_handlers_can_be_cleared_and_removed() -> None:
    channel, peer = await open_channel()
    received: list[Any] = []
    handler = channel.on_room_message("a", lambda msg: received.append("a"))
    channel.on_room_message("b", lambda msg: received.append("b"))
    channel.on_room_message("c", lambda msg: received.append("c"))

    async def arrivals() -> list[Any]:
        received.clear()
        await peer.send(*(json.dumps({"_room": room}) for room in "abc"))
        await turns()
        return list(received)

    assert await arrivals() == ["a", "b", "c"]
    assert channel.remove_room_handler("b", handler) is False
    assert channel.remove_room_handler("a", handler) is True
    assert await arrivals() == ["b", "c"]
    channel.clear_room_handlers("b")
    assert await arrivals() == ["c"]
    channel.clear_room_handlers()
    assert await arrivals() == []
    await channel.close()


@in_virtual_time
async def test_clear_handlers_clears_all() -> None:
    channel, peer = await open_channel()
    called: list[str] = []
    channel.on_message(lambda msg: called.append("message"))
    channel.on_close(lambda: called.append("close"))
    channel.on_room_message("a", lambda msg: called.append("room"))
    channel.clear_handlers()
    await peer.send(json.dumps({"_room": "a"}))
    await turns()
    await channel.close()
    assert called == []


@in_virtual_time
async def test_errors_of_handlers_go_to_on_error_and_stop_nothing() -> None:
    channel, peer = await open_channel()
    errors: list[BaseException] = []
    received: list[Any] = []
    channel.on_error(errors.append)
    channel.on_message(lambda msg: 1 / 0)
    channel.on_message(received.append)
    channel.on_room_message("r", lambda msg: [][0])
    await peer.send(json.dumps({"_room": "r"}), "next")
    await turns()
    assert [type(error) for error in errors] == [ZeroDivisionError, IndexError, ZeroDivisionError]
    assert len(received) == 2
    assert channel.is_connected
    await channel.close()


@in_virtual_time
async def test_an_error_handler_that_raises_is_reported(reported: list[BaseException]) -> None:
    channel, peer = await open_channel()
    channel.on_error(lambda error: dict[str, int]()["missing"])
    channel.on_message(lambda msg: 1 / 0)
    await peer.send("x")
    await turns()
    assert [type(error) for error in reported] == [KeyError]
    await channel.close()


@in_virtual_time
async def test_errors_of_handlers_without_on_error_are_reported(reported: list[BaseException]) -> None:
    channel, peer = await open_channel()
    channel.on_message(lambda msg: 1 / 0)
    await peer.send("x", "y")
    await turns()
    assert [type(error) for error in reported] == [ZeroDivisionError, ZeroDivisionError]
    await channel.close()


@in_virtual_time
async def test_coroutine_handlers_run_to_their_end() -> None:
    channel = Channel("ws://test", transport=MemoryTransport(echo))
    done: list[str] = []

    @channel.on_open
    async def opened() -> None:
        await channel.send("from on_open")
        done.append("open")

    @channel.on_message
    async def message(msg: str) -> None:
        await asyncio.sleep(1)
        done.append(msg)

    await channel.connect()
    await asyncio.sleep(2)
    assert done == ["open", "from on_open"]
    await channel.close()


@in_virtual_time
async def test_a_handler_can_close_and_connect_the_channel() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://test", transport=transport)
    channel.on_open(channel.close)
    closed: list[ChannelState] = []
    channel.on_close(lambda: closed.append(channel.state))
    await channel.connect()
    await turns()
    assert closed == [ChannelState.CLOSED]
    channel.clear_handlers()
    again = [0]

    @channel.on_close
    async def reopen() -> None:
        again[0] += 1
        if again[0] < 3:
            await channel.connect()
            await channel.close()

    await channel.connect()
    await channel.close()
    await turns(30)
    assert again[0] == 3
    assert channel.state is ChannelState.CLOSED


@in_virtual_time
async def test_all_handlers_of_an_event_run_before_what_one_of_them_asked_for() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://test", transport=transport)
    seen: list[Any] = []
    channel.on_open(channel.close)
    channel.on_open(lambda: seen.append((channel.state, transport.peers[0].client_closed)))
    await channel.connect()
    await turns()
    assert seen == [(ChannelState.CLOSING, None)]
    assert transport.peers[0].client_closed is not None
