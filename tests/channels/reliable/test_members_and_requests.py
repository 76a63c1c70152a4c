"""Who is in a room, and questions with answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from metafor.channels import Member, RequestFailedError, RequestTimeoutError
from metafor.server import Refuse, Reliability
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World


@in_virtual_time
async def test_members_come_and_go_with_their_data() -> None:
    world = World()
    ada, bob, guest = [await world.connected() for _ in range(3)]
    room = ada.room("lobby")
    events: list[Any] = []
    room.on_join(lambda member: events.append(("join", member)))
    room.on_leave(lambda member: events.append(("leave", member)))
    await room.join({"name": "Ada"})
    await guest.join("lobby")  # not shown
    await asyncio.sleep(0.1)
    me = Member(ada.member_id, {"name": "Ada"})
    assert room.members_signal() == [me]
    assert events == []
    await bob.room("lobby").join(presence=None)
    await asyncio.sleep(0.1)
    them = Member(bob.member_id, None)
    assert room.members_signal() == [me, them]
    await bob.room("lobby").join(presence=["away"])
    await asyncio.sleep(0.1)
    assert room.members_signal() == [me, Member(bob.member_id, ["away"])]
    await bob.leave("lobby")
    await asyncio.sleep(0.1)
    assert room.members_signal() == [me]
    assert events == [("join", them), ("leave", Member(bob.member_id, ["away"]))]
    await room.leave()
    assert room.members_signal() == []
    await world.close()


@in_virtual_time
async def test_handlers_of_members_are_removed_like_others() -> None:
    world = World()
    ada, bob = await world.connected(), await world.connected()
    room = ada.room("lobby")
    events: list[str] = []
    ways: list[Callable[[Any, Any], object]] = [
        lambda came, went: (ada.remove_handler(came), ada.remove_handler(went)),
        lambda came, went: (ada.remove_room_handler("lobby", came), ada.remove_room_handler("lobby", went)),
        lambda came, went: ada.clear_handlers(),
        lambda came, went: ada.clear_room_handlers("lobby"),
        lambda came, went: ada.clear_room_handlers(),
    ]
    for number, remove in enumerate(ways):
        came = room.on_join(lambda member, number=number: events.append(f"join {number}"))
        went = room.on_leave(lambda member, number=number: events.append(f"leave {number}"))
        await room.join()
        assert not ada.remove_room_handler("another", came)
        ada.clear_room_handlers("another")
        await bob.room("lobby").join(presence=None)
        await bob.leave("lobby")
        await asyncio.sleep(0.1)
        assert events == [f"join {number}", f"leave {number}"]
        assert remove(came, went) in (None, (True, True))
        await bob.room("lobby").join(presence=None)
        await bob.leave("lobby")
        await asyncio.sleep(0.1)
        assert len(events) == 2
        events.clear()
    await world.close()


@in_virtual_time
async def test_a_short_outage_is_no_leave_and_a_long_one_is() -> None:
    world = World()
    ada, bob = await world.connected(), await world.connected()
    left: list[Any] = []
    ada.room("lobby").on_leave(left.append)
    for channel in (ada, bob):
        await channel.room("lobby").join({})
    await asyncio.sleep(100)
    world.cut(world.open_peers[1], 0, 0)
    await asyncio.sleep(60)
    assert left == []
    assert len(ada.room("lobby").members_signal()) == 2
    bob_id = bob.member_id
    world.transport.peers[-1].silent = True
    await bob.close()
    await asyncio.sleep(29)
    assert left == []
    await asyncio.sleep(20)
    assert left == [Member(bob_id, {})]
    await world.close()


@in_virtual_time
async def test_what_changed_during_an_outage_is_told_as_events() -> None:
    world = World(reliable=Reliability(presence_seconds=1000))
    ada, bob, eve = [await world.connected() for _ in range(3)]
    events: list[str] = []
    room = ada.room("lobby")
    room.on_join(lambda member: events.append(f"join {member.data}"))
    room.on_leave(lambda member: events.append(f"leave {member.data}"))
    await room.join("Ada")
    await bob.room("lobby").join("Bob")
    await asyncio.sleep(0.1)
    world.cut(world.open_peers[0], 0, 0)
    await bob.leave("lobby")
    await eve.room("lobby").join("Eve")
    await asyncio.sleep(1)
    assert events == ["join Bob", "leave Bob", "join Eve"]
    assert [member.data for member in room.members_signal()] == ["Ada", "Eve"]
    await world.close()


@in_virtual_time
async def test_what_changed_during_an_outage_is_told_in_the_order_in_which_they_came() -> None:
    world = World()
    ada, *before = [await world.connected() for _ in range(9)]
    after = [await world.connected() for _ in range(8)]
    events: list[str] = []
    room = ada.room("lobby")
    room.on_join(lambda member: events.append(f"join {member.data}"))
    room.on_leave(lambda member: events.append(f"leave {member.data}"))
    await room.join("Ada")
    for number, channel in enumerate(before):
        await channel.room("lobby").join(number)
    await asyncio.sleep(0.1)
    events.clear()
    world.cut(world.open_peers[0], 0, 0)
    for channel in before:
        await channel.leave("lobby")
    for number, channel in enumerate(after):
        await channel.room("lobby").join(number)
    await asyncio.sleep(1)
    assert events == [f"{what} {number}" for what in ("leave", "join") for number in range(8)]
    await world.close()


@in_virtual_time
async def test_a_request_to_the_server_and_to_a_member() -> None:
    def answer(client: Any, message: Any) -> Any:
        if message == "refuse":
            raise Refuse("no such thing")
        return {"you": client.identity, "said": message}

    world = World(on_connect=lambda handshake: "ada", on_request=answer)
    asker, other = await world.connected(), await world.connected()
    assert await asker.request([1, "5", None]) == {"you": "ada", "said": [1, "5", None]}
    with pytest.raises(RequestFailedError, match="no such thing"):
        await asker.request("refuse")

    errors: list[Any] = []
    other.on_error(errors.append)

    async def slow_answer(message: Any) -> Any:
        await asyncio.sleep(1)
        return message["x"]

    other.on_request(slow_answer)
    for value in ("5", 5, b"\x00\n\xff", None, {"a": [1]}):
        given = value if isinstance(value, bytes) else {"x": value}
        if isinstance(value, bytes):
            continue
        assert await asker.request(given, to=other.member_id) == value
    with pytest.raises(RequestFailedError, match="KeyError"):
        await asker.request({}, to=other.member_id)
    assert [type(error) for error in errors] == [KeyError]
    with pytest.raises(RequestTimeoutError, match="within 3 s"):
        await asker.request({}, to="nobody", timeout=3)
    with pytest.raises(ValueError, match="timeout"):
        await asker.request({}, timeout=0)
    await world.close()


@in_virtual_time
async def test_an_answer_of_the_server_that_fails_is_logged_and_keeps_its_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(client: Any, message: Any) -> Any:
        return {"raise": lambda: {}["secret"], "no json": object}[message]()

    world = World(on_request=answer)
    asker = await world.connected()
    for question in ("raise", "no json"):
        with pytest.raises(RequestFailedError, match="the server could not answer") as failed:
            await asker.request(question)
        assert "secret" not in str(failed.value)
    hooks = [record for record in caplog.records if record.name == "metafor.server"]
    assert [record.levelno for record in hooks] == [logging.ERROR] * 2
    assert all(record.exc_info for record in hooks)
    await world.close()


@in_virtual_time
async def test_hooks_are_asked_about_requests_to_members() -> None:
    def on_send(client: Any, room: str | None, message: Any) -> Any:
        assert room is None
        return message if message == "yes" else {"hook": message} if message == "ask" else False

    world = World(on_send=on_send)
    asker, other = await world.connected(), await world.connected()
    got: list[Any] = []

    def answer(message: Any) -> str:
        got.append(message)
        return "yes"

    other.on_request(answer)
    assert await asker.request("ask", to=other.member_id) == "yes"
    assert got == [{"hook": "ask"}]
    with pytest.raises(RequestFailedError, match="refused"):
        await asker.request("no", to=other.member_id)
    await world.close()


@in_virtual_time
async def test_bytes_are_asked_and_answered_as_bytes() -> None:
    world = World(on_request=lambda client, message: message[::-1])
    asker = await world.connected()
    assert await asker.request(b"\x00\nabc") == b"cba\n\x00"
    await world.close()


@in_virtual_time
async def test_requests_and_answers_outlive_the_connections() -> None:
    handled: list[Any] = []
    world = World()
    asker, other = await world.connected(), await world.connected()

    async def answer(message: Any) -> Any:
        handled.append(message)
        await asyncio.sleep(0.5)
        return message + 1

    other.on_request(answer)
    await other.drain()
    for number in range(20):
        asking = asyncio.create_task(asker.request(number, to=other.member_id))
        for _ in range(4):
            await asyncio.sleep(0.13)
            for peer in world.open_peers:
                world.cut(peer, 0, 0)
        assert await asking == number + 1
    assert handled == list(range(20))
    await world.close()


@in_virtual_time
async def test_a_mailbox_is_the_clients_own() -> None:
    import json

    world = World()
    spy = await world.connected(reliable=False)
    one = await world.connected()
    one.on_request(lambda message: message)
    name = "\x00metafor\x00" + one.member_id
    for frame in ({"type": "_join", "room": name}, {"_room": name, "n": 1}):
        spy._session.link.send(json.dumps(frame))
    await asyncio.sleep(0.1)
    assert [message["code"] for message in spy.messages_signal()] == ["server/bad-room"] * 2
    assert one.messages_signal() == []
    await world.close()


@in_virtual_time
async def test_a_request_that_a_closed_channel_leaves_open_ends() -> None:
    world = World()
    channel = await world.connected()
    asking = asyncio.create_task(channel.request("x", to="nobody"))
    await asyncio.sleep(1)
    await channel.close()
    from metafor.channels import NotConnectedError

    with pytest.raises(NotConnectedError):
        await asking
    await world.close()
