"""One connection through the proxy: two ways, and what can be done to them."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress

__all__ = ["Cable", "Way"]

_READ = 1 << 16
#: Chunks on their way in one direction; beyond, the sender feels it, as on a real network.
_IN_FLIGHT = 64


class Way:
    """One direction of a `Cable`. Its attributes may be changed at any time, for the bytes that follow.

    ``delay``: seconds that every byte takes. ``fragment``: longest piece that is written at once, in bytes
    (None: as they come). ``rate``: bytes per second at most (None: no bound).
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self.fragment: int | None = None
        self.rate: float | None = None
        #: Bytes that were passed on.
        self.passed = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._started = asyncio.Event()

    def hold(self) -> None:
        """Become a black hole: nothing is read or passed on, neither bytes nor the news of an end."""
        self._flows.clear()

    def release(self) -> None:
        """Pass on what was held, and what comes."""
        self._flows.set()

    async def started(self) -> None:
        """Wait until the first bytes were passed on."""
        await self._started.wait()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes from one end to the other until the sending end is done."""
        loop = asyncio.get_running_loop()
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_IN_FLIGHT)
        arriving = loop.create_task(self._arrive(on_the_way, writer))
        try:
            while data := await reader.read(_READ):
                await self._flows.wait()
                await on_the_way.put((loop.time() + self.delay, data))
            await self._flows.wait()
            await on_the_way.put((loop.time() + self.delay, b""))
            await arriving
        finally:
            arriving.cancel()

    async def _arrive(
        self, on_the_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await on_the_way.get()
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            await self._flows.wait()
            if not data:
                writer.write_eof()
                return
            size = self.fragment or len(data)
            for start in range(0, len(data), size):
                piece = data[start : start + size]
                if self.rate is not None:
                    await asyncio.sleep(len(piece) / self.rate)
                elif start:  # let the other end read, so that the pieces arrive as pieces
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
                writer.write(piece)
                await writer.drain()
                self.passed += len(piece)
                self._started.set()


class Cable:
    """One connection: ``up`` is the way from client to server, ``down`` the way back.

    ``number`` counts the connections of the proxy, from 0.
    """

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.up = Way()
        self.down = Way()
        #: Whether one of `reset` and `close` was called, or both ends are done.
        self.ended = False
        self._client = (reader, writer)
        self._writers = [writer]
        self._was_reset = False
        self._done = asyncio.Event()

    async def opened(self) -> None:
        """Wait until the server has answered: of a WebSocket, until its handshake is done.

        "Counted from the open" (ruling 47) means: from the return of this.
        """
        await self.down.started()

    def hold(self) -> None:
        """Cut the cable so that nobody is told: both ways are black holes."""
        self.up.hold()
        self.down.hold()

    def release(self) -> None:
        """Mend what `hold` did."""
        self.up.release()
        self.down.release()

    def reset(self) -> None:
        """End it with a TCP reset (RST) to both ends; what was on its way is lost."""
        self._was_reset = True
        for writer in self._writers:
            with suppress(OSError):
                tcp = writer.get_extra_info("socket")
                tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._end()

    def close(self) -> None:
        """End it with an orderly end of TCP (FIN) to both ends, without a word of the protocol above it."""
        for writer in self._writers:
            writer.close()
        self._end()

    def _end(self) -> None:
        self.ended = True
        self._done.set()

    async def _run(self, host: str, port: int) -> None:
        """Connect to the server and carry, until both ends are done or somebody ends it."""
        reader, writer = await asyncio.open_connection(host, port)
        self._writers.append(writer)
        if self.ended:  # meanwhile
            if self._was_reset:
                self.reset()
            else:
                self.close()
            return
        for end in self._writers:
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client_reader, client_writer = self._client
        carrying = [
            asyncio.ensure_future(self.up._carry(client_reader, writer)),
            asyncio.ensure_future(self.down._carry(reader, client_writer)),
        ]
        done = asyncio.ensure_future(self._done.wait())
        try:
            both = asyncio.gather(*carrying)
            await asyncio.wait((both, done), return_when=asyncio.FIRST_COMPLETED)
            if both.done() and both.exception() is not None:
                self.reset()  # one end was reset: so is the other
        finally:
            for task in (*carrying, done):
                task.cancel()
            await asyncio.gather(*carrying, done, both, return_exceptions=True)
