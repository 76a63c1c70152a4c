"""`Heartbeat`: a quiet server is asked whether it is there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from metafor.channels import ChannelState, EncodeError, Fixed, Heartbeat
from metafor.channels.transports.base import NetworkEvent
from metafor.channels.transports.memory import MemoryPeer
from metafor.testing.virtual_time import VirtualTimeLoop, in_virtual_time
from tests.channels.network import open_channel, turns

PING = Heartbeat("ping", interval=20, timeout=5)
PING_PONG = Heartbeat({"type": "ping"}, answer={"type": "pong"}, interval=20, timeout=5)
ASKED = '{"type":"ping"}'
PONG = '{"type": "pong"}'


def clock() -> float:
    return asyncio.get_running_loop().time()


async def silence(peer: MemoryPeer, at: float) -> None:
    await asyncio.sleep(at - clock())
    await peer.send("still here")


@in_virtual_time
async def test_a_quiet_server_is_asked_and_a_talking_one_is_not() -> None:
    channel, peer = await open_channel(heartbeat=PING)
    for moment in (10, 25, 44):
        await silence(peer, moment)
    await turns()
    assert peer.received == []
    await asyncio.sleep(20.01)
    assert peer.received == ["ping"]
    await peer.send("anything")
    await asyncio.sleep(19)
    assert peer.received == ["ping"]
    await asyncio.sleep(2)
    assert peer.received == ["ping", "ping"]
    assert channel.is_connected
    await channel.close()


@in_virtual_time
async def test_no_answer_means_that_the_connection_is_dead() -> None:
    channel, peer = await open_channel(auto_reconnect=True, reconnect_policy=Fixed(1), heartbeat=PING)
    errors: list[Any] = []
    channel.on_error(errors.append)
    peer.silent = True
    opened = clock()
    while channel.is_connected:
        await asyncio.sleep(0.5)
    assert clock() - opened == pytest.approx(25, abs=0.5)
    assert "no answer to the heartbeat within 5 s" in str(errors[0])
    transport: Any = channel._endpoint.transport
    second = await transport.attempt(1)
    second.accept()
    await turns()
    assert channel.is_connected
    assert second.received == []
    await asyncio.sleep(20.1)  # the next connection has a heart of its own
    assert second.received == ["ping"]
    await second.send("here")
    await channel.close()


@in_virtual_time
async def test_answers_are_measured_and_shown_to_nobody() -> None:
    channel, peer = await open_channel(heartbeat=PING_PONG)
    seen: list[Any] = []
    channel.on_message(seen.append)
    channel.stream.subscribe(seen.append)
    assert channel.latency_signal() is None
    await asyncio.sleep(20)
    await asyncio.sleep(0.25)
    await peer.send(PONG)
    await turns()
    assert peer.received == [ASKED]
    assert channel.latency_signal() == pytest.approx(0.25)
    await peer.send(PONG, '{"type": "pong", "more": 1}')  # an answer to nothing is no message either
    await turns()
    assert [message for message in seen if isinstance(message, dict)] == [{"type": "pong", "more": 1}]
    assert channel.latency_signal() == pytest.approx(0.25)
    await channel.close()
    assert channel.latency_signal() is None


@in_virtual_time
async def test_a_server_that_talks_all_the_time_is_measured_too() -> None:
    channel, peer = await open_channel(heartbeat=PING_PONG)
    for number in range(1, 46):
        await asyncio.sleep(1)
        await peer.send("busy")
        if peer.received.count(ASKED) > number // 21:
            await peer.send(PONG)
    await turns()
    assert peer.received == [ASKED, ASKED]
    assert channel.latency_signal() is not None
    await channel.close()


@in_virtual_time
async def test_what_the_server_answered_after_stays_sent() -> None:
    channel, peer = await open_channel(heartbeat=PING_PONG)
    channel.on_error(lambda error: None)
    before = await channel.send("before")
    await asyncio.sleep(20.1)
    between = await channel.send("between")
    await peer.send(PONG)
    await turns()
    after = await channel.send("after")
    peer.cut()
    await turns()
    assert [receipt.status() for receipt in (before, between, after)] == [
        "sent",
        "unconfirmed",
        "unconfirmed",
    ]


@in_virtual_time
async def test_a_late_answer_says_nothing_about_what_came_after_its_question() -> None:
    channel, peer = await open_channel(heartbeat=PING_PONG)
    channel.on_error(lambda error: None)
    first = await channel.send("first")
    await asyncio.sleep(20.1)  # asked
    await peer.send("busy")  # alive, but it does not answer yet
    second = await channel.send("second")
    await asyncio.sleep(21)  # asked again
    assert peer.received.count(ASKED) == 2
    await peer.send(PONG)  # the answer to the first question
    await turns()
    assert channel.latency_signal() == pytest.approx(21, abs=0.2)
    peer.cut()
    await turns()
    assert [first.status(), second.status()] == ["sent", "unconfirmed"]


@in_virtual_time
async def test_questions_without_a_known_answer_leave_nothing_behind() -> None:
    channel, peer = await open_channel(heartbeat=PING)
    for _ in range(10):
        await asyncio.sleep(20.1)
        await peer.send("x")
    assert peer.received.count("ping") >= 9
    assert not channel._session.outbox._asked_about
    heart: Any = channel._session._heart
    assert not heart._open_questions
    await channel.close()


@in_virtual_time
async def test_a_network_that_is_back_under_an_open_connection_is_asked_after() -> None:
    channel, peer = await open_channel(heartbeat=PING)
    channel.on_error(lambda error: None)
    transport: Any = channel._endpoint.transport
    transport.network(NetworkEvent.BACK)
    transport.network(NetworkEvent.BACK)
    assert peer.received == ["ping"]
    peer.silent = True
    await asyncio.sleep(5.1)
    assert channel.state is ChannelState.CLOSED


@in_virtual_time
async def test_a_loop_that_was_held_up_hears_first_what_came_meanwhile() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    channel, peer = await open_channel(heartbeat=PING)
    channel.on_error(lambda error: None)
    await asyncio.sleep(20.1)
    assert peer.received == ["ping"]
    peer._undelivered.append("here")
    loop.call_at(loop.time() + 6, peer._deliver)  # it lies in the socket while Python is busy
    loop._clock += 60  # the deadline passes meanwhile, and has its turn before the message
    await asyncio.sleep(0.1)
    assert channel.is_connected
    peer.silent = True
    await asyncio.sleep(26)
    assert channel.state is ChannelState.CLOSED


@in_virtual_time
async def test_a_closed_channel_has_no_heart() -> None:
    channel, _ = await open_channel(heartbeat=PING)
    await asyncio.sleep(20.1)
    await channel.close()
    loop: Any = asyncio.get_running_loop()
    assert [handle for handle in loop._scheduled if not handle.cancelled()] == []


@in_virtual_time
async def test_no_heartbeat_while_closing_keeps_close_to_its_deadline() -> None:
    channel, peer = await open_channel(heartbeat=Heartbeat("ping", interval=1, timeout=1), close_timeout=5)
    peer.silent = True
    started = clock()
    await channel.close()
    assert clock() - started == 5
    assert "ping" not in peer.received


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"message": {1, 2}, "interval": 0}, ValueError),
        ({"message": {"type": "_join"}}, EncodeError),
        ({"message": "ping", "interval": 0}, ValueError),
        ({"message": "ping", "timeout": -1}, ValueError),
        ({"message": "ping", "timeout": float("inf")}, ValueError),
    ],
)
def test_heartbeats_that_cannot_be_meant(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        Heartbeat(**options)
