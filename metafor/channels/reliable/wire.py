"""Frames of the reliable extension (`docs/protocol.md`, part two), for client and server.

A frame is a head, one JSON object on one line, and perhaps a body: a frame of the base protocol, as it is.
"""

from __future__ import annotations

from typing import Any, Final

from metafor.channels.errors import DecodeError
from metafor.channels.protocol import JOIN, decode, encode

__all__ = [
    "EVERYBODY",
    "MAILBOX",
    "PROBE_ROOM",
    "RESUMED_ELSEWHERE",
    "VERSION",
    "VIOLATION",
    "ViolationError",
    "head_frame",
    "hello_frame",
    "integer_in",
    "message_frame",
    "split",
    "text_in",
]

VERSION: Final = 1
#: The room of the hello. Nobody is ever in it.
PROBE_ROOM: Final = "metafor.reliable"
#: The room that stands for messages without a room, and the one that is the client's own.
EVERYBODY: Final = ""
MAILBOX: Final = "\x00"

#: Close codes: the peer broke the protocol (RFC 6455); another connection took the session over.
VIOLATION: Final = 1002
RESUMED_ELSEWHERE: Final = 4409


class ViolationError(Exception):
    """A frame that breaks the protocol."""


def text_in(head: dict[str, Any], name: str) -> str:
    """The string that a head holds under ``name``; raises `ViolationError` if it holds none."""
    value = head.get(name)
    if not isinstance(value, str):
        raise ViolationError(f'"{name}" is no string')
    return value


def integer_in(head: dict[str, Any], name: str) -> int:
    """The integer from 0 that a head holds under ``name``; raises `ViolationError` if it holds none."""
    value = head.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ViolationError(f'"{name}" is no integer from 0')
    return value


def head_frame(head: dict[str, Any]) -> str:
    """A frame without body."""
    return encode(head)


def message_frame(head: str, body: str | bytes) -> str | bytes:
    """A frame with a body; ``head`` is JSON text without a line feed. Binary if the body is."""
    if isinstance(body, bytes):
        return b"%s\n%s" % (head.encode(), body)
    return f"{head}\n{body}"


def split(frame: str | bytes) -> tuple[dict[str, Any], str | bytes | None]:
    """Head and body of a frame; the body is None if there is none. Raises `DecodeError`."""
    body: str | bytes | None
    if isinstance(frame, bytes):
        start, line_feed, body = frame.partition(b"\n")
        try:
            text = start.decode()
        except UnicodeDecodeError:
            raise DecodeError("the head of the frame is not UTF-8") from None
        if not line_feed:
            raise DecodeError("a frame without body is text")
    else:
        text, found, body = frame.partition("\n")
        if not found:
            body = None
    head = decode(text)
    if not isinstance(head, dict):
        raise DecodeError("the head of the frame is no JSON object")
    return head, body


def hello_frame(nonce: str, session: str = "", token: str = "") -> str:
    """The question whether the server knows the extension; with ``session`` and ``token`` to resume."""
    hello: dict[str, Any] = {"versions": [VERSION], "nonce": nonce}
    if token:
        hello |= {"session": session, "token": token}
    return encode({"type": JOIN, "room": PROBE_ROOM, "hello": hello})
