"""Requests to the server, and what becomes of them (docs/protocol.md, section 8)."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.channels import Channel, RefusedError, RequestFailedError
from metafor.server import BrokerUnavailableError, Envelope, Limits, MemoryBroker, Refuse, RoomServer
from metafor.server.brokers.base import TakenOver
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import SlowBroker, World
from tests.server.test_reliable_hostile import shaken_hands


class Work:
    """Handlers of ``on_request`` that take ten seconds, and how often each question was worked on."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.done: list[Any] = []

    async def __call__(self, client: Any, message: Any) -> Any:
        self.begun.append(message)
        await asyncio.sleep(10)
        self.done.append(message)
        return {"answer": message}


def cut_all(world: World) -> None:
    for peer in world.open_peers:
        world.cut(peer, 0, 0)


async def kill(world: World, broker: MemoryBroker) -> RoomServer:
    """The process ends in the middle of everything, and another is there, on the same broker."""
    dead = world.rooms
    cut_all(world)
    requests = dead._reliable._requests  # type: ignore[union-attr]
    requests._begin = lambda *given: None  # type: ignore[method-assign]
    for task in list(requests._work.values()):
        task.cancel()
    await asyncio.sleep(0)
    await broker.detach(dead._hub.node)
    world.restart(broker)
    return dead


@in_virtual_time
async def test_every_value_is_an_answer() -> None:
    world = World(on_request=lambda client, message: message)
    asker = await world.connected()
    for value in (False, True, None, 0, "", [], {}, b"", "x", 1.5):
        answer = await asker.request(value)
        assert (type(answer), answer) == (type(value), value)
    await world.close()


@in_virtual_time
async def test_a_hook_may_refuse_with_an_exception(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(client: Any, what: Any) -> Any:
        raise Refuse(LookupError(f"no {what}"))

    world = World(on_request=refuse, on_join=refuse)
    asker = await world.connected()
    with pytest.raises(RequestFailedError, match="no such thing"):
        await asker.request("such thing")
    with pytest.raises(RefusedError, match="no attic"):
        await asker.join("attic")
    assert asker.is_connected
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    await world.close()


# -- Outages ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_request_outlives_the_process_that_works_on_it() -> None:
    broker, work = MemoryBroker(), Work()
    world = World(broker=broker, on_request=work)
    asker = await world.connected()
    asking = [asyncio.create_task(asker.request(number, timeout=60)) for number in range(3)]
    await asyncio.sleep(1)
    assert work.begun == [0, 1, 2]
    await kill(world, broker)
    assert await asyncio.gather(*asking) == [{"answer": number} for number in range(3)]
    assert work.begun == [0, 1, 2] * 2
    assert sorted(work.done) == [0, 1, 2]
    await world.close()


@in_virtual_time
async def test_who_comes_back_late_gets_the_answer_too() -> None:
    broker, work = MemoryBroker(), Work()
    world = World(broker=broker, on_request=work)
    asker = await world.connected(reconnect_delay=60, reconnect_policy=None)
    asking = asyncio.create_task(asker.request("?", timeout=600))
    await asyncio.sleep(1)
    await kill(world, broker)
    await asyncio.sleep(30)
    assert work.begun == ["?"]  # nobody begins for one who may never come back
    assert await asking == {"answer": "?"}
    assert work.begun == ["?", "?"]
    await world.close()


@in_virtual_time
async def test_outages_of_the_network_do_not_make_work_begin_anew() -> None:
    broker, work = MemoryBroker(), Work()
    world = World(broker=broker, on_request=work)
    asker = await world.connected()
    asking = asyncio.create_task(asker.request("?", timeout=60))
    servers = []
    for _ in range(5):  # another server each time, and the one that works on it lives
        await asyncio.sleep(0.5)
        servers.append(world.rooms)
        world.restart(broker)
    for _ in range(5):
        await asyncio.sleep(0.5)
        cut_all(world)
    assert await asking == {"answer": "?"}
    assert work.begun == work.done == ["?"]
    await world.close()
    for server in servers:
        await server.close()


@in_virtual_time
async def test_a_server_that_dies_after_others_have_the_session_is_noticed() -> None:
    broker, work = MemoryBroker(), Work()
    world = World(broker=broker, on_request=work)
    asker = await world.connected()
    asking = asyncio.create_task(asker.request("?", timeout=60))
    await asyncio.sleep(1)
    first = world.rooms
    world.restart(broker)
    await asyncio.sleep(3)
    assert work.begun == ["?"]
    second, world.rooms = world.rooms, first
    await kill(world, broker)
    world.rooms = second
    await asyncio.sleep(3)
    assert work.begun == ["?", "?"]
    assert await asking == {"answer": "?"}
    await world.close()


@in_virtual_time
async def test_an_acknowledgement_lost_a_thousand_times_is_work_done_once_each() -> None:
    broker = MemoryBroker()
    seen: list[int] = []

    async def on_request(client: Any, number: int) -> int:
        seen.append(number)
        await asyncio.sleep(0.01 * (number % 3))
        return -number

    world = World(broker=broker, on_request=on_request)
    asker = await world.connected()
    for number in range(1000):
        asking = asyncio.create_task(asker.request(number))
        while len(seen) <= number:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01 * (number % 2))  # perhaps it is answered by now
        world.cut(world.transport.peers[-1], None, 0)
        if number % 100 == 99:
            world.restart(broker)
        assert await asking == -number
    assert seen == list(range(1000))
    await world.close()


@in_virtual_time
async def test_what_a_server_was_given_it_works_on_whatever_becomes_of_the_connection() -> None:
    class Slow(MemoryBroker):
        async def take_over(self, session: str, node: str) -> TakenOver:
            taken = await super().take_over(session, node)
            await asyncio.sleep(1)
            return taken

    broker, work = Slow(), Work()
    world = World(broker=broker, on_request=work)
    asker = await world.connected()
    asking = asyncio.create_task(asker.request("?", timeout=60))
    await asyncio.sleep(1)
    await kill(world, broker)
    await asyncio.sleep(0.5)
    second = world.rooms
    world.restart(broker)  # the second server lives; it has the request, and is about to hear of it
    assert await asking == {"answer": "?"}
    assert work.begun == ["?", "?"]
    await world.close()
    await second.close()


@in_virtual_time
async def test_a_request_of_which_the_broker_did_not_tell_is_worked_on_too() -> None:
    class Mute(MemoryBroker):
        mute = False

        async def accept(self, request: Envelope) -> bool:
            mine = await super().accept(request)
            if self.mute:
                raise BrokerUnavailableError("it took it, but did not say so")
            return mine

    broker, work = Mute(), Work()
    world = World(broker=broker, on_request=work)
    asker = await world.connected()
    broker.mute = True
    asking = asyncio.create_task(asker.request("?", timeout=60))
    await asyncio.sleep(0.01)
    first = world.rooms
    world.restart(broker)
    await asyncio.sleep(5)
    broker.mute = False
    assert await asking == {"answer": "?"}
    assert work.begun == ["?"]
    await world.close()
    await first.close()


class SlowRequests(SlowBroker):
    """It takes its time over requests, too."""

    async def _wait(self) -> None:
        await asyncio.sleep(self._rng.choice((0, 0, 0.001, 0.02)))

    async def accept(self, request: Envelope) -> bool:
        await self._wait()
        taken = await super().accept(request)
        await self._wait()
        return taken

    async def answer(self, request: Envelope, reply: Envelope) -> bool:
        await self._wait()
        answered = await super().answer(request, reply)
        await self._wait()
        return answered

    async def take_over(self, session: str, node: str) -> TakenOver:
        await self._wait()
        taken = await super().take_over(session, node)
        await self._wait()
        return taken


STEPS = st.tuples(st.sampled_from(["ask", "cut", "move", "kill"]), st.sampled_from([0, 0.001, 0.06, 1, 7]))


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=25), st.integers(0, 1000))
def test_whatever_dies_each_question_has_one_answer(steps: list[tuple[str, float]], seed: int) -> None:
    @in_virtual_time
    async def play() -> None:
        broker, work = SlowRequests(random.Random(seed)), Work()
        world = World(broker=broker, on_request=work)
        asker = await world.connected()
        alive, kills = [world.rooms], 0
        asking: list[asyncio.Task[Any]] = []
        for step, pause in steps:
            match step:
                case "ask":
                    asking.append(asyncio.create_task(asker.request(len(asking), timeout=1000)))
                case "cut":
                    cut_all(world)
                case "move":
                    world.restart(broker)
                    alive.append(world.rooms)
                case "kill":
                    kills += 1
                    alive.remove(await kill(world, broker))
                    alive.append(world.rooms)
            await asyncio.sleep(pause)
        answers = await asyncio.gather(*asking)
        assert answers == [{"answer": number} for number in range(len(asking))]
        begun = Counter(work.begun)
        assert all(1 <= begun[number] <= 1 + kills for number in range(len(asking)))
        await world.close()
        for server in alive:
            await server.close()

    play()


@in_virtual_time
async def test_an_orderly_end_lets_work_finish_and_leaves_the_rest_to_others() -> None:
    broker, work = MemoryBroker(), Work()
    world = World(broker=broker, on_request=work, limits=Limits(close_seconds=4))
    asker = await world.connected()
    early = asyncio.create_task(asker.request("early", timeout=60))
    await asyncio.sleep(8)
    late = asyncio.create_task(asker.request("late", timeout=60))
    await asyncio.sleep(1)
    closing = world.rooms
    world.rooms = RoomServer(**world.options)
    await closing.close()
    assert await early == {"answer": "early"}
    assert await late == {"answer": "late"}
    assert work.begun == ["early", "late", "late"]
    assert work.done == ["early", "late"]
    await world.close()


@in_virtual_time
async def test_a_hook_that_cannot_be_cancelled_does_not_hold_the_server_up() -> None:
    ended = asyncio.Event()

    async def stubborn(client: Any, message: Any) -> None:
        while not ended.is_set():
            try:
                await ended.wait()
            except asyncio.CancelledError:
                continue

    world = World(on_request=stubborn, limits=Limits(close_seconds=1))
    asker = await world.connected()
    asking = asyncio.create_task(asker.request("?", timeout=60))
    await asyncio.sleep(1)
    async with asyncio.timeout(5):
        await world.rooms.close()
    ended.set()
    asking.cancel()
    await world.close()


@in_virtual_time
async def test_work_that_was_done_is_not_done_again_because_the_broker_was_away() -> None:
    class Away(MemoryBroker):
        away = False

        async def answer(self, request: Envelope, reply: Envelope) -> bool:
            if self.away:
                raise BrokerUnavailableError("away")
            return await super().answer(request, reply)

    broker, work = Away(), Work()
    world = World(broker=broker, on_request=work)
    asker = await world.connected()
    asking = asyncio.create_task(asker.request("?", timeout=60))
    await asyncio.sleep(1)
    broker.away = True
    await asyncio.sleep(20)
    cut_all(world)
    await asyncio.sleep(1)
    broker.away = False
    assert await asking == {"answer": "?"}
    assert work.begun == ["?"]
    await world.close()


@in_virtual_time
async def test_what_one_client_has_in_work_is_bounded() -> None:
    work = Work()
    world = World(on_request=work, limits=Limits(request_bytes=200_000))
    asker, other = await world.connected(), await world.connected()
    long = "x" * 80_000
    asking = [asyncio.create_task(asker.request(long, timeout=60)) for _ in range(2)]
    short = [asyncio.create_task(asker.request(number, timeout=60)) for number in range(100)]
    others = asyncio.create_task(other.request(long * 10, timeout=60))
    answers = await asyncio.gather(*asking, *short, return_exceptions=True)
    assert answers[:2] == [{"answer": long}] * 2
    worked_on = [number for number, answer in enumerate(answers[2:]) if answer == {"answer": number}]
    assert worked_on == list(range(37))  # each counts 1,000 more
    for refused in answers[2 + 37 :]:
        assert isinstance(refused, RequestFailedError)
        assert "too much" in str(refused)
    assert await others == {"answer": long * 10}
    assert await asker.request(long, timeout=60) == {"answer": long}
    await world.close()
    assert not world.rooms._reliable._requests._bytes  # type: ignore[union-attr]


# -- Replies that go nowhere -----------------------------------------------------------------------


async def pair(world: World) -> tuple[Channel, Channel, list[str]]:
    """One who asks, one who answers, and the errors that the latter is told of."""
    asker, answerer = await world.connected(), await world.connected()
    errors: list[str] = []
    answerer.on_error(lambda error: errors.append(str(error)))
    return asker, answerer, errors


@in_virtual_time
async def test_a_reply_that_a_hook_refuses_fails_for_both() -> None:
    def on_send(client: Any, room: str | None, message: Any) -> None:
        if message == "rude":
            raise Refuse("be kind")

    world = World(on_send=on_send)
    asker, answerer, errors = await pair(world)
    answerer.on_request(lambda message: message["say"])
    assert await asker.request({"say": "hello"}, to=answerer.member_id) == "hello"
    with pytest.raises(RequestFailedError, match="the answer was refused: be kind"):
        await asker.request({"say": "rude"}, to=answerer.member_id, timeout=3)
    assert len(errors) == 1
    assert "be kind" in errors[0]
    await world.close()


@in_virtual_time
async def test_a_reply_that_is_too_long_fails_for_both() -> None:
    world = World(limits=Limits(message_bytes=100))
    asker, answerer, errors = await pair(world)
    answerer.on_request(lambda message: "x" * 200)
    answerer._session.machine.longest = 0  # type: ignore[attr-defined]  # one that was not told the bound
    with pytest.raises(RequestFailedError, match="the answer was refused: a message may have 100 bytes"):
        await asker.request("?", to=answerer.member_id, timeout=3)
    assert len(errors) == 1
    assert "100 bytes" in errors[0]
    await world.close()


@in_virtual_time
async def test_a_name_that_is_too_long_breaks_the_protocol() -> None:
    world = World(on_request=lambda client, message: message)
    for length, code in ((64, None), (65, 1002)):
        client, socket = await shaken_hands(world)
        socket.send(json.dumps({"_id": 1, "_request": "r" * length}) + "\n1")
        await asyncio.sleep(0.01)
        assert (client.close.code if client.close else None) == code
    await world.close()
