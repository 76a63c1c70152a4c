"""What a plain HTTP request gets: how the server is, its metrics, or a hint. The same in both shells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metafor.server.errors import ServerError
from metafor.server.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from metafor.server.room_server import RoomServer

__all__ = ["Answer", "answer_request"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    content_type: str
    body: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The header fields, names in lower case."""
        headers = [
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            ("cache-control", "no-store"),
        ]
        return (
            [*headers, ("upgrade", "websocket"), ("connection", "upgrade")] if self.status == 426 else headers
        )


def answer_request(server: RoomServer, path: str) -> Answer:
    """Answer a GET of ``path``: ``…/health`` (200, or 503 while the server closes), ``…/metrics``
    (Prometheus), both unless the server was made with ``monitor=False``; else 426.

    A server whose broker is away is degraded, and healthy all the same: all others are as badly off, and who
    took it out of service would end its connections for nothing.
    """
    page = path.rpartition("/")[2] if server.monitor else ""
    if page == "health":
        health = server.health
        status = 503 if health["status"] == "closing" else 200
        return Answer(status, "application/json", json.dumps(health).encode() + b"\n")
    if page == "metrics":
        try:
            return Answer(200, CONTENT_TYPE, server.metrics())
        except ServerError as error:
            return Answer(501, "text/plain; charset=utf-8", f"{error}\n".encode())
    body = b"This address speaks WebSocket. Open it with a Channel, not as a page.\n"
    return Answer(426, "text/plain; charset=utf-8", body)
