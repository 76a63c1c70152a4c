"""What the standalone shell has to itself: TLS, garbage instead of a handshake, quiet logs."""

from __future__ import annotations

import asyncio
import logging
import ssl

import pytest
import trustme
from websockets.asyncio.client import connect

from metafor.server import RoomServer
from metafor.server.standalone import listening


async def test_tls() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    rooms = RoomServer()
    async with listening(rooms, tls=context) as server:
        url = f"wss://localhost:{server.sockets[0].getsockname()[1]}/"
        async with connect(url, ssl=trusting, host="127.0.0.1") as alice:
            await alice.send("hello")
            assert await alice.recv() == "hello"
            for number in range(300):
                await rooms.publish(None, f"{number}" * 1000)
            for number in range(300):
                assert await alice.recv() == f"{number}" * 1000


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"426"),
        (b"GET /health?x HTTP/1.1\r\nHost: x\r\n\r\n", b"200"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nOrigin: https://evil.example\r\n\r\n", b"403"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100) + b"\r\n\r\n", None),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", None),
    ],
)
async def test_what_is_no_handshake(
    request_bytes: bytes, status: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with listening(RoomServer(origins=["self"])) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(request_bytes)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
        if status is None:  # that is not worth an answer
            assert answer == b""
        else:
            assert answer.split(b" ")[1] == status
        assert b"Traceback" not in answer
    assert {record.levelname for record in caplog.records} <= {"INFO", "WARNING"}


async def test_a_connection_that_cannot_be_written_to_costs_the_others_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rooms = RoomServer()
    async with listening(rooms) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with connect(url) as broken, connect(url) as alice:
            await broken.send("ready")
            assert await alice.recv() == "ready"
            first = min(rooms._connections)
            transport = rooms._connections[first]._socket.transport  # type: ignore[attr-defined]
            transport.write = None  # whatever may be wrong with it
            await rooms.publish(None, "hello")
            assert await asyncio.wait_for(alice.recv(), 5) == "hello"
            async with asyncio.timeout(5):
                while rooms.connection_count > 1:
                    await asyncio.sleep(0.01)
    assert [getattr(record, "event", None) for record in caplog.records] == ["failed"]
