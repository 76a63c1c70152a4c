"""The fault proxy, with plain TCP through it: what each script does to bytes, and to both ends."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from metafor.testing.faults import (
    Cable,
    FaultProxy,
    accept_then_close,
    black_hole,
    close_after,
    delay,
    fragment,
    in_turn,
    reset_after,
    slow_handshake,
    throttle,
)
from metafor.testing.faults.listening import end_listening
from tests.streams import serve_streams

PATIENCE = 5


@asynccontextmanager
async def echo_server(ends: list[BaseException | None]) -> AsyncIterator[str]:
    """Greets with "+" and echoes; notes how each connection ended: None is an orderly end."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"+")
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
            ends.append(None)
        except OSError as error:
            ends.append(error)

    async with serve_streams(handle) as port:
        yield f"ws://127.0.0.1:{port}/path?query"


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self, data: bytes) -> None:
        async with asyncio.timeout(PATIENCE):
            assert await self.reader.readexactly(len(data)) == data

    async def hears_nothing(self, seconds: float = 0.05) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.reader.read(1)


@pytest.fixture
async def ends() -> list[BaseException | None]:
    return []


@pytest.fixture
async def proxy(ends: list[BaseException | None]) -> AsyncIterator[FaultProxy]:
    async with echo_server(ends) as url, FaultProxy(url) as proxy:
        yield proxy


@asynccontextmanager
async def client(proxy: FaultProxy) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


async def test_without_a_script_it_is_a_wire(proxy: FaultProxy, ends: list[BaseException | None]) -> None:
    assert proxy.url == f"ws://127.0.0.1:{proxy.port}/path?query"
    async with client(proxy) as one:
        await one.hears(b"+")
        big = bytes(range(256)) * 4000
        speaking = asyncio.create_task(one.says(big))
        await one.hears(big)
        await speaking
        assert len(proxy.cables) == proxy.accepted == 1
        assert proxy.cables[0].up.passed == len(big)
        assert proxy.cables[0].down.passed == len(big) + 1
        one.writer.write_eof()
        assert await one.reader.read() == b""
    assert ends == [None]
    await until(lambda: not proxy.cables)


async def test_reset_is_a_reset_at_both_ends(proxy: FaultProxy, ends: list[BaseException | None]) -> None:
    proxy.script = reset_after(0.2)
    began = time.monotonic()
    async with client(proxy) as one:
        await one.hears(b"+")
        with pytest.raises(ConnectionResetError):
            await one.reader.read(1)
        assert 0.19 < time.monotonic() - began < 3
        await until(lambda: ends)
        assert isinstance(ends[0], ConnectionResetError)


async def test_a_reset_by_one_end_reaches_the_other(
    proxy: FaultProxy, ends: list[BaseException | None]
) -> None:
    async with client(proxy) as one:
        await one.hears(b"+")
        Cable(0, one.reader, one.writer).reset()
        await until(lambda: ends)
        assert isinstance(ends[0], ConnectionResetError)
        await until(lambda: not proxy.cables)


@pytest.mark.parametrize("script", [close_after(0.01), accept_then_close])
async def test_an_orderly_end(
    script: Callable[[Cable], Awaitable[None]], proxy: FaultProxy, ends: list[BaseException | None]
) -> None:
    proxy.script = script
    async with client(proxy) as one:
        assert await one.reader.read() == (b"" if script is accept_then_close else b"+")
    await until(lambda: not proxy.cables)
    assert ends == ([] if script is accept_then_close else [None])  # accept_then_close connects nowhere


@pytest.mark.parametrize("direction", ["up", "down", "both"])
async def test_a_black_hole_passes_nothing_on_and_tells_nobody(
    direction: str, proxy: FaultProxy, ends: list[BaseException | None]
) -> None:
    proxy.script = black_hole(0, direction)  # type: ignore[arg-type]
    async with client(proxy) as one:
        await one.hears(b"+")
        await asyncio.sleep(0.01)
        await one.says(b"lost")
        await one.hears_nothing()
        cable = proxy.cables[0]
        assert cable.up.passed == (4 if direction == "down" else 0)
        assert cable.down.passed == 1
        cable.release()
        await one.hears(b"lost")
        cable.hold()
        one.writer.write_eof()
        await one.hears_nothing()
        assert ends == []


async def test_a_slow_handshake(proxy: FaultProxy) -> None:
    proxy.script = slow_handshake(0.3)
    began = time.monotonic()
    async with client(proxy) as one:
        await one.hears(b"+")
        assert time.monotonic() - began > 0.29
        began = time.monotonic()
        await one.says(b"quick")
        await one.hears(b"quick")
        assert time.monotonic() - began < 0.29


async def test_delay_keeps_the_order_and_is_no_throttle(proxy: FaultProxy) -> None:
    proxy.script = delay(0.2, "up")
    async with client(proxy) as one:
        await one.hears(b"+")
        began = time.monotonic()
        for number in range(10):
            await one.says(b"%d" % number)
            await asyncio.sleep(0.001)
        await one.hears(b"0123456789")
        assert 0.19 < time.monotonic() - began < 1.9  # one delay, not ten


async def test_fragments_arrive_one_by_one(proxy: FaultProxy) -> None:
    proxy.script = fragment(1, "down")
    async with client(proxy) as one:
        await one.hears(b"+")
        await one.says(b"abcdefgh")
        pieces = []
        async with asyncio.timeout(PATIENCE):
            while sum(map(len, pieces)) < 8:
                pieces.append(await one.reader.read(100))
        assert b"".join(pieces) == b"abcdefgh"
        assert len(pieces) > 4  # the system may put a few together


async def test_throttle(proxy: FaultProxy) -> None:
    proxy.script = throttle(20_000, "down")
    async with client(proxy) as one:
        await one.hears(b"+")
        began = time.monotonic()
        await one.says(b"x" * 4000)
        await one.hears(b"x" * 4000)
        assert 0.15 < time.monotonic() - began < 3


async def test_refuse_and_accept_keep_the_port(proxy: FaultProxy) -> None:
    async with client(proxy) as one:
        await one.hears(b"+")
        port = proxy.port
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await one.says(b"still here")
        await one.hears(b"still here")
        await proxy.accept()
        assert proxy.port == port
        async with client(proxy) as two:
            await two.hears(b"+")
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            await one.reader.read(1)


async def test_scripts_in_turn_and_one_of_ones_own(proxy: FaultProxy) -> None:
    numbers: list[int] = []

    async def note(cable: Cable) -> None:
        numbers.append(cable.number)

    proxy.script = in_turn(accept_then_close, None, note)
    for greeting in (b"", b"+", b"+", b"+"):
        async with client(proxy) as one:
            assert await one.reader.read(1) == greeting
    assert numbers == [2, 3]


async def test_a_server_that_is_not_there_ends_the_connection() -> None:
    async with FaultProxy("ws://127.0.0.1:1/") as proxy, client(proxy) as one:
        assert await one.reader.read() == b""


async def test_the_error_of_a_script_is_raised_at_the_end() -> None:
    async def broken(cable: Cable) -> None:
        raise LookupError("in the script")

    async def run() -> None:
        async with FaultProxy("ws://127.0.0.1:1/", broken) as proxy, client(proxy) as one:
            with pytest.raises(ConnectionResetError):
                await one.reader.read(1)

    with pytest.raises(LookupError, match="in the script"):
        await run()


@pytest.mark.parametrize(
    "make",
    [
        lambda: FaultProxy("ws://127.0.0.1/"),
        lambda: FaultProxy("nonsense"),
        lambda: fragment(0),
        lambda: throttle(0),
        lambda: delay(1, "sideways"),  # type: ignore[arg-type]
        lambda: in_turn(),
    ],
)
def test_what_cannot_be_meant_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|needs"):
        make()


@pytest.mark.parametrize("turns", range(8))
async def test_a_connection_that_comes_at_the_end_is_reset(
    ends: list[BaseException | None], turns: int
) -> None:
    async with echo_server(ends) as url:
        before = asyncio.all_tasks()
        async with FaultProxy(url) as proxy:
            with_proxy = asyncio.all_tasks()
            client = call(proxy)
            while asyncio.all_tasks() == with_proxy:  # until asyncio has accepted it
                await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
        with client, pytest.raises(ConnectionResetError):
            await read_all(client)
        assert proxy.cables == []
        await until(lambda: asyncio.all_tasks() == before)


@pytest.mark.parametrize("turns", range(1, 5))
async def test_a_connection_that_comes_when_it_refuses_and_ends_is_reset(turns: int) -> None:
    async with FaultProxy("ws://127.0.0.1:1/", black_hole()) as proxy:
        before = asyncio.all_tasks()
        client = call(proxy)
        while asyncio.all_tasks() == before:
            await asyncio.sleep(0)
        for _ in range(turns):  # none: asyncio forgets what a server that is closed has just accepted
            await asyncio.sleep(0)
        proxy.refuse()
    with client, pytest.raises(ConnectionResetError):
        await read_all(client)
    assert proxy.cables == []


async def test_a_reset_while_the_server_is_being_connected_to_reaches_it() -> None:
    heard: list[object] = []

    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.read())
        except ConnectionResetError as error:
            heard.append(error)

    async def soon(cable: Cable) -> None:
        await asyncio.sleep(0)
        cable.reset()

    async with serve_streams(listen) as port, FaultProxy(f"ws://127.0.0.1:{port}/", soon) as proxy:
        with call(proxy) as client, pytest.raises(ConnectionResetError):
            await read_all(client)
        await until(lambda: heard)
    assert isinstance(heard[0], ConnectionResetError)


@pytest.mark.parametrize("turns", range(8))
async def test_a_connection_without_a_server_ends_also_at_the_end(turns: int) -> None:
    async with FaultProxy("ws://127.0.0.1:1/", black_hole()) as proxy:
        client = call(proxy)
        while not proxy.accepted:
            await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
    with client, suppress(ConnectionResetError):
        await read_all(client)
    assert proxy.cables == []


async def test_what_was_closed_and_not_read_is_reset_at_the_end() -> None:
    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(bytes(1 << 16))
            await writer.drain()

    async with serve_streams(flood) as port:
        async with FaultProxy(f"ws://127.0.0.1:{port}/") as proxy:
            client = call(proxy)
            passed = [-1, 0]
            while not passed[-1] or len({*passed[-4:]}) > 1:  # until nothing goes any further
                await asyncio.sleep(0.05)
                passed.append(proxy.cables[0].down.passed if proxy.cables else 0)
            proxy.cables[0].close()
            await asyncio.sleep(0.05)
            told = list(proxy.cables)
        with client, pytest.raises(ConnectionResetError):
            await read_all(client)
    assert len(told) == 1  # it still had something to say
    assert proxy.cables == []


async def test_a_script_that_takes_its_time_to_end_holds_nothing_open() -> None:
    cleaning = asyncio.Event()

    async def slow(cable: Cable) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaning.set()
            await asyncio.Event().wait()

    async with FaultProxy("ws://127.0.0.1:1/", slow) as proxy:
        client = call(proxy)
        await cleaning.wait()
    with client:
        await read_all(client)
    assert proxy.cables == []


async def test_a_connection_has_the_script_of_when_it_was_accepted(proxy: FaultProxy) -> None:
    played: list[str] = []

    def named(name: str) -> Callable[[Cable], Awaitable[None]]:
        async def script(cable: Cable) -> None:
            played.append(f"{name} {cable.number}")

        return script

    proxy.script = named("first")
    with call(proxy):
        while not proxy.accepted:
            await asyncio.sleep(0)
        proxy.script = named("second")
        with call(proxy):
            await until(lambda: len(played) == 2)
    assert played == ["first 0", "second 1"]


async def test_it_is_as_new_when_it_is_entered_again() -> None:
    async def broken(cable: Cable) -> None:
        raise LookupError("once")

    proxy = FaultProxy("ws://127.0.0.1:1/", broken)

    async def once() -> None:
        async with proxy, client(proxy) as one:
            with pytest.raises(ConnectionResetError):
                await one.reader.read(1)

    with pytest.raises(LookupError, match="once"):
        await once()
    proxy.script = None
    async with proxy, client(proxy) as one:
        assert await one.reader.read() == b""


async def test_it_does_not_listen_any_more_at_its_end() -> None:
    proxy = FaultProxy("ws://127.0.0.1:1/")
    async with proxy:
        proxy.refuse()
        accepting = asyncio.create_task(proxy.accept())
        await asyncio.sleep(0)
    await accepting
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", proxy.port)
    with socket.create_server(("127.0.0.1", proxy.port)):  # somebody else's now
        await proxy.accept()


async def test_what_was_accepted_is_handed_on_before_listening_ends() -> None:
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    before = asyncio.all_tasks()
    with socket.create_connection(server.sockets[0].getsockname()):
        while asyncio.all_tasks() == before:
            await asyncio.sleep(0)
        await end_listening(server)
        assert len(writers) == 1
        assert not server.is_serving()
        writers[0].transport.abort()


def call(proxy: FaultProxy) -> socket.socket:
    """Connect without the event loop."""
    client = socket.create_connection(("127.0.0.1", proxy.port))
    client.setblocking(False)
    return client


async def read_all(client: socket.socket) -> None:
    async with asyncio.timeout(PATIENCE):
        while await asyncio.get_running_loop().sock_recv(client, 1 << 20):
            pass


async def test_nothing_is_left_behind(ends: list[BaseException | None]) -> None:
    before = asyncio.all_tasks()
    async with echo_server(ends) as url:
        async with FaultProxy(url, black_hole()) as proxy, client(proxy) as one:
            await one.hears(b"+")
        assert proxy.cables == []
        await until(lambda: ends)
    await until(lambda: asyncio.all_tasks() == before)
