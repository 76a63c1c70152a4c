"""``channel.stream``: every message exactly once, in order, to everybody (rulings 40 and 41)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import reactivex
from reactivex import Observable, interval
from reactivex import operators as ops

from metafor.channels import Channel, Message
from metafor.channels.transports.memory import MemoryTransport
from metafor.core import create_effect, create_root, create_signal, get_owner
from metafor.rx import scheduled, scheduler
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import echo, open_channel, turns


@in_virtual_time
async def test_the_stream_is_an_observable_of_messages() -> None:
    channel, peer = await open_channel()
    assert isinstance(channel.stream, Observable)
    assert channel.stream is channel.stream
    received: list[Message] = []
    channel.stream.subscribe(received.append)
    await peer.send('{"_room":"r","a":1}', "text", b"\x00", '{"_room":"r","_b64":"AA=="}')
    await turns()
    assert received == [
        Message({"_room": "r", "a": 1}, "r", False),
        Message("text", None, False),
        Message(b"\x00", None, True),
        Message(b"\x00", "r", True),
    ]
    await channel.close()


@in_virtual_time
async def test_a_thousand_equal_messages_are_a_thousand_messages() -> None:
    channel, peer = await open_channel(history=2000)
    streamed: list[Message] = []
    handled: list[Any] = []
    notified: list[Any] = []
    channel.stream.subscribe(streamed.append)
    channel.on_message(handled.append)
    create_root(lambda _: create_effect(lambda: notified.append(channel.message_signal())))
    await peer.send(*["same"] * 1000)
    await turns()
    assert len(streamed) == len(handled) == len(channel.messages_signal()) == 1000
    assert notified == [None, "same"]
    await channel.close()


@in_virtual_time
async def test_a_raising_subscriber_harms_nobody() -> None:
    channel, peer = await open_channel()
    errors: list[BaseException] = []
    before: list[Message] = []
    after: list[Message] = []
    calls: list[int] = []

    def raising(message: Message) -> None:
        calls.append(1)
        raise LookupError("subscriber")

    channel.on_error(errors.append)
    channel.stream.subscribe(before.append)
    channel.stream.subscribe(raising)
    channel.stream.subscribe(after.append)
    await peer.send("a", "b")
    await turns()
    assert len(before) == len(after) == 2
    assert len(calls) == 2
    assert [str(error) for error in errors] == ["subscriber", "subscriber"]
    await channel.close()


@in_virtual_time
async def test_an_operator_that_raises_ends_its_own_chain_alone() -> None:
    channel, peer = await open_channel()
    ended: list[BaseException] = []
    others: list[Message] = []
    channel.stream.pipe(ops.map(lambda m: 1 / m.data)).subscribe(on_error=ended.append)
    channel.stream.subscribe(others.append)
    await peer.send("1", "0", "1")
    await turns()
    assert [type(error) for error in ended] == [ZeroDivisionError]
    assert len(others) == 3
    await channel.close()


@in_virtual_time
async def test_ruling_41_the_stream_completes_with_the_channel_not_with_a_connection() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://t", transport=transport)
    completed: list[str] = []
    channel.stream.subscribe(on_completed=lambda: completed.append("stream"))
    channel.room("r").stream.subscribe(on_completed=lambda: completed.append("room"))
    for _ in range(2):
        await channel.connect()
        await channel.close()
    assert completed == []
    channel.dispose()
    assert completed == ["stream", "room"]
    channel.stream.subscribe(on_completed=lambda: completed.append("late"))
    assert completed == ["stream", "room", "late"]


def test_ruling_41_a_stream_asked_for_after_the_end_is_complete() -> None:
    channel = Channel("ws://t")
    channel.dispose()
    completed: list[int] = []
    channel.stream.subscribe(on_completed=lambda: completed.append(1))
    channel.room("r").stream.subscribe(on_completed=lambda: completed.append(2))
    assert completed == [1, 2]


@in_virtual_time
async def test_unsubscribing_inside_a_message() -> None:
    channel, peer = await open_channel()
    received: list[Any] = []

    def once(message: Message) -> None:
        received.append(message.data)
        subscription.dispose()

    subscription = channel.stream.subscribe(once)
    channel.stream.pipe(ops.take(1)).subscribe(lambda m: received.append(("taken", m.data)))
    await peer.send("a", "b")
    await turns()
    assert received == ["a", ("taken", "a")]
    assert channel.stream._observers == ()
    await channel.close()


@pytest.mark.parametrize("fluent", [False, True])
@in_virtual_time
async def test_ruling_40_time_operators_run_on_the_loop_without_being_asked(fluent: bool) -> None:
    channel, peer = await open_channel()
    received: list[Any] = []
    stream = channel.stream
    if fluent:
        chain = stream.map(lambda m: m.data).debounce(0.5)
    else:
        chain = stream.pipe(ops.map(lambda m: m.data), ops.debounce(0.5))
    chain.subscribe(received.append)
    await peer.send("a", "b")
    await asyncio.sleep(0.4)
    assert received == []
    await asyncio.sleep(0.2)
    assert received == ["b"]
    await channel.close()


@in_virtual_time
async def test_ruling_40_holds_for_every_shape_of_chain() -> None:
    channel, peer = await open_channel()
    received: list[Any] = []
    data: Observable[Any] = channel.stream.pipe(ops.map(lambda m: m.data))
    data.pipe(ops.buffer_with_time(1.0), ops.filter(bool)).subscribe(lambda x: received.append(("buffer", x)))
    data.pipe(ops.throttle_first(1.0)).subscribe(lambda x: received.append(("throttle", x)))
    data.pipe(ops.delay(1.0), ops.publish(), ops.ref_count()).subscribe(
        lambda x: received.append(("delay", x))
    )
    connectable: Any = data.pipe(ops.debounce(1.0), ops.publish())
    connectable.subscribe(lambda x: received.append(("publish", x)))
    connected = connectable.connect()
    data.pipe(ops.flat_map(lambda x: reactivex.timer(1.0).pipe(ops.map(lambda _: x)))).subscribe(
        lambda x: received.append(("timer", x))
    )
    await peer.send("1", "2")
    await asyncio.sleep(3)
    assert sorted(received, key=str) == sorted(
        [
            ("buffer", [1, 2]),
            ("throttle", 1),
            ("delay", 1),
            ("delay", 2),
            ("publish", 2),
            ("timer", 1),
            ("timer", 2),
        ],
        key=str,
    )
    connected.dispose()
    channel.dispose()
    await asyncio.sleep(3)
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_a_room_has_its_own_stream() -> None:
    channel, peer = await open_channel()
    received: list[Any] = []
    channel.room("a").stream.pipe(ops.map(lambda m: m.data["n"])).subscribe(received.append)
    await peer.send(*(json.dumps({"_room": room, "n": n}) for n, room in enumerate("aba")))
    await turns()
    assert received == [0, 2]
    await channel.close()


@in_virtual_time
async def test_a_delivery_is_one_batch() -> None:
    channel, peer = await open_channel()
    count, set_count = create_signal(0)
    runs: list[int] = []
    create_root(lambda _: create_effect(lambda: runs.append(count())))
    channel.stream.subscribe(lambda m: set_count.update(lambda n: n + 1))
    channel.on_message(lambda m: set_count.update(lambda n: n + 1))
    await peer.send(*["x"] * 50)
    await turns()
    assert runs == [0, 100]
    await channel.close()


# -- The end of a subscription -----------------------------------------------------------------------


def timers() -> list[object]:
    loop: Any = asyncio.get_running_loop()
    return [handle for handle in loop._scheduled if not handle.cancelled()]


CHAINS: dict[str, Any] = {
    "plain": lambda stream: stream,
    "debounce": lambda stream: stream.pipe(ops.debounce(5.0)),
    "delay": lambda stream: stream.pipe(ops.delay(5.0)),
    "sample": lambda stream: stream.pipe(ops.sample(1.0)),
    "buffer": lambda stream: stream.pipe(ops.buffer_with_time(1.0)),
    "timeout": lambda stream: stream.pipe(ops.timeout(60.0)),
    "merge": lambda stream: stream.pipe(ops.merge(interval(1.0, scheduler=scheduler()))),
    "inner": lambda stream: stream.pipe(ops.flat_map(lambda m: scheduled(interval(1.0)))),
    "fluent": lambda stream: stream.delay(5.0).debounce(1.0),
}


@pytest.mark.parametrize("where", ["the channel's owner", "another owner", "by hand"])
@pytest.mark.parametrize("chain", CHAINS)
@in_virtual_time
async def test_a_subscription_and_its_timers_end_with_their_owner(chain: str, where: str) -> None:
    transport = MemoryTransport(echo)
    seen: list[object] = []
    ended: list[str] = []
    channel = Channel("ws://t", transport=transport)

    def setup(dispose: Callable[[], None]) -> tuple[Channel, Callable[[], None]]:
        own = Channel("ws://t", transport=transport) if where == "the channel's owner" else channel
        subscription = CHAINS[chain](own.stream).subscribe(
            seen.append, on_completed=lambda: ended.append("end")
        )
        owner: Any = get_owner()
        if where == "by hand":

            def by_hand() -> None:
                subscription.dispose()
                assert owner._last is None  # nothing stays with the owner

            return own, by_hand
        return own, dispose

    channel, dispose = create_root(setup)
    await channel.connect()
    await transport.peers[0].send("x")
    await asyncio.sleep(0.5)
    before = list(seen)
    dispose()
    assert ended == ([] if where == "by hand" else ["end"])
    await turns()  # the socket's closing handshake
    assert timers() == []
    await asyncio.sleep(10)
    assert seen == before  # nothing that was still under way comes after the end
    await channel.close()
