"""`RoomServer` as an ASGI app, driven in memory."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from metafor.server import (
    BrokerUnavailableError,
    CloseCodeError,
    Envelope,
    Limits,
    MemoryBroker,
    RoomServer,
    ServerClosedError,
    WrongArgumentError,
)
from metafor.server.monitor import answer_request
from metafor.testing import in_virtual_time
from tests.server.asgi_driver import Peer, peers, settle


def join(room: str) -> str:
    return json.dumps({"type": "_join", "room": room})


async def test_two_in_a_room_and_one_outside() -> None:
    app = RoomServer()
    async with peers(app, 3) as (alice, bob, carol):
        alice.send(join("news"))
        bob.send(join("news"))
        await settle()
        assert app.rooms == {"news": 2}
        frame = '{"_room":  "news", "text": "h\\u00e9"}'  # passed on to the character
        alice.send(frame)
        assert await alice.receive() == frame
        assert await bob.receive() == frame
        bob.send(b"\x00\x01")
        for peer in (alice, bob, carol):
            assert await peer.receive() == b"\x00\x01"
        await settle()
        assert carol.inbox == []
    assert app.rooms == {}
    assert app.connection_count == 0


async def test_a_refusal_goes_to_the_sender_alone() -> None:
    async with peers(RoomServer(), 2) as (alice, bob):
        alice.send('{"type": "_join", "room": 7}')
        assert json.loads(await alice.receive())["code"] == "server/bad-room"
        alice.send("hello")
        assert await bob.receive() == "hello"


async def test_order_is_kept() -> None:
    async with peers(RoomServer(), 2) as (alice, bob):
        sent = [str(number) for number in range(3000)]  # more than a queue takes: nobody is cut
        for frame in sent:
            alice.send(frame)
        assert [await bob.receive() for _ in sent] == sent


async def test_a_slow_consumer_is_cut_and_the_others_go_on() -> None:
    app = RoomServer(limits=Limits(queue_messages=4, close_seconds=0.05))
    async with peers(app, 3) as (fast, slow, other):
        slow.stall()
        for number in range(20):
            fast.send(str(number))
            assert await fast.receive() == str(number)
            assert await other.receive() == str(number)
        async with asyncio.timeout(5):
            await slow.task  # it reads nothing, so it cannot be told either
        assert app.connection_count == 2


async def test_a_slow_consumer_that_recovers_is_told_to_come_back() -> None:
    app = RoomServer(limits=Limits(queue_bytes=4))
    async with peers(app, 2) as (fast, slow):
        slow.stall()
        for _ in range(10):
            fast.send("xx")
            await fast.receive()
        slow.flow()
        assert await slow.closed() == (1013, "too slow")


async def test_one_long_message_always_fits() -> None:
    async with peers(RoomServer(limits=Limits(queue_bytes=4)), 2) as (alice, bob):
        alice.send("x" * 100)
        assert await bob.receive() == "x" * 100


async def test_too_long_a_message_closes_after_what_was_queued() -> None:
    async with peers(RoomServer(limits=Limits(message_bytes=10)), 2) as (alice, bob):
        alice.send("hello")
        alice.send("x" * 11)
        assert await alice.receive() == "hello"
        assert (await alice.closed())[0] == 1009
        assert await bob.receive() == "hello"


async def test_too_long_a_message_of_a_peer_that_does_not_read() -> None:
    app = RoomServer(limits=Limits(message_bytes=10, close_seconds=0.02))
    async with peers(app, 1) as (alice,):
        alice.stall()
        alice.send("hello")
        alice.send("x" * 11)
        async with asyncio.timeout(5):
            await alice.task
        assert app.connection_count == 0


async def test_close_says_goodbye_after_what_is_queued_and_refuses_new_ones() -> None:
    app = RoomServer()
    async with peers(app, 2) as (alice, bob):
        alice.send("last words")
        await settle()
        await app.close()
        assert await bob.receive() == "last words"
        assert await alice.closed() == (1012, "retry-after=0 the server restarts")
        assert await bob.closed() == (1012, "retry-after=0.002 the server restarts")
        late = Peer(app)
        await late.open()
        assert (await late.closed())[0] == 1012
        await app.close()


async def test_a_code_that_no_close_frame_may_have_closes_nothing() -> None:
    app = RoomServer()
    async with peers(app, 1) as (alice,):
        for code in (1005, 42, "1012"):
            with pytest.raises(CloseCodeError):
                await app.close(code)  # type: ignore[arg-type]
        alice.send("still here")
        assert await alice.receive() == "still here"
        await app.close(4000, "moved")
        assert await alice.closed() == (4000, "moved")


async def test_a_server_that_was_closed_publishes_nothing_silently() -> None:
    app = RoomServer()
    await app.publish("news", "before")
    await app.close()
    for room in ("news", None):
        with pytest.raises(ServerClosedError, match="not sent"):
            await app.publish(room, "after")


@pytest.mark.parametrize(
    "given",
    [
        {"limits": {"rooms": 5}},
        {"broker": "redis://localhost"},
        {"reliable": "yes"},
        {"reliable": 25},
        {"broker": MemoryBroker},
        {"limits": Limits},
    ],
)
def test_what_a_server_is_given_is_of_the_kind_that_it_takes(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(WrongArgumentError, match=rf"RoomServer\({name}=.*\) is no "):
        RoomServer(**given)


@pytest.mark.parametrize("without", [{"reliable": False}, {"without_room": "echo"}])
def test_a_hook_that_would_never_be_asked_is_refused(without: dict[str, Any]) -> None:
    with pytest.raises(WrongArgumentError, match="never asked"):
        RoomServer(on_request=lambda client, message: message, **without)


async def test_close_does_not_wait_for_a_peer_that_does_not_read() -> None:
    app = RoomServer(limits=Limits(close_seconds=0.02))
    async with peers(app, 1) as (alice,):
        alice.stall()
        alice.send("hello")
        await settle()
        async with asyncio.timeout(5):
            await app.close()
        assert app.connection_count == 0


async def test_a_full_server_tells_to_come_back() -> None:
    app = RoomServer(limits=Limits(connections=1))
    async with peers(app, 1):
        second = Peer(app)
        await second.open()
        assert await second.closed() == (1013, "the server is full")


async def test_servers_that_share_a_broker_are_one() -> None:
    broker = MemoryBroker()
    left, right = RoomServer(broker=broker, echo=False), RoomServer(broker=broker, echo=False)
    async with peers(left, 1) as (alice,), peers(right, 2) as (bob, carol):
        alice.send(join("news"))
        bob.send(join("news"))
        await settle()
        alice.send('{"_room": "news"}')
        assert await bob.receive() == '{"_room": "news"}'
        bob.send("to all")
        assert await alice.receive() == await carol.receive() == "to all"
        await settle()
        assert alice.inbox == bob.inbox == carol.inbox == []
        await right.close()
        alice.send('{"_room": "news"}')  # to nobody: the other server is gone
        await settle()


async def test_a_broker_that_fails_closes_the_connection_with_1011() -> None:
    class Broken(MemoryBroker):
        async def publish(self, envelope: Envelope) -> None:
            raise ConnectionError("no broker")

    app = RoomServer(broker=Broken())
    async with peers(app, 1) as (alice,):
        alice.send("hello")
        assert (await alice.event())["code"] == 1011
        with pytest.raises(ConnectionError):
            await alice.task
    assert app.connection_count == 0


async def test_a_peer_that_vanishes_while_it_is_sent_to() -> None:
    app = RoomServer()
    async with peers(app, 2) as (alice, bob):
        bob._gone = True  # the app does not know yet
        alice.send("hello")
        assert await alice.receive() == "hello"
        async with asyncio.timeout(5):
            await bob.task
        assert app.connection_count == 1


async def test_a_cancelled_connection_leaves_nothing_behind() -> None:
    app = RoomServer()
    async with peers(app, 1) as (alice,):
        alice.send(join("news"))
        await settle()
        alice.task.cancel()
        await asyncio.gather(alice.task, return_exceptions=True)
        assert app.rooms == {}
        assert app.connection_count == 0


async def test_the_first_subprotocol_is_chosen() -> None:
    peer = Peer(RoomServer(), subprotocols=["chat.v2", "chat"])
    assert (await peer.open())["subprotocol"] == "chat.v2"
    await peer.leave()


async def test_an_event_with_neither_text_nor_bytes_is_ignored() -> None:
    async with peers(RoomServer(), 1) as (alice,):
        alice.put({"type": "websocket.receive", "text": None, "bytes": None})
        alice.put({"type": "websocket.receive", "text": None, "bytes": b"x"})
        assert await alice.receive() == b"x"


async def drive(app: RoomServer, scope: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for event in events:
        queue.put_nowait(event)
    sent: list[dict[str, Any]] = []

    async def send(event: Any) -> None:
        sent.append(event)

    await app({"type": scope}, queue.get, send)
    return sent


async def test_lifespan() -> None:
    app = RoomServer()
    sent = await drive(app, "lifespan", {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [event["type"] for event in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_start_that_fails_is_reported_to_the_server() -> None:
    class Broken(MemoryBroker):
        async def attach(self, node: str, deliver: Any) -> None:
            raise ConnectionError("no broker")

    sent = await drive(RoomServer(broker=Broken()), "lifespan", {"type": "lifespan.startup"})
    assert sent == [{"type": "lifespan.startup.failed", "message": "no broker"}]


async def test_a_page_request_is_told_what_lives_here() -> None:
    start, body = await drive(RoomServer(), "http")
    assert start["status"] == 426
    assert b"WebSocket" in body["body"]


async def test_an_unknown_scope_is_refused() -> None:
    with pytest.raises(ValueError, match="gopher"):
        await drive(RoomServer(), "gopher")


class SlowBroker(MemoryBroker):
    """Takes its time, as one on a network does."""

    async def subscribe(self, node: str, room: str) -> None:
        await asyncio.sleep(0.01)
        await super().subscribe(node, room)

    async def unsubscribe(self, node: str, room: str) -> None:
        await asyncio.sleep(0.01)
        await super().unsubscribe(node, room)


@in_virtual_time
async def test_who_joins_while_the_last_one_leaves_is_in() -> None:
    app = RoomServer(broker=SlowBroker())
    async with peers(app, 2) as (alice, bob):
        for room in "abc":
            alice.send(join(room))
        await asyncio.sleep(1)
        alice.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.sleep(0.005)  # the broker is at room a
        bob.send(join("c"))
        await asyncio.sleep(1)
        bob.send('{"_room": "c"}')
        assert await bob.receive() == '{"_room": "c"}'


@in_virtual_time
async def test_a_join_is_done_when_the_broker_is_ready_also_for_the_second() -> None:
    app = RoomServer(broker=SlowBroker())
    async with peers(app, 2) as (alice, bob):
        alice.send(join("a"))
        await asyncio.sleep(0.005)
        for frame in (join("a"), '{"_room": "a"}'):
            bob.send(frame)
        assert await bob.receive() == '{"_room": "a"}'


async def test_a_server_that_closes_says_so_to_a_load_balancer() -> None:
    app = RoomServer()
    assert answer_request(app, "/ws/health").status == 200
    await app.close()
    answer = answer_request(app, "/ws/health")
    assert (answer.status, json.loads(answer.body)["status"]) == (503, "closing")


async def test_who_comes_while_the_broker_is_away_is_told_to_come_back() -> None:
    class Away(MemoryBroker):
        away = True

        async def attach(self, node: str, deliver: Any) -> None:
            if self.away:
                raise BrokerUnavailableError("no broker")
            await super().attach(node, deliver)

    broker = Away()
    app = RoomServer(broker=broker)
    early = Peer(app)
    await early.open()
    assert await early.closed() == (1013, "the broker is away")
    broker.away = False
    async with peers(app, 1) as (alice,):
        alice.send("hello")
        assert await alice.receive() == "hello"


def test_the_public_names() -> None:
    import metafor.server

    assert metafor.server.__all__ == [
        "Broker",
        "BrokerUnavailableError",
        "Client",
        "CloseCodeError",
        "Envelope",
        "Handshake",
        "Identity",
        "JsonFormatter",
        "LimitError",
        "Limits",
        "MemoryBroker",
        "RedisBroker",
        "Refuse",
        "Reliability",
        "RoomServer",
        "ServerClosedError",
        "ServerError",
        "WrongArgumentError",
    ]
    for name in metafor.server.__all__:
        assert getattr(metafor.server, name).__name__ == name
