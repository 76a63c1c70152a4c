"""What every transport must do: memory and CPython in ``test_transports.py``, the browser's in a page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from metafor.channels.transports.base import Frame

from .ears import Ears
from .place import Place, Run


def scenario(function: Callable[[Place], Awaitable[None]]) -> Run:
    function.is_scenario = True  # type: ignore[attr-defined]
    return function


@scenario
async def messages_go_there_and_back_in_order(place: Place) -> None:
    frames: list[Frame] = [
        "text",
        b"\x00\xff",
        "",
        b"",
        "ünïcödé 🎈",
        "one\x1etwo",
        '{"a":1}',
        "x" * 100_000,
        b"y" * 100_000,
    ]
    frames += [str(number) for number in range(500)]
    ears = Ears()
    socket = ears.open(place, "echo")
    assert socket.send("too early") is False
    await ears.until(ears.has_events)
    assert ears.events == [("opened", "")]
    for frame in frames:
        assert socket.send(frame) is True
    await ears.until(lambda: len(ears.frames) == len(frames))
    assert ears.frames == frames
    assert [type(frame) for frame in ears.frames] == [type(frame) for frame in frames]
    socket.close(1000, "done")
    await ears.until(ears.has_ended)


@scenario
async def the_server_chooses_a_subprotocol(place: Place) -> None:
    ears = Ears()
    socket = await ears.opened_at(place, "wait", ["b", "c"])
    assert ears.events == [("opened", "b")]
    socket.drop()


@scenario
async def messages_of_one_turn_arrive_together(place: Place) -> None:
    ears = Ears()
    socket = ears.open(place, "burst")
    await ears.until(lambda: len(ears.frames) == 200)
    assert ears.frames == [str(number) for number in range(200)]
    assert len(ears.events) < 150, len(ears.events)
    socket.drop()


@scenario
async def closing_from_here_sends_first_what_was_handed_over(place: Place) -> None:
    ears = Ears()
    socket = await ears.opened_at(place, "note")
    frames = [str(number) * 100 for number in range(1000)]
    for frame in frames:
        socket.send(frame)
    socket.close(3001, "bye")
    socket.close(3002, "again")
    assert socket.send("too late") is False
    await ears.until(ears.has_ended)
    kind, close = ears.events[-1]
    assert (kind, close.code, close.reason, close.clean) == ("closed", 3001, "bye", True), close
    assert close.received is False
    noted = Ears()
    noted.open(place, "noted")
    await noted.until(noted.has_ended)
    assert json.loads("".join(map(str, noted.frames))) == frames


@scenario
async def closing_from_there(place: Place) -> None:
    ears = Ears()
    socket = ears.open(place, "close")
    await ears.until(ears.has_ended)
    assert ears.frames == ["last words"]
    close = ears.events[-1][1]
    assert (close.code, close.reason, close.clean, close.received) == (4001, "enough", True, True)
    assert socket.send("too late") is False
    socket.close(1000, "")
    socket.drop()


@scenario
async def a_connection_that_is_cut(place: Place) -> None:
    ears = Ears()
    ears.open(place, "cut")
    await ears.until(ears.has_ended)
    close = ears.events[-1][1]
    assert (close.code, close.clean, close.received) == (1006, False, False)


@scenario
async def a_dropped_socket_says_nothing_more(place: Place) -> None:
    for when in ("at once", "open", "closing"):
        ears = Ears()
        socket = ears.open(place, "chatter")
        if when != "at once":
            await ears.until(ears.has_events)
        if when == "closing":
            socket.close(1000, "")
        before = list(ears.events)
        socket.drop()
        socket.drop()
        assert socket.send("x") is False
        await asyncio.sleep(0.05)
        assert ears.events == before


@scenario
async def what_is_buffered_falls_to_nothing_and_tells(place: Place) -> None:
    ears = Ears()
    socket = ears.open(place, "wait")
    assert socket.buffered == 0
    await ears.until(ears.has_events)
    for number in range(1, 10):
        ears.calling = True
        socket.watch_buffer(3)  # replaced by the next
        for _ in range(100):
            socket.send("x" * 10_000)
        socket.watch_buffer(0)
        ears.calling = False
        await ears.until(lambda number=number: ears.fell == number)  # type: ignore[misc]
        assert socket.buffered == 0
    socket.send("x")
    socket.watch_buffer(0)
    socket.drop()
    assert socket.buffered == 0
    await asyncio.sleep(0.05)
    assert ears.fell == 9


@scenario
async def a_server_that_reads_nothing_leaves_it_in_the_buffer(place: Place) -> None:
    ears, whip = Ears(), Ears()
    socket = await ears.opened_at(place, "deaf")
    await asyncio.sleep(0.02)
    try:
        block = bytes(range(256)) * 4000
        for _ in range(40):
            socket.send(block)
        socket.watch_buffer(2_000_000)
        await asyncio.sleep(0.1)
        assert ears.fell == 0
        assert socket.buffered > 2_000_000
        whip.open(place, "hear")
        await ears.until(lambda: ears.fell == 1)
        assert socket.buffered <= 2_000_000
    finally:
        socket.drop()


@scenario
async def latency_is_a_number_or_none(place: Place) -> None:
    ears = Ears()
    socket = await ears.opened_at(place, "wait")
    assert socket.latency is None or socket.latency >= 0
    socket.drop()
