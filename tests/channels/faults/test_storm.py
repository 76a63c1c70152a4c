"""Ruling 47, and what a server that is not well gets from a client: virtual time."""

from __future__ import annotations

import asyncio

from metafor.channels import Channel
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.testing import in_virtual_time
from tests.channels.faults.storm import opens_after_outage, peak


def test_ruling_47_clients_come_back_spread_out_after_an_outage_of_30_seconds() -> None:
    moments = opens_after_outage(10_000, outage=30.0, seed=1)
    assert len(moments) == 10_000
    assert peak(moments) <= 0.02
    assert moments[-1] < 30.0  # and nobody stays away


def test_the_peak_is_counted_in_every_window() -> None:
    assert peak([0.0, 0.09, 0.1, 5.0]) == 0.75
    assert peak([1.0, 2.0]) == 0.5


@in_virtual_time
async def test_a_server_that_accepts_and_closes_gets_at_most_15_attempts_in_a_minute() -> None:
    async def slam(peer: MemoryPeer) -> None:
        pass  # returning closes the connection

    worst = 0
    for _ in range(50):
        transport = MemoryTransport(slam)
        channel = Channel("ws://test", auto_reconnect=True, transport=transport)
        channel.on_error(lambda error: None)
        await channel.connect()
        await asyncio.sleep(60)
        assert all(peer.accepted for peer in transport.peers[:-1])
        worst = max(worst, len(transport.peers))
        channel.dispose()
    assert 5 < worst <= 15
