"""The room server: an ASGI app that speaks the protocol of channels.

The package is lazy (ruling 39): ``import metafor.server`` loads neither reactivex nor core nor dom,
and a name loads its module when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafor.server.asgi import RoomServer
    from metafor.server.brokers.base import Broker, Envelope
    from metafor.server.brokers.memory import MemoryBroker
    from metafor.server.errors import LimitError, ServerError
    from metafor.server.limits import Limits

_HOME = {
    "Broker": "brokers.base",
    "Envelope": "brokers.base",
    "LimitError": "errors",
    "Limits": "limits",
    "MemoryBroker": "brokers.memory",
    "RoomServer": "asgi",
    "ServerError": "errors",
}

__all__ = ["Broker", "Envelope", "LimitError", "Limits", "MemoryBroker", "RoomServer", "ServerError"]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
