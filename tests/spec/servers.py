"""Loopback servers that stand in for the names in the specification (ruling 46)."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.spec import legacy_websockets
from tests.spec.document import Snippet

ROOT = Path(__file__).parents[2]


class LoopbackServer:
    """A `websockets` server in a thread of its own, so that a script can call ``asyncio.run``.

    It writes down what it gets. With ``rooms`` it keeps rooms as the specification's server does, and
    sends to the sender too; without, it echoes.
    """

    def __init__(self, *, rooms: bool = False, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[str | bytes] = []
        self.port = 0
        self._rooms: dict[str, set[Any]] | None = {} if rooms else None
        self._tls = tls
        self._connections: set[Any] = set()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._connected = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> LoopbackServer:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def cut(self) -> None:
        """End every connection without a close frame."""
        for connection in self._wait_for_connections():
            self._connected.clear()
            self._loop.call_soon_threadsafe(connection.transport.abort)

    def say(self, text: str) -> None:
        """Send to everybody."""
        for connection in self._wait_for_connections():
            asyncio.run_coroutine_threadsafe(connection.send(text), self._loop).result(10)

    def _wait_for_connections(self) -> list[Any]:
        """A client may know that it is connected before the server's handler has begun."""
        assert self._connected.wait(10)
        return list(self._connections)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        from websockets.asyncio.server import serve

        async with serve(self._handle, "127.0.0.1", 0, ssl=self._tls) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._started.set()
            await self._stop.wait()

    async def _handle(self, connection: Any) -> None:
        from websockets.exceptions import ConnectionClosed

        self._connections.add(connection)
        self._connected.set()
        try:
            async for message in connection:
                self.received.append(message)
                await self._answer(connection, message)
        except ConnectionClosed:
            pass
        finally:
            self._connections.discard(connection)
            for members in (self._rooms or {}).values():
                members.discard(connection)

    async def _answer(self, connection: Any, message: str | bytes) -> None:
        if self._rooms is None:
            await connection.send(message)
            return
        try:
            data = json.loads(message)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            await connection.send(message)
        elif data.get("type") == "_join":
            self._rooms.setdefault(data["room"], set()).add(connection)
        elif data.get("type") == "_leave":
            self._rooms.get(data["room"], set()).discard(connection)
        else:
            for member in self._rooms.get(data["_room"], set()) if "_room" in data else self._connections:
                await member.send(message)


@contextmanager
def python_server(snippet: Snippet, folder: Path) -> Iterator[int]:
    """One of the specification's Python servers, as a process of its own; gives its port."""
    source = folder / "server.py"
    source.write_text(snippet.code, encoding="utf-8")
    port = _free_port()
    command = [sys.executable, str(Path(__file__).with_name("run_server.py")), str(source), str(port)]
    environment = {**os.environ, "PYTHONPATH": str(legacy_websockets.ensure())}
    with _process(command, environment, port):
        yield port


@contextmanager
def node_server(snippet: Snippet, folder: Path) -> Iterator[int]:
    """The specification's Node server, as a process of its own; gives its port."""
    source = folder / "server.cjs"
    source.write_text(snippet.code, encoding="utf-8")
    port = _free_port()
    command = ["node", "--require", str(Path(__file__).with_name("run_server.cjs")), str(source)]
    modules = str(ROOT / "node_modules")
    with _process(command, {**os.environ, "TEST_PORT": str(port), "NODE_PATH": modules}, port):
        yield port


@contextmanager
def _process(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        deadline = time.monotonic() + 20
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"the server did not start: {process.communicate()[0]}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
