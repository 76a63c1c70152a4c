"""Random cuts at random frames: every message once and in order, or exactly one gap for each hole."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.channels import Gap, QueueFullError, Receipt
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import SlowBroker, World, collected, overhear

ROOMS = ["general", None]
EXAMPLES = int(os.environ.get("METAFOR_EXAMPLES", "60"))

steps = st.one_of(
    st.tuples(st.just("send"), st.integers(1, 20), st.sampled_from(ROOMS)),
    st.tuples(st.just("publish"), st.integers(1, 20), st.sampled_from(ROOMS)),
    st.tuples(st.just("cut"), st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.just("wait"), st.sampled_from([0, 0, 0, 0.001, 0.01, 0.05, 0.3])),
)


class Run:
    """One channel and one server: what was sent, what arrived."""

    def __init__(self, history: int, seed: int, window: int, echo: bool, **queue: Any) -> None:
        from metafor.server import Reliability

        rng = random.Random(seed)
        self.broker = SlowBroker(rng, history=history)
        self.world = World(broker=self.broker, reliable=Reliability(window=window), echo=echo)
        self.numbers = 0
        self.sent: dict[str | None, list[int]] = {room: [] for room in ROOMS}
        self.published: dict[str | None, list[int]] = {room: [] for room in ROOMS}
        self.receipts: list[tuple[str | None, int, Receipt]] = []
        self.queue = queue

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    async def step(self, channel: Any, step: tuple[Any, ...]) -> None:
        match step:
            case ("send", count, room):
                for _ in range(count):
                    number = self.next_number()
                    with suppress(QueueFullError):
                        receipt = await channel.send({"n": number}, room=room)
                        self.receipts.append((room, number, receipt))
            case ("publish", count, room):
                for _ in range(count):
                    self.published[room].append(number := self.next_number())
                    await self.world.rooms.publish(room, {"n": number})
            case ("cut", arrive, back):
                for peer in self.world.open_peers:
                    self.world.cut(peer, arrive, back)
            case ("wait", seconds):
                await asyncio.sleep(seconds)

    async def play(self, script: list[tuple[Any, ...]]) -> tuple[list[Any], list[Any]]:
        """Gives what the channel was told, and what the other members of the room were."""
        channel = await self.world.connected(**self.queue)
        await channel.join("general")
        others = await overhear(self.broker, "general")
        with collected(channel) as told:
            for step in script:
                await self.step(channel, step)
            await asyncio.sleep(5)
            async with asyncio.timeout(5):
                await channel.drain()
        for room, number, receipt in self.receipts:
            if receipt.status() == "acked":
                self.sent[room].append(number)
            else:
                assert receipt.status() == "dropped"
                assert self.queue.get("queue_policy", "error") != "error"
        await self.world.close()
        return told, others.frames


def numbers_of(told: list[Any], room: str | None) -> list[int]:
    return [message["n"] for message in told if isinstance(message, dict) and message.get("_room") == room]


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(steps, max_size=40), st.integers(0, 1 << 16), st.sampled_from([1, 3, 256]), st.booleans())
def test_inside_the_history_every_message_arrives_once_and_in_order(
    script: list[tuple[Any, ...]], seed: int, window: int, echo: bool
) -> None:
    @in_virtual_time
    async def play() -> None:
        run = Run(history=10_000, seed=seed, window=window, echo=echo)
        told, others = await run.play(script)
        for room in ROOMS:
            log = numbers_of(others, room)
            mine = set(run.sent[room])
            assert [number for number in log if number in mine] == run.sent[room]
            assert [number for number in log if number not in mine] == run.published[room]
            assert numbers_of(told, room) == (log if echo else run.published[room])
        assert not [gap for gap in told if isinstance(gap, Gap)]

    play()


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(steps, max_size=40),
    st.integers(0, 1 << 16),
    st.sampled_from([0, 1, 5]),
    st.sampled_from(["error", "drop_oldest", "drop_newest"]),
)
def test_what_a_small_queue_takes_arrives_once_and_in_order_and_the_rest_never(
    script: list[tuple[Any, ...]], seed: int, queue_messages: int, queue_policy: str
) -> None:
    @in_virtual_time
    async def play() -> None:
        queue = {"queue_messages": queue_messages, "queue_policy": queue_policy}
        run = Run(history=10_000, seed=seed, window=3, echo=True, **queue)
        told, others = await run.play(script)
        for room in ROOMS:
            log = numbers_of(others, room)
            published = set(run.published[room])
            assert [number for number in log if number not in published] == run.sent[room]
            assert numbers_of(told, room) == log

    play()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(steps, max_size=40), st.integers(0, 1 << 16))
def test_beyond_the_history_each_hole_is_told_once_where_it_is(
    script: list[tuple[Any, ...]], seed: int
) -> None:
    @in_virtual_time
    async def play() -> None:
        run = Run(history=3, seed=seed, window=16, echo=True)
        told, others = await run.play(script)
        for room in ROOMS:
            log = numbers_of(others, room)
            expected = iter(log)
            for event in told:
                if isinstance(event, Gap) and event.room == room:
                    assert event.missed
                    for _ in range(event.missed):
                        next(expected)
                elif isinstance(event, dict) and event.get("_room") == room:
                    assert event["n"] == next(expected)
            assert not list(expected)
            mine = set(run.sent[room])
            assert [number for number in log if number in mine] == run.sent[room]

    play()
