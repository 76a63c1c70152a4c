"""A reliable channel over real sockets that are cut again and again; at length: ``make soak``."""

from __future__ import annotations

import asyncio

from metafor.channels import Channel, Fixed
from metafor.testing.faults import FaultProxy, reset_after
from tests.channels.faults.talker import talk
from tests.channels.reliable.exchange import judge, reliable_server


async def test_resets_lose_nothing() -> None:
    async with (
        reliable_server(1000, rate=700) as (url, exchange),
        FaultProxy(url, reset_after(0.15)) as proxy,
    ):
        channel = Channel(proxy.url, reliable=True, reconnect_policy=Fixed(0.05))
        async with asyncio.timeout(30):
            told = await talk(channel, exchange.count, exchange.rate)
        judge(exchange, told, proxy.accepted)
        assert proxy.accepted > 4
