"""The name of whoever sits at this tab, kept until the tab is closed."""

from __future__ import annotations

import sys

__all__ = ["load_name", "save_name"]

_KEY = "metafor-chat-name"


def load_name() -> str:
    """The name that was chosen in this tab, or ""."""
    storage = _storage()
    return (storage.getItem(_KEY) or "") if storage else ""


def save_name(name: str) -> None:
    """Remember the name over a reload."""
    storage = _storage()
    if storage:
        storage.setItem(_KEY, name)


def _storage():  # type: ignore[no-untyped-def]  # JavaScript's own object
    if sys.platform != "emscripten":
        return None
    import js
    from pyodide.ffi import JsException

    try:
        return js.sessionStorage
    except JsException:  # the browser was told to let pages store nothing
        return None
