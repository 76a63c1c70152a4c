"""A network that fails on command: a TCP proxy on loopback, and scripts of what goes wrong in it.

Example::

    from metafor.testing.faults import FaultProxy, reset_after

    async with FaultProxy("ws://127.0.0.1:8000/ws", reset_after(0.15)) as proxy:
        channel = Channel(proxy.url, auto_reconnect=True)
"""

from __future__ import annotations

from metafor.testing.faults.cable import Cable, Way
from metafor.testing.faults.proxy import FaultProxy
from metafor.testing.faults.scripts import (
    Script,
    accept_then_close,
    black_hole,
    close_after,
    delay,
    fragment,
    in_turn,
    reset_after,
    slow_handshake,
    throttle,
)

__all__ = [
    "Cable",
    "FaultProxy",
    "Script",
    "Way",
    "accept_then_close",
    "black_hole",
    "close_after",
    "delay",
    "fragment",
    "in_turn",
    "reset_after",
    "slow_handshake",
    "throttle",
]
