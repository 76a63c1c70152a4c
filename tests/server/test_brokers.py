"""What every broker has to do (its docstrings are the contract), asked of the one in memory."""

from __future__ import annotations

from collections import defaultdict

import pytest

from metafor.server import Broker, Envelope, MemoryBroker


class Inboxes:
    """Nodes on one broker, and what each was brought."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.of: dict[str, list[str | bytes]] = defaultdict(list)

    async def attach(self, *nodes: str) -> None:
        for node in nodes:
            inbox = self.of[node]
            await self.broker.attach(node, lambda envelope, inbox=inbox: inbox.append(envelope.frame))

    async def publish(self, frame: str, room: str | None = None, node: str = "a") -> None:
        await self.broker.publish(Envelope(room, frame, node, 1))


@pytest.fixture
def inboxes() -> Inboxes:
    return Inboxes(MemoryBroker())


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
