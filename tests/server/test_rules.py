"""The choices that the specification leaves to a server."""

from __future__ import annotations

import json

import pytest

from metafor.server import RoomServer
from metafor.server.errors import RulesError
from tests.server.asgi_driver import peers, settle

JOIN = '{"type": "_join", "room": "news"}'
LEAVE = '{"type": "_leave", "room": "news"}'


async def test_joins_and_leaves_are_answered_as_by_the_example_server() -> None:
    async with peers(RoomServer(status_replies=True), 1) as (alice,):
        for frame, status in ((JOIN, "joined"), (JOIN, "joined"), (LEAVE, "left"), (LEAVE, "left")):
            alice.send(frame)
            assert json.loads(await alice.receive()) == {"status": status, "room": "news"}


async def test_a_message_without_a_room_may_be_an_echo() -> None:
    async with peers(RoomServer(without_room="echo"), 2) as (alice, bob):
        for frame in ("hello", '{"a":  1}', b"\x00"):
            alice.send(frame)
            assert await alice.receive() == frame
        bob.send(JOIN)
        await settle()
        alice.send('{"_room": "news"}')
        assert await bob.receive() == '{"_room": "news"}'
        assert bob.inbox == []


async def test_socket_io_style_leaves_the_room_out() -> None:
    rooms = RoomServer(keep_room=False, echo=False)
    async with peers(rooms, 2) as (alice, bob):
        bob.send(JOIN)
        await settle()
        alice.send('{"text": "h\\u00e9", "_room": "news", "n": [1]}')
        assert await bob.receive() == '{"text":"hé","n":[1]}'
        alice.send('{"_room": "news", "_b64": "AP8="}')  # ruling 45
        assert await bob.receive() == b"\x00\xff"
        alice.send('{"_room": "news", "_b64": "no base64!"}')
        assert await bob.receive() == '{"_b64":"no base64!"}'
        alice.send('{"_room": "news", "data": "text"}')
        assert await bob.receive() == '{"data":"text"}'
        alice.send('{"text":  "to all"}')
        assert await bob.receive() == '{"text":  "to all"}'
        await rooms.publish("news", b"\x01")
        assert await bob.receive() == b"\x01"


async def test_the_application_publishes() -> None:
    rooms = RoomServer(echo=False)  # the application is nobody's sender
    async with peers(rooms, 2) as (alice, bob):
        alice.send(JOIN)
        await settle()
        await rooms.publish("news", {"text": "Hello"})
        assert await alice.receive() == '{"_room":"news","text":"Hello"}'
        await rooms.publish("news", [1])
        assert await alice.receive() == '{"_room":"news","data":[1]}'
        await rooms.publish(None, b"\x00")
        assert await alice.receive() == await bob.receive() == b"\x00"
        with pytest.raises(Exception, match="channels/encode"):
            await rooms.publish("news", {"now": object()})
        assert alice.inbox == bob.inbox == []


@pytest.mark.parametrize("rule", [{"without_room": "drop"}, {"echo": "no"}, {"keep_room": None}])
def test_a_rule_that_is_none_is_refused(rule: dict[str, object]) -> None:
    (name,) = rule
    with pytest.raises(RulesError, match=name):
        RoomServer(**rule)  # type: ignore[arg-type]
