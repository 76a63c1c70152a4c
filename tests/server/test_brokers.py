"""What every broker has to do: the docstrings of `Broker` are the contract."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metafor.server import Broker, Envelope, LimitError, MemoryBroker, RedisBroker
from metafor.server.brokers.base import Delivery, MemberChange, Position
from metafor.testing import in_virtual_time


class Inboxes:
    """Nodes on one broker, and what each was brought."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._settled: asyncio.Queue[Delivery] = asyncio.Queue()
        self.of: dict[str, list[str | bytes]] = defaultdict(list)
        self.changes: dict[str, list[Delivery]] = defaultdict(list)

    async def attach(self, *nodes: str) -> None:
        for node in nodes:
            inbox, changes = self.of[node], self.changes[node]

            def deliver(delivery: Delivery, inbox: Any = inbox, changes: Any = changes) -> None:
                if isinstance(delivery, Envelope):
                    inbox.append(delivery.frame)
                else:
                    changes.append(delivery)

            await self.broker.attach(node, deliver)

    async def publish(
        self, frame: str, room: str | None = None, node: str = "a", session: str = "", number: int = 0
    ) -> bool:
        taken = await self.broker.publish(Envelope(room, frame, node, 1, session, number))
        await self.settle()
        return taken

    async def settle(self) -> None:
        """Wait until everything that was published before has been delivered."""
        await self.broker.attach("~", self._settled.put_nowait)
        await self.broker.subscribe("~", "~")
        await self.broker.publish(Envelope("~", "settled", "~", 0))
        async with asyncio.timeout(5):
            while (delivery := await self._settled.get()).room != "~":
                assert delivery.room is None

    async def replayed(self, room: str | None, after: Position, limit: int = 1000) -> list[str | bytes]:
        replay = await self.broker.replay(room, after, limit)
        seqs = [message.seq for message in replay.messages]
        assert seqs == list(range(replay.start.seq + 1, replay.start.seq + 1 + len(seqs)))
        assert {message.epoch for message in replay.messages} <= {replay.start.epoch}
        return [message.frame for message in replay.messages]


@pytest.fixture
def inboxes(broker: Broker) -> Inboxes:
    return Inboxes(broker)


async def test_without_a_room_every_attached_node_gets_it(inboxes: Inboxes) -> None:
    await inboxes.attach("a", "b")
    await inboxes.publish("1")
    await inboxes.broker.detach("b")
    await inboxes.publish("2")
    assert inboxes.of == {"a": ["1", "2"], "b": ["1"]}


async def test_a_room_reaches_those_who_want_it(inboxes: Inboxes) -> None:
    await inboxes.attach("a", "b")
    await inboxes.broker.subscribe("b", "news")
    await inboxes.publish("1", "news")
    await inboxes.publish("2", "other")
    await inboxes.broker.unsubscribe("b", "news")
    await inboxes.publish("3", "news")
    assert inboxes.of == {"a": [], "b": ["1"]}


async def test_a_node_that_detaches_is_out_of_its_rooms_too(inboxes: Inboxes) -> None:
    await inboxes.attach("a", "b")
    await inboxes.broker.subscribe("a", "news")
    await inboxes.broker.subscribe("b", "news")
    await inboxes.broker.detach("b")
    await inboxes.publish("1", "news")
    await inboxes.attach("b")  # back, but in no room
    await inboxes.publish("2", "news")
    assert inboxes.of == {"a": ["1", "2"], "b": []}


async def test_order_is_kept(inboxes: Inboxes) -> None:
    await inboxes.attach("a", "b")
    await inboxes.broker.subscribe("b", "news")
    for number in range(100):
        await inboxes.publish(str(number), "news")
    assert inboxes.of["b"] == [str(number) for number in range(100)]


async def test_what_is_not_there_can_be_left_and_detached(inboxes: Inboxes) -> None:
    await inboxes.broker.unsubscribe("nobody", "nowhere")
    await inboxes.broker.detach("nobody")
    await inboxes.broker.subscribe("nobody", "news")
    await inboxes.publish("1", "news")


# -- Logs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ["news", None])
async def test_a_log_begins_when_it_is_asked_for_and_numbers_from_one(
    inboxes: Inboxes, room: str | None
) -> None:
    await inboxes.publish("before", room)
    start = await inboxes.broker.position(room)
    assert start.seq == 0
    assert start.epoch
    for number in range(3):
        await inboxes.publish(str(number), room)
    assert await inboxes.broker.position(room) == Position(start.epoch, 3)
    assert await inboxes.replayed(room, start) == ["0", "1", "2"]
    assert await inboxes.replayed(room, Position(start.epoch, 2)) == ["2"]
    assert await inboxes.replayed(room, Position(start.epoch, 3)) == []


async def test_the_place_in_the_log_is_delivered_with_the_message(inboxes: Inboxes) -> None:
    delivered: list[Delivery] = []
    await inboxes.broker.attach("a", delivered.append)
    start = await inboxes.broker.position(None)
    await inboxes.broker.publish(Envelope(None, b"bytes", "a", 7, "s", 1, '{"_x":1}'))
    await inboxes.settle()
    assert delivered == [Envelope(None, b"bytes", "a", 7, "s", 1, '{"_x":1}', start.epoch, 1)]
    assert list((await inboxes.broker.replay(None, start, 1)).messages) == delivered


async def test_a_replay_comes_in_pieces_and_says_when_it_is_complete(inboxes: Inboxes) -> None:
    start = await inboxes.broker.position("news")
    for number in range(5):
        await inboxes.publish(str(number), "news")
    first = await inboxes.broker.replay("news", start, 3)
    assert (len(first.messages), first.complete) == (3, False)
    rest = await inboxes.broker.replay("news", Position(start.epoch, 3), 3)
    assert (len(rest.messages), rest.complete) == (2, True)


async def test_a_position_that_cannot_be_served_gives_the_oldest_that_can(inboxes: Inboxes) -> None:
    start = await inboxes.broker.position("news")
    for number in range(257):
        await inboxes.publish(str(number), "news")
    replay = await inboxes.broker.replay("news", start, 1000)
    assert replay.start == Position(start.epoch, 1)
    assert len(replay.messages) == 256
    assert (await inboxes.broker.replay("news", Position(start.epoch, 1), 1000)).start.seq == 1
    for unknown in (Position("another", 5), Position(start.epoch, 258)):
        assert (await inboxes.broker.replay("news", unknown, 1000)).start == Position(start.epoch, 1)


@in_virtual_time
async def test_idle_logs_make_room_first_the_longest_idle_first() -> None:
    inboxes = Inboxes(MemoryBroker(total_bytes=100_000))
    broker = inboxes.broker
    await inboxes.attach("a")
    starts: dict[str, Position] = {}
    for room in ("used", "old", "new"):
        starts[room] = await broker.position(room)
        await broker.subscribe("a", room)
        for _ in range(3):
            await broker.publish(Envelope(room, "x" * 10_000, "a", 1))
    for room in ("old", "new"):
        await broker.unsubscribe("a", room)
        await asyncio.sleep(1)

    async def kept() -> dict[str, int]:
        replays = {room: await broker.replay(room, start, 9) for room, start in starts.items()}
        return {
            room: len(replay.messages) for room, replay in replays.items() if replay.start == starts[room]
        }

    assert await kept() == {"used": 3, "old": 3, "new": 3}
    await broker.publish(Envelope("used", "x" * 10_000, "a", 1))
    assert await kept() == {"used": 4, "new": 3}  # "old" has begun anew


@in_virtual_time
async def test_then_the_oldest_messages_of_all_make_room() -> None:
    inboxes = Inboxes(MemoryBroker(total_bytes=100_000))
    broker = inboxes.broker
    await inboxes.attach("a")
    rooms = [f"room {number}" for number in range(5)]
    starts = {room: await broker.position(room) for room in rooms}
    for room in rooms:
        await broker.subscribe("a", room)
    for number in range(40):
        await broker.publish(Envelope(rooms[number % 5], f"{number}" + "x" * 5_000, "a", 1))
    kept = []
    for room, start in starts.items():
        replay = await broker.replay(room, start, 100)
        assert replay.start == Position(start.epoch, 8 - len(replay.messages))  # the difference is the gap
        kept += [int(str(message.frame).rstrip("x")) for message in replay.messages]
    assert sorted(kept) == list(range(40 - len(kept), 40))
    assert 75_000 < sum(5_250 for _ in kept) <= 100_000
    await broker.publish(Envelope(rooms[0], "x" * 200_000, "a", 1))  # what is too long for all is not kept
    assert (await broker.replay(rooms[0], starts[rooms[0]], 9)).start == Position(starts[rooms[0]].epoch, 9)


@given(st.lists(st.tuples(st.sampled_from("sulp"), st.integers(0, 4), st.integers(0, 3000)), max_size=60))
def test_memory_is_bounded_whatever_happens(steps: list[tuple[str, int, int]]) -> None:
    @in_virtual_time
    async def play() -> None:
        inboxes = Inboxes(MemoryBroker(history=8, history_bytes=6_000, total_bytes=10_000, history_seconds=5))
        broker = inboxes.broker
        await broker.attach("a", lambda delivery: None)
        for what, number, size in steps:
            room = f"room {number}"
            match what:
                case "s":
                    await broker.subscribe("a", room)
                case "u":
                    await broker.unsubscribe("a", room)
                case "l":
                    await broker.position(room)
                case "p":
                    await broker.publish(Envelope(room, "x" * size, "a", 1))
            await asyncio.sleep(size / 1000)
            kept = [
                len(frame)
                for number in range(5)
                for frame in await inboxes.replayed(f"room {number}", Position("", 0))
            ]
            assert sum(kept) + 250 * len(kept) <= 10_000

    play()


@pytest.mark.parametrize(
    "numbers",
    [
        {"history": -1},
        {"history": 1.5},
        {"history_bytes": 0},
        {"total_bytes": None},
        {"history_seconds": float("inf")},
        {"session_seconds": "600"},
    ],
)
def test_numbers_that_make_no_sense_are_refused(numbers: dict[str, Any]) -> None:
    (name,) = numbers
    with pytest.raises(LimitError, match=rf"MemoryBroker\({name}=.*\) is not a"):
        MemoryBroker(**numbers)
    if "bytes" not in name:
        with pytest.raises(LimitError, match=rf"RedisBroker\({name}=.*\) is not a"):
            RedisBroker(**numbers)


# -- Sessions ----------------------------------------------------------------------------------------


async def test_a_message_of_a_session_is_taken_once(inboxes: Inboxes) -> None:
    await inboxes.attach("a", "b")
    await inboxes.broker.subscribe("b", "news")
    start = await inboxes.broker.position("news")
    await inboxes.broker.open_session("s", "proof")
    taken = [await inboxes.publish(text, "news", "a", "s", number) for number, text in numbered("abcbcd")]
    assert taken == [True, True, True, False, False, True]
    assert inboxes.of["b"] == ["a", "b", "c", "d"]
    assert await inboxes.replayed("news", start) == ["a", "b", "c", "d"]
    assert await inboxes.publish("a", "news", "a", "another session", 1)


def numbered(text: str) -> list[tuple[int, str]]:
    return [(ord(letter) - ord("a") + 1, letter) for letter in text]


async def test_a_session_is_resumed_with_its_proof_alone(inboxes: Inboxes) -> None:
    broker = inboxes.broker
    await broker.open_session("s", "proof")
    assert await broker.resume_session("s", "another") is None
    assert await broker.resume_session("nobody", "proof") is None
    await inboxes.publish("x", "news", "a", "s", 1)
    assert await broker.claim("s", 2)
    assert await broker.claim("s", 3, refused=True)
    assert not await broker.claim("s", 3, refused=True)
    assert not await inboxes.publish("y", "news", "a", "s", 3)
    state = await broker.resume_session("s", "proof")
    assert state is not None
    assert (state.received, state.refused) == (3, (3,))


@in_virtual_time
async def test_what_nobody_uses_is_forgotten() -> None:
    broker = MemoryBroker(history_seconds=60, session_seconds=100)
    await broker.attach("a", lambda delivery: None)
    await broker.subscribe("a", "used")
    epochs = {room: (await broker.position(room)).epoch for room in ("used", "idle", None)}
    for session in ("used", "idle"):
        await broker.open_session(session, "proof")
    for _ in range(4):
        await asyncio.sleep(30)
        await broker.keep(["used", None], ["used"])
    await broker.open_session("another", "proof")
    assert await broker.resume_session("used", "proof") is not None
    assert await broker.resume_session("idle", "proof") is None
    changed = [room for room, epoch in epochs.items() if (await broker.position(room)).epoch != epoch]
    assert changed == ["idle"]


# -- Requests to the server --------------------------------------------------------------------------


def request(number: int, node: str = "a", session: str = "s") -> Envelope:
    return Envelope(
        f"mailbox of {session}", b"what\n\x00?", node, 7, session, number, f',"_reply":"r{number}"'
    )


def reply(frame: str = "that") -> Envelope:
    return Envelope("mailbox of s", frame, "a", 0)


async def test_a_request_is_taken_on_once_and_answered_once(inboxes: Inboxes) -> None:
    broker = inboxes.broker
    await inboxes.attach("a", "b")
    await broker.subscribe("b", "mailbox of s")
    start = await broker.position("mailbox of s")
    await broker.open_session("s", "proof")
    assert await broker.accept(request(1))
    assert await broker.accept(request(1))  # the same call, once more: nobody knew what came of the first
    assert not await broker.accept(request(1, node="b"))
    assert not await broker.claim("s", 1)
    state = await broker.resume_session("s", "proof")
    assert state is not None
    assert (state.received, state.requests) == (1, True)
    assert await broker.answer(request(1), reply("that"))
    assert not await broker.answer(request(1), reply("that again"))
    assert not await broker.answer(request(2), reply("never asked"))
    assert not await broker.accept(request(1))
    await inboxes.settle()
    assert inboxes.of["b"] == ["that"]
    assert await inboxes.replayed("mailbox of s", start) == ["that"]
    state = await broker.resume_session("s", "proof")
    assert state is not None
    assert (state.received, state.requests) == (1, False)


async def test_requests_behind_one_that_is_open_are_dealt_with(inboxes: Inboxes) -> None:
    broker = inboxes.broker
    await inboxes.attach("a")
    await broker.open_session("s", "proof")
    assert await broker.accept(request(1))
    assert await broker.claim("s", 2, refused=True)
    assert await broker.accept(request(3))
    assert await inboxes.publish("x", "news", "a", "s", 4)
    assert await broker.answer(request(3), reply())
    state = await broker.resume_session("s", "proof")
    assert state is not None
    assert (state.received, state.refused, state.requests) == (4, (2,), True)
    assert [each.number for each in (await broker.take_over("s", "a")).requests] == [1]


async def test_requests_of_a_node_that_is_gone_are_taken_over(inboxes: Inboxes) -> None:
    broker = inboxes.broker
    await inboxes.attach("a", "b")
    await broker.open_session("s", "proof")
    for number in (1, 2, 10):
        assert await broker.accept(request(number, node="a"))
    taken = await broker.take_over("s", "b")
    assert (list(taken.requests), taken.elsewhere) == ([], True)
    await broker.detach("a")
    taken = await broker.take_over("s", "b")
    assert list(taken.requests) == [request(number, node="b") for number in (1, 2, 10)]
    assert not taken.elsewhere
    assert await broker.answer(request(2), reply("by the one that was believed dead"))
    assert not await broker.answer(request(2), reply("by the other"))
    assert [each.number for each in (await broker.take_over("s", "b")).requests] == [1, 10]
    for session in ("another", "nobody's"):
        taken = await broker.take_over(session, "b")
        assert (list(taken.requests), taken.elsewhere) == ([], False)


# -- Members -----------------------------------------------------------------------------------------


async def test_members_come_change_and_leave(inboxes: Inboxes) -> None:
    broker = inboxes.broker
    await inboxes.attach("a", "b")
    await broker.subscribe("b", "news")
    await broker.set_member("news", "m", "1", 30)
    await broker.set_member("news", "m", "1", 30)
    await broker.set_member("news", "n", "null", 30)
    await broker.set_member("news", "m", "2", 30)
    assert dict(await broker.members("news")) == {"m": "2", "n": "null"}
    await broker.remove_member("news", "m")
    await broker.remove_member("news", "m")
    assert dict(await broker.members("news")) == {"n": "null"}
    assert dict(await broker.members("other")) == {}
    await inboxes.settle()
    changes = [("m", "1"), ("n", "null"), ("m", "2"), ("m", None)]
    assert inboxes.changes == {"a": [], "b": [MemberChange("news", member, data) for member, data in changes]}
    for node in ("a", "b"):
        await broker.detach(node)


@in_virtual_time
async def test_a_member_that_is_not_renewed_leaves() -> None:
    inboxes = Inboxes(MemoryBroker())
    await inboxes.attach("a")
    await inboxes.broker.subscribe("a", "news")
    for member in ("m", "n"):
        await inboxes.broker.set_member("news", member, "null", 30)
    await asyncio.sleep(20)
    await inboxes.broker.set_member("news", "m", "null", 30)
    await asyncio.sleep(20)
    assert dict(await inboxes.broker.members("news")) == {"m": "null"}
    assert inboxes.changes["a"][2:] == [MemberChange("news", "n", None)]
    await inboxes.broker.detach("a")
    assert not [handle for handle in asyncio.get_running_loop()._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
