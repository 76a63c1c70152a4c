"""One suite that every transport must pass: memory and CPython here, the browser's in a page."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.typing import Subprotocol

from metafor.channels import ChannelConnectionError
from metafor.channels.transports.base import Close, Frame, Socket, Transport
from metafor.channels.transports.cpython import CPythonTransport
from metafor.channels.transports.memory import MemoryTransport

# What a served connection has on every platform: `async for`, `send` and `close(code, reason)`.
Serve = Callable[[Any], Awaitable[None]]


@asynccontextmanager
async def memory(serve: Serve) -> AsyncIterator[tuple[Transport, str]]:
    yield MemoryTransport(serve), "ws://memory"


@asynccontextmanager
async def cpython(serve: Serve) -> AsyncIterator[tuple[Transport, str]]:
    from websockets.asyncio.server import serve as listen

    def first(connection: object, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return offered[0] if offered else None

    async with listen(serve, "127.0.0.1", 0, select_subprotocol=first, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        yield CPythonTransport(), f"ws://127.0.0.1:{port}/"


@pytest.fixture(params=[memory, cpython])
def network(request: pytest.FixtureRequest) -> Any:
    return request.param


@dataclass
class Ears:
    """A listener that remembers, and knows the rules of `SocketListener`."""

    events: list[Any] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    calling: bool = False
    fell: int = 0

    def note(self, *event: Any) -> None:
        assert not self.calling, "the listener was called from inside a call to the socket"
        assert not self.has_ended(), "the listener was called after the end"
        self.events.append(event)
        self.changed.set()

    def opened(self, protocol: str) -> None:
        assert not self.events
        self.note("opened", protocol)

    def received(self, frames: Sequence[Frame]) -> None:
        assert frames
        self.note("received", list(frames))

    def buffer_fell(self) -> None:
        assert not self.calling
        self.fell += 1
        self.changed.set()

    def closed(self, close: Close) -> None:
        self.note("closed", close)

    def failed(self, error: ChannelConnectionError) -> None:
        raise AssertionError("a transport raises instead")

    def has_events(self) -> bool:
        return bool(self.events)

    def has_ended(self) -> bool:
        return bool(self.events) and self.events[-1][0] == "closed"

    @property
    def frames(self) -> list[Frame]:
        return [frame for kind, *rest in self.events if kind == "received" for frame in rest[0]]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def open(self, transport: Transport, url: str, protocols: Sequence[str] = ()) -> Socket:
        self.calling = True
        try:
            return transport.open(url, protocols, self)
        finally:
            self.calling = False


async def echo(peer: Any) -> None:
    async for frame in peer:
        await peer.send(frame)


async def wait(peer: Any) -> None:
    async for _ in peer:
        pass


async def test_messages_go_there_and_back_in_order(network: Any) -> None:
    frames: list[Frame] = [
        "text",
        b"\x00\xff",
        "",
        b"",
        "ünïcödé 🎈",
        '{"a":1}',
        "x" * 100_000,
        b"y" * 100_000,
    ]
    frames += [str(number) for number in range(500)]
    async with network(echo) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url)
        assert socket.send("too early") is False
        await ears.until(ears.has_events)
        assert ears.events == [("opened", "")]
        for frame in frames:
            assert socket.send(frame) is True
        await ears.until(lambda: len(ears.frames) == len(frames))
        assert ears.frames == frames
        assert [type(frame) for frame in ears.frames] == [type(frame) for frame in frames]
        socket.close(1000, "done")
        await ears.until(ears.has_ended)


async def test_the_server_chooses_a_subprotocol(network: Any) -> None:
    async with network(wait) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url, ["b", "c"])
        await ears.until(ears.has_events)
        assert ears.events == [("opened", "b")]
        socket.drop()


async def test_messages_of_one_turn_arrive_together(network: Any) -> None:
    async def burst(peer: Any) -> None:
        await asyncio.gather(*(peer.send(str(number)) for number in range(200)))
        await wait(peer)

    async with network(burst) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url)
        await ears.until(lambda: len(ears.frames) == 200)
        assert ears.frames == [str(number) for number in range(200)]
        assert len(ears.events) < 20
        socket.drop()


async def test_closing_from_here_sends_first_what_was_handed_over(network: Any) -> None:
    got: list[Frame] = []
    note = got.append

    async def serve(peer: Any) -> None:
        with suppress(Exception):  # a server of `websockets` raises for any code but 1000 and 1001
            async for frame in peer:
                note(frame)

    async with network(serve) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url)
        await ears.until(ears.has_events)
        frames = [str(number) * 100 for number in range(1000)]
        for frame in frames:
            socket.send(frame)
        socket.close(3001, "bye")
        socket.close(3002, "again")
        assert socket.send("too late") is False
        await ears.until(ears.has_ended)
        (kind, close) = ears.events[-1]
        assert (kind, close.code, close.reason, close.clean, close.received) == (
            "closed",
            3001,
            "bye",
            True,
            False,
        )
        assert got == frames


async def test_closing_from_there(network: Any) -> None:
    async def serve(peer: Any) -> None:
        await peer.send("last words")
        await peer.close(4001, "enough")

    async with network(serve) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url)
        await ears.until(ears.has_ended)
        assert ears.frames == ["last words"]
        close = ears.events[-1][1]
        assert (close.code, close.reason, close.clean, close.received) == (4001, "enough", True, True)
        assert socket.send("too late") is False
        socket.close(1000, "")
        socket.drop()


async def test_a_connection_that_is_cut(network: Any) -> None:
    async def serve(peer: Any) -> None:
        cut = peer.cut if hasattr(peer, "cut") else peer.transport.abort
        cut()
        await asyncio.sleep(0.05)

    async with network(serve) as (transport, url):
        ears = Ears()
        ears.open(transport, url)
        await ears.until(ears.has_ended)
        close = ears.events[-1][1]
        assert (close.code, close.clean, close.received) == (1006, False, False)


@pytest.mark.parametrize("when", ["at once", "open", "closing"])
async def test_a_dropped_socket_says_nothing_more(network: Any, when: str) -> None:
    async def chatter(peer: Any) -> None:
        with suppress(Exception):  # a server of `websockets` raises when the client is gone
            for _ in range(100):
                await peer.send("hello?")
                await asyncio.sleep(0)

    async with network(chatter) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url)
        if when != "at once":
            await ears.until(ears.has_events)
        if when == "closing":
            socket.close(1000, "")
        before = list(ears.events)
        socket.drop()
        socket.drop()
        assert socket.send("x") is False
        await asyncio.sleep(0.05)
        assert ears.events == before


async def test_what_is_buffered_falls_to_nothing_and_tells(network: Any) -> None:
    async with network(wait) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url)
        assert socket.buffered == 0
        await ears.until(ears.has_events)
        for number in range(1, 10):
            ears.calling = True
            socket.watch_buffer(3)  # replaced by the next
            for _ in range(100):
                socket.send("x" * 10_000)
            socket.watch_buffer(0)
            ears.calling = False
            await ears.until(lambda number=number: ears.fell == number)
            assert socket.buffered == 0
        socket.send("x")
        socket.watch_buffer(0)
        socket.drop()
        assert socket.buffered == 0
        await asyncio.sleep(0.02)
        assert ears.fell == 9


async def test_a_server_that_reads_nothing_leaves_it_in_the_buffer(network: Any) -> None:
    reading = asyncio.Event()

    async def serve(peer: Any) -> None:
        if hasattr(peer, "hold"):
            peer.hold()
        await reading.wait()
        if hasattr(peer, "hold"):
            peer.release()
        with suppress(Exception):  # a server of `websockets` raises when the client is gone
            await wait(peer)

    async with network(serve) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url)
        await ears.until(ears.has_events)
        await asyncio.sleep(0.02)
        try:
            block = os.urandom(1_000_000)
            for _ in range(40):
                socket.send(block)
            socket.watch_buffer(2_000_000)
            await asyncio.sleep(0.05)
            assert ears.fell == 0
            assert socket.buffered > 2_000_000
            reading.set()
            await ears.until(lambda: ears.fell == 1)
            assert socket.buffered <= 2_000_000
        finally:
            reading.set()
            socket.drop()


async def test_latency_is_a_number_or_none(network: Any) -> None:
    async with network(wait) as (transport, url):
        ears = Ears()
        socket = ears.open(transport, url)
        await ears.until(ears.has_events)
        assert socket.latency is None or socket.latency >= 0
        socket.drop()


async def test_no_task_stays_behind(network: Any) -> None:
    async with network(echo) as (transport, url):
        for end in ("close", "drop"):
            ears = Ears()
            socket = ears.open(transport, url)
            await ears.until(ears.has_events)
            if end == "close":
                socket.close(1000, "")
                await ears.until(ears.has_ended)
            else:
                socket.drop()
    await asyncio.sleep(0.05)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_server_that_reads_nothing_does_not_confirm_a_close() -> None:
    """Memory alone: a real server that reads nothing has no word for it either."""
    ears = Ears()
    transport = MemoryTransport()
    socket = ears.open(transport, "ws://memory")
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
