"""The only way out of the browsers under test: a proxy that leads a few names to loopback.

Public servers that the specification names are stood in for by loopback servers under their names
(ruling 46).
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading

__all__ = ["Gate"]


class Gate:
    """An HTTP proxy. ``ways`` maps ``"host:port"`` to a port on loopback; the rest is refused."""

    def __init__(self) -> None:
        self.ways: dict[str, int] = {}
        #: Every host:port that was asked for and refused; browsers ask for some by themselves.
        self.refused: list[str] = []
        gate = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                gate._handle(self)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop; connections that are open end with the browser."""
        self._server.shutdown()
        self._server.server_close()

    def _handle(self, request: socketserver.StreamRequestHandler) -> None:
        words = request.rfile.readline(4096).decode("latin-1").split()
        while request.rfile.readline(4096).strip():
            pass
        if len(words) != 3:
            return
        method, target = words[:2]
        port = self.ways.get(target) if method == "CONNECT" else None
        if port is None:
            self.refused.append(target)
            request.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            request.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, request.connection), daemon=True)
            back.start()
            _pump(request.connection, server)
            back.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
