"""What an application says about who comes, where they go, and what they send."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from metafor.server import (
    Client,
    CloseCodeError,
    Handshake,
    Identity,
    Limits,
    Refuse,
    RoomServer,
    WrongArgumentError,
)
from tests.server.asgi_driver import Peer, peers, settle


def join(room: str) -> str:
    return json.dumps({"type": "_join", "room": room})


async def told(peer: Peer) -> dict[str, Any]:
    frame = json.loads(await peer.receive())
    assert frame.pop("type") == "_error"
    return frame


# -- on_connect ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (Refuse("no ticket"), 1008, "no ticket"),
        (Refuse("come back later", code=1013), 1013, "come back later"),
        (Refuse("é" * 100), 1008, "é" * 61),  # a close frame holds 123 bytes
        (False, 1008, "refused"),
        (Refuse(ValueError("no such ticket"), code=4001), 4001, "no such ticket"),
        (ValueError("a secret"), 1011, "internal error"),
        (42, 1011, "internal error"),
    ],
)
@pytest.mark.parametrize("slow", [False, True])
async def test_a_connection_is_refused(answer: Any, code: int, reason: str, slow: bool) -> None:
    def decide(handshake: Handshake) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def decide_slowly(handshake: Handshake) -> Any:
        await asyncio.sleep(0)
        return decide(handshake)

    rooms = RoomServer(on_connect=decide_slowly if slow else decide)
    peer = Peer(rooms)
    await peer.open()
    peer.send("too early")
    assert await peer.closed() == (code, reason)
    assert rooms.connection_count == 0


@pytest.mark.parametrize(
    ("answer", "identity"),
    [(None, (None, None)), (True, (None, None)), ("ada", ("ada", None)), (Identity("ada", 7), ("ada", 7))],
)
async def test_an_identity_is_attached(answer: Any, identity: tuple[str | None, Any]) -> None:
    seen: list[Client] = []
    rooms = RoomServer(on_connect=lambda handshake: answer, on_send=lambda client, *_: seen.append(client))
    async with peers(rooms, 1) as (ada,):
        ada.send("hi")
        assert await ada.receive() == "hi"
    assert [(client.identity, client.data) for client in seen] == [identity]


async def test_nobody_gets_anything_before_they_are_let_in() -> None:
    decided = asyncio.Event()

    async def on_connect(handshake: Handshake) -> None:
        if handshake.path != "/":
            await decided.wait()

    rooms = RoomServer(on_connect=on_connect, limits=Limits(connections=2))
    async with peers(rooms, 1) as (alice,):
        waiting = Peer(rooms, path="/waiting")
        await waiting.open()
        third = Peer(rooms)  # the one that waits counts
        await third.open()
        assert await third.closed() == (1013, "the server is full")
        alice.send("secret")
        await alice.receive()
        assert waiting.inbox == []
        decided.set()
        await settle()
        alice.send("hello")
        assert await waiting.receive() == "hello"
        await waiting.leave()


async def test_connections_of_one_identity_are_limited() -> None:
    limits = Limits(connections_per_identity=2)
    rooms = RoomServer(on_connect=lambda handshake: handshake.query or None, limits=limits)
    opened = [Peer(rooms, query=query) for query in ("ada", "ada", "bob", "", "", "")]
    for peer in opened:
        await peer.open()
    await settle()
    assert rooms.connection_count == 6
    more = Peer(rooms, query="ada")
    await more.open()
    assert await more.closed() == (1013, "too many connections of this identity")
    await opened[0].leave()
    again = Peer(rooms, query="ada")
    await again.open()
    await settle()
    assert rooms.connection_count == 6
    for peer in (*opened[1:], again):
        await peer.leave()
    assert rooms.connection_count == 0
    for peer in (Peer(rooms, query="ada"), Peer(rooms, query="ada")):
        await peer.open()
        await settle()
    assert rooms.connection_count == 2


@pytest.mark.parametrize("code", [42, 999, 1004, 1005, 1006, 1015, 2999, 5000, True, "1000", None])
def test_a_code_that_no_close_frame_may_have_is_refused(code: Any) -> None:
    with pytest.raises(CloseCodeError, match="3000 to 4999"):
        Refuse("no", code=code)


@pytest.mark.parametrize("hook", ["on_connect", "on_join", "on_send", "on_request"])
def test_a_hook_is_a_function(hook: str) -> None:
    with pytest.raises(WrongArgumentError, match=rf"RoomServer\({hook}=5\) is no function"):
        RoomServer(**{hook: 5})  # type: ignore[arg-type]


# -- on_join and on_send ---------------------------------------------------------------------------


async def test_a_join_is_refused_with_a_reason() -> None:
    async def on_join(client: Client, room: str) -> bool:
        if room == "vip":
            raise Refuse(PermissionError("members only"))
        return room != "closed"

    rooms = RoomServer(on_join=on_join)
    async with peers(rooms, 1) as (alice,):
        alice.send(join("vip"))
        assert await told(alice) == {"code": "server/refused", "message": "members only", "room": "vip"}
        alice.send(join("closed"))
        assert await told(alice) == {"code": "server/refused", "message": "refused", "room": "closed"}
        alice.send(join("open"))
        await settle()
        assert rooms.rooms == {"open": 1}
        assert b'metafor_errors_total{code="refused"} 2.0' in rooms.metrics()


async def test_a_message_is_refused_or_replaced() -> None:
    asked: list[tuple[str | None, Any]] = []

    def on_send(client: Client, room: str | None, message: Any) -> Any:
        asked.append((room, message))
        if message == "rude":
            raise Refuse("be kind")
        if isinstance(message, dict):
            return {**message, "from": client.identity}
        return None

    rooms = RoomServer(on_connect=lambda handshake: "ada", on_send=on_send)
    async with peers(rooms, 2) as (alice, bob):
        bob.send(join("news"))
        alice.send("rude")
        assert await told(alice) == {"code": "server/refused", "message": "be kind"}
        alice.send('{"_room": "news", "text": "hi"}')
        assert await bob.receive() == '{"_room":"news","text":"hi","from":"ada"}'
        for frame in (b"\x00", "polite", "[1,  2]"):
            alice.send(frame)
            assert await bob.receive() == frame
    room_message = ("news", {"_room": "news", "text": "hi"})
    assert asked == [(None, "rude"), room_message, (None, b"\x00"), (None, "polite"), (None, [1, 2])]


async def test_a_hook_that_fails_refuses_and_keeps_its_secret(caplog: pytest.LogCaptureFixture) -> None:
    def on_send(client: Client, room: str | None, message: Any) -> Any:
        return {**message, "_room": "another"} if isinstance(message, dict) else message["no"]

    rooms = RoomServer(on_send=on_send)
    async with peers(rooms, 2) as (alice, bob):
        for frame in ("secret", '{"_room": "news"}'):
            alice.send(frame)
            answer = await told(alice)
            assert (answer["code"], answer["message"]) == (
                "server/hook-failed",
                "the server could not decide",
            )
        await settle()
        assert bob.inbox == []
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert all(record.exc_info for record in caplog.records)


async def test_a_slow_hook_keeps_the_order_and_delays_nobody_else() -> None:
    decided = asyncio.Event()

    async def on_send(client: Client, room: str | None, message: Any) -> None:
        if message == "first":
            await decided.wait()

    async with peers(RoomServer(on_send=on_send), 2) as (alice, bob):
        alice.send("first")
        alice.send("second")
        bob.send("quick")
        assert await bob.receive() == "quick"
        decided.set()
        assert [await bob.receive(), await bob.receive()] == ["first", "second"]


async def test_who_leaves_while_a_hook_decides_says_nothing() -> None:
    decided = asyncio.Event()

    async def on_join(client: Client, room: str) -> None:
        await decided.wait()

    rooms = RoomServer(on_join=on_join)
    async with peers(rooms, 1) as (alice,):
        alice.send(join("news"))
        await settle()
        alice.task.cancel()
        await asyncio.gather(alice.task, return_exceptions=True)
        decided.set()
        await settle()
        assert rooms.rooms == {}
