"""A server that strangers throw bytes at: it answers the others, and does not grow.

Some frames in a usual run; ``make test-server-long`` throws 100,000.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import random
import struct
import tracemalloc
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect

from metafor.server import Limits, MemoryBroker, RoomServer
from tests.server.asgi_driver import peers, settle
from tests.server.shells import serving

FRAMES = int(os.environ.get("METAFOR_FRAMES", "1600"))
#: Another one makes other frames.
SEED = os.environ.get("METAFOR_SEED", "0")
#: Frames of one connection; most connections are ended by the server long before.
PER_CONNECTION = 40

HANDSHAKE = (
    b"GET /chat?x=1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TEXTS = [
    '{"type": "_join", "room": "news"}',
    '{"type": "_leave", "room": "news"}',
    '{"_room": "news", "text": "hello"}',
    '{"type": "_join", "room": "metafor.reliable", "hello": {"versions": [1], "nonce": "5f0c"}}',
    '{"type": "_ready", "session": "a1"}',
    '{"_id":1}\n{"_room":"news"}',
    '{"_room": "\\ud800", "x": 1e999}',
    '{"_room": {"_room": []}, "type": {}}',
    "[" * 2000,
    '{"_room": "' + "r" * 300 + '"}',
    "hello",
    "",
]


def frame(data: bytes, opcode: int, rng: random.Random) -> bytes:
    """A good frame of RFC 6455, section 5.2."""
    mask = rng.randbytes(4)
    size = len(data)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def bad_frames(rng: random.Random) -> Iterator[bytes]:
    """Good frames, frames with something changed, and noise, without end."""
    while True:
        choice = rng.random()
        text = rng.choice(TEXTS).encode("utf-8", "surrogatepass")
        if choice < 0.3:  # a good frame, whatever it says
            yield frame(text, 1, rng)
        elif choice < 0.5:  # JSON with a byte or two changed
            data = bytearray(text or b"x")
            for _ in range(rng.randint(1, 3)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            yield frame(bytes(data), rng.choice((1, 2)), rng)
        elif choice < 0.7:  # a frame with a byte or two changed: lengths, opcodes, masks, reserved bits
            data = bytearray(frame(text, rng.choice((0, 1, 2, 8, 9, 10)), rng))
            for _ in range(rng.randint(1, 3)):
                data[rng.randrange(min(len(data), 16))] = rng.randrange(256)
            yield bytes(data)
        elif choice < 0.8:  # a length that is never sent
            yield struct.pack("!BBQ", 0x81, 0xFF, rng.choice((1 << 62, 1 << 31, 2_000_000)))
        elif choice < 0.9:  # too long a message
            yield frame(b"x" * 5000, 1, rng)
        else:
            yield rng.randbytes(rng.randint(1, 60))


async def throw(address: str, frames: Iterator[bytes], rng: random.Random) -> int:
    """One connection that misbehaves until it is ended. Gives how many frames it got rid of."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    sent = 0
    handshake = HANDSHAKE
    if rng.random() < 0.1:  # the handshake itself is bad
        data = bytearray(handshake)
        data[rng.randrange(len(data))] = rng.randrange(256)
        handshake = bytes(data)
    draining = asyncio.create_task(reader.read(-1))
    try:
        writer.write(handshake)
        for _ in range(PER_CONNECTION):
            if draining.done() or writer.is_closing():
                break
            writer.write(next(frames))
            sent += 1
            await asyncio.sleep(0)
            if rng.random() < 0.05:
                await writer.drain()
        if rng.random() < 0.5:
            writer.write_eof()
    except OSError:
        pass
    finally:
        if rng.random() < 0.5:
            writer.transport.abort()
        writer.close()
        await asyncio.gather(draining, writer.wait_closed(), return_exceptions=True)
    return sent


@pytest.mark.parametrize("shell", ["standalone", "websockets-sansio"])
async def test_broken_and_hostile_frames(shell: str, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "metafor.server"):  # pytest keeps what is logged, and would grow
        caplog.set_level(logging.CRITICAL, name)
    rng = random.Random(f"{shell} {SEED}")
    frames = bad_frames(rng)
    rooms = RoomServer(
        limits=Limits(message_bytes=4096, queue_messages=200, close_seconds=0.5),
        broker=MemoryBroker(session_seconds=0.2),  # sessions are kept on purpose, for ten minutes
    )
    async with serving(rooms, shell) as address:

        async def throw_all(count: int) -> None:
            sent = 0
            while sent < count:
                sent += sum(await asyncio.gather(*(throw(address, frames, rng) for _ in range(8))))
            async with asyncio.timeout(10):
                while rooms.connection_count:
                    await asyncio.sleep(0.01)

        async def still_serves() -> None:
            async with asyncio.timeout(10), connect(f"ws://{address}/") as alice:
                await alice.send('{"type": "_join", "room": "good"}')
                await alice.send('{"_room": "good"}')
                while await alice.recv() != '{"_room": "good"}':
                    pass

        await throw_all(FRAMES // 4)  # caches and pools are filled by now
        await still_serves()
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await throw_all(FRAMES - FRAMES // 4)
        await still_serves()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    assert grown < 256 * 1024
    assert rooms.rooms == {}


ROOM_NAMES = [
    " ",
    "\x00",
    "\x00x",
    "a\nb\r\n",
    "\ud800",
    "\U0001f600" * 256,
    "metafor.reliable",
    "_room",
    "../../etc/passwd",
    "*",
    "[a-z]",
    "{x}",
    "'; --",
    "\u202e",
    "é",
    "e\u0301",
    "x" * 256,
]


async def test_rooms_of_any_name_are_kept_apart() -> None:
    rooms = RoomServer()
    names = [name for name in ROOM_NAMES if name != "metafor.reliable"]
    async with peers(rooms, len(names)) as everyone:
        for peer, name in zip(everyone, names, strict=True):
            peer.send(json.dumps({"type": "_join", "room": name}))
        await settle()
        assert set(rooms.rooms) == set(names)
        for name in names:
            everyone[0].send(json.dumps({"_room": name}))
        await settle()
        for peer, name in zip(everyone, names, strict=True):
            assert peer.inbox == [json.dumps({"_room": name})]
        for bad in ("", "x" * 257, "\U0001f600" * 257):
            everyone[0].send(json.dumps({"type": "_join", "room": bad}))
            assert json.loads(await everyone[0].receive())["code"] == "server/bad-room"
    assert rooms.rooms == {}


async def test_who_says_hello_all_the_time_leaves_nothing_behind() -> None:
    rooms = RoomServer(broker=MemoryBroker(session_seconds=0.01))
    hello = '{"type": "_join", "room": "metafor.reliable", "hello": {"versions": [1], "nonce": "n"}}'
    async with peers(rooms, 1) as (alice,):
        alice.send(hello)
        assert json.loads(await alice.receive())["type"] == "_welcome"
        alice.send(hello)
        assert (await alice.closed())[0] == 1002
    assert rooms._reliable is not None
    assert not rooms._reliable._by_session
    assert not rooms._reliable.peers
