"""Many WebSocket clients in one process, cheap enough to leave the server the slower side.

A client does the opening handshake, sends what it is told to, and counts the bytes that come: every
message of a run has the same length on the wire, so bytes are messages.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count

__all__ = [
    "ROOMS",
    "SOCKETIO",
    "Client",
    "Latencies",
    "Speech",
    "connect",
    "connect_all",
    "fan_out",
    "latencies",
]


@dataclass(frozen=True)
class Speech:
    """How a server wants to be spoken to: where, and in which words."""

    path: str = "/"
    #: What a client says to be in the room, step by step.
    hello: tuple[str, ...] = ('{"type":"_join","room":"bench"}',)
    #: The message to the room.
    message: str = '{"_room":"bench","text":"01234567890123456789012345678901234567"}'


ROOMS = Speech()
SOCKETIO = Speech(
    path="/socket.io/?EIO=4&transport=websocket",
    hello=("40", '42["join","bench"]'),
    message='42["message",{"room":"bench","text":"01234567890123456789012345678901"}]',
)


def text_frame(text: str, *, masked: bool = True) -> bytes:
    """One whole text frame (RFC 6455, section 5.2). The mask is zero, which is a mask like any other."""
    data = text.encode()
    mask = 0x80 if masked else 0
    if len(data) < 126:
        head = struct.pack("!BB", 0x81, mask | len(data))
    elif len(data) < 65536:
        head = struct.pack("!BBH", 0x81, mask | 126, len(data))
    else:
        head = struct.pack("!BBQ", 0x81, mask | 127, len(data))
    return head + (b"\0\0\0\0" if masked else b"") + data


class Client(asyncio.Protocol):
    """One connection. ``received`` counts bytes after the handshake; `until` waits for a number of them."""

    def __init__(self, path: str, host: str) -> None:
        self._path, self._host = path, host
        self._head = b""
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = 0
        self.lost = asyncio.get_running_loop().create_future()
        self._wanted: tuple[int, asyncio.Future[float]] | None = None
        #: Called when something has come, if somebody wants to know.
        self.on_data: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(
            (
                f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        if not self.open.done():
            self._head += data
            if b"\r\n\r\n" not in self._head:
                return
            head, _, data = self._head.partition(b"\r\n\r\n")
            if b" 101 " not in head.split(b"\r\n")[0] + b" ":
                self.open.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            self.open.set_result(None)
        self.received += len(data)
        if self.on_data is not None and data:
            self.on_data()
        if self._wanted is not None and self.received >= self._wanted[0]:
            future = self._wanted[1]
            self._wanted = None
            if not future.done():
                future.set_result(time.perf_counter())

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(None)
        for future in (self.open, self._wanted[1] if self._wanted else None):
            if future is not None and not future.done():
                future.set_exception(ConnectionError("the server went away"))

    def say(self, text: str) -> None:
        """Send a text message."""
        self.transport.write(text_frame(text))

    def until(self, received: int) -> asyncio.Future[float]:
        """The moment (`time.perf_counter`) at which ``received`` bytes have come in all."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        if self.received >= received:
            future.set_result(time.perf_counter())
        else:
            self._wanted = (received, future)
        return future


async def connect(port: int, path: str = "/", *, receive_buffer: int | None = None) -> Client:
    """One open client. ``receive_buffer`` bounds what the kernel takes for it, in bytes."""
    loop = asyncio.get_running_loop()
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", port))
    _, client = await loop.create_connection(lambda: Client(path, f"127.0.0.1:{port}"), sock=sock)
    await asyncio.wait_for(client.open, 30)
    return client


async def connect_all(port: int, number: int, speech: Speech, *, at_once: int = 50) -> list[Client]:
    """``number`` clients that are in the room."""
    clients: list[Client] = []
    while len(clients) < number:
        batch = min(at_once, number - len(clients))
        clients += await asyncio.gather(*(connect(port, speech.path) for _ in range(batch)))
    for step in speech.hello:
        for client in clients:
            client.say(step)
        await quiet(clients)
    return clients


async def quiet(clients: Iterable[Client], seconds: float = 0.3) -> None:
    """Wait until nothing has come for a while."""
    clients = list(clients)
    before = -1
    while (now := sum(client.received for client in clients)) != before:
        before = now
        await asyncio.sleep(seconds)


async def size_of_one(everyone: list[Client], message: str) -> int:
    """The bytes that ``message`` has on the wire, found out by sending it; all get the same."""
    before = [client.received for client in everyone]
    everyone[0].say(message)
    for _ in range(50):
        await quiet(everyone)
        sizes = {client.received - start for client, start in zip(everyone, before, strict=True)}
        if 0 not in sizes:
            break
    if len(sizes) != 1 or 0 in sizes:
        raise AssertionError(f"one message brought {sorted(sizes)} bytes to the clients")
    return sizes.pop()


async def fan_out(
    port: int, speech: Speech, *, clients: int, messages: int, burst: bool, senders: int = 10
) -> float:
    """Deliveries per second: ``messages`` messages to a room of ``clients``, which all get all of them.

    ``burst``: all are sent at once, by ``senders`` of the clients. Otherwise each is sent when the one
    before has reached everybody, so that a server can do nothing for two of them together.
    """
    everyone = await connect_all(port, clients, speech)
    try:
        size = await size_of_one(everyone, speech.message)
        frame = text_frame(speech.message)
        start = time.perf_counter()
        rounds, each = (1, messages) if burst else (messages, 1)
        for turn in range(rounds):
            arrivals = [client.until(client.received + each * size) for client in everyone]
            for number in range(each):
                everyone[(turn + number) % senders].transport.write(frame)
            done = max(await asyncio.wait_for(asyncio.gather(*arrivals), 120))
        return clients * messages / (done - start)
    finally:
        for client in everyone:
            client.transport.abort()
        await asyncio.sleep(0.1)


@dataclass(frozen=True)
class Latencies:
    """Seconds from a send to each arrival, sorted; and when the slow one was cut (seconds), if it was."""

    sorted: list[float]
    cut_after: float | None

    def quantile(self, share: float) -> float:
        """The latency that ``share`` of the arrivals stayed below."""
        return self.sorted[min(len(self.sorted) - 1, int(share * len(self.sorted)))]


async def latencies(
    port: int, speech: Speech, *, clients: int, messages: int, per_second: float, length: int, slow: bool
) -> Latencies:
    """A steady stream of long messages to ``clients`` that read; with ``slow``, to one more that does not."""
    everyone = await connect_all(port, clients, speech)
    stuck: Client | None = None
    try:
        message = speech.message.replace("0123", "x" * length + "0123", 1)
        size = await size_of_one(everyone, message)
        sent: list[float] = []
        arrived: list[float] = []
        for client in everyone:
            client.on_data = _Arrivals(client, size, sent, arrived)
        if slow:
            stuck = await connect(port, speech.path, receive_buffer=4096)
            for step in speech.hello:
                stuck.say(step)
            await asyncio.sleep(0.3)
            stuck.transport.pause_reading()
        frame = text_frame(message)
        start = time.perf_counter()
        cut_after: float | None = None
        for number in count():
            if number == messages:
                break
            await asyncio.sleep(max(0.0, start + number / per_second - time.perf_counter()))
            sent.append(time.perf_counter())
            everyone[0].transport.write(frame)
            if stuck is not None and cut_after is None and number % 10 == 0 and await gone(port, clients):
                cut_after = time.perf_counter() - start
        for _ in range(100):
            if len(arrived) >= messages * clients:
                break
            await asyncio.sleep(0.1)
        return Latencies(sorted(arrived), cut_after)
    finally:
        for client in [*everyone, *([stuck] if stuck else [])]:
            client.transport.abort()
        await asyncio.sleep(0.1)


async def gone(port: int, clients: int) -> bool:
    """Whether the room server has no more than ``clients`` connections: a cut does not show on a socket
    that nobody reads.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    connections: int = json.loads(answer.partition(b"\r\n\r\n")[2])["connections"]
    return connections <= clients


class _Arrivals:
    """Notes how long each message took to one client."""

    def __init__(self, client: Client, size: int, sent: list[float], arrived: list[float]) -> None:
        self._client, self._size, self._sent, self._arrived = client, size, sent, arrived
        self._start = client.received
        self._seen = 0

    def __call__(self) -> None:
        now = time.perf_counter()
        whole = (self._client.received - self._start) // self._size
        for number in range(self._seen, min(whole, len(self._sent))):
            self._arrived.append(now - self._sent[number])
        self._seen = whole
