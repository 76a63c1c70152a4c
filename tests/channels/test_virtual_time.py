"""The event loop whose clock jumps."""

from __future__ import annotations

import asyncio
import time

import pytest

from metafor.testing.virtual_time import in_virtual_time


def test_waiting_costs_no_time_and_keeps_the_order() -> None:
    order: list[tuple[str, float]] = []

    @in_virtual_time
    async def test(answer: int) -> int:
        loop = asyncio.get_running_loop()

        async def wait(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            order.append((name, loop.time()))

        await asyncio.gather(wait("late", 3600), wait("early", 0.25), wait("now", 0))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.Event().wait()
        assert loop.time() == 3605
        return answer

    started = time.perf_counter()
    assert test(42) == 42
    assert time.perf_counter() - started < 1
    assert order == [("now", 0), ("early", 0.25), ("late", 3600)]


def test_what_can_never_happen_is_an_error() -> None:
    @in_virtual_time
    async def test() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="deadlock"):
        test()
