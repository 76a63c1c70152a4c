"""What the app needs of a browser: a place to keep texts, and the address."""

from __future__ import annotations

from collections.abc import Callable

import js
from pyodide.ffi import JsException
from pyodide.ffi.wrappers import add_event_listener

from metafor.core import create_signal

__all__ = ["LocalStorage", "location_hash"]


class LocalStorage:
    """The texts that this browser keeps for the page; where it may keep none, none are kept."""

    def load(self, key: str) -> str | None:
        """The text that was saved, or None."""
        try:
            return js.localStorage.getItem(key) or None
        except JsException:
            return None

    def save(self, key: str, text: str) -> None:
        """Keep a text."""
        try:
            js.localStorage.setItem(key, text)
        except JsException:  # full, or forbidden: the page goes on without
            js.console.warn("the todos could not be saved")


def location_hash() -> Callable[[], str]:
    """A getter of the address behind ``#``, which follows when it changes. For the life of the page."""
    route, set_route = create_signal(js.location.hash)
    add_event_listener(js.window, "hashchange", lambda _: set_route(js.location.hash))
    return route
