"""Messages, the queue and rooms of a `Channel`, on the network in memory."""

from __future__ import annotations

import gc
import json
import weakref
from typing import Any

import pytest

from metafor.channels import (
    Channel,
    ChannelMessageError,
    ChannelState,
    EncodeError,
    Fixed,
    NotConnectedError,
    QueueFullError,
    Receipt,
)
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.core import create_effect, create_root, create_signal
from metafor.testing.virtual_time import in_virtual_time
from tests.channels.network import echo, open_channel, turns

# -- messages --------------------------------------------------------------------------------------


@in_virtual_time
async def test_messages_travel_both_ways_in_order() -> None:
    channel = Channel("ws://test", transport=MemoryTransport(echo))
    received: list[Any] = []
    channel.on_message(received.append)
    await channel.connect()
    sent: list[Any] = [{"type": "message"}, [1, 2], "Hello, World!", b"Binary data", "{broken"]
    for message in sent:
        await channel.send(message)
    await channel.send(5)
    await turns()
    assert received == [*sent, 5]
    await channel.close()


@in_virtual_time
async def test_a_message_that_cannot_be_serialised_sends_nothing() -> None:
    channel, peer = await open_channel(auto_reconnect=True)
    with pytest.raises(ChannelMessageError):
        await channel.send({"a": object()})
    assert peer.received == []
    assert channel.queued_signal() == 0
    await channel.close()


@in_virtual_time
async def test_signals_of_messages() -> None:
    channel, peer = await open_channel(history=3)
    notified: list[Any] = []
    create_root(lambda _: create_effect(lambda: notified.append(channel.message_signal())))
    assert (channel.message_signal(), channel.messages_signal()) == (None, [])
    await peer.send("a", "b", "c")
    await turns()
    await peer.send("d")
    await turns()
    await peer.send("d")
    await turns()
    assert channel.messages_signal() == ["c", "d", "d"]
    assert notified == [None, "c", "d", "d"]  # once per delivery, for equal messages too
    await channel.close()


@in_virtual_time
async def test_signals_already_hold_the_message_that_a_handler_gets() -> None:
    channel, peer = await open_channel()
    held: list[Any] = []
    channel.on_message(lambda msg: held.append((msg, channel.messages_signal())))
    await peer.send("a")
    await turns()
    assert held == [("a", ["a"])]
    await channel.close()


@in_virtual_time
async def test_messages_that_arrived_before_the_close_are_delivered() -> None:
    channel, peer = await open_channel()
    received: list[Any] = []
    channel.on_message(received.append)
    await peer.send("last words")
    await peer.close()
    await turns()
    assert received == ["last words"]
    assert channel.state is ChannelState.CLOSED


# -- the queue -------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_full_queue_is_a_named_error() -> None:
    channel = Channel("ws://test", auto_reconnect=True, transport=MemoryTransport(echo), queue_messages=2)
    receipts: list[Receipt] = [await channel.send(1), await channel.send(2)]
    with pytest.raises(QueueFullError, match="2 messages") as caught:
        await channel.send(3)
    assert isinstance(caught.value, ChannelMessageError)
    assert channel.queued_signal() == 2
    received: list[Any] = []
    channel.on_message(received.append)
    await channel.connect()
    await turns()
    assert received == [1, 2]
    assert [receipt.status() for receipt in receipts] == ["sent", "sent"]
    assert channel.queued_signal() == 0
    await channel.close()


@in_virtual_time
async def test_a_receipts_status_is_a_signal() -> None:
    channel = Channel("ws://test", auto_reconnect=True, transport=MemoryTransport(echo))
    receipt = await channel.send("x")
    seen: list[str] = []
    create_root(lambda _: create_effect(lambda: seen.append(receipt.status())))
    await channel.connect()
    assert seen == ["queued", "sent"]
    assert (await channel.send("y")).status() == "sent"
    await channel.close()


@in_virtual_time
async def test_the_queue_survives_close() -> None:
    transport = MemoryTransport(echo)
    channel = Channel("ws://test", auto_reconnect=True, transport=transport)
    await channel.connect()
    await channel.close()
    receipt = await channel.send("later")
    assert receipt.status() == "queued"
    await channel.connect()
    assert transport.peers[-1].received == ["later"]
    await channel.close()


@in_virtual_time
async def test_messages_that_the_socket_takes_no_more_are_queued() -> None:
    """Between the end of a socket and the news of it, a native send() loses messages without a word."""
    channel, peer = await open_channel(auto_reconnect=True, reconnect_policy=Fixed(1))
    peer._detach()  # ended, and the channel does not know yet
    assert channel.is_connected
    receipt = await channel.send("x")
    assert receipt.status() == "queued"
    await channel.close()


@in_virtual_time
async def test_without_auto_reconnect_such_a_message_raises() -> None:
    channel, peer = await open_channel()
    peer._detach()
    with pytest.raises(NotConnectedError):
        await channel.send("x")
    with pytest.raises(NotConnectedError):
        await channel.join("r")
    assert channel.get_rooms() == []
    await channel.close()


# -- rooms -----------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_view_of_one_room() -> None:
    channel, peer = await open_channel()
    room = channel.room("general")
    handled: list[Any] = []
    streamed: list[Any] = []
    room.on_message(handled.append)
    room.stream.subscribe(streamed.append)
    assert not room.is_joined
    await room.join()
    assert room.is_joined
    assert channel.rooms_signal() == ("general",)
    await room.send("Hello")
    assert json.loads(str(peer.received[-1])) == {"_room": "general", "data": "Hello"}
    await peer.send('{"_room":"general","n":1}', '{"_room":"other","n":2}', "none")
    await turns()
    assert handled == [{"_room": "general", "n": 1}]
    assert [(m.data, m.room, m.binary) for m in streamed] == [
        ({"_room": "general", "n": 1}, "general", False)
    ]
    assert room.message_signal() == {"_room": "general", "n": 1}
    assert channel.room("general").messages_signal() == [{"_room": "general", "n": 1}]
    await room.leave()
    assert channel.rooms_signal() == ()
    await channel.close()


@pytest.mark.parametrize("room", ["", None, 3])
@in_virtual_time
async def test_bad_room_names_are_refused(room: Any) -> None:
    channel, peer = await open_channel()
    with pytest.raises(ChannelMessageError):
        await channel.join(room)
    with pytest.raises(ChannelMessageError):
        await channel.leave(room)
    with pytest.raises(ChannelMessageError):
        channel.on_room_message(room, print)
    with pytest.raises(ChannelMessageError):
        channel.room(room)
    assert channel.is_in_room(room) is False
    assert peer.received == []
    await channel.close()


@in_virtual_time
async def test_what_an_effect_asked_for_outlives_its_run() -> None:
    """The list of a room belongs to the channel, not to the run that first asked for it."""
    channel, peer = await open_channel()
    again, set_again = create_signal(0)
    rooms: list[Any] = []

    def ask() -> None:
        again()
        rooms.append(channel.room("general"))

    dispose = create_root(lambda dispose: (create_effect(ask), dispose)[1])
    await peer.send('{"_room":"general","n":1}')
    await turns()
    set_again(1)
    dispose()
    await peer.send('{"_room":"general","n":2}', '{"n":3}')
    await turns()
    for room in rooms:
        assert [message["n"] for message in room.messages_signal()] == [1, 2]
    assert [message["n"] for message in channel.messages_signal()] == [1, 2, 3]
    channel.messages_signal().clear()
    await peer.send('{"n":4}')
    await turns()
    assert len(channel.messages_signal()) == 4
    await channel.close()


@in_virtual_time
async def test_send_to_takes_a_room() -> None:
    channel, peer = await open_channel()
    for room in (None, "", 5):
        with pytest.raises(EncodeError, match="a room is named by a str"):
            await channel.send_to(room, "to everybody?")  # type: ignore[arg-type]
    assert peer.received == []
    await channel.close()


# -- rooms come and go -------------------------------------------------------------------------------


async def to_room(peer: MemoryPeer, number: int) -> None:
    await peer.send(f'{{"_room":"general","n":{number}}}')
    await turns()


def numbers(messages: list[Any]) -> list[int]:
    return [message["n"] for message in messages]


@in_virtual_time
async def test_a_room_that_was_left_and_that_nobody_holds_goes() -> None:
    channel, peer = await open_channel()
    gone: list[weakref.ref[Any]] = []
    for name in map(str, range(100)):
        room = channel.room(name)
        handler = room.on_message(lambda message: None)
        await room.join()
        await peer.send(f'{{"_room":"{name}","n":1}}')
        await turns()
        assert numbers(room.messages_signal()) == [1]
        gone.append(weakref.ref(room.message_signal))
        channel.remove_handler(handler)
        await room.leave()
    del room
    gc.collect()
    assert [ref() for ref in gone] == [None] * 100
    await channel.close()


@in_virtual_time
async def test_a_room_that_the_channel_is_in_keeps_its_messages() -> None:
    channel, peer = await open_channel()
    await channel.join("general")
    channel.room("general")
    gc.collect()
    await to_room(peer, 1)
    gc.collect()
    assert numbers(channel.room("general").messages_signal()) == [1]
    await channel.leave("general")
    gc.collect()
    assert channel.room("general").messages_signal() == []
    await channel.close()


@pytest.mark.parametrize("part", ["room", "message_signal", "messages_signal"])
@in_virtual_time
async def test_a_room_of_which_somebody_holds_something_stays(part: str) -> None:
    channel, peer = await open_channel()
    await channel.room("general").join()
    held: Any = channel.room("general") if part == "room" else getattr(channel.room("general"), part)
    await channel.leave("general")
    gc.collect()
    await to_room(peer, 1)
    assert numbers(channel.room("general").messages_signal()) == [1]
    del held
    gc.collect()
    assert channel.room("general").messages_signal() == []
    await channel.close()


@in_virtual_time
async def test_a_room_that_something_observes_stays() -> None:
    channel, peer = await open_channel()
    seen: list[Any] = []
    create_root(lambda _: create_effect(lambda: seen.append(channel.room("general").message_signal())))
    listed: list[Any] = []
    create_root(lambda _: create_effect(lambda: listed.append(channel.room("general").messages_signal())))
    streamed: list[Any] = []
    channel.room("general").stream.subscribe(lambda message: streamed.append(message.data))
    handled: list[Any] = []
    channel.room("general").on_message(handled.append)
    for number in (1, 2):
        gc.collect()
        await to_room(peer, number)
        await channel.join("general")
        await channel.leave("general")
    assert numbers(seen[1:]) == numbers(streamed) == numbers(handled) == numbers(listed[-1]) == [1, 2]
    await channel.close()
