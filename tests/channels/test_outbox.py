"""Messages on their way out: receipts, the queue's policies, deadlines, keys, and the brake."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from metafor.channels import Channel, Fixed, NotConnectedError, QueueFullError, Receipt
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.core import create_effect, create_root
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import open_channel, turns


def offline(**options: Any) -> Channel:
    """A channel with a queue, not connected yet."""
    options.setdefault("transport", MemoryTransport())
    return Channel("ws://test", auto_reconnect=True, reconnect_policy=Fixed(1, jitter=0), **options)


async def opened(channel: Channel, transport: MemoryTransport) -> MemoryPeer:
    connecting = asyncio.create_task(channel.connect())
    await turns(1)
    transport.peers[-1].accept()
    await connecting
    return transport.peers[-1]


def statuses(*receipts: Receipt) -> list[str]:
    return [str(receipt.status()) for receipt in receipts]


# -- what can be known of a message that was handed over ---------------------------------------------


@pytest.mark.parametrize("end", ["cut", "server closes", "silent", "we close"])
@in_virtual_time
async def test_what_was_handed_over_is_unconfirmed_unless_we_closed_and_were_answered(end: str) -> None:
    channel, peer = await open_channel()
    channel.on_error(lambda error: None)
    watched, unwatched = await channel.send("a"), await channel.send("b")
    seen: list[str] = []
    create_root(lambda _: create_effect(lambda: seen.append(watched.status())))
    match end:
        case "cut":
            peer.cut()
        case "server closes":
            await peer.close(1001)
        case "silent":
            peer.silent = True
            await channel.close()
        case "we close":
            await channel.close()
    await turns()
    lost = end != "we close"
    assert seen == (["sent", "unconfirmed"] if lost else ["sent"])
    assert statuses(watched, unwatched) == ["unconfirmed" if lost else "sent"] * 2
    assert str(unwatched.status()) in repr(unwatched)


@in_virtual_time
async def test_a_receipt_keeps_to_its_own_socket() -> None:
    channel, peer = await open_channel(auto_reconnect=True, reconnect_delay=1)
    channel.on_error(lambda error: None)
    first = await channel.send("first")
    peer.cut()
    await turns()
    waiting = await channel.send("second")
    assert statuses(first, waiting) == ["unconfirmed", "queued"]
    await asyncio.sleep(2)
    transport: Any = channel._endpoint._transport
    transport.peers[-1].accept()
    await turns()
    assert transport.peers[-1].received == ["second"]
    assert statuses(first, waiting) == ["unconfirmed", "sent"]
    await channel.close()
    assert statuses(first, waiting) == ["unconfirmed", "sent"]


def test_ruling_43_a_loop_that_is_gone_leaves_unconfirmed_receipts() -> None:
    async def send() -> tuple[Channel, Receipt]:
        channel, _ = await open_channel()
        return channel, await channel.send("x")

    channel, receipt = asyncio.run(send())
    assert channel.state == "closed"
    assert receipt.status() == "unconfirmed"


# -- policies of a full queue ------------------------------------------------------------------------


@in_virtual_time
async def test_drop_oldest_makes_room() -> None:
    transport = MemoryTransport()
    channel = offline(queue_messages=2, queue_policy="drop_oldest", transport=transport)
    receipts = [await channel.send(str(number)) for number in range(4)]
    assert statuses(*receipts) == ["dropped", "dropped", "queued", "queued"]
    assert channel.queued_signal() == 2
    peer = await opened(channel, transport)
    assert peer.received == ["2", "3"]
    await channel.close()


@in_virtual_time
async def test_drop_oldest_frees_as_many_bytes_as_are_needed() -> None:
    channel = offline(queue_bytes=10, queue_policy="drop_oldest")
    receipts = [await channel.send(text) for text in ("aaaa", "bbbb", "cccc")]
    assert statuses(*receipts) == ["dropped", "queued", "queued"]
    with pytest.raises(QueueFullError):
        await channel.send("x" * 11)
    assert statuses(*receipts) == ["dropped", "queued", "queued"]


@in_virtual_time
async def test_drop_newest_takes_no_more() -> None:
    channel = offline(queue_messages=2, queue_policy="drop_newest")
    receipts = [await channel.send(str(number)) for number in range(4)]
    assert statuses(*receipts) == ["queued", "queued", "dropped", "dropped"]


@in_virtual_time
async def test_error_says_so_and_what_to_do() -> None:
    channel = offline(queue_messages=1)
    await channel.send("a")
    with pytest.raises(QueueFullError, match="1 messages") as caught:
        await channel.send("b")
    assert "queue_policy" in caught.value.next_step


@pytest.mark.parametrize("options", [{"queue_policy": "drop"}, {"buffer_low": 2, "buffer_high": 1}])
def test_policies_and_marks_that_cannot_be_meant(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Channel("ws://test", **options)


# -- per message ------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_message_expires_at_its_ttl() -> None:
    transport = MemoryTransport()
    channel = offline(transport=transport)
    connecting = asyncio.create_task(channel.connect())
    short, long, for_ever = (
        await channel.send("short", ttl=1),
        await channel.send("long", ttl=3),
        await channel.send("for ever"),
    )
    seen: list[str] = []
    create_root(lambda _: create_effect(lambda: seen.append(short.status())))
    await asyncio.sleep(0.9)
    assert seen == ["queued"]
    await asyncio.sleep(0.2)
    assert seen == ["queued", "expired"]
    assert channel.queued_signal() == 2
    transport.peers[-1].accept()
    await connecting
    assert transport.peers[-1].received == ["long", "for ever"]
    assert statuses(short, long, for_ever) == ["expired", "sent", "sent"]
    await channel.close()


@in_virtual_time
async def test_a_closed_channel_has_no_timer_and_expires_when_it_is_used() -> None:
    transport = MemoryTransport()
    channel = offline(transport=transport)
    receipt = await channel.send("x", ttl=1)
    await asyncio.sleep(5)
    loop: Any = asyncio.get_running_loop()
    assert loop._scheduled == []
    assert receipt.status() == "queued"
    peer = await opened(channel, transport)
    assert receipt.status() == "expired"
    assert peer.received == []
    await channel.send("y", ttl=9)
    await channel.close()
    assert [handle for handle in loop._scheduled if not handle.cancelled()] == []


@in_virtual_time
async def test_what_expired_makes_room() -> None:
    channel = offline(queue_messages=1)
    first = await channel.send("a", ttl=1)
    await asyncio.sleep(2)
    second = await channel.send("b")
    assert statuses(first, second) == ["expired", "queued"]


@in_virtual_time
async def test_the_newest_of_a_key_replaces_at_the_end() -> None:
    transport = MemoryTransport()
    channel = offline(queue_messages=3, transport=transport)
    receipts = [
        await channel.send("x=1", key="x"),
        await channel.send("other"),
        await channel.send("y=1", key="y"),
        await channel.send("x=2", key="x"),  # fits, because x=1 leaves
    ]
    assert statuses(*receipts) == ["dropped", "queued", "queued", "queued"]
    peer = await opened(channel, transport)
    assert peer.received == ["other", "y=1", "x=2"]
    assert (await channel.send("x=3", key="x")).status() == "sent"
    await channel.close()


@in_virtual_time
async def test_a_volatile_message_is_sent_at_once_or_never() -> None:
    transport = MemoryTransport()
    channel = offline(transport=transport, buffer_high=10, buffer_low=0)
    early = await channel.send("early", volatile=True)
    peer = await opened(channel, transport)
    sent = await channel.send("sent", volatile=True)
    peer.hold()
    sending = asyncio.create_task(channel.send("x" * 11))
    await turns()
    assert channel.congested_signal()
    congested = await channel.send("congested", volatile=True)
    peer.release()
    await sending
    assert statuses(early, sent, congested) == ["dropped", "sent", "dropped"]
    assert peer.received == ["sent", "x" * 11]
    await channel.close()


@in_virtual_time
async def test_a_volatile_message_needs_no_queue() -> None:
    channel = Channel("ws://test", transport=MemoryTransport())
    assert (await channel.send("x", volatile=True)).status() == "dropped"


@pytest.mark.parametrize(("options", "error"), [({"ttl": 0}, ValueError), ({"key": []}, TypeError)])
@in_virtual_time
async def test_options_of_a_message_that_cannot_be_meant(options: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        await offline().send("x", **options)


@in_virtual_time
async def test_rooms_take_the_same_options() -> None:
    channel = offline()
    await channel.join("r")
    receipts = [
        await channel.send_to("r", "a", key="k"),
        await channel.room("r").send("b", key="k"),
        await channel.send("c", room="r", volatile=True),
    ]
    assert statuses(*receipts) == ["dropped", "queued", "dropped"]


# -- the brake --------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_send_waits_from_the_high_mark_to_the_low_mark() -> None:
    channel, peer = await open_channel(buffer_high=25, buffer_low=15)
    peer.hold()
    done: list[int] = []

    async def send(number: int) -> None:
        await channel.send("x" * 10)
        done.append(number)

    sending = [asyncio.create_task(send(number)) for number in range(4)]
    await turns()
    assert done == [0, 1]
    assert channel.congested_signal()
    peer.release(2)
    await turns()
    assert done == [0, 1]  # 20 bytes wait still
    peer.release(1)
    await turns()
    assert not channel.congested_signal()
    assert sorted(done) == [0, 1, 2, 3]
    await asyncio.gather(*sending)
    await channel.close()


@in_virtual_time
async def test_the_end_of_the_socket_releases_who_waits() -> None:
    channel, peer = await open_channel(buffer_high=5, buffer_low=0)
    channel.on_error(lambda error: None)
    peer.hold()
    sending = asyncio.create_task(channel.send("x" * 10))
    await turns()
    peer.cut()
    receipt = await sending
    assert receipt.status() == "unconfirmed"
    assert not channel.congested_signal()


# -- drain ------------------------------------------------------------------------------------------


@in_virtual_time
async def test_drain_waits_for_the_queue_and_for_the_socket() -> None:
    transport = MemoryTransport()
    channel = offline(transport=transport)
    await channel.drain()  # nothing waits
    await channel.send("a")
    connecting = asyncio.create_task(channel.connect())
    await turns(1)
    draining = asyncio.create_task(channel.drain())
    await turns()
    assert not draining.done()
    peer = transport.peers[-1]
    peer.hold()
    peer.accept()
    await connecting
    await turns()
    assert not draining.done()
    peer.release(1)
    await asyncio.wait_for(draining, 1)
    assert peer.received == ["a"]
    await channel.close()


@in_virtual_time
async def test_drain_goes_on_after_the_brake() -> None:
    channel, peer = await open_channel(buffer_high=15, buffer_low=10)
    peer.hold()
    sending = asyncio.create_task(channel.send("x" * 20))
    draining = asyncio.create_task(channel.drain())
    await turns()
    second = asyncio.create_task(channel.send("y" * 10))
    await turns()
    peer.release(1)
    await turns()
    assert (sending.done(), second.done(), draining.done()) == (True, True, False)
    peer.release(1)
    await turns()
    assert draining.done()
    await channel.close()


@in_virtual_time
async def test_drain_lasts_through_an_outage_and_fails_when_nothing_will_come() -> None:
    channel, peer = await open_channel(auto_reconnect=True, reconnect_delay=1)
    channel.on_error(lambda error: None)
    peer.cut()
    await turns()
    await channel.send("a")
    draining = asyncio.create_task(channel.drain())
    await asyncio.sleep(0.5)
    assert not draining.done()
    await channel.close()
    with pytest.raises(NotConnectedError, match="1 messages wait"):
        await draining
    with pytest.raises(NotConnectedError):
        await channel.drain()


@in_virtual_time
async def test_disposing_ends_drain() -> None:
    channel, peer = await open_channel(auto_reconnect=True, reconnect_delay=1)
    channel.on_error(lambda error: None)
    peer.cut()
    await turns()
    receipt = await channel.send("a", ttl=5)
    draining = asyncio.create_task(channel.drain())
    await turns()
    channel.dispose()
    await draining
    assert receipt.status() == "dropped"


@in_virtual_time
async def test_cancelling_a_send_that_waits_takes_nothing_back() -> None:
    channel, peer = await open_channel(buffer_high=10, buffer_low=5)
    peer.hold()
    first, second = (
        asyncio.create_task(channel.send(f"{name} of some length")) for name in ("first", "second")
    )
    await turns()
    assert channel.congested_signal()
    first.cancel()
    await turns()
    assert first.cancelled()
    assert not second.done()
    peer.release()
    assert (await second).status() == "sent"
    assert peer.received == ["first of some length", "second of some length"]
    assert not channel.congested_signal()
    await channel.drain()
    await channel.close()
