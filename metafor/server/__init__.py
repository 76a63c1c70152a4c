"""The room server: an ASGI app that speaks the protocol of channels.

The package is lazy (ruling 39): ``import metafor.server`` loads neither reactivex nor core nor dom,
and a name loads its module when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafor.server.brokers.base import Broker, Envelope
    from metafor.server.brokers.memory import MemoryBroker
    from metafor.server.brokers.redis.broker import RedisBroker
    from metafor.server.errors import (
        BrokerUnavailableError,
        CloseCodeError,
        LimitError,
        ServerClosedError,
        ServerError,
        WrongArgumentError,
    )
    from metafor.server.hooks import Client, Handshake, Identity, Refuse
    from metafor.server.limits import Limits
    from metafor.server.logs import JsonFormatter
    from metafor.server.reliable.reliability import Reliability
    from metafor.server.room_server import RoomServer

_HOME = {
    "Broker": "brokers.base",
    "BrokerUnavailableError": "errors",
    "CloseCodeError": "errors",
    "Client": "hooks",
    "Envelope": "brokers.base",
    "Handshake": "hooks",
    "Identity": "hooks",
    "JsonFormatter": "logs",
    "LimitError": "errors",
    "Limits": "limits",
    "MemoryBroker": "brokers.memory",
    "RedisBroker": "brokers.redis.broker",
    "Refuse": "hooks",
    "Reliability": "reliable.reliability",
    "RoomServer": "room_server",
    "ServerClosedError": "errors",
    "ServerError": "errors",
    "WrongArgumentError": "errors",
}

__all__ = [
    "Broker",
    "BrokerUnavailableError",
    "Client",
    "CloseCodeError",
    "Envelope",
    "Handshake",
    "Identity",
    "JsonFormatter",
    "LimitError",
    "Limits",
    "MemoryBroker",
    "RedisBroker",
    "Refuse",
    "Reliability",
    "RoomServer",
    "ServerClosedError",
    "ServerError",
    "WrongArgumentError",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
