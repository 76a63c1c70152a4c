"""What a reliable channel recovers from, case by case."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from metafor.channels import Channel, Gap, Heartbeat
from metafor.server import MemoryBroker, Refuse
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World, collected, overhear


async def cut(world: World) -> None:
    """End all connections; what is on its way is lost."""
    for peer in world.open_peers:
        world.cut(peer, 0, 0)
    await asyncio.sleep(0)


@pytest.mark.parametrize("room", ["news", None])
@in_virtual_time
async def test_at_the_first_reconnect_before_any_message_and_at_the_second(room: str | None) -> None:
    world = World()
    channel = await world.connected()
    await channel.join("news")
    with collected(channel) as told:
        for number in range(2):
            await cut(world)
            await world.rooms.publish(room, {"n": number})
            await asyncio.sleep(1)
            assert [message["n"] for message in told] == list(range(number + 1))
        await cut(world)
        await asyncio.sleep(1)
        await cut(world)  # twice in a row without a message
        await world.rooms.publish(room, {"n": 2})
        await asyncio.sleep(1)
        assert [message["n"] for message in told] == [0, 1, 2]
    assert channel.gap_signal() is None
    await world.close()


@pytest.mark.parametrize(("missed", "gaps"), [(256, []), (257, [1]), (300, [44])])
@in_virtual_time
async def test_a_history_of_256_serves_256(missed: int, gaps: list[int]) -> None:
    world = World()
    channel = await world.connected()
    await channel.join("news")
    with collected(channel) as told:
        await cut(world)
        for number in range(missed):
            await world.rooms.publish("news", {"n": number})
        await asyncio.sleep(1)
        await world.rooms.publish("news", {"n": "live"})
        await asyncio.sleep(1)
    numbers = list(range(missed))[-256:]
    assert told == [*(Gap("news", gap) for gap in gaps)] + [
        {"_room": "news", "n": number} for number in [*numbers, "live"]
    ]
    assert channel.gap_signal() == (Gap("news", gaps[0]) if gaps else None)
    await world.close()


@in_virtual_time
async def test_a_server_that_forgot_everything_gives_one_gap_for_each_room() -> None:
    world = World()
    channel = await world.connected()
    await channel.join("news")
    await channel.send("before")
    with collected(channel) as told:
        await world.rooms.publish("news", {"n": 1})
        await asyncio.sleep(1)
        world.restart()
        lost = await channel.send("lost", room="news")  # the socket has not told us yet
        assert lost.status() == "sent"
        await asyncio.sleep(1)
        assert lost.status() == "unconfirmed"
        await world.rooms.publish("news", {"n": 2})
        after = await channel.send("after", room="news")
        await asyncio.sleep(1)
        assert after.status() == "acked"
    behind = told.index(Gap(None, None))
    assert told[behind:] == [
        Gap(None, None),
        Gap("news", None),
        {"_room": "news", "n": 2},
        {"_room": "news", "data": "after"},
    ]
    assert sorted(map(str, told[:behind])) == ["before", "{'_room': 'news', 'n': 1}"]
    await world.close()


@in_virtual_time
async def test_another_process_with_the_same_broker_is_no_loss() -> None:
    broker = MemoryBroker()
    world = World(broker=broker)
    channel = await world.connected()
    await channel.join("news")
    with collected(channel) as told:
        world.restart(broker)
        receipt = await channel.send("from here", room="news")
        await world.rooms.publish("news", {"n": 1})
        await asyncio.sleep(1)
    assert receipt.status() == "acked"
    assert sorted(map(str, told)) == sorted(
        map(str, [{"_room": "news", "n": 1}, {"_room": "news", "data": "from here"}])
    )
    await world.close()


@in_virtual_time
async def test_an_acknowledgement_that_is_lost_1000_times_runs_handlers_once_each() -> None:
    seen: list[Any] = []
    world = World(on_send=lambda client, room, message: seen.append(message))
    channel = await world.connected()
    listener = await world.connected()
    heard: list[Any] = []
    listener.on_message(heard.append)
    for number in range(1000):
        receipt = await channel.send({"n": number})
        while len(seen) <= number:
            await asyncio.sleep(0)  # it is being dealt with
        assert receipt.status() == "sent"
        # Everything of ours arrives, nothing comes back.
        world.cut(world.open_peers[0 if number == 0 else -1], None, 0)
        async with asyncio.timeout(1):
            while receipt.status() != "acked":
                await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    assert len(world.transport.peers) == 1002
    assert [message["n"] for message in seen] == list(range(1000))
    assert [message["n"] for message in heard] == list(range(1000))
    await world.close()


@in_virtual_time
async def test_more_than_the_window_and_the_queue_hold_is_sent_in_order() -> None:
    world = World()
    channel = await world.connected(queue_messages=10)
    overheard = await overhear(world.rooms._broker)
    receipts = await asyncio.gather(*(channel.send({"n": number}) for number in range(2000)))
    await channel.drain()
    assert {str(receipt.status()) for receipt in receipts} == {"acked"}
    assert [message["n"] for message in overheard.frames] == list(range(2000))
    await world.close()


@in_virtual_time
async def test_a_reader_that_missed_more_than_its_queue_holds_is_not_cut_again() -> None:
    from metafor.server import Limits

    world = World(broker=MemoryBroker(history=5000), limits=Limits(queue_messages=100, queue_bytes=10_000))
    channel = await world.connected()
    for room in ("a", "b"):
        await channel.join(room)
    with collected(channel) as told:
        await cut(world)
        for number in range(1000):
            for room in ("a", "b"):
                await world.rooms.publish(room, {"n": number, "pad": "x" * 20})
        await asyncio.sleep(1)
    for room in ("a", "b"):
        assert [message["n"] for message in told if message["_room"] == room] == list(range(1000))
    assert len(world.transport.peers) == 2
    await world.close()


@in_virtual_time
async def test_a_session_belongs_to_an_identity_and_a_token() -> None:
    who = ["ada"]
    world = World(on_connect=lambda handshake: who[0])
    channel = await world.connected()
    await channel.join("news")
    first = channel.member_id
    await cut(world)
    await asyncio.sleep(1)
    assert channel.member_id == first
    who[0] = "mallory"
    await cut(world)
    await asyncio.sleep(1)
    assert channel.member_id not in ("", first)

    thief = world.channel()
    thief._session.machine.session, thief._session.machine._token = first, "guessed"
    await thief.connect()
    assert thief.member_id not in ("", "guessed", first)
    assert channel.is_connected
    await world.close()


@in_virtual_time
async def test_a_session_that_is_resumed_elsewhere_leaves_the_older_connection() -> None:
    world = World()
    one, two = await world.connected(), world.channel()
    session = one.member_id
    two._session.machine.session, two._session.machine._token = session, one._session.machine._token
    await two.connect()
    await asyncio.sleep(1)
    assert two.member_id == session
    assert one.is_connected
    assert one.member_id not in ("", session)
    await world.close()


@in_virtual_time
async def test_refused_joins_and_messages_are_told() -> None:
    def on_join(client: Any, room: str) -> None:
        if room == "secret":
            raise Refuse("members only")

    def on_send(client: Any, room: str | None, message: Any) -> Any:
        if message == "rude":
            raise Refuse("be kind")
        return "nice" if message == "loud" else None

    from metafor.channels import RefusedError

    world = World(on_join=on_join, on_send=on_send)
    channel = await world.connected()
    errors: list[Any] = []
    channel.on_error(errors.append)
    with pytest.raises(RefusedError, match="members only") as refused:
        await channel.join("secret")
    assert refused.value.refusal == "server/refused"
    assert channel.get_rooms() == []
    with collected(channel) as told:
        receipts = [await channel.send(text) for text in ("one", "rude", "loud")]
        await channel.drain()
        await asyncio.sleep(0.1)
    assert [str(receipt.status()) for receipt in receipts] == ["acked", "refused", "acked"]
    assert told == ["one", "nice"]
    assert [error.reason for error in errors] == ["be kind"]
    await world.close()


@in_virtual_time
async def test_a_refusal_that_is_lost_with_its_connection_is_told_at_the_next() -> None:
    def on_send(client: Any, room: str | None, message: Any) -> bool:
        return message != "rude"

    world = World(on_send=on_send)
    channel = await world.connected()
    overheard = await overhear(world.rooms._broker)
    receipts = [await channel.send(text) for text in ('"one"', "rude", '"two"')]
    while len(overheard.frames) < 2:
        await asyncio.sleep(0)
    world.cut(world.open_peers[0], None, 0)
    await asyncio.sleep(1)
    assert [str(receipt.status()) for receipt in receipts] == ["acked", "refused", "acked"]
    await world.close()


@in_virtual_time
async def test_a_server_that_is_silent_is_given_up_and_a_quiet_one_is_not() -> None:
    world = World()
    channel = await world.connected()
    await asyncio.sleep(600)
    assert len(world.transport.peers) == 1
    assert channel.latency_signal() is not None
    world.transport.peers[0].silent = True
    await asyncio.sleep(36)
    assert len(world.transport.peers) == 2
    assert channel.is_connected
    await world.close()


@in_virtual_time
async def test_the_heartbeat_of_the_base_protocol_beats_there_alone() -> None:
    world = World()
    channel = await world.connected(heartbeat=Heartbeat("ping", answer="pong", interval=1, timeout=1))
    await asyncio.sleep(10)
    with collected(channel) as told:
        await world.rooms.publish(None, "pong")
        await asyncio.sleep(0.1)
        assert told == ["pong"]
    assert len(world.transport.peers) == 1
    await world.close()


@in_virtual_time
async def test_a_client_that_is_silent_is_given_up_by_the_server() -> None:
    world = World()
    await world.connected()
    peer = world.transport.peers[0]
    peer.hold()  # what the client says stays in its buffer
    await asyncio.sleep(45)
    assert world.rooms.connection_count <= 1
    assert peer.ended
    await world.close()


@in_virtual_time
async def test_the_servers_hint_bounds_the_wait() -> None:
    from metafor.server import Reliability

    world = World(reliable=Reliability(retry=3))
    channel = await world.connected()
    await cut(world)
    await asyncio.sleep(2.9)
    assert not channel.is_connected
    await asyncio.sleep(0.2)
    assert channel.is_connected
    await world.close()


@in_virtual_time
async def test_handlers_get_what_was_sent_nothing_added_and_nothing_taken_out() -> None:
    world = World()
    channel, other = await world.connected(), await world.connected()
    await other.join("news")
    payloads: list[Any] = [
        {"_id": 7, "_seq": 1, "_ack": 2, "_epoch": "x", "type": "_welcome", "session": "s"},
        {"_request": "r1", "_from": "me"},
        [1, 2],
        "text\nwith\nlines",
        '{"_id":1}\n{"a":1}',
        b"\x00\xff\n\x01",
        "",
        "null",
    ]
    with collected(other) as told:
        for payload in payloads:
            await channel.send(payload)
            await channel.send(payload, room="news")
        await asyncio.sleep(1)
    everybody = [message for message in told if not (isinstance(message, dict) and "_room" in message)]
    assert everybody[0] == payloads[0]
    assert [*everybody[1:5], everybody[5]] == [
        payloads[1],
        payloads[2],
        payloads[3],
        payloads[4],
        payloads[5],
    ]
    assert everybody.count(b"\x00\xff\n\x01") == 2  # the room's bytes are bytes again (ruling 45)
    in_room = [message for message in told if isinstance(message, dict) and message.get("_room") == "news"]
    assert in_room[0] == {"_room": "news", **payloads[0]}
    assert {"_room": "news", "data": "text\nwith\nlines"} in in_room
    await world.close()


@in_virtual_time
async def test_a_message_that_waited_is_sent_once_the_channel_is_there() -> None:
    world = World()
    channel = world.channel()
    receipt = await channel.send({"n": 1})
    overheard = await overhear(world.rooms._broker)
    assert receipt.status() == "queued"
    await channel.connect()
    await channel.drain()
    assert receipt.status() == "acked"
    assert overheard.frames == [{"n": 1}]
    await world.close()


@in_virtual_time
async def test_a_message_whose_connection_ended_waits_again() -> None:
    world = World()
    channel = await world.connected()
    receipt = await channel.send("x")
    assert receipt.status() == "sent"
    await cut(world)
    assert receipt.status() == "queued"
    await channel.close()
    assert receipt.status() == "queued"
    await channel.connect()
    await channel.drain()
    assert receipt.status() == "acked"
    last = await channel.send("y")
    await channel.close()
    assert last.status() == "sent"  # the server answered our close, so that it has read it
    await world.close()


@in_virtual_time
async def test_a_disposed_channel_leaves_no_timer_and_no_question_open() -> None:
    world = World()
    channel = await world.connected()
    receipt = await channel.send("x")
    channel.dispose()
    await asyncio.sleep(0.1)
    assert receipt.status() == "unconfirmed"
    await world.rooms.close()
    timers = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    assert not [handle for handle in timers if not handle.cancelled()]


@in_virtual_time
async def test_join_waits_for_the_server_and_leave_too() -> None:
    world = World()
    channel = await world.connected()
    joining = asyncio.create_task(channel.join("news"))
    await asyncio.sleep(0)
    assert not joining.done()
    assert channel.get_rooms() == ["news"]
    await joining
    assert world.rooms.rooms == {"news": 1}
    await channel.leave("news")
    assert world.rooms.rooms == {}
    for _ in range(2):  # repeated, and changed before the answer
        await asyncio.gather(channel.join("a"), channel.leave("a"), channel.join("a"))
    assert world.rooms.rooms == {"a": 1}
    leaving = asyncio.create_task(channel.leave("a"))
    await asyncio.sleep(0)
    await cut(world)
    await leaving
    await asyncio.sleep(1)
    assert world.rooms.rooms == {}
    await channel.close()
    await channel.join("later")  # the wish is recorded
    await channel.connect()
    await asyncio.sleep(0.1)
    assert world.rooms.rooms == {"later": 1}
    await world.close()


@in_virtual_time
async def test_base_members_of_a_room_see_the_base_protocol_alone() -> None:
    world = World()
    base = Channel("ws://test", transport=world.transport)
    await base.connect()
    await base.join("news")
    reliable = await world.connected()
    await reliable.join("news")
    await reliable.send({"n": 1}, room="news")
    await reliable.drain()
    await base.send({"n": 2}, room="news")
    await asyncio.sleep(0.1)
    frames = world.transport.peers[0].received
    assert frames == ['{"type":"_join","room":"news"}', '{"_room":"news","n":2}']
    with collected(reliable) as told:
        await base.send({"n": 3})
        await asyncio.sleep(0.1)
    assert told == [{"n": 3}]
    assert base.messages_signal() == [{"_room": "news", "n": 1}, {"_room": "news", "n": 2}, {"n": 3}]
    await base.close()
    await world.close()


@in_virtual_time
async def test_a_room_that_the_server_does_not_name_in_its_messages_is_known() -> None:
    world = World(keep_room=False)
    channel = await world.connected()
    await channel.join("news")
    of_room: list[Any] = []
    channel.on_room_message("news", of_room.append)
    await channel.send({"n": 1}, room="news")
    await channel.drain()
    await asyncio.sleep(0.1)
    assert of_room == [{"n": 1}]
    assert channel.room("news").messages_signal() == []  # kept from the first time it is asked for
    await world.close()


def test_json_is_what_the_wire_has() -> None:
    """The head is one line whatever a room is called."""
    from metafor.channels.reliable.wire import split

    head, body = split('{"_room":"a\\nb","_seq":1}\n{"x":\n1}')
    assert head == {"_room": "a\nb", "_seq": 1}
    assert json.loads(str(body)) == {"x": 1}


@in_virtual_time
async def test_a_message_that_is_too_big_is_refused_and_ends_nothing() -> None:
    from metafor.server import Limits

    world = World(limits=Limits(message_bytes=100))
    channel = await world.connected()
    errors: list[Any] = []
    channel.on_error(errors.append)
    with collected(channel) as told:
        receipts = [await channel.send(text) for text in ("a" * 100, "b" * 101, "c")]
        channel._session.machine.longest = 0  # a client that does not know the limit
        receipts.append(await channel.send("d" * 101))
        receipts.append(await channel.send("e"))
        await channel.drain()
        await asyncio.sleep(0.1)
    assert [str(receipt.status()) for receipt in receipts] == [
        "acked",
        "refused",
        "acked",
        "refused",
        "acked",
    ]
    assert told == ["a" * 100, "c", "e"]
    assert [error.refusal for error in errors] == ["server/too-big"] * 2
    assert len(world.transport.peers) == 1
    await world.close()
