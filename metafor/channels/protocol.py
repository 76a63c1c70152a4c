"""What travels on the wire: JSON text, raw text, bytes, and the two control messages of rooms.

Client and server share this file (ruling 39), so it imports neither signals nor streams.
The protocol is that of the specification, "Server-Side Protocol":

- ``{"type": "_join", "room": R}`` and ``{"type": "_leave", "room": R}`` change membership;
- a message to a room is a JSON object that names it: ``{"_room": R, …}``. A payload that is no
  object travels as ``{"_room": R, "data": …}``, bytes as ``{"_room": R, "_b64": …}`` (ruling 45).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable
from itertools import accumulate
from json.scanner import make_scanner
from typing import Any, Final, NamedTuple, NoReturn, cast

from metafor.channels.errors import DecodeError, EncodeError

__all__ = [
    "CONTROL_TYPES",
    "JOIN",
    "LEAVE",
    "MAX_DEPTH",
    "MAX_REASON",
    "Message",
    "check_room",
    "control_of",
    "decode",
    "encode",
    "from_wire",
    "join_message",
    "leave_message",
    "messages_of",
    "reason_with_retry",
    "retry_after",
    "room_of",
    "to_wire",
]

#: Arrays and objects nested deeper than this are neither parsed nor written: some thousand levels end
#: Pyodide's interpreter for good, and CPython's own bound depends on the stack at hand.
MAX_DEPTH: Final = 500

JOIN: Final = "_join"
LEAVE: Final = "_leave"
#: Values of ``type`` that mean something to the server and may not be sent as a payload (ruling 45).
CONTROL_TYPES: Final = frozenset({JOIN, LEAVE})

_ROOM = "_room"
_BASE64 = "_b64"


# -- JSON ------------------------------------------------------------------------------------------


def decode(text: str) -> Any:
    """Parse one JSON text (RFC 8259).

    Raises `DecodeError` for anything that is not JSON (``NaN`` and ``Infinity`` are not), and for
    JSON that would harm the reader: nested deeper than `MAX_DEPTH`, or with an integer of more
    digits than Python converts (4,300). No other exception leaves it, however hostile the text.

    Example::

        decode('{"text": "Hello"}')  # {'text': 'Hello'}
    """
    if len(text) > MAX_DEPTH and _nests_too_deep(text):
        raise DecodeError(f"the JSON text nests deeper than {MAX_DEPTH} levels")
    try:
        if text[:1] not in _SPACE:  # as nearly all begin; saves decode() its search for white space
            value, end = _DECODER.raw_decode(text)
            if end == len(text):
                return value
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"the text is not JSON: {error}") from None


def encode(value: object) -> str:
    """Write ``value`` as compact JSON text (RFC 8259) that survives UTF-8.

    Raises `EncodeError` when a part of it has no JSON form: a set, NaN, an object of one's own, a
    structure that contains itself, nesting deeper than `MAX_DEPTH`.

    Example::

        encode({"text": "Hello"})  # '{"text":"Hello"}'
    """
    if _contains_too_deep(value):
        raise EncodeError(f"the payload contains itself, or nests deeper than {MAX_DEPTH} levels")
    try:
        text = _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise EncodeError(
            f"a {type(value).__name__} cannot be written as JSON: {error}",
            next_step="send values made of dict, list, str, int, float, bool and None",
        ) from None
    # A lone surrogate is a legal str but has no UTF-8 form; JSON can carry it as an escape.
    return text if _fits_utf8(text) else _ASCII_ENCODER.encode(value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_SPACE = " \t\n\r"
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_ASCII_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))

# One alternative, always matching once it has begun: linear also where a string never ends.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKET_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _nests_too_deep(text: str) -> bool:
    # Nearly every message has fewer brackets than levels are allowed, and is done here.
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub("", text).encode("ascii", "replace").translate(_BRACKET_STEPS, _NO_BRACKETS)
    return max(accumulate(memoryview(brackets).cast("b")), default=0) > MAX_DEPTH


def _contains_too_deep(value: object) -> bool:
    # Most payloads are a dict of scalars, and are done here.
    if type(value) is dict and _SCALARS.issuperset(map(type, value.values())):
        return False
    # Level by level, each container once: shared and circular parts cannot make it explode.
    level: dict[int, Any] = {0: value} if isinstance(value, _CONTAINERS) else {}
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = {
            id(part): part
            for container in level.values()
            for part in (container.values() if isinstance(container, dict) else container)
            if isinstance(part, _CONTAINERS)
        }
    return bool(level)


_CONTAINERS = (dict, list, tuple)
_SCALARS = frozenset({str, int, float, bool, type(None)})


def _fits_utf8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# -- Rooms -----------------------------------------------------------------------------------------


def check_room(room: object) -> str:
    """Return ``room`` when it can name a room (a str that is not empty), else raise `EncodeError`."""
    if not isinstance(room, str) or not room:
        raise EncodeError(
            f"a room is named by a str that is not empty, not by {room!r}",
            next_step='for example channel.join("general")',
        )
    return room


def join_message(room: str) -> str:
    """The control message that joins ``room``."""
    return encode({"type": JOIN, "room": room})


def leave_message(room: str) -> str:
    """The control message that leaves ``room``."""
    return encode({"type": LEAVE, "room": room})


def control_of(message: object) -> str | None:
    """The control type (`JOIN`, `LEAVE`) of a decoded message, or None if it is a payload."""
    if not isinstance(message, dict):
        return None
    kind = message.get("type")
    return kind if isinstance(kind, str) and kind in CONTROL_TYPES else None


def room_of(message: object) -> str | None:
    """The room that a decoded message names: its ``_room``, else its ``room`` (ruling 8), else None."""
    if not isinstance(message, dict):
        return None
    room = message[_ROOM] if _ROOM in message else message.get("room")
    return room if isinstance(room, str) else None


# -- Closing frames --------------------------------------------------------------------------------

#: Longest reason of a close frame, in bytes of UTF-8 (RFC 6455, section 5.5).
MAX_REASON: Final = 123

_RETRY_AFTER = re.compile(r"\Aretry-after=(\d{1,6}(?:\.\d{1,6})?)(?:\s|\Z)")


def reason_with_retry(seconds: float, text: str = "") -> str:
    """The reason of a close frame by which a server asks to come back after ``seconds`` (0 and more).

    A server that restarts gives each client another number, so that they don't return all at once
    (ruling 2: the client takes it as a lower bound). ``text`` is for people, and cut to fit.

    Example::

        reason_with_retry(2.5, "restarting")  # 'retry-after=2.5 restarting'
    """
    reason = f"retry-after={max(0.0, min(seconds, 999_999.0)):.3f}".rstrip("0").rstrip(".")
    if text:
        reason = f"{reason} {text}"
    return reason.encode()[:MAX_REASON].decode(errors="ignore")


def retry_after(reason: str) -> float | None:
    """The seconds that the reason of a close frame asks to wait, or None if it asks nothing."""
    match = _RETRY_AFTER.match(reason)
    return float(match[1]) if match else None


# -- Payload <-> wire ------------------------------------------------------------------------------


class Message(NamedTuple):
    """One message as it arrived, as ``channel.stream`` gives it.

    ``data`` is what handlers get, ``room`` the room it names or None (ruling 8), ``binary`` whether
    ``data`` is bytes. Read the fields by name: later versions may add some.
    """

    data: Any
    room: str | None
    binary: bool


def to_wire(payload: object, room: str | None = None) -> str | bytes:
    """The frame that carries ``payload``, to ``room`` if one is given: str for text, bytes for binary.

    dict and list become JSON, str stays text, bytes-like objects become binary, anything else
    ``str()`` (ruling 8); in a room all of them travel inside a JSON object (ruling 45). The payload
    is copied: changing it afterwards changes nothing.

    Raises `EncodeError` when the payload cannot be serialised, when a dict names another room than
    ``room`` in ``_room``, or when its ``type`` is a control type.

    Example::

        to_wire({"text": "Hello"}, "general")  # '{"_room":"general","text":"Hello"}'
    """
    if isinstance(payload, dict):
        return encode(_checked(payload, room))
    if isinstance(payload, list):
        return encode(payload if room is None else {_ROOM: check_room(room), "data": payload})
    if isinstance(payload, (bytes, bytearray, memoryview)):
        if room is None:
            return bytes(payload)
        return encode({_ROOM: check_room(room), _BASE64: base64.b64encode(payload).decode("ascii")})
    text = payload if isinstance(payload, str) else _as_text(payload)
    if room is not None:
        return encode({_ROOM: check_room(room), "data": text})
    if not _fits_utf8(text):
        raise EncodeError("the text holds a lone surrogate, which has no UTF-8 form")
    return text


def from_wire(frame: str | bytes) -> Message:
    """What a frame means to a handler: parsed if it is JSON, else the text itself, or bytes.

    Never raises. Of a room's bytes (``_b64``) the bytes are given, as they were sent.
    """
    if isinstance(frame, bytes):
        return Message(frame, None, True)
    try:
        data = decode(frame)
    except DecodeError:
        return Message(frame, None, False)
    if not isinstance(data, dict):
        return Message(data, None, False)
    room = room_of(data)
    if len(data) == 2 and _ROOM in data and isinstance(data.get(_BASE64), str):
        try:
            return Message(base64.b64decode(data[_BASE64], validate=True), room, True)
        except (binascii.Error, ValueError):
            pass  # somebody else's "_b64": a payload like any other
    return Message(data, room, False)


def messages_of(frames: Iterable[str | bytes]) -> list[Message]:
    """What each of ``frames`` means: `from_wire` for the messages of a turn.

    An object of no room, which is most of what is sent in great numbers, is read without its detours.
    """
    messages: list[Message] = []
    for frame in frames:
        if type(frame) is str and frame[:1] == "{" and len(frame) <= MAX_DEPTH:
            try:
                data, end = _scan(frame, 0)
            except (StopIteration, ValueError, RecursionError):
                pass
            else:
                if end == len(frame) and _ROOM not in data and "room" not in data:
                    messages.append(_new(Message, (data, None, False)))
                    continue
        messages.append(from_wire(frame))
    return messages


_scan: Callable[[str, int], tuple[Any, int]] = make_scanner(cast(Any, _DECODER))
_new = tuple.__new__  # past the function that NamedTuple makes, which costs twice as much


def _checked(payload: dict[Any, Any], room: str | None) -> dict[Any, Any]:
    if (control := control_of(payload)) is not None:
        raise EncodeError(
            f'a payload may not have the control type "{control}"',
            next_step='use join() and leave(), or another "type"',
        )
    if _ROOM in payload and payload[_ROOM] != room:
        where = "no room" if room is None else f"the room {room!r}"
        raise EncodeError(
            f"the payload names the room {payload[_ROOM]!r} in _room, but is sent to {where}",
            next_step='leave "_room" out and give room=',
        )
    return payload if room is None else {_ROOM: check_room(room), **payload}


def _as_text(payload: object) -> str:
    try:
        return str(payload)
    except Exception as error:
        raise EncodeError(f"str() of a {type(payload).__name__} failed: {error!r}") from error
