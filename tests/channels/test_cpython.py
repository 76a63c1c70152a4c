"""The CPython transport under a `Channel`: real sockets on loopback, good servers and bad ones."""

from __future__ import annotations

import asyncio
import socket as sockets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from metafor.channels import (
    Channel,
    ChannelConnectionError,
    ChannelMessageError,
    ChannelState,
    ChannelUnavailableError,
    ChannelUrlError,
    Fixed,
)
from metafor.channels.transports.cpython import CPythonTransport


async def echo(websocket: ServerConnection) -> None:
    async for message in websocket:
        await websocket.send(message)


Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


@asynccontextmanager
async def server(
    handler: Callable[[ServerConnection], Awaitable[None]], **options: Any
) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, **options) as listening:
        yield f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"


@asynccontextmanager
async def tcp(handler: Speak) -> AsyncIterator[str]:
    """A server that speaks whatever ``handler`` speaks."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        yield f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"


class Collected:
    """What a channel told."""

    def __init__(self, channel: Channel) -> None:
        self.messages: list[Any] = []
        self.errors: list[BaseException] = []
        self.changed = asyncio.Event()
        channel.on_message(self.messages.append)
        channel.on_error(self.errors.append)
        for register in (channel.on_open, channel.on_close):
            register(self.changed.set)
        for register in (channel.on_message, channel.on_error):
            register(lambda _: self.changed.set())

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


def free_port() -> int:
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_refused_port_fails_at_once() -> None:
    channel = Channel(f"ws://127.0.0.1:{free_port()}")
    started = time.perf_counter()
    with pytest.raises(ChannelConnectionError, match="refused"):
        await channel.connect()
    assert time.perf_counter() - started < 1
    assert channel.state is ChannelState.CLOSED


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("/ws", "relative"),
        ("localhost:8000", "scheme"),
        ("ftp://example.org", "scheme"),
        ("ws://", "names no host"),
        ("ws://[", "no URL"),
        ("ws://localhost:99999", "no URL"),
        ("", "relative"),
    ],
)
async def test_a_url_that_is_none_fails_once_whatever_the_policy(url: str, what: str) -> None:
    channel = Channel(url, auto_reconnect=True)
    with pytest.raises(ChannelUrlError, match=what) as caught:
        await channel.connect()
    assert isinstance(caught.value, ChannelConnectionError)
    assert caught.value.next_step
    assert channel.state is ChannelState.CLOSED


async def test_http_urls_stand_for_ws_urls() -> None:
    async with server(echo) as url:
        channel = Channel(url.replace("ws:", "http:") + "#fragment")
        await channel.connect()
        await channel.close()


async def test_a_name_that_is_unknown() -> None:
    with pytest.raises(ChannelConnectionError, match=r"ws://nobody\.invalid"):
        await Channel("ws://nobody.invalid").connect()


async def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name == "websockets" or name.startswith("websockets."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "websockets", None)
    channel = Channel("ws://localhost", auto_reconnect=True)
    with pytest.raises(ChannelUnavailableError, match=r"metafor\[client\]"):
        await channel.connect()


# -- servers that misbehave ------------------------------------------------------------------------


async def respond(writer: asyncio.StreamWriter, reader: asyncio.StreamReader, answer: bytes) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(answer)
    await writer.drain()


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP status 200"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "HTTP status 403"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no connection"),
        (b"", "no connection"),
    ],
    ids=["http", "forbidden", "not http", "silence"],
)
async def test_a_server_that_does_not_speak_websocket(answer: bytes, what: str) -> None:
    async with tcp(lambda reader, writer: respond(writer, reader, answer)) as url:
        channel = Channel(url)
        with pytest.raises(ChannelConnectionError, match=what):
            await channel.connect()


async def test_retry_after_of_http_is_a_hint() -> None:
    answer = b"HTTP/1.1 503 Busy\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"
    async with tcp(lambda reader, writer: respond(writer, reader, answer)) as url:
        channel = Channel(url, auto_reconnect=True)
        told = Collected(channel)
        connecting = asyncio.create_task(channel.connect())
        await told.until(lambda: told.errors)
        assert (channel.retry_in_signal() or 0) >= 30
        await channel.close()
        with pytest.raises(ChannelConnectionError):
            await connecting


async def test_a_server_that_never_answers_the_handshake() -> None:
    done = asyncio.Event()
    async with tcp(lambda reader, writer: done.wait()) as url:
        channel = Channel(url, connect_timeout=0.1)
        with pytest.raises(ChannelConnectionError, match=r"no answer within 0\.1 s"):
            await channel.connect()
        done.set()


async def test_close_while_connecting_returns_at_once() -> None:
    done = asyncio.Event()
    async with tcp(lambda reader, writer: done.wait()) as url:
        channel = Channel(url)
        connecting = asyncio.create_task(channel.connect())
        await asyncio.sleep(0.05)
        async with asyncio.timeout(1):
            await channel.close()
        with pytest.raises(ChannelConnectionError, match=r"close\(\) was called"):
            await connecting
        done.set()


async def test_a_server_that_stops_answering_does_not_hold_up_close() -> None:
    async def deaf(websocket: ServerConnection) -> None:
        websocket.transport.pause_reading()
        await websocket.wait_closed()

    async with server(deaf, close_timeout=0.1) as url:
        channel = Channel(url, close_timeout=0.2)
        await channel.connect()
        started = time.perf_counter()
        await channel.close()
        assert 0.1 < time.perf_counter() - started < 2
        assert channel.state is ChannelState.CLOSED


async def test_a_message_that_is_too_long_is_a_named_error_and_the_channel_stays_usable() -> None:
    async def long(websocket: ServerConnection) -> None:
        await websocket.send("x" * 2000)
        await websocket.wait_closed()

    async with server(long) as url:
        channel = Channel(url, transport=CPythonTransport(max_size=1000))
        told = Collected(channel)
        await channel.connect()
        await told.until(lambda: told.errors)
        (error,) = told.errors
        assert isinstance(error, ChannelConnectionError)
        assert error.close_code == 1009
        assert "closed from here with code 1009" in str(error)
        await channel.connect()
        await channel.close()


async def test_invalid_utf8_from_the_server_is_a_named_error() -> None:
    async def broken(websocket: ServerConnection) -> None:
        await websocket.send(b"\xff\xfe", text=True)
        await websocket.wait_closed()

    async with server(broken) as url:
        channel = Channel(url)
        told = Collected(channel)
        await channel.connect()
        await told.until(lambda: told.errors)
        (error,) = told.errors
        assert isinstance(error, ChannelConnectionError)
        assert error.close_code == 1007


async def test_hostile_json_arrives_as_text() -> None:
    hostile = ["[" * 20_000 + "]" * 20_000, "1" * 5000, '{"a":' * 20_000]

    async def send(websocket: ServerConnection) -> None:
        for text in hostile:
            await websocket.send(text)
        await websocket.wait_closed()

    async with server(send) as url:
        channel = Channel(url)
        told = Collected(channel)
        await channel.connect()
        await told.until(lambda: len(told.messages) == 3)
        assert told.messages == hostile
        await channel.close()


async def test_ruling_42_a_dead_link_is_found_by_the_librarys_ping() -> None:
    async def deaf(websocket: ServerConnection) -> None:
        websocket.transport.pause_reading()
        await websocket.wait_closed()

    async with server(deaf, close_timeout=0.1, ping_interval=None) as url:
        transport = CPythonTransport(ping_interval=0.05, ping_timeout=0.05)
        transport._options["close_timeout"] = 0.05
        channel = Channel(url, transport=transport)
        told = Collected(channel)
        await channel.connect()
        await told.until(lambda: told.errors)
        assert channel.state is ChannelState.CLOSED


async def test_ruling_42_latency_is_measured_by_the_librarys_ping() -> None:
    async def talk(websocket: ServerConnection) -> None:
        for _ in range(50):
            await asyncio.sleep(0.02)
            await websocket.send("x")
        await websocket.wait_closed()

    async with server(talk) as url:
        channel = Channel(url, transport=CPythonTransport(ping_interval=0.02))
        told = Collected(channel)
        await channel.connect()
        await told.until(lambda: channel.latency_signal() is not None)
        assert 0 < (channel.latency_signal() or 0) < 5
        await channel.close()
        assert channel.latency_signal() is None


# -- reconnecting ----------------------------------------------------------------------------------


async def test_a_server_that_restarts_finds_rooms_and_messages_again() -> None:
    """Issue 2: rooms are rejoined, and a message typed meanwhile arrives once, in order."""
    port = free_port()
    got: list[Any] = []

    async def keep(websocket: ServerConnection) -> None:
        got.extend([message async for message in websocket])

    channel = Channel(f"ws://127.0.0.1:{port}", auto_reconnect=True, reconnect_policy=Fixed(0.05))
    told = Collected(channel)
    async with serve(keep, "127.0.0.1", port):
        await channel.connect()
        await channel.join("general")
        await channel.send_to("general", "before")
    await told.until(lambda: not channel.is_connected)
    receipts = [await channel.send_to("general", f"meanwhile {number}") for number in range(3)]
    assert [receipt.status() for receipt in receipts] == ["queued"] * 3
    await told.until(lambda: len(told.errors) > 3)
    before = len(got)
    async with serve(keep, "127.0.0.1", port):
        await told.until(lambda: channel.is_connected)
        await channel.send_to("general", "after")
        await channel.close()
        await asyncio.sleep(0.05)
    assert [receipt.status() for receipt in receipts] == ["sent"] * 3
    assert got[before:] == [
        '{"type":"_join","room":"general"}',
        '{"_room":"general","data":"meanwhile 0"}',
        '{"_room":"general","data":"meanwhile 1"}',
        '{"_room":"general","data":"meanwhile 2"}',
        '{"_room":"general","data":"after"}',
    ]


async def test_a_tight_loop_of_sends_waits_for_the_network() -> None:
    count = 20_000
    got = asyncio.Event()

    async def slow(websocket: ServerConnection) -> None:
        number = 0
        async for _ in websocket:
            number += 1
            if number == count:
                got.set()

    async with server(slow) as url:
        channel = Channel(url)
        await channel.connect()
        highest = 0
        for _ in range(count):
            await channel.send("x" * 100)
            highest = max(highest, channel._session.link._socket._unsent_bytes)  # type: ignore[union-attr]
        assert highest < 400_000
        async with asyncio.timeout(30):
            await got.wait()
        await channel.close()


def test_ruling_43_asyncio_run_twice() -> None:
    received: list[Any] = []

    async def session(channel: Channel, leave_open: bool) -> None:
        async with server(echo) as url:
            channel._url = url
            told = Collected(channel)
            await channel.connect()
            await channel.send("x")
            await told.until(lambda: told.messages)
            received.extend(told.messages)
            if not leave_open:
                await channel.close()

    async def abandoned(channel: Channel) -> None:
        listening = await serve(echo, "127.0.0.1", 0)
        channel._url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        await channel.connect()
        assert channel.is_connected
        listening.close(close_connections=False)

    channel = Channel("ws://later")
    asyncio.run(session(channel, leave_open=False))
    asyncio.run(abandoned(channel))
    assert channel.state is ChannelState.CLOSED
    asyncio.run(session(channel, leave_open=False))
    assert received == ["x", "x"]


async def test_send_on_a_connection_that_was_lost_raises_a_message_error() -> None:
    async def leave(websocket: ServerConnection) -> None:
        await websocket.close(1001)

    async with server(leave) as url:
        channel = Channel(url)
        told = Collected(channel)
        await channel.connect()
        await told.until(lambda: not channel.is_connected)
        with pytest.raises(ChannelMessageError):
            await channel.send("x")
        assert told.errors == []
