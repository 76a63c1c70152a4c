"""What a test of an app needs. May import everything; nothing imports it. Loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metafor.testing.errors import QueryError as QueryError
    from metafor.testing.errors import ScreenError as ScreenError
    from metafor.testing.errors import WaitError as WaitError
    from metafor.testing.reactive import Runs as Runs
    from metafor.testing.reactive import assert_no_leaks as assert_no_leaks
    from metafor.testing.reactive import collect_errors as collect_errors
    from metafor.testing.reactive import watch as watch
    from metafor.testing.screen import Screen as Screen
    from metafor.testing.screen import render as render
    from metafor.testing.virtual_time import VirtualTimeLoop as VirtualTimeLoop
    from metafor.testing.virtual_time import in_virtual_time as in_virtual_time

_HOMES = {
    "errors": ("QueryError", "ScreenError", "WaitError"),
    "reactive": ("Runs", "assert_no_leaks", "collect_errors", "watch"),
    "screen": ("Screen", "render"),
    "virtual_time": ("VirtualTimeLoop", "in_virtual_time"),
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
