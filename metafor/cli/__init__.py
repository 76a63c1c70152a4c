"""The ``metafor`` command: `main` is its entry. Nothing is loaded before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafor.cli.commands import main

__all__ = ["main"]


def __getattr__(name: str) -> object:
    if name != "main":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from metafor.cli.commands import main
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"The metafor command needs {error.name}, which is not installed.\n"
            '  -> pip install "metafor[cli]"'
        ) from None
    return main
