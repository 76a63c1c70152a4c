"""Room servers as processes of their own, and one address in front of them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.streams import serve_streams

__all__ = ["RoomProcess", "front", "room_processes"]


class RoomProcess:
    """``metafor rooms`` on a free port."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "metafor.cli", "rooms", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.port = 0

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def wait_until_it_listens(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.match(r"Rooms on ws://127\.0\.0\.1:(\d+)/", line)
        assert found, line
        self.port = int(found[1])

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self._closed()

    def stop(self) -> int:
        """End it in an orderly way. Gives its exit code."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(20)
        self._closed()
        return code

    def _closed(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()


@asynccontextmanager
async def room_processes(count: int, *arguments: str) -> AsyncIterator[list[RoomProcess]]:
    """``count`` processes, which start together."""
    made = [RoomProcess(*arguments) for _ in range(count)]
    try:
        for process in made:
            await asyncio.to_thread(process.wait_until_it_listens)
        yield made
    finally:
        for process in made:
            process.kill()


class _RoundRobin:
    """One address for several: each connection goes to the next that takes it. No health checks."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._next = 0

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in self._ports:
            port = self._ports[self._next % len(self._ports)]
            self._next += 1
            try:
                back_reader, back_writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            ways = ((reader, back_writer), (back_reader, writer))
            tasks = [asyncio.create_task(_carry(*way)) for way in ways]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                back_writer.transport.abort()
                for task in tasks:
                    task.cancel()
            return


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass


@asynccontextmanager
async def front(ports: list[int]) -> AsyncIterator[str]:
    """The one address (``ws://…``)."""
    async with serve_streams(_RoundRobin(ports).pass_on) as port:
        yield f"ws://127.0.0.1:{port}/"
