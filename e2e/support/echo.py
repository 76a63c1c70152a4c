"""The echo server that the specification connects to, on loopback."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import trustme
from websockets.sync.server import ServerConnection, serve

__all__ = ["echo_server"]


@contextmanager
def echo_server(name: str) -> Iterator[int]:
    """Send back whatever comes, over TLS with a certificate for ``name``; gives the port."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(name).configure_cert(tls)
    with serve(_echo, "127.0.0.1", 0, ssl=tls) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.socket.getsockname()[1]
        server.shutdown()


def _echo(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(message)
