"""Reliable channels of plain CPython under cuts, at length: ``make soak`` prints the figures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from metafor.channels import Channel, Fixed, QueueFullError
from metafor.testing.faults import FaultProxy, reset_after, throttle
from tests.channels.faults.talker import talk
from tests.channels.reliable.exchange import judge, reliable_server
from tests.server.processes import room_processes
from tests.server.redis_server import redis_server

COUNT = 10_000
#: What the server processes run.
SERVED = "tests.soak.served:rooms"


def show(title: str, figures: Any) -> None:
    print(f"\n{title}: {json.dumps(figures, indent=2)}")


async def test_resets_every_150_ms() -> None:
    """10,000 messages each way: 0 lost, 0 doubled, 0 out of order."""
    async with (
        reliable_server(COUNT, rate=500) as (url, exchange),
        FaultProxy(url, reset_after(0.15)) as proxy,
    ):
        channel = Channel(proxy.url, reliable=True, reconnect_policy=Fixed(0.05))
        async with asyncio.timeout(180):
            told = await talk(channel, COUNT, exchange.rate)
        show("reliable, TCP reset every 150 ms", judge(exchange, told, proxy.accepted))
        assert proxy.accepted > 50


async def test_resets_on_a_slow_network() -> None:
    """The same where much is on its way when the connection ends."""

    async def fault(cable: Any) -> None:
        await throttle(40_000)(cable)
        await reset_after(0.15)(cable)

    async with reliable_server(2000, rate=300) as (url, exchange), FaultProxy(url, fault) as proxy:
        channel = Channel(proxy.url, reliable=True, reconnect_policy=Fixed(0.05))
        async with asyncio.timeout(180):
            told = await talk(channel, exchange.count, exchange.rate)
        show("reliable, TCP reset every 150 ms, 40 kB/s", judge(exchange, told, proxy.accepted))


class Talker:
    """One of two who say ``count`` numbers each to a room, and hear those of both."""

    def __init__(self, name: str, url: str | Callable[[], str]) -> None:
        self.name = name
        self.channel = Channel(url, reliable=True, reconnect_policy=Fixed(0.05))
        self.heard: dict[str, list[int]] = {}
        self.gaps: list[Any] = []
        self.opened = 0
        self.channel.on_message(
            lambda message: self.heard.setdefault(message["from"], []).append(message["n"])
        )
        self.channel.on_gap(self.gaps.append)
        self.channel.on_error(lambda error: None)
        self.channel.on_open(self._opened)

    def _opened(self) -> None:
        self.opened += 1

    async def talk(self, count: int) -> list[Any]:
        receipts = []
        for n in range(count):
            while True:
                try:
                    receipts.append(await self.channel.send_to("room", {"from": self.name, "n": n}))
                    break
                except QueueFullError:  # an outage that lasts
                    await asyncio.sleep(0.05)
            if n % 8 == 0:
                await asyncio.sleep(0.01)
        await self.channel.drain()
        return receipts


async def converse(
    count: int, urls: list[str | Callable[[], str]], disturb: Callable[[], Any]
) -> dict[str, Any]:
    """Let two talk while ``disturb`` runs; assert that each heard everything once and in order."""
    talkers = [Talker(name, url) for name, url in zip(("ada", "bob"), urls, strict=True)]
    for talker in talkers:
        await talker.channel.connect()
        await talker.channel.join("room")
    disturbing = asyncio.create_task(disturb())
    async with asyncio.timeout(500):
        talking = asyncio.gather(*(talker.talk(count) for talker in talkers))
        await asyncio.wait((talking, disturbing), return_when=asyncio.FIRST_COMPLETED)
        assert not disturbing.done(), disturbing.exception()
        receipts = await talking
        disturbing.cancel()
        await asyncio.gather(disturbing, return_exceptions=True)
        while any(sum(map(len, talker.heard.values())) < 2 * count for talker in talkers):
            assert not any(talker.gaps for talker in talkers), [talker.gaps for talker in talkers]
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    for talker in talkers:
        await talker.channel.close()
    figures = {
        "messages each way": count,
        "connections": [talker.opened for talker in talkers],
        "gaps": [talker.gaps for talker in talkers],
    }
    everything = list(range(count))
    for talker in talkers:
        assert talker.heard == {"ada": everything, "bob": everything}, figures
        assert talker.gaps == [], figures
    assert {str(receipt.status()) for of_one in receipts for receipt in of_one} == {"acked"}
    return figures


async def test_server_processes_are_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under Redis, ``kill -9`` every other second; a process that is there already takes over."""
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(redis_server(tmp_path))
        monkeypatch.setenv("SOAK_REDIS", redis.url)
        processes = await stack.enter_async_context(room_processes(2, SERVED))
        kills = 0

        def address() -> str:
            return f"ws://127.0.0.1:{processes[-1].port}/"

        async def disturb() -> None:
            nonlocal kills
            while True:
                await asyncio.sleep(2)
                (fresh,) = await stack.enter_async_context(room_processes(1, SERVED))
                victim = processes[-1]
                processes.append(fresh)
                await asyncio.to_thread(victim.kill)
                kills += 1

        figures = await converse(COUNT, [address, address], disturb)
        show("reliable, server processes killed", figures | {"kills": kills})
        assert kills >= 2


async def test_redis_is_killed_and_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ruling 48: ``appendonly yes, appendfsync always``."""
    with redis_server(tmp_path) as redis:
        monkeypatch.setenv("SOAK_REDIS", redis.url)
        async with room_processes(2, SERVED) as processes:
            urls: list[Any] = [f"ws://127.0.0.1:{process.port}/" for process in processes]
            restarts = 0

            async def disturb() -> None:
                nonlocal restarts
                while True:
                    await asyncio.sleep(2)
                    await asyncio.to_thread(redis.kill)
                    await asyncio.sleep(0.2)
                    await asyncio.to_thread(redis.start)
                    restarts += 1

            figures = await converse(COUNT, urls, disturb)
            show("reliable, Redis killed", figures | {"restarts": restarts})
            assert restarts >= 2
