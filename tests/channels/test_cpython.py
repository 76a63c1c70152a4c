"""The CPython transport under a `Channel`: addresses, handshakes, and servers that misbehave."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest
from websockets.asyncio.server import ServerConnection

from metafor.channels import (
    Channel,
    ChannelConnectionError,
    ChannelState,
    ChannelUnavailableError,
    ChannelUrlError,
)
from metafor.channels.transports.cpython import CPythonTransport
from tests.channels.loopback import Collected, echo, free_port, server, tcp


async def test_a_refused_port_fails_at_once() -> None:
    channel = Channel(f"ws://127.0.0.1:{free_port()}")
    started = time.perf_counter()
    with pytest.raises(ChannelConnectionError, match="refused"):
        await channel.connect()
    assert time.perf_counter() - started < 3  # it never waits for its connect_timeout
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
        async with asyncio.timeout(3):
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
