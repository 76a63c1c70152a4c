"""Ruling 42: a link on which nothing moves is found dead, by a buffer that stands still. In virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metafor.channels import Channel, ChannelState, Fixed, NotConnectedError
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.testing.virtual_time import VirtualTimeLoop, in_virtual_time
from tests.channels.network import open_channel, turns

TEN = "0123456789"


async def opened(**options: Any) -> tuple[Channel, MemoryPeer, list[Any]]:
    """An open channel to a server that reads nothing, and the errors that come."""
    channel, peer = await open_channel(**options)
    errors: list[Any] = []
    channel.on_error(errors.append)
    peer.hold()
    return channel, peer, errors


def timers() -> list[asyncio.TimerHandle]:
    loop: Any = asyncio.get_running_loop()
    return [handle for handle in loop._scheduled if not handle.cancelled()]


@in_virtual_time
async def test_ruling_42_a_buffer_from_which_nothing_leaves_is_a_dead_link() -> None:
    channel, _, errors = await opened(buffer_high=1000, buffer_low=10)
    receipt = await channel.send("far below the mark")
    await asyncio.sleep(179.9)
    assert channel.is_connected
    await asyncio.sleep(0.2)
    assert channel.state is ChannelState.CLOSED
    assert "nothing left for the network within 180 s" in str(errors[0])
    assert receipt.status() == "unconfirmed"
    assert timers() == []


@given(
    steps=st.lists(
        st.tuples(st.floats(0.1, 170), st.sampled_from(["leaves", "arrives", "added"])),
        min_size=1,
        max_size=8,
    )
)
def test_it_is_found_between_180_and_200_s_after_the_last_sign_of_life(
    steps: list[tuple[float, str]],
) -> None:
    @in_virtual_time
    async def test() -> None:
        loop = asyncio.get_running_loop()
        channel, peer, errors = await opened(buffer_high=10_000, buffer_low=10)
        found: list[float] = []
        channel.on_error(lambda error: found.append(loop.time()))
        for _ in range(1 + len(steps)):
            await channel.send(TEN)
        alive = loop.time()
        for seconds, what in steps:
            await asyncio.sleep(seconds)
            if errors:
                break
            match what:
                case "leaves":
                    peer.release(1)
                    alive = loop.time()
                case "arrives":
                    await peer.send("hello")
                    alive = loop.time()
                case "added":
                    await channel.send(TEN)
        await asyncio.sleep(210)
        assert 180 <= round(found[0] - alive, 6) <= 200
        assert timers() == []

    test()


@in_virtual_time
async def test_a_slow_network_is_none_also_while_more_is_sent_than_leaves() -> None:
    channel, peer, _ = await opened(buffer_high=40, buffer_low=10)
    sends = [asyncio.create_task(channel.send(TEN)) for _ in range(3)]
    for _ in range(5):
        await asyncio.sleep(179)
        peer.release(1)
        sends += [asyncio.create_task(channel.send(TEN)) for _ in range(3)]
    assert channel.is_connected
    assert channel.congested_signal()
    peer.release()
    await asyncio.gather(*sends)
    await asyncio.sleep(20)
    assert channel.is_connected
    assert timers() == []  # nobody looks at an empty buffer
    await channel.close()


@in_virtual_time
async def test_what_is_added_beside_the_messages_hides_nothing_that_leaves() -> None:
    """The messages of rooms are the channel's own, and longer than what leaves here."""
    channel, peer, _ = await opened()
    for _ in range(12):
        await channel.send("0")
    for number in range(12):
        await asyncio.sleep(90)
        await channel.join(f"a room with a name, number {number}")
        peer.release(1)
    assert channel.is_connected
    await channel.close()


@in_virtual_time
async def test_a_link_that_died_under_the_brake_frees_who_waits() -> None:
    channel, _, _ = await opened(buffer_high=15, buffer_low=5)
    first, second = (asyncio.create_task(channel.send(TEN)) for _ in range(2))
    await asyncio.sleep(179)
    assert channel.congested_signal()
    assert not second.done()
    await asyncio.sleep(2)
    assert not channel.congested_signal()
    assert [(await sent).status() for sent in (first, second)] == ["unconfirmed"] * 2
    with pytest.raises(NotConnectedError):
        await channel.send(TEN)


@in_virtual_time
async def test_what_waited_in_the_queue_is_watched_too_and_each_connection_anew() -> None:
    transport = MemoryTransport()
    channel = Channel("ws://t", auto_reconnect=True, reconnect_policy=Fixed(1, jitter=0), transport=transport)
    channel.on_error(lambda error: None)
    await channel.send("queued")
    connecting = asyncio.create_task(channel.connect())
    await turns(1)
    transport.peers[0].hold()
    transport.peers[0].accept()
    await connecting
    await asyncio.sleep(180.1)
    assert channel.state is ChannelState.RECONNECTING
    peer = await transport.attempt(1)
    peer.hold()
    peer.accept()
    await channel.connect()
    await channel.send(TEN)
    await asyncio.sleep(179.5)
    assert channel.is_connected
    await asyncio.sleep(1)
    assert channel.state is ChannelState.RECONNECTING
    await channel.close()
    assert timers() == []


@in_virtual_time
async def test_close_leaves_no_timer() -> None:
    channel, _, errors = await opened(close_timeout=3)
    await channel.send(TEN)
    assert len(timers()) == 1
    await channel.close()
    assert timers() == []
    await asyncio.sleep(300)
    assert errors == []


@in_virtual_time
async def test_a_machine_that_slept_looks_again_before_it_gives_up() -> None:
    channel, peer, errors = await opened()
    await channel.send(TEN)
    await channel.send(TEN)
    await asyncio.sleep(10)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop._clock += 3600  # nothing ran for an hour
    await asyncio.sleep(150)
    assert channel.is_connected
    peer.release(1)
    await asyncio.sleep(150)
    assert channel.is_connected
    await asyncio.sleep(60)
    assert len(errors) == 1
