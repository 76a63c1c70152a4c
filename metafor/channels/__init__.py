"""Channels: WebSocket connections whose state, rooms and messages are signals.

The package is lazy (ruling 39): a name loads its module when it is first asked for, so that the
server can use :mod:`metafor.channels.protocol` without signals or streams.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafor.channels.errors import (
        ChannelConnectionError,
        ChannelDisposedError,
        ChannelError,
        ChannelMessageError,
    )

_HOME = {
    "ChannelConnectionError": "errors",
    "ChannelDisposedError": "errors",
    "ChannelError": "errors",
    "ChannelMessageError": "errors",
}

__all__ = [
    "ChannelConnectionError",
    "ChannelDisposedError",
    "ChannelError",
    "ChannelMessageError",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
