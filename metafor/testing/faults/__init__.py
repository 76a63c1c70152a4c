"""A network that fails on command: a TCP proxy on loopback, and scripts of what goes wrong in it.

Example::

    from metafor.testing.faults import FaultProxy, reset_after

    async with FaultProxy("ws://127.0.0.1:8000/ws", reset_after(0.15)) as proxy:
        channel = Channel(proxy.url, auto_reconnect=True)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metafor.testing.faults.cable import Cable as Cable
    from metafor.testing.faults.cable import Way as Way
    from metafor.testing.faults.proxy import FaultProxy as FaultProxy
    from metafor.testing.faults.scripts import Script as Script
    from metafor.testing.faults.scripts import accept_then_close as accept_then_close
    from metafor.testing.faults.scripts import black_hole as black_hole
    from metafor.testing.faults.scripts import close_after as close_after
    from metafor.testing.faults.scripts import delay as delay
    from metafor.testing.faults.scripts import fragment as fragment
    from metafor.testing.faults.scripts import in_turn as in_turn
    from metafor.testing.faults.scripts import reset_after as reset_after
    from metafor.testing.faults.scripts import slow_handshake as slow_handshake
    from metafor.testing.faults.scripts import throttle as throttle

_HOMES = {
    "cable": ("Cable", "Way"),
    "proxy": ("FaultProxy",),
    "scripts": (
        *("Script", "accept_then_close", "black_hole", "close_after", "delay", "fragment"),
        *("in_turn", "reset_after", "slow_handshake", "throttle"),
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
