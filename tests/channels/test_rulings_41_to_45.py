"""Rulings 41 to 45, by number, as a user of `Channel` meets them.

Ruling 40 is held by ``test_stream.py``, 45 also by ``test_protocol.py``.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from metafor.channels import (
    Channel,
    ChannelConnectionError,
    ChannelDisposedError,
    ChannelMessageError,
    ChannelState,
)
from metafor.channels.transports.memory import MemoryTransport
from metafor.core import create_root, on_dispose, on_mount
from metafor.testing.virtual_time import VirtualTimeLoop, in_virtual_time
from tests.channels.network import echo, open_channel, refuse_next, turns

# -- 41: the end of a stream is the end of the channel ---------------------------------------------


@in_virtual_time
async def test_ruling_41_a_disposed_channel_opens_no_socket_again() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://t", transport=transport)
    refused: list[BaseException] = []

    @channel.on_close
    async def reconnect() -> None:
        try:
            await channel.connect()
        except ChannelConnectionError as error:
            refused.append(error)

    await channel.connect()
    channel.dispose()
    channel.dispose()
    await asyncio.sleep(10)
    assert [type(error) for error in refused] == [ChannelDisposedError]
    assert len(transport.peers) == 1
    assert transport.peers[0].ended
    for refuse in (channel.send("x"), channel.join("r"), channel.leave("r")):
        with pytest.raises(ChannelMessageError) as caught:
            await refuse
        assert isinstance(caught.value, ChannelDisposedError)
    await channel.close()


@in_virtual_time
async def test_ruling_41_connect_in_flight_is_told_that_the_channel_was_disposed() -> None:
    channel = Channel("ws://t", transport=MemoryTransport())
    connecting = asyncio.create_task(channel.connect())
    await turns()
    channel.dispose()
    with pytest.raises(ChannelConnectionError):
        await connecting


@in_virtual_time
async def test_ruling_41_what_waited_is_dropped_and_the_receipt_says_so() -> None:
    channel = Channel("ws://t", auto_reconnect=True)
    receipt = await channel.send("x")
    channel.dispose()
    assert receipt.status() == "dropped"
    assert channel.queued_signal() == 0


@in_virtual_time
async def test_ruling_42_an_abandoned_socket_can_deliver_nothing() -> None:
    channel, peer = await open_channel(close_timeout=1)
    received: list[Any] = []
    channel.on_message(received.append)
    peer.silent = True
    await channel.close()
    peer.silent = False
    await peer.send("from the grave")
    await turns()
    assert received == []
    assert channel.latency_signal() is None


# -- 43: event loops -------------------------------------------------------------------------------


def test_ruling_43_a_channel_outlives_its_event_loop() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://t", transport=transport)
    received: list[Any] = []
    channel.on_message(received.append)

    @in_virtual_time
    async def session() -> None:
        await channel.connect()
        await channel.join("r")
        await channel.send("x")
        await turns()
        assert channel.is_connected

    for number in (1, 2):
        session()
        assert channel.state is ChannelState.CLOSED
        assert channel.state_signal() is ChannelState.CLOSED
        assert (channel.ready_state, channel.get_rooms()) == (3, [])
        assert len(received) == 2 * number


@pytest.mark.parametrize("wait", [0, 1])
def test_ruling_43_so_does_one_that_was_connecting_or_waiting(wait: int) -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, reconnect_delay=100, transport=transport)
    channel.on_error(lambda error: None)

    @in_virtual_time
    async def abandon() -> None:
        connecting = asyncio.create_task(channel.connect())
        await turns()
        if wait:
            transport.peers[-1].refuse()
            await turns()
            assert channel.state is ChannelState.RECONNECTING
        assert not connecting.done()

    @in_virtual_time
    async def again() -> None:
        connecting = asyncio.create_task(channel.connect())
        await turns()
        transport.peers[-1].accept()
        await connecting
        await channel.close()

    abandon()
    again()


def test_ruling_43_waiters_of_a_loop_that_was_closed_under_them() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", transport=transport)
    loop = VirtualTimeLoop()
    waiting = loop.create_task(channel.connect())
    loop.run_until_complete(turns())
    loop.close()
    assert channel.state is ChannelState.CLOSED

    @in_virtual_time
    async def again() -> None:
        connecting = asyncio.create_task(channel.connect())
        (await transport.attempt(1)).accept()
        await connecting
        await channel.close()

    again()
    waiting.get_coro().close()
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]


def test_ruling_43_one_loop_at_a_time() -> None:
    loop = VirtualTimeLoop()
    channel, _ = loop.run_until_complete(open_channel())
    with pytest.raises(ChannelConnectionError, match="another event loop"):
        in_virtual_time(channel.connect)()
    assert channel.is_connected
    loop.run_until_complete(channel.close())
    loop.close()


# -- 44: awaitables of handlers, and who hears of errors -------------------------------------------


@in_virtual_time
async def test_ruling_44_a_task_that_a_handler_returns_is_held_and_its_error_reported(
    reported: list[BaseException],
) -> None:
    channel, peer = await open_channel()

    async def work(msg: str) -> None:
        await asyncio.sleep(1)
        raise LookupError(msg)

    channel.on_message(lambda msg: asyncio.create_task(work(msg)))
    await peer.send("x")
    await asyncio.sleep(2)
    assert [repr(error) for error in reported] == ["LookupError('x')"]
    await channel.close()


@in_virtual_time
async def test_ruling_44_connection_errors_that_nobody_takes_are_reported_once_per_outage(
    reported: list[BaseException],
) -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, transport=transport)
    connecting = asyncio.create_task(channel.connect())
    await refuse_next(transport, 3)
    await turns()
    assert len(reported) == 1
    (await transport.attempt(3)).accept()
    await connecting
    transport.peers[3].cut()
    await refuse_next(transport, 2)
    await turns()
    assert len(reported) == 2
    await channel.close()


@in_virtual_time
async def test_ruling_44_connecting_again_begins_another_outage(reported: list[BaseException]) -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, max_reconnect_attempts=1, transport=transport)
    for number in (1, 2):
        connecting = asyncio.create_task(channel.connect())
        await refuse_next(transport, 2)
        with pytest.raises(ChannelConnectionError):
            await connecting
        assert len(reported) == number


@in_virtual_time
async def test_ruling_44_an_error_that_connect_raised_is_not_reported_as_well() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", transport=transport)
    connecting = asyncio.create_task(channel.connect())
    await turns()
    transport.peers[0].refuse()
    with pytest.raises(ChannelConnectionError):
        await connecting


@pytest.mark.parametrize("how", ["task", "coroutine function", "nothing"])
@in_virtual_time
async def test_ruling_44_a_connect_closed_by_its_own_component_ends_without_noise(how: str) -> None:
    transport = MemoryTransport()

    def component(dispose: Any) -> tuple[Any, Channel]:
        channel = Channel("ws://t", auto_reconnect=True, transport=transport)
        on_mount(lambda: asyncio.create_task(channel.connect()))
        if how == "task":
            on_dispose(lambda: asyncio.create_task(channel.close()))
        elif how == "coroutine function":
            on_dispose(channel.close)
        return dispose, channel

    dispose, channel = create_root(component)
    await turns()
    assert channel.is_connecting
    dispose()
    await asyncio.sleep(100)
    assert channel.state is ChannelState.CLOSED
    assert len(transport.peers) == 1
    assert transport.peers[0].ended
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_ruling_45_contradictory_rooms_raise_and_send_nothing() -> None:
    channel, peer = await open_channel()
    for payload, room in [({"_room": "b"}, "a"), ({"type": "_leave", "room": "a"}, None)]:
        with pytest.raises(ChannelMessageError):
            await channel.send(payload, room=room)
    assert peer.received == []
    await channel.send_to("a", b"\x00\xff")
    await peer.send(peer.received[0])
    received: list[Any] = []
    channel.on_room_message("a", received.append)
    await turns()
    assert received == [b"\x00\xff"]
    await channel.close()
