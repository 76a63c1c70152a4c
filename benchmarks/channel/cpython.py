"""A `Channel` on plain CPython beside the bare ``websockets`` client, by turns."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from metafor.channels import Channel

__all__ = ["rounds"]

#: Messages of one measurement.
COUNT = 20_000

Rates = dict[str, dict[str, list[float]]]  # by direction and client: messages per second, of each round


async def rounds(address: str, number: int) -> Rates:
    """``number`` rounds, after one to warm up."""
    rates: Rates = {way: {"raw": [], "channel": []} for way in ("receive", "send")}
    async with (
        connect(f"{address}/flood", compression=None, ping_interval=None) as raw_flood,
        connect(f"{address}/sink", compression=None, ping_interval=None) as raw_sink,
    ):
        flood, sink = Channel(f"{address}/flood"), Channel(f"{address}/sink")
        await flood.connect()
        await sink.connect()
        for _ in range(number + 1):
            rates["receive"]["raw"].append(await _raw_receive(raw_flood))
            rates["receive"]["channel"].append(await _channel_receive(flood))
            rates["send"]["raw"].append(await _raw_send(raw_sink))
            rates["send"]["channel"].append(await _channel_send(sink))
        await flood.close()
        await sink.close()
    return {way: {name: all_of[1:] for name, all_of in by.items()} for way, by in rates.items()}


async def _raw_receive(websocket: ClientConnection) -> float:
    await websocket.send(str(COUNT))
    began = time.perf_counter()
    for _ in range(COUNT):
        json.loads(await websocket.recv())
    return COUNT / (time.perf_counter() - began)


async def _channel_receive(channel: Channel) -> float:
    done = asyncio.Event()
    left = COUNT

    def count(_: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    channel.on_message(count)
    await channel.send(str(COUNT))
    began = time.perf_counter()
    await done.wait()
    took = time.perf_counter() - began
    channel.remove_handler(count)
    return COUNT / took


def _message(number: int) -> dict[str, Any]:
    return {"symbol": "S123", "price": 12345.5, "n": number}


async def _raw_send(websocket: ClientConnection) -> float:
    await websocket.send(str(COUNT))
    began = time.perf_counter()
    for number in range(COUNT):
        await websocket.send(json.dumps(_message(number)))
    await websocket.recv()
    return COUNT / (time.perf_counter() - began)


async def _channel_send(channel: Channel) -> float:
    done = asyncio.Event()

    def finished(_: Any) -> None:
        done.set()

    channel.on_message(finished)
    await channel.send(str(COUNT))
    began = time.perf_counter()
    for number in range(COUNT):
        await channel.send(_message(number))
    await done.wait()
    took = time.perf_counter() - began
    channel.remove_handler(finished)
    return COUNT / took
