"""What a page does in a test of faults, by name: each takes and gives what JSON can carry."""

from __future__ import annotations

import asyncio
from itertools import cycle
from typing import Any

from pouring import pour
from reconnecting import reconnect, trace_proxies
from talker import talk

from metafor.channels import Channel, ChannelConnectionError, Fixed, Heartbeat


async def exchange(url: str, count: int, rate: float, reliable: bool = False) -> dict[str, Any]:
    """See `talk`; the policy is that of ruling 47."""
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    channel = Channel(url, auto_reconnect=True, reconnect_policy=Fixed(0.05), reliable=reliable)
    channel.on_close(lambda: waits.append(-loop.time()))
    channel.on_open(lambda: waits.append(loop.time()))
    told = await talk(channel, count, rate)
    outages = waits[1 : 1 + (len(waits) - 1) // 2 * 2]  # without the first open: close, open, close, open…
    return told | {"mean outage": round(sum(outages) / max(1, len(outages) // 2), 3)}


async def reconnects(urls: list[str], times: int, settle: float) -> dict[str, list[int]]:
    """See `reconnect`: to each URL in turn, where the connection is cut."""
    trace_proxies()
    coming = cycle(urls)
    channel = Channel(lambda: next(coming), auto_reconnect=True, reconnect_policy=Fixed(0))

    async def cut() -> None:
        pass  # the other end does it

    return await reconnect(channel, times, cut, settle)


async def refused(url: str) -> float:
    """Seconds until ``connect()`` of a port where nobody listens raises."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        await Channel(url).connect()
    except ChannelConnectionError:
        return loop.time() - began
    raise AssertionError("it was not refused")


async def heartbeat(url: str, interval: float, timeout: float) -> dict[str, Any]:
    """Seconds until a link that died is found, and whether the next connection answers."""
    loop = asyncio.get_running_loop()
    channel = Channel(
        url,
        auto_reconnect=True,
        reconnect_policy=Fixed(0),
        heartbeat=Heartbeat("ping", answer="ping", interval=interval, timeout=timeout),
    )
    lost, answered = asyncio.Event(), asyncio.Event()
    channel.on_error(lambda error: lost.set())
    channel.on_message(lambda message: answered.set())
    await channel.connect()
    began = loop.time()
    await lost.wait()
    took = loop.time() - began
    await channel.connect()
    await channel.send("back")
    await answered.wait()
    await channel.close()
    return {"found after": took}


async def takes_nothing(url: str, size: int, most: int, seconds: float) -> dict[str, Any]:
    """See `pour`."""
    return await pour(Channel(url), size, most=most, seconds=seconds)


async def close(url: str, close_timeout: float) -> dict[str, Any]:
    """Seconds that ``close()`` of a link that died takes."""
    loop = asyncio.get_running_loop()
    channel = Channel(url, close_timeout=close_timeout)
    await channel.connect()
    await asyncio.sleep(0.05)
    receipt = await channel.send("into the hole")
    began = loop.time()
    await channel.close()
    return {"closed after": loop.time() - began, "state": channel.state, "fate": receipt.status()}
