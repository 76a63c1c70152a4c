"""Taking the address to listen on, or saying why it cannot be had."""

from __future__ import annotations

import errno
import socket

from metafor.cli.errors import AddressError

__all__ = ["listen", "url_of"]


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host`` and ``port`` (0: any free one). Raises `AddressError`."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server((str(address[0]), port), family=family, backlog=2048)
    except OSError as error:
        raise _explained(error, host, port) from None


def url_of(listener: socket.socket) -> str:
    """The address that a browser on this machine opens."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _explained(error: OSError, host: str, port: int) -> AddressError:
    if error.errno == errno.EADDRINUSE:
        free = _free_port(host, port)
        return AddressError(
            f"port {port} on {host} is in use by another program",
            next_step=f"stop that program, or add --port {free}",
        )
    if error.errno == errno.EACCES:
        return AddressError(
            f"port {port} on {host} is not allowed to you: {error.strerror}", next_step="add --port 8000"
        )
    return AddressError(
        f"cannot listen on {host}: {error.strerror or error}",
        next_step="use --host 127.0.0.1 (this machine only) or --host 0.0.0.0 (every network)",
    )


def _free_port(host: str, port: int) -> int:
    """A free port near ``port``, or 0 ("any") when there is none."""
    for candidate in range(port + 1, min(port + 50, 65536)):
        try:
            socket.create_server((host, candidate)).close()
        except OSError:
            continue
        return candidate
    return 0
