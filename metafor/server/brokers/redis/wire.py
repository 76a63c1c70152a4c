"""What a room server writes to Redis, and reads from it: envelopes and changes of members as bytes.

====================================  ==============================================================
a message of a channel                is
====================================  ==============================================================
``E`` epoch space seq LF packed       an envelope, with its place in the log (empty and 0: none)
``M`` room member data                a member that came, or has other data
``X`` room member                     a member that left
====================================  ==============================================================

Room and member are written as ``length:bytes``. Strings are UTF-8 in which lone surrogates survive.
"""

from __future__ import annotations

import json

from metafor.server.brokers.base import Delivery, Envelope, MemberChange

__all__ = ["pack", "pair", "text", "unpack", "unpack_delivery"]


def text(value: str) -> bytes:
    """``value`` as bytes, whatever is in it."""
    return value.encode("utf-8", "surrogatepass")


def pack(envelope: Envelope) -> bytes:
    """``envelope`` without its place in a log."""
    binary = isinstance(envelope.frame, bytes)
    head = (
        envelope.room,
        envelope.node,
        envelope.connection,
        envelope.session,
        envelope.number,
        envelope.head,
        binary,
    )
    frame = envelope.frame if isinstance(envelope.frame, bytes) else text(envelope.frame)
    return json.dumps(head).encode() + b"\n" + frame


def unpack(packed: bytes, epoch: str = "", seq: int = 0) -> Envelope:
    """What `pack` made, with its place."""
    head, _, frame = packed.partition(b"\n")
    room, node, connection, session, number, more, binary = json.loads(head)
    return Envelope(
        room,
        frame if binary else frame.decode("utf-8", "surrogatepass"),
        node,
        connection,
        session,
        number,
        more,
        epoch,
        seq,
    )


def pair(room: str, member: str) -> bytes:
    """Room and member in one, so that each can be told again."""
    return b"%d:%b%d:%b" % (len(text(room)), text(room), len(text(member)), text(member))


def unpack_delivery(data: bytes) -> Delivery:
    """What came by a channel."""
    kind, rest = data[:1], data[1:]
    if kind == b"E":
        place, _, packed = rest.partition(b"\n")
        epoch, _, seq = place.decode().partition(" ")
        return unpack(packed, epoch, int(seq))
    room, rest = _counted(rest)
    member, rest = _counted(rest)
    return MemberChange(room, member, rest.decode("utf-8", "surrogatepass") if kind == b"M" else None)


def _counted(data: bytes) -> tuple[str, bytes]:
    length, _, rest = data.partition(b":")
    end = int(length)
    return rest[:end].decode("utf-8", "surrogatepass"), rest[end:]
