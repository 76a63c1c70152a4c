"""How fast one connection may talk."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metafor.server import Limits, RoomServer
from metafor.server.pace import Pace
from metafor.testing import in_virtual_time
from tests.server.asgi_driver import peers


def test_a_burst_and_then_the_pace() -> None:
    pace = Pace(per_second=10, burst=3)
    assert [pace.take(5.0) for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])
    assert pace.take(5.3) == 0
    assert [pace.take(100.0) for _ in range(4)] == pytest.approx([0, 0, 0, 0.1])


@given(
    per_second=st.floats(0.1, 1000),
    burst=st.integers(1, 100),
    steps=st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_who_waits_as_told_is_never_above_the_pace(per_second: float, burst: int, steps: list[float]) -> None:
    pace, now, taken = Pace(per_second, burst), 0.0, []
    for step in steps:
        now += step
        now += pace.take(now)
        taken.append(now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            most = burst + (taken[last] - taken[first]) * per_second
            assert last - first + 1 <= most + 1 + 1e-6


@in_virtual_time
async def test_a_flood_is_slowed_and_nothing_of_it_is_lost() -> None:
    rooms = RoomServer(limits=Limits(messages_per_second=10, burst=5))
    async with peers(rooms, 2) as (flood, other):
        start = asyncio.get_running_loop().time()
        for number in range(25):
            flood.send(str(number))
        arrivals = []
        for number in range(25):
            assert await other.receive() == str(number)
            arrivals.append(asyncio.get_running_loop().time() - start)
        other.send("not slowed")
        while await other.receive() != "not slowed":
            pass
        assert asyncio.get_running_loop().time() - start == pytest.approx(arrivals[-1])
    assert arrivals[:5] == pytest.approx([0.0] * 5)
    assert arrivals[-1] == pytest.approx(2.0)
    assert b"metafor_messages_paced_total 20.0" in rooms.metrics()
