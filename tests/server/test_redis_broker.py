"""What is the Redis broker's own: time, loss, restarts, odd names, several processes' worth of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metafor.server import (
    BrokerUnavailableError,
    Envelope,
    RedisBroker,
    RoomServer,
    ServerError,
    WrongArgumentError,
)
from metafor.server.brokers.base import Behind, Delivery, MemberChange, Position
from metafor.server.brokers.redis.wire import pack, pair, text, unpack, unpack_delivery
from metafor.testing.faults import FaultProxy
from tests.server.asgi_driver import peers, settle
from tests.server.redis_server import RedisServer, redis_server


@asynccontextmanager
async def brokers(url: str, prefix: str, count: int = 1, **options: Any) -> AsyncIterator[list[RedisBroker]]:
    """As many as there are server processes, each with one node that is named after its number."""
    made = [RedisBroker(url, prefix=prefix, **options) for _ in range(count)]
    try:
        yield made
    finally:
        for number, broker in enumerate(made):
            await broker.detach(str(number))


class Inbox:
    """What one node was brought."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self._changed = asyncio.Event()

    def __call__(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        self._changed.set()

    @property
    def frames(self) -> list[str | bytes]:
        return [delivery.frame for delivery in self.deliveries if isinstance(delivery, Envelope)]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


async def eventually(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def message(frame: str | bytes, room: str | None = "news", number: int = 0) -> Envelope:
    return Envelope(room, frame, "0", 1, "session" if number else "", number)


# -- What is written -------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))


@given(
    room=st.none() | ANY_TEXT,
    frame=ANY_TEXT | st.binary(),
    session=ANY_TEXT,
    head=ANY_TEXT,
    seq=st.integers(0),
)
def test_an_envelope_survives(
    room: str | None, frame: str | bytes, session: str, head: str, seq: int
) -> None:
    envelope = Envelope(room, frame, "node", 7, session, 3, head, "epoch", seq)
    assert unpack(pack(envelope), "epoch", seq) == envelope
    assert unpack_delivery(b"Eepoch %d\n%b" % (seq, pack(envelope))) == envelope


@given(room=ANY_TEXT, member=ANY_TEXT, data=ANY_TEXT)
def test_a_change_of_members_survives(room: str, member: str, data: str) -> None:
    assert unpack_delivery(b"M" + pair(room, member) + text(data)) == MemberChange(room, member, data)
    assert unpack_delivery(b"X" + pair(room, member)) == MemberChange(room, member, None)


@pytest.mark.parametrize("room", ["", "\ud800", "a\nb\x00", "{tag}", "*", "\U0001f600" * 100, "3:x"])
async def test_rooms_and_members_of_any_name(redis: RedisServer, prefix: str, room: str) -> None:
    async with brokers(redis.url, prefix, 2) as (one, two):
        inbox = Inbox()
        await one.attach("0", lambda delivery: None)
        await two.attach("1", inbox)
        await two.subscribe("1", room)
        start = await one.position(room)
        await one.publish(message(room, room))
        await one.set_member(room, room, room, 30)
        await inbox.until(lambda: len(inbox.deliveries) == 2)
        assert inbox.frames == [room]
        assert inbox.deliveries[1] == MemberChange(room, room, room)
        assert [kept.frame for kept in (await two.replay(room, start, 10)).messages] == [room]
        assert dict(await two.members(room)) == {room: room}


# -- Several processes -----------------------------------------------------------------------------


async def test_brokers_of_two_processes_are_one(redis: RedisServer, prefix: str) -> None:
    async with brokers(redis.url, prefix, 2) as (one, two):
        here, there = Inbox(), Inbox()
        await one.attach("0", here)
        await two.attach("1", there)
        await two.subscribe("1", "news")
        start = await one.position("news")
        await one.open_session("session", "proof")
        sent = await asyncio.gather(*(one.publish(message(str(n), number=n)) for n in range(1, 50)))
        assert all(sent)
        again = await asyncio.gather(*(two.publish(message(str(n), number=n)) for n in range(40, 60)))
        assert again == [False] * 10 + [True] * 10
        await there.until(lambda: len(there.deliveries) == 59)
        assert there.frames == [str(n) for n in range(1, 60)]
        assert here.frames == []
        state = await two.resume_session("session", "proof")
        assert state is not None
        assert state.received == 59
        replay = await two.replay("news", Position(start.epoch, 57), 10)
        assert [kept.frame for kept in replay.messages] == ["58", "59"]
        await one.publish(message("to all", None))
        await here.until(lambda: here.frames == ["to all"])


async def test_rooms_that_are_left_and_joined_all_the_time(redis: RedisServer, prefix: str) -> None:
    async with brokers(redis.url, prefix) as (broker,):
        inbox = Inbox()
        await broker.attach("0", inbox)
        for number in range(30):
            leaving = asyncio.create_task(broker.unsubscribe("0", "news"))
            await asyncio.sleep(0)
            await asyncio.gather(broker.subscribe("0", "news"), broker.subscribe("0", "news"))
            await broker.publish(message(str(number)))
            await leaving
        await inbox.until(lambda: len(inbox.frames) == 30)


async def test_who_says_a_thing_twice_at_once_is_heard_once(redis: RedisServer, prefix: str) -> None:
    async with brokers(redis.url, prefix, 2) as both:
        inbox = Inbox()
        await both[0].attach("0", inbox)
        await both[0].subscribe("0", "news")
        for number in range(1, 40):
            answers = await asyncio.gather(*(broker.publish(message("x", number=number)) for broker in both))
            assert sorted(answers) == [False, True]
        await inbox.until(lambda: len(inbox.frames) == 39)


async def test_a_member_whose_time_is_over_leaves_everywhere(redis: RedisServer, prefix: str) -> None:
    async with brokers(redis.url, prefix, 2, sweep_seconds=0.05) as (one, two):
        inbox = Inbox()
        await one.attach("0", lambda delivery: None)
        await two.attach("1", inbox)
        await two.subscribe("1", "news")
        await one.set_member("news", "m", "1", 0.2)
        await one.set_member("news", "n", "2", 30)
        await inbox.until(lambda: len(inbox.deliveries) == 3)
        assert inbox.deliveries[2] == MemberChange("news", "m", None)
        assert dict(await one.members("news")) == {"n": "2"}


async def test_what_nobody_uses_is_forgotten(redis: RedisServer, prefix: str) -> None:
    async with brokers(redis.url, prefix, history_seconds=0.3, session_seconds=0.3) as (broker,):
        await broker.attach("0", lambda delivery: None)
        epochs = {room: (await broker.position(room)).epoch for room in ("used", "idle")}
        for session in ("used", "idle"):
            await broker.open_session(session, "proof")
        for _ in range(6):
            await asyncio.sleep(0.1)
            await broker.keep(["used"], ["used"])
        assert (await broker.position("used")).epoch == epochs["used"]
        assert (await broker.position("idle")).epoch != epochs["idle"]
        assert await broker.resume_session("used", "proof") is not None
        assert await broker.resume_session("idle", "proof") is None


# -- Loss --------------------------------------------------------------------------------------------


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ServerError, match="is no address of a Redis"):
        RedisBroker("http://localhost")


async def test_no_redis_at_the_start_is_an_error() -> None:
    with pytest.raises(BrokerUnavailableError, match="cannot be reached"):
        await RoomServer(broker=RedisBroker("redis://127.0.0.1:1")).start()


async def test_a_cut_connection_is_made_again_and_reported(
    redis: RedisServer, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with FaultProxy(redis.url) as proxy, brokers(proxy.url, prefix) as (broker,):
        inbox = Inbox()
        await broker.attach("0", inbox)
        await broker.subscribe("0", "news")
        start = await broker.position("news")
        taken = 0
        for number in range(1, 31):
            if number % 10 == 0:
                proxy.reset()
            taken += await broker.publish(message(str(number), number=number))
        # A call whose answer was cut off is repeated: "dealt with before" then means that it was this one.
        assert taken >= 27
        await eventually(lambda: broker.up)
        await inbox.until(lambda: Behind("news") in inbox.deliveries and Behind(None) in inbox.deliveries)
        kept = (await broker.replay("news", start, 100)).messages
        assert [envelope.frame for envelope in kept] == [str(number) for number in range(1, 31)]
        await broker.publish(message("after"))
        await inbox.until(lambda: "after" in inbox.frames)
        assert len(inbox.frames) == len(set(inbox.frames))
    events = [getattr(record, "event", None) for record in caplog.records]
    assert "broker lost" in events
    assert "broker back" in events


async def test_redis_is_killed_and_loses_nothing(tmp_path: Path) -> None:  # ruling 48
    with redis_server(tmp_path) as redis:
        async with brokers(redis.url, "t:", patience=20) as (broker,):
            inbox = Inbox()
            await broker.attach("0", inbox)
            await broker.subscribe("0", "news")
            start = await broker.position("news")
            await broker.open_session("session", "proof")
            for number in range(1, 20):
                assert await broker.publish(message(str(number), number=number))
            redis.kill()
            await eventually(lambda: not broker.up)
            waiting = asyncio.create_task(broker.publish(message("20", number=20)))
            with pytest.raises(BrokerUnavailableError):
                await broker.publish(message("lost, and said so"))
            await broker.subscribe("0", "joined meanwhile")  # does not wait
            redis.start()
            assert await waiting
            await eventually(lambda: broker.up)
            await inbox.until(lambda: Behind("joined meanwhile") in inbox.deliveries)
            kept = (await broker.replay("news", start, 100)).messages
            assert [envelope.frame for envelope in kept] == [str(number) for number in range(1, 21)]
            assert (await broker.position("news")).epoch == start.epoch
            assert not await broker.publish(message("7", number=7))
            state = await broker.resume_session("session", "proof")
            assert state is not None
            assert state.received == 20
            await broker.publish(message("hello", "joined meanwhile"))
            await inbox.until(lambda: "hello" in inbox.frames)


@pytest.mark.parametrize(
    "options",
    [("--appendonly", "no", "--save", "3600 1"), ("--appendonly", "yes", "--appendfsync", "everysec")],
)
async def test_weaker_persistence_means_a_new_epoch(tmp_path: Path, options: tuple[str, ...]) -> None:
    with redis_server(tmp_path, *options) as redis:
        async with brokers(redis.url, "t:", patience=20) as (broker,):
            await broker.attach("0", lambda delivery: None)
            start = await broker.position("news")
            await broker.open_session("session", "proof")
            await broker.publish(message("1", number=1))
            redis.stop()
            redis.start()
            await eventually(lambda: broker.up)
            replay = await broker.replay("news", Position(start.epoch, 1), 10)
            assert replay.start.epoch != start.epoch
            assert replay.start.seq == 0
            assert await broker.resume_session("session", "proof") is None


async def test_a_client_is_told_that_its_message_was_not_sent(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        rooms = RoomServer(broker=RedisBroker(redis.url))
        async with peers(rooms, 1) as (alice,):
            alice.send('{"type": "_join", "room": "news"}')
            alice.send('{"_room": "news", "n": 1}')
            assert await alice.receive() == '{"_room": "news", "n": 1}'
            redis.kill()
            await eventually(lambda: rooms.health["status"] == "degraded")
            assert b"metafor_broker_up 0.0" in rooms.metrics()
            alice.send('{"_room": "news", "n": 2}')
            assert '"server/unavailable"' in str(await alice.receive())
            redis.start()
            await eventually(lambda: rooms.health["status"] == "ok")
            alice.send('{"_room": "news", "n": 3}')
            assert await alice.receive() == '{"_room": "news", "n": 3}'
        await settle()
        await rooms.close()


async def test_a_script_that_redis_forgot_is_loaded_again(redis: RedisServer, prefix: str) -> None:
    async with brokers(redis.url, prefix) as (broker,):
        await broker.attach("0", lambda delivery: None)
        assert broker._redis is not None
        await broker._redis.script_flush()
        assert await broker.publish(message("x"))


async def test_a_redis_that_is_full_gives_up_what_was_not_used_for_longest(tmp_path: Path) -> None:
    options = {"appendonly": "no", "maxmemory": "8mb", "maxmemory-policy": "volatile-lru"}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    with redis_server(tmp_path, *words, "--maxmemory-samples", "10") as server:
        async with brokers(server.url, "full:") as (broker,):
            await broker.attach("0", lambda delivery: None)
            await broker.open_session("s", "proof")
            starts = {number: await broker.position(f"room {number}") for number in range(40)}
            for number in starts:
                for _ in range(4):
                    await broker.publish(Envelope(f"room {number}", "x" * 200_000, "0", 1))
            whole = 0
            for number, start in starts.items():
                replay = await broker.replay(f"room {number}", start, 9)
                if len(replay.messages) == 4:
                    whole += 1
                    assert replay.start == start
                else:  # another epoch, or a position behind what is missing
                    assert replay.messages == []
                    assert replay.start in (Position(start.epoch, 4), Position(replay.start.epoch, 0))
                    assert replay.start != start
            assert 0 < whole < 12


@pytest.mark.parametrize("key", ["log:news", "messages:news", "session:s", "refused:s"])
async def test_whatever_redis_evicts_a_client_can_tell(redis: RedisServer, prefix: str, key: str) -> None:
    async with brokers(redis.url, prefix) as (broker,):
        await broker.open_session("s", "proof")
        start = await broker.position("news")
        await broker.publish(Envelope("news", "1", "0", 1, "s", 1))
        assert await broker.claim("s", 2, refused=True)
        await broker._connected().call("DEL", prefix + key, again=False)
        if key.endswith("news"):
            assert (await broker.replay("news", start, 9)).start != start
        else:
            assert await broker.resume_session("s", "proof") is None


@pytest.mark.parametrize("given", [{"url": 5}, {"prefix": b"app:"}])
def test_an_address_is_text(given: dict[str, Any]) -> None:
    with pytest.raises(WrongArgumentError, match="is no str"):
        RedisBroker(**given)


async def test_a_node_that_does_not_say_that_it_lives_is_gone(redis: RedisServer, prefix: str) -> None:
    async with brokers(redis.url, prefix, 2, sweep_seconds=0.02) as (killed, other):
        for number, broker in enumerate((killed, other)):
            await broker.attach(str(number), lambda delivery: None)
        await other.open_session("s", "proof")
        request = Envelope("mailbox", "?", "0", 1, "s", 1)
        assert await killed.accept(request)
        await asyncio.sleep(0.3)  # three lives
        assert (await other.take_over("s", "1")).elsewhere
        killed._sweeper.cancel()  # type: ignore[union-attr]
        async with asyncio.timeout(20):
            while (taken := await other.take_over("s", "1")).elsewhere:
                await asyncio.sleep(0.02)
        assert [each.node for each in taken.requests] == ["1"]
        assert not await killed.accept(request)


async def test_requests_are_left_alone_until_the_living_could_say_so(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        async with brokers(server.url, "m:", 2, sweep_seconds=0.2) as (one, other):
            for number, broker in enumerate((one, other)):
                await broker.attach(str(number), lambda delivery: None)
            await other.open_session("s", "proof")
            assert await one.accept(Envelope("mailbox", "?", "0", 1, "s", 1))
            server.kill()
            await asyncio.sleep(0.2)
            server.start()
            await other._connected().call("DEL", "m:node:0", again=True)  # as if it had been away for long
            await eventually(lambda: other.up and one.up)
            for _ in range(25):
                taken = await other.take_over("s", "1")
                assert (list(taken.requests), taken.elsewhere) == ([], True)
                await asyncio.sleep(0.05)
