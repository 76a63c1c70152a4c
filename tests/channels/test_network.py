"""`reconnect_now`, the countdown, and what a page hears of its network."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from metafor.channels import Channel, ChannelState, Fixed
from metafor.channels.countdown import Countdown
from metafor.channels.transports.base import NetworkEvent
from metafor.channels.transports.memory import MemoryTransport
from metafor.core import create_effect, create_root
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import turns


async def waiting(seconds: float = 100, reason: str = "") -> tuple[Channel, MemoryTransport]:
    """A channel that was open and waits for its next attempt."""
    transport = MemoryTransport()
    channel = Channel(
        "ws://test", auto_reconnect=True, reconnect_policy=Fixed(seconds, jitter=0), transport=transport
    )
    channel.on_error(lambda error: None)
    connecting = asyncio.create_task(channel.connect())
    await turns(1)
    transport.peers[-1].accept()
    await connecting
    await transport.peers[-1].close(1012, reason)
    await turns()
    assert channel.state is ChannelState.RECONNECTING
    return channel, transport


@in_virtual_time
async def test_reconnect_now_ends_the_wait_and_means_nothing_elsewhere() -> None:
    channel, transport = await waiting()
    channel.reconnect_now()
    assert channel.state is ChannelState.CONNECTING
    assert len(transport.peers) == 2
    channel.reconnect_now()
    transport.peers[-1].accept()
    await turns()
    channel.reconnect_now()
    assert channel.is_connected
    await channel.close()
    channel.reconnect_now()
    assert (channel.state, len(transport.peers)) == (ChannelState.CLOSED, 2)


@in_virtual_time
async def test_the_wait_counts_down_to_the_attempt() -> None:
    channel, _ = await waiting(3.5)
    seen: list[tuple[float, float | None]] = []
    loop = asyncio.get_running_loop()
    create_root(lambda _: create_effect(lambda: seen.append((loop.time(), channel.retry_in_signal()))))
    await asyncio.sleep(5)
    assert seen == [(0, 3.5), (0.5, 3), (1.5, 2), (2.5, 1), (3.5, None)]
    await channel.close()


@pytest.mark.parametrize("seconds", [0.05, 1])
@in_virtual_time
async def test_a_short_wait_has_no_ticks(seconds: float) -> None:
    channel, _ = await waiting(seconds)
    assert channel.retry_in_signal() == seconds
    assert len([h for h in asyncio.get_running_loop()._scheduled if not h.cancelled()]) == 1  # type: ignore[attr-defined]
    await channel.close()


@in_virtual_time
async def test_a_machine_that_slept_does_not_wait_on() -> None:
    slept = [0.0]
    loop = asyncio.get_running_loop()
    seen: list[float | None] = []
    woke: list[float] = []
    countdown = Countdown(seen.append, lambda: woke.append(loop.time()), lambda: loop.time() + slept[0])
    countdown.update(1, 20.0)
    await asyncio.sleep(3.5)
    assert woke == []
    slept[0] = 3600.0
    await asyncio.sleep(1)
    assert woke == [4.0]
    countdown.update(1, 20.0)  # the same wait: it counts on
    countdown.update(1, None)
    assert seen == [20.0, 19.0, 18.0, 17.0, 16.0, None]


@in_virtual_time
async def test_a_network_that_is_back_ends_the_wait() -> None:
    channel, transport = await waiting()
    transport.network(NetworkEvent.BACK)
    assert channel.state is ChannelState.CONNECTING
    await channel.close()


@in_virtual_time
async def test_ruling_2_a_servers_hint_bounds_that_too() -> None:
    channel, transport = await waiting(30, "retry-after=10")
    await asyncio.sleep(9)
    transport.network(NetworkEvent.BACK)
    assert channel.state is ChannelState.RECONNECTING
    await asyncio.sleep(1)
    transport.network(NetworkEvent.BACK)
    assert channel.state is ChannelState.CONNECTING
    await channel.close()


@in_virtual_time
async def test_ruling_42_a_network_that_is_gone_ends_the_connection_at_once() -> None:
    channel, transport = await waiting()
    channel.reconnect_now()
    transport.network(NetworkEvent.LOST)
    assert channel.is_connecting  # the handshake has its own deadline
    transport.peers[-1].accept()
    await turns()
    receipt = await channel.send("x")
    closed: list[Any] = []
    channel.on_close(lambda: closed.append(channel.error_signal()))
    transport.network(NetworkEvent.LOST)
    assert channel.state is ChannelState.RECONNECTING
    assert "the network is gone" in str(closed[0])
    assert receipt.status() == "unconfirmed"
    assert transport.peers[-1].ended
    await channel.close()


@in_virtual_time
async def test_a_closed_channel_does_not_listen_to_the_page() -> None:
    channel, transport = await waiting()
    assert len(transport.watchers) == 1
    await channel.close()
    assert transport.watchers == []
    transport.network(NetworkEvent.BACK)
    assert channel.state is ChannelState.CLOSED


@in_virtual_time
async def test_two_channels_on_one_network_hear_each_for_itself() -> None:
    transport = MemoryTransport()
    channels = [Channel("ws://test", transport=transport) for _ in range(2)]
    connecting = [asyncio.create_task(channel.connect()) for channel in channels]
    await turns(1)
    for peer in transport.peers:
        peer.accept()
    await asyncio.gather(*connecting)
    await channels[0].close()
    assert len(transport.watchers) == 1
    channels[1].on_error(lambda error: None)
    transport.network(NetworkEvent.LOST)
    assert [channel.state for channel in channels] == [ChannelState.CLOSED] * 2
    assert transport.watchers == []
