"""Ruling 42: links that died without a word are found within their deadline, and `close` never hangs."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from metafor.channels import Channel, ChannelConnectionError, ChannelTimeoutError, Fixed, Heartbeat
from metafor.channels.transports.cpython import CPythonTransport
from metafor.testing.faults import FaultProxy, Script, accept_then_close, black_hole, in_turn, slow_handshake
from tests.channels.loopback import Collected, echo, server

#: What the library's ping adds to its timeout: the farewell to the dead.
FAREWELL = 1.0
#: How late a deadline may be kept on a machine that has other things to do, in seconds.
LATE = 3.0

WAYS = ["up", "down", "both"]


def mute_after_the_first(direction: Any) -> Script:
    return in_turn(black_hole(0, direction), None)


@pytest.mark.parametrize("direction", ["down", "both"])
async def test_the_ping_of_the_library_finds_it(direction: str) -> None:
    async with server(echo) as url, FaultProxy(url, mute_after_the_first(direction)) as proxy:
        channel = Channel(
            proxy.url,
            auto_reconnect=True,
            reconnect_policy=Fixed(0),
            # The good connection that follows must have time to answer.
            transport=CPythonTransport(ping_interval=0.1, ping_timeout=0.5),
        )
        told = Collected(channel)
        await channel.connect()
        began = time.monotonic()
        await told.until(lambda: told.errors)
        assert time.monotonic() - began < 0.6 + FAREWELL + LATE
        await told.until(lambda: channel.is_connected)
        await channel.send("back")
        await told.until(lambda: told.messages == ["back"])
        await channel.close()


@pytest.mark.parametrize("direction", WAYS)
async def test_a_heartbeat_finds_it(direction: str) -> None:
    async with server(echo) as url, FaultProxy(url, mute_after_the_first(direction)) as proxy:
        channel = Channel(
            proxy.url,
            auto_reconnect=True,
            reconnect_policy=Fixed(0),
            transport=CPythonTransport(ping_interval=None),
            heartbeat=Heartbeat("ping", answer="ping", interval=0.1, timeout=0.1),
        )
        told = Collected(channel)
        await channel.connect()
        lost = [await channel.send(str(number)) for number in range(3)]
        began = time.monotonic()
        await told.until(lambda: told.errors)
        assert time.monotonic() - began < 0.2 + LATE
        assert {receipt.status() for receipt in lost} == {"unconfirmed"}
        await told.until(lambda: channel.is_connected)
        await channel.close()


@pytest.mark.parametrize("direction", WAYS)
async def test_close_of_a_half_open_link_returns_within_its_deadline(direction: Any) -> None:
    async with server(echo, close_timeout=0.1) as url, FaultProxy(url, black_hole(0, direction)) as proxy:
        channel = Channel(proxy.url, auto_reconnect=True, close_timeout=0.2)
        await channel.connect()
        await asyncio.sleep(0.01)
        receipt = await channel.send("into the hole")
        began = time.monotonic()
        await channel.close()
        assert time.monotonic() - began < 0.2 + LATE
        assert channel.state == "closed"
        assert receipt.status() == "unconfirmed"


async def test_a_slow_handshake_is_waited_for_and_a_too_slow_one_is_not() -> None:
    async with server(echo) as url, FaultProxy(url, slow_handshake(0.1)) as proxy:
        patient = Channel(proxy.url)
        await patient.connect()
        await patient.close()
        hasty = Channel(proxy.url, connect_timeout=0.05)
        began = time.monotonic()
        with pytest.raises(ChannelTimeoutError):
            await hasty.connect()
        assert time.monotonic() - began < 0.05 + LATE


async def test_a_server_that_accepts_and_closes_is_a_named_error() -> None:
    async with server(echo) as url, FaultProxy(url, accept_then_close) as proxy:
        with pytest.raises(ChannelConnectionError, match="no connection"):
            await Channel(proxy.url).connect()


async def test_a_refused_port_fails_in_less_than_a_tenth_of_a_second() -> None:
    async with FaultProxy("ws://127.0.0.1:1/") as proxy:
        proxy.refuse()
        took = []
        for _ in range(3):  # one of them on a machine that has other things to do
            began = time.monotonic()
            with pytest.raises(ChannelConnectionError, match="refused"):
                await Channel(proxy.url).connect()
            took.append(time.monotonic() - began)
        assert min(took) < 0.1
