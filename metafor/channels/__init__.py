"""Channels: WebSocket connections whose state, rooms and messages are signals.

The package is lazy (ruling 39): a name loads its module when it is first asked for, so that the
server can use :mod:`metafor.channels.protocol` without signals or streams.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafor.channels.channel import Channel
    from metafor.channels.connection import ChannelState
    from metafor.channels.errors import (
        ChannelConnectionError,
        ChannelDisposedError,
        ChannelError,
        ChannelMessageError,
        ChannelTimeoutError,
        ChannelUnavailableError,
        ChannelUrlError,
        CloseArgumentError,
        DecodeError,
        EncodeError,
        NotConnectedError,
        NotReliableError,
        QueueFullError,
        RefusedError,
        RequestFailedError,
        RequestTimeoutError,
    )
    from metafor.channels.heartbeat import Heartbeat
    from metafor.channels.lifecycle import use_channel
    from metafor.channels.protocol import Message
    from metafor.channels.receipts import Receipt, ReceiptStatus
    from metafor.channels.reconnect import Backoff, Fixed, Outage, ReconnectPolicy
    from metafor.channels.reliable.gap import Gap
    from metafor.channels.reliable.presence import Member
    from metafor.channels.room import Room

__all__ = [
    "Backoff",
    "Channel",
    "ChannelConnectionError",
    "ChannelDisposedError",
    "ChannelError",
    "ChannelMessageError",
    "ChannelState",
    "ChannelTimeoutError",
    "ChannelUnavailableError",
    "ChannelUrlError",
    "CloseArgumentError",
    "DecodeError",
    "EncodeError",
    "Fixed",
    "Gap",
    "Heartbeat",
    "Member",
    "Message",
    "NotConnectedError",
    "NotReliableError",
    "Outage",
    "QueueFullError",
    "Receipt",
    "ReceiptStatus",
    "ReconnectPolicy",
    "RefusedError",
    "RequestFailedError",
    "RequestTimeoutError",
    "Room",
    "use_channel",
]

_HOMES = {
    "channel": ("Channel",),
    "connection": ("ChannelState",),
    "errors": (
        "ChannelConnectionError",
        "ChannelDisposedError",
        "ChannelError",
        "ChannelMessageError",
        "ChannelTimeoutError",
        "ChannelUnavailableError",
        "ChannelUrlError",
        "CloseArgumentError",
        "DecodeError",
        "EncodeError",
        "NotConnectedError",
        "NotReliableError",
        "QueueFullError",
        "RefusedError",
        "RequestFailedError",
        "RequestTimeoutError",
    ),
    "heartbeat": ("Heartbeat",),
    "lifecycle": ("use_channel",),
    "protocol": ("Message",),
    "receipts": ("Receipt", "ReceiptStatus"),
    "reliable.gap": ("Gap",),
    "reliable.presence": ("Member",),
    "reconnect": ("Backoff", "Fixed", "Outage", "ReconnectPolicy"),
    "room": ("Room",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
