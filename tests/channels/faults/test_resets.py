"""Rulings 4, 7 and 47: a network that is cut again and again loses nothing of ours without saying so."""

from __future__ import annotations

import asyncio

import pytest

from metafor.channels import Channel, Fixed
from metafor.testing.faults import FaultProxy, Script, close_after, fragment, in_turn, reset_after
from tests.channels.faults.exchange import counting_server, judge
from tests.channels.faults.talker import talk


@pytest.mark.parametrize("fault", [reset_after(0.05), close_after(0.05)], ids=["reset", "end"])
async def test_a_connection_that_ends_again_and_again_loses_nothing_in_silence(fault: Script) -> None:
    async with counting_server(1000, rate=2500) as (url, counting), FaultProxy(url, fault) as proxy:
        channel = Channel(proxy.url, auto_reconnect=True, reconnect_policy=Fixed(0.02))
        async with asyncio.timeout(30):
            told = await talk(channel, counting.count, counting.rate)
    judge(counting, told)
    assert counting.connections > 3
    assert "unconfirmed" in told["fates"]


async def test_bytes_one_by_one_are_the_same_messages() -> None:
    async with counting_server(100, rate=5000) as (url, counting), FaultProxy(url, fragment()) as proxy:
        async with asyncio.timeout(10):
            told = await talk(Channel(proxy.url), counting.count, counting.rate)
    judge(counting, told)
    assert counting.arrived == told["handled"] == list(range(100))
    assert set(told["fates"]) == {"sent"}


async def test_a_connection_that_is_reset_between_two_good_ones() -> None:
    async with (
        counting_server(200, rate=2000) as (url, counting),
        FaultProxy(url, in_turn(reset_after(0.04), None)) as proxy,
    ):
        channel = Channel(proxy.url, auto_reconnect=True, reconnect_policy=Fixed(0.02))
        async with asyncio.timeout(10):
            told = await talk(channel, counting.count, counting.rate)
    judge(counting, told)
    assert counting.connections == 2
    # What was sent on the second connection, which ended by our own close, is known to have arrived.
    assert told["fates"][-1] == "sent"
    assert told["fates"][0] == "unconfirmed"
