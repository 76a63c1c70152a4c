"""One suite that every transport must pass: memory and CPython here, the browser's in a page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from metafor.channels.transports.base import Close
from metafor.channels.transports.cpython import CPythonTransport
from metafor.channels.transports.memory import MemoryTransport
from tests.channels.everywhere import conformance
from tests.channels.everywhere.ears import Ears
from tests.channels.everywhere.place import Place, scenarios
from tests.channels.everywhere.server import Behaviour, PathServer

SCENARIOS = scenarios(conformance)


@contextmanager
def memory() -> Iterator[Place]:
    yield Place(MemoryTransport(Behaviour().serve), "ws://memory")


@contextmanager
def cpython() -> Iterator[Place]:
    with PathServer() as server:
        yield Place(CPythonTransport(), f"ws://127.0.0.1:{server.port}")


@pytest.fixture(params=[memory, cpython], scope="module", ids=["memory", "cpython"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with request.param() as place:
        yield place


@pytest.mark.parametrize("name", SCENARIOS)
async def test_conformance(name: str, place: Place) -> None:
    await SCENARIOS[name](place)
    for _ in range(100):  # what a socket that was let go still has to do, it does at once
        if asyncio.all_tasks() == {asyncio.current_task()}:
            break
        await asyncio.sleep(0.01)
    else:
        raise AssertionError("a task stayed behind")


async def test_a_server_that_reads_nothing_does_not_confirm_a_close() -> None:
    """Memory alone: a real server that reads nothing has no word for it either."""
    ears = Ears()
    transport = MemoryTransport()
    socket = ears.open(Place(transport, "ws://memory"), "")
    peer = transport.peers[0]
    peer.accept()
    await ears.until(ears.has_events)
    peer.hold()
    socket.send("x")
    socket.close(1000, "")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not ears.has_ended()
    peer.release()
    await ears.until(ears.has_ended)
    assert peer.received == ["x"]
    assert ears.events[-1] == ("closed", Close(1000, "", clean=True))
