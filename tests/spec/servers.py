"""The specification's own servers, unchanged, in processes of their own (ruling 46), and TLS before them."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import trustme

from tests.background import Background
from tests.channels.loopback import free_port
from tests.spec import legacy_websockets
from tests.spec.sections.document import Snippet, snippet
from tests.spec.sections.servers import LOCAL, ROOMS
from tests.streams import serve_streams

__all__ = ["NAMES", "Certificate", "running_servers"]

ROOT = Path(__file__).parents[2]

#: The public servers that the specification names.
NAMES = (
    "echo.websocket.org",
    "echo.websocket.events",
    "ws.postman-echo.com",
    "socketio-chat-h9jt.herokuapp.com",
)


class Certificate:
    """A TLS context for loopback and for the public names, and the authority behind it."""

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("localhost", *NAMES).configure_cert(self.context)


@contextmanager
def running_servers(folder: Path, certificate: Certificate) -> Iterator[dict[str, int]]:
    """The ports of all of them, as `World.servers` names them; ``folder`` takes their files."""
    servers = {
        "python echo": (python_server, snippet(LOCAL, 0)),
        "node echo": (node_server, snippet(LOCAL, 2)),
        "python rooms": (python_server, snippet(ROOMS)),
    }
    ports: dict[str, int] = {}
    with ExitStack() as stack:
        for name, (run, code) in servers.items():
            place = folder / name.replace(" ", "_")
            place.mkdir()
            ports[name] = stack.enter_context(run(code, place))
            ports[f"{name} tls"] = stack.enter_context(tls_before(ports[name], certificate.context))
        yield ports


@contextmanager
def tls_before(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A port that speaks TLS and hands what is inside on to ``port``."""
    with Background() as background:
        yield background.enter(_handing_on(port, context))


def _handing_on(port: int, context: ssl.SSLContext) -> AbstractAsyncContextManager[int]:
    async def hand_on(client: StreamReader, to_client: StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", port)
        ways = [asyncio.create_task(_pump(*way)) for way in ((client, to_server), (server, to_client))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            to_server.close()
            with suppress(OSError):  # it ended badly, which is no reason to say no farewell to the client
                await to_server.wait_closed()
        finally:
            to_server.transport.abort()
            for way in ways:
                way.cancel()

    return serve_streams(hand_on, ssl=context)


async def _pump(source: StreamReader, sink: StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()


@contextmanager
def python_server(snippet: Snippet, folder: Path) -> Iterator[int]:
    """One of the specification's Python servers, as a process of its own; gives its port."""
    source = folder / "server.py"
    source.write_text(snippet.code, encoding="utf-8")
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("run_server.py")), str(source), str(port)]
    environment = {**os.environ, "PYTHONPATH": str(legacy_websockets.ensure())}
    with _process(command, environment, port):
        yield port


@contextmanager
def node_server(snippet: Snippet, folder: Path) -> Iterator[int]:
    """The specification's Node server, as a process of its own; gives its port."""
    source = folder / "server.cjs"
    source.write_text(snippet.code, encoding="utf-8")
    port = free_port()
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
