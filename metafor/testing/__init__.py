"""What a test of an app needs. May import everything; nothing imports it. Loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metafor.testing.screen import Screen as Screen
    from metafor.testing.screen import render as render

__all__ = ["Screen", "render"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.screen"), name)
    globals()[name] = value
    return value
